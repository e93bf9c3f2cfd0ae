import EventKernel

/// Where values lie along an axis.
struct ChartScale {
  private let begin: Double
  private let end: Double
  private let origin: Double
  private let length: Double
  private let isLogarithmic: Bool

  /// Values and their labels along the axis.
  let ticks: [(value: Double, text: String)]

  /// Times from 0 in seconds; ticks at 1, 2 or 5 times a power of ten.
  static func linear(
    to greatest: Double, from origin: Double, length: Double, ticks: Int
  ) -> ChartScale {
    let step = niceStep(greatest / Double(ticks))
    let unit = TimeUnit(fitting: greatest)
    let decimals = max(0, min(3, FixedPoint.decimals(for: step * unit.perSecond) - 1))
    var marks: [(Double, String)] = []
    var index = 0
    while Double(index) * step <= greatest * 1.000_001, index < 100 {
      let value = Double(index) * step
      let number = FixedPoint.text(value * unit.perSecond, decimals: decimals)
      marks.append((value, index == 0 ? "0" : number + " " + unit.rawValue))
      index += 1
    }
    return ChartScale(
      begin: 0, end: greatest, origin: origin, length: length, isLogarithmic: false, ticks: marks)
  }

  /// Shares from 0; ticks at 1, 2 or 5 times a power of ten, in percent.
  static func shares(
    to greatest: Double, from origin: Double, length: Double, ticks: Int
  ) -> ChartScale {
    let step = niceStep(greatest / Double(ticks))
    let decimals = step >= 0.01 ? 0 : (step >= 0.001 ? 1 : 2)
    var marks: [(Double, String)] = []
    var index = 0
    while Double(index) * step <= greatest * 1.000_001, index < 100 {
      let value = Double(index) * step
      let text = index == 0 ? "0" : FixedPoint.text(value * 100, decimals: decimals) + " %"
      marks.append((value, text))
      index += 1
    }
    return ChartScale(
      begin: 0, end: greatest, origin: origin, length: length, isLogarithmic: false, ticks: marks)
  }

  /// Times by their logarithm, whole decades; a tick at each power of ten.
  static func logarithmic(
    _ values: [Double], from origin: Double, length: Double
  ) -> ChartScale {
    let least = max(1e-6, values.min() ?? 1)
    let greatest = max(least, values.max() ?? 1)
    var decade = 1e-6
    while decade * 10 <= least { decade *= 10 }
    let begin = decade
    var marks = [(begin, TimeUnit.text(begin))]
    repeat {
      decade *= 10
      marks.append((decade, label(decade)))
    } while decade < greatest
    marks[0].1 = label(begin)
    return ChartScale(
      begin: DeterministicMath.log(begin), end: DeterministicMath.log(decade), origin: origin,
      length: length, isLogarithmic: true, ticks: marks)
  }

  /// The coordinate of a value; one below the axis lies at its begin.
  func place(_ value: Double) -> Double {
    let inside = isLogarithmic ? DeterministicMath.log(max(1e-9, value)) : value
    guard end > begin else { return origin }
    return origin + length * max(0, min(1, (inside - begin) / (end - begin)))
  }

  private static func label(_ value: Double) -> String {
    let unit = TimeUnit(fitting: value)
    return FixedPoint.text(value * unit.perSecond, decimals: 0) + " " + unit.rawValue
  }

  /// The least of 1, 2 and 5 times a power of ten that is no less than a value.
  private static func niceStep(_ value: Double) -> Double {
    guard value > 0 else { return 1 }
    var power = 1e-9
    while power * 10 <= value { power *= 10 }
    for factor in [1.0, 2, 5] where factor * power >= value { return factor * power }
    return 10 * power
  }
}
