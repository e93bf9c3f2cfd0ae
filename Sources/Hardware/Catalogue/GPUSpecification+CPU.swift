extension GPUSpecification {
  /// Intel Xeon Platinum 8380: 40 cores of 2.3 GHz, AVX-512 without BF16, 8 channels DDR4-3200.
  static let xeon8380 = cpu(
    CPUSocket(
      name: "xeon-8380", memoryGiB: 512, cacheMiB: 60, cores: 40, gigahertz: 2.3,
      operationsPerCycle: 64,
      memoryBandwidth: 204.8e9, link: 67.2e9,
      source: "Intel ARK; two AVX-512 units, UPI 3 × 11.2 GT/s",
      notes: ["no BF16 units: 16-bit weights are computed in FP32"]),
    price: .aws(3.84, "2026-11-21", "m6i, 80 vCPUs at 0.048 USD"))

  /// Intel Xeon Platinum 8480+: 56 cores of 2.0 GHz with AMX, 8 channels DDR5-4800.
  static let xeon8480 = cpu(
    CPUSocket(
      name: "xeon-8480", memoryGiB: 512, cacheMiB: 105, cores: 56, gigahertz: 2.0,
      operationsPerCycle: 1_024,
      memoryBandwidth: 307.2e9, link: 192e9, hasMatrixUnits: true,
      source: "Intel ARK (8480+); AMX in BF16, UPI 4 × 16 GT/s"),
    price: .aws(5.645, "2026-11-21", "m7i, 112 vCPUs at 0.0504 USD"))

  /// AMD EPYC 9654: 96 cores of 2.4 GHz, AVX-512 with BF16, 12 channels DDR5-4800.
  static let epyc9654 = cpu(
    CPUSocket(
      name: "epyc-9654", memoryGiB: 768, cacheMiB: 384, cores: 96, gigahertz: 2.4,
      operationsPerCycle: 64,
      memoryBandwidth: 460.8e9, link: 256e9,
      source: "AMD datasheet; AVX-512 BF16 in two passes, xGMI 4 × 64 GB/s"),
    price: .aws(5.564, "2026-11-21", "m7a, 96 vCPUs at 0.05796 USD"))

  /// Raspberry Pi 5 8 GB: 4 Cortex-A76 of 2.4 GHz, LPDDR4X-4267 on 32 bits.
  static let raspberryPi5 = cpu(
    CPUSocket(
      name: "raspberry-pi-5", memoryGiB: 8, cacheMiB: 2, cores: 4, gigahertz: 2.4,
      operationsPerCycle: 32,
      memoryBandwidth: 17.1e9, link: 0.5e9, isServer: false,
      source: "Raspberry Pi Ltd.; two 128-bit NEON units in FP16, PCIe 2.0 x1 to its storage",
      notes: ["its network is 1 Gb/s: \"nics\": { \"bandwidth\": \"1Gbps\" }"]),
    price: .amortised(
      purchaseDollars: 80, watts: 10, date: "2023-10-23", "launch price of the 8 GB board"))
}

/// What is known of a CPU.
private struct CPUSocket {
  var name: String
  var memoryGiB: Int64
  /// The last-level cache of all cores.
  var cacheMiB: Int64
  var cores: Double
  /// The base clock: what all cores keep up under vector load.
  var gigahertz: Double
  /// 16-bit operations of a core per cycle, a multiply-add counted as two.
  var operationsPerCycle: Double
  var memoryBandwidth: Double
  /// Bytes/s to the other socket per direction, or to the storage where there is one socket.
  var link: Double
  var hasMatrixUnits = false
  var isServer = true
  var source: String
  var notes: [String] = []
}

