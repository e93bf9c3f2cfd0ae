import Inference
import JSON

/// Numbers of a model's shape that do not go together.
struct ShapeFault {
  /// Which number is at fault.
  enum Place {
    case keyValueHeads, experts, intermediateSize, whole

    /// The names that config.json files use for it.
    var configKeys: [String] {
      switch self {
      case .keyValueHeads: ["num_key_value_heads", "num_kv_heads", "n_head_kv"]
      case .experts: ["num_experts_per_tok", "experts_per_token"]
      case .intermediateSize: ["intermediate_size"]
      case .whole: ["hidden_size", "n_embd", "n_embed", "d_model"]
      }
    }

    /// The keys of a scenario's shape that lead to it.
    var shapeKeys: [String] {
      switch self {
      case .keyValueHeads: ["keyValueHeads"]
      case .experts: ["experts", "perToken"]
      case .intermediateSize: ["intermediateSize"]
      case .whole: ["hiddenSize"]
      }
    }
  }

  var place: Place
  var found: String
  var needed: String
}

extension ModelArchitecture {
  /// What does not go together; afterwards all arithmetic on the shape is exact.
  var faults: [ShapeFault] {
    var faults: [ShapeFault] = []
    if latentAttention == nil, attentionHeads % keyValueHeads != 0 {
      faults.append(
        ShapeFault(
          place: .keyValueHeads, found: grouped(keyValueHeads),
          needed: "a number that divides the \(grouped(attentionHeads)) attention heads"))
    }
    if let experts, experts.perToken > experts.count {
      faults.append(
        ShapeFault(
          place: .experts, found: grouped(experts.perToken),
          needed: "at most \(grouped(experts.count)), the number of experts"))
    }
    if denseLayers > 0, intermediateSize == 0 {
      faults.append(
        ShapeFault(
          place: .intermediateSize, found: "0",
          needed: "a width, for \(grouped(denseLayers)) layers have no experts"))
    }
    if roughParameters > Limit.parameters {
      faults.append(
        ShapeFault(
          place: .whole,
          found: "about \(readable((roughParameters / 1e12).rounded())) trillion parameters in all",
          needed: "at most 100 trillion"))
    }
    return faults
  }

  /// The size of all matrices without the risk of overflow.
  private var roughParameters: Double {
    let hidden = Double(hiddenSize)
    let expertWidth = experts.map { Double($0.count) * Double($0.width) + Double($0.sharedWidth) }
    let heads = Double(queryWidth) + Double(attendedWidth) + 2 * Double(keyValueWidth)
    let widths = heads + 3 * Double(intermediateSize)
    let layer = hidden * (widths + 3 * (expertWidth ?? 0))
    let ends = hidden * (2 * Double(vocabularySize) + Double(learnedPositions))
    return Double(layers) * layer + ends
  }
}
