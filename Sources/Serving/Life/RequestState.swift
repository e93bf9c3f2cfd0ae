import EventKernel

/// A request in the system.
struct RequestState: Sendable {
  var record: RequestRecord
  /// Up to when its time has been labelled.
  var mark: Nanoseconds
  var lastToken: Nanoseconds = 0
  /// Whether its tokens have entered a step.
  var hasBegun = false
  /// Whether it is regaining tokens lost to a preemption.
  var isRecovering = false
}

/// What a model has waiting and serving.
struct ModelState {
  /// Requests without a replica, first come first served.
  var queue = RingQueue()
  /// Ready replicas, oldest first.
  var views: [ReplicaView] = []
  var routing: any RoutingPolicy
  var scaling: any ScalingPolicy
  /// Replicas demanded and not granted; granted and not ready.
  var demanded = 0
  var starting = 0
}
