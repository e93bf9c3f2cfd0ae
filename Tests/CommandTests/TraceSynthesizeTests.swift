import Foundation
import Testing

@Suite("simpp trace synthesize")
struct TraceSynthesizeTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// A trace of ten minutes: twice the rate in the second half, prompts of 100 to 499 tokens.
  private func makeTrace() throws {
    var text = "arrival_s,prompt_tokens,output_tokens\n"
    var time = 0.0
    for index in 0..<900 {
      time += (index < 300 ? 1.0 : 0.5) * (0.5 + Double(index * 7_919 % 101) / 101)
      text += "\(time),\(100 + index * 104_729 % 400),\(1 + index * 31 % 90)\n"
    }
    try place.write(text, to: "made.csv")
  }

  @Test("The same trace, options and seed give the same bytes; another seed gives others")
  func deterministic() throws {
    try makeTrace()
    let synthesize = { (name: String, seed: String) in
      try place.simpp("trace", "synthesize", "made.csv", "-o", name, "--seed", seed)
    }
    let first = try synthesize("a.csv", "5")
    #expect(first.status == 0 && first.error == "", "\(first.error)")
    #expect(try synthesize("b.csv", "5").output == first.output)
    #expect(try place.bytes("a.csv") == place.bytes("b.csv"))
    #expect(try synthesize("c.csv", "6").status == 0)
    #expect(try place.bytes("a.csv") != place.bytes("c.csv"))
    #expect(first.text.contains("to the original") && first.text.contains("between its halves"))
    #expect(
      try String(decoding: place.bytes("a.csv"), as: UTF8.self).split(separator: "\n").count == 901)
  }

  @Test("--requests and --duration bound the trace; - writes it, and the report goes beside")
  func bounds() throws {
    try makeTrace()
    let few = try place.simpp(
      "trace", "synthesize", "made.csv", "-o", "-", "--requests", "12")
    #expect(few.lines.count == 13 && few.lines[0] == "arrival_s,prompt_tokens,output_tokens")
    #expect(few.error.contains("to the original"))
    let short = try place.simpp(
      "trace", "synthesize", "made.csv", "-o", "-", "--duration", "30s")
    let times = short.lines.dropFirst().compactMap { Double($0.prefix { $0 != "," }) }
    #expect(times.count > 10 && times.count < 100 && times.allSatisfy { $0 < 30 })
    let long = try place.simpp(
      "trace", "synthesize", "made.csv", "-o", "-", "--requests", "3000", "--json")
    #expect(long.lines.count == 3_001)
    #expect(long.error.hasPrefix("{"))
  }

  @Test("Traces that cannot be fitted say why")
  func unfit() throws {
    try place.write("arrival_s,prompt_tokens,output_tokens\n1,5,1\n1,6,1\n", to: "one.csv")
    let outcome = try place.simpp("trace", "synthesize", "one.csv", "-o", "b.csv")
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("all requests arrive at one instant"))
    try place.write("num_prefill_tokens,num_decode_tokens\n5,1\n6,1\n", to: "lengths.csv")
    let lengths = try place.simpp("trace", "synthesize", "lengths.csv", "-o", "b.csv")
    #expect(lengths.status == 65)
    #expect(lengths.error.contains("has lengths but no arrival times"))
    #expect(try place.simpp("trace", "synthesize", "one.csv", "-o", "one.csv").status == 65)
    #expect(try place.names() == ["lengths.csv", "one.csv"])
  }

  @Test("The trace that is fitted is not written over")
  func sameFile() throws {
    try makeTrace()
    let before = try place.bytes("made.csv")
    #expect(try place.simpp("trace", "synthesize", "made.csv", "-o", "made.csv").status == 73)
    #expect(try place.bytes("made.csv") == before)
  }

  @Test(
    "Of the Azure conversation trace, gaps and lengths are closer than the trace's own halves",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func azure() throws {
    let outcome = try place.simpp(
      "trace", "synthesize", SharedData.azureConversation, "-o", "a.csv", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let distance = try #require(object["distance"] as? [String: [String: Double]])
    let synthetic = try #require(distance["toOriginal"])
    let halves = try #require(distance["betweenHalves"])
    #expect(synthetic.count == 8)
    for (name, value) in synthetic { #expect(value <= halves[name] ?? 0, "\(name)") }
    // The 1 % point of the distance of two samples of 19,366 of one law.
    for name in ["promptKS", "outputKS", "gapKS"] { #expect(synthetic[name] ?? 1 < 0.0166) }
  }

  @Test("--spec prints workloads that a scenario takes as they are")
  func specification() throws {
    try makeTrace()
    let spec = try place.simpp("trace", "synthesize", "made.csv", "--spec")
    #expect(spec.status == 0 && spec.text.hasPrefix("// Fitted to made.csv. "), "\(spec.error)")
    let scenario = try String(contentsOfFile: Program.scenario("azure-conv-like"), encoding: .utf8)
    let begin = try #require(scenario.range(of: "  \"workloads\": ["))
    let end = try #require(scenario.range(of: "  \"defaults\": {"))
    let open = try #require(spec.text.range(of: "  \"workloads\": ["))
    let block = spec.text[open.lowerBound...].dropLast(2)
    try place.write(
      scenario[..<begin.lowerBound] + block + ",\n" + scenario[end.lowerBound...], to: "s.json")
    let outcome = try place.simpp("validate", "s.json")
    #expect(outcome.status == 0, "\(outcome.error)")
  }
}
