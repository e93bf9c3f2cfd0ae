import ArgumentParser
import Scenarios

/// `simpp cluster`: a `cluster` block from what a cluster says about itself.
struct ClusterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Turns 'kubectl get nodes -o json' and 'nvidia-smi topo -m' into a cluster block.",
    discussion: """
      Prints the block of a scenario with comments: what was read off what, and what no file tells \
      and therefore rests on a default. Nodes that are cordoned, not ready, tainted, without GPUs or \
      cut by MIG are left out and named.

        kubectl get nodes -o json > nodes.json
        simpp cluster --nodes nodes.json
        simpp cluster --nodes nodes.json --topology topo.txt
        simpp cluster --nodes nodes.json --topology gpu-07=odd.txt --gpu NVIDIA-L40=l40s
      """)

  @Option(
    help: "What 'kubectl get nodes -o json' printed.", completion: .file(extensions: ["json"]))
  var nodes: String

  @Option(
    help: ArgumentHelp(
      "What 'nvidia-smi topo -m' printed on a node like all others, or on NODE. May repeat.",
      valueName: "file or node=file"))
  var topology: [String] = []

  @Option(
    help: ArgumentHelp(
      "The catalogue's type for a product that it does not know, as NVIDIA-L40=l40s. May repeat.",
      valueName: "product=type"))
  var gpu: [String] = []

  @Option(help: ArgumentHelp("Takes nodes with taints of this key. May repeat.", valueName: "key"))
  var tolerate: [String] = []

  @Flag(help: "Prints one JSON object: the block, and the remarks as a list.")
  var json = false

  func validate() throws {
    for argument in gpu where Self.halves(argument) == nil {
      throw ValidationError("--gpu takes PRODUCT=TYPE, found '\(argument)'")
    }
    for argument in gpu {
      guard let type = Self.halves(argument)?.right, !ClusterImport.knows(gpu: type) else {
        continue
      }
      throw ValidationError("--gpu \(argument): 'simpp gpus' lists no type '\(type)'")
    }
  }

  func run() throws {
    try reportingFailures {
      var choices = ClusterImport.Choices()
      choices.tolerated = tolerate
      for pair in gpu.compactMap(Self.halves) { choices.renamed[pair.left] = pair.right }
      let topologies = try topology.map { argument in
        let pair = Self.halves(argument)
        let file = pair?.right ?? argument
        return ClusterImport.Topology(
          node: pair?.left, fileName: file, text: try ScenarioFile.text(at: file))
      }
      let found = try ClusterImport(
        nodes: (try ScenarioFile.text(at: nodes), nodes), topologies: topologies, choices: choices)
      try Terminal.print(json ? found.json : found.text)
    }
  }

  /// Both sides of the first equals sign.
  private static func halves(_ argument: String) -> (left: String, right: String)? {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    let right = argument[argument.index(after: equals)...]
    return right.isEmpty ? nil : (String(argument[..<equals]), String(right))
  }
}
