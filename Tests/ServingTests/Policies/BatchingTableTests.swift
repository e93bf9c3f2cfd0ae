import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

/// The micro-batches of every batching policy on one small trace.
///
/// Seven requests on two stages, each micro-batch one millisecond on each stage, hops free, so one that
/// sets out at t is back at t + 2 when it need not wait:
/// ```
/// request   arrives   prompt   output
///    0        0 ms      12        3
///    1        0 ms       3        4
///    2        0 ms       2        3
///    3        0 ms       2        3
///    4        0 ms       1        3
///    5      4.5 ms       5        2
///    6      4.5 ms       3        2
/// ```
/// Eight tokens a step (four in dynamic chunks), six requests at once, caps of two, KV blocks of four
/// tokens, 40 of them; of shares what follows from that for two stages.
@Suite("One small trace under every batching policy")
struct BatchingTableTests {
  /// Rows: when a micro-batch was formed, in ms, and request×tokens of each member.
  private static let tables: [String: [String]] = [
    "vllm-v1": [
      "0.0: 0×8",
      "0.0: 0×4 1×3 2×1",
      "2.0: 2×1 3×2 4×1",
      "3.0: 0×1 1×1",
      "4.0: 2×1 3×1 4×1",
      "5.0: 0×1 1×1 5×5",
      "6.0: 2×1 3×1 4×1",
      "7.0: 1×1 5×1 6×3",
      "9.0: 6×1",
    ],
    "vllm-v1-async": [
      "0.0: 0×8",
      "0.0: 0×4 1×3 2×1",
      "2.0: 2×1 3×2 4×1",
      "3.0: 0×1 1×1",
      "4.0: 2×1 3×1 4×1",
      "5.0: 0×1 1×1",
      "6.0: 2×1 3×1 4×1 5×5",
      "7.0: 1×1",
      "8.0: 5×1 6×3",
      "10.0: 6×1",
    ],
    "vllm-v0": [
      "0.0: 0×12",
      "0.0: 1×3 3×2",
      "2.0: 2×2 4×1",
      "3.0: 1×1 3×1",
      "4.0: 0×1 2×1 4×1",
      "5.0: 5×5",
      "6.0: 6×3",
      "7.0: 1×1 3×1 5×1",
      "8.0: 0×1 2×1 4×1 6×1",
      "9.0: 1×1",
    ],
    "sarathi": [
      "0.0: 0×8",
      "0.0: 1×3 2×2 3×2 4×1",
      "2.0: 0×4",
      "3.0: 1×1 2×1 3×1 4×1",
      "4.0: 0×1",
      "5.0: 1×1 2×1 3×1 4×1 5×4",
      "6.0: 0×1 6×3",
      "7.0: 1×1 5×1",
      "8.0: 6×1",
      "9.0: 5×1",
    ],
    "gllm-throttle": [
      "0.0: 0×10",
      "0.0: 0×2 1×3",
      "2.0: 2×2 3×2",
      "3.0: 4×1 0×1 1×1",
      "4.0: 2×1 3×1",
      "5.0: 5×4 0×1 1×1",
      "6.0: 5×1 6×3 2×1 3×1",
      "7.0: 1×1 4×1",
      "8.0: 5×1 6×1",
      "9.0: 4×1",
    ],
    "td-pipe": [
      "0.0: 0×12",
      "0.0: 1×3 2×2 3×2 4×1",
      "2.0: 0×1",
      "3.0: 1×1 2×1",
      "4.0: 0×1 3×1 4×1",
      "5.0: 1×1 2×1",
      "6.0: 3×1 4×1",
      "7.0: 1×1",
      "8.0: 5×5 6×3",
      "10.0: 5×1",
      "10.0: 6×1",
    ],
    "orca": [
      "0.0: 0×12 1×3 2×2 3×2 4×1",
      "2.0: 0×1 1×1 2×1 3×1 4×1",
      "4.0: 0×1 1×1 2×1 3×1 4×1",
      "4.5: 5×5 6×3",
      "6.0: 1×1",
      "7.0: 5×1 6×1",
    ],
    "dynamic-chunk": [
      "0.0: 0×4",
      "0.0: 0×4",
      "2.0: 0×4",
      "3.0: 1×3 2×1",
      "4.0: 0×1 2×1 3×2 4×1",
      "5.0: 1×1 5×4",
      "6.0: 0×1 2×1 3×1 4×1 5×1",
      "7.0: 1×1",
      "8.0: 2×1 3×1 4×1 5×1 6×3",
      "9.0: 1×1",
      "10.0: 6×1",
    ],
    "decode-cap": [
      "0.0: 0×8",
      "0.0: 0×4 1×3 2×1",
      "2.0: 2×1 3×2 4×1",
      "3.0: 0×1 1×1",
      "4.0: 2×1 3×1",
      "5.0: 0×1 1×1 5×5",
      "6.0: 2×1 3×1",
      "7.0: 1×1 4×1 6×3",
      "8.0: 5×1",
      "9.0: 4×1 6×1",
    ],
    "global-cap": [
      "0.0: 0×8",
      "0.0: 0×4 1×3",
      "2.0: 2×2 3×2",
      "3.0: 0×1 1×1",
      "4.0: 2×1 3×1",
      "5.0: 0×1 1×1",
      "6.0: 2×1 3×1",
      "7.0: 1×1 4×1",
      "8.0: 5×5 6×3",
      "9.0: 4×1",
      "10.0: 5×1 6×1",
      "11.0: 4×1",
    ],
    "static": [
      "0.0: 0×12 1×3 2×2",
      "0.0: 3×2 4×1",
      "2.0: 0×1 1×1 2×1",
      "3.0: 3×1 4×1",
      "4.0: 0×1 1×1 2×1",
      "5.0: 3×1 4×1",
      "6.0: 1×1",
      "8.0: 5×5",
      "8.0: 6×3",
      "10.0: 5×1",
      "11.0: 6×1",
    ],
  ]

