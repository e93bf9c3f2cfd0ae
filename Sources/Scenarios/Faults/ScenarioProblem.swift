public import Inference
import JSON

/// What is wrong with a value of a scenario: facts, which `ScenarioFault` makes a sentence of.
public enum ScenarioProblem: Sendable, Hashable {
  /// The text is not JSON here.
  case syntax(found: String, needed: String)
  /// A file that is not of the format it should be; the cause as its parser puts it.
  case notOfFormat(String, cause: String)
  /// A file of documents of which none is of a kind; `found` is the kind of the first.
  case missingDocument(kind: String, found: String?)
  /// A key that its object already has; the line of the first.
  case duplicateKey(firstLine: Int)
  /// A key that means nothing here.
  case unknownKey(suggestion: String?, known: [String])
  /// A key that must be there.
  case missing(needed: String)
  /// A value of the wrong kind, outside its limits, or at odds with another value.
  case unfit(found: String, needed: String)
  /// A name that stands for nothing; `kind` says what it should name.
  case unknownName(found: String, kind: String, suggestion: String?, known: [String])
  /// A name that another value of the list has.
  case duplicateName(name: String, first: String)
  /// A config.json of a kind of model that is not read: its class, its `model_type`, the keys that
  /// it lacks to be read like most, and those that say that it is not like most.
  case unknownArchitecture(
    found: String?, modelType: String?, lacks: [String], extra: [String], known: [String])
  /// A file that is in none of the folders or cannot be read; the cause as the system puts it.
  case noSuchFile(name: String, cause: String)
  /// Something the format provides for and this version does not do.
  case unsupported(what: String, instead: String)
  /// A plan that cannot cut a model.
  case illegalPlan(plan: String, model: String, reasons: [PlanFault])
  /// A plan that fits into no GPU type of the cluster.
  case planDoesNotFit(plan: String, model: String, shortages: [GPUShortage])
  /// A plan with a stage that the model's cost table has no measurement for.
  case unmeasuredPlan(plan: String, model: String, reason: StepPiecesFault)
  /// A stage that must lie in one NVLink domain, larger than any domain.
  case domainTooSmall(tensor: Int, largest: Int)
  /// More stages than the cluster has places for; `gpus` are the types that can hold them.
  case tooFewPlaces(stages: Int, tensor: Int, gpus: [String], places: Int)
  /// A replica larger than the cluster.
  case clusterTooSmall(needed: Int, available: Int)
  /// The path of an override that leads to nothing.
  case overrideLeadsNowhere(at: String, suggestion: String?, known: [String])
  /// A trace that cannot be read as it is.
  case brokenTrace(TraceFault)
  /// A note that is refused like a fault.
  case noted(String)
}

/// A stage that does not fit into a GPU type, in bytes per GPU.
public struct GPUShortage: Sendable, Hashable {
  /// The GPU type.
  public var gpu: String
  /// The stage, counted from 0.
  public var stage: Int
  /// Bytes of weights.
  public var weightBytes: Int64
  /// Bytes of activations, logits and runtime.
  public var workingBytes: Int64
  /// Bytes the GPU offers.
  public var usableBytes: Int64

  /// Creates a shortage.
  public init(
    gpu: String, stage: Int, weightBytes: Int64, workingBytes: Int64, usableBytes: Int64
  ) {
    self.gpu = gpu
    self.stage = stage
    self.weightBytes = weightBytes
    self.workingBytes = workingBytes
    self.usableBytes = usableBytes
  }

  /// `stage 0 needs 141.1 GB of weights and …; 72.0 GB usable of h100-sxm`.
  var sentence: String {
    "stage \(stage) needs \(gigabytes(weightBytes)) of weights and \(gigabytes(workingBytes)) "
      + "of working memory a GPU, \(gigabytes(usableBytes)) usable of \(gpu)"
  }
}

/// Bytes as GB with one digit.
private func gigabytes(_ bytes: Int64) -> String {
  let tenths = (bytes + 50_000_000) / 100_000_000
  return "\(grouped(tenths / 10)).\(tenths % 10) GB"
}

extension ScenarioProblem {
  /// Whose fault it is.
  var kind: TraceFault.Kind {
    switch self {
    case .noSuchFile: .noInput
    case .brokenTrace(let fault): fault.kind
    default: .content
    }
  }

