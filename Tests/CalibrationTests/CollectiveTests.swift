import Calibration
import Foundation
import Hardware
import Testing

@Suite("Measured collectives")
struct CollectiveTests {
  static let data = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

  static func rows(_ path: String) throws -> [CollectiveMeasurement] {
    let text = try String(contentsOfFile: "\(data ?? "")/gpu/\(path)", encoding: .utf8)
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return try CollectiveRows.measurements(text, file: file)
  }

  static let nccl = """
    # nThread 1 nGpus 2 minBytes 1024 maxBytes 4096 step: 2(factor) warmup iters: 5 iters: 20
    # Using devices
    #  Rank  0 Group  0 Pid   2001 on   node-a device  0 [0x19] NVIDIA H100 80GB HBM3
    #  Rank  1 Group  0 Pid   2001 on   node-a device  1 [0x3b] NVIDIA H100 80GB HBM3
    #
    #                                                  out-of-place              in-place
    #       size         count      type   redop    root     time   algbw   busbw #wrong     time
    #        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)
            1024           512      half     sum      -1     6.21    0.16    0.16      0     6.10
            2048          1024      half     sum      -1     6.34    0.32    0.32      0     6.20
         1048576        524288      half     sum      -1    14.70   71.33   71.33      0    14.60
    # Out of bounds values : 0 OK
    # Avg bus bandwidth    : 23.9
    """

  @Test("What nccl-tests prints is read: sizes, the time out of place, GPUs by their lines")
  func tests() throws {
    let rows = try CollectiveRows.measurements(Self.nccl, file: "all_reduce_perf.txt")
    #expect(rows.map(\.bytes) == [1_024, 2_048, 1_048_576])
    #expect(rows.map(\.nanoseconds) == [6_210, 6_340, 14_700])
    #expect(rows.allSatisfy { $0.ranks == 2 && $0.operation == .allReduce && $0.nodes == 1 })
    #expect(rows.map(\.line) == [9, 10, 11])
    let told = try CollectiveRows.measurements(
      Self.nccl, file: "log.txt", operation: .allGather, ranks: 4)
    #expect(told.allSatisfy { $0.ranks == 4 && $0.operation == .allGather })
  }

