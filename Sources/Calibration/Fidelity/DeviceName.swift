import Hardware

/// Which device of the catalogue a text means: a folder's name, a file's, or what a driver reports.
public enum DeviceName {
  /// The catalogue's name of the device in a text such as `h100_sxm` or `NVIDIA A100-SXM4-80GB`; nil
  /// if there is none, or several.
  ///
  /// Where the text leaves the board open, it is the SXM module, and the one with more memory.
  public static func find(in text: String) -> String? {
    let words = Self.words(text)
    let known = HardwareCatalogue.gpus.filter { $0.kind == .gpu }.map { Candidate($0.name) }
    let models = Set(known.map(\.model)).intersection(words)
    guard models.count == 1, let model = models.first else { return nil }
    var best: (score: Int, name: String)?
    for candidate in known where candidate.model == model {
      let score = candidate.score(words)
      if best.map({ score > $0.score }) ?? true { best = (score, candidate.name) }
    }
    return best?.name
  }

  /// The device that a path names, its last parts first.
  public static func find(inPath path: String) -> String? {
    for part in path.split(separator: "/").reversed() {
      if let name = find(in: String(part)) { return name }
    }
    return nil
  }

  /// A device of the catalogue, its name cut into the model and what tells its boards apart.
  private struct Candidate {
    var name: String
    var model: String
    var board: [String]

    init(_ name: String) {
      self.name = name
      let words = DeviceName.words(name)
      // The model is the first word with a digit: h100, 4090, a6000; of `rtx-pro-6000` the last.
      let model = words.first { $0.contains(where: \.isNumber) } ?? name
      self.model = model
      board = words.filter { $0 != model && $0 != "rtx" }
    }

    /// How well the board fits: what the text names, less what it does not.
    func score(_ words: [String]) -> Int {
      board.reduce(0) { score, word in
        if words.contains(word) { return score + 4 }
        return score - (word == "sxm" || word == "nvl72" ? 1 : 2)
      }
    }
  }

  /// The words of a text in small letters, boards and memories in one spelling.
  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { part in
      switch part {
      case "sxm2", "sxm4", "sxm5", "dgx", "hbm3": "sxm"
      // Bridges between pairs join PCIe cards.
      case "pairwise": "pcie"
      case _ where part.hasSuffix("gb") && part.dropLast(2).allSatisfy(\.isNumber):
        String(part.dropLast(2))
      default: String(part)
      }
    }
  }
}