extension GPUSpecification {
  /// A CPU socket.
  ///
  /// Three shares for all: memory streams at 67 % of its peak, as sustained by LLM decoding on
  /// Raspberry Pi 5 (11.4 of 17.1 GB/s); AMX computes at 22 % of its peak, 20 TFLOP/s of 90 on 40
  /// cores of the Xeon's generation (LIA, ISCA 2025); vector units at 60 %, assumed. Kernels begin
  /// with a barrier of all threads, assumed at 5 µs.
  private static func cpu(_ socket: CPUSocket, price: DevicePrice) -> GPUSpecification {
    let peak = socket.cores * socket.gigahertz * 1e9 * socket.operationsPerCycle
    let sheet = Datasheet(
      socket.name, kind: .cpu, memoryMiB: socket.memoryGiB << 10,
      memoryIs: FigureSource(
        .memory, .assumed,
        socket.isServer ? "64 GiB per channel, as servers of its kind often have" : "the 8 GB board"
      ),
      peakFLOPs: peak, memoryBandwidth: socket.memoryBandwidth,
      multiprocessors: Int(socket.cores), level2MiB: socket.cacheMiB, pcieBandwidth: socket.link,
      source: "cores × base clock × operations per cycle, channels × rate; " + socket.source,
      notes: (socket.isServer ? ["one socket: \"gpusPerNode\" counts sockets"] : [])
        + socket.notes + [noFP8])
    let laws = laws(computing: socket.hasMatrixUnits ? 0.22 : 0.6)
    let link = LinkFigures(
      messageNanoseconds: 2_000, messageBytesPerSecond: socket.link * streamingShare,
      ringStepNanoseconds: 2_000, ringBytesPerSecond: socket.link * streamingShare)
    return GPUSpecification(
      sheet,
      AchievedFigures(
        laws: laws,
        lawNumbers: laws.numbers(
          socket.isServer ? .derived : .assumed, source: "shares of computing and streaming as told"
        ),
        coverage: [],
        nvlink: nil, pcie: link, networkMessageNanoseconds: socket.isServer ? 20_000 : 100_000,
        collectives: [], relative: socket.isServer ? "raspberry-pi-5" : nil,
        sources: sources(socket)),
      price: price)
  }

  /// Laws that only bound by computing and by streaming, at one share of the datasheet each.
  private static func laws(computing: Double) -> OperatorLaws {
    OperatorLaws(
      gemm: GEMMLaw(
        kernels: .untiled, values: [5_000, computing, streamingShare, 1, 5, 0.8, 2, 0, 0, 0]),
      gemmFP8: nil,
      elementwise: ElementwiseLaw(values: [5_000, streamingShare, 0, 5]),
      prefillAttention: PrefillAttentionLaw(
        floor: 10_000, efficiency: computing, block: 0, trafficEfficiency: streamingShare,
        intake: 5, throttle: 0),
      decodeAttention: DecodeAttentionLaw(
        floor: 10_000, combine: 0, token: 0, memoryEfficiency: streamingShare, intake: 400,
        dispatch: 0, overlap: 1, packsGroups: true),
      experts: ExpertsLaw(
        floorNanoseconds: 20_000, expertParallelNanoseconds: 0, streamingShare: streamingShare,
        computingShare: computing, permuteRatio: 1, rereadShare: 0, tileNanoseconds: 0,
        level2Ratio: 1),
      expertsFP8: nil)
  }

  /// Bytes/s of LLM decoding over those of the memory on Raspberry Pi 5.
  private static let streamingShare = 11.4 / 17.1

  private static func sources(_ socket: CPUSocket) -> [FigureSource] {
    let memory =
      "11.4 of 17.1 GB/s sustained in decoding, hellomatik.com on Qwen3-30B-A3B, 2026-05-22"
    let streams = FigureSource.notes(
      socket.isServer ? .derived : .measured,
      socket.isServer ? "the memory bandwidth at the share of raspberry-pi-5" : memory,
      [.weightStream, .keyValueStream])
    let computes =
      socket.hasMatrixUnits
      ? FigureSource.notes(
        .derived, "22 % of the peak, as 20 TFLOP/s of 90 on 40 cores with AMX (LIA, ISCA 2025)",
        [.gemm, .prefillAttention])
      : FigureSource.notes(
        .assumed, "60 % of the vector units' peak", [.gemm, .prefillAttention])
    return streams + computes
      + FigureSource.notes(
        .assumed, "a barrier of all threads, twice for attention", [.kernelFloor, .attentionFloor])
      + FigureSource.notes(
        .assumed, "2 µs between sockets, the link at the share of the memory",
        [.pcieMessage, .pcieRing])
      + FigureSource.notes(
        .assumed, socket.isServer ? "as A100" : "the kernel's network stack at both ends",
        [.networkMessage])
  }
}
