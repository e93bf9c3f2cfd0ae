import ArgumentParser
import Calibration
import Hardware
import JSON
import Scenarios

/// Which GPU tables were measured on, and whose laws predict them.
struct DeviceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The GPU of all tables: a name that 'simpp gpus' lists. Default: named by a column, the file or \
      its folders.
      """,
      valueName: "name"))
  var gpu: String?

  @Option(
    help: ArgumentHelp(
      "Predicts its GPU by the laws of a profile, as 'simpp calibrate' writes them.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var profile: String?

  func validate() throws {
    if let gpu { _ = try Self.device(named: gpu) }
  }

  /// A GPU of the catalogue.
  ///
  /// - Throws: `ValidationError` with the nearest name for one that it does not have.
  static func device(named name: String) throws -> GPUSpecification {
    let known = HardwareCatalogue.gpus.filter { $0.kind == .gpu }
    if let device = known.first(where: { $0.name == name }) { return device }
    let names = known.map(\.name)
    let hint = suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
    throw ValidationError(
      "no GPU is called '\(name)'; " + (hint ?? "known: " + names.joined(separator: ", ")))
  }

  /// The GPUs with their laws; a profile's laws for its own GPU.
  func devices() throws -> @Sendable (String) -> PredictedDevice? {
    let changed = try profile.map { try ProfileFile($0).device }
    return { name in
      let own = changed.flatMap { $0.name == name ? $0 : nil }
      return (own ?? HardwareCatalogue.gpu(named: name)).map { PredictedDevice($0, laws: $0.laws) }
    }
  }
}

/// A user's GPU profile.
struct ProfileFile {
  /// Its GPU as the profile describes it.
  let device: GPUSpecification

  /// Reads a profile.
  ///
  /// - Throws: `ScenarioFile.Failure` for a file that is not there, `TableFault` for one whose
  ///   content is no profile of a GPU of the catalogue.
  init(_ path: String) throws {
    let text = try ScenarioFile.text(at: path)
    do throws(ProfileFault) {
      let profile = try GPUProfile(json: text)
      guard let known = HardwareCatalogue.gpu(named: profile.gpu) else {
        throw ProfileFault(
          path: .root.key("gpu"), offset: 0, found: profile.gpu,
          needed: "a name that 'simpp gpus' lists")
      }
      device = try known.applying(profile)
    } catch {
      // Where the place is known: the lines up to it.
      let line = error.offset > 0 ? text.utf8.prefix(error.offset).count { $0 == 10 } + 1 : nil
      let place = error.path.description
      throw TableFault(
        file: baseName(path), line: line, column: place.isEmpty ? nil : place,
        found: error.found, needed: error.needed)
    }
  }
}
