/// What a device of the catalogue is.
public enum DeviceKind: String, Sendable, Hashable, CaseIterable {
  /// A GPU with its own memory.
  case gpu
  /// One socket of a CPU with the memory that hangs on it.
  case cpu
}
