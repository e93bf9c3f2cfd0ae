import Hardware
import Inference
import Testing

@Suite("Prepared decode attention")
struct StepRowsTests {
  @Test(
    "Between its knots a step's attention is the law's within 2 %",
    arguments: [3, 9, 11, 23, 77, 100], [1_100, 5_000, 23_000])
  func law(sequences: Int, context: Int) throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let gpu = GPUSpecification.h100SXM
    let pieces = try Shapes.pieces(model, Shapes.even(1, 1, model), gpu: gpu)
    let heads = AttentionShape(
      heads: model.attentionHeads, keyValueHeads: model.keyValueHeads,
      keyDimension: model.headDimension, valueDimension: model.headDimension)
    func step(_ context: Int) -> Double {
      Double(
        pieces.cost(.decode(sequences: sequences, contextTokens: sequences * context)).total)
    }
    func law(_ context: Int) -> Double {
      Double(model.layers)
        * gpu.laws.decodeAttention.nanoseconds(
          heads, sequences: sequences, contextTokens: sequences * context, keyValues: .evicted,
          limits: gpu.limits)
    }
    // All else in a step depends on its sequences alone.
    let expected = law(3 * context) - law(context)
    let found = step(3 * context) - step(context)
    #expect(abs(found / expected - 1) < 0.02, "\(found) \(expected)")
  }
}
