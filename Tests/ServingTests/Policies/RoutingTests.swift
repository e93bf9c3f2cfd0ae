import Testing

@testable import Serving

@Suite("Where a request is sent")
struct RoutingTests {
  private let request = RoutedRequestView(workload: 0, promptTokens: 100)

  /// Replicas by number, each with this many requests out of `limit`.
  private func replicas(_ loads: [(replica: Int, outstanding: Int)], limit: Int = 4)
    -> [ReplicaView]
  {
    loads.map { ReplicaView(replica: $0.replica, outstanding: $0.outstanding, limit: limit) }
  }

  /// The numbers of the replicas that requests are sent to, one after the other.
  private func numbers(
    _ policy: inout some RoutingPolicy, among replicas: [ReplicaView], times: Int
  ) -> [Int?] {
    (0..<times).map { _ in
      policy.route(request, among: replicas).map { replicas[$0].replica }
    }
  }

  @Test("Least loaded takes the fewest requests, ties to the first")
  func leastLoaded() {
    var policy = LeastLoadedRouting()
    #expect(policy.route(request, among: replicas([(0, 3), (1, 1), (2, 2)])) == 1)
    #expect(policy.route(request, among: replicas([(7, 2), (5, 1), (3, 1)])) == 1)
    #expect(policy.route(request, among: replicas([(0, 0), (1, 0)])) == 0)
  }

  @Test("Least loaded passes over a full replica, though it has fewer requests")
  func leastLoadedFull() {
    var policy = LeastLoadedRouting()
    let mixed = [
      ReplicaView(replica: 0, outstanding: 2, limit: 2),
      ReplicaView(replica: 1, outstanding: 5, limit: 8),
    ]
    #expect(policy.route(request, among: mixed) == 1)
  }

  @Test("Without room, or without a replica, the request waits")
  func noRoom() {
    let full = replicas([(0, 4), (1, 4)])
    var leastLoaded = LeastLoadedRouting()
    #expect(leastLoaded.route(request, among: full) == nil)
    #expect(leastLoaded.route(request, among: []) == nil)
    var roundRobin = RoundRobinRouting()
    #expect(roundRobin.route(request, among: full) == nil)
    #expect(roundRobin.route(request, among: []) == nil)
  }

  @Test("Round robin gives every replica its turn and starts over")
  func roundRobin() {
    var policy = RoundRobinRouting()
    let three = replicas([(0, 0), (1, 0), (2, 0)])
    #expect(numbers(&policy, among: three, times: 7) == [0, 1, 2, 0, 1, 2, 0])
  }

  @Test("Replicas take turns by number, in whatever order they became ready")
  func roundRobinOrder() {
    for order in [[3, 4, 5], [3, 5, 4], [4, 3, 5], [4, 5, 3], [5, 3, 4], [5, 4, 3]] {
      var policy = RoundRobinRouting()
      let views = replicas(order.map { ($0, 0) })
      #expect(numbers(&policy, among: views, times: 6) == [3, 4, 5, 3, 4, 5], "\(order)")
    }
  }

  @Test("Round robin passes full replicas and comes back to them when they have room")
  func roundRobinFull() {
    var policy = RoundRobinRouting()
    let full = replicas([(5, 0), (3, 0), (4, 4)])
    #expect(numbers(&policy, among: full, times: 3) == [3, 5, 3])
    let free = replicas([(5, 0), (3, 0), (4, 0)])
    #expect(numbers(&policy, among: free, times: 3) == [4, 5, 3])
  }

  @Test("A request that found no room does not use up a turn")
  func roundRobinWaits() {
    var policy = RoundRobinRouting()
    let free = replicas([(0, 0), (1, 0)])
    #expect(numbers(&policy, among: free, times: 1) == [0])
    #expect(policy.route(request, among: replicas([(0, 4), (1, 4)])) == nil)
    #expect(numbers(&policy, among: free, times: 2) == [1, 0])
  }

  @Test("The turn goes on when the last one taken is gone and others have come")
  func roundRobinChange() {
    var policy = RoundRobinRouting()
    #expect(numbers(&policy, among: replicas([(0, 0), (1, 0), (2, 0)]), times: 2) == [0, 1])
    #expect(numbers(&policy, among: replicas([(0, 0), (2, 0)]), times: 1) == [2])
    #expect(numbers(&policy, among: replicas([(0, 0), (9, 0), (7, 0)]), times: 3) == [7, 9, 0])
  }
}
