import Calibration
import Hardware
import Testing

@Suite("Predicted against measured")
struct FidelityTests {
  @Test("Errors are summed up as their definitions say")
  func summary() throws {
    // 100 errors of ±1 % … ±100 %, alternating.
    let errors = (1...100).map { Double($0.isMultiple(of: 2) ? $0 : -$0) / 100 }
    let summary = try #require(ErrorSummary(errors))
    #expect(summary.count == 100 && summary.median == 0.5 && summary.p95 == 0.95)
    #expect((summary.mean - 0.505).magnitude < 1e-12)
    #expect((summary.bias - 0.005).magnitude < 1e-12)
    #expect(ErrorSummary([]) == nil)
  }

  @Test("A table that the laws themselves made is predicted without error")
  func exact() throws {
    let report = try KnownDevice.report(KnownDevice.gemmTable(on: KnownDevice.h100))
    let group = try #require(report.groups.first)
    #expect(report.groups.count == 1 && report.rowCount == 63 && report.leftOutCount == 0)
    let key = group.key
    #expect(key.source == .aiconfigurator && key.operation == .gemm)
    #expect(key.variant == "bf16" && key.gpu == "h100-sxm")
    #expect(try #require(group.summary(.all)).mean < 1e-12)
    // No law beats the roofline by more than what the cache spares.
    #expect(try #require(group.roofline(.all)).bias < 0)
  }

