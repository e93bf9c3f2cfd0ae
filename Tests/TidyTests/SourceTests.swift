import Foundation
import Testing

@Suite("The source keeps its own rules")
struct SourceTests {
  static let sources = Repository.files(in: "Sources", ending: ".swift")
  static let pureLayers = [
    "EventKernel", "JSON", "Hardware", "Inference", "Network", "Workload", "Serving",
  ]

  @Test("There is source to check")
  func sourcesExist() { #expect(Self.sources.count > 100) }

  @Test("No file is longer than 400 lines")
  func sizes() throws {
    for path in Self.sources + Repository.files(in: "Tests", ending: ".swift") {
      let lines = try Repository.lines(path)
      #expect(lines.count <= 401, "\(path) has \(lines.count) lines")
    }
  }

  @Test("No function is longer than 60 lines")
  func functions() throws {
    for path in Self.sources {
      for (name, length) in try Self.functionLengths(path) where length > 60 {
        Issue.record("\(path): \(name) has \(length) lines")
      }
    }
  }

  /// Functions and initialisers by brace matching on indentation: the formatter guarantees that a
  /// declaration's closing brace stands under its first letter.
  private static func functionLengths(_ path: String) throws -> [(String, Int)] {
    let lines = try Repository.lines(path)
    var found: [(String, Int)] = []
    for (start, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }
      let words = line.dropFirst(indent.count)
      guard words.contains("func ") || words.hasPrefix("init") || words.contains(" init(") else {
        continue
      }
      guard !words.hasPrefix("//") else { continue }
      let closing = indent + "}"
      // What a protocol requires has no body: the protocol ends first.
      guard !words.hasSuffix("}"),
        let end = lines[(start + 1)...].firstIndex(where: {
          $0 == closing || !$0.isEmpty && !$0.hasPrefix(indent)
        }),
        lines[end] == closing
      else { continue }
      found.append((String(words.prefix(40)), end - start + 1))
    }
    return found
  }

  @Test("Below Scenarios there is no Foundation, no C library, no clock, no file and no printing")
  func purity() throws {
    let banned = [
      "import Foundation", "import Glibc", "import Dispatch", "import Darwin", "print(",
      "Date(", "Date.now", "exit(", "FileManager", "async ", "await ", "Task {",
    ]
    for layer in Self.pureLayers {
      for path in Repository.files(in: "Sources/" + layer, ending: ".swift") {
        for line in try Repository.lines(path) {
          let code = line.trimmingCharacters(in: .whitespaces)
          guard !code.hasPrefix("//") else { continue }
          for word in banned where code.contains(word) {
            Issue.record("\(path): '\(word)' in '\(code)'")
          }
        }
      }
    }
  }

  @Test("Only one target imports each library")
  func libraries() throws {
    for (library, layer) in [
      ("GRDB", "Results"), ("ArgumentParser", "Command"), ("Yams", "Scenarios"),
    ] {
      var importers: Set<String> = []
      for path in Self.sources {
        let imports = try Repository.lines(path).filter { $0.hasSuffix("import " + library) }
        if !imports.isEmpty { importers.insert(String(path.split(separator: "/")[1])) }
      }
      #expect(importers == [layer], "\(library) is imported by \(importers.sorted())")
    }
  }

  @Test("Nothing is left undone in so many words, and 'package' access is not used")
  func words() throws {
    let undone = ["TO" + "DO", "FIX" + "ME", "unimple" + "mented"]
    for path in Self.sources {
      for line in try Repository.lines(path) {
        for word in undone where line.contains(word) { Issue.record("\(path): \(line)") }
        let code = line.trimmingCharacters(in: .whitespaces)
        for keyword in ["func", "var", "let", "struct", "init", "enum"]
        where code.hasPrefix("package \(keyword)") {
          Issue.record("\(path): \(code)")
        }
      }
    }
  }
}
