public import Hardware

/// A GPU with the laws that predict its operators.
public struct PredictedDevice: Sendable, Hashable {
  /// The device of the catalogue.
  public var specification: GPUSpecification
  /// The laws.
  public var laws: OperatorLaws
  /// The laws' numbers, which say what they were fitted to.
  public var numbers: [ProfileNumber]

  /// Creates a device; by default its laws' numbers come from where the catalogue's do.
  public init(
    _ specification: GPUSpecification, laws: OperatorLaws, numbers: [ProfileNumber]? = nil
  ) {
    self.specification = specification
    self.laws = laws
    self.numbers = numbers ?? specification.lawNumbers
  }

  /// Its datasheet.
  public var limits: DeviceLimits { specification.limits }
}
