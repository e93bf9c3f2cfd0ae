/// What is known of a GPU as numbers: its datasheet and the coefficients of its laws.
///
/// Each number says where it comes from and how far it can be off. They lie in a JSON file, at most 60.
public struct GPUProfile: Sendable, Hashable {
  /// The section of the datasheet's figures.
  public static let datasheetSection = "datasheet"
  /// The most numbers of a profile: fewer numbers carry further than tables do.
  public static let mostNumbers = 60

  /// The device: a name of the catalogue.
  public var gpu: String
  /// The software whose kernels were measured.
  public var software: String
  /// The set of kernels that multiply matrices.
  public var kernels: GEMMKernels
  /// The numbers, section by section.
  public var numbers: [ProfileNumber]
  /// Sizes inside which a section's numbers were fitted, such as the rows of a GEMM.
  public var coverage: [ProfileCoverage]

  /// Creates a profile.
  public init(
    gpu: String, software: String, kernels: GEMMKernels, numbers: [ProfileNumber],
    coverage: [ProfileCoverage] = []
  ) {
    self.gpu = gpu
    self.software = software
    self.kernels = kernels
    self.numbers = numbers
    self.coverage = coverage
  }

  /// A number by its place, nil if the profile does not have it.
  public func number(_ section: String, _ name: String) -> ProfileNumber? {
    numbers.first { $0.section == section && $0.name == name }
  }

  /// The sections, in their order.
  public var sections: [String] {
    var names: [String] = []
    for number in numbers where !names.contains(number.section) { names.append(number.section) }
    return names
  }

  /// Replaces a number, or appends it to its section.
  public mutating func set(_ number: ProfileNumber) {
    if let place = numbers.firstIndex(where: { $0.path == number.path }) {
      numbers[place] = number
    } else if let last = numbers.lastIndex(where: { $0.section == number.section }) {
      numbers.insert(number, at: last + 1)
    } else {
      numbers.append(number)
    }
  }
}

/// The sizes that measurements covered: outside them a law predicts what nobody checked.
public struct ProfileCoverage: Sendable, Hashable {
  /// The section whose numbers were fitted there.
  public var section: String
  /// The size: `rows`, `outputs`, `inputs`, `sequences`, `context`, `tokens`.
  public var size: String
  /// The smallest and the largest measured.
  public var range: ClosedRange<Int>

  /// Creates a coverage.
  public init(section: String, size: String, range: ClosedRange<Int>) {
    self.section = section
    self.size = size
    self.range = range
  }
}
