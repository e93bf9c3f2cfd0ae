import EventKernel
import Network
import Testing

@Suite("Misuse stops the run")
struct MisuseTests {
  @Test("Time does not go back")
  func timeGoesBack() async {
    await #expect(processExitsWith: .failure) {
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 1e9)
      network.start(1_000, over: [link], at: 10)
      network.start(1_000, over: [link], at: 9)
    }
  }

  @Test("No change passes over a completion")
  func completionPassedOver() async {
    await #expect(processExitsWith: .failure) {
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 1e9)
      network.start(1_000, over: [link], at: 0)
      network.start(1_000, over: [link], at: 1_001)
    }
  }

  @Test("A flow cannot be cancelled twice")
  func cancelledTwice() async {
    await #expect(processExitsWith: .failure) {
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 1e9)
      let flow = network.start(1_000, over: [link])
      network.cancel(flow, at: 1)
      network.cancel(flow, at: 1)
    }
  }

  @Test("A path names no link twice")
  func linkTwice() async {
    await #expect(processExitsWith: .failure) {
      var network = FlowNetwork()
      let link = network.addLink(capacityBytesPerSecond: 1e9)
      network.start(1_000, over: [link, link])
    }
  }

  @Test("A flow without links needs a limit")
  func noLinkAndNoLimit() async {
    await #expect(processExitsWith: .failure) {
      var network = FlowNetwork()
      network.start(1_000, over: [])
    }
  }
}
