import JSON

/// Which columns a CSV format has and what they mean.
struct CSVLayout: Sendable {
  /// What a column means.
  enum Role: Sendable, Hashable {
    case arrival, prompt, output, session, turn, blocks
    /// Not read.
    case other
  }

  /// How arrivals are written.
  enum Arrival: Sendable {
    /// Seconds since the trace began, decimals allowed.
    case seconds
    /// Date and time of day; the first row's is the trace's first instant.
    case calendar
  }

  /// A column, by its name in the header.
  struct Column: Sendable {
    var name: String
    var role: Role
    var isRequired = true
  }

  var columns: [Column]
  var arrival: Arrival
  /// Whether rows without output tokens are calls that failed, to be left out; else a fault.
  var skipsUnanswered = false
  /// Whether rows without prompt tokens are left out too; else a fault.
  var skipsWithoutPrompt = false
  /// Whether files as they are published end with a line feed.
  var endsWithLineFeed = true

  static let simpp = CSVLayout(
    columns: [
      Column(name: "arrival_s", role: .arrival),
      Column(name: "prompt_tokens", role: .prompt),
      Column(name: "output_tokens", role: .output),
      Column(name: "session", role: .session, isRequired: false),
      Column(name: "turn", role: .turn, isRequired: false),
    ], arrival: .seconds)

  static let azure = CSVLayout(
    columns: [
      Column(name: "TIMESTAMP", role: .arrival),
      Column(name: "ContextTokens", role: .prompt),
      Column(name: "GeneratedTokens", role: .output),
    ], arrival: .calendar, skipsUnanswered: true, endsWithLineFeed: false)

  static let burstgpt = CSVLayout(
    columns: [
      Column(name: "Timestamp", role: .arrival),
      Column(name: "Request tokens", role: .prompt),
      Column(name: "Response tokens", role: .output),
    ], arrival: .seconds, skipsUnanswered: true, skipsWithoutPrompt: true)

  static let vidur = CSVLayout(
    columns: [
      Column(name: "num_prefill_tokens", role: .prompt),
      Column(name: "num_decode_tokens", role: .output),
      Column(name: "arrived_at", role: .arrival, isRequired: false),
    ], arrival: .seconds)

  /// The names of a header's columns.
  static func columns(ofHeader line: String) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { field in
      var name = field.drop { $0 == " " || $0 == "\"" }
      while let last = name.last, last == " " || last == "\"" { name.removeLast() }
      return String(name)
    }
  }

  /// The required columns that a header lacks; case does not matter.
  func missing(from header: [String]) -> [String] {
    let found = header.map { $0.lowercased() }
    return columns.filter { $0.isRequired && !found.contains($0.name.lowercased()) }.map(\.name)
  }

  /// What each column of a header means.
  func roles(ofHeader header: [String]) -> [Role] {
    header.map { name in
      if Self.tokensPerBlock(ofColumn: name) != nil { return .blocks }
      return columns.first { $0.name.lowercased() == name.lowercased() }?.role ?? .other
    }
  }

  /// 512 for a column `blocks_512`, nil for other columns.
  static func tokensPerBlock(ofColumn name: String) -> Int32? {
    guard name.hasPrefix("blocks_"), let tokens = Int32(name.dropFirst("blocks_".count)),
      1...1_000_000 ~= tokens
    else { return nil }
    return tokens
  }

  /// The message for a header that no format has.
  static func unknown(_ columns: [String]) -> String {
    let known = TraceFormat.allCases.compactMap { format in
      format.layout.map { layout in
        let required = layout.columns.filter(\.isRequired).map(\.name)
        return "\(required.joined(separator: ",")) (\(format.rawValue))"
      }
    }
    return "found the columns \(shortened(columns.joined(separator: ","))), needs a header such as "
      + known.joined(separator: ", ")
  }
}
