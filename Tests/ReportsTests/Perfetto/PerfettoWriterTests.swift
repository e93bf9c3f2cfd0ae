import EventKernel
import Foundation
import Reports
import Scenarios
import Serving
import Support
import Testing

@Suite("The timeline against the format and against the ledgers")
struct PerfettoWriterTests {
  @Test("The timeline of a random world keeps the format and the ledgers", arguments: 1...60)
  func randomWorlds(seed: UInt64) {
    let scenario = RandomWorld.scenario(seed)
    let outcome = scenario.outcome()
    let document = TimelineDocument(outcome.timeline(scenario))
    #expect(document.faults == [], "seed \(seed)")
    let ledgers = TimelineLedgers(scenario, outcome, document)
    #expect(ledgers.differences == [], "seed \(seed)")
  }

  @Test("The random worlds show everything that a timeline can show")
  func coverage() {
    var shown: Set<String> = []
    for seed in UInt64(1)...60 {
      let scenario = RandomWorld.scenario(seed)
      let document = TimelineDocument(scenario.outcome().timeline(scenario))
      for slices in document.slices.values {
        for slice in slices {
          shown.insert(slice.name.filter { !$0.isNumber })
          if slice.numbers["cut"] == 1 { shown.insert("cut") }
        }
      }
      for event in document.events where "bs".contains(event.phase) {
        shown.insert("\(event.phase) \(event.name) \(event.texts["status"] ?? "")")
      }
    }
    let expected: Set = [
      "tenant ", "replica  starting", "replica  ready", "starting", "ready", "draining",
      "container", "node provisioning", "image pull", "process group", "compile", "graph capture",
      "warm-up", "image pull GPU ", "fetch from a peer GPU ", "fetch from storage GPU ", "KV",
      "b comm_kv ",
      "runtime", "fetch", "load", "engine init", "allocation wait", "withdrawn demand",
      "unmet demand",
      "idle: shared", "idle: hop", "idle: host", "idle: sampling", "idle: prefill",
      "idle: partition", "idle: cohort", "idle: empty",
      "prefill", "decode", "mixed", "cut", "hop", "fetch GPU ", "load GPU ", "s hop ",
      "b request completed", "b request rejected", "b request unfinished", "b queue ",
      "b allocation_wait ", "b cold_start ", "b preemption ", "b prefill ", "b decode ",
    ]
    #expect(expected.subtracting(shown) == [])
    #expect(shown.subtracting(expected) == [])
  }

  @Test(
    "The quickstart's first minutes keep the format and the ledgers",
    arguments: ["tp4", "pp4", "tp2-pp2"])
  func quickstart(scheduler: String) throws {
    let scenario = try Self.quickstart(scheduler)
    let outcome = scenario.outcome()
    let document = TimelineDocument(outcome.timeline(scenario))
    #expect(document.faults == [])
    #expect(TimelineLedgers(scenario, outcome, document).differences == [])
    #expect(document.events.count > 5_000)
  }

