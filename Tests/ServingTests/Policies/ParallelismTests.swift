import Inference
import Support
import Testing

@testable import Serving

@Suite("Which plans are tried")
struct ParallelismTests {
  private let demands = [
    DemandView(now: 0, waited: 0),
    DemandView(now: 9_000, waited: 5_000),
  ]

  @Test("Fixed tries its one plan, whatever the demand")
  func fixed() {
    let plan = PlanShape(tensor: 2, stages: 3)
    let policy = Schedulers.plan(tensor: 2, stages: 3)
    for demand in demands { #expect(policy.plans(for: demand) == [plan]) }
    #expect(policy.allPlans == [plan])
    #expect(policy.requiresDomain)
  }

  @Test("Fixed is one GPU by default; layers and a preferred domain are read")
  func fixedOptions() {
    #expect(FixedParallelism().plan == PlanShape(tensor: 1, stages: 1, layers: nil))
    #expect(FixedParallelism().requiresDomain)
    var values = OptionValues(defaultsOf: FixedParallelism.options)
    values["stages"] = .integer(3)
    values["layers"] = .integers([10, 12, 10])
    values["domain"] = .choice("preferred")
    let policy = FixedParallelism(values)
    #expect(policy.plan == PlanShape(tensor: 1, stages: 3, layers: [10, 12, 10]))
    #expect(!policy.requiresDomain)
  }

  @Test("How layers are dealt out is read; decode is the step that balances unless told")
  func dealtOut() {
    func plan(_ step: String?) -> PlanShape {
      var values = OptionValues(defaultsOf: FixedParallelism.options)
      values["stages"] = .integer(4)
      values["partition"] = .choice("balanced")
      values["balanceFor"] = step.map { .choice($0) }
      return FixedParallelism(values).plan
    }
    #expect(plan(nil) == PlanShape(tensor: 1, stages: 4, deal: .balanced(for: .decode)))
    #expect(plan("mixed") == PlanShape(tensor: 1, stages: 4, deal: .balanced(for: .mixed)))
  }

  @Test("A ladder tries all its rungs in the order in which they are written")
  func ladder() {
    let rungs = [
      PlanShape(tensor: 2, stages: 2), PlanShape(tensor: 8, stages: 1),
      PlanShape(tensor: 1, stages: 4, layers: [7, 9, 9, 7]),
    ]
    let policy = Schedulers.ladder(rungs)
    for demand in demands { #expect(policy.plans(for: demand) == rungs) }
    #expect(policy.allPlans == rungs)
    #expect(policy.requiresDomain)
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans(rungs)
    values["domain"] = .choice("preferred")
    #expect(!LadderParallelism(values).requiresDomain)
  }

  @Test("A plan's GPUs are those of a stage times the stages")
  func gpuCount() {
    #expect(PlanShape(tensor: 4, stages: 3).gpuCount == 12)
    #expect(PlanShape(tensor: 1, stages: 1).gpuCount == 1)
  }
}
