import Scenarios
import Serving
import Testing

@Suite("Defaults shared by schedulers")
struct DefaultsTests {
  private func schedulers(_ defaults: String, _ own: String) throws -> [SchedulerSpecification] {
    let text = Fixture.small.replacing(
      "\"schedulers\": [", with: "\"defaults\": { \(defaults) },\n  \"schedulers\": ["
    ).replacing("\"parallelism\": { \"tensor\": 4 }", with: own)
    return try decode(text).scenario.schedulers
  }

  @Test("Options of one policy mix key by key, the scheduler's own first")
  func mixing() throws {
    let scheduler = try schedulers(
      "\"parallelism\": { \"tensor\": 4, \"stages\": 2 }, \"engine\": { \"blockTokens\": 32 }",
      "\"parallelism\": { \"stages\": 4 }, \"engine\": { \"hops\": \"free\" }")[0]
    #expect(scheduler.parallelism.allPlans == [PlanShape(tensor: 4, stages: 4)])
    #expect(scheduler.engine.blockTokens == 32)
    #expect(!scheduler.engine.pricedHops)
  }

  @Test("Options of another policy are left behind")
  func anotherPolicy() throws {
    let scheduler = try schedulers(
      "\"batching\": { \"policy\": \"static\", \"maxSequences\": 7, \"microbatches\": 2 }",
      "\"parallelism\": { \"tensor\": 4 }, \"batching\": { \"policy\": \"vllm-v1\" }")[0]
    #expect(scheduler.batching.maximumSequences == 256)
    #expect(scheduler.batching is VLLMBatching)
  }

  @Test("A scheduler that names no policy takes the one of the defaults")
  func inherited() throws {
    let scheduler = try schedulers(
      "\"batching\": { \"policy\": \"static\", \"maxSequences\": 7 }",
      "\"parallelism\": { \"tensor\": 4 }, \"batching\": { \"maxBatchedTokens\": 99 }")[0]
    #expect(scheduler.batching is StaticBatching)
    #expect(scheduler.batching.maximumSequences == 7)
    #expect(scheduler.batching.maximumTokens == 99)
  }

  @Test("1f1b is static by another name, in defaults too, and the canonical form has the one name")
  func alias() throws {
    let scheduler = try schedulers(
      "\"batching\": { \"policy\": \"static\", \"maxSequences\": 7 }",
      "\"parallelism\": { \"tensor\": 4 }, \"batching\": { \"policy\": \"1f1b\" }")[0]
    #expect(scheduler.batching is StaticBatching)
    #expect(scheduler.batching.maximumSequences == 7)
    let texts = ["static", "1f1b"].map { name in
      Fixture.small.replacing(
        "\"parallelism\": { \"tensor\": 4 }",
        with: "\"parallelism\": { \"tensor\": 4 }, \"batching\": { \"policy\": \"\(name)\" }")
    }
    #expect(try decode(texts[0]).canonicalJSON == decode(texts[1]).canonicalJSON)
  }

  @Test("Options without a policy's name belong to the default policy")
  func unnamedDefaults() throws {
    let scheduler = try schedulers(
      "\"batching\": { \"maxSequences\": 7 }",
      "\"parallelism\": { \"tensor\": 4 }, \"batching\": { \"policy\": \"static\" }")[0]
    #expect(scheduler.batching is StaticBatching)
    #expect(scheduler.batching.maximumSequences == 32)
  }

  @Test("A ladder in the defaults may leave its plans to the schedulers")
  func partialDefaults() throws {
    let scheduler = try schedulers(
      "\"parallelism\": { \"policy\": \"ladder\", \"domain\": \"preferred\" }",
      "\"parallelism\": { \"plans\": [{ \"tensor\": 8 }] }")[0]
    #expect(scheduler.parallelism is LadderParallelism)
    #expect(!scheduler.parallelism.requiresDomain)
  }

  @Test("Defaults are gone from the canonical form: it names every value of every scheduler")
  func canonical() throws {
    let shared = Fixture.small.replacing(
      "\"schedulers\": [",
      with: "\"defaults\": { \"engine\": { \"blockTokens\": 32 } }, \"schedulers\": [")
    let own = try decode(Fixture.small, ["schedulers.tp4.engine.blockTokens=32"])
    #expect(try decode(shared).digest == own.digest)
  }

  @Test("A fault in the defaults is told even where every scheduler covers it")
  func coveredFault() {
    let text = Fixture.small.replacing(
      "\"schedulers\": [",
      with: "\"defaults\": { \"parallelism\": { \"tensor\": -4 } }, \"schedulers\": [")
    #expect(
      faultLines(text) == [
        "s.json:20:44: defaults.parallelism.tensor: found -4, "
          + "needs a whole number from 1 to 64"
      ])
  }
}
