public import EventKernel
import FoundationEssentials
import JSON

/// ServeGen client data (Alibaba Cloud Model Studio, arXiv 2505.09999): of each client the arrivals'
/// rate and shape by windows of time, and the distributions of its lengths by longer windows.
///
/// A client is a file `chunk-N-trace.csv` without a header: start of a window in seconds, requests per
/// second, coefficient of variation of the gaps, `Gamma`, `Weibull` or nothing, shape, scale in
/// seconds. Beside it `chunk-N-dataset.json` holds `input_tokens` and `output_tokens` for each window's
/// start: texts such as `{63: 0.2, 64: 0.8}`, lengths and their probabilities.
public struct ServeGenData: Sendable {
  /// One client.
  struct Client: Sendable {
    /// N of its files' names.
    var number: Int
    /// The base name of the file of its arrivals.
    var fileName: String
    /// Its arrivals by windows, ascending, without gaps between them.
    var windows: [ServeGenWindow]
    /// Its lengths by windows, ascending; nil when there is no such file.
    var lengths: [ServeGenLengths]?
    /// The base name of the file of its lengths, which may be missing.
    var lengthsFileName: String
  }

  /// The folder's base name.
  public let name: String
  /// SHA-256 over the names and contents of all files read, 64 hexadecimal digits.
  public let digest: String
  /// The clients by number.
  private(set) var clients: [Client]

  /// The clients' numbers.
  public var clientNumbers: [Int] { clients.map(\.number) }

  /// The numbers of the clients of whose lengths there is no file.
  public var clientsWithoutLengths: [Int] {
    clients.filter { $0.lengths == nil }.map(\.number)
  }

  /// The same data without the clients of whose lengths there is no file; a fault when none is left.
  func withoutClientsWithoutLengths() throws(TraceFault) -> ServeGenData {
    var copy = self
    copy.clients.removeAll { $0.lengths == nil }
    if copy.clients.isEmpty {
      throw TraceFault(
        fileName: name, position: nil,
        problem: "found no client with lengths, needs a file chunk-N-dataset.json")
    }
    return copy
  }

  /// Whether a path names a folder.
  static func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }

  /// The first window's start and the last one's end, in nanoseconds of the data's own clock.
  public var extent: Range<Nanoseconds> {
    let starts = clients.compactMap { $0.windows.first?.start }
    let ends = clients.compactMap { $0.windows.last?.end }
    return (starts.min() ?? 0)..<(ends.max() ?? 0)
  }

  /// Reads clients of a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder's path.
  ///   - chosen: The numbers of the clients to read; nil: all that are there.
  /// - Throws: What is wrong, with file, line and column.
  public init(folder: String, clients chosen: [Int]? = nil) throws(TraceFault) {
    name = folder.split(separator: "/").last.map(String.init) ?? folder
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw TraceFault(fileName: name, position: nil, problem: "no such folder", kind: .noInput)
    }
    let present = names.compactMap(Self.clientNumber(ofFile:)).sorted()
    if present.isEmpty {
      throw TraceFault(
        fileName: name, position: nil,
        problem:
          "is a folder without files chunk-N-trace.csv, needs a trace or a folder of ServeGen "
          + "client data", kind: .noInput)
    }
    let numbers = chosen.map { Set($0).sorted() } ?? present
    var digests = ""
    var clients: [Client] = []
    for number in numbers {
      let (trace, dataset) = ("chunk-\(number)-trace.csv", "chunk-\(number)-dataset.json")
      let arrivals = try Self.text(folder, trace)
      let windows = try ServeGenWindow.read(text: arrivals, fileName: trace)
      digests += trace + " " + SHA256.hexadecimalDigest(of: arrivals) + "\n"
      var lengths: [ServeGenLengths]?
      if names.contains(dataset) {
        let text = try Self.text(folder, dataset)
        lengths = try ServeGenLengths.read(text: text, fileName: dataset)
        digests += dataset + " " + SHA256.hexadecimalDigest(of: text) + "\n"
      }
      clients.append(
        Client(
          number: number, fileName: trace, windows: windows, lengths: lengths,
          lengthsFileName: dataset))
    }
    digest = SHA256.hexadecimalDigest(of: digests)
    self.clients = clients
  }

  /// N of `chunk-N-trace.csv`, nil for other names.
  private static func clientNumber(ofFile name: String) -> Int? {
    guard name.hasPrefix("chunk-"), name.hasSuffix("-trace.csv") else { return nil }
    let digits = name.dropFirst(6).dropLast(10)
    guard let number = Int(digits), number >= 0, String(number) == digits else { return nil }
    return number
  }

  private static func text(_ folder: String, _ name: String) throws(TraceFault) -> String {
    do throws(ScenarioFile.Failure) {
      return try ScenarioFile.text(at: folder + "/" + name)
    } catch {
      switch error {
      case .missing:
        throw TraceFault(
          fileName: name, position: nil, problem: "no such file", kind: .noInput)
      case .unreadable(_, let cause):
        throw TraceFault(
          fileName: name, position: nil, problem: "cannot be read: " + cause, kind: .noInput)
      case .notText:
        throw TraceFault(
          fileName: name, position: nil,
          problem: "is no UTF-8 text; decompress it first if it is "
            + "compressed")
      }
    }
  }
}

