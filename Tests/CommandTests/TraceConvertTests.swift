import Foundation
import Testing

@Suite("simpp trace convert")
struct TraceConvertTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let sessions = """
    arrival_s,prompt_tokens,output_tokens,session,turn,blocks_16
    0.000000001,40,5,7,0,a ffffffffffffffff 3
    0.25,17,5,,,
    12345.678901234,80,5,7,1,a ffffffffffffffff 3 4 5

    """

  @Test("Nanoseconds, sessions and blocks are kept; converting again gives the same bytes")
  func roundTrip() throws {
    try place.write(Self.sessions, to: "a.csv")
    let first = try place.simpp("trace", "convert", "a.csv", "b.csv")
    #expect(first.status == 0 && first.output.isEmpty)
    #expect(first.error == "wrote b.csv: 3 requests\n")
    #expect(try place.bytes("b.csv") == Data(Self.sessions.utf8))
    #expect(try place.simpp("trace", "convert", "b.csv", "-").output == Data(Self.sessions.utf8))
  }

  @Test("The input is never written over, by whatever name")
  func sameFile() throws {
    try place.write(Self.sessions, to: "a.csv")
    let outcome = try place.bash(
      #"ln -s a.csv l.csv; mkdir d; "$1" trace convert a.csv d/../l.csv"#)
    #expect(outcome.status == 73)
    #expect(outcome.error.contains("it is a.csv, which this command reads or writes itself"))
    #expect(try place.bytes("a.csv") == Data(Self.sessions.utf8))
    #expect(try place.simpp("trace", "convert", "a.csv", "none/b.csv").status == 73)
  }

  @Test(
    "Rows out of order are refused, and put in order with --sort, those of one instant as they stood"
  )
  func sorting() throws {
    let header = "arrival_s,prompt_tokens,output_tokens\n"
    try place.write(header + "3,1,1\n1,2,1\n1,3,1\n2.5,4,1\n", to: "a.csv")
    let refused = try place.simpp("trace", "convert", "a.csv", "b.csv")
    #expect(refused.status == 65)
    #expect(refused.error.hasPrefix("a.csv:3:1: ") && refused.error.contains("--sort"))
    #expect(try place.names() == ["a.csv"])
    #expect(try place.simpp("trace", "convert", "--sort", "a.csv", "b.csv").status == 0)
    #expect(
      try place.bytes("b.csv") == Data((header + "1,2,1\n1,3,1\n2.5,4,1\n3,1,1\n").utf8))
  }

  @Test("A calendar trace out of order begins with its earliest request")
  func calendar() throws {
    try place.write(
      """
      TIMESTAMP,ContextTokens,GeneratedTokens
      2023-11-16 18:00:05.5000000,10,1
      2023-11-16 18:00:01.0000001,20,2

      """, to: "a.csv")
    let outcome = try place.simpp("trace", "convert", "--sort", "a.csv", "-")
    #expect(
      outcome.text == "arrival_s,prompt_tokens,output_tokens\n0,20,2\n4.4999999,10,1\n",
      "\(outcome.error)")
  }

  @Test("A reader who has seen enough is no fault")
  func closedPipe() throws {
    let rows = (0..<20_000).map { "\($0),10,1\n" }.joined()
    try place.write("arrival_s,prompt_tokens,output_tokens\n" + rows, to: "a.csv")
    let outcome = try place.bash(
      #""$1" trace convert a.csv - | head -2; echo "${PIPESTATUS[0]}""#)
    #expect(outcome.text == "arrival_s,prompt_tokens,output_tokens\n0,10,1\n0\n")
    #expect(outcome.error == "")
  }

  @Test(
    "The Azure trace keeps its 19,366 requests to the 100 ns of its clock",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func azure() throws {
    let outcome = try place.simpp("trace", "convert", SharedData.azureConversation, "-")
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 19_367)
    // 18:15:46.6805900 and 18:15:50.9951690 are the first two rows' times of day.
    #expect(lines[1] == "0,374,44" && lines[2] == "4.314579,396,109")
  }
}
