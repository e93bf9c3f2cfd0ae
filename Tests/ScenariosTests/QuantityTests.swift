import JSON
import Testing

@testable import Scenarios

@Suite("Quantities with units")
struct QuantityTests {
  private func value(_ text: String, _ family: UnitFamily) -> Int64? {
    family.parse(text).flatMap { scaledExactly($0.number, by: $0.unit.factor) }
  }

  @Test(
    "Times become whole nanoseconds, exactly",
    arguments: [
      ("0s", 0), ("1ns", 1), ("250ms", 250_000_000), ("4us", 4_000), ("30m", 1_800_000_000_000),
      ("1h", 3_600_000_000_000), ("2d", 172_800_000_000_000), ("0.1s", 100_000_000),
      ("1.000000001s", 1_000_000_001), ("0.3us", 300), ("0.5ns", 1), ("0.49ns", 0),
      ("1e3ms", 1_000_000_000),
      ("1.5e-3s", 1_500_000), (" 5s", nil), ("5 s", 5_000_000_000), ("9223372036.854775807s", .max),
      ("9223372036.854775808s", nil), ("-2ms", -2_000_000), ("5", nil), ("s", nil), ("5sec", nil),
      ("1e400s", nil), ("0x10s", nil), ("1_000s", nil), ("infs", nil), ("nans", nil), ("٣s", nil),
    ] as [(String, Int64?)])
  func times(_ text: String, _ nanoseconds: Int64?) {
    #expect(value(text, .time) == nanoseconds)
  }

  @Test(
    "Decimal and binary amounts of memory differ",
    arguments: [
      ("80GB", 80_000_000_000), ("80GiB", 85_899_345_920), ("1.5TB", 1_500_000_000_000),
      ("1KiB", 1_024), ("2kB", 2_000), ("7B", 7), ("1GiB/s", nil), ("80Gb", nil),
    ] as [(String, Int64?)])
  func bytes(_ text: String, _ count: Int64?) {
    #expect(value(text, .bytes) == count)
  }

  @Test(
    "Bandwidths in bits and in bytes come to bytes per second",
    arguments: [
      ("200Gbps", 25e9), ("20GB/s", 20e9), ("1.5Tbps", 187.5e9), ("8kbps", 1_000),
      ("1GiB/s", 1_073_741_824), ("5.3GB/s", 5.3e9), ("100B/s", 100),
    ])
  func bandwidths(_ text: String, _ bytesPerSecond: Double) throws {
    let (number, unit) = try #require(UnitFamily.bandwidth.parse(text))
    #expect(try #require(Double(number)) * unit.factor == bytesPerSecond)
  }

  @Test(
    "A near miss of a unit is put right",
    arguments: [
      ("80gb", "80GB"), ("5sec", nil), ("200 gbit", nil), ("4GIB", "4GiB"),
    ] as [(String, String?)])
  func bytesCorrected(_ text: String, _ corrected: String?) {
    #expect(UnitFamily.bytes.corrected(text) == corrected)
  }

  @Test(
    "Words for units of time and bandwidth are put right",
    arguments: [
      ("5 seconds", "5s"), ("10min", "10m"), ("3 hours", "3h"), ("2µs", "2us"), ("7parsec", nil),
    ] as [(String, String?)])
  func timesCorrected(_ text: String, _ corrected: String?) {
    #expect(UnitFamily.time.corrected(text) == corrected)
  }

  @Test("A capital or small b decides between bytes and bits")
  func bits() {
    #expect(UnitFamily.bandwidth.corrected("200Gb/s") == "200Gbps")
    #expect(UnitFamily.bandwidth.corrected("200GB/S") == "200GB/s")
  }

  @Test(
    "Times for people are in the largest unit that gives a whole number",
    arguments: [
      (0, "0s"), (1, "1ns"), (1_500, "1,500ns"), (60_000_000_000, "1m"), (90_000_000_000, "90s"),
      (5_400_000_000_000, "90m"), (86_400_000_000_000, "1d"),
    ])
  func shortTimes(_ nanoseconds: Int64, _ text: String) {
    #expect(shortTime(nanoseconds) == text)
  }

  @Test(
    "Numbers have one canonical form, which gives the number again",
    arguments: [
      (2.0, "2"), (-0.0, "0"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e20, "1e+20"),
      (1e-7, "1e-07"), (1.0 / 3, "0.3333333333333333"),
    ])
  func canonicalNumbers(_ number: Double, _ text: String) {
    #expect(plain(number) == text)
    #expect(Double(text) == number)
  }

  @Test(
    "The word that was meant is the nearest of the known ones, if it is near",
    arguments: [
      ("maxSequence", "maxSequences"), ("maxseqences", "maxSequences"), ("MIN", "min"),
      ("mni", "min"), ("mx", "max"), ("stages", nil), ("", nil),
    ] as [(String, String?)])
  func suggestions(_ word: String, _ meant: String?) {
    #expect(suggestion(for: word, among: ["min", "max", "maxSequences"]) == meant)
  }

  @Test("Swapped neighbours are one edit, not two")
  func editDistances() {
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("ab", "ba") == 1)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("same", "same") == 0)
  }
}
