public import Hardware

/// A GPU with the laws that predict its operators.
public struct PredictedDevice: Sendable, Hashable {
  /// The device of the catalogue.
  public var specification: GPUSpecification
  /// The laws.
  public var laws: OperatorLaws

  /// Creates a device.
  public init(_ specification: GPUSpecification, laws: OperatorLaws) {
    self.specification = specification
    self.laws = laws
  }

  /// Its datasheet.
  public var limits: DeviceLimits { specification.limits }
}
