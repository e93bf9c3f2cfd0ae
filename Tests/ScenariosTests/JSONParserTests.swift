import JSON
import Testing

@testable import Scenarios

@Suite("JSON with comments")
struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONNode {
    var parser = JSONParser(text)
    return try parser.parse()
  }

  @Test("Comments and trailing commas may stand wherever white space may")
  func comments() throws {
    let text = """
      // first
      { /* a */ "a" /* b */ : /* c */ [ 1, // one
        2, /* two */ ], // list
        "b": { }, }
      /* last */ // end
      """
    let root = try parse(text)
    #expect(root["a"]?.found == "a list of 2")
    #expect(root["b"]?.found == "an empty object")
  }

  @Test("Comment marks inside texts are text")
  func commentsInTexts() throws {
    #expect(try parse("\"a // b /* c */\"").value == .string("a // b /* c */"))
  }

  @Test("Escapes become what they stand for")
  func escapes() throws {
    let text = #""\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00 é 😀""#
    #expect(
      try parse(text).value == .string("\" \\ / \u{8} \u{c} \n \r \t \u{e9} 😀 é 😀"))
  }

  @Test("Keys keep their order, numbers their digits")
  func order() throws {
    let root = try parse("{\"b\": 1.50, \"a\": -0e+10, \"c\": 18446744073709551615}")
    guard case .object(let members) = root.value else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.key) == ["b", "a", "c"])
    #expect(
      members.map(\.value.value) == [
        .number("1.50"), .number("-0e+10"), .number("18446744073709551615"),
      ])
  }

  @Test("A byte order mark at the start is passed over")
  func byteOrderMark() throws {
    #expect(try parse("\u{feff}true").value == .boolean(true))
  }

  @Test(
    "What JSON does not allow is refused",
    arguments: [
      "", "{", "[", "[1", "[1 2]", "{\"a\"}", "{\"a\":}", "{a: 1}", "{,}", "[,]", "tru", "truey",
      "nul", "+1", ".5", "1.", "1e", "--1", "0x10", "Infinity", "\"a", "\"\n\"", "\"\t\"",
      "\"\\x\"", "\"\\u00g0\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "1 2", "{} x",
      "/", "/* ", "'a'", "[1;2]", "{\"a\" 1}", "\u{0}",
    ])
  func refused(_ text: String) {
    #expect(throws: JSONParser.SyntaxFault.self) { try parse(text) }
  }

  @Test("Nesting has a limit, so that no text can exhaust the stack")
  func depth() throws {
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try parse(deepest) }
    let deeper = String(repeating: "[", count: 100_000)
    #expect(
      faultLines(deeper) == [
        "s.json:1:65: " + String(repeating: "[0]", count: 64)
          + ": found brackets nested 65 deep, needs at most 64"
      ])
  }

  @Test("Columns count characters, not bytes")
  func columns() {
    #expect(
      faultLines("{ \"é😀\": tru }") == ["s.json:1:9: [\"é😀\"]: found tru, needs a value"])
  }

  @Test("Every key given twice is told, the first value counts")
  func duplicates() {
    let text = "{\n\"a\": 1,\n\"a\": 2,\n\"b\": {\"c\": 1, \"c\": 1}, \"a\": 3}"
    var parser = JSONParser(text)
    let root = try? parser.parse()
    #expect(root?["a"]?.value == .number("1"))
    #expect(parser.duplicates.map(\.path.description) == ["a", "b.c", "a"])
    #expect(parser.duplicates.map(\.firstOffset) == [2, 24, 2])
  }
}
