import Hardware
import Inference
import Testing

@Suite("Number formats")
struct FormatTests {
  @Test("Bits include scales: 16, 8, 4.15625 and 4.25")
  func bits() {
    let bits = NumberFormat.allCases.map { $0.bytesPerElement * 8 }
    #expect(bits == [16, 16, 8, 8, 4.15625, 4.25])
    #expect(NumberFormat.int4.bytes(of: 256) == 133)
    #expect(NumberFormat.int4.bytes(of: 1) == 1)
    #expect(NumberFormat.ofKeyValueCache == [.bf16, .fp16, .fp8, .int8])
  }

  @Test("Llama-3.1-70B in 4 bits takes what AWQ checkpoints take, embeddings in 16 bits")
  func fourBits() {
    // 39.8 GB: the safetensors files of the AWQ-INT4 repository.
    let bytes = Double(Shapes.catalogue("llama-3.1-70b").weightBytes(.int4)) / 1e9
    #expect(isNear(bytes, 39.8, within: 0.01), "\(bytes)")
  }

  @Test("Both 16-bit formats cost the same; a format stored in fewer bits streams faster")
  func streaming() {
    for gpu in HardwareCatalogue.gpus {
      func time(_ rows: Int, _ format: NumberFormat) -> Double {
        gpu.gemmNanoseconds(rows: rows, outputs: 8_192, inputs: 8_192, weights: format)
      }
      #expect(time(8, .bf16) == time(8, .fp16))
      #expect(time(1, .int8) < time(1, .bf16))
      #expect(time(1, .int4) < time(1, .int8))
      #expect(time(1, .mxfp4) < time(1, .int8))
      // Weight-only formats compute at the 16-bit rate: what streams besides is all that they save.
      #expect(time(8_192, .int4) > 0.75 * time(8_192, .bf16), "\(gpu.name)")
      #expect(time(8_192, .int4) <= time(8_192, .bf16))
    }
  }

  @Test(
    "A stage of one GPU holds the whole model in every format", arguments: ModelCatalogue.models)
  func wholeModel(_ model: ModelArchitecture) throws {
    for format in NumberFormat.ofWeights {
      let memory = MemoryPlan(
        model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: format,
        keyValue: .bf16)
      let held = try #require(memory.stages.first).weightBytesPerGPU
      let padding = (64 - model.vocabularySize % 64) % 64 * model.hiddenSize * 2
      let difference =
        held - model.weightBytes(format) - Int64(padding * (model.tiedEmbeddings ? 1 : 2))
      switch format {
      case .bf16, .fp16: #expect(abs(difference) <= 200, "\(model.name) \(difference)")
      case .int4, .mxfp4:
        // Routers and vectors are kept in 16 bits on the GPU.
        #expect(difference >= 0 && difference < held / 100, "\(model.name) \(difference)")
      case .fp8, .int8:
        // So are the embedding and the LM head.
        #expect(difference >= 0 && difference < held / 3, "\(model.name) \(difference)")
      }
    }
  }

  @Test("A shard of 4-bit weights may not cut a group of 128")
  func groups() {
    let model = Shapes.catalogue("qwen2.5-7b")
    #expect(planFaults(of: Shapes.even(4, 1, model), for: model, weights: .int4) == [])
    // A whole matrix may end within a block.
    let odd = Shapes.catalogue("falcon-7b")
    #expect(planFaults(of: Shapes.even(1, 1, odd), for: odd, weights: .fp8) == [])
    let small = Shapes.catalogue("llama-3.1-8b")
    #expect(
      planFaults(of: Shapes.even(32, 1, small), for: small, weights: .int4).map(\.description) == [
        "over 32 GPUs a shard of the feed-forward is 448 wide, "
          + "not a multiple of the int4 weight block of 128"
      ])
  }

  @Test("Parallel blocks reduce once a layer")
  func parallelBlocks() throws {
    let falcon = Shapes.catalogue("falcon-40b")
    var serial = falcon
    serial.hasParallelBlocks = false
    let plan = Shapes.even(8, 1, falcon)
    let (once, twice) = (try Shapes.pieces(falcon, plan), try Shapes.pieces(serial, plan))
    #expect(once.bytesPerCollectiveToken * 2 == twice.bytesPerCollectiveToken)
    let shape = BatchShape.decode(sequences: 16, contextTokens: 16_000)
    let difference =
      2 * once.cost(shape).tensorCommunication - twice.cost(shape).tensorCommunication
    #expect(abs(difference) <= 1)
  }
}
