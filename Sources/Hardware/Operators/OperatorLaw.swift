/// How long one kind of kernel takes on a device: a formula with a few numbers.
///
/// Coefficients are shares of the datasheet or plain times, so that a device that nobody measured can
/// take those of a measured relative beside its own `DeviceLimits`.
public protocol OperatorLaw: Sendable, Hashable {
  /// The formula's numbers, in the order in which a profile lists them.
  static var coefficients: [Coefficient<Self>] { get }
}

/// One number of a law.
public struct Coefficient<Law>: Sendable {
  /// Its key in a GPU profile, such as `floor`.
  public var name: String
  /// Where a law keeps it.
  public var keyPath: any WritableKeyPath<Law, Double> & Sendable
  /// Values that make physical sense; a fit stays inside.
  public var bounds: ClosedRange<Double>
  /// The unit: `ns`, `share` of a datasheet figure, `ratio`, `count`.
  public var unit: String
  /// What it stands for, as a sentence part.
  public var meaning: String
  /// What a larger value does to a kernel's time.
  public var effect: CoefficientEffect

  /// Describes a number; without an effect a longer time slows a kernel down and a larger share or
  /// rate speeds it up.
  public init(
    _ name: String, _ keyPath: any WritableKeyPath<Law, Double> & Sendable,
    _ bounds: ClosedRange<Double>, unit: String, _ meaning: String,
    effect: CoefficientEffect? = nil
  ) {
    self.name = name
    self.keyPath = keyPath
    self.bounds = bounds
    self.unit = unit
    self.meaning = meaning
    self.effect = effect ?? (unit == "ns" ? .slower : .faster)
  }
}

/// What a larger value of a coefficient does to the time of a kernel; to some kernels it does nothing.
public enum CoefficientEffect: Sendable, Hashable {
  /// The kernel takes less time.
  case faster
  /// The kernel takes more time.
  case slower
  /// It tells which kernels there are, and is no quantity.
  case choice
  /// Makes its kernel longer and hides more of all others in a step: neither end is fast.
  case mixed
}

extension OperatorLaw {
  /// The numbers, in the order of `coefficients`.
  public var values: [Double] {
    get { Self.coefficients.map { self[keyPath: $0.keyPath] } }
    set {
      precondition(newValue.count == Self.coefficients.count, "one value for each coefficient")
      for (coefficient, value) in zip(Self.coefficients, newValue) {
        self[keyPath: coefficient.keyPath] = value
      }
    }
  }
}
