import EventKernel
import JSON

/// A key of Knative's ConfigMap or one of its annotations: its names, what values are right, and the option of
/// the `knative` policy that it sets.
struct KnativeKey: Sendable {
  /// What a value must be.
  enum Kind: Sendable {
    case flag
    case word([String])
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// A number above 1.
    case rate
    /// A number from 0, or -1.
    case burst
    /// Percent above 1, or a share up to 1.
    case share
    /// A time in Go's notation, in whole seconds where that is asked for.
    case duration(ClosedRange<Nanoseconds>, wholeSeconds: Bool)
  }

  /// Its names, the usual one first.
  let names: [String]
  let kind: Kind
  /// The option that it sets; nil for one that changes nothing in a simulation.
  let option: String?

  init(_ names: String..., kind: Kind, option: String?) {
    self.names = names
    self.kind = kind
    self.option = option
  }

  private static let hour: Nanoseconds = 3_600_000_000_000
  private static let windows: ClosedRange<Nanoseconds> = 6_000_000_000...hour
  private static let scales: ClosedRange<Int64> = 0...10_000
  private static let autoscalerClass = Kind.word(["kpa.autoscaling.knative.dev"])

  /// The keys of `config-autoscaler` (knative/serving, pkg/autoscaler/config/config.go), and their limits.
  static let configMap = [
    KnativeKey("pod-autoscaler-class", kind: autoscalerClass, option: nil),
    KnativeKey("enable-scale-to-zero", kind: .flag, option: "enableScaleToZero"),
    KnativeKey("allow-zero-initial-scale", kind: .flag, option: nil),
    KnativeKey("max-scale-up-rate", kind: .rate, option: "maxScaleUpRate"),
    KnativeKey("max-scale-down-rate", kind: .rate, option: "maxScaleDownRate"),
    KnativeKey(
      "container-concurrency-target-percentage", kind: .share,
      option: "targetUtilizationPercentage"),
    KnativeKey(
      "container-concurrency-target-default", kind: .number(0.01...1e9),
      option: "containerConcurrencyTargetDefault"),
    KnativeKey(
      "requests-per-second-target-default", kind: .number(0.01...1e9),
      option: "requestsPerSecondTargetDefault"),
    KnativeKey("target-burst-capacity", kind: .burst, option: "targetBurstCapacity"),
    KnativeKey("panic-window-percentage", kind: .number(1...100), option: "panicWindowPercentage"),
    KnativeKey(
      "panic-threshold-percentage", kind: .number(110...1_000), option: "panicThresholdPercentage"),
    KnativeKey("activator-capacity", kind: .number(1...1e9), option: nil),
    KnativeKey("initial-scale", kind: .integer(scales), option: "initial"),
    KnativeKey("min-scale", kind: .integer(scales), option: "min"),
    KnativeKey("max-scale", kind: .integer(scales), option: "max"),
    KnativeKey("max-scale-limit", kind: .integer(scales), option: nil),
    KnativeKey(
      "stable-window", kind: .duration(windows, wholeSeconds: true), option: "stableWindow"),
    KnativeKey(
      "scale-down-delay", kind: .duration(0...hour, wholeSeconds: true), option: "scaleDownDelay"),
    KnativeKey(
      "scale-to-zero-grace-period", kind: .duration(1...hour, wholeSeconds: false),
      option: "scaleToZeroGracePeriod"),
    KnativeKey(
      "scale-to-zero-pod-retention-period", kind: .duration(0...hour, wholeSeconds: false),
      option: "scaleToZeroPodRetentionPeriod"),
  ]

