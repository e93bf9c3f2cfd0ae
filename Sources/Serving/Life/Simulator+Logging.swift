import EventKernel
import Inference
import Network

/// Events of the log that need more than one line; nobody calls these without a log.
extension Simulator {
  /// Tells the cluster's links before anything happens.
  func logLinks() {
    for (index, link) in topology.links.enumerated() {
      log?.log(
        LoggedEvent(
          now, .link, Int64(index), Int64(link.kind.rawValue), Int64(link.owner),
          Int64(link.ordinal), Int64(link.capacity.rounded())))
    }
  }

  /// Tells what a replica is granted; virtual stages only where there are some.
  func logGrant(_ replica: Int, _ plan: ParallelPlan, blocks: Int) {
    let isVirtual = plan.virtualStages > 1
    log?.log(
      LoggedEvent(
        now, .grant, Int64(replica), Int64(plan.tensor), Int64(plan.stages), Int64(blocks),
        Int64(scheduler.engine.blockTokens), isVirtual ? Int64(plan.virtualStages) : 0,
        isVirtual && plan.topology == .foldBack ? 1 : 0))
  }

  /// Tells which links the hops of a replica cross.
  func logRoutes(_ replica: Int) {
    for stage in replicas[replica].stages {
      let hop = stages[stage].hop
      for (link, ranks) in zip(hop.links, hop.ranksOnLink) {
        log?.log(
          LoggedEvent(
            now, .route, Int64(replica), Int64(stages[stage].index), Int64(link.index),
            Int64(ranks)))
      }
    }
  }

  /// Tells that a part of a shard or an image sets out, and over which links.
  func logTransfer(_ transfer: WeightTransfer) {
    let (replica, place) = (Int64(transfer.replica), Int64(transfer.place))
    let kind = Int64(transfer.kind.rawValue)
    log?.log(LoggedEvent(now, .transfer, replica, place, kind, transfer.bytes))
    for link in transfer.path {
      log?.log(LoggedEvent(now, .transferLink, replica, place, kind, Int64(link.index)))
    }
  }
}
