import Scenarios
import Testing

@Suite("Traces that are CSV")
struct CSVTraceTests {
  @Test("Our own format is read to the nanosecond, in any order of columns")
  func simpp() throws {
    let plain = try ReadTrace(
      "arrival_s,prompt_tokens,output_tokens\n0,1,2\n0.000000001,3,4\n1.5,10000000,1\n86400,5,6\n")
    #expect(plain.faults == [])
    #expect(
      plain.triples == [
        [0, 1, 2], [1, 3, 4], [1_500_000_000, 10_000_000, 1], [86_400_000_000_000, 5, 6],
      ])
    let full = try ReadTrace(
      "session,turn,output_tokens,prompt_tokens,arrival_s,blocks_512,note\n"
        + "7,1,20,600,0.25,ff 0A1b2c3d4e5f6071,\"a, b\"\n,,1,1,3e-1,,x\n")
    #expect(full.faults == [])
    #expect(full.tokensPerBlock == 512)
    #expect(
      full.rows == [
        TraceRow(
          arrival: 250_000_000, promptTokens: 600, outputTokens: 20, session: 7, turn: 1,
          blocks: [0xff, 0x0a1b_2c3d_4e5f_6071]),
        TraceRow(arrival: 300_000_000, promptTokens: 1, outputTokens: 1),
      ])
  }

  @Test("Azure's times count from the first row, in both years' notation")
  func azure() throws {
    let first = try ReadTrace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n"
        + "2023-11-16 18:17:04.0319600,3180,8\r\n2023-11-17 00:00:00.0000001,110,27")
    #expect(first.faults == [])
    #expect(
      first.triples == [
        [0, 4_808, 10], [52_000_000, 3_180, 8], [20_576_020_040_100, 110, 27],
      ])
    let second = try ReadTrace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-28 23:59:59.5+00:00,1,1\n"
        + "2024-02-29 02:00:00+01:00,2,2\n2024-03-01 00:00:00.009930+00:00,3,3\n")
    #expect(second.triples.map { $0[0] } == [0, 3_600_500_000_000, 86_400_509_930_000])
  }

  @Test("Calls without an answer are left out and counted in Azure's and BurstGPT's traces")
  func unanswered() throws {
    let burst = try ReadTrace(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        + "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,0,1087,API log\n"
        + "118.5,GPT-4,417,276,693,Conversation log\n")
    #expect(burst.triples == [[5_000_000_000, 472, 18], [118_500_000_000, 417, 276]])
    #expect(burst.skipped == 1)
    let sessions = try ReadTrace(
      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        + "5,abc,2.5,ChatGPT,472,18,490,Conversation log\n")
    #expect(sessions.triples == [[5_000_000_000, 472, 18]])
    let azure = try ReadTrace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,4808,0\n")
    #expect(azure.rows.isEmpty && azure.skipped == 1 && azure.faults.isEmpty)
  }

  @Test("Vidur's files are read with arrivals and with lengths alone")
  func vidur() throws {
    let timed = try ReadTrace(
      "arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,10,20\n1.2e1,30,40\n")
    #expect(timed.triples == [[500_000_000, 10, 20], [12_000_000_000, 30, 40]] && timed.hasTimes)
    let lengths = try ReadTrace(
      "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54.0,3826,69.85\n")
    #expect(lengths.triples == [[0, 3_772, 54]] && !lengths.hasTimes)
  }

  @Test("CR LF, a byte order mark, blank lines and a missing last line end change nothing")
  func lineEnds() throws {
    let plain = "arrival_s,prompt_tokens,output_tokens\n0,1,2\n1,3,4\n"
    let expected: [[Int64]] = [[0, 1, 2], [1_000_000_000, 3, 4]]
    for text in [
      plain, plain.replacing("\n", with: "\r\n"), "\u{FEFF}" + plain, String(plain.dropLast()),
      plain.replacing("\n", with: "\n\n"), plain + " \n\n",
    ] {
      let read = try ReadTrace(text)
      #expect(read.triples == expected && read.faults.isEmpty)
    }
  }

  @Test("Rows are read across the ends of chunks, whatever their number")
  func chunks() throws {
    var text = "arrival_s,prompt_tokens,output_tokens\n"
    for row in 0..<60_000 { text += "\(row).\(row % 10),\(row % 5_000 + 1),\(row % 300 + 1)\n" }
    let read = try ReadTrace(text)
    #expect(read.faults.isEmpty)
    let expected = (0..<60_000).map { (row: Int64) -> [Int64] in
      let tenths: Int64 = row * 10 + row % 10
      return [tenths * 100_000_000, row % 5_000 + 1, row % 300 + 1]
    }
    #expect(read.triples == expected)
  }

  @Test(
    "The shared Azure traces have the rows and sums counted by other means",
    .enabled(if: sharedData != nil, "SIMPP_DATA_DIR names no data"))
  func sharedAzure() throws {
    let folder = (sharedData ?? "") + "/traces/azure_llm_2023/"
    // Rows and sums by awk; the last time by date(1).
    let conversations = try ReadTrace(path: folder + "AzureLLMInferenceTrace_conv.csv")
    #expect(conversations.faults == [] && conversations.skipped == 0)
    #expect(conversations.rows.count == 19_366)
    #expect(conversations.rows.reduce(0) { $0 + Int($1.promptTokens) } == 22_361_870)
    #expect(conversations.rows.reduce(0) { $0 + Int($1.outputTokens) } == 4_088_665)
    #expect(conversations.rows.last?.arrival == 3_501_721_937_000)
    let code = try ReadTrace(path: folder + "AzureLLMInferenceTrace_code.csv")
    #expect(code.faults == [] && code.rows.count == 8_819)
    #expect(code.rows.reduce(0) { $0 + Int($1.promptTokens) } == 18_059_974)
    #expect(code.rows.last?.arrival == 3_435_948_056_000)
  }
}
