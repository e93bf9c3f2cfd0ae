import EventKernel
import Hardware
import Inference
import Scenarios
import Serving
import Testing
import Workload

@Suite("Every part of a scenario")
struct EverythingTests {
  private let scenario: Scenario

  init() throws { scenario = try decode(Fixture.everything).scenario }

  @Test("Top keys reach the scenario in nanoseconds, and a seed may use all 64 bits")
  func top() {
    #expect(scenario.seed == .max)
    #expect(scenario.warmup == 300_000_000_000)
    #expect(scenario.drainLimit == 1_800_000_000_000)
    #expect(scenario.sampleInterval == 10_000_000_000)
  }

  @Test("Node groups are laid out one after the other, with their own price and defaults")
  func nodes() {
    let nodes = scenario.cluster.nodes
    #expect(nodes.map(\.gpuCount) == [8, 8, 8, 8, 4])
    #expect(nodes.map(\.nvlink) == [.switch, .switch, .switch, .switch, .none])
    #expect(nodes[0].hostMemoryBytes == 3 << 39)
    #expect(nodes[0].storageBandwidthBytesPerSecond == 12.5e9)
    #expect(nodes[0].gpu.price == .given(2.49))
    #expect(nodes[4].gpu == .l40s)
    #expect(nodes[4].nicCount == 1)
    #expect(nodes[4].nicBandwidthBytesPerSecond == 12.5e9)
    #expect(nodes[4].hostMemoryBytes == 2_000_000_000_000)
    #expect(scenario.cluster.nodesPerLeaf == 2)
    #expect(scenario.cluster.fabricLatencyNanoseconds == 3_500)
    #expect(scenario.cluster.modelStoreBandwidthBytesPerSecond == nil)
  }

