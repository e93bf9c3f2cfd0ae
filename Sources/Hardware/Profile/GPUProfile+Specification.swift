extension GPUProfile {
  /// The profile of a device: the one that comes with simpp, or its datasheet with the laws that the
  /// catalogue derived for it.
  public init(_ device: GPUSpecification) {
    if let shipped = Self.shipped.first(where: { $0.gpu == device.name }) {
      self = shipped
      return
    }
    let relative = Self.shipped.first { $0.gpu == device.relative }
    self = device.profile(software: relative?.software ?? "none measured")
  }
}
