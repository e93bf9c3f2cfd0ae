public import ArgumentParser
public import Calibration
import Hardware
import Reports
import Scenarios

/// `simpp calibrate`: fits a GPU's profile to tables of measurements.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Fits a GPU's profile to tables of its measured operators.",
    discussion: """
      It starts from the catalogue's profile of the GPU and fits the laws whose tables are given, each \
      by bounded least squares over relative errors; the others stay. A table is known by its columns: \
      those of aiconfigurator, Vidur, nccl-tests, or our own (docs/calibration.md, which also says how \
      to measure one's own GPU).

        simpp calibrate --gpu h100-sxm --gemm gemm.csv -o my-h100.json
        simpp calibrate --gpu l40s --gemm bf16.csv --gemm fp8.csv \\
          --attention decode.csv --allreduce all_reduce_perf.txt -o my-l40s.json
        simpp fidelity gemm.csv --profile my-h100.json

      Printed are the numbers before and after with their 95 % intervals, and the errors by class of \
      size: of the half of the shapes that is held out from the fit, which tells how well it carries \
      over, and of the half that is fitted. Exit status 65 for a table that cannot be read, too few \
      rows, and a fit that is no better than the plain datasheet; 66 for a missing file.
      """)

  @Option(
    help: ArgumentHelp("The GPU: a name that 'simpp gpus' lists.", valueName: "name"))
  var gpu: String

  @Option(
    help: ArgumentHelp(
      "Measured matrix products, or whole layers, whose norms and activations are fitted as well; "
        + "may be given several times.",
      valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var gemm: [String] = []

  @Option(
    help: ArgumentHelp(
      "Measured attention of prompts or of decoding; may be given several times.",
      valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var attention: [String] = []

  @Option(
    help: ArgumentHelp(
      "Measured layers of experts; may be given several times.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var experts: [String] = []

  @Option(
    help: ArgumentHelp(
      "Measured collectives of one node, such as what nccl-tests prints; may be given several times.",
      valueName: "file"),
    completion: .file())
  var allreduce: [String] = []

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      """
      Writes the profile, x.json, and of collectives their times by size beside it, \
      x.collectives.json. Default: only prints.
      """,
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  @Option(
    name: .customLong("hold-out"),
    help: ArgumentHelp(
      "half: keeps half of the shapes from the fit, to score it; none: fits all of them.",
      valueName: "rows"))
  var holdOut = ProfileCalibration.HoldOut.half

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func validate() throws {
    _ = try DeviceOptions.device(named: gpu)
    if inputs.allSatisfy(\.paths.isEmpty) {
      throw ValidationError(
        "nothing to fit: give --gemm, --attention, --experts or --allreduce a table")
    }
    if let output, !output.hasSuffix(".json") {
      throw ValidationError("--output takes a file that ends in .json, found '\(baseName(output))'")
    }
  }

  func run() throws {
    try reportingFailures {
      let device = try DeviceOptions.device(named: gpu)
      var calibration = ProfileCalibration(
        start: PredictedDevice(device, laws: device.laws), holdOut: holdOut)
      let progress = FileProgress()
      defer { progress.clear() }
      for (paths, kind) in inputs {
        for path in paths {
          progress.show("reading \(baseName(path))")
          try calibration.add(
            try ScenarioFile.text(at: path), file: baseName(path), as: kind)
        }
      }
      let result = try calibration.fitted { progress.show("fitting \($0)") }
      progress.clear()
      try Terminal.print(json ? CalibrationJSON.text(result) : CalibrationText(result).text())
      if let refusal = result.refusal { throw refusal }
      if let output { try write(result, of: device, to: output) }
    }
  }

  /// The tables by what they are said to measure.
  private var inputs: [(paths: [String], kind: ProfileCalibration.Kind)] {
    [(gemm, .gemm), (attention, .attention), (experts, .experts), (allreduce, .allreduce)]
  }

  private func write(
    _ result: CalibratedProfile, of device: GPUSpecification, to path: String
  ) throws {
    let tables = inputs.flatMap(\.paths)
    let file = try OutputFile(path: path, sparing: tables)
    file.append(result.profile(from: GPUProfile(device)).json)
    try file.finish()
    guard let collectives = result.collectives else { return }
    let beside = try OutputFile(
      path: path.dropLast(5) + ".collectives.json", sparing: tables + [path])
    beside.append(collectives.json)
    try beside.finish()
  }
}

extension ProfileCalibration.HoldOut: ExpressibleByArgument {}
