import Foundation
import Serving
import Testing

@Suite("The documents keep step with the code")
struct DocumentTests {
  static let documents =
    Repository.files(in: "docs", ending: ".md") + ["README.md", "CHANGELOG.md"]

  @Test("Every policy is listed, has a file of its own, and stands in docs/policies.md")
  func policies() throws {
    let document = try Repository.text("docs/policies.md")
    var listed: Set<String> = []
    for kind in PolicyCatalogue.builtIn.kinds {
      for policy in kind.policies {
        listed.insert("\(policy)")
        #expect(document.contains("`\(policy.name)`"), "\(policy.name) is not in docs/policies.md")
        #expect(!policy.summary.isEmpty && !policy.source.isEmpty)
      }
    }
    for path in Repository.files(in: "Sources/Serving/Policies", ending: ".swift") {
      let file = String(path.split(separator: "/").last?.dropLast(6) ?? "")
      let declares = try Repository.lines(path).contains { line in
        line.hasPrefix("public struct \(file): ") && line.contains("Policy")
          && !line.contains("PolicyCatalogue")
      }
      if declares { #expect(listed.contains(file), "\(file) is in no list") }
    }
    #expect(listed.count >= 10)
  }

  @Test("Every link between documents leads to a file")
  func links() throws {
    let pattern = /\]\(([^)#:]+)(#[^)]*)?\)/
    for path in Self.documents {
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      for match in try Repository.text(path).matches(of: pattern) {
        let target = Repository.root.appending(path: folder).appending(path: String(match.1))
        #expect(
          FileManager.default.fileExists(atPath: target.path()), "\(path) links to \(match.1)")
      }
    }
  }

  @Test("Every label and every word of the glossary's types exists in the code")
  func glossary() throws {
    let document = try Repository.text("docs/results.md")
    for label in LatencyLabel.allCases {
      #expect(document.contains(label.name), "\(label.name) is not in docs/results.md")
    }
    let sources = try Repository.files(in: "Sources", ending: ".swift").map(Repository.text)
    for match in try Repository.text("docs/glossary.md").matches(of: /\(`([A-Z][A-Za-z]+)/) {
      let name = String(match.1)
      #expect(
        sources.contains { $0.contains("struct \(name)") || $0.contains("enum \(name)") },
        "\(name) is in the glossary and not in the code")
    }
  }

  @Test("The glossary has its words in order, each once")
  func glossaryOrder() throws {
    let words = try Repository.lines("docs/glossary.md").compactMap { line in
      line.firstMatch(of: /^\| ([^|`]+) \| .* \|$/).map { String($0.1).lowercased() }
    }.filter { $0 != "word" }
    #expect(words.count > 90)
    #expect(words == Set(words).sorted())
    for word in ["clause", "peer", "phase", "rung", "tier", "wake"] {
      #expect(words.contains(word), "\(word)")
    }
  }

  @Test("docs/events.md says of every kind of event what its comment says")
  func events() throws {
    var meanings: [String: String] = [:]
    var comment: [String] = []
    for line in try Repository.lines("Sources/Serving/Records/EventLog.swift") {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("/// ") {
        comment.append(String(text.dropFirst(4)))
      } else {
        if text.hasPrefix("case ") {
          meanings[String(text.dropFirst(5))] = comment.joined(separator: " ")
        }
        comment = []
      }
    }
    let rows = try Repository.lines("docs/events.md").filter {
      $0.contains(/^\| `[a-zA-Z]+` \| .* \|$/)
    }
    #expect(
      rows == LoggedKind.allCases.map { "| `\($0.name)` | \(meanings[$0.name] ?? "?") |" })
    let kinds = ClusterLinkKind.allCases.map { "\($0.rawValue) `\($0)`" }.joined(separator: ", ")
    let words = try Repository.text("docs/events.md").split(whereSeparator: \.isWhitespace)
    #expect(words.joined(separator: " ").contains("`: \(kinds)."))
  }

  @Test("Every decision has context, decision and consequence")
  func decisions() throws {
    let decisions = Repository.files(in: "docs/decisions", ending: ".md")
    #expect(decisions.count >= 4)
    for path in decisions {
      let text = try Repository.text(path)
      for heading in ["**Context.**", "**Decision.**", "**Consequence.**"] {
        #expect(text.contains(heading), "\(path) has no \(heading)")
      }
    }
  }

  @Test("The project speaks of itself alone")
  func itself() throws {
    let banned = ["/wo" + "rk/", "/fa" + "rm", "bash_" + "jobs", "swift-pack" + "ages/"]
    let files =
      Self.documents + Repository.files(in: "Sources", ending: ".swift")
      + Repository.files(in: "Scenarios", ending: ".json") + ["Makefile", ".ci/run"]
    for path in files {
      let text = try Repository.text(path)
      for word in banned where text.contains(word) { Issue.record("\(path) contains \(word)") }
    }
  }
}
