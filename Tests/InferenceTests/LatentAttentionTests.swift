import Hardware
import Inference
import Testing

@Suite("Latent attention")
struct LatentAttentionTests {
  let model = Shapes.catalogue("deepseek-v3")

  @Test("DeepSeek-V3 keeps 70,272 bytes a token, the same on every GPU of a stage")
  func cache() throws {
    #expect(model.keyValueBytesPerToken(.bf16) == 61 * 576 * 2)
    #expect(model.keyValueBytesPerToken(.bf16) == 70_272)
    #expect(model.keyValueBytesPerToken(.fp8) == 35_136)
    for tensor in [1, 8, 16] {
      let memory = MemoryPlan(
        model: model, plan: Shapes.even(tensor, 1, model), gpu: .h100SXM, weights: .fp8,
        keyValue: .bf16)
      #expect(try #require(memory.stages.first).keyValueBytesPerTokenPerGPU == 70_272)
    }
  }

  @Test("Its attention has the parameters counted by hand")
  func parameters() {
    let queries = 7_168 * 1_536 + 1_536 + 1_536 * 128 * 192
    let keysAndValues = 7_168 * 576 + 512 + 512 * 128 * 256
    #expect(model.attentionParameters == Int64(queries + keysAndValues + 128 * 128 * 7_168))
    let lite = Shapes.catalogue("deepseek-v2-lite")
    let plain = 2_048 * 16 * 192 + 2_048 * 576 + 512 + 512 * 16 * 256 + 16 * 128 * 2_048
    #expect(lite.attentionParameters == Int64(plain))
  }

  /// What a token of context adds to a decode step of all layers, in nanoseconds.
  private func perContextToken(tensor: Int) throws -> Double {
    let pieces = try Shapes.pieces(model, Shapes.even(tensor, 1, model))
    // Enough sequences that none is waited for; at knots of the table.
    let near = pieces.cost(.decode(sequences: 128, contextTokens: 128 * 8_192)).total
    let far = pieces.cost(.decode(sequences: 128, contextTokens: 128 * 16_384)).total
    return Double(far - near) / (128 * 8_192)
  }

  @Test("Decoding reads the latent vector or computes with it, whichever takes longer")
  func decode() throws {
    let gpu = GPUSpecification.h100SXM
    let reading =
      70_272 / gpu.hbmBandwidthBytesPerSecond / gpu.laws.decodeAttention.memoryEfficiency * 1e9
    // Scores: 576 wide, values: 512 wide, for each head of the shard; two operations a product, at the
    // 59 % of the peak that DeepSeek's FlashMLA reaches on an H800.
    func computing(_ heads: Double) -> Double {
      let operations: Double = 2 * heads * (576 + 512) * 61
      return operations / (gpu.peakFLOPs * 0.59) * 1e9
    }
    #expect(computing(128) > reading && computing(16) < reading)
    #expect(isNear(try perContextToken(tensor: 1), computing(128), within: 0.001))
    #expect(isNear(try perContextToken(tensor: 8), reading, within: 0.001))
  }

  @Test("Prefill multiplies 192 wide keys and 128 wide values, and expands its prefix again")
  func prefill() throws {
    var gpu = GPUSpecification.h100SXM
    gpu.laws = .roofline
    let pieces = try Shapes.pieces(model, Shapes.even(1, 1, model), gpu: gpu)
    let pair = 2.0 * 128 * (192 + 128) * 61 / gpu.peakFLOPs * 1e9
    let expansion = 2.0 * 512 * 128 * 256 * 61 / gpu.peakFLOPs * 1e9
    // The prefix's latent vectors are read at 85 % of the memory's bandwidth.
    let reading = 70_272 / (0.85 * gpu.hbmBandwidthBytesPerSecond) * 1e9
    let near = pieces.cost(.prefill(chunk: 512, prefix: 10_000)).total
    let far = pieces.cost(.prefill(chunk: 512, prefix: 20_000)).total
    let expected = 10_000 * (512 * pair + expansion + reading)
    #expect(isNear(Double(far - near), expected, within: 0.005), "\(far - near) \(expected)")
  }

  @Test("Its heads must divide among the GPUs, its latent vector need not")
  func plans() {
    for tensor in [1, 2, 4, 8, 16, 32] {
      #expect(planFaults(of: Shapes.even(tensor, 1, model), for: model, weights: .bf16) == [])
    }
    #expect(
      planFaults(of: Shapes.even(3, 1, model), for: model, weights: .bf16).first
        == .headsNotDivisible(heads: 128, tensor: 3))
  }
}
