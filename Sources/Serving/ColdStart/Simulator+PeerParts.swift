import EventKernel
import Inference
import Network

/// A part of a shard that a GPU has in memory, and that is still to be sent.
struct PeerPart: Sendable {
  var gpu: Int32
  var bytes: Int64
}

/// Weights from GPUs that cut the model otherwise: each shard comes in parts, one after another, from all
/// GPUs that have some of it, straight over the links between the two.
///
/// So a pipeline starts from a replica on one GPU, a group from a pipeline, and what a pipeline ends as gets
/// what it lacks from the pipeline's other stages, while they serve (execute-while-load, λScale).
extension Simulator {
  /// What a replica lacks sets out from the GPUs of one that has all of it; who calls this calls
  /// `scheduleFlows` after the last one.
  ///
  /// Shard after shard begins one GPU further from `first`, so that they do not all ask the same one.
  mutating func fetchParts(of replica: Int, from source: Int, first: Int = 0) {
    for shard in replicas[replica].start.shards.indices {
      let parts = parts(of: shard, of: replica, from: source, first: first + shard)
      if parts.isEmpty {
        fetch(shard, of: replica)
        continue
      }
      noteSource(shard, of: replica)
      replicas[replica].start.shards[shard].isFromPeer = true
      replicas[replica].start.shards[shard].waysToCome = 1
      replicas[replica].start.shards[shard].parts = parts.reversed()
      sendNextPart(of: shard, to: replica, from: source)
    }
  }

  /// What each GPU of a source gives of a shard: as many bytes as cells, and all together the shard to the
  /// byte.
  private func parts(of shard: Int, of replica: Int, from source: Int, first: Int) -> [PeerPart] {
    let bytes = replicas[replica].start.shards[shard].toLoad
    guard var rest = replicas[replica].start.shards[shard].cells else { return [] }
    let (model, plan) = (Int(replicas[source].model), Int(replicas[source].plan))
    let parallel = catalogue.plan(plan, of: model)
    let tensor = parallel.tensor
    let gpus = replicas[source].homes.flatMap { stages[$0].gpus }
    let count = rest.count
    var (parts, sent) = ([PeerPart](), Int64(0))
    for step in gpus.indices {
      let place = (first + step) % gpus.count
      let own = weightGrids[model].cells(parallel, stage: place / tensor, rank: place % tensor)
      rest = rest.subtracting(own)
      let part = partBytes(bytes, Int64(count - rest.count), Int64(max(1, count))) - sent
      if part == 0 { continue }
      sent += part
      parts.append(PeerPart(gpu: gpus[place], bytes: part))
    }
    return parts
  }

  private mutating func sendNextPart(of shard: Int, to replica: Int, from source: Int) {
    guard let part = replicas[replica].start.shards[shard].parts.popLast() else { return }
    let gpu = replicas[replica].start.shards[shard].gpu
    var transfer = WeightTransfer(
      .peer, replica, shard, bytes: part.bytes,
      over: topology.path(from: part.gpu, to: gpu, in: cluster))
    transfer.source = Int32(source)
    send(transfer)
  }

  /// A part has come straight into the GPU, and the next one sets out.
  mutating func partArrives(_ transfer: WeightTransfer) {
    let (replica, shard) = (Int(transfer.replica), Int(transfer.place))
    replicas[replica].record.weights?[.peer].bytes += transfer.bytes
    replicas[replica].start.shards[shard].toLoad -= transfer.bytes
    guard replicas[replica].start.shards[shard].toLoad == 0 else {
      return sendNextPart(of: shard, to: replica, from: Int(transfer.source))
    }
    replicas[replica].start.shardsToLoad -= 1
    endWay(of: shard, replica)
    finishLoad(replica)
  }

  /// A source goes: those who have not got everything from it go on from the store.
  mutating func endParts(from source: Int) {
    var receivers: [Int] = []
    for slot in transfers.indices
    where transfers[slot].flow != nil && Int(transfers[slot].source) == source {
      let receiver = Int(transfers[slot].replica)
      if !receivers.contains(receiver) { receivers.append(receiver) }
      stop(slot)
    }
    for receiver in receivers { fetchRest(receiver) }
  }

  /// Replicas that get parts from a source now.
  func receivers(of source: Int32) -> Int {
    var receivers: Set<Int32> = []
    for transfer in transfers where transfer.flow != nil && transfer.source == source {
      receivers.insert(transfer.replica)
    }
    return receivers.count
  }
}
