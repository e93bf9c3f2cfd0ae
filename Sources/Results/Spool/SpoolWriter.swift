import Serving

/// Rows on their way into a spool: each has its tag and length in 4 bytes each, then fixed-size
/// numbers as the machine has them; an absent instant is the least Int64.
struct SpoolWriter {
  /// Bytes kept before they go to the file; the bound of a run's memory for its records.
  static let batchBytes = 1 << 20

  private let file: SpoolFile
  private var batch: UnsafeMutableRawBufferPointer
  private var used = 0
  /// Bytes in file and batch.
  private(set) var total = 0
  /// The first thing that went wrong; after it rows are dropped.
  private(set) var failure: ResultsError?

  init(_ file: SpoolFile) {
    self.file = file
    batch = .allocate(byteCount: Self.batchBytes, alignment: 16)
  }

  /// Frees the batch, once or more often; nothing may be put afterwards.
  mutating func deallocate() {
    batch.deallocate()
    batch = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Starts a row; exactly `length` bytes of numbers must follow.
  mutating func begin(_ tag: SpoolTag, length: Int) {
    let needed = length + 8
    if used + needed > batch.count {
      flush()
      if needed > batch.count {
        batch.deallocate()
        batch = .allocate(byteCount: needed, alignment: 16)
      }
    }
    total += needed
    put(tag.rawValue)
    put(UInt32(length))
  }

  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    batch.storeBytes(of: number, toByteOffset: used, as: Number.self)
    used += MemoryLayout<Number>.size
  }

  mutating func put(_ parts: LatencyParts) {
    batch.storeBytes(of: parts, toByteOffset: used, as: LatencyParts.self)
    used += MemoryLayout<LatencyParts>.size
  }

  /// A number, or a NaN where there is none.
  mutating func put(_ figure: Double?) { put((figure ?? .nan).bitPattern) }

  mutating func put(_ instant: Int64?) { put(instant ?? .min) }

  mutating func put(_ list: [Int32]) {
    put(Int32(list.count))
    for number in list { put(number) }
  }

  /// Hands the batch to the file.
  mutating func flush() {
    defer { used = 0 }
    guard failure == nil, used > 0 else { return }
    do throws(ResultsError) {
      try file.append(UnsafeRawBufferPointer(rebasing: batch[..<used]))
    } catch {
      failure = error
    }
  }
}
