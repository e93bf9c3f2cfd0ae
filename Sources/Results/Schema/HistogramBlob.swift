import Serving

/// A histogram as table `metric` keeps it, little-endian: sum and maximum in nanoseconds (8 bytes
/// each), then for each used bucket in ascending order its number (4 bytes) and its count (8).
enum HistogramBlob {
  static func bytes(of histogram: LatencyHistogram) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(histogram.sum)
    append(histogram.maximum)
    for (bucket, count) in histogram.buckets {
      append(UInt32(bucket))
      append(count)
    }
    return bytes
  }

  /// The histogram, or nil when the bytes cannot be one.
  static func histogram(_ bytes: [UInt8]) -> LatencyHistogram? {
    guard bytes.count >= 16, (bytes.count - 16) % 12 == 0 else { return nil }
    func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
      bytes.withUnsafeBytes {
        Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
      }
    }
    let last = LatencyHistogram.bucket(of: .max)
    var buckets: [(bucket: Int, count: Int64)] = []
    var total: Int64 = 0
    for offset in stride(from: 16, to: bytes.count, by: 12) {
      let bucket = Int(number(at: offset) as UInt32)
      let count: Int64 = number(at: offset + 4)
      let (sum, overflows) = total.addingReportingOverflow(count)
      guard bucket <= last, bucket > buckets.last?.bucket ?? -1, count > 0, !overflows else {
        return nil
      }
      total = sum
      buckets.append((bucket, count))
    }
    return LatencyHistogram(buckets: buckets, sum: number(at: 0), maximum: number(at: 8))
  }
}
