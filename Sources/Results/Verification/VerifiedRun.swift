/// What verifying one run found.
public struct VerifiedRun: Sendable, Hashable {
  /// The run as the file lists it.
  public var run: StoredRun
  /// The digest that its rows give; nil when not all rows that it needs were kept.
  public var recomputedDigest: String?
  /// What contradicts; empty for a sound run.
  public var faults: [String] = []
  /// What could not be checked, and why.
  public var notes: [String] = []

  /// Whether nothing contradicts.
  public var isSound: Bool { faults.isEmpty }
}
