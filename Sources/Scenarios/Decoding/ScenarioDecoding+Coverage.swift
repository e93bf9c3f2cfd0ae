import Hardware
import Inference
import JSON
import Serving

extension ScenarioDecoding {
  /// Tells once for each device and size what a scenario asks of its laws beyond the sizes that they
  /// were fitted to.
  ///
  /// Models whose costs are given need no laws.
  func noteCoverage(_ schedulers: [Scheduler], models: [Model], on cluster: Cluster) {
    let served = models.compactMap(\.model).filter {
      if case .roofline = $0.cost { true } else { false }
    }
    if served.isEmpty { return }
    var told: Set<String> = []
    for node in cluster.nodes where !node.gpu.coverage.isEmpty {
      for scheduler in schedulers {
        for asked in Self.sizes(asked: scheduler, of: served) {
          guard
            let covered = node.gpu.coverage.first(where: {
              $0.section == asked.section && $0.size == asked.size
            }), asked.value > covered.range.upperBound,
            told.insert("\(node.gpu.name) \(asked.section) \(asked.size)").inserted
          else { continue }
          faults.add(
            note:
              "\(node.gpu.name): \(asked.section) at \(asked.size) \(grouped(asked.value)) (\(asked.by)) "
              + "is beyond \(grouped(covered.range.upperBound)), the largest that was measured",
            at: .root, from: .text(offset: 0))
        }
      }
    }
  }

  /// A size that some step may have.
  private struct AskedSize {
    var section: String
    var size: String
    var value: Int
    /// What asks for it.
    var by: String
  }

  private static func sizes(asked scheduler: Scheduler, of models: [ServedModel]) -> [AskedSize] {
    guard let batching = scheduler.batching else { return [] }
    var sizes = [
      AskedSize(
        section: "gemm", size: "rows", value: batching.maximumTokens, by: "maxBatchedTokens"),
      AskedSize(
        section: "prefillAttention", size: "tokens", value: batching.maximumTokens,
        by: "maxBatchedTokens"),
      AskedSize(
        section: "decodeAttention", size: "sequences", value: batching.maximumSequences,
        by: "maxSequences"),
    ]
    for model in models {
      let shape = model.architecture
      let section = model.weights == .fp8 ? "gemmFP8" : "gemm"
      if shape.experts != nil {
        sizes.append(
          AskedSize(
            section: "experts", size: "tokens", value: batching.maximumTokens,
            by: "maxBatchedTokens"))
      }
      let tensor = scheduler.parallelism?.policy.allPlans.map(\.tensor).min() ?? 1
      let widest = (shape.feedForward == .gated ? 2 : 1) * shape.intermediateSize / tensor
      sizes.append(
        AskedSize(
          section: section, size: "outputs", value: widest,
          by: "the feed-forward network of \(shortened(model.name))"))
    }
    return sizes
  }
}
