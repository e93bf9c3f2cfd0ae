/// What joins the regions of a cluster: a line between every two of them.
public struct WANSpecification: Sendable, Hashable {
  /// The line between two regions.
  public struct Line: Sendable, Hashable {
    /// Nanoseconds one way.
    public var latencyNanoseconds: Int64
    /// Bytes/s per direction.
    public var bandwidthBytesPerSecond: Double

    /// Creates a line.
    public init(latencyNanoseconds: Int64, bandwidthBytesPerSecond: Double) {
      self.latencyNanoseconds = latencyNanoseconds
      self.bandwidthBytesPerSecond = bandwidthBytesPerSecond
    }
  }

  /// A pair of regions with a line of their own.
  public struct Pair: Sendable, Hashable {
    /// Indices of the two regions, the lower one first.
    public var regions: [Int]
    /// Their line.
    public var line: Line

    /// Creates a pair.
    public init(_ first: Int, _ second: Int, line: Line) {
      regions = [min(first, second), max(first, second)]
      self.line = line
    }
  }

  /// The line between regions that have none of their own.
  public var line: Line
  /// The pairs that have.
  public var pairs: [Pair]

  /// Creates a wide-area network.
  public init(line: Line, pairs: [Pair] = []) {
    self.line = line
    self.pairs = pairs
  }

  /// The line between two regions, in either order.
  public func line(from source: Int, to target: Int) -> Line {
    let regions = [min(source, target), max(source, target)]
    return pairs.first { $0.regions == regions }?.line ?? line
  }
}