  @Test("A table that is 25 % too fast is predicted 25 % too long, in all parts and classes alike")
  func biased() throws {
    let text = KnownDevice.gemmTable(on: KnownDevice.h100) { _ in 0.8 }
    let group = try #require(try KnownDevice.report(text).groups.first)
    #expect(FidelityGroup.Part.allCases.allSatisfy { group.summary($0) != nil })
    for part in FidelityGroup.Part.allCases {
      let summary = try #require(group.summary(part))
      for figure in [summary.mean, summary.median, summary.p95, summary.bias] {
        #expect((figure - 0.25).magnitude < 1e-9)
      }
    }
    #expect(
      group.classes.map(\.name) == [
        "1–16 rows", "17–64 rows", "65–256 rows", "257–1,024 rows", "1,025–4,096 rows",
      ])
    #expect(group.classes.map(\.summary.count) == [18, 18, 9, 9, 9])
    #expect(group.classes.allSatisfy { ($0.summary.bias - 0.25).magnitude < 1e-9 })
  }

  @Test("Held out are the shapes whose hash is odd; the worst rows come first")
  func parts() throws {
    let text = KnownDevice.gemmTable(on: KnownDevice.h100) { $0 == 20 ? 4 : $0 == 41 ? 0.5 : 1 }
    let group = try #require(try KnownDevice.report(text).groups.first)
    let sides = [512, 2_048, 5_120]
    let heldOut = sides.flatMap { n in sides.filter { HeldOut.contains("\(n),\($0)") } }.count * 7
    #expect(group.summary(.heldOut)?.count == heldOut && heldOut > 0 && heldOut < 63)
    #expect(group.summary(.fitted)?.count == 63 - heldOut)
    #expect(group.worst(2).map(\.row.comparison.line) == [22, 43])
  }

  @Test("All rows are held out of tables that no fit saw, none of those that were fitted whole")
  func seen() throws {
    let text = KnownDevice.gemmTable(on: KnownDevice.h100)
    func heldOut(_ origin: FigureOrigin, _ source: String) throws -> Int {
      var device = KnownDevice.h100
      device.numbers = [
        ProfileNumber(
          section: "gemm", name: "floor", value: 1, unit: "ns", origin: origin, source: source)
      ]
      let known = device
      var fidelity = Fidelity(gpu: "h100-sxm") { _ in known }
      try fidelity.add(.init(name: "a/t.csv", path: "a/t.csv", text: text, isNamed: true))
      let rows = fidelity.report.tables.flatMap(\.rows)
      #expect(rows.count == 63)
      return rows.count { $0.comparison.isHeldOut }
    }
    let half = try heldOut(.fitted, "kernel tables of ai-dynamo/aiconfigurator")
    #expect(half > 0 && half < 63)
    #expect(try heldOut(.fitted, "fitted to t.csv, half of the shapes") == half)
    #expect(try heldOut(.fitted, "fitted to t.csv, all shapes") == 0)
    #expect(try heldOut(.fitted, "fitted to other.csv, half of the shapes") == 63)
    #expect(try heldOut(.derived, "the laws of h100-sxm, aiconfigurator") == 63)
  }

  @Test("Both phases of attention and both formats of a GEMM table are groups of their own")
  func groups() throws {
    let attention = try KnownDevice.report(KnownDevice.attentionTable(on: KnownDevice.h100))
    #expect(attention.groups.map(\.key.operation) == [.prefillAttention, .decodeAttention])
    #expect(attention.groups.allSatisfy { $0.rows.count == 216 && $0.key.source == .own })
    #expect(attention.groups.allSatisfy { ($0.summary(.all)?.mean ?? 1) < 1e-9 })
    let both =
      KnownDevice.gemmTable(on: KnownDevice.h100)
      + KnownDevice.gemmTable(on: KnownDevice.h100, dtype: "fp8").split(separator: "\n")
      .dropFirst().joined(separator: "\n")
    let gemm = try KnownDevice.report(both)
    #expect(gemm.groups.map(\.key.variant) == ["bf16", "fp8"])
    #expect(gemm.groups.allSatisfy { ($0.summary(.all)?.mean ?? 1) < 1e-9 })
  }

  @Test("Rows without a law are left out, counted by their reason")
  func leftOut() throws {
    let gemm =
      "dtype,m,n,k,time_us\nbf16,1,512,512,9\nnvfp4,1,512,512,9\nnvfp4,2,512,512,9\nfp8,1,512,512,9\n"
    let table = try #require(try KnownDevice.report(gemm, name: "a100/x.csv").tables.first)
    #expect(table.rows.count == 1 && table.source == .own && table.gpu == "a100-sxm")
    #expect(
      Set(table.leftOut) == [
        LeftOutRows(reason: "no law for the format nvfp4", count: 2),
        LeftOutRows(reason: "products in fp8: no law of it for this GPU", count: 1),
      ])
    let head = "kernel,kv_cache_dtype,batch_size,step,heads,kv_heads,head_dim,latency_ms\n"
    let decode = try #require(
      try KnownDevice.report(head + "fa,bfloat16,1,255,8,8,128,0.02\nfa,nvfp4,1,255,8,8,128,0.02\n")
        .tables.first)
    #expect(decode.rows.count == 1)
    #expect(decode.leftOut == [LeftOutRows(reason: "KV cache in nvfp4: no law", count: 1)])
    let experts =
      "dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,latency_ms\n"
      + "bfloat16,1,4096,14336,2,8,1,1,0.5\nw4afp8,1,4096,14336,2,8,1,1,0.5\n"
      + "fp8,1,4096,14336,2,8,1,1,0.5\n"
    let layers = try #require(try KnownDevice.report(experts, gpu: "a100-sxm").tables.first)
    #expect(layers.rows.map(\.variant) == ["bf16"])
    #expect(
      layers.leftOut.map(\.reason) == [
        "experts in w4afp8: no law", "experts in fp8: no law of it for this GPU",
      ])
  }

  @Test("aiconfigurator's own files are read under their own names of columns")
  func rawColumns() throws {
    let text =
      "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n"
      + "VLLM,0.14.0,NVIDIA H100 80GB HBM3,gemm,vllm,bfloat16,64,4096,4096,0.02\n"
      + "VLLM,0.14.0,NVIDIA A100-SXM4-80GB,gemm,vllm,bfloat16,64,4096,4096,0.03\n"
    let report = try KnownDevice.report(text, name: "gemm.csv")
    #expect(report.tables.map(\.gpu) == ["h100-sxm", "a100-sxm"])
    #expect(report.tables.flatMap(\.rows).map(\.comparison.measured) == [20_000, 30_000])
    #expect(report.tables.flatMap(\.rows).map(\.comparison.line) == [2, 3])
    #expect(report.tables.allSatisfy { $0.source == .aiconfigurator })
  }

  @Test("The roofline is the datasheet's, by hand")
  func roofline() throws {
    let text =
      "dtype,m,n,k,time_us\nbf16,1,8192,8192,50\nbf16,8192,8192,8192,2000\nfp8,8192,8192,8192,1000\n"
    let rows = try #require(try KnownDevice.report(text).tables.first).rows
    // Weights at 3,350 GB/s; 2 · 8192³ operations at 989 and 1,978 TFLOP/s.
    #expect((rows[0].roofline - (8_192.0 * 8_192 * 2 + 2 * 8_192 * 2) / 3_350).magnitude < 1e-6)
    let operations = 2 * 8_192.0 * 8_192 * 8_192
    #expect((rows[1].roofline / (operations / 989e3) - 1).magnitude < 1e-12)
    #expect((rows[2].roofline / (operations / 1_978e3) - 1).magnitude < 1e-12)
  }

  @Test(
    "What is no table of operators is skipped with its reason in a folder",
    arguments: [
      ("step_id,step_spacing_ms\n1,2\n", "steps of an engine"),
      ("request,arrival_s,prompt_tokens\n1,2,3\n", "requests of an engine"),
      ("silicon_ttft_ms,silicon_tpot_ms\n1,2\n", "latencies of an engine"),
      ("format,loading_time_s\nx,1\n", "load times"), ("a,b\n1,2\n", "no columns of a known"),
    ])
  func skipped(text: String, reason: String) throws {
    let report = try KnownDevice.report(text, isNamed: false)
    #expect(report.tables.isEmpty && report.skipped.count == 1)
    #expect(report.skipped[0].reason.hasPrefix(reason))
    #expect(report.skipped[0].name == "h100_sxm/table.csv")
  }

  @Test("A file asked for by its name must be known, and so must its GPU")
  func named() {
    let unknown = #expect(throws: TableFault.self) { try KnownDevice.report("a,b\n1,2\n") }
    #expect(unknown?.description.hasPrefix("table.csv:1: found the columns a, b, needs") == true)
    let text = "dtype,m,n,k,time_us\nbf16,1,512,512,9\n"
    let noGPU = #expect(throws: TableFault.self) { try KnownDevice.report(text, name: "t.csv") }
    #expect(noGPU?.description.contains("needs --gpu") == true)
    #expect(throws: TableFault.self) {
      try KnownDevice.report("dtype,m,n,k,time_us\nbf16,1,512,512,-9\n", isNamed: false)
    }
  }

  @Test("Collectives are predicted by the GPU's tables; sizes that these hold count as seen")
  func collectives() throws {
    let device = try #require(HardwareCatalogue.gpu(named: "h100-sxm"))
    let table = try #require(device.collectives.of(.allReduce, .nccl, .nvlink).last)
    let rows = table.bytes.map { "all_reduce,nccl,\(table.ranks),\(Int($0))" }
    let times = table.nanoseconds.map { $0 / 1e6 }
    let head = "op_name,backend,num_gpus,message_bytes,latency_ms\n"
    let text = head + zip(rows, times).map { "\($0),\($1)\n" }.joined()
    let group = try #require(try KnownDevice.report(text).groups.first)
    #expect(group.key.operation == .allReduce && group.key.variant == "NCCL")
    #expect(group.rows.allSatisfy { $0.row.ranks == table.ranks && !$0.row.comparison.isHeldOut })
    #expect(try #require(group.summary(.all)).mean < 1e-9)
    // A ring's bytes over NVLink.
    let bytes = table.bytes[0] * 2 * Double(table.ranks - 1) / Double(table.ranks)
    #expect((group.rows[0].row.roofline - bytes / 450).magnitude < 1e-9)
    let far = "num_workers,devices_per_node,bytes,median_ms\n16,8,4096,0.5\n8,8,5000,0.05\n"
    let report = try KnownDevice.report(far, name: "vidur/h100_dgx.all_reduce.csv")
    #expect(report.rowCount == 1 && report.leftOutCount == 1)
    #expect(report.tables[0].leftOut[0].reason.hasPrefix("across nodes"))
  }

  @Test("What nccl-tests prints is compared on the device that it names")
  func ncclTests() throws {
    let text = """
      # nThread 1 nGpus 2 minBytes 1024 maxBytes 4096 step: 2(factor) warmup iters: 5 iters: 20
      #  Rank  0 Group  0 Pid   2001 on   node-a device  0 [0x19] NVIDIA H100 80GB HBM3
      #  Rank  1 Group  0 Pid   2001 on   node-a device  1 [0x3b] NVIDIA H100 80GB HBM3
      #       size         count      type   redop    root     time   algbw   busbw #wrong
              1024           512      half     sum      -1     6.21    0.16    0.16      0
           1048576        524288      half     sum      -1    14.70   71.33   71.33      0
      # Avg bus bandwidth    : 23.9
      """
    let report = try KnownDevice.report(text, name: "runs/all_reduce_perf.txt", isNamed: false)
    let table = try #require(report.tables.first)
    #expect(table.gpu == "h100-sxm" && table.source == .ncclTests)
    #expect(table.rows.map(\.comparison.line) == [5, 6])
    #expect(table.rows.allSatisfy { $0.comparison.relativeError.magnitude < 0.3 })
  }

  @Test("Targets look at the held-out half of their own tables alone")
  func targets() throws {
    let slow = KnownDevice.gemmTable(on: KnownDevice.h100) { _ in 1 / 1.07 }
    let missed = try KnownDevice.report(slow).verdicts.filter { $0.summary != nil }
    #expect(missed.map(\.target.name) == ["GEMM bf16"] && missed.map(\.isMissed) == [true])
    #expect((try #require(missed[0].summary).mean - 0.07).magnitude < 1e-9)
    let a100 = KnownDevice.gemmTable(on: KnownDevice.a100) { _ in 1 / 1.06 }
    let met = try KnownDevice.report(a100, name: "a100/t.csv").verdicts.filter { $0.summary != nil }
    #expect(met.map(\.target.gpu) == ["a100-sxm"] && met.map(\.isMissed) == [false])
    #expect(FidelityTarget.all.count == 19)
  }
}
