import Foundation
import Scenarios
import Serving
import Testing

/// Real data made by others; nil when the environment does not say where it lies.
private let data = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

/// A row of Mooncake's trace, read by Foundation.
private struct MooncakeRow: Decodable {
  var promptTokens: Int
  var outputTokens: Int
  var hashes: [Int]

  enum CodingKeys: String, CodingKey {
    case promptTokens = "input_length"
    case outputTokens = "output_length"
    case hashes = "hash_ids"
  }
}

/// A prefix cache of blocks of 16 tokens that serves one request at a time, as a list of hashes in the
/// order of their last use.
private struct CountedCache {
  /// Blocks in all, and blocks of one hash.
  var blocks: Int
  let blocksPerHash = 512 / 16
  private var lastUse: [Int: Int] = [:]
  private var uses: [(hash: Int, number: Int)] = []
  private var oldest = 0

  init(blocks: Int) { self.blocks = blocks }

  /// Serves a row; returns the tokens that it finds.
  mutating func serve(_ row: MooncakeRow) -> Int {
    let whole = row.hashes.prefix(row.promptTokens / 512)
    let found = whole.prefix { lastUse[$0] != nil }.count
    // The last token is computed with its block.
    let tokens = min(found * 512, (row.promptTokens - 1) / 16 * 16)
    for hash in whole { lastUse[hash] = .max }
    let held = (row.promptTokens + row.outputTokens - 1 + 15) / 16
    evict(downTo: blocks - held, except: whole.count)
    for hash in whole.reversed() {
      lastUse[hash] = uses.count
      uses.append((hash, uses.count))
    }
    return tokens
  }

  private mutating func evict(downTo left: Int, except held: Int) {
    while (lastUse.count - held) * blocksPerHash > left {
      let use = uses[oldest]
      oldest += 1
      if lastUse[use.hash] == use.number { lastUse[use.hash] = nil }
    }
  }
}

@Suite("What real prompts have in common")
struct PrefixSharingTests {
  private static func rows() throws -> [MooncakeRow] {
    let path = (data ?? "") + "/traces/mooncake_fast25/conversation_trace.first6000.jsonl"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(MooncakeRow.self, from: Data($0.utf8))
    }
  }

  /// The slice through one replica, each request after the one before.
  private static func simulated(blocks: Int) throws -> [RequestRecord] {
    let text = """
      {
        "schemaVersion": 1, "name": "one-by-one", "duration": "10h", "sampleInterval": "0s",
        "cluster": { "nodes": [{ "gpu": "h100-sxm", "gpusPerNode": 1,
          "nics": { "bandwidth": "400Gbps" } }], "modelStore": "none" },
        "models": [{ "name": "llama-3.1-8b",
          "cost": { "policy": "constant", "base": "1ms" } }],
        "workloads": [{ "name": "w", "model": "llama-3.1-8b",
          "trace": { "file": "conversation_trace.first6000.jsonl", "format": "mooncake" },
          "arrivals": { "process": "closed-loop", "clients": 1,
            "think": { "distribution": "constant", "value": "0s" } } }],
        "schedulers": [{ "name": "s", "parallelism": { "tensor": 1 },
          "batching": { "maxBatchedTokens": 8192 },
          "scaling": { "policy": "fixed", "replicas": 1 },
          "engine": { "keyValueBlocks": \(blocks), "prefixCache": true } }]
      }
      """
    let files = InputFiles(folders: [(data ?? "") + "/traces/mooncake_fast25"])
    let decoded = try ScenarioDecoder(files: files).decode(text: text, fileName: "s.json")
    return decoded.scenario.recorded().records.requests.sorted { $0.requestID < $1.requestID }
  }

  @Test(
    "Mooncake's prompts find what an independent count over their hashes finds, with a pool without end",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no data"))
  func withoutEnd() throws {
    let rows = try Self.rows()
    let requests = try Self.simulated(blocks: 100_000_000)
    try #require(requests.count == rows.count)
    var cache = CountedCache(blocks: 100_000_000)
    let counted = rows.map { cache.serve($0) }
    #expect(requests.map { Int($0.cachedTokens) } == counted)
    let share = Double(counted.reduce(0, +)) / Double(rows.reduce(0) { $0 + $1.promptTokens })
    // `trace stats` counts 0.35273: with the last block that is not whole, and with the last token.
    #expect(share > 0.3525 && share < 0.3527, "\(share)")
  }

  @Test(
    "In a pool that is too small they find what an independent LRU keeps",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no data"), arguments: [8_000, 20_000, 200_000])
  func finite(blocks: Int) throws {
    let rows = try Self.rows()
    let requests = try Self.simulated(blocks: blocks)
    var cache = CountedCache(blocks: blocks)
    #expect(requests.map { Int($0.cachedTokens) } == rows.map { cache.serve($0) })
  }
}
