import EventKernel
import Testing

@Suite("Nanoseconds")
struct NanosecondsTests {
  @Test(
    "Seconds round to the nearest nanosecond, halves up",
    arguments: [
      (0.0, 0), (-0.0, 0), (1.0, 1_000_000_000), (0.25, 250_000_000),
      (0x1p-10, 976_563), (-0x1p-10, -976_562), (0x3p-10, 2_929_688),
      (0.499_999_999_999_999_94e-9, 0), (0.51e-9, 1), (-0.51e-9, -1), (1e-300, 0),
      (9_000_000_000.0, 9_000_000_000_000_000_000), (4_503_599.627_370_497, 4_503_599_627_370_497),
    ] as [(Double, Nanoseconds)])
  func rounds(seconds: Double, expected: Nanoseconds) {
    #expect(nanoseconds(fromSeconds: seconds) == expected)
  }

  @Test("A duration that is not finite or too long stops the run")
  func refuses() async {
    await #expect(processExitsWith: .failure) { _ = nanoseconds(fromSeconds: .nan) }
    await #expect(processExitsWith: .failure) { _ = nanoseconds(fromSeconds: .infinity) }
    await #expect(processExitsWith: .failure) { _ = nanoseconds(fromSeconds: 9.3e9) }
    await #expect(processExitsWith: .failure) { _ = nanoseconds(fromSeconds: -9.3e9) }
  }
}
