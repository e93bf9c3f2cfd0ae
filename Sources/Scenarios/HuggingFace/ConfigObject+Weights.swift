import Inference
import JSON

extension ConfigObject {
  /// The format of the weights: that of `quantization_config`, else of `torch_dtype`.
  ///
  /// Weights of 32 bits are served in 16, as engines do unless told otherwise.
  func weights() -> NumberFormat? {
    guard let quantization = value(["quantization_config", "compression_config"]) else {
      guard let type = text("torch_dtype", "dtype") else { return .bf16 }
      switch type.split(separator: ".").last {
      case "bfloat16": return .bf16
      case "float16", "float32", "half": return .fp16
      default:
        fault(
          ["torch_dtype", "dtype"],
          .unfit(found: "\"\(shortened(type))\"", needed: "bfloat16, float16 or float32"))
        return nil
      }
    }
    guard case .string(let method)? = quantization.node["quant_method"]?.value else {
      fault(
        ["quantization_config", "compression_config"],
        .unfit(found: "no \"quant_method\"", needed: "one of " + Self.methods))
      return nil
    }
    if let format = Self.format(method, quantization.node) { return format }
    fault(
      ["quantization_config", "compression_config"],
      .unfit(
        found: "\"\(shortened(method))\"" + Self.bits(quantization.node),
        needed: Self.methods + ", or \"weights\" beside the config to say what it is"))
    return nil
  }

  private static let methods =
    "fp8, awq, gptq (4 or 8 bits), mxfp4, compressed-tensors, bitsandbytes or modelopt"

  private static func format(_ method: String, _ node: JSONNode) -> NumberFormat? {
    switch method {
    case "fp8", "fbgemm_fp8": .fp8
    case "mxfp4": .mxfp4
    case "awq", "gptq", "awq_marlin", "gptq_marlin", "auto-round", "autoround", "intel/auto-round":
      integers(of: node["bits"]?.wholeNumber ?? 4)
    case "bitsandbytes":
      node["load_in_8bit"]?.value == .boolean(true) ? .int8 : .int4
    case "compressed-tensors": compressed(node)
    case "modelopt":
      node["quant_algo"]?.value == .string("FP8") ? .fp8 : nil
    default: nil
    }
  }

  private static func integers(of bits: Int64) -> NumberFormat? {
    bits == 4 ? .int4 : bits == 8 ? .int8 : nil
  }

  /// The weights of the first group of a `compressed-tensors` file.
  private static func compressed(_ node: JSONNode) -> NumberFormat? {
    guard case .object(let groups)? = node["config_groups"]?.value,
      let weights = groups.first?.value["weights"], let bits = weights["num_bits"]?.wholeNumber
    else { return nil }
    if weights["type"]?.value == .string("float") { return bits == 8 ? .fp8 : nil }
    return integers(of: bits)
  }

  private static func bits(_ node: JSONNode) -> String {
    node["bits"]?.wholeNumber.map { " of \($0) bits" } ?? ""
  }
}
