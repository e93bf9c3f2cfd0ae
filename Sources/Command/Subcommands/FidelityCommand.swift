import ArgumentParser
import Calibration
import FoundationEssentials
import Hardware
import Reports
import Scenarios

/// `simpp fidelity`: predicted against measured operators.
struct FidelityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fidelity",
    abstract: "Compares predictions with tables of measured operators and prints the errors.",
    discussion: """
      A table is known by its columns: GEMM, attention, mixture-of-experts, nccl and all-reduce tables \
      of aiconfigurator, layers, attention and network of Vidur and Frontier, APEX+'s communication, \
      what nccl-tests prints, and the columns of docs/calibration.md. Its GPU is found in a column, in \
      the file's name or its folders, or given by --gpu. Of a folder all files are looked at; what is \
      no table of operators is named with the reason.

        simpp fidelity gemm_vllm.csv --gpu h100-sxm
        simpp fidelity measurements/ --json > errors.json
        simpp fidelity measurements/ --plots plots --check
        simpp fidelity mine.csv --profile my-h100.json
        simpp fidelity --observed bench.json --scenario S.json

      Printed are, by operator, GPU, format and class of sizes, the mean relative error (MAPE), median, \
      95th percentile and bias, of all shapes and of those that no fit saw, beside the error of the \
      plain datasheet; then the worst rows, and what is left out and why. Exit status 65 when a table \
      cannot be read, 66 when one is missing, with --check 1 when an error exceeds the project's \
      targets.

      --observed replays a benchmark of your own engine through a scenario's model, cluster and \
      scheduler, prints the error of TTFT, TPOT and e2e by quantile, then moves one coefficient of the \
      cost model at a time and says which value of which would explain the difference.
      """)

  @Argument(
    help: ArgumentHelp("Tables, or folders of them.", valueName: "path"), completion: .file())
  var paths: [String] = []

  @OptionGroup(title: "A benchmark of your own engine") var benchmark: ObservedOptions

  @OptionGroup var device: DeviceOptions

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Writes a picture for each operator and GPU into a folder: predicted over measured, SVG.",
      valueName: "dir"),
    completion: .directory)
  var plots: String?

  @Option(
    help: ArgumentHelp(
      "Writes a document with all figures, its pictures beside it in a folder of the same name.",
      valueName: "file"),
    completion: .file(extensions: ["md"]))
  var markdown: String?

  @Flag(help: "Exit status 1 when an error exceeds the project's targets.")
  var check = false

  func validate() throws {
    if paths.isEmpty == (benchmark.observed == nil) {
      throw ValidationError("give tables or folders of them, or --observed with --scenario")
    }
    if let markdown, !markdown.hasSuffix(".md") {
      throw ValidationError(
        "--markdown takes a file that ends in .md, found '\(baseName(markdown))'")
    }
  }

  func run() throws {
    try reportingFailures {
      if benchmark.observed != nil { return try benchmark.run(json: json) }
      var fidelity = Fidelity(gpu: device.gpu, device: try device.devices())
      let faults = try compare(&fidelity)
      fidelity.addPublishedSteps()
      let report = fidelity.report
      try Terminal.print(
        json ? FidelityJSON.text(report) : FidelityText(report).text())
      if let plots { try write(FidelityPlot.all(report), to: plots) }
      if let markdown { try writeDocument(report, to: markdown) }
      if !faults.isEmpty {
        for fault in faults { Terminal.say("\(fault)") }
        throw Status.badContent
      }
      if check, report.verdicts.contains(where: \.isMissed) { throw Status.checkFailed }
    }
  }

  /// Compares every file; faults of files found in folders are collected, others end the command.
  private func compare(_ fidelity: inout Fidelity) throws -> [TableFault] {
    let files = try MeasurementFiles(paths).items
    let progress = FileProgress()
    defer { progress.clear() }
    var faults: [TableFault] = []
    for (index, file) in files.enumerated() {
      if let reason = file.reason {
        fidelity.skip(file.name, because: reason)
        continue
      }
      progress.show("\(index + 1) of \(files.count) files: \(file.name)")
      let text: String
      do throws(ScenarioFile.Failure) {
        text = try ScenarioFile.text(at: file.path)
      } catch {
        guard !file.isNamed else { throw error }
        fidelity.skip(file.name, because: error.reason)
        continue
      }
      do throws(TableFault) {
        try fidelity.add(
          Fidelity.File(
            name: file.name, path: file.path, text: text, isNamed: file.isNamed))
      } catch {
        guard !file.isNamed else { throw error }
        fidelity.skip(file.name, because: "cannot be read: \(error)")
        faults.append(error)
      }
    }
    return faults
  }

  private func write(_ plots: [FidelityPlot], to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw OutputError(
        file: baseName(folder), cause: "the folder cannot be made", isCreation: true)
    }
    for plot in plots { try write(plot.svg, to: folder + "/" + plot.fileName) }
  }

  private func writeDocument(_ report: FidelityReport, to path: String) throws {
    let folder = String(path.dropLast(3))
    try write(FidelityPlot.all(report), to: folder)
    try write(FidelityMarkdown(report, plotFolder: baseName(folder)).text, to: path)
  }

  private func write(_ text: String, to path: String) throws {
    let output = try OutputFile(path: path, sparing: paths)
    output.append(text)
    try output.finish()
  }
}

extension ScenarioFile.Failure {
  /// Why a file found in a folder is not read.
  fileprivate var reason: String {
    switch self {
    case .missing: "it is gone"
    case .unreadable(_, let cause): "it cannot be read: \(cause)"
    case .notText: "it is no UTF-8 text"
    }
  }
}
