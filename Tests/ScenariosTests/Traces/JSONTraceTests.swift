import Scenarios
import Testing

@Suite("Traces that are JSON")
struct JSONTraceTests {
  @Test("Mooncake's rows keep their times, lengths and shared blocks")
  func mooncake() throws {
    let read = try ReadTrace(
      """
      {"timestamp": 0, "input_length": 1000, "output_length": 500, "hash_ids": [0, 1]}
      {"hash_ids": [0, 2], "output_length": 490, "input_length": 1024, "timestamp": 3000.5, "x": [{}]}
      {"timestamp": 3001, "input_length": 600, "output_length": 1, "hash_ids": [2, 1]}
      """)
    #expect(read.faults == [] && read.tokensPerBlock == 512)
    #expect(
      read.triples == [[0, 1_000, 500], [3_000_500_000, 1_024, 490], [3_001_000_000, 600, 1]])
    let blocks = read.rows.map(\.blocks)
    // The first two share block 0; block 1 behind another block is another one.
    #expect(blocks[0][0] == blocks[1][0] && blocks[0][1] != blocks[1][1])
    #expect(blocks[2][0] != blocks[1][1] && blocks[2][1] != blocks[0][1])
  }

  @Test(
    "Mooncake's broken rows are told with their place",
    arguments: [
      (
        #"{"timestamp": 0, "input_length": 0, "output_length": 5, "hash_ids": []}"#,
        "t.csv:1:34: found 0 input tokens, needs a whole number from 1 to 10,000,000"
      ),
      (
        #"{"timestamp": -1, "input_length": 1, "output_length": 5, "hash_ids": []}"#,
        "t.csv:1:15: found time -1, needs milliseconds from 0 to 366 days"
      ),
      (
        #"{"timestamp": 0, "input_length": 513, "output_length": 5, "hash_ids": [1, 2, 3]}"#,
        "t.csv:1:1: found 3 hash_ids for 513 input tokens, needs at most 2, one for each 512 tokens"
      ),
      (
        #"{"timestamp": 0, "input_length": "7", "output_length": 5}"#,
        "t.csv:1:34: found \"7\", needs a whole number from 1 to 10,000,000"
      ),
      (
        #"{"timestamp": 0, "input_length": 7}"#,
        "t.csv:1:1: found no \"output_length\", needs it in every row"
      ),
      (
        #"{"timestamp": 0, "input_length": 7, "outp"#,
        "t.csv:1:37: the file ends in the middle of this row: found a text that is not closed, "
          + "needs another quote"
      ),
      (
        #"{"timestamp": 0, "input_length": 7, "output_length": 5} {}"#,
        "t.csv:1:57: found {}, needs nothing behind the value"
      ),
      (
        #"{"timestamp": 5, "input_length": 7, "output_length": 5}"# + "\n"
          + #"{"timestamp": 4, "input_length": 7, "output_length": 5}"#,
        "t.csv:2:15: found time 0.004 s after 0.005 s, needs times that never decrease; "
          + "\"simpp trace convert --sort\" sorts them"
      ),
    ])
  func brokenMooncake(_ text: String, _ line: String) throws {
    #expect(try ReadTrace(text, format: .mooncake).faults == [line])
  }

  @Test("A conversation's answers become requests whose prompts are all that was said before")
  func shareGPT() throws {
    let read = try ReadTrace(
      """
      [{"id": "a", "conversations": [
          {"from": "human", "value": "12345678"}, {"from": "gpt", "value": "äöüß\\u00e9\\n\\ud83d\\ude00"},
          {"value": "1234", "from": "human"}, {"from": "gpt", "value": ""},
          {"from": "human", "value": "1"}, {"from": "gpt", "value": "12"}]},
       {"conversations": [{"from": "gpt", "value": "hello"}]},
       {"messages": [{"role": "user", "content": "12345"}, {"role": "assistant", "content": "1"}]}]
      """)
    #expect(read.faults == [] && !read.hasTimes && read.skipped == 2)
    // 8 characters; 7 answered; 8 + 7 + 4 + 0 + 1 = 20 characters; then 5 of another session.
    #expect(read.triples == [[0, 2, 2], [0, 5, 1], [0, 2, 1]])
    #expect(read.rows.map(\.session) == [0, 0, 2] && read.rows.map(\.turn) == [0, 1, 0])
  }

  @Test("A broken conversation is told with its place, and the next one is read")
  func brokenShareGPT() throws {
    let read = try ReadTrace(
      """
      [{"conversations": [{"from": "human", "value": "1"}, {"from": "gpt"}]},
       {"other": 1},
       {"conversations": [{"from": "human", "value": "1"}, {"from": "gpt", "value": "1"}]}
      """)
    #expect(
      read.faults == [
        "t.csv:1:69: found a message without \"value\", needs it",
        "t.csv:2:2: found no \"conversations\", needs it in every item",
        "t.csv:3:85: found the end of the file, needs a comma or ]",
      ])
    #expect(read.rows.count == 1)
  }

  @Test("vLLM's results give lengths and, where they are kept, start times")
  func vllmResults() throws {
    let plain = try ReadTrace(
      #"{"num_prompts": 3, "itls": [[0.1], [], [NaN]], "input_lens": [10, 20, 30], "#
        + #""output_lens": [1, 0, 3], "generated_texts": ["a]", "\"}", ""]}"#)
    #expect(plain.faults == [] && !plain.hasTimes && plain.skipped == 1)
    #expect(plain.triples == [[0, 10, 1], [0, 30, 3]])
    let timed = try ReadTrace(
      """
      {"start_times": [1748522123.25, 1748522124.5], "output_lens": [7, 8],
       "input_lens": [5, 6]}
      """)
    #expect(timed.faults == [] && timed.hasTimes)
    #expect(timed.triples == [[0, 5, 7], [1_250_000_000, 6, 8]])
  }

  @Test("vLLM's results without detail, and lists that do not match, are told")
  func brokenVLLM() throws {
    #expect(
      try ReadTrace(#"{"num_prompts": 3}"#, format: .vllm).faults == [
        "t.csv: found no lists \"input_lens\" and \"output_lens\", needs a vLLM benchmark's result "
          + "saved with --save-detailed"
      ])
    #expect(
      try ReadTrace(#"{"input_lens": [1, 2], "output_lens": [1]}"#).faults == [
        "t.csv: found lists of different lengths, input_lens and output_lens, needs an entry of "
          + "each for every request"
      ])
    #expect(
      try ReadTrace(#"{"input_lens": [1, x], "output_lens": [1, 2]}"#).faults == [
        "t.csv:1:20: found x, needs a whole number from 0 to 10,000,000"
      ])
  }

  @Test("vLLM's custom data give a prompt's estimated length and the output's")
  func vllmData() throws {
    let read = try ReadTrace(
      #"{"prompt": "What is the capital of India?", "output_tokens": 10}"# + "\n"
        + #"{"prompt": "", "output_tokens": 1}"# + "\n" + #"{"prompt": "no length"}"#)
    #expect(read.triples == [[0, 8, 10], [0, 1, 1]] && !read.hasTimes)
    #expect(read.faults == ["t.csv:3:1: found no \"output_tokens\", needs it in every row"])
  }

  @Test("Large values are taken across the ends of chunks")
  func large() throws {
    let filler = String(repeating: "x", count: 300_000)
    var text = "["
    for index in 0..<5 {
      if index > 0 { text += ",\n" }
      text += #"{"pad": "\#(filler)", "conversations": [{"from": "human", "value": "\#(filler)"},"#
      text += #"{"from": "gpt", "value": "1234"}]}"#
    }
    let read = try ReadTrace(text + "]")
    #expect(read.faults == [])
    #expect(read.triples == Array(repeating: [0, 75_000, 1], count: 5))
  }

  @Test("Objects of no known format are told")
  func unknown() throws {
    #expect(
      try ReadTrace(#"{"a": 1}"#).faults == [
        "t.csv:1:1: found an object without \"input_length\" (mooncake), \"prompt\" or "
          + "\"input_lens\" (vllm), needs one of them"
      ])
  }

  @Test(
    "The shared Mooncake slice has the rows, sums and blocks counted by other means",
    .enabled(if: sharedData != nil, "SIMPP_DATA_DIR names no data"))
  func sharedMooncake() throws {
    let path = (sharedData ?? "") + "/traces/mooncake_fast25/conversation_trace.first6000.jsonl"
    let read = try ReadTrace(path: path)
    // Counted with Python's json module.
    #expect(read.faults == [] && read.rows.count == 6_000)
    #expect(read.rows.reduce(0) { $0 + Int($1.promptTokens) } == 76_643_649)
    #expect(read.rows.reduce(0) { $0 + Int($1.outputTokens) } == 2_081_764)
    #expect(read.rows.last?.arrival == 1_872_000_000_000)
    #expect(Set(read.rows.flatMap(\.blocks)).count == 99_716)
  }
}