/// A client's arrivals in a window of time.
struct ServeGenWindow: Sendable {
  /// When it begins and ends, in nanoseconds of the data's own clock.
  var start: Nanoseconds
  var end: Nanoseconds
  /// Requests in the window: its rate times its length, rounded half up.
  var count: Int64
  /// The gaps up to a factor, which is such that the requests fill the window.
  var gaps: Distribution
  /// The line of the file, from 1.
  var line: Int

  /// The windows of a file.
  static func read(text: String, fileName: String) throws(TraceFault) -> [ServeGenWindow] {
    var rows: [(start: Nanoseconds, rate: Double, gaps: Distribution, row: ServeGenRow)] = []
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (index, bytes) in lines.enumerated() {
      var line = Substring(bytes)
      if index == 0, line.unicodeScalars.first == "\u{FEFF}" {
        line = Substring(line.unicodeScalars.dropFirst())
      }
      if line.utf8.last == 0x0D { line = Substring(line.utf8.dropLast()) }
      var row = ServeGenRow(line, number: index + 1, fileName: fileName)
      let start = try row.start(after: rows.last?.start)
      let rate = try row.number("a rate in requests per second", upTo: Limit.rate)
      _ = try row.number("a coefficient of variation", upTo: 1e9)
      let gaps = try row.gaps()
      try row.finish()
      rows.append((start, rate, gaps, row))
    }
    guard let last = rows.last, rows.count > 1 else {
      throw TraceFault(
        fileName: fileName, position: nil,
        problem: "found \(rows.count) windows, needs at least two, so that their length is known")
    }
    // The last window is as long as the one before it.
    let ends = rows.dropFirst().map(\.start) + [2 * last.start - rows[rows.count - 2].start]
    var windows: [ServeGenWindow] = []
    for ((start, rate, gaps, row), end) in zip(rows, ends) {
      let count = Int64(rate * (Double(end - start) / 1e9) + 0.5)
      guard count <= Int64(Limit.requests) else {
        throw row.fault(
          "found \(grouped(count)) requests in a window, \(plain(rate)) per second over "
            + "\(shortTime(end - start)), needs at most \(readable(Limit.requests))", at: 1)
      }
      windows.append(
        ServeGenWindow(start: start, end: end, count: count, gaps: gaps, line: row.number))
    }
    return windows
  }
}

/// One row of a client's arrivals, field by field.
private struct ServeGenRow {
  private let fields: [Substring]
  private let line: Substring
  /// The line of the file, from 1.
  let number: Int
  private let fileName: String
  private var index = 0

  init(_ line: Substring, number: Int, fileName: String) {
    self.line = line
    self.number = number
    self.fileName = fileName
    fields = line.split(separator: ",", omittingEmptySubsequences: false)
  }

  /// A fault of a field, counted from 0.
  func fault(_ problem: String, at index: Int) -> TraceFault {
    let field = index < fields.count ? fields[index].startIndex : line.endIndex
    let column = line.unicodeScalars.distance(from: line.startIndex, to: field) + 1
    return TraceFault(
      fileName: fileName, position: TextPosition(line: number, column: column), problem: problem)
  }

  private mutating func next(_ needed: String) throws(TraceFault) -> String {
    guard index < fields.count else {
      throw fault("found the line's end, needs \(needed)", at: index)
    }
    index += 1
    return String(fields[index - 1])
  }

  /// A number from 0 to a limit.
  mutating func number(_ what: String, upTo most: Double) throws(TraceFault) -> Double {
    let needed = "\(what), from 0 to \(readable(most))"
    let text = try next(needed)
    guard let number = Double(text), number >= 0, number <= most else {
      throw fault("found \"\(shortened(text))\", needs \(needed)", at: index - 1)
    }
    return number
  }

  /// The window's start, later than the one before.
  mutating func start(after last: Nanoseconds?) throws(TraceFault) -> Nanoseconds {
    let most = Double(Limit.time / 1_000_000_000)
    let seconds = try number("a window's start in seconds", upTo: most)
    let start = nanoseconds(fromSeconds: seconds)
    if let last, start <= last {
      throw fault(
        "found a window that begins at \(shortTime(start)), needs one after \(shortTime(last))",
        at: 0)
    }
    return start
  }

  /// Family, shape and scale; without a family the gaps are exponential.
  mutating func gaps() throws(TraceFault) -> Distribution {
    let needed = "Gamma, Weibull or nothing"
    let family = try next(needed)
    let shape = try number("a shape", upTo: 1e6)
    _ = try number("a scale in seconds", upTo: 1e12)
    switch family {
    case "": return .exponential(mean: 1)
    case "Gamma", "Weibull":
      guard shape >= 0.01 else {
        throw fault("found a shape of \(plain(shape)), needs at least 0.01", at: index - 2)
      }
      return family == "Gamma"
        ? .gamma(mean: 1, cv: 1 / shape.squareRoot()) : .weibull(shape: shape, scale: 1)
    default:
      throw fault("found \"\(shortened(family))\", needs \(needed)", at: index - 3)
    }
  }

  func finish() throws(TraceFault) {
    guard index == fields.count else {
      throw fault("found \(fields.count) fields, needs 6", at: index)
    }
  }
}
