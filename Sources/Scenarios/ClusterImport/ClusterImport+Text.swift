import Hardware

extension ClusterImport {
  /// The `cluster` block with comments, ready to stand in a scenario; two spaces deep.
  public var text: String {
    var lines = ["  \"cluster\": {"]
    lines += remarks.map { "    // " + $0 + "." }
    lines.append("    \"nodes\": [")
    for group in groups { lines += group.lines.map { "      " + $0 } }
    lines.append("    ],")
    if let nodesPerLeaf {
      lines += [
        "    // nodesPerLeaf: \(nodesPerLeaf.source). Not known: oversubscription, latency.",
        "    \"fabric\": { \"nodesPerLeaf\": \(nodesPerLeaf.value), "
          + "\"oversubscription\": 1, \"latency\": \"4us\" },",
      ]
    } else {
      lines += [
        "    // Not known: the fabric. By default all nodes of a region stand below one leaf that",
        "    // blocks nothing.",
      ]
    }
    if !regions.isEmpty {
      lines += [
        "    // Not known: what joins the regions, a guess: set it.",
        "    \"wan\": { \"latency\": \"30ms\", \"bandwidth\": \"10Gbps\" },",
      ]
    }
    lines += [
      "    // Not known: the store of weights (\"modelStore\"); by default weights come from each",
      "    // node's storage.",
      "    // Not known: prices; the catalogue's count. \"price\" in an entry sets one.",
      "  },", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// The block and what was said about it, as one JSON object.
  public var json: String {
    var cluster: [String: CanonicalValue] = ["nodes": .array(groups.map(\.json))]
    if let nodesPerLeaf {
      cluster["fabric"] = .object([
        "nodesPerLeaf": .integer(nodesPerLeaf.value), "oversubscription": .integer(1),
        "latency": .string("4us"),
      ])
    }
    if !regions.isEmpty {
      cluster["wan"] = .object(["latency": .string("30ms"), "bandwidth": .string("10Gbps")])
    }
    let said =
      remarks
      + groups.flatMap { group in
        group.remarks.map { "\(Self.listed(group.names)): \($0)" }
      }
    let object = CanonicalValue.object([
      "cluster": .object(cluster), "remarks": .array(said.map { .string($0) }),
    ])
    return object.text + "\n"
  }
}

extension ClusterImport.Group {
  /// What there is to say about the entry.
  fileprivate var remarks: [String] {
    shape.remarks + [
      "gpu: \(shape.gpu.source)", "nvlink: \(shape.nvlink.source)",
      "nics.count: \(shape.cards.source)", "nics.bandwidth: \(shape.gigabits.source)",
      "gpuDirect: \(shape.gpuDirect.source)",
    ] + (shape.pcie.map { ["pcie: \($0.source)"] } ?? [])
  }

  /// The entry's lines.
  fileprivate var lines: [String] {
    let title = [ClusterImport.listed(names), shape.machine, zone.map { "zone \($0)" }]
    var lines = ["// " + title.compactMap { $0 }.joined(separator: "; ")]
    lines += shape.remarks.map { "//   \($0)" }
    lines.append("{")
    if let region = shape.region {
      lines.append("  \"region\": \(CanonicalValue.string(region).text),")
    }
    lines += [
      "  // gpu: \(shape.gpu.source)",
      "  \"count\": \(names.count), \"gpu\": \"\(shape.gpu.value)\", "
        + "\"gpusPerNode\": \(shape.gpuCount),",
      "  \"nvlink\": \"\(shape.nvlink.value.rawValue)\",   // \(shape.nvlink.source)",
      "  // count: \(shape.cards.source)", "  // bandwidth: \(shape.gigabits.source)",
      "  \"nics\": { \"count\": \(shape.cards.value), "
        + "\"bandwidth\": \"\(shape.gigabits.value)Gbps\" },",
      "  \"gpuDirect\": \(shape.gpuDirect.value),   // \(shape.gpuDirect.source)",
    ]
    if let pcie = shape.pcie {
      lines += [
        "  // \(pcie.source). Not known: the switches' uplinks; by default the GPU's link rate.",
        "  // peerToPeer: " + (shape.isPeerToPeer ? "GPUs meet at PIX or PXB" : "not told here")
          + "; 'nvidia-smi topo -p2p r' tells.",
        "  \"pcie\": { \"gpusPerSwitch\": \(pcie.value), \"peerToPeer\": \(shape.isPeerToPeer) },",
      ]
    }
    if let gigabytes = hostGigabytes {
      lines.append("  \"hostMemory\": \"\(gigabytes)GB\",   // capacity.memory")
    }
    lines += ["  // Not known: \"storage\"; 12GB/s by default.", "},"]
    return lines
  }

  private var hostGigabytes: Int64? {
    hostMemoryBytes.map { $0 / 1_000_000_000 }.flatMap { $0 > 0 ? $0 : nil }
  }

  fileprivate var json: CanonicalValue {
    var members: [String: CanonicalValue] = [
      "count": .integer(names.count), "gpu": .string(shape.gpu.value),
      "gpusPerNode": .integer(shape.gpuCount), "nvlink": .string(shape.nvlink.value.rawValue),
      "nics": .object([
        "count": .integer(shape.cards.value), "bandwidth": .string("\(shape.gigabits.value)Gbps"),
      ]),
      "gpuDirect": .boolean(shape.gpuDirect.value),
    ]
    if let region = shape.region { members["region"] = .string(region) }
    if let pcie = shape.pcie {
      members["pcie"] = .object([
        "gpusPerSwitch": .integer(pcie.value), "peerToPeer": .boolean(shape.isPeerToPeer),
      ])
    }
    if let gigabytes = hostGigabytes { members["hostMemory"] = .string("\(gigabytes)GB") }
    return .object(members)
  }
}
