import EventKernel

/// A system whose cold starts are known: its chain, its flags and its constants.
///
/// Bytes and links are the model's and the cluster's; what a system brings is how long its timed phases
/// take, how fast its loader is, and what goes on beside what. `docs/cold-start.md` says where each figure
/// comes from.
public enum ColdStartSystem: String, Sendable, CaseIterable {
  /// vLLM in a warm image: weights after the runtime, safetensors, compilation and graphs.
  case vllm
  /// vLLM without graphs behind a serverless front, one phase after the other (HydraServe's baseline).
  case serverlessVLLM = "serverless-vllm"
  /// ServerlessLLM: checkpoints in its own layout, kept in host memory.
  case serverlessLLM = "serverlessllm"
  /// HydraServe: weights are fetched while the container starts, and loaded as they arrive.
  case hydraServe = "hydraserve"
  /// vLLM that sleeps at level 1, where weights stay in host memory: its start, which is vLLM's in its parts.
  /// The sleep itself is `TieredKeepAlive`.
  case vllmSleep1 = "vllm-sleep-1"
  /// vLLM that sleeps at level 2, where weights are dropped: the same start.
  case vllmSleep2 = "vllm-sleep-2"
  /// Medusa: KV allocation and graphs are restored from a file instead of made anew.
  case medusa
  /// DeepServe: pods and engines are warm before a model is known, weights preloaded or from peers.
  case deepServe = "deepserve"

  /// Its cold start.
  public var coldStart: ColdStartSpecification {
    var coldStart = ColdStartSpecification()
    coldStart.system = self
    switch self {
    case .vllm: break
    case .serverlessVLLM: setServerless(&coldStart, loader: 3.3e9, engineInit: 950)
    case .serverlessLLM: setServerless(&coldStart, loader: 6.5e9, engineInit: 1_150)
    case .hydraServe: setHydraServe(&coldStart)
    case .vllmSleep1, .vllmSleep2:
      // Of the 21 s of plain vLLM: compilation 14 s, graphs 4 s.
      coldStart.engineInit = Self.milliseconds(3_000)
      coldStart.compile = Self.milliseconds(14_000)
      coldStart.capture = Self.milliseconds(4_000)
    case .medusa:
      coldStart.engineInit = Self.milliseconds(1_060)
      coldStart.capture = Self.milliseconds(200)
      coldStart.overlapsCapture = true
    case .deepServe:
      coldStart.container = Self.milliseconds(200)
      coldStart.runtime = Self.milliseconds(800)
      coldStart.loaderBytesPerSecond = nil
      coldStart.engineInit = Self.milliseconds(1_000)
      coldStart.warmUp = Self.milliseconds(2_000)
      coldStart.streamsLoad = true
      coldStart.peers = .chain
    }
    return coldStart
  }

  /// One phase after the other without graphs, on the A10 nodes of HydraServe's artifact.
  private func setServerless(
    _ coldStart: inout ColdStartSpecification, loader: Double, engineInit: Nanoseconds
  ) {
    coldStart.container = Self.milliseconds(1_000)
    coldStart.runtime = Self.milliseconds(3_900)
    coldStart.loaderBytesPerSecond = loader
    coldStart.engineInit = Self.milliseconds(engineInit)
  }

  private func setHydraServe(_ coldStart: inout ColdStartSpecification) {
    coldStart.container = Self.milliseconds(500)
    coldStart.runtime = Self.milliseconds(1_000)
    coldStart.processGroup = Self.milliseconds(1_300)
    coldStart.loaderBytesPerSecond = 3.3e9
    coldStart.engineInit = Self.milliseconds(1_700)
    coldStart.overlapsFetch = true
    coldStart.streamsLoad = true
  }

  private static func milliseconds(_ count: Nanoseconds) -> Nanoseconds { count * 1_000_000 }
}
