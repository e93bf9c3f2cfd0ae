import Foundation
import Serving
import Testing

/// Whether a group of GPUs inside one NVLink domain can be had at once on a fragmented cluster.
@Suite struct AllocationTests {
  /// Nodes, share of free GPUs, GPUs asked for, the published probability and its rounding.
  struct Case: Sendable, CustomTestStringConvertible {
    var nodes: Int
    var free: Double
    var needed: Int
    var published: Double
    var rounding = 0.0005
    var testDescription: String { "N = \(nodes), f = \(free), k = \(needed)" }
  }

  private static let replications = 400

  @Test(
    "A tensor-parallel group is granted at once as often as independently free GPUs allow",
    arguments: [
      Case(nodes: 100, free: 0.05, needed: 2, published: 0.997),
      // 0.036499 was rounded to 0.0365 first.
      Case(nodes: 100, free: 0.05, needed: 4, published: 0.037, rounding: 0.000_51),
      Case(nodes: 100, free: 0.10, needed: 4, published: 0.396),
      Case(nodes: 100, free: 0.20, needed: 4, published: 0.997),
      Case(nodes: 100, free: 0.20, needed: 8, published: 0.0003, rounding: 0.000_05),
      Case(nodes: 100, free: 0.30, needed: 8, published: 0.0065, rounding: 0.000_05),
      Case(nodes: 10, free: 0.10, needed: 2, published: 0.874),
      Case(nodes: 10, free: 0.10, needed: 4, published: 0.049),
      Case(nodes: 10, free: 0.20, needed: 4, published: 0.440),
    ])
  func grantedAtOnce(_ given: Case) async throws {
    let probability = someNodeHas(given.needed, free: given.free, nodes: given.nodes)
    #expect(abs(probability - given.published) <= given.rounding)
    let scenario = try oracle(
      "fragmentation", "cluster.nodes[0].count=\(given.nodes)",
      "cluster.background.occupancy=\(1 - given.free)",
      "schedulers[0].parallelism.tensor=\(given.needed)")
    let granted = await scenario.replicate(Self.replications) { run in
      let records = MemorySink()
      _ = run.run(into: records)
      return records.allocations.contains { $0.kind == .replica && $0.granted == 0 }
    }
    let count = Double(Self.replications)
    let share = Double(granted.count { $0 }) / count
    let z = (share - probability) / (probability * (1 - probability) / count).squareRoot()
    #expect(abs(z) < 4, "theory \(probability), simulated \(share), z \(z)")
  }

  /// 1 − (1 − P(Bin(8, f) ≥ k))^N: nodes are independent, and so are the GPUs of each.
  private func someNodeHas(_ needed: Int, free: Double, nodes: Int) -> Double {
    var choices = 1.0
    var enough = 0.0
    for count in 0...8 {
      if count >= needed {
        enough += choices * pow(free, Double(count)) * pow(1 - free, Double(8 - count))
      }
      choices *= Double(8 - count) / Double(count + 1)
    }
    return 1 - pow(1 - enough, Double(nodes))
  }
}
