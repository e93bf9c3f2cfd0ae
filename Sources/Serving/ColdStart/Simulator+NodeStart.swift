import EventKernel
import Network

/// What of a node must be there before a container can start on it.
struct NodeStart: Sendable {
  /// From when on it is up; nil while it is down.
  var isUpFrom: Nanoseconds?
  /// Whether it has the image, and the replicas that wait while it is pulled.
  var hasImage = false
  var isPulling = false
  var waiting: [Int32] = []
}

/// Nodes that are provisioned and pull the image for their first replica.
extension Simulator {
  /// The nodes as they are at the start of the run.
  static func nodesAtStart(_ count: Int, _ coldStart: ColdStartSpecification) -> [NodeStart] {
    let warm = coldStart.nodeProvision > 0 ? coldStart.warmNodes ?? count : count
    return (0..<count).map { NodeStart(isUpFrom: $0 < warm ? 0 : nil) }
  }

  /// The nodes of a replica, each once, in the order of its stages.
  func nodes(of replica: Int) -> [Int] {
    var nodes: [Int] = []
    for stage in replicas[replica].homes {
      for gpu in stages[stage].gpus {
        let node = Int(cluster.gpus[Int(gpu)].node)
        if !nodes.contains(node) { nodes.append(node) }
      }
    }
    return nodes
  }

  /// Provisions those nodes that are down; returns when the last of all is up.
  mutating func provision(_ nodes: [Int]) -> Nanoseconds {
    for node in nodes where nodeStarts[node].isUpFrom == nil {
      nodeStarts[node].isUpFrom = now + scheduler.coldStart.nodeProvision
    }
    return nodes.reduce(now) { max($0, nodeStarts[$1].isUpFrom ?? now) }
  }

  /// Nodes on which a replica is up from the start of the run are up, and have the image.
  mutating func markNodesUp(of replica: Int) {
    for node in nodes(of: replica) {
      nodeStarts[node].isUpFrom = 0
      nodeStarts[node].hasImage = true
    }
  }

  /// The nodes of a replica that lack the image pull it, or are pulling it for another one.
  mutating func pullImage(_ replica: Int) {
    for node in nodes(of: replica) where !nodeStarts[node].hasImage {
      replicas[replica].start.imagesToCome += 1
      nodeStarts[node].waiting.append(Int32(replica))
      if nodeStarts[node].isPulling { continue }
      nodeStarts[node].isPulling = true
      let gpus = replicas[replica].homes.flatMap { stages[$0].gpus }
      let place = gpus.firstIndex { Int(cluster.gpus[Int($0)].node) == node } ?? 0
      send(
        WeightTransfer(
          .image, replica, place, bytes: scheduler.coldStart.imageBytes,
          over: topology.imagePath(to: gpus[place], in: cluster)))
    }
    if replicas[replica].start.imagesToCome == 0 { haveImage(replica) } else { scheduleFlows() }
  }

  /// A node has the image now.
  mutating func imageArrives(_ transfer: WeightTransfer) {
    let first = replicas[Int(transfer.replica)].firstStage
    let tensor = replicas[Int(transfer.replica)].record.tensor
    let stage = stages[Int(first + transfer.place / tensor)]
    let node = Int(cluster.gpus[Int(stage.gpus[Int(transfer.place % tensor)])].node)
    let waiting = nodeStarts[node].waiting
    nodeStarts[node] = NodeStart(isUpFrom: nodeStarts[node].isUpFrom, hasImage: true)
    for replica in waiting where replicas[Int(replica)].phase == .starting {
      replicas[Int(replica)].start.imagesToCome -= 1
      if replicas[Int(replica)].start.imagesToCome == 0 { haveImage(Int(replica)) }
    }
  }
}
