import Serving

/// The rows of a spool, read back in the order in which they were written.
struct SpoolReader {
  private let file: SpoolFile
  private let total: Int
  private var batch: UnsafeMutableRawBufferPointer
  private var position = 0
  private var filled = 0
  /// Bytes taken from the file into batches.
  private var loaded = 0

  init(_ file: SpoolFile, total: Int) {
    self.file = file
    self.total = total
    batch = .allocate(byteCount: SpoolWriter.batchBytes, alignment: 16)
  }

  /// Frees the batch; nothing may be called afterwards.
  func deallocate() { batch.deallocate() }

  /// Bytes of the rows read so far.
  var consumed: Int { loaded - (filled - position) }

  /// The tag of the next row, or nil after the last; the whole row is then in memory.
  mutating func next() throws(ResultsError) -> SpoolTag? {
    if consumed == total { return nil }
    try load(8)
    guard let tag = SpoolTag(rawValue: take(UInt32.self)) else {
      throw ResultsError(.inputOutput, path: file.path, found: "not what was written")
    }
    try load(Int(take(UInt32.self)))
    return tag
  }

  mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type = Number.self
  ) -> Number {
    let number = batch.loadUnaligned(fromByteOffset: position, as: Number.self)
    position += MemoryLayout<Number>.size
    return number
  }

  mutating func takeParts() -> LatencyParts {
    let parts = batch.loadUnaligned(fromByteOffset: position, as: LatencyParts.self)
    position += MemoryLayout<LatencyParts>.size
    return parts
  }

  mutating func takeInstant() -> Int64? {
    let instant = take(Int64.self)
    return instant == .min ? nil : instant
  }

  mutating func takeFigure() -> Double? {
    let figure = Double(bitPattern: take())
    return figure.isNaN ? nil : figure
  }

  mutating func takeList() -> [Int32] {
    let count = Int(take(Int32.self))
    return (0..<count).map { _ in take() }
  }

  /// Makes sure that this many bytes from the position on are in memory.
  private mutating func load(_ needed: Int) throws(ResultsError) {
    let rest = filled - position
    if rest >= needed { return }
    if needed > batch.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: batch[position..<filled]))
      batch.deallocate()
      batch = larger
    } else {
      let tail = UnsafeRawBufferPointer(rebasing: batch[position..<filled])
      batch.copyMemory(from: tail)
    }
    position = 0
    let amount = min(batch.count - rest, total - loaded)
    try file.read(
      at: loaded, into: UnsafeMutableRawBufferPointer(rebasing: batch[rest..<rest + amount]))
    loaded += amount
    filled = rest + amount
    guard filled >= needed else {
      throw ResultsError(.inputOutput, path: file.path, found: "shorter than what was written")
    }
  }
}
