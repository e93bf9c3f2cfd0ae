import Serving

/// A histogram as table `stage_histogram` keeps it, little-endian: how many buckets are used (4 bytes), then
/// for each of them in ascending order its number (4 bytes) and its count (8).
enum StepHistogramBlob {
  static func bytes(of histogram: StepHistogram) -> [UInt8] {
    var bytes: [UInt8] = []
    let used = UInt32(histogram.buckets.count)
    withUnsafeBytes(of: used.littleEndian) { bytes.append(contentsOf: $0) }
    for bucket in histogram.buckets {
      withUnsafeBytes(of: UInt32(bucket.number).littleEndian) { bytes.append(contentsOf: $0) }
      withUnsafeBytes(of: bucket.count.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// The histogram, or nil when the bytes cannot be one.
  static func histogram(_ bytes: [UInt8]) -> StepHistogram? {
    guard bytes.count % 12 == 4 else { return nil }
    func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
      bytes.withUnsafeBytes {
        Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
      }
    }
    let used: UInt32 = number(at: 0)
    guard Int(used) == bytes.count / 12 else { return nil }
    var buckets: [StepHistogram.Bucket] = []
    var total: Int64 = 0
    for offset in stride(from: 4, to: bytes.count, by: 12) {
      let place: UInt32 = number(at: offset)
      let count: Int64 = number(at: offset + 4)
      let (sum, overflows) = total.addingReportingOverflow(count)
      guard place < UInt32(StepHistogram.bucketCount), count > 0, !overflows,
        Int32(place) > buckets.last?.number ?? -1
      else { return nil }
      total = sum
      buckets.append(StepHistogram.Bucket(number: Int32(place), count: count))
    }
    return StepHistogram(buckets: buckets)
  }
}
