import ArgumentParser
import Calibration
import FoundationEssentials
import Results
import Scenarios
import Serving
import Workload

/// The exit statuses that scripts may rely on.
enum Status {
  static let checkFailed = ExitCode(1)
  static let usage = ExitCode(64)
  static let badContent = ExitCode(65)
  static let noInput = ExitCode(66)
  static let internalFault = ExitCode(70)
  static let cannotCreate = ExitCode(73)
  static let inputOutput = ExitCode(74)
  static let interrupted = ExitCode(130)

  /// The status that tells whose fault an input is.
  static func of(_ kind: TraceFault.Kind) -> ExitCode {
    switch kind {
    case .content: badContent
    case .noInput: noInput
    case .inputOutput: inputOutput
    }
  }
}

/// Runs a subcommand's body; an error becomes a message on standard error and an exit status.
func reportingFailures(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let code as ExitCode {
    throw code
  } catch let error as ValidationError {
    throw error
  } catch let faults as ScenarioFaults {
    Terminal.say("\(faults)")
    throw Status.of(faults.kind)
  } catch let failure as ScenarioFile.Failure {
    Terminal.say("\(failure.withBaseName)")
    throw failure.isEnvironmental ? Status.noInput : Status.badContent
  } catch let beyond as BeyondPhysics {
    Terminal.say(beyond.message)
    throw beyond.isOurs ? Status.internalFault : Status.badContent
  } catch let fault as StreamFault {
    Terminal.say("\(fault)")
    throw fault.isContent ? Status.badContent : Status.inputOutput
  } catch let fault as TraceFault {
    Terminal.say("\(fault)")
    throw fault.exitStatus
  } catch let fault as TableFault {
    Terminal.say("\(fault)")
    throw Status.badContent
  } catch let refusal as CalibratedProfile.Refusal {
    Terminal.say("\(refusal)")
    throw Status.badContent
  } catch let error as ResultsError {
    Terminal.say("\(error)")
    throw ExitCode(error.exitStatus)
  } catch let error as OutputError {
    Terminal.say("\(error)")
    throw error.isCreation ? Status.cannotCreate : Status.inputOutput
  } catch is Terminal.BrokenPipe {
    // Whoever reads has seen enough; what was to be stored is stored.
  } catch {
    Terminal.say("simpp: a fault of simpp itself: \(error). Please report it.")
    throw Status.internalFault
  }
}

extension BeyondPhysics {
  /// What is said of a run that passes a limit, and whose figures make it so.
  fileprivate var message: String {
    isOurs
      ? "simpp: a fault of simpp itself: \(self). Please report it."
      : "\(self): the GPU profile of the scenario beats physics"
  }
}

extension TraceFault {
  /// The exit status that tells whose fault it is.
  fileprivate var exitStatus: ExitCode {
    switch kind {
    case .content: Status.badContent
    case .noInput: Status.noInput
    case .inputOutput: Status.inputOutput
    }
  }
}

extension ScenarioFile.Failure {
  /// The same failure, naming the file without its folder.
  fileprivate var withBaseName: ScenarioFile.Failure {
    switch self {
    case .missing(let path): .missing(path: baseName(path))
    case .unreadable(let path, let cause): .unreadable(path: baseName(path), cause: cause)
    case .notText(let path): .notText(path: baseName(path))
    }
  }
}

/// Output that could not be written.
struct OutputError: Error, CustomStringConvertible {
  /// The file's base name, or `standard output`.
  var file: String
  var cause: String
  /// Whether the file could not be created, rather than written to.
  var isCreation: Bool

  var description: String {
    isCreation ? "\(file): cannot be created: \(cause)" : "\(file): cannot be written: \(cause)"
  }
}
