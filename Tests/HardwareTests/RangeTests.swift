import Hardware
import Testing

@Suite("Figures at the ends of their ranges")
struct RangeTests {
  /// A kernel of a device, by its laws.
  private struct Kernel: Sendable {
    let section: String
    let nanoseconds: @Sendable (GPUSpecification) -> Double?
  }

  /// Kernels of every kind, small and large, so that each coefficient matters to one of them.
  private static let kernels: [Kernel] = products + attention + experts + elementwise

  private static var products: [Kernel] {
    let sizes = [1, 16, 100, 1_000, 9_000].flatMap { rows in
      [(512, 8_192), (8_192, 1_024), (28_672, 8_192), (1_024, 28_672)].map { (rows, $0.0, $0.1) }
    }
    return sizes.flatMap { rows, outputs, inputs in
      [
        Kernel(section: "gemm") {
          $0.laws.gemm.nanoseconds(
            rows: rows, outputs: outputs, inputs: inputs, limits: $0.limits)
        },
        Kernel(section: "gemmFP8") {
          $0.laws.gemmFP8?.nanoseconds(
            rows: rows, outputs: outputs, inputs: inputs, limits: $0.limits)
        },
      ]
    }
  }

  private static var attention: [Kernel] {
    let grouped = AttentionShape(
      heads: 32, keyValueHeads: 8, keyDimension: 128, valueDimension: 128)
    let plain = AttentionShape(
      heads: 32, keyValueHeads: 32, keyDimension: 128, valueDimension: 128)
    let shapes = [grouped, plain]
    // What multiprocessors take in limits where the cache feeds them faster than memory could.
    let decode = shapes.flatMap { shape in
      [(1, 100), (1, 60_000), (16, 500), (64, 300), (64, 8_000), (512, 300)].flatMap {
        sequences, context in
        [KeyValueResidence.evicted, .cached].map { residence in
          Kernel(section: "decodeAttention") {
            $0.laws.decodeAttention.nanoseconds(
              shape, sequences: sequences, contextTokens: sequences * context,
              keyValues: residence, limits: $0.limits)
          }
        }
      }
    }
    let prefill = shapes.flatMap { shape in
      [(1, 64), (1, 16_000), (64, 500)].map { sequences, tokens in
        Kernel(section: "prefillAttention") {
          $0.laws.prefillAttention.nanoseconds(
            shape, work: PrefillWork(sequences: sequences, newTokens: tokens), limits: $0.limits)
        }
      }
    }
    return decode + prefill
  }

  private static var experts: [Kernel] {
    let layers = [(2_048, 768, 128, 8), (4_096, 14_336, 8, 2)]
    return [1, 64, 1_000, 20_000].flatMap { tokens in
      layers.flatMap { hidden, inner, count, chosen in
        [(1, false), (2, false), (1, true)].map { spread, isFP8 in
          let shape = ExpertsShape(
            hiddenSize: hidden, intermediateSize: inner, experts: count, expertsPerToken: chosen,
            expertParallel: spread, bytesPerWeight: isFP8 ? 1 : 2, computesInFP8: isFP8)
          return Kernel(section: isFP8 ? "expertsFP8" : "experts") {
            (gpu: GPUSpecification) -> Double? in
            if !isFP8 {
              return gpu.laws.experts.nanoseconds(tokens: tokens, shape: shape, device: gpu.limits)
            }
            return gpu.laws.expertsFP8.map { changes in
              gpu.laws.experts.changed(by: changes)
                .nanoseconds(tokens: tokens, shape: shape, device: gpu.limits)
            }
          }
        }
      }
    }
  }

  private static var elementwise: [Kernel] {
    [ElementwiseKernel.norm, .rotary, .gatedActivation, .embedding].flatMap { kernel in
      [1, 64, 1_000, 20_000].map { rows in
        Kernel(section: "elementwise") {
          $0.laws.elementwise.nanoseconds(kernel, rows: rows, width: 8_192, limits: $0.limits)
        }
      }
    }
  }

  @Test(
    "Every coefficient's effect is what its law does with it",
    arguments: GPUProfile.shipped.filter { $0.numbers.contains { $0.origin == .fitted } })
  func effects(profile: GPUProfile) throws {
    let gpu = try #require(HardwareCatalogue.gpus.first { $0.name == profile.gpu })
    for coefficient in OperatorLaws.coefficients
    where coefficient.effect == .faster || coefficient.effect == .slower {
      guard let value = coefficient.value(gpu.laws) else { continue }
      let bounds = coefficient.bounds
      let low = max(bounds.lowerBound, 0.9 * value)
      let high = min(bounds.upperBound, 1.1 * value)
      var (fast, slow) = (gpu, gpu)
      coefficient.set(&fast.laws, coefficient.effect == .faster ? high : low)
      coefficient.set(&slow.laws, coefficient.effect == .faster ? low : high)
      let name = "\(gpu.name) \(coefficient.section).\(coefficient.name)"
      var matters = false
      for kernel in Self.kernels {
        guard let before = kernel.nanoseconds(slow), let after = kernel.nanoseconds(fast) else {
          continue
        }
        #expect(after <= before * (1 + 1e-12), "\(name)")
        matters = matters || after < before
      }
      #expect(matters || low == high || value == 0, "\(name) matters to no kernel")
    }
  }

  @Test(
    "A device at the fast end is never slower, at the slow end never faster, and stays in bounds",
    arguments: HardwareCatalogue.gpus)
  func ends(gpu: GPUSpecification) {
    let (fast, slow) = (
      gpu.at(.fast, of: FigureGroup.allCases), gpu.at(.slow, of: FigureGroup.allCases)
    )
    for kernel in Self.kernels {
      guard let least = kernel.nanoseconds(fast), let value = kernel.nanoseconds(gpu),
        let most = kernel.nanoseconds(slow)
      else { continue }
      #expect(least <= value * (1 + 1e-12) && value <= most * (1 + 1e-12), "\(kernel.section)")
    }
    for coefficient in OperatorLaws.coefficients {
      for laws in [fast.laws, slow.laws] {
        if let value = coefficient.value(laws) { #expect(coefficient.bounds.contains(value)) }
      }
    }
    #expect(fast.pcie.ringBytesPerSecond <= gpu.pcieBandwidthBytesPerSecond)
    #expect(slow.pcie.ringBytesPerSecond < gpu.pcie.ringBytesPerSecond)
    #expect(fast.limits == gpu.limits && slow.limits == gpu.limits)
  }

  @Test("A group moves its own figures and no others")
  func groups() {
    let gpu = GPUSpecification.h100SXM
    for group in FigureGroup.allCases {
      let moved = gpu.at(.slow, of: [group])
      let changed = OperatorLaws.coefficients.filter {
        $0.value(moved.laws) != $0.value(gpu.laws)
      }
      #expect(changed.allSatisfy { FigureGroup(section: $0.section) == group })
      #expect((moved.nvlink != gpu.nvlink) == (group == .links))
      #expect(changed.isEmpty == (group == .links || group == .host))
    }
  }
}
