import Hardware
import Serving
import Testing

@testable import Reports

@Suite("Whether a verdict holds")
struct UncertaintyTests {
  private static let gemm = FigureVariation([.gemm], .fast)
  private static let all = FigureVariation([.gemm, .host], .slow)

  /// `pp4` wins in 1.5 s, and so it does unless its compute takes longer.
  private func uncertainty(_ computeSeconds: [Double]) -> Uncertainty {
    let variations = zip([Self.gemm, Self.all], computeSeconds).map { figures, seconds in
      (
        figures,
        [
          Fixture.run("tp4", Fixture.tensorParts),
          Fixture.run("pp4", [(.compute, seconds), (.host, 0.1)]),
        ]
      )
    }
    return Uncertainty(Fixture.comparison(Fixture.two), variations: variations)
  }

  @Test("It holds when every variation names the same winner")
  func holds() {
    let uncertainty = uncertainty([1.2, 1.8])
    #expect(uncertainty.holds == true)
    #expect(uncertainty.sentence == "The verdict holds in all 2 variations.")
    #expect(
      UncertaintyTable(uncertainty).text() == """
        Uncertainty: mean e2e with figures at the fast or slow end of their ranges, same traffic and draws.
        variation     tp4     pp4  winner
        as it is   2.00 s  1.50 s     pp4
        gemm fast  2.00 s  1.30 s     pp4
        all slow   2.00 s  1.90 s     pp4
        The verdict holds in all 2 variations.

        """)
  }

  @Test("A variation that turns it is named with the scheduler that wins there")
  func turns() {
    let uncertainty = uncertainty([1.2, 2.1])
    #expect(uncertainty.holds == false)
    #expect(uncertainty.sentence == "The verdict turns in 1 of 2 variations: all slow to tp4.")
    #expect(uncertainty.variations.map(\.holds) == [true, false])
  }

  @Test("Equal schedulers in a variation turn a verdict to no clear winner")
  func equal() {
    let same = Fixture.run("tp4", Fixture.tensorParts)
    var other = same
    other.scheduler = "pp4"
    let uncertainty = Uncertainty(
      Fixture.comparison(Fixture.two), variations: [(Self.gemm, [same, other])])
    #expect(
      uncertainty.sentence
        == "The verdict turns in 1 of 1 variations: gemm fast to no clear winner.")
  }

  @Test("One scheduler has no verdict, but its figure has a range")
  func alone() {
    let run = Fixture.run("tp4", Fixture.tensorParts)
    let slow = Fixture.run("tp4", Fixture.tensorParts + [(.compute, 1)])
    let uncertainty = Uncertainty(
      Fixture.comparison([run]), variations: [(Self.gemm, [run]), (Self.all, [slow])])
    #expect(uncertainty.holds == nil)
    #expect(
      uncertainty.sentence == "One scheduler, so there is no verdict to hold; its mean e2e lies "
        + "between 2.00 s and 3.00 s.")
  }

  @Test("Without variations nothing is uncertain")
  func given() {
    let uncertainty = Uncertainty(Fixture.comparison(Fixture.two), variations: [])
    #expect(uncertainty.holds == nil)
    #expect(
      UncertaintyTable(uncertainty).text()
        == "Uncertainty: Every step cost is given by the scenario: nothing is uncertain.\n")
  }

  @Test("JSON has the variations beside the runs, and only when asked")
  func json() {
    let text = RunJSON.text(
      Fixture.two, context: Fixture.context, uncertainty: uncertainty([1.2, 2.1]))
    #expect(text.contains("\"uncertainty\": {\n    \"holds\": false,"))
    #expect(text.contains("\"end\": \"slow\",\n        \"holds\": false,"))
    #expect(text.contains("\"winner\": \"tp4\""))
    #expect(!RunJSON.text(Fixture.two, context: Fixture.context).contains("uncertainty"))
  }
}
