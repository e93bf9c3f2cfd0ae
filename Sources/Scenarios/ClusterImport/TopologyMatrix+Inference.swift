import Hardware

extension TopologyMatrix {
  /// Something read off the matrix, and why.
  struct Finding<Value: Sendable & Hashable>: Sendable, Hashable {
    var value: Value
    var reason: String
  }

  /// How the GPUs are joined by NVLink.
  var nvlink: Finding<NVLinkTopology> {
    let groups = joined { if case .nvlink = $0 { true } else { false } }
    let largest = groups.map(\.count).max() ?? 1
    if largest <= 1 { return Finding(value: .none, reason: "no NV# between GPUs") }
    if groups.contains(where: { !isClique($0) }) {
      return Finding(
        value: .switch,
        reason:
          "NVLink joins GPUs in a ring or mesh, not all to all: taken as a switch, which is faster")
    }
    if groups.count == 1, largest > 2 || gpus.count == 2 {
      return Finding(value: .switch, reason: "\(links(groups[0])) between all GPUs")
    }
    if largest == 2 {
      let isInOrder = groups.filter { $0.count == 2 }.allSatisfy {
        $0[0] % 2 == 0 && $0[1] == $0[0] + 1
      }
      let others =
        groups.contains { $0.count == 1 } ? "; some GPUs have no partner, here they do" : ""
      return Finding(
        value: .pairs,
        reason: "\(links(groups.first { $0.count == 2 } ?? [])) between pairs"
          + (isInOrder ? "" : "; the pairs are not 0-1, 2-3, ... as simpp numbers them") + others)
    }
    return Finding(
      value: .pairs,
      reason:
        "NVLink groups of \(largest), which no word stands for: taken as pairs, which is slower")
  }

  /// How many GPUs share a PCIe switch, 1 when none do.
  var gpusPerSwitch: Finding<Int> {
    // Where NVLink hides how GPUs reach each other over PCIe, cards below the same switch tell it.
    let groups = joined(\.isBelowSwitch) { gpu in
      cards.indices.filter { way(gpu, card: $0)?.isBelowSwitch ?? false }
    }
    let sizes = Set(groups.map(\.count))
    let largest = sizes.max() ?? 1
    let evenly = sizes.count == 1 ? "" : "; other switches have fewer, which simpp cannot say"
    return Finding(
      value: largest,
      reason: largest == 1
        ? "no two GPUs below one PCIe switch" : "\(largest) GPUs meet at PIX or PXB\(evenly)")
  }

  /// Whether GPUs write into each other's memory over PCIe, as far as the matrix tells.
  var isPeerToPeerLikely: Bool {
    gpus.indices.contains { gpu in (0..<gpu).contains { way(gpu, $0)?.isBelowSwitch ?? false } }
  }

  /// The network cards that serve GPUs.
  var gpuCards: Finding<[String]> {
    let near = cards.indices.filter { card in
      gpus.indices.contains { way($0, card: card)?.isBelowSwitch ?? false }
    }
    if near.isEmpty || near.count == cards.count {
      return Finding(value: cards, reason: "\(cards.count) cards in the matrix")
    }
    let far = cards.indices.filter { !near.contains($0) }.map { cards[$0] }.joined(separator: ", ")
    return Finding(
      value: near.map { cards[$0] },
      reason:
        "\(near.count) of \(cards.count) cards are below a GPU's PCIe switch; not counted: \(far)")
  }

  /// Whether cards reach GPU memory: NCCL does that below one PCIe switch, not across a host bridge,
  /// unless NCCL_NET_GDR_LEVEL says otherwise.
  var hasGPUDirect: Bool {
    gpus.indices.contains { gpu in
      cards.indices.contains { way(gpu, card: $0)?.isBelowSwitch ?? false }
    }
  }

  /// How many CPU sockets the GPUs hang below, nil where the matrix does not tell.
  var sockets: Int? {
    // NVLink hides the socket; then the cards tell it, by what they reach without SYS.
    if nvlink.value == .switch, cards.isEmpty { return nil }
    return joined {
      $0 != .sys && !$0.isNVLink
    } sharing: { gpu in
      cards.indices.filter { way(gpu, card: $0) != .sys }
    }.count
  }

  /// Groups of GPUs that a kind of way joins, directly or over others; or that share a mark.
  private func joined(
    _ isJoint: (Connection) -> Bool, sharing marks: (Int) -> [Int] = { _ in [] }
  ) -> [[Int]] {
    var groups: [[Int]] = []
    for gpu in gpus.indices {
      let mine = marks(gpu)
      let touched = groups.indices.filter { index in
        groups[index].contains { other in
          (way(gpu, other).map(isJoint) ?? false) || marks(other).contains { mine.contains($0) }
        }
      }
      let merged = touched.flatMap { groups[$0] } + [gpu]
      groups =
        groups.indices.filter { !touched.contains($0) }.map { groups[$0] } + [merged.sorted()]
    }
    return groups.sorted { $0[0] < $1[0] }
  }

  private func isClique(_ group: [Int]) -> Bool {
    group.allSatisfy { gpu in
      group.allSatisfy { $0 == gpu || way(gpu, $0)?.isNVLink ?? false }
    }
  }

  /// `NV18`, or `NV1 to NV2`.
  private func links(_ group: [Int]) -> String {
    var counts: [Int] = []
    for gpu in group {
      for other in group {
        if case .nvlink(let links)? = way(gpu, other) { counts.append(links) }
      }
    }
    guard let least = counts.min(), let most = counts.max() else { return "NVLink" }
    return least == most ? "NV\(least)" : "NV\(least) to NV\(most)"
  }
}

extension TopologyMatrix.Connection {
  /// Whether it is NVLink.
  var isNVLink: Bool { if case .nvlink = self { true } else { false } }
}
