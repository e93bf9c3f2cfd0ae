import Scenarios
import Testing

/// A small generator of its own: the same texts on every machine.
private struct Draws {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 }

  /// A number from 0 to `count` − 1.
  mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(1, count)))
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

@Suite("Random damage")
struct FuzzTests {
  /// Whether a text decodes or is refused with at least one fault that says where.
  private func isAnswered(_ text: String, _ overrides: [String] = []) -> Bool {
    do throws(ScenarioFaults) {
      let decoded = try ScenarioDecoder().decode(
        text: text, fileName: "s.json", overrides: overrides.compactMap(ScenarioOverride.init))
      return !decoded.canonicalJSON.isEmpty
    } catch {
      return !error.faults.isEmpty
        && error.faults.allSatisfy { ($0.position != nil || $0.override != nil) }
        && zip(error.lines, error.faults).allSatisfy { $0.contains($1.path) }
    }
  }

  private static let pieces = [
    "", "{", "}", "[", "]", ",", ":", "\"", "//", "/*", "*/", "null", "-1", "0", "1e308", "1e-308",
    "99999999999999999999", "0.5", "\"\"", "\"10s\"", "\"1e30d\"", "\"-1GB\"", "{}", "[]", "[[]]",
    "true", "\"fixed\"", "\"a\": 1,", "\u{0}", "\\", "é", "64", "\"none\"",
  ]

  @Test("A text with pieces cut out, put in or exchanged is decoded or refused", arguments: 0..<8)
  func texts(_ seed: Int) {
    var draws = Draws(seed: seed + 1)
    for _ in 0..<150 {
      var characters = Array(draws.pick(Fixture.all))
      for _ in 0...draws.below(3) {
        let start = draws.below(characters.count)
        let end = min(characters.count, start + draws.below(12))
        characters.replaceSubrange(start..<end, with: Array(draws.pick(Self.pieces)))
      }
      let text = String(characters)
      #expect(isAnswered(text), "\(text)")
    }
  }

  private static let values = [
    "null", "true", "0", "1", "-1", "2.5", "1e300", "1e-300", "9223372036854775807", "\"\"",
    "\"x\"",
    "\"0s\"", "\"1ns\"", "\"366d\"", "\"1B/s\"", "\"100TB/s\"", "\"1PB\"", "[]", "{}", "[1]",
    "[\"1s\"]", "{\"policy\":\"fixed\"}", "{\"policy\":\"table\",\"stages\":[]}",
    "{\"distribution\":\"gamma\",\"mean\":1,\"cv\":100}", "[{}]", "64", "256", "\"fixed\"",
    "\"static\"", "\"constant\"", "\"burst\"",
  ]

  private static let paths = [
    "seed", "duration", "warmup", "drainLimit", "sampleInterval", "cluster", "cluster.nodes",
    "cluster.nodes[0].count", "cluster.nodes[0].gpusPerNode", "cluster.nodes[0].nvlink",
    "cluster.nodes[0].nics.bandwidth", "cluster.nodes[0].nics.count", "cluster.fabric",
    "cluster.fabric.nodesPerLeaf", "cluster.fabric.oversubscription", "cluster.background",
    "cluster.background.occupancy", "cluster.background.sizes", "cluster.background.lifetime.mean",
    "cluster.background.lifetime", "models[0].cost", "models[0].cost.policy", "models[0].like",
    "models", "workloads", "workloads[0].arrivals", "workloads[0].arrivals.rate",
    "workloads[0].arrivals.process", "workloads[0].prompt.mean", "workloads[0].prompt.cv",
    "workloads[0].output.min", "workloads[0].slo", "schedulers[0].parallelism",
    "schedulers[0].parallelism.tensor", "schedulers[0].parallelism.stages",
    "schedulers[0].parallelism.layers", "schedulers[0].parallelism.policy",
    "schedulers[0].parallelism.plans", "schedulers[0].batching", "schedulers[0].batching.policy",
    "schedulers[0].scaling.max", "schedulers[0].scaling.keepAlive", "schedulers[0].engine",
    "schedulers[0].engine.keyValueBlocks", "schedulers[0].engine.residentsPerGPU",
    "schedulers[0].engine.gpuMemoryUtilization", "schedulers[0].coldStart.loader", "defaults",
    "defaults.parallelism", "schedulers",
  ]

  @Test("A scenario with some values exchanged is decoded or refused", arguments: 0..<8)
  func values(_ seed: Int) {
    var draws = Draws(seed: seed + 100)
    for _ in 0..<150 {
      let overrides = (0...draws.below(3)).map { _ in
        draws.pick(Self.paths) + "=" + draws.pick(Self.values)
      }
      #expect(isAnswered(draws.pick(Fixture.all), overrides), "\(overrides)")
    }
  }
}
