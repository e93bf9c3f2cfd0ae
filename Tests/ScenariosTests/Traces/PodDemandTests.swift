import EventKernel
import Foundation
import Serving
import Testing

@testable import Scenarios

@Suite("Pods of the Alibaba GPU trace as other tenants")
struct PodDemandTests {
  private static let second: Nanoseconds = 1_000_000_000
  private static let header = """
    name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,\
    deletion_time,scheduled_time
    """

  /// A pod list of rows `num_gpu,gpu_milli,creation,deletion`.
  private static func list(_ rows: [[Int]]) -> String {
    ([header]
      + rows.enumerated().map { index, row in
        "pod-\(index),6000,8192,\(row[0]),\(row[1]),,LS,Running,\(row[2]),\(row[3]),\(row[2])"
      }).joined(separator: "\n") + "\n"
  }

  private func path(_ text: String) throws -> String {
    let path = NSTemporaryDirectory() + "simpp-pods-\(UUID().uuidString).csv"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func selection(
    start: Int64 = 0, timeScale: Double = 1, occupancy: Double? = nil, duration: Int64 = 100,
    gpus: Int = 16
  ) -> PodDemands.Selection {
    PodDemands.Selection(
      start: start * Self.second, timeScale: timeScale, occupancy: occupancy,
      duration: duration * Self.second, end: 2 * duration * Self.second, gpus: gpus,
      largestNode: 8)
  }

  private func pods(_ text: String, _ selection: PodDemands.Selection) throws -> PodDemands {
    let path = try path(text)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try PodDemands(path: path, selection: selection)
  }

  private func demand(_ time: Int64, _ gpus: Int32, _ lifetime: Int64) -> BackgroundDemand {
    BackgroundDemand(time: time * Self.second, gpus: gpus, lifetime: lifetime * Self.second)
  }

  @Test("Pods ask from creation to deletion; those of the slice's start are there, later ones not")
  func slice() throws {
    let text = Self.list([
      [1, 1_000, 0, 10], [2, 1_000, 5, 30], [0, 0, 6, 50], [8, 1_000, 25, 60],
      [4, 1_000, 40, 41], [1, 1_000, 300, 400],
    ])
    #expect(
      try pods(text, selection()).demands
        == [demand(0, 1, 10), demand(5, 2, 25), demand(25, 8, 35), demand(40, 4, 1)])
    // From second 20 on, twice as slow.
    #expect(
      try pods(text, selection(start: 20, timeScale: 2)).demands
        == [demand(0, 2, 20), demand(10, 8, 70), demand(40, 4, 2)])
  }

  @Test("Shares of a GPU are packed onto the first GPU with room; empty ones are given back")
  func shares() throws {
    let text = Self.list([
      [1, 600, 0, 10], [1, 500, 1, 20], [1, 400, 2, 5], [1, 400, 6, 30], [1, 1_000, 7, 8],
      [1, 500, 20, 22],
    ])
    // GPU A: 600 and 400 to 10, and 400 of second 6 to 30, then 500 of second 20. GPU B: 500.
    #expect(
      try pods(text, selection()).demands
        == [demand(0, 1, 30), demand(1, 1, 19), demand(7, 1, 1)])
  }

  @Test("As many pods are taken as give the occupancy, fewer or more than the trace has")
  func occupancy() throws {
    // 200 pods of a second each: two GPUs on average.
    let text = Self.list(
      (0..<400).map { index in [1, 1_000, index * 100 / 400, index * 100 / 400 + 1] })
    #expect(abs(try pods(text, selection()).meanGPUs - 4) < 1e-9)
    for wanted in [0.05, 0.2, 0.5, 0.9] {
      let found = try pods(text, selection(occupancy: wanted))
      #expect(abs(found.meanGPUs / 16 - wanted) < 0.005, "\(wanted)")
      // The same each time.
      #expect(try pods(text, selection(occupancy: wanted)).demands == found.demands)
      let times = found.demands.map(\.time)
      #expect(times == times.sorted())
    }
    #expect(try pods(text, selection(occupancy: 0)).demands == [])
  }

  @Test("Broken rows are told with file, line and column")
  func faults() throws {
    func fault(_ text: String) throws -> String {
      let path = try path(text)
      defer { try? FileManager.default.removeItem(atPath: path) }
      do throws(TraceFault) {
        _ = try PodDemands(path: path, selection: selection())
        return "none"
      } catch {
        return error.description.split(separator: ".csv").last.map(String.init) ?? ""
      }
    }
    #expect(
      try fault(Self.list([[1, 1_000, 9, 3]]))
        == ":2:38: found deletion at 3 s, before the creation at 9 s, needs a time that is not "
        + "earlier")
    #expect(
      try fault(Self.list([[1, 1_200, 1, 3]]))
        == ":2:19: found \"1200\" as gpu_milli, needs a whole number from 0 to 1,000 or nothing")
    #expect(
      try fault(Self.list([[1, 1_000, 1, 3]]) + "pod-9,6000,81\n")
        == ":3:14: found too few fields, needs 11")
    #expect(
      try fault("sn,cpu_milli,memory_mib,gpu,model\n").contains("missing: num_gpu, gpu_milli"))
    #expect(try fault("").contains("is empty"))
  }

  @Test("A scenario names a pod list; what is not taken as it is is noted")
  func decoded() throws {
    let text = Self.list([[8, 1_000, 0, 4_000], [1, 1_000, 0, 4_000], [1, 1_000, 60, 4_000]])
    let path = try path(text)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let overrides = ["cluster.background.trace.file=\(path)", "cluster.nodes[0].gpusPerNode=4"]
    let decoded = try decode(Fixture.small, overrides)
    let minute = 60 * Self.second
    #expect(
      decoded.scenario.background?.demands == [
        BackgroundDemand(time: 0, gpus: 1, lifetime: 4_000 * Self.second),
        BackgroundDemand(time: minute, gpus: 1, lifetime: 3_940 * Self.second),
      ])
    #expect(
      decoded.notes.map(\.sentence) == [
        "1 pods ask for more GPUs than a node has, 4, and are left out"
      ])
    #expect(
      faultLines(
        Fixture.small, [overrides[0], "cluster.background.lifetime=1s"]
      ).map { $0.drop { $0 != ":" } }
        == [": cluster.background.lifetime: a trace brings its tenants; leave it out"])
    #expect(
      faultLines(Fixture.small, [overrides[0], "cluster.background.trace.start=9d"])[0]
        .hasSuffix("trace.start: found 9d, needs a time before the trace ends, 4,000s"))
    #expect(
      faultLines(Fixture.small, ["cluster.background.trace.file=none.csv"])[0]
        .hasSuffix(
          "trace.file: none.csv: no such file beside the scenario, in Traces beside its folder, or "
            + "in --trace-dir"))
    // The canonical form names the content, and refuses another one.
    let digest = SHA256.hexadecimalDigest(of: text)
    #expect(decoded.canonicalJSON.contains("\"sha256\":\"\(digest)\""))
    let other = String(repeating: "0", count: 64)
    #expect(
      faultLines(Fixture.small, [overrides[0], "cluster.background.trace.sha256=\"\(other)\""])[0]
        .contains("needs the content that the scenario was made for, SHA-256 \(other)"))
  }

  private static var data: String? {
    ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]
  }

  @Test(
    "The whole trace of 2023: counted independently, and steady from the start of a slice",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no folder of real data"))
  func realTrace() throws {
    let path =
      try #require(Self.data) + "/traces/alibaba_gpu_v2023/openb_pod_list_default.csv"
    let day: Nanoseconds = 86_400 * Self.second
    let all = try PodDemands(
      path: path,
      selection: PodDemands.Selection(
        duration: 150 * day, end: 150 * day, gpus: 64, largestNode: 8))
    #expect(all.rows == 8_152)
    #expect(all.traceEnd == 12_902_960 * Self.second)
    // 3,911 + 16 + 15 + 44 pods ask for whole GPUs, 43 of 7,064 with GPUs live for no time at all.
    #expect(all.demands.count { $0.gpus == 8 } == 44)
    #expect(all.demands.count { $0.gpus == 4 } == 15)
    #expect(all.demands.count { $0.gpus == 2 } == 16)
    let slice = try PodDemands(
      path: path,
      selection: PodDemands.Selection(
        start: 140 * day, occupancy: 0.8, duration: day, end: 2 * day, gpus: 64, largestNode: 8))
    #expect(abs(slice.meanGPUs / 64 - 0.8) < 0.01)
    let present = slice.demands.filter { $0.time == 0 }.reduce(0) { $0 + Int($1.gpus) }
    #expect((20...64).contains(present), "\(present)")
  }
}
