import Inference
import Testing

/// A published number of parameters and who published it.
struct PublishedCount: Sendable, CustomTestStringConvertible {
  var name: String
  var total: Int64
  /// How far the count may be off; published exactly unless the source rounds.
  var within: Double
  var source: String

  init(_ name: String, _ total: Int64, within: Double = 0, _ source: String = Self.checkpoint) {
    self.name = name
    self.total = total
    self.within = within
    self.source = source
  }

  var testDescription: String { name }

  /// The total that huggingface.co counts over the tensors of the repository's safetensors files.
  static let checkpoint = "safetensors total of the repository"
  /// The same for checkpoints that store the tied head as a second tensor, which is taken off.
  static let tied = "safetensors total less the stored copy of the embedding"

  static let llama: [PublishedCount] = [
    .init("llama-7b", 6_738_415_616), .init("llama-13b", 13_015_864_320),
    .init("llama-33b", 32_528_943_616), .init("llama-65b", 65_285_660_672),
    .init("llama-2-7b", 6_738_415_616), .init("llama-2-13b", 13_015_864_320),
    .init("llama-2-70b", 68_976_648_192), .init("codellama-34b", 33_743_970_304),
    .init("llama-3-8b", 8_030_261_248), .init("llama-3-70b", 70_553_706_496),
    .init("llama-3.1-8b", 8_030_261_248), .init("llama-3.1-70b", 70_553_706_496),
    .init("llama-3.1-405b", 405_853_388_800), .init("llama-3.2-1b", 1_235_814_400),
    .init("llama-3.2-3b", 3_212_749_824), .init("llama-3.3-70b", 70_553_706_496),
    .init("yi-6b", 6_061_035_520), .init("yi-34b", 34_388_917_248),
  ]

  static let qwen: [PublishedCount] = [
    .init("qwen2.5-0.5b", 494_032_768), .init("qwen2.5-1.5b", 1_543_714_304),
    .init("qwen2.5-3b", 3_085_938_688), .init("qwen2.5-7b", 7_615_616_512),
    .init("qwen2.5-14b", 14_770_033_664), .init("qwen2.5-32b", 32_763_876_352),
    .init("qwen2.5-72b", 72_706_203_648),
    .init("qwen3-0.6b", 751_632_384 - 151_936 * 1_024, tied),
    .init("qwen3-1.7b", 2_031_739_904 - 151_936 * 2_048, tied),
    .init("qwen3-4b", 4_022_468_096), .init("qwen3-8b", 8_190_735_360),
    .init("qwen3-14b", 14_768_307_200), .init("qwen3-32b", 32_762_123_264),
    .init("qwen3-30b-a3b", 30_532_122_624), .init("qwen3-235b-a22b", 235_093_634_560),
  ]

  static let experts: [PublishedCount] = [
    .init("mistral-7b-v0.1", 7_241_732_096), .init("mistral-7b-v0.3", 7_248_023_552),
    .init("mistral-nemo-12b", 12_247_782_400), .init("mistral-small-24b", 23_572_403_200),
    .init("mistral-large-123b", 122_610_069_504), .init("mixtral-8x7b", 46_702_792_704),
    .init("mixtral-8x22b", 140_620_634_112), .init("deepseek-v2-lite", 15_706_484_224),
    .init("deepseek-v2", 235_741_434_880),
    .init("deepseek-v3", 671_000_000_000, within: 0.001, "the repository's README_WEIGHTS: 671B"),
    .init("deepseek-r1", 671_000_000_000, within: 0.001, "the repository's README: 671B"),
    .init("gpt-oss-20b", 20_914_757_184, "OpenAI's model card: 20.91B, and the BF16 tensors"),
    .init("gpt-oss-120b", 116_829_156_672, "OpenAI's model card: 116.83B, and the BF16 tensors"),
  ]

  static let others: [PublishedCount] = [
    .init("phi-2", 2_779_683_840), .init("phi-3-mini-4k", 3_821_079_552),
    .init("phi-3-mini-128k", 3_821_079_552), .init("phi-3-medium-128k", 13_960_238_080),
    .init("phi-4-mini", 3_836_021_760), .init("phi-4", 14_659_507_200),
    .init("gemma-2-9b", 9_241_705_984), .init("gemma-2-27b", 27_227_128_320),
    .init(
      "gemma-3-27b", 27_432_406_640 - 423_000_000, within: 0.001,
      "safetensors total less the vision tower and projector, 0.42B"),
    .init("opt-1.3b", 1_315_758_080), .init("opt-2.7b", 2_651_596_800),
    .init("opt-6.7b", 6_658_473_984), .init("opt-13b", 12_853_473_280),
    .init("opt-30b", 29_974_540_288), .init("opt-66b", 65_718_607_872, within: 0.001),
    .init("opt-175b", 175_000_000_000, within: 0.01, "arXiv 2205.01068, table 1"),
    .init("gpt-3-175b", 175_000_000_000, within: 0.01, "arXiv 2005.14165, table 2.1"),
    .init("bloom-7b1", 7_069_016_064), .init("bloom-176b", 176_247_271_424),
    .init("falcon-7b", 7_217_189_760 - 65_024 * 4_544, tied),
    .init("falcon-40b", 41_303_293_952),
    .init("falcon-180b", 179_522_565_120, within: 0.01),
  ]

  static let all = llama + qwen + experts + others
}

@Suite("Published parameter counts")
struct PublishedCountTests {
  @Test(
    "A model of the catalogue has as many parameters as published", arguments: PublishedCount.all)
  func totals(_ published: PublishedCount) {
    let count = Shapes.catalogue(published.name).parameterCount
    let difference = Double(count - published.total) / Double(published.total)
    #expect(abs(difference) <= published.within, "\(count): \(published.source)")
  }

  @Test("Every model of the catalogue has a published count")
  func complete() {
    #expect(
      Set(PublishedCount.all.map(\.name)) == Set(ModelCatalogue.models.map(\.name)))
    #expect(Set(ModelCatalogue.models.map(\.name)).count == ModelCatalogue.models.count)
  }
}
