import Calibration
import Hardware
import Testing

@Suite("Tables of attention kernels")
struct AttentionTableTests {
  private static let own =
    "phase,heads,key_value_heads,head_dimension,key_value_bytes,sequences,new_tokens,cached_tokens,"
    + "time_us\n"
  private static let context =
    "kernel,kv_cache_dtype,batch_size,isl,heads,kv_heads,head_dim,latency_ms\n"

  private func read(_ text: String) throws -> [AttentionMeasurement] {
    try AttentionTable(MeasuredTable(text, file: "a.csv")).measurements
  }

  private func expected(
    _ line: Int, _ phase: AttentionMeasurement.Phase, heads: (Int, Int), width: Int = 128,
    bytes: Double = 2, _ sequences: Int, new: Int, cached: Int, _ nanoseconds: Double
  ) -> AttentionMeasurement {
    AttentionMeasurement(
      line: line, phase: phase,
      heads: AttentionShape(
        heads: heads.0, keyValueHeads: heads.1, keyDimension: width, valueDimension: width,
        keyValueBytesPerElement: bytes),
      sequences: sequences, newTokens: new, cachedTokens: cached, nanoseconds: nanoseconds)
  }

  @Test("Our own layout is read as its columns say")
  func ownLayout() throws {
    let rows = try read(
      Self.own + "prefill,32,8,128,2,1,512,1024,90.5\ndecode,16,2,64,1,64,1,4096,40\n")
    #expect(
      rows == [
        expected(2, .prefill, heads: (32, 8), 1, new: 512, cached: 1_024, 90_500),
        expected(
          3, .decode, heads: (16, 2), width: 64, bytes: 1, 64, new: 1, cached: 4_096, 40_000),
      ])
    #expect(rows.map(\.shape) == ["1,32,8", "64,16,2"])
  }

  @Test("aiconfigurator's decode reads the new token too; its prefill has no prefix")
  func aiconfigurator() throws {
    let decode = try read(
      "kernel,kv_cache_dtype,batch_size,step,heads,kv_heads,head_dim,latency_ms\n"
        + "fa3,bfloat16,4,255,32,8,128,0.02\nfa3,fp8,4,254,32,8,128,0.015\n")
    #expect(
      decode == [
        expected(2, .decode, heads: (32, 8), 4, new: 1, cached: 256, 20_000),
        expected(3, .decode, heads: (32, 8), bytes: 1, 4, new: 1, cached: 255, 15_000),
      ])
    #expect(decode.map(\.isServingSize) == [true, false])
    let prefill = try read(Self.context + "fa3,bfloat16,2,1,8,8,128,0.01\n")
    #expect(prefill == [expected(2, .prefill, heads: (8, 8), 2, new: 1, cached: 0, 10_000)])
    let original = try read(
      "op_name,batch_size,isl,num_heads,num_key_value_heads,head_dim,kv_cache_dtype,step,latency\n"
        + "generation,2,1,8,1,128,bfloat16,1023,0.02\ncontext,2,512,8,1,128,bfloat16,4096,0.3\n")
    #expect(
      original == [
        expected(2, .decode, heads: (8, 1), 2, new: 1, cached: 1_024, 20_000),
        expected(3, .prefill, heads: (8, 1), 2, new: 512, cached: 4_096, 300_000),
      ])
  }

  @Test("Vidur's layout divides heads by the tensor-parallel degree")
  func vidur() throws {
    let rows = try read(
      "n_embd,n_q_head,n_kv_head,num_tensor_parallel_workers,batch_size,prefill_chunk_size,"
        + "kv_cache_size,is_prefill,kv_cache_save_ms,attn_prefill_ms,attn_decode_ms\n"
        + "4096,32,32,2,1,64,128,1,0.04,0.013,0\n8192,64,8,4,16,0,2048,False,0,0,0.08\n")
    #expect(
      rows == [
        expected(2, .prefill, heads: (16, 16), 1, new: 64, cached: 128, 13_000),
        expected(3, .decode, heads: (16, 2), 16, new: 1, cached: 2_048, 80_000),
      ])
  }

  @Test("A shape that was measured several times counts once, by its mean")
  func repeats() throws {
    let rows = try read(
      Self.context + "fa,bfloat16,1,16,4,4,128,0.010\nfa,bfloat16,2,16,4,4,128,0.02\n"
        + "fa,bfloat16,1,16,4,4,128,0.012\n")
    #expect(rows.map(\.line) == [2, 3])
    #expect((rows[0].nanoseconds - 11_000).magnitude < 1e-6)
  }

  @Test(
    "What is wrong with a table is told with file, line and what is needed",
    arguments: [
      ("m,n,k\n1,2,3\n", "a.csv:1: found the columns m, n, k, needs those of an attention table"),
      (own + "verify,8,8,128,2,1,1,1,5\n", "a.csv:2: phase: found verify, needs prefill or decode"),
      (own + "decode,8,3,128,2,1,1,1,5\n", "a.csv:2: found 8 heads over 3 key–value heads"),
      (
        own + "decode,8,8,128,4,1,1,1,5\n",
        "a.csv:2: key_value_bytes: found 4, needs a whole number"
      ),
      (own + "decode,8,8,128,2,1,1,0,5\n", "a.csv:2: found a decode of no tokens, needs tokens"),
      (own + "prefill,8,8,128,2,1,0,9,5\n", "a.csv:2: found a prefill of no tokens, needs new"),
      (own + "decode,8,8,128,2,1,1,9,-5\n", "a.csv:2: time_us: found -5, needs a time above 0"),
      (
        "phase,heads,key_value_heads\ndecode,1,1\n",
        "a.csv:1: found the columns phase, heads, key_value_heads, needs a column head_dimension"
      ),
      (
        context + "fa,int3,1,16,4,4,128,0.01\n",
        "a.csv:2: kv_cache_dtype: found int3, needs bfloat16, float16, fp8 or int8"
      ),
      (
        context + "fa,bfloat16,1,16,4,4,128,0.01\nfa,bfloat16,1,16,4,4,128,0.03\n",
        "a.csv:3: found the measurement of line 2 again, with a time 3.0 times as long"
      ),
    ])
  func faults(text: String, message: String) {
    let fault = #expect(throws: TableFault.self) { try read(text) }
    #expect(fault?.description.hasPrefix(message) == true, "\(fault.map(\.description) ?? "")")
  }
}