  /// A minute and a half of one scheduler of the quickstart.
  private static func quickstart(_ scheduler: String) throws -> Scenario {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appending(path: "Scenarios/quickstart.json"), encoding: .utf8)
    var scenario = try ScenarioDecoder().decode(
      text: text, fileName: "quickstart.json",
      overrides: ["duration=90s", "warmup=0s"].compactMap { ScenarioOverride($0) }
    ).selecting(schedulers: [scheduler]).scenario
    scenario.schedulers[0].name = "s"
    return scenario
  }

  @Test("What docs/events.md reads out of the quickstart is there")
  func reading() throws {
    let scenario = try Self.quickstart("pp4")
    let document = TimelineDocument(scenario.outcome().timeline(scenario))
    func slices(_ process: String, _ track: String) -> [TimelineSlice] {
      document.slices[TimelineTrack(process: "s · \(process)", name: track)] ?? []
    }
    func hundredths(_ time: Nanoseconds) -> Nanoseconds { (time + 5_000_000) / 10_000_000 }
    let life = slices("replica 0, llama-3.1-70b", "replica 0")
    #expect(
      life.prefix(5).map(\.name) == ["container", "runtime", "fetch", "load", "engine init"])
    #expect(life.prefix(5).map { hundredths($0.to) } == [100, 600, 1_562, 2_228, 3_228])
    let fetches = [""] + (2...8).map { " (\($0))" }
    let shards = fetches.compactMap { slices("model store", "store 0" + $0).first }
    #expect(
      shards.map(\.name) == [57, 58, 62, 63, 21, 22, 23, 45].map { "fetch GPU \($0)" })
    #expect(
      shards.map { hundredths($0.from) } == Array(repeating: 600, count: 4)
        + Array(repeating: 1_049, count: 4))
    #expect(shards.allSatisfy { hundredths($0.duration) == 962 })
    #expect(shards.allSatisfy { $0.numbers["bytes"] == 35_276_853_248 })
    let load = slices("links of node 7", "pcie 1").first { $0.category == "weights" }
    #expect(load.map { hundredths($0.duration) } == 666)
    let begin = try #require(document.events.first { $0.numbers["request"] == 5 })
    let times = document.events.filter {
      $0.identifier == begin.identifier && $0.phase == "e" && $0.category == "request"
    }
    #expect(times.map { hundredths($0.time) } == [3_228, 3_237, 3_286, 3_610, 3_610])
    let hops = ["0 → 1", "1 → 2", "2 → 3"].compactMap {
      slices("replica 0, llama-3.1-70b", "hop \($0)").first
    }
    #expect(hops.map { $0.duration / 10_000 } == [20, 20, 20])
    #expect(hops.allSatisfy { $0.numbers["bytes"] == 67_108_864 })
  }

  @Test("The checker notices what the format forbids")
  func alert() throws {
    let scenario = Self.pipeline
    let text = String(decoding: scenario.outcome().timeline(scenario), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    func faults(
      _ phase: String, where holds: (String) -> Bool = { _ in true },
      _ change: (String) -> String
    ) throws -> Int {
      var changed = lines
      let line = try #require(
        lines.firstIndex { $0.hasPrefix("{\"ph\":\"\(phase)\"") && holds($0) })
      changed[line] = change(changed[line])
      return TimelineDocument(Array(changed.joined(separator: "\n").utf8)).faults.count
    }
    #expect(try faults("X") { $0 } == 0)
    let isStep = { (line: String) in line.contains("\"compute_ns\"") }
    #expect(try faults("X", where: isStep) { $0.replacing("\"dur\":", with: "\"dur\":9") } > 0)
    #expect(try faults("X") { $0.replacing("\"ts\":", with: "\"ts\":-") } > 0)
    #expect(try faults("E") { $0.replacing("\"E\"", with: "\"B\"") } > 0)
    #expect(try faults("f") { $0.replacing("\"bp\":\"e\",", with: "") } > 0)
    #expect(try faults("f") { $0.replacing("\"id\":", with: "\"id\":9") } > 0)
    #expect(try faults("s") { $0.replacing("\"ts\":", with: "\"ts\":9") } > 0)
    #expect(try faults("M") { $0.replacing("name", with: "game") } > 0)
    #expect(try faults("e") { $0.replacing("\"id\":", with: "\"id\":9") } > 0)
    #expect(try faults("C") { $0.replacing(":0}", with: ":-1}").replacing(":{", with: ":[{") } > 0)
  }

  /// Two pipelines of two stages that start, serve a burst and are released.
  private static var pipeline: Scenario {
    var scheduler = Schedulers.make(
      stages: 2, scaling: Schedulers.queue(keepAlive: 1_000_000, requestsPerReplica: 4))
    scheduler.coldStart = Schedulers.coldStart()
    return Scenario.small(
      duration: 100_000_000, models: [Models.constant(base: 1_000_003, host: 20_021)],
      workloads: [Traffic.burst(8)], schedulers: [scheduler])
  }

  @Test("One slice of each kind, to the byte")
  func bytes() {
    let scenario = Self.pipeline
    let lines = String(decoding: scenario.outcome().timeline(scenario), as: UTF8.self)
      .split(separator: "\n").map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
    for line in [
      #"{"displayTimeUnit":"ns","otherData":{"producer":"test"},"traceEvents":["#,
      #"{"ph":"M","pid":1,"name":"process_name","args":{"name":"s · system"}}"#,
      #"{"ph":"M","pid":2,"tid":3,"name":"thread_sort_index","args":{"sort_index":3}}"#,
      #"{"ph":"C","ts":0,"pid":1,"name":"GPUs","args":{"free":0,"background":0}}"#,
      #"{"ph":"X","ts":0,"dur":1,"pid":9,"tid":10,"cat":"cold-start","name":"container"}"#,
      #"{"ph":"B","ts":0,"pid":4,"tid":5,"cat":"starting","name":"replica 0 starting"}"#,
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(lines.last == "]}")
  }

  @Test("The same run gives the same bytes, in pieces of at most 80 KB")
  func pieces() {
    let scenario = RandomWorld.scenario(18)
    let outcome = scenario.outcome()
    var largest = 0
    let bytes = outcome.timeline(scenario, chunks: { largest = max(largest, $0) })
    #expect(bytes == scenario.outcome().timeline(scenario))
    #expect(bytes.count > 200_000 && largest <= 80_000)
  }

  @Test("A run cut short anywhere is closed and keeps the format", arguments: [3, 8, 21, 40])
  func cut(seed: UInt64) {
    let scenario = RandomWorld.scenario(seed)
    let outcome = scenario.outcome()
    for share in 0..<8 {
      var bytes: [UInt8] = []
      let writer = PerfettoWriter(producer: "test") { bytes += $0 }
      writer.begin(scenario, scheduler: 0, replication: 0)
      for event in outcome.events.prefix(outcome.events.count * share / 8) { writer.log(event) }
      writer.finish()
      #expect(TimelineDocument(bytes).faults == [], "seed \(seed), \(share) eighths")
    }
  }

  @Test("Several runs share a file: other processes, other names, no number twice")
  func severalRuns() {
    let scenario = Self.pipeline
    var bytes: [UInt8] = []
    let writer = PerfettoWriter(producer: "test") { bytes += $0 }
    for replication in 0..<2 {
      writer.begin(scenario, scheduler: 0, replication: replication)
      for event in scenario.outcome(replication: replication).events { writer.log(event) }
    }
    writer.finish()
    let document = TimelineDocument(bytes)
    #expect(document.faults == [])
    let names = document.processNames.values
    #expect(
      names.count { $0.hasPrefix("s · ") } == names.count { $0.hasPrefix("s, replication 1") })
  }

  @Test("Names with quotes, backslashes and line feeds stay JSON")
  func names() throws {
    var scenario = Self.pipeline
    scenario.schedulers[0].name = "a \"b\" \\ c\n·"
    let document = TimelineDocument(scenario.outcome().timeline(scenario))
    #expect(document.faults == [])
    #expect(document.processNames[1] == "a \"b\" \\ c · · system")
  }
}
