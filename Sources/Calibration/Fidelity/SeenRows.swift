import Hardware

/// Which rows of a table the laws that predict them were fitted to, as their sources say.
enum SeenRows {
  /// All shapes: nothing is held out.
  case all
  /// The half of the shapes that `HeldOut` leaves to fits.
  case half
  /// None: the table, or its GPU, took part in no fit.
  case none

  /// - Parameters:
  ///   - numbers: the numbers of the laws.
  ///   - section: the section that predicts the rows.
  ///   - source: whose columns the table has.
  ///   - file: the table's base name.
  init(_ numbers: [ProfileNumber], section: String, source: TableSource, file: String) {
    let fitted = numbers.first { $0.section == section && $0.origin == .fitted }
    guard let text = fitted?.source else {
      self = .none
      return
    }
    let isNamed = text.hasPrefix("fitted to ") && text.contains(file)
    let isKnown = source.project.map { text.contains($0) } ?? false
    self = isNamed && text.hasSuffix("all shapes") ? .all : isNamed || isKnown ? .half : .none
  }

  /// Whether a row is held out, if its shape's hash says so.
  func isHeldOut(byHash: Bool) -> Bool {
    switch self {
    case .all: false
    case .half: byHash
    case .none: true
    }
  }
}

extension TableSource {
  /// How sources of numbers name the project that made such tables.
  fileprivate var project: String? {
    switch self {
    case .aiconfigurator: "aiconfigurator"
    case .vidur: "microsoft/vidur"
    case .apex: "apex_plus"
    case .ncclTests, .own: nil
    }
  }
}

extension FidelityRow {
  /// The section of a profile that predicts it, nil for collectives.
  var section: String? {
    let isFP8 = variant.hasPrefix("fp8")
    switch operation {
    case .gemm: return isFP8 ? "gemmFP8" : "gemm"
    case .prefillAttention: return "prefillAttention"
    case .decodeAttention: return "decodeAttention"
    case .experts: return isFP8 ? "expertsFP8" : "experts"
    case .elementwise: return "elementwise"
    case .allReduce, .allGather, .reduceScatter, .allToAll, .sendReceive: return nil
    }
  }
}