  @Test(
    "Every project's columns are known",
    arguments: [
      ("op_name,backend,num_gpus,message_bytes,latency_ms\nalltoall,nccl-2.27,8,2048,0.5", "x.csv"),
      ("num_workers,devices_per_node,bytes,median_ms\n8,8,2048,0.5", "a.alltoall.csv"),
      ("op,num_nodes,num_gpus_per_node,size_kb,time_us\nalltoall,1,8,2,500", "x.csv"),
      ("operation,ranks,bytes,time_us\nall-to-all,8,2048,500", "x.csv"),
    ])
  func forms(text: String, file: String) throws {
    let row = try #require(CollectiveRows.measurements(text, file: file).first)
    #expect(
      row
        == CollectiveMeasurement(
          line: 2, operation: .allToAll, implementation: .nccl, ranks: 8, bytes: 2_048,
          nanoseconds: 500_000))
  }

  @Test("Rows across nodes keep their nodes, vLLM's kernels their name")
  func details() throws {
    let vidur = try CollectiveRows.measurements(
      "num_workers,devices_per_node,bytes,median_ms\n8,4,2048,0.5", file: "a.all_reduce.csv")
    #expect(vidur.first?.nodes == 2)
    let own = try CollectiveRows.measurements(
      "operation,implementation,ranks,nodes,bytes,time_us\nall-reduce,custom-graph,8,2,4096,9",
      file: "x.csv")
    #expect(own.first?.nodes == 2 && own.first?.implementation == .customGraph)
  }

  @Test(
    "What is wrong with measured collectives is told with file and line",
    arguments: [
      ("a,b\n1,2", "x.csv:1: found the columns a, b, needs the columns operation"),
      ("operation,ranks,bytes\nall-reduce,2,1", "needs a column time_us"),
      ("operation,ranks,bytes,time_us\nsum,2,1,1", "x.csv:2: operation: found sum, needs all_red"),
      (
        "operation,ranks,bytes,time_us\nall-reduce,1,1,1",
        "x.csv:2: ranks: found 1, needs at least 2"
      ),
      ("operation,ranks,bytes,time_us\nall-reduce,2,0,1", "x.csv:2: bytes: found 0, needs a whole"),
      (
        "operation,ranks,bytes,time_us\nall-reduce,2,8,-1",
        "x.csv:2: time_us: found -1, needs a time"
      ),
      (
        "operation,ranks,bytes,time_us\nall-reduce,2,8,1\nall-reduce,2,8,2",
        "x.csv:3: found the measurement of line 2 again"
      ),
      (
        "num_workers,devices_per_node,bytes,median_ms\n8,4,2048,0.5",
        "found no column that names the operation, needs a file name with all_reduce"
      ),
      ("# size count type time\n 8 2 half 5.0", "x.csv: found no name of the program"),
    ])
  func faults(text: String, message: String) {
    let fault = #expect(throws: TableFault.self) {
      try CollectiveRows.measurements(text, file: "x.csv")
    }
    let sentence = fault?.description ?? "no fault"
    #expect(sentence.contains(message), "\(sentence)")
  }

  @Test(
    "Output of nccl-tests without GPUs, sizes or times is refused",
    arguments: [
      ("# size count type time\n 8 2 half 5.0", "found 0 lines # Rank"),
      ("# Rank 0\n# Rank 1\n# size count type time\n", "found no rows"),
      ("# Rank 0\n# Rank 1\n# size count type time\n 8 2 half", "all_reduce.txt:4: size: found"),
      ("# Rank 0\n# Rank 1\n# size count type time\n 8 2 half -1", ":4: time: found -1, needs"),
      (
        "# Rank 0\n# Rank 1\n# size count type time\n 8 2 half 5\n 8 2 half 5", ":5: found the size"
      ),
    ])
  func brokenTests(text: String, message: String) {
    let fault = #expect(throws: TableFault.self) {
      try CollectiveRows.measurements(text, file: "all_reduce.txt")
    }
    #expect(fault?.description.contains(message) == true, "\(fault?.description ?? "none")")
  }

  @Test("Tables made of a ring's times give them back, thinned to 16 sizes")
  func recovery() throws {
    let rows = (0..<40).map { index in
      let bytes = Double(1 << (8 + index / 2)) * (index % 2 == 0 ? 1 : 1.5)
      return CollectiveMeasurement(
        line: index + 2, operation: .allReduce, implementation: .nccl, ranks: 4, bytes: bytes,
        nanoseconds: 9_000 + bytes * 1.5 / 200)
    }
    let table = try #require(
      CollectiveFit.tables(rows, link: .nvlink, file: "x.csv").first)
    #expect(table.bytes.count == CollectiveFit.mostSizes)
    for row in rows {
      let predicted = try #require(CollectiveFit.predicted(row, [table]))
      #expect(abs(predicted / row.nanoseconds - 1) < 0.01)
    }
  }

  @Test("A sweep of hundreds of noisy sizes becomes medians half an octave apart")
  func noise() throws {
    let rows = (0..<400).map { index in
      let bytes = 100_000.0 * Double(index + 1)
      let noise = [1.0, 1.02, 0.98, 1, 3][index % 5]
      return CollectiveMeasurement(
        line: index + 2, operation: .sendReceive, implementation: .nccl, ranks: 2, bytes: bytes,
        nanoseconds: bytes / 100 * noise)
    }
    let table = try #require(
      CollectiveFit.tables(rows, link: .nvlink, file: "x.csv").first)
    for bytes in [3e6, 1e7, 3e7] {
      #expect(abs(table.nanoseconds(bytes: bytes) / (bytes / 100) - 1) < 0.03)
    }
  }

  @Test("An operation with two sizes is refused")
  func fewSizes() {
    let rows = [1.0, 2].map {
      CollectiveMeasurement(
        line: Int($0), operation: .allReduce, implementation: .nccl, ranks: 4, bytes: $0,
        nanoseconds: 9_000)
    }
    #expect(throws: TableFault.self) {
      try CollectiveFit.tables(rows, link: .nvlink, file: "x.csv")
    }
  }

  @Test(
    "Tables of half of the sizes predict the other half",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no folder"),
    arguments: [("h100_sxm", 0.08), ("a100_sxm", 0.06), ("l40s", 0.12)])
  func heldOut(system: String, most: Double) throws {
    var errors: [Comparison] = []
    for file in ["nccl.csv", "custom_allreduce_vllm.csv"] {
      let rows = try Self.rows("aiconfigurator/\(system)/\(file)")
      let tables = try CollectiveFit.tables(
        rows.filter { !HeldOut.contains($0.shape) }, link: .nvlink, file: file)
      for row in rows {
        errors.append(
          Comparison(row, predicted: try #require(CollectiveFit.predicted(row, tables))))
      }
    }
    let held = try #require(ErrorSummary(errors.filter(\.isHeldOut).map(\.relativeError)))
    #expect(held.mean <= most)
  }

  @Test(
    "The tables that come with simpp predict every measured size",
    .enabled(if: data != nil, "SIMPP_DATA_DIR names no folder"),
    arguments: [("h100_sxm", "h100-sxm"), ("a100_sxm", "a100-sxm"), ("l40s", "l40s")])
  func shipped(system: String, gpu: String) throws {
    let tables = try #require(CollectiveTables.all.first { $0.gpu == gpu }).tables
    var errors: [Double] = []
    for file in ["nccl.csv", "custom_allreduce_vllm.csv"] {
      for row in try Self.rows("aiconfigurator/\(system)/\(file)") {
        let predicted = try #require(CollectiveFit.predicted(row, tables))
        errors.append(predicted / row.nanoseconds - 1)
      }
    }
    let summary = try #require(ErrorSummary(errors))
    #expect(summary.mean < 0.06)
  }
}