  /// The annotations of a revision (pkg/apis/autoscaling/register.go and annotation_validation.go), without
  /// their domain.
  static let annotations = [
    KnativeKey("class", kind: autoscalerClass, option: nil),
    KnativeKey("min-scale", "minScale", kind: .integer(scales), option: "min"),
    KnativeKey("max-scale", "maxScale", kind: .integer(scales), option: "max"),
    KnativeKey("initial-scale", "initialScale", kind: .integer(scales), option: "initial"),
    KnativeKey("activation-scale", kind: .integer(1...10_000), option: "activationScale"),
    KnativeKey("metric", kind: .word(["concurrency", "rps"]), option: "metric"),
    KnativeKey("target", kind: .number(0.01...1e9), option: "target"),
    KnativeKey(
      "target-utilization-percentage", "targetUtilizationPercentage", kind: .number(1...100),
      option: "targetUtilizationPercentage"),
    KnativeKey(
      "target-burst-capacity", "targetBurstCapacity", kind: .burst, option: "targetBurstCapacity"),
    KnativeKey("window", kind: .duration(windows, wholeSeconds: true), option: "stableWindow"),
    KnativeKey(
      "panic-window-percentage", "panicWindowPercentage", kind: .number(1...100),
      option: "panicWindowPercentage"),
    KnativeKey(
      "panic-threshold-percentage", "panicThresholdPercentage", kind: .number(110...1_000),
      option: "panicThresholdPercentage"),
    KnativeKey(
      "scale-down-delay", "scaleDownDelay", kind: .duration(0...hour, wholeSeconds: true),
      option: "scaleDownDelay"),
    KnativeKey(
      "scale-to-zero-pod-retention-period", "scaleToZeroPodRetentionPeriod",
      kind: .duration(0...hour, wholeSeconds: false), option: "scaleToZeroPodRetentionPeriod"),
    KnativeKey("metric-aggregation-algorithm", kind: .word(["linear"]), option: nil),
  ]

  /// The value of a text; nil when it is not right.
  func value(of text: String) -> JSONNode.Value? {
    switch kind {
    case .flag:
      // As Go's strconv.ParseBool reads it.
      if ["1", "t", "T", "TRUE", "true", "True"].contains(text) { return .boolean(true) }
      return ["0", "f", "F", "FALSE", "false", "False"].contains(text) ? .boolean(false) : nil
    case .word(let words): return words.contains(text) ? .string(text) : nil
    case .integer(let limits):
      guard let number = Int64(text), limits.contains(number) else { return nil }
      return .number("\(number)")
    case .number(let limits): return number(text) { limits.contains($0) }
    case .rate: return number(text) { $0 > 1 && $0 <= 1e9 }
    case .burst: return number(text) { ($0 >= 0 && $0 <= 1e9) || $0 == -1 }
    case .share:
      guard let share = number(text), share > 0, share <= 100 else { return nil }
      return .number(plain(share > 1 ? share : share * 100))
    case .duration(let limits, let wholeSeconds):
      guard let time = nanoseconds(ofGoDuration: text), limits.contains(time),
        !wholeSeconds || time % 1_000_000_000 == 0
      else { return nil }
      return .string("\(time)ns")
    }
  }

  /// What would be right.
  var needed: String {
    switch kind {
    case .flag: "\"true\" or \"false\""
    case .word(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
    case .integer(let limits): ObjectReader.wholeNumber(in: limits) + " in quotes"
    case .number(let limits):
      "a number from \(plain(limits.lowerBound)) to \(grouped(Int64(limits.upperBound))) in quotes"
    case .rate: "a number above 1 in quotes"
    case .burst: "a number from 0, or -1 for no limit, in quotes"
    case .share: "a percentage above 1 and up to 100, or a share up to 1, in quotes"
    case .duration(let limits, let wholeSeconds):
      "a time such as \"60s\" or \"1m30s\" from \(shortTime(limits.lowerBound)) to "
        + shortTime(limits.upperBound) + (wholeSeconds ? " in whole seconds" : "")
    }
  }

  private func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first) || first == 45 || first == 46
    else {
      return nil
    }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  private func number(_ text: String, where isRight: (Double) -> Bool) -> JSONNode.Value? {
    guard let number = number(text), isRight(number) else { return nil }
    return .number(text)
  }
}

/// A time in Go's notation, numbers with units one after another; nil when it is none.
func nanoseconds(ofGoDuration text: String) -> Nanoseconds? {
  if text == "0" { return 0 }
  var rest = text[...]
  var total: Nanoseconds = 0
  guard !rest.isEmpty else { return nil }
  while !rest.isEmpty {
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    rest = rest.dropFirst(digits.count)
    let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
    rest = rest.dropFirst(unit.count)
    guard !digits.isEmpty, Double(digits) != nil, unit != "d",
      let factor = UnitFamily.time.units.first(where: { $0.symbol == unit })?.factor,
      let part = scaledExactly(String(digits), by: factor)
    else { return nil }
    let (sum, overflow) = total.addingReportingOverflow(part)
    if overflow { return nil }
    total = sum
  }
  return total
}
