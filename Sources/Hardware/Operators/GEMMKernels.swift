import EventKernel

/// Which set of kernels multiplies matrices on a device; it goes with a law's coefficients, also to
/// an unmeasured relative.
public enum GEMMKernels: String, Sendable, Hashable, CaseIterable {
  /// Ampere and older: whole waves of tiles.
  case ampere
  /// Ada: whole waves of tiles; CUTLASS 2 kernels for 8-bit formats.
  case ada
  /// Hopper and newer: 16-bit kernels whose times show no whole waves (fitted, H100); CUTLASS 3
  /// kernels for 8-bit formats.
  case hopper
  /// No tiles, nothing that few rows would leave idle: processors, and bounds by the datasheet.
  case untiled

  /// Whether library kernels split the last wave of tiles among all multiprocessors.
  var sharesLastWave: Bool { self == .hopper }
}

/// Where a product's weights lie when it starts.
public enum WeightResidence: Sendable, Hashable {
  /// In the device's memory, as in a serving step: the other layers have pushed them out of the
  /// level-2 cache.
  case memory
  /// Where the same product left them when it last ran, with `matrices` weights of one shape taking
  /// turns: how tables of single operators are measured. Small weights then stay in the cache.
  case replayed(matrices: Int)
}

/// One product of `rows` × `inputs` activations and `inputs` × `outputs` weights, and the bytes that
/// it moves.
struct GEMMShape {
  var rows: Double
  var outputs: Double
  var inputs: Double
  var bytesPerWeight: Double
  var bytesPerInput: Double
  var residence: WeightResidence

  /// Nanoseconds at `bytesPerNanosecond` for the bytes that come from the memory or go there.
  ///
  /// Weights miss the cache by how often what is used between two of their uses fits into
  /// `cacheBytes`; activations, just written by the step before, only when they are too large.
  func memoryNanoseconds(bytesPerNanosecond: Double, cacheBytes: Double) -> Double {
    let weights = outputs * inputs * bytesPerWeight
    let activations = rows * (inputs * bytesPerInput + outputs * 2)
    var missedWeights = weights
    if case .replayed(let matrices) = residence {
      let filled = (Double(matrices) * weights + activations) / cacheBytes
      let cube = filled * filled * filled
      missedWeights *= 1 - 1 / (1 + cube * cube)
    }
    let filled = activations / cacheBytes
    let missedActivations = activations * (1 - 1 / (1 + filled * filled * filled))
    return (missedWeights + missedActivations) / bytesPerNanosecond
  }
}

extension GEMMShape {
  /// Nanoseconds where neither tiles nor steps count.
  func untiledNanoseconds(
    peakFLOPs: Double, bytesPerNanosecond: Double, cacheBytes: Double, ridge: Double
  ) -> Double {
    powerNorm(
      2 * rows * outputs * inputs / peakFLOPs * 1e9,
      memoryNanoseconds(bytesPerNanosecond: bytesPerNanosecond, cacheBytes: cacheBytes),
      exponent: ridge)
  }
}

/// The p-norm of two times: the larger one when they overlap fully, their sum for exponent 1.
func powerNorm(_ first: Double, _ second: Double, exponent: Double) -> Double {
  let larger = max(first, second)
  guard larger > 0 else { return 0 }
  let ratio = min(first, second) / larger
  if exponent == 2 { return larger * (1 + ratio * ratio).squareRoot() }
  let sum = 1 + DeterministicMath.pow(ratio, exponent)
  return larger * DeterministicMath.pow(sum, 1 / exponent)
}

extension Double {
  /// The least multiple of `step` that is no less.
  func roundedUp(to step: Double) -> Double { (self / step).rounded(.up) * step }
}