  /// The same problem where a word would be right too.
  func allowing(_ word: String) -> ScenarioProblem {
    guard case .unfit(let found, let needed) = self else { return self }
    return .unfit(found: found, needed: "\"\(word)\" or " + needed)
  }

  /// The problem as a sentence without a full stop.
  var sentence: String {
    switch self {
    case .syntax(let found, let needed): "found \(found), needs \(needed)"
    case .notOfFormat(let format, let cause): "is no \(format): \(cause)"
    case .missingDocument(let kind, let found):
      "has no document of kind \(kind)"
        + (found.map { "; the first is of kind \"\(shortened($0))\"" } ?? "")
    case .duplicateKey(let line): "the key stands here twice, first in line \(line)"
    case .unknownKey(let suggestion, let known):
      "unknown key" + Self.hint(suggestion, known, none: "no key is known here")
    case .missing(let needed): "missing, needs \(needed)"
    case .unfit(let found, let needed): "found \(found), needs \(needed)"
    case .unknownName(let found, let kind, let suggestion, let known):
      "found \"\(shortened(found))\", needs \(kind)"
        + Self.hint(suggestion, known, none: "there is none")
    case .duplicateName(let name, let first):
      "found \"\(shortened(name))\" again, needs a name of its own; the first is \(first)"
    case .unknownArchitecture(let found, let type, let lacks, let extra, let known):
      Self.unknownArchitecture(found, type, lacks: lacks, extra: extra, known: known)
    case .noSuchFile(let name, let cause): "\(shortened(name)): \(cause)"
    case .unsupported(let what, let instead): "\(what); \(instead)"
    case .illegalPlan(let plan, let model, let reasons):
      "\(plan) cannot cut \(model): " + reasons.map(\.description).joined(separator: "; ")
    case .planDoesNotFit(let plan, let model, let shortages):
      "\(plan) of \(model) fits on no GPU type here: "
        + shortages.map(\.sentence).joined(separator: "; ")
    case .unmeasuredPlan(let plan, let model, let reason):
      "\(plan) of \(model) has no cost: \(reason)"
    case .domainTooSmall(let tensor, let largest):
      "found a stage of \(counted(tensor, "GPU")), needs at most \(largest), the largest NVLink domain here, "
        + "or \"domain\": \"preferred\""
    case .tooFewPlaces(let stages, let tensor, let gpus, let places):
      "found \(counted(stages, "stage")) of \(counted(tensor, "GPU")) for "
        + gpus.joined(separator: ", ") + ", needs at most \(places), all that there is room for"
    case .clusterTooSmall(let needed, let available):
      "found a replica of \(counted(needed, "GPU")), needs at most \(grouped(available)), "
        + "all that the cluster has"
    case .overrideLeadsNowhere(let place, let suggestion, let known):
      "nothing here is called \(place)" + Self.hint(suggestion, known, none: "it has no parts")
    case .brokenTrace(let fault): fault.description
    case .noted(let sentence): sentence
    }
  }

  private static func unknownArchitecture(
    _ found: String?, _ type: String?, lacks: [String], extra: [String], known: [String]
  ) -> String {
    let name = found.map { "found \"\(shortened($0))\"" } ?? "found no architecture"
    let beside = type.flatMap { $0 == found ? nil : " (model_type \"\(shortened($0))\")" } ?? ""
    let keys =
      if !lacks.isEmpty {
        "to be read like most it lacks " + lacks.joined(separator: ", ")
      } else if !extra.isEmpty {
        "it has the keys of a plain decoder but is none, for it has "
          + extra.joined(separator: ", ")
      } else {
        "it has the keys of a plain decoder; if it is one, say so by \"model_type\": \"llama\""
      }
    return name + beside + ", needs one of " + known.joined(separator: ", ") + "; " + keys
  }

  private static func hint(_ suggestion: String?, _ known: [String], none: String) -> String {
    if let suggestion { return "; did you mean \"\(suggestion)\"?" }
    if known.isEmpty { return "; " + none }
    let shown = known.prefix(24).joined(separator: ", ")
    return "; known: " + shown + (known.count > 24 ? ", ..." : "")
  }
}

extension ScenarioProblem {
  /// What a parser found wrong with a text.
  init(_ fault: JSONParser.SyntaxFault) {
    self =
      fault.isSyntax
      ? .syntax(found: fault.found, needed: fault.needed)
      : .unfit(found: fault.found, needed: fault.needed)
  }
}
