import Testing

@testable import Reports

@Suite("Numbers as text")
struct FixedPointTests {
  @Test(
    "Three significant digits, at most three decimals",
    arguments: [
      (0, "0"), (0.0004, "0.000"), (0.0005, "0.001"), (0.999_4, "0.999"), (0.999_5, "1.00"),
      (1.234_4, "1.23"), (9.994, "9.99"), (9.995, "10.0"), (99.94, "99.9"), (99.95, "100"),
      (999.5, "1,000"), (1_234_567, "1,234,567"), (-0.999_5, "-1.00"), (-1_234, "-1,234"),
      (-0.000_1, "0.000"),
    ] as [(Double, String)])
  func three(_ value: Double, _ text: String) { #expect(FixedPoint.three(value) == text) }

  @Test("Halves are rounded away from zero, thousands grouped")
  func rounding() {
    #expect(FixedPoint.text(0.5, decimals: 0) == "1")
    #expect(FixedPoint.text(-0.5, decimals: 0) == "-1")
    #expect(FixedPoint.text(2.5, decimals: 0) == "3")
    #expect(FixedPoint.text(1_000.125, decimals: 2) == "1,000.13")
    #expect(FixedPoint.text(7, decimals: 6) == "7.000000")
    #expect(FixedPoint.grouped(0) == "0")
    #expect(FixedPoint.grouped(-999) == "-999")
    #expect(FixedPoint.grouped(-1_000) == "-1,000")
    #expect(FixedPoint.grouped(.max) == "9,223,372,036,854,775,807")
    #expect(FixedPoint.grouped(.min) == "-9,223,372,036,854,775,808")
  }

  @Test("Numbers beyond all grouping, and no numbers, do not trap")
  func beyond() {
    #expect(FixedPoint.text(8e15, decimals: 0) == "8,000,000,000,000,000")
    #expect(FixedPoint.text(1e300, decimals: 2) == "1e+300")
    #expect(FixedPoint.text(-.infinity, decimals: 1) == "-inf")
    #expect(FixedPoint.text(.nan, decimals: 1) == "nan")
  }

  @Test(
    "Only a whole is called 100 %, and only nothing 0 %",
    arguments: [
      (0, "0.0 %"), (1, "100.0 %"), (0.999_999, "99.99 %"), (0.000_001, "0.01 %"),
      (0.995, "99.50 %"), (0.99, "99.0 %"), (0.009_9, "0.99 %"), (0.5, "50.0 %"),
    ] as [(Double, String)])
  func percent(_ share: Double, _ text: String) { #expect(FixedPoint.percent(share) == text) }

  @Test(
    "A time is told in the unit in which it reads best",
    arguments: [
      (0, "0 s"), (0.999_5, "1.00 s"), (0.999_4, "999 ms"), (1, "1.00 s"), (3_600, "3,600 s"),
      (0.001, "1.00 ms"), (0.000_999_6, "1.00 ms"), (0.000_999_4, "999 µs"), (1e-9, "0.001 µs"),
      (-2, "-2.00 s"), (-0.25, "-250 ms"),
    ] as [(Double, String)])
  func times(_ seconds: Double, _ text: String) { #expect(TimeUnit.text(seconds) == text) }

  @Test("999.5 ms are a second, whichever way they are given")
  func second() {
    #expect(TimeUnit.text(nanoseconds: 999_500_000) == "1.00 s")
    #expect(TimeUnit.text(nanoseconds: 999_499_999) == "999 ms")
    #expect(TimeUnit.text(nanoseconds: .max) == "9,223,372,037 s")
  }

  @Test(
    "Lengths of time are whole minutes and hours where they can be",
    arguments: [
      (0, "0 s"), (90_500_000_000, "90.5 s"), (60_000_000_000, "1 min"),
      (1_800_000_000_000, "30 min"), (3_600_000_000_000, "1 h"), (3_900_000_000_000, "1 h 5 min"),
      (86_400_000_000_000, "24 h"),
    ] as [(Int64, String)])
  func spans(_ span: Int64, _ text: String) { #expect(SpanText.text(nanoseconds: span) == text) }

  @Test("A number keeps its unit, and a word longer than a line is broken")
  func wrapping() {
    let lines = WrappedText.lines("it takes about 12.5 ms, no more", width: 16, indent: "  ")
    #expect(lines == ["it takes about", "  12.5 ms, no", "  more"])
    let long = WrappedText.lines("a abcdefghijklmnopqrstuvwxyz b", width: 10, indent: "  ")
    #expect(long == ["a", "  abcdefgh", "  ijklmnop", "  qrstuvwx", "  yz b"])
    #expect(WrappedText.lines("", width: 10).isEmpty)
  }
}
