import Foundation
import Scenarios
import Testing

/// A trace that is wrong, and what must be said about it.
struct TraceFaultCase: Sendable, CustomTestStringConvertible {
  var format: TraceFormat?
  var text: String
  var lines: String

  init(_ format: TraceFormat?, _ text: String, _ lines: String) {
    self.format = format
    self.text = text
    self.lines = lines
  }

  /// A row of our own format, below its header.
  init(row: String, _ lines: String) {
    self.init(nil, "arrival_s,prompt_tokens,output_tokens\n" + row, lines)
  }

  var testDescription: String { String(lines.prefix(80)) }
}

@Suite("Messages about faults of traces")
struct TraceFaultTests {
  static let rows: [TraceFaultCase] = [
    TraceFaultCase(
      row: "0,-3,1\n",
      "t.csv:2:3: found -3 prompt tokens, no length is negative, "
        + "needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,1,0\n",
      "t.csv:2:5: found 0 output tokens, needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,10000001,1\n",
      "t.csv:2:3: found 10000001 prompt tokens, more than any request has, "
        + "needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,1,99999999999999999999999\n",
      "t.csv:2:5: found 99999999999999999999999 output tokens, more than any request has, "
        + "needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,many,1\n",
      "t.csv:2:3: found \"many\" as prompt tokens, needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,1.5,1\n",
      "t.csv:2:3: found \"1.5\" as prompt tokens, needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "0,,1\n",
      "t.csv:2:3: found nothing as prompt tokens, needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      row: "-1,1,1\n", "t.csv:2:1: found time -1 s, needs seconds from 0 to 31,622,400"),
    TraceFaultCase(
      row: "1e300,1,1\n", "t.csv:2:1: found time 1e300 s, needs seconds from 0 to 31,622,400"),
    TraceFaultCase(
      row: "nan,1,1\n", "t.csv:2:1: found \"nan\" as time, needs seconds from 0 to 31,622,400"),
    TraceFaultCase(
      row: "2.5,1,1\n2.25,1,1\n3,1,1\n",
      "t.csv:3:1: found time 2.25 s after 2.5 s, needs times that never decrease; "
        + "\"simpp trace convert --sort\" sorts them"),
    TraceFaultCase(
      row: "0,1\n",
      "t.csv:2:4: found 2 fields, needs 3 (arrival_s,prompt_tokens,output_tokens)"),
    TraceFaultCase(
      row: "0,1,1,7,8\n",
      "t.csv:2:7: found 5 fields, needs 3 (arrival_s,prompt_tokens,output_tokens)"),
    TraceFaultCase(
      row: "0,1,1\n1",
      "t.csv:3:2: the file ends in the middle of this row: found 1 field, needs 3 "
        + "(arrival_s,prompt_tokens,output_tokens)"),
    TraceFaultCase(
      row: "0,\"1,1\n",
      "t.csv:2:3: found a quote that is not closed, needs another in the same line"),
    TraceFaultCase(
      row: "0,\"1\"2,1\n",
      "t.csv:2:6: found text behind a closing quote, needs a comma or the line's end"),
    TraceFaultCase(
      row: "0,1,1\r1,1,1\n",
      "t.csv:2:6: found a carriage return alone, needs lines that end in LF or CR LF"),
    TraceFaultCase(
      row: "0,1\u{0},1\n", "t.csv:2:4: found control character 0, needs text"),
    TraceFaultCase(
      row: "0,é,1\n0,x,1\n",
      "t.csv:2:3: found \"é\" as prompt tokens, needs a whole number from 1 to 10,000,000\n"
        + "t.csv:3:3: found \"x\" as prompt tokens, needs a whole number from 1 to 10,000,000"),
    TraceFaultCase(
      .azure, "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-02-29 00:00:00,1,1\n",
      "t.csv:2:1: found \"2023-02-29 00:00:00\", needs a time such as 2023-11-16 18:17:03.97996"),
    TraceFaultCase(
      nil,
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.98,1,1\n"
        + "2023-11-16 18:17:03.97996,1,1\n",
      "t.csv:3:1: found time 2023-11-16 18:17:03.97996 after 2023-11-16 18:17:03.98, needs times "
        + "that never decrease; \"simpp trace convert --sort\" sorts them"),
    TraceFaultCase(
      .azure,
      "TIMESTAMP,ContextTokens,GeneratedTokens\n1970-01-01 00:00:00,1,1\n"
        + "2199-12-31 23:59:59.999999999,1,1\n1971-01-02 00:00:00,1,1\n"
        + "1971-01-02 00:00:00.000000001,1,1\n",
      "t.csv:3:1: found time 2199-12-31 23:59:59.999999999, needs a time at most 366d after the "
        + "first row's\n"
        + "t.csv:5:1: found time 1971-01-02 00:00:00.000000001, needs a time at most 366d after the "
        + "first row's"),
    TraceFaultCase(
      .vllm,
      #"{"input_lens":[1,1,1],"output_lens":[1,1,1],"start_times":[0.5,9e9,31622400.5]}"#,
      "t.csv:1:64: found time 8999999999.5 s since the first request, needs a time at most 366d "
        + "after the first row's"),
    TraceFaultCase(
      .simpp, "arrival_s,prompt_tokens,output_tokens,session,blocks_16\n0,1,1,-1,\n0,1,1,1,xyz\n",
      "t.csv:2:7: found \"-1\" as session, needs a whole number from 0 to "
        + "9,223,372,036,854,775,807 or nothing\n"
        + "t.csv:3:9: found \"xyz\" as blocks, needs hashes of 1 to 16 hexadecimal digits, "
        + "blanks between them"),
  ]

  private static let deep = String(repeating: "[", count: 1_000_000)

  static let nested: [TraceFaultCase] = [
    TraceFaultCase(
      .mooncake, #"{"x":"# + deep + "\n",
      "t.csv:1:69: found brackets nested 65 deep, needs at most 64"),
    TraceFaultCase(
      .vllm, #"{"prompt":"a","x":"# + deep + "\n",
      "t.csv:1:82: found brackets nested 65 deep, needs at most 64"),
    TraceFaultCase(
      .mooncake, #"{"x":"# + String(repeating: #"{"y":"#, count: 100_000) + "\n",
      "t.csv:1:321: found brackets nested 65 deep, needs at most 64"),
    TraceFaultCase(
      .sharegpt,
      #"[{"conversations":[{"x":"# + deep + String(repeating: "]", count: 1_000_000) + "}]}]",
      "t.csv:1:86: found brackets nested 65 deep, needs at most 64"),
  ]

  @Test("Brackets nested without end are told, not followed", arguments: nested)
  func deep(_ fault: TraceFaultCase) throws {
    #expect(try ReadTrace(fault.text, format: fault.format).faults == [fault.lines])
  }

  @Test("Brackets nested as deep as a scenario's may be are passed over")
  func deepEnough() throws {
    let value = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
    let row = #"{"x":\#(value),"y":[\#(value.dropFirst().dropLast())],"timestamp":0,"#
    let read = try ReadTrace(
      row + #""input_length":3,"output_length":4}"# + "\n", format: .mooncake)
    #expect(read.faults == [] && read.triples == [[0, 3, 4]])
  }

  static let files: [TraceFaultCase] = [
    TraceFaultCase(nil, "", "t.csv: is empty, needs a trace"),
    TraceFaultCase(
      nil, "2023-11-16 18:17:03.9799600,4808,10\n",
      "t.csv:1:1: found the columns 2023-11-16 18:17:03.9799600,4808,10, needs a header such as "
        + "arrival_s,prompt_tokens,output_tokens (simpp), "
        + "TIMESTAMP,ContextTokens,GeneratedTokens (azure), "
        + "Timestamp,Request tokens,Response tokens (burstgpt), "
        + "num_prefill_tokens,num_decode_tokens (vidur)"),
    TraceFaultCase(
      .azure, "TIMESTAMP,ContextTokens\n1,2\n",
      "t.csv:1:1: found the columns TIMESTAMP,ContextTokens, needs the header "
        + "TIMESTAMP,ContextTokens,GeneratedTokens of the format azure; missing: GeneratedTokens"),
    TraceFaultCase(
      .simpp, "arrival_s,prompt_tokens,output_tokens,arrival_s\n",
      "t.csv:1:1: found the column arrival_s twice, needs it once"),
  ]

  @Test(
    "A broken row is told with its place, what was found and what would be right",
    arguments: rows)
  func row(_ fault: TraceFaultCase) throws {
    let read = try ReadTrace(fault.text, format: fault.format)
    #expect(read.faults.joined(separator: "\n") == fault.lines)
  }

  @Test("A file that is no trace is told as such", arguments: files)
  func file(_ fault: TraceFaultCase) throws {
    let read = try ReadTrace(fault.text, format: fault.format)
    #expect(read.faults.joined(separator: "\n") == fault.lines)
    #expect(read.rows.isEmpty)
  }

  @Test(
    "Compressed files and UTF-16 are told by their first bytes",
    arguments: [
      ([0x1F, 0x8B, 8, 0], "is gzip-compressed; decompress it first"),
      ([0x28, 0xB5, 0x2F, 0xFD, 4], "is zstd-compressed; decompress it first"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "is xz-compressed; decompress it first"),
      ([0x50, 0x4B, 3, 4], "is zip-compressed; decompress it first"),
      ([0x42, 0x5A, 0x68, 0x39], "is bzip2-compressed; decompress it first"),
      ([0xFF, 0xFE, 0x61, 0], "is UTF-16 text, needs UTF-8; convert it first"),
      ([0xFE, 0xFF, 0, 0x61], "is UTF-16 text, needs UTF-8; convert it first"),
    ] as [([UInt8], String)])
  func firstBytes(_ bytes: [UInt8], _ message: String) throws {
    #expect(try ReadTrace(bytes).faults == ["t.csv: " + message])
  }

  @Test("Bytes that are no UTF-8 are told with their place")
  func brokenText() throws {
    let bytes =
      Array("arrival_s,prompt_tokens,output_tokens,note\n0,1,1,aé".utf8) + [0xFF, 0x0A]
    #expect(
      try ReadTrace(bytes).faults == [
        "t.csv:2:9: found byte 0xFF, which is no UTF-8, needs UTF-8 text"
      ])
  }

  @Test("A missing file and a folder are told apart, and are not the content's fault")
  func noFile() throws {
    let folder = try TraceFolder()
    let missing = #expect(throws: TraceFault.self) {
      try TraceFile.open(path: folder.path + "/none.csv")
    }
    #expect(missing?.description == "none.csv: no such file" && missing?.kind == .noInput)
    let directory = #expect(throws: TraceFault.self) { try TraceFile.open(path: folder.path) }
    #expect(
      directory?.problem.hasPrefix("is a folder without files chunk-N-trace.csv") == true
        && directory?.kind == .noInput)
    let device = #expect(throws: TraceFault.self) { try TraceFile.open(path: "/dev/null") }
    #expect(
      device?.description
        == "null: found a pipe or a device, needs a file, which can be read more than once"
        && device?.kind == .noInput)
  }

  @Test("A message holds no control characters of a file that is no text")
  func controlCharacters() throws {
    let folder = try TraceFolder()
    let path = folder.path + "/t.csv"
    try Data("\u{1B}[31mboo,x\n1,2\n".utf8).write(to: URL(filePath: path))
    let fault = #expect(throws: TraceFault.self) { try TraceFile.open(path: path) }
    #expect(fault?.problem.hasPrefix("found the columns \u{FFFD}[31mboo,x, needs") == true)
  }

  @Test("A line longer than the limit ends the reading with a message")
  func longLine() throws {
    let bytes =
      Array("arrival_s,prompt_tokens,output_tokens\n0,1,1\n".utf8)
      + [UInt8](repeating: 0x31, count: 17 << 20)
    let read = try ReadTrace(bytes)
    #expect(read.rows.count == 1)
    #expect(
      read.faults == [
        "t.csv:3:1: found a line of more than 16,777,216 bytes, needs shorter lines"
      ])
  }

  @Test("Reading goes on behind a broken row")
  func goesOn() throws {
    let read = try ReadTrace(
      "arrival_s,prompt_tokens,output_tokens\n0,1,1\nx,2,2\n1,3,3\n0.5,4,4\n1,5,5\n")
    #expect(read.faults.count == 2)
    #expect(read.rows.map(\.promptTokens) == [1, 3, 5])
  }
}