  @Test("PCIe, GPUDirect, regions and the lines between them reach the cluster")
  func links() {
    let nodes = scenario.cluster.nodes
    #expect(
      nodes[0].pcie
        == PCIeTopology(
          gpusPerSwitch: 4, uplinkBytesPerSecond: 32e9, hostBridgeCount: 2,
          hostBridgeBytesPerSecond: 100e9, isPeerToPeer: true))
    #expect(nodes[4].pcie == PCIeTopology())
    #expect(nodes.map(\.hasGPUDirect) == [false, false, false, false, true])
    #expect(nodes.map(\.region) == [0, 0, 0, 0, 1])
    #expect(scenario.cluster.leafOfNode == [0, 0, 1, 1, 2])
    #expect(scenario.cluster.regions == ["eu", "us"])
    #expect(scenario.cluster.modelStoreRegion == 1)
    #expect(scenario.cluster.registryBandwidthBytesPerSecond == 5e9)
    let own = WANSpecification.Line(
      latencyNanoseconds: 45_000_000, bandwidthBytesPerSecond: 1e9)
    let other = WANSpecification.Line(
      latencyNanoseconds: 30_000_000, bandwidthBytesPerSecond: 1.25e9)
    #expect(
      scenario.cluster.wan == WANSpecification(line: other, pairs: [.init(0, 1, line: own)]))
    #expect(scenario.cluster.wan?.line(from: 1, to: 0) == own)
  }

  @Test("Background sizes ascend, whatever their order in the text")
  func background() {
    var expected = BackgroundSpecification(
      occupancy: 0.5,
      sizes: [BackgroundSize(gpus: 1, share: 3), BackgroundSize(gpus: 2, share: 1)],
      lifetimeSeconds: .uniform(low: 600, high: 3_600), arrangement: .independent)
    var values = OptionValues(defaultsOf: FragmentationPlacement.options)
    values["mix"] = .integers([1, 1, 8])
    values["stages"] = .choice("near")
    expected.placement = TenantPlacement(FragmentationPlacement.self, values)
    #expect(scenario.background == expected)
  }

  @Test("Quotas, their tenants and the order of demands are read")
  func allocation() {
    #expect(scenario.quotas == [TenantQuota(tenant: "acme", gpus: 16)])
    #expect(scenario.models.first?.tenant == "acme")
    #expect(scenario.models.dropFirst().allSatisfy { $0.tenant.isEmpty })
    #expect(
      scenario.schedulers.map(\.allocation)
        == [AllocationSpecification(patience: 300_000_000_000), AllocationSpecification()])
  }

  @Test("Two models of one shape may have names and costs of their own")
  func costs() {
    let models = scenario.models
    #expect(
      models.map(\.name)
        == ["llama-3.1-8b", "fixed", "drawn", "measured", "shaped", "published-1", "published-2"])
    #expect(Set(models.prefix(4).map(\.architecture.name)) == ["llama-3.1-8b"])
    #expect(models[0].weights == .fp8)
    var roofline = RooflineCost(
      hostNanosecondsPerStep: 500_000, hostNanosecondsPerSampling: 0,
      hostNanosecondsPerSequence: 1_000, computeFactor: 1.1, communicationFactor: 0)
    roofline.hostNanosecondsPerTensorStep = 2_000_000
    roofline.hidesHost = true
    roofline.launchNanosecondsPerKernel = 5_000
    roofline.kernelOverlap = 0.5
    roofline.sampling = .sorted
    #expect(models[0].cost == .roofline(roofline))
    #expect(
      models[1].cost
        == .constant(
          ConstantCost(
            baseNanoseconds: 20_000_000, nanosecondsPerPrefillToken: 10_000,
            nanosecondsPerDecodeSequence: 100, communicationNanoseconds: 1_000_000,
            hostNanoseconds: 2_000_000, tensorEfficiency: 0.9)))
    #expect(
      models[2].cost
        == .stochastic(
          StochasticCost(perStage: true, hostNanoseconds: 1_000_000, tensorEfficiency: 0.5)))
    #expect(models[2].stepSeconds == .gamma(mean: 0.05, cv: 0.5))
  }

  @Test("A shape of its own and a config.json become the model they describe")
  func shapes() {
    let shaped = ModelArchitecture(
      name: "shaped", layers: 32, hiddenSize: 1_024, attentionHeads: 8, keyValueHeads: 2,
      headDimension: 192, intermediateSize: 2_048, vocabularySize: 64_000, tiedEmbeddings: true,
      maxContextTokens: 8_192, feedForward: .plain,
      norms: Norms(kind: .layer, perLayer: 1, onEmbedding: true, onQueriesAndKeys: true),
      biases: [.head, .router], learnedPositions: 8_192, hasAttentionSinks: true,
      hasParallelBlocks: true,
      latentAttention: LatentAttention(
        queryRank: 256, keyValueRank: 128, nopeDimension: 128, ropeDimension: 64,
        valueDimension: 128),
      experts: Experts(
        count: 16, perToken: 2, width: 512, sharedWidth: 256, hasSharedGate: true,
        layers: LayerPattern(first: 2, period: 2, positions: 0b10)),
      slidingWindow: SlidingWindow(
        tokens: 512, layers: LayerPattern(period: 4, positions: 0b0111)))
    #expect(scenario.models[4].architecture == shaped)
    #expect(scenario.models[4].weights == .int4)
    #expect(scenario.models[4].keyValueCache == .int8)
    let published = ModelArchitecture(
      name: "published", layers: 32, hiddenSize: 1_024, attentionHeads: 8, keyValueHeads: 2,
      headDimension: 128, intermediateSize: 0, vocabularySize: 64_000, tiedEmbeddings: false,
      maxContextTokens: 8_192, norms: Norms(onQueriesAndKeys: true),
      experts: Experts(count: 8, perToken: 2, width: 256))
    #expect(scenario.models[5].architecture == published)
    #expect(scenario.models[5].weights == .fp8)
  }

  @Test("Measured tables keep their points")
  func table() {
    let first = TableCost.Stage(
      tensor: 2, layers: 16, decode: [.init(1, 3_000_000), .init(8, 3_500_000)],
      prefill: [.init(128, 5_000_000)], mixed: [.init(4, 200_000)],
      allReduce: [.init(1, 10_000)], hop: [.init(1, 20_000)])
    let second = TableCost.Stage(
      tensor: 1, layers: 32, decode: [.init(1, 6_000_000)], prefill: [.init(1, 6_000_000)])
    let table = TableCost(stages: [first, second], fit: .monotone, hostNanoseconds: 1_000_000)
    #expect(scenario.models[3].cost == .table(table))
  }

  @Test("Each arrival process becomes what it is called")
  func arrivals() {
    let expected: [ArrivalProcess?] = [
      .renewal(gapSeconds: .exponential(mean: 2)),
      .renewal(gapSeconds: .gamma(mean: 0.5, cv: 3)),
      .renewal(gapSeconds: .constant(1)),
      .burst(count: 8, start: 1_000_000_000, every: 600_000_000_000),
      .instants([0, 1_500_000_000, 1_500_000_000, 120_000_000_000]),
      .varying(
        gapSeconds: .weibull(mean: 0.5, cv: 1),
        RateCurve(modulators: [
          Modulator(
            stream: "modulator/rush",
            states: [
              .init(factor: 4, meanSeconds: 60), .init(factor: 0.5, meanSeconds: 180),
            ])
        ])),
      .varying(
        gapSeconds: .exponential(mean: 1),
        RateCurve(modulators: [
          Modulator(
            stream: "workload/on-off/states",
            states: [.init(factor: 5, meanSeconds: 10), .init(factor: 0, meanSeconds: 30)])
        ])),
      .varying(
        gapSeconds: .gamma(mean: 0.5, cv: 2),
        RateCurve(
          swing: Swing(amplitude: 0.5, period: 43_200_000_000_000, peak: 10_800_000_000_000),
          hourly: [1, 1, 0] + [Double](repeating: 1, count: 9)
            + [Double](repeating: 2, count: 12), startOfDay: 3_600_000_000_000)),
      .varying(
        gapSeconds: .constant(1),
        RateCurve(spikes: [
          Spike(
            start: 60_000_000_000, duration: 5_000_000_000, factor: 9, every: 120_000_000_000)
        ])),
      .closedLoop(
        ClosedLoop(
          clients: 7, thinkSeconds: .weibull(mean: 3, cv: 1), rampUp: 10_000_000_000,
          retryAfter: 2_000_000_000)),
    ]
    #expect(scenario.workloads.map(\.drawn?.arrivals) == expected)
    #expect(scenario.workloads.map(\.model) == [0, 4, 2, 3, 1, 1, 1, 1, 1, 1])
    let popularity = ModelPopularity(
      models: [4, 5, 6], weights: ModelPopularity.zipfWeights(3, exponent: 1.2),
      choice: .independent, wave: DemandWave(amplitude: 0.5, period: 1_800_000_000_000))
    #expect(
      scenario.workloads.map(\.popularity)
        == scenario.workloads.map { $0.name == "gamma" ? popularity : nil })
  }

  @Test("Each distribution of lengths becomes what it is called")
  func lengths() {
    let constant = LengthDistribution(distribution: .constant(16))
    let expected: [RequestLengths?] = [
      .separate(
        prompt: LengthDistribution(
          distribution: .table(.zipf(exponent: 1.5, in: 10...500)), minimum: 10, maximum: 500),
        output: LengthDistribution(distribution: .weibull(shape: 2, mean: 90))),
      .joint(
        LengthRows(
          [
            .init(promptTokens: 100, outputTokens: 10),
            .init(promptTokens: 4_000, outputTokens: 20),
          ], weights: [1, 0.5])),
      .separate(
        prompt: LengthDistribution(
          distribution: .table(ValueTable(values: [5, 9], weights: [3, 1]))),
        output: LengthDistribution(
          distribution: .quantiles(QuantileCurve(shares: [0, 0.5, 1], values: [1, 8, 99])))),
      .separate(
        prompt: LengthDistribution(distribution: .constant(512)), output: constant),
      .separate(
        prompt: LengthDistribution(distribution: .constant(512)), output: constant),
    ]
    #expect(scenario.workloads.dropFirst(5).map { $0.drawn?.lengths } == expected)
  }

  @Test("Sessions reach the workload; without a limit they end at the model's context")
  func sessions() throws {
    let expected = SessionSpecification(
      turns: LengthDistribution(distribution: .uniform(low: 1, high: 4)),
      thinkSeconds: .exponential(mean: 5),
      followUp: LengthDistribution(distribution: .constant(50)), systemPrompt: 100,
      contextLimit: 3_000)
    #expect(scenario.workloads[9].drawn?.sessions == expected)
    let unlimited = try decode(
      Fixture.everything.replacing(", \"contextLimit\": 3000", with: "")
    ).scenario
    let context = Int32(unlimited.models[1].architecture.maxContextTokens)
    #expect(unlimited.workloads[9].drawn?.sessions?.contextLimit == context)
  }

  @Test("Lengths, tenant, priority and targets reach the workload")
  func workload() {
    let expected = WorkloadSpecification(
      name: "poisson", tenant: "a", model: 0, priority: "batch",
      arrivals: .renewal(gapSeconds: .exponential(mean: 2)),
      prompt: LengthDistribution(distribution: .uniform(low: 10, high: 20.5)),
      output: LengthDistribution(distribution: .exponential(mean: 100), minimum: 2, maximum: 400),
      objective: ServiceLevelObjective(
        ttft: 1_000_000_000, tpot: 50_000_000, e2e: 60_000_000_000))
    #expect(scenario.workloads[0] == expected)
  }

  @Test("Engine and cold start reach the scheduler")
  func engine() {
    var engine = EngineSpecification()
    engine.gpuMemoryUtilization = 0.85
    engine.keyValueBlocks = 5_000
    engine.allReduce = .nccl
    engine.asynchronousHops = false
    engine.residentsPerGPU = 2
    engine.keyValue.sharesPrefixes = true
    engine.keyValue.watermark = 0.01
    engine.keyValue.preemption = .swap
    engine.keyValue.swapBytesPerGPU = 2_000_000_000
    engine.keyValue.tiers = [
      CacheTier(
        name: "host", capacityBytes: 100_000_000_000, bandwidthBytesPerSecond: 5e10,
        latency: 10_000),
      CacheTier(
        name: "pool", capacityBytes: 2_000_000_000_000, bandwidthBytesPerSecond: 5e9,
        isShared: true),
    ]
    #expect(scenario.schedulers[0].engine == engine)
    var coldStart = ColdStartSystem.hydraServe.coldStart
    coldStart.nodeProvision = 90_000_000_000
    coldStart.warmNodes = 3
    coldStart.imageBytes = 8_000_000_000
    coldStart.processGroup = 2_000_000_000
    coldStart.peerCheck = 1_000_000_000
    coldStart.compile = 7_000_000_000
    coldStart.capture = 6_000_000_000
    coldStart.warmUp = 5_000_000_000
    coldStart.overlapsCompile = true
    coldStart.overlapsCapture = true
    coldStart.blocks = 16
    coldStart.hostCacheBytes = 500_000_000_000
    coldStart.peers = .binomial
    coldStart.container = 0
    coldStart.runtime = 1_000_000_000
    coldStart.loaderBytesPerSecond = nil
    coldStart.engineInit = 10_000_000_000
    coldStart.overlapsFetch = true
    #expect(scenario.schedulers[0].coldStart == coldStart)
    #expect(scenario.schedulers[1].engine.blockTokens == 32)
  }

  @Test("Policies get their options")
  func policies() {
    let plan = PlanShape(tensor: 2, stages: 2, layers: [16, 16])
    #expect(scenario.schedulers[0].parallelism.allPlans == [plan])
    #expect(!scenario.schedulers[0].parallelism.requiresDomain)
    #expect(scenario.schedulers[0].routing is RoundRobinRouting)
    #expect(scenario.schedulers[0].placement is FirstFitPlacement)
    #expect(!scenario.schedulers[0].placement.keepsStagesNear)
    #expect(scenario.schedulers[1].placement.keepsStagesNear)
    #expect(scenario.schedulers[0].scaling.initialReplicas == 2)
    #expect(scenario.schedulers[0].batching.maximumSequences == 64)
    #expect(scenario.schedulers[0].batching.depth(stages: 7) == 2)
    #expect(scenario.schedulers[1].batching is StaticBatching)
    #expect(scenario.schedulers[1].batching.maximumSequences == 16)
    #expect(scenario.schedulers[1].scaling is FixedScaling)
    let balanced = PlanShape(tensor: 2, stages: 2, deal: .balanced(for: .mixed))
    let rungs = [plan, balanced, PlanShape(tensor: 1, stages: 1)]
    #expect(scenario.schedulers[1].parallelism.allPlans == rungs)
  }
}
