import Scenarios
import Serving
import Testing

@Suite("Sizes beyond what was measured")
struct CoverageTests {
  private func notes(_ batching: String, cost: String) throws -> [String] {
    let text = Fixture.small
      .replacing(
        "{ \"name\": \"llama-3.1-70b\" }",
        with: "{ \"name\": \"llama-3.1-70b\", \"cost\": \(cost) }"
      )
      .replacing(
        "\"schedulers\":", with: "\"defaults\": { \"batching\": \(batching) }, \"schedulers\":")
    return try ScenarioDecoder().decode(text: text, fileName: "s.json").notes.map {
      $0.line(in: "s.json")
    }
  }

  @Test("Each device and size is told once, with what asks for it")
  func told() throws {
    #expect(
      try notes(
        "{ \"maxBatchedTokens\": 65536, \"maxSequences\": 4096 }",
        cost: "{ \"policy\": \"roofline\" }") == [
          "s.json:1:1: note: h100-sxm: gemm at rows 65,536 (maxBatchedTokens) is beyond 32,768, "
            + "the largest that was measured",
          "s.json:1:1: note: h100-sxm: prefillAttention at tokens 65,536 (maxBatchedTokens) is "
            + "beyond 16,384, the largest that was measured",
          "s.json:1:1: note: h100-sxm: decodeAttention at sequences 4,096 (maxSequences) is beyond "
            + "2,048, the largest that was measured",
        ])
  }

  @Test("Usual sizes are not worth a word, nor are costs that are given")
  func silent() throws {
    #expect(
      try notes("{ \"maxBatchedTokens\": 8192 }", cost: "{ \"policy\": \"roofline\" }") == [])
    #expect(
      try notes(
        "{ \"maxBatchedTokens\": 65536 }", cost: "{ \"policy\": \"constant\", \"base\": \"1ms\" }")
        == [])
  }
}
