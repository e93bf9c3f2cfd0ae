/// Which layers of a model are of a kind: from one on, those at some positions of a period.
///
/// Layer i belongs to it if `i >= first` and bit `i % period` of `positions` is set. Every
/// published pattern has this form: all layers, all but the first three, every second, five of six.
public struct LayerPattern: Sendable, Hashable {
  /// The first layer that may belong to it.
  public var first: Int
  /// After how many layers the pattern repeats, 1 to 64.
  public var period: Int
  /// The positions within a period, one bit each, position 0 the lowest.
  public var positions: UInt64

  /// Creates a pattern.
  public init(first: Int = 0, period: Int = 1, positions: UInt64 = 1) {
    precondition(first >= 0 && (1...64).contains(period), "a pattern repeats within 64 layers")
    self.first = first
    self.period = period
    self.positions = positions
  }

  /// Every layer.
  public static let all = LayerPattern()

  /// Every layer from one on.
  public static func from(_ first: Int) -> LayerPattern { LayerPattern(first: first) }

  /// The shortest pattern with these members; nil if they follow none of 64 layers.
  public init?(members: [Bool]) {
    guard let first = members.firstIndex(of: true) else { return nil }
    for period in 1...min(64, members.count) {
      for start in first == 0 ? [0] : [0, first] {
        var known: [Bool?] = Array(repeating: nil, count: period)
        let fits = members.indices.dropFirst(start).allSatisfy { layer in
          let before = known[layer % period] ?? members[layer]
          known[layer % period] = before
          return before == members[layer]
        }
        guard fits else { continue }
        let positions = known.enumerated().reduce(UInt64(0)) { bits, entry in
          entry.element == true ? bits | 1 << UInt64(entry.offset) : bits
        }
        self.init(first: start, period: period, positions: positions)
        return
      }
    }
    return nil
  }

  /// Whether a layer belongs to it.
  public func contains(_ layer: Int) -> Bool {
    layer >= first && positions >> UInt64(layer % period) & 1 == 1
  }

  /// How many layers of a range belong to it.
  public func count(in layers: Range<Int>) -> Int { layers.count { contains($0) } }
}

/// The layers of a stage by their kinds.
public struct LayerCounts: Sendable, Hashable {
  /// Layers with one feed-forward network.
  public var dense: Int
  /// Layers with experts.
  public var routed: Int
  /// Layers that attend over the whole context.
  public var full: Int
  /// Layers that attend over a window.
  public var windowed: Int

  var all: Int { dense + routed }

  static let none = LayerCounts(dense: 0, routed: 0, full: 0, windowed: 0)

  /// The layers of both.
  static func + (left: LayerCounts, right: LayerCounts) -> LayerCounts {
    LayerCounts(
      dense: left.dense + right.dense, routed: left.routed + right.routed,
      full: left.full + right.full, windowed: left.windowed + right.windowed)
  }

  /// The layers of one that the other has not.
  static func - (left: LayerCounts, right: LayerCounts) -> LayerCounts {
    LayerCounts(
      dense: left.dense - right.dense, routed: left.routed - right.routed,
      full: left.full - right.full, windowed: left.windowed - right.windowed)
  }
}

extension ModelArchitecture {
  /// The layers of a range by their kinds.
  public func layerCounts(in layers: Range<Int>) -> LayerCounts {
    let routed = experts?.layers.count(in: layers) ?? 0
    let windowed = effectiveWindow?.layers.count(in: layers) ?? 0
    return LayerCounts(
      dense: layers.count - routed, routed: routed, full: layers.count - windowed,
      windowed: windowed)
  }

  /// All layers by their kinds.
  var layerCounts: LayerCounts { layerCounts(in: 0..<layers) }
}

extension ParallelPlan {
  /// The layers of a virtual stage, counted from the model's first.
  public func layerRange(ofStage stage: Int) -> Range<Int> {
    let first = layersPerStage[..<stage].reduce(0, +)
    return first..<first + layersPerStage[stage]
  }
}