  private static let settings: [String: OptionValue] = [
    "maxBatchedTokens": .integer(8), "maxSequences": .integer(6), "tokenBudget": .integer(8),
    "maxPrefillTokens": .integer(16), "minPrefillTokens": .integer(4), "iterations": .integer(2),
    "maxDecodes": .integer(4), "chunkTokens": .integer(4), "pageTokens": .integer(4),
    "peakBatch": .integer(2), "cap": .integer(2),
  ]

  private static func request(_ time: Double, _ prompt: Int32, _ output: Int32) -> ArrivingRequest {
    ArrivingRequest(
      arrival: Nanoseconds(time * 1_000_000), workload: 0, promptTokens: prompt,
      outputTokens: output)
  }

  private static func rows(_ type: any BatchingPolicy.Type) -> [String] {
    var values = OptionValues(defaultsOf: type.options)
    for option in type.options {
      if let value = settings[option.key] { values[option.key] = value }
    }
    var scheduler = Schedulers.make(
      stages: 2, batching: type.init(values), keyValueBlocks: 40)
    scheduler.engine.blockTokens = 4
    scheduler.engine.pricedHops = false
    let outcome = Scenario.small(
      models: [Models.constant(base: 2_000_000)],
      requests: [
        request(0, 12, 3), request(0, 3, 4), request(0, 2, 3), request(0, 2, 3), request(0, 1, 3),
        request(4.5, 5, 2), request(4.5, 3, 2),
      ],
      schedulers: [scheduler]
    ).outcome()
    var rows: [String] = []
    for event in outcome.events {
      if event.kind == .form { rows.append("\(Double(event.time) / 1e6):") }
      if event.kind == .member { rows[rows.count - 1] += " \(event.b)×\(event.c)" }
    }
    return rows
  }

  @Test("Each policy's micro-batches are those of its rule")
  func eachPolicy() {
    for type in PolicyCatalogue.builtIn.batching {
      #expect(Self.rows(type) == Self.tables[type.name], "\(type.name)")
    }
  }

  @Test("No two policies do the same")
  func pairwiseDifferent() {
    #expect(Self.tables.count == PolicyCatalogue.builtIn.batching.count)
    #expect(Set(Self.tables.values).count == Self.tables.count)
  }
}
