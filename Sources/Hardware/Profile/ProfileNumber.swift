/// One number of a GPU profile: a figure of the datasheet or a coefficient of a law.
public struct ProfileNumber: Sendable, Hashable {
  /// Its section: `datasheet`, or the law's name such as `gemm`.
  public var section: String
  /// Its name there.
  public var name: String
  /// The number that predictions use.
  public var value: Double
  /// The lowest and the highest value that it may have as far as its source tells.
  public var range: ClosedRange<Double>
  /// The unit: `ns`, `share`, `ratio`, `count`, `MiB`, `FLOP/s`, `B/s`.
  public var unit: String
  /// How it came about.
  public var origin: FigureOrigin
  /// Who measured or published it, or what it was fitted to or derived from.
  public var source: String

  /// Creates a number; without a range it is exactly its value.
  public init(
    section: String, name: String, value: Double, range: ClosedRange<Double>? = nil, unit: String,
    origin: FigureOrigin, source: String
  ) {
    self.section = section
    self.name = name
    self.value = value
    self.range = range ?? value...value
    self.unit = unit
    self.origin = origin
    self.source = source
  }

  /// `gemm.floor`.
  public var path: String { section + "." + name }
}
