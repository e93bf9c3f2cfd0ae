import ArgumentParser
import Scenarios

/// Where the files lie that scenarios name.
struct InputOptions: ParsableArguments {
  @Option(
    name: .customLong("trace-dir"),
    help: ArgumentHelp(
      """
      Where the files that the scenario names are looked for first; may be given several times. \
      Afterwards: the scenario's folder, and the folder Traces beside it.
      """,
      valueName: "dir"),
    completion: .directory)
  var traceFolders: [String] = []

  /// Reads and checks a scenario, and the files that it names.
  func decode(
    _ path: String, overrides: [ScenarioOverride] = [], isQuiet: Bool
  ) throws -> DecodedScenario {
    let files = InputFiles(besideScenario: path, folders: traceFolders)
    return try decode(
      text: try ScenarioFile.text(at: path), fileName: path, files: files, overrides: overrides,
      isQuiet: isQuiet)
  }

  /// Checks the scenario of a results file, and the files that it names.
  func decode(stored json: String, of run: String, in results: String) throws -> DecodedScenario {
    var files = InputFiles(besideScenario: results, folders: traceFolders)
    files.folders.append(".")
    return try decode(text: json, fileName: run, files: files, overrides: [], isQuiet: false)
  }

  private func decode(
    text: String, fileName: String, files: InputFiles, overrides: [ScenarioOverride],
    isQuiet: Bool
  ) throws -> DecodedScenario {
    var decoder = ScenarioDecoder(catalogue: Policies.current, files: files)
    let progress = CheckProgress(isQuiet: isQuiet)
    decoder.progress = { progress.update($0) }
    defer { progress.clear() }
    return try decoder.decode(text: text, fileName: fileName, overrides: overrides)
  }
}
