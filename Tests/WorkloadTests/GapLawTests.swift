import EventKernel
import Testing

@testable import Workload

@Suite("The likeliest law of gaps")
struct GapLawTests {
  private func law(_ count: UInt64, _ gap: (UInt64, RandomStream) -> Double) -> GapLaw {
    let stream = RandomStream(seed: 11, name: "gaps")
    var counts = ValueCounts.times
    for index in 0..<count { counts.add(nanoseconds(fromSeconds: gap(index, stream))) }
    return GapLaw(likeliestFor: counts)
  }

  @Test("Exponential gaps are called Poisson arrivals")
  func poisson() {
    #expect(law(5_000) { Distribution.exponential(mean: 0.2).sample($1, at: $0) } == .poisson)
  }

  @Test("Gamma gaps come back with their coefficient of variation", arguments: [0.4, 2])
  func gamma(cv: Double) {
    let found = law(20_000) { Distribution.gamma(mean: 0.2, cv: cv).sample($1, at: $0) }
    guard case .gamma(let fitted) = found else {
      Issue.record("\(found)")
      return
    }
    #expect((fitted / cv - 1).magnitude < 0.03, "\(fitted)")
  }

  @Test("Weibull gaps come back with their shape")
  func weibull() {
    // Shape ½: the square of an exponential variable.
    let found = law(20_000) { index, stream in
      let exponential = Distribution.exponential(mean: 1).sample(stream, at: index)
      return exponential * exponential
    }
    guard case .weibull(let fitted) = found else {
      Issue.record("\(found)")
      return
    }
    #expect((fitted / 0.5 - 1).magnitude < 0.03, "\(fitted)")
  }

  @Test("Without two gaps, or without time, arrivals count as Poisson")
  func nothing() {
    #expect(law(1) { _, _ in 1 } == .poisson)
    #expect(law(50) { _, _ in 0 } == .poisson)
  }
}
