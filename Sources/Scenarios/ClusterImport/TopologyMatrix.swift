import JSON

/// What `nvidia-smi topo -m` says about one node: how each GPU reaches the others and the cards.
struct TopologyMatrix: Sendable, Hashable {
  /// How two devices reach each other, the nearest first; the words are nvidia-smi's own.
  enum Connection: Sendable, Hashable {
    /// Over this many bonded NVLinks.
    case nvlink(Int)
    /// Over at most one PCIe bridge.
    case pix
    /// Over several PCIe bridges, below one host bridge.
    case pxb
    /// Over a host bridge.
    case phb
    /// Over several host bridges of one NUMA node.
    case node
    /// Over the link between CPU sockets.
    case sys

    /// The word's meaning, nil when it has none.
    init?(_ word: Substring) {
      switch word {
      case "PIX": self = .pix
      case "PXB": self = .pxb
      case "PHB": self = .phb
      case "NODE": self = .node
      // Drivers before 384 wrote SOC.
      case "SYS", "SOC": self = .sys
      default:
        guard word.hasPrefix("NV"), let links = Int(word.dropFirst(2)), (1...64).contains(links)
        else { return nil }
        self = .nvlink(links)
      }
    }

    /// Whether the way stays below one PCIe switch, so that no host bridge is crossed.
    var isBelowSwitch: Bool { self == .pix || self == .pxb }
  }

  /// The GPUs' names, in order.
  private(set) var gpus: [String] = []
  /// The network cards' names, in order.
  private(set) var cards: [String] = []
  /// `[i][j]`: how GPU i reaches device j, GPUs first, then cards; nil for itself.
  private(set) var ways: [[Connection?]] = []

  /// How two GPUs reach each other, nil for one and the same.
  func way(_ gpu: Int, _ other: Int) -> Connection? { ways[gpu][other] }

  /// How a GPU reaches a card.
  func way(_ gpu: Int, card: Int) -> Connection? { ways[gpu][gpus.count + card] }
}

extension TopologyMatrix {
  /// A word of a line and the character at which it begins, from 1.
  private struct Word {
    var text: Substring
    var column: Int
  }

  private static let needed = "X, NV1 to NV64, PIX, PXB, PHB, NODE or SYS"

  /// Reads the matrix; lines before and after it, its legend and affinities are skipped.
  static func read(_ text: String, fileName: String) throws(ScenarioFaults) -> TopologyMatrix {
    do throws(Misfit) {
      return try read(text)
    } catch {
      throw ScenarioFaults(
        fileName: baseNameOf(fileName),
        faults: [ScenarioFault(path: "", position: error.position, problem: error.problem)])
    }
  }

  private struct Misfit: Error {
    var position: TextPosition?
    var problem: ScenarioProblem
  }

  private static func misfit(
    _ line: Int, _ column: Int, found: String, needed: String
  ) -> Misfit {
    Misfit(
      position: TextPosition(line: line, column: column),
      problem: .unfit(found: found, needed: needed))
  }

  private static func read(_ text: String) throws(Misfit) -> TopologyMatrix {
    let lines = withoutEscapes(text).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let header = lines.firstIndex(where: { words(of: $0).first?.text == "GPU0" }) else {
      throw Misfit(
        position: nil,
        problem: .unfit(
          found: "no line that begins with GPU0",
          needed: "the matrix that 'nvidia-smi topo -m' prints"))
    }
    // The affinities' titles come last, and are the first words that name no device.
    let devices = words(of: lines[header]).prefix { !["CPU", "NUMA"].contains($0.text) }
      .map { String($0.text) }
    let gpuCount = devices.prefix { $0.hasPrefix("GPU") }.count
    var matrix = TopologyMatrix()
    matrix.gpus = Array(devices.prefix(gpuCount))
    matrix.cards = Array(devices.dropFirst(gpuCount))
    var line = header + 1
    for gpu in 0..<gpuCount {
      guard line < lines.count, let name = words(of: lines[line]).first, name.text == devices[gpu]
      else {
        let found =
          line < lines.count
          ? words(of: lines[line]).first.map { "\"\(shortened(String($0.text)))\"" } : nil
        throw misfit(
          line + 1, 1, found: found ?? "the end of the matrix", needed: "the row of \(devices[gpu])"
        )
      }
      matrix.ways.append(try row(gpu, lines[line], line + 1, devices))
      line += 1
    }
    try matrix.checkSymmetry(header: header)
    return matrix
  }

  /// The cells of a GPU's row.
  private static func row(
    _ gpu: Int, _ text: Substring, _ line: Int, _ devices: [String]
  ) throws(Misfit) -> [Connection?] {
    let cells = words(of: text).dropFirst()
    guard cells.count >= devices.count else {
      throw misfit(
        line, text.count + 1, found: "\(cells.count) cells in the row of \(devices[gpu])",
        needed: "\(devices.count), one for each device of the first line")
    }
    var ways: [Connection?] = []
    for (device, cell) in cells.prefix(devices.count).enumerated() {
      if cell.text == "X" {
        guard device == gpu else {
          throw misfit(
            line, cell.column, found: "X between \(devices[gpu]) and \(devices[device])",
            needed: "X only where a device meets itself")
        }
        ways.append(nil)
        continue
      }
      guard device != gpu, let way = Connection(cell.text) else {
        throw misfit(
          line, cell.column, found: "\"\(shortened(String(cell.text)))\"",
          needed: device == gpu ? "X, where \(devices[gpu]) meets itself" : needed)
      }
      ways.append(way)
    }
    return ways
  }

  private func checkSymmetry(header: Int) throws(Misfit) {
    for gpu in gpus.indices {
      for other in 0..<gpu where ways[gpu][other] != ways[other][gpu] {
        throw Self.misfit(
          header + 2 + gpu, 1,
          found: "\(gpus[gpu]) reaching \(gpus[other]) otherwise than \(gpus[other]) \(gpus[gpu])",
          needed: "the same word in both rows")
      }
    }
  }

  /// The words of a line with their columns.
  private static func words(of line: Substring) -> [Word] {
    var words: [Word] = []
    var start: (index: Substring.Index, column: Int)?
    var column = 0
    for index in line.indices {
      column += 1
      if line[index].isWhitespace {
        if let begun = start {
          words.append(Word(text: line[begun.index..<index], column: begun.column))
        }
        start = nil
      } else if start == nil {
        start = (index, column)
      }
    }
    if let start { words.append(Word(text: line[start.index...], column: start.column)) }
    return words
  }

  /// The text without the sequences that underline the header on terminals.
  private static func withoutEscapes(_ text: String) -> String {
    var plain = ""
    var isEscape = false
    for character in text {
      if character == "\u{1b}" {
        isEscape = true
      } else if isEscape {
        // A sequence ends with its first letter.
        isEscape = !character.isLetter
      } else {
        plain.append(character)
      }
    }
    return plain
  }
}
