import Hardware

extension ClusterImport.Group.Shape {
  /// Bandwidth of a card about which nothing is known, in Gb/s.
  static let guessedGigabits = 100

  /// What is known about a node: from the matrix where there is one, else from its machine type,
  /// else the defaults, marked so.
  init(
    _ offer: KubernetesNode.Offer, machine: String?,
    _ topology: (matrix: TopologyMatrix, file: String)?
  ) {
    self.machine = machine
    gpu = .init(value: offer.gpu, source: offer.reasons.first ?? "")
    gpuCount = offer.gpuCount
    remarks = Array(offer.reasons.dropFirst())
    let joint = HardwareCatalogue.gpu(named: offer.gpu)?.nvlinkTopology ?? .none
    nvlink = Self.assumed(joint, offer)
    if offer.gpu == "gb200-nvl72" {
      remarks.append(
        "a rack of 72 GPUs is one NVLink domain over its nodes: one entry of 72 GPUs says so")
    }
    let instance = offer.instance
    cards = .init(
      value: instance?.nicCount ?? 1,
      source: instance.map { "\($0.name), \($0.source)" } ?? Self.unknown)
    gigabits = .init(
      value: instance?.nicGigabits ?? Self.guessedGigabits, source: instance?.name ?? Self.unknown)
    gpuDirect = .init(value: instance?.hasGPUDirect ?? true, source: instance?.name ?? Self.unknown)
    if let topology { take(topology.matrix, from: topology.file, joint) }
    gatherCards()
  }

  /// What is to be expected of GPUs that switches, bridges or nothing can join.
  private static func assumed(
    _ joint: NVLinkTopology, _ offer: KubernetesNode.Offer
  ) -> ClusterImport.Sourced<NVLinkTopology> {
    switch joint {
    case .switch where offer.gpuCount > 1:
      .init(value: .switch, source: "assumed for \(offer.gpu); 'nvidia-smi topo -m' tells")
    case .switch: .init(value: .none, source: "one GPU")
    case .pairs:
      .init(
        value: .none,
        source: "no bridges assumed for \(offer.gpu); 'nvidia-smi topo -m' tells")
    case .none: .init(value: .none, source: "\(offer.gpu) has no NVLink")
    }
  }

  private static let unknown = "not known, a guess: set it"

  /// Takes over what the matrix says; it was seen on the machine and wins over tables.
  private mutating func take(
    _ matrix: TopologyMatrix, from file: String, _ joint: NVLinkTopology
  ) {
    let found = matrix.nvlink
    nvlink = .init(value: found.value, source: "\(file): \(found.reason)")
    if found.value == .switch, joint == .pairs { nvlink.value = .pairs }
    if found.value != .none, joint == .none {
      nvlink.value = .none
      remarks.append("\(file) shows NVLink, which \(gpu.value) has not: check the type")
    }
    let near = matrix.gpuCards
    if !near.value.isEmpty {
      cards = .init(value: near.value.count, source: "\(file): \(near.reason)")
      gpuDirect = .init(
        value: matrix.hasGPUDirect,
        source: matrix.hasGPUDirect
          ? "\(file): a card at PIX or PXB of a GPU"
          : "\(file): no card below a GPU's PCIe switch, where NCCL uses GPUDirect")
    }
    let perSwitch = matrix.gpusPerSwitch
    if perSwitch.value > 1 {
      pcie = .init(value: perSwitch.value, source: "\(file): \(perSwitch.reason)")
      // Drivers refuse it on these cards, whatever the switches could do.
      isPeerToPeer =
        matrix.isPeerToPeerLikely && !["rtx-3090", "rtx-4090", "rtx-5090"].contains(gpu.value)
    }
    if let sockets = matrix.sockets, sockets > 1 {
      remarks.append(
        "\(file): \(sockets) CPU sockets; pcie.hostBridges can say so, with a bandwidth that no "
          + "file tells")
    }
  }

  /// Cards beyond one a GPU become faster ones: a scenario deals cards out to GPUs, and each GPU uses
  /// one.
  private mutating func gatherCards() {
    guard cards.value > gpuCount else { return }
    let all = cards.value
    gigabits.value = gigabits.value * all / gpuCount
    cards.value = gpuCount
    cards.source += "; \(all) cards, here one for each GPU with the same bandwidth together"
  }
}
