import Foundation
import Testing

@Suite("simpp trace stats")
struct TraceStatsTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// The object that `--json` prints.
  private func json(_ arguments: String...) throws -> [String: Any] {
    let outcome = try place.simpp(["trace", "stats", "--json"] + arguments)
    try #require(outcome.status == 0, "\(outcome.error)")
    return try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  private func figure(_ object: [String: Any], _ keys: String...) throws -> Double {
    var value: Any? = object
    for key in keys { value = (value as? [String: Any])?[key] }
    return try #require(value as? Double, "\(keys)")
  }

  @Test("The same trace gives the same bytes; nothing goes to standard error")
  func deterministic() throws {
    try place.write("arrival_s,prompt_tokens,output_tokens\n0,5,1\n2.5,7,9\n2.5,7,9\n", to: "t.csv")
    let outcome = try place.simpp("trace", "stats", "t.csv", "--window", "1s")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(outcome.text.hasPrefix("t.csv (simpp)\n3 requests in 2.50 s, 0.800 per second\n"))
    #expect(try place.simpp("trace", "stats", "t.csv", "--window", "1s").output == outcome.output)
    #expect(try place.names() == ["t.csv"])
  }

  @Test("A broken row is told with file, line and column, status 65")
  func brokenRow() throws {
    try place.write("arrival_s,prompt_tokens,output_tokens\n0,5,1\n1,7,x\n", to: "t.csv")
    for command in [["stats", "t.csv"], ["convert", "t.csv", "u.csv"]] {
      let outcome = try place.simpp(["trace"] + command)
      #expect(outcome.status == 65)
      #expect(outcome.error.hasPrefix("t.csv:3:5: "), "\(outcome.error)")
      #expect(outcome.output.isEmpty)
    }
    #expect(try place.names() == ["t.csv"])
  }

  @Test("A missing file is status 66, one without a request 65")
  func noRequests() throws {
    #expect(try place.simpp("trace", "stats", "none.csv").status == 66)
    try place.write("arrival_s,prompt_tokens,output_tokens\n", to: "t.csv")
    let outcome = try place.simpp("trace", "stats", "t.csv")
    #expect(outcome.status == 65)
    #expect(outcome.error == "t.csv: found no request, needs at least one\n")
  }

  @Test(
    "The Azure traces have the figures that their readers publish",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func azure() throws {
    let conversation = try json(SharedData.azureConversation)
    #expect(try figure(conversation, "requests") == 19_366)
    #expect(try figure(conversation, "arrivals", "spanSeconds").rounded() == 3_502)
    #expect((try figure(conversation, "arrivals", "requestsPerSecond") - 5.53).magnitude < 0.005)
    #expect((try figure(conversation, "arrivals", "gapSeconds", "cv") - 1.09).magnitude < 0.005)
    #expect(try figure(conversation, "promptTokens", "mean").rounded() == 1_155)
    #expect(try figure(conversation, "promptTokens", "p50") == 1_020)
    #expect(try figure(conversation, "promptTokens", "max") == 14_050)
    #expect(try figure(conversation, "outputTokens", "mean").rounded() == 211)
    #expect(try figure(conversation, "outputTokens", "p50") == 129)
    #expect(try figure(conversation, "outputTokens", "max") == 1_000)
    let code = try json(SharedData.azureCode)
    #expect(try figure(code, "requests") == 8_819)
    #expect((try figure(code, "arrivals", "requestsPerSecond") - 2.57).magnitude < 0.005)
    #expect((try figure(code, "arrivals", "gapSeconds", "cv") - 13.2).magnitude < 0.05)
    #expect(try figure(code, "promptTokens", "mean").rounded() == 2_048)
    #expect(try figure(code, "promptTokens", "p50") == 1_469)
    #expect(try figure(code, "promptTokens", "max") == 7_437)
    #expect(try figure(code, "outputTokens", "mean").rounded() == 28)
    #expect(try figure(code, "outputTokens", "p50") == 13)
  }

  @Test(
    "Prefix sharing of the Mooncake slice equals an independent count",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func mooncake() throws {
    var seen: Set<Int> = []
    var (prompts, cached, outputs, hits) = (0, 0, 0, 0)
    for line in try String(contentsOfFile: SharedData.mooncake, encoding: .utf8).split(
      separator: "\n")
    {
      let row = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let length = try #require(row["input_length"] as? Int)
      let hashes = try #require(row["hash_ids"] as? [Int])
      var shared = 0
      while shared < hashes.count, seen.contains(hashes[shared]) { shared += 1 }
      prompts += length
      cached += min(512 * shared, length)
      outputs += try #require(row["output_length"] as? Int)
      hits += shared > 0 ? 1 : 0
      seen.formUnion(hashes)
    }
    let found = try json(SharedData.mooncake)
    #expect(try figure(found, "requests") == 6_000)
    #expect(try figure(found, "prefix", "promptTokens") == Double(prompts))
    #expect(try figure(found, "prefix", "cachedTokens") == Double(cached))
    #expect(try figure(found, "prefix", "uniqueBlocks") == Double(seen.count))
    #expect(try figure(found, "prefix", "requestsWithHit") == Double(hits))
    #expect(try figure(found, "outputTokens", "total") == Double(outputs))
    #expect(try figure(found, "promptTokens", "mean").rounded() == 12_774)
    #expect(try figure(found, "outputTokens", "p50") == 356)
  }

  @Test(
    "A trace of lengths alone has no arrivals",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func lengthsOnly() throws {
    let found = try json(SharedData.vidurLengths)
    #expect(try figure(found, "requests") == 10_000)
    #expect(found["arrivals"] is NSNull)
    let outcome = try place.simpp("trace", "convert", SharedData.vidurLengths, "t.csv")
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("has lengths but no arrival times"))
  }

  @Test(
    "A folder of ServeGen data is drawn from; clients without lengths are named",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func serveGen() throws {
    let outcome = try place.simpp(
      "trace", "stats", SharedData.serveGen, "--to", "10m", "--limit", "5000", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("their lengths are not there: chunk-38"))
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    #expect(object["requests"] as? Int == 5_000 && object["format"] as? String == "servegen")
    let refused = try place.simpp("trace", "stats", SharedData.serveGen, "--loop", "2")
    #expect(refused.status == 64)
    #expect(refused.error.contains("--from, --to, --limit and --rate-scale"))
  }

  @Test("A folder's format may be named, but no other than its own")
  func folderFormat() throws {
    try place.writeClients(to: "clients")
    let told = try place.simpp("trace", "stats", "clients")
    #expect(told.status == 0 && told.text.hasPrefix("clients (servegen)\n220 requests in "))
    let named = try place.simpp("trace", "stats", "clients", "--format", "servegen")
    #expect(named.status == 0 && named.output == told.output)
    let refused = try place.simpp("trace", "stats", "clients", "--format", "azure")
    #expect(refused.status == 64)
    #expect(refused.error.contains("--format azure is a file's format, and clients is a folder"))
    try place.write("arrival_s,prompt_tokens,output_tokens\n0,5,1\n", to: "t.csv")
    #expect(try place.simpp("trace", "stats", "t.csv", "--format", "servegen").status == 66)
    let sorted = try place.simpp("trace", "convert", "--sort", "clients", "u.csv")
    #expect(sorted.status == 64)
  }

  @Test("What comes later than a trace may last is told with its option, and nothing is written")
  func tooLate() throws {
    try place.writeClients(to: "clients")
    try place.write("arrival_s,prompt_tokens,output_tokens\n0,5,1\n20000,7,9\n", to: "t.csv")
    for (file, name) in [("clients", "clients"), ("t.csv", "t.csv")] {
      for command in [["stats", file], ["convert", file, "u.csv"]] {
        let outcome = try place.simpp(["trace"] + command + ["--rate-scale", "0.000001"])
        #expect(outcome.status == 65)
        #expect(
          outcome.error == """
            \(name): found requests that would arrive later than 366d, needs a greater --rate-scale \
            or an earlier --to

            """)
      }
    }
    #expect(try place.names() == ["clients", "t.csv"])
  }
}

extension Workplace {
  /// Writes a folder of ServeGen data: one client with 20 requests, then 200.
  func writeClients(to folder: String) throws {
    try FileManager.default.createDirectory(
      atPath: file(folder), withIntermediateDirectories: true)
    try write("0,0.001,1,,0,0\n20000,0.01,1,,0,0\n", to: folder + "/chunk-1-trace.csv")
    try write(
      #"{"0": {"input_tokens": "{5: 1}", "output_tokens": "{7: 1}"}}"#,
      to: folder + "/chunk-1-dataset.json")
  }
}
