import Calibration
import Hardware
import Testing

@Suite("Tables of matrix products")
struct GEMMTableTests {
  private func read(_ text: String) throws -> GEMMTable {
    try GEMMTable(MeasuredTable(text, file: "gemm.csv"))
  }

  @Test("aiconfigurator's columns are six weights in turn, ours are weights from memory")
  func layouts() throws {
    let theirs = try read("kernel,dtype,m,n,k,latency_ms\nx,bfloat16,16,512,1024,0.0031\n")
    let ours = try read("dtype,m,n,k,time_us\nfp8,16,512,1024,5\n")
    #expect(
      theirs.measurements == [
        GEMMMeasurement(
          line: 2, nanoseconds: 3_100, rows: 16, outputs: 512, inputs: 1_024,
          arithmetic: .sixteenBits(bytesPerWeight: 2), format: "bfloat16",
          residence: .replayed(matrices: 6))
      ])
    #expect(
      ours.measurements == [
        GEMMMeasurement(
          line: 2, nanoseconds: 5_000, rows: 16, outputs: 512, inputs: 1_024,
          arithmetic: .eightBits, format: "fp8", residence: .memory)
      ])
    #expect(theirs.measurements[0].shape == "512,1024" && theirs.measurements[0].isServingSize)
    #expect(theirs.measurements[0].label == "bfloat16 m 16, n 512, k 1024")
  }

  @Test(
    "Weight-only formats stream fewer bytes; formats without a law are left out, with the reason")
  func formats() throws {
    let table = try read(
      "dtype,m,n,k,time_us\nint8_wo,1,64,64,5\nint4_wo,1,64,64,4\nint8,1,64,64,4\nnvfp4,1,64,64,3\n"
    )
    #expect(
      table.measurements.map(\.arithmetic) == [
        .sixteenBits(bytesPerWeight: 1), .sixteenBits(bytesPerWeight: 133.0 / 256), .eightBits,
      ])
    #expect(table.leftOut.map(\.line) == [5])
    #expect(table.leftOut[0].reason == "no law for the format nvfp4")
  }

  @Test(
    "Bad tables are refused with the line and what is needed",
    arguments: [
      (
        "dtype,m,n,latency_ms\nfp8,1,2,3\n",
        "gemm.csv:1: found the columns dtype, m, n, latency_ms, needs a column k"
      ),
      (
        "dtype,m,n,k,latency_ms\nfp8,1,2,3,0\n",
        "gemm.csv:2: latency_ms: found 0, needs a time above 0"
      ),
      (
        "dtype,m,n,k,latency_ms\nfp8,1,2,3,1\nfp8,1,2,3,2\n",
        "gemm.csv:3: found the measurement of line 2 again, needs each shape once"
      ),
      (
        "dtype,m,n,k,latency_ms\nfp8,0,2,3,1\n",
        "gemm.csv:2: m: found 0, needs a whole number from 1 to 16,777,216"
      ),
    ])
  func faults(text: String, message: String) {
    let fault = #expect(throws: TableFault.self) { try read(text) }
    #expect(fault?.description == message)
  }

  @Test("Vidur's layers are four products and four passes each, of one GPU's shard")
  func layers() throws {
    let text = """
      n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,\
      num_tensor_parallel_workers,input_layernorm_ms,attn_pre_proj_ms,attn_rope_ms,\
      attn_post_proj_ms,mlp_up_proj_ms,mlp_act_ms,mlp_down_proj_ms,add_ms
      64,8,8192,22016,32768,True,256,4,0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08

      """
    let table = try MeasuredTable(text, file: "layers.csv")
    let products = try GEMMTable(table).measurements
    #expect(products.map(\.outputs) == [2_560, 8_192, 11_008, 8_192])
    #expect(products.map(\.inputs) == [8_192, 2_048, 8_192, 5_504])
    #expect(products.map(\.nanoseconds) == [20_000, 40_000, 50_000, 70_000])
    #expect(products.allSatisfy { $0.rows == 256 && $0.residence == .memory && $0.line == 2 })
    let passes = try ElementwiseTable(table).measurements
    #expect(passes.map(\.kernel) == [.norm, .rotary, .gatedActivation, .residual])
    #expect(passes.map(\.width) == [8_192, 2_304, 5_504, 8_192])
    #expect(passes.map(\.nanoseconds) == [10_000, 30_000, 60_000, 80_000])
  }
}
