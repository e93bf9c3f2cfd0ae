/// Bounded least squares by the method of Levenberg and Marquardt, with numeric derivatives.
///
/// Every step and every sum has one fixed order, so the same samples give the same numbers on any
/// machine. Explained in `docs/calibration.md`.
public enum LeastSquares {
  /// What a fit found.
  public struct Fit: Sendable, Hashable {
    /// The parameters, inside their bounds.
    public var values: [Double]
    /// Half a width of each parameter's 95 % interval, as the curvature at the minimum says it;
    /// infinite where the samples do not tell.
    public var halfWidths: [Double]
    /// The sum of the residuals' losses.
    public var loss: Double
    /// Steps taken.
    public var steps: Int
  }

  /// How residuals count.
  public enum Loss: Sendable, Hashable {
    /// By their squares.
    case squares
    /// By their squares while they are below `scale`, by their size beyond: a mean of absolute
    /// errors that has a derivative at zero, so that single outliers do not decide.
    case robust(scale: Double)

    /// The loss of a residual, and the weight of its square that gives the same slope.
    func value(_ residual: Double) -> (loss: Double, weight: Double) {
      switch self {
      case .squares:
        return (residual * residual, 1)
      case .robust(let scale):
        let ratio = residual / scale
        let root = (1 + ratio * ratio).squareRoot()
        return (2 * scale * scale * (root - 1), 1 / root)
      }
    }
  }

  /// Finds parameters that make residuals small.
  ///
  /// - Parameters:
  ///   - start: where to begin; brought inside the bounds.
  ///   - bounds: the lowest and highest value of each parameter; where both ends are the same the
  ///     parameter stays.
  ///   - loss: how residuals count.
  ///   - mostSteps: steps at most.
  ///   - residuals: the residuals of parameters, always as many; with residuals log(predicted /
  ///     measured) the fit minimises relative errors.
  /// - Returns: the best parameters found.
  public static func fit(
    start: [Double], bounds: [ClosedRange<Double>], loss: Loss = .robust(scale: 0.05),
    mostSteps: Int = 60, residuals: ([Double]) -> [Double]
  ) -> Fit {
    precondition(start.count == bounds.count, "one range for each parameter")
    var values = zip(start, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    var current = residuals(values)
    var total = sum(current, loss)
    var damping = 1e-2
    var steps = 0
    var system = NormalEquations(values, bounds, current, loss, residuals)
    search: while steps < mostSteps {
      steps += 1
      for _ in 0..<12 {
        let candidate = system.step(from: values, bounds: bounds, damping: damping)
        let attempt = residuals(candidate)
        let attempted = sum(attempt, loss)
        if attempted < total {
          let gain = (total - attempted) / max(total, .leastNormalMagnitude)
          (values, current, total) = (candidate, attempt, attempted)
          damping = max(damping / 4, 1e-12)
          if gain < 1e-10 { break search }
          system = NormalEquations(values, bounds, current, loss, residuals)
          continue search
        }
        damping *= 4
      }
      break
    }
    let widths = system.halfWidths(
      variance: total / Double(max(1, current.count - values.count)))
    return Fit(values: values, halfWidths: widths, loss: total, steps: steps)
  }

  private static func sum(_ residuals: [Double], _ loss: Loss) -> Double {
    var total = 0.0
    for residual in residuals {
      guard residual.isFinite else { return .infinity }
      total += loss.value(residual).loss
    }
    return total
  }
}

/// The matrix and the slope of a linearised fit.
private struct NormalEquations {
  private var matrix: [[Double]]
  private var slope: [Double]

  /// Differentiates the residuals at `values` by one step of each parameter.
  init(
    _ values: [Double], _ bounds: [ClosedRange<Double>], _ current: [Double],
    _ loss: LeastSquares.Loss, _ residuals: ([Double]) -> [Double]
  ) {
    let count = values.count
    var columns: [[Double]] = []
    for index in 0..<count {
      let range = bounds[index]
      guard range.upperBound > range.lowerBound else {
        columns.append([])
        continue
      }
      let width = range.upperBound - range.lowerBound
      var step = max(1e-6 * width, 1e-5 * values[index].magnitude)
      if values[index] + step > range.upperBound { step = -step }
      var moved = values
      moved[index] += step
      let changed = residuals(moved)
      columns.append(zip(changed, current).map { ($0 - $1) / step })
    }
    let weights = current.map { loss.value($0).weight }
    matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    slope = [Double](repeating: 0, count: count)
    for row in 0..<count where !columns[row].isEmpty {
      for column in row..<count where !columns[column].isEmpty {
        var product = 0.0
        for index in current.indices {
          product += weights[index] * columns[row][index] * columns[column][index]
        }
        matrix[row][column] = product
        matrix[column][row] = product
      }
      var product = 0.0
      for index in current.indices {
        product += weights[index] * columns[row][index] * current[index]
      }
      slope[row] = product
    }
  }

  /// The damped step, cut off at the bounds; a parameter that its bound holds back stays, and the
  /// others are solved for again without it.
  func step(from values: [Double], bounds: [ClosedRange<Double>], damping: Double) -> [Double] {
    var isFree = values.indices.map { matrix[$0][$0] > 0 }
    var moved = values
    for _ in values.indices {
      moved = values
      let free = values.indices.filter { isFree[$0] }
      guard let steps = solve(free, slope: free.map { -slope[$0] }, damping: damping) else { break }
      var isHeld = false
      for (index, step) in zip(free, steps) {
        let (low, high) = (bounds[index].lowerBound, bounds[index].upperBound)
        if (values[index] <= low && step < 0) || (values[index] >= high && step > 0) {
          isFree[index] = false
          isHeld = true
        }
        moved[index] = min(max(values[index] + step, low), high)
      }
      if !isHeld { break }
    }
    return moved
  }

  /// Half the 95 % interval of each parameter: 1.96 standard errors.
  func halfWidths(variance: Double) -> [Double] {
    let free = slope.indices.filter { matrix[$0][$0] > 0 }
    var widths = [Double](repeating: .infinity, count: slope.count)
    for (position, index) in free.enumerated() {
      var unit = [Double](repeating: 0, count: free.count)
      unit[position] = 1
      guard let column = solve(free, slope: unit, damping: 1e-12), column[position] > 0 else {
        continue
      }
      widths[index] = 1.96 * (column[position] * variance).squareRoot()
    }
    return widths
  }

  /// Solves for the parameters of `free` by Cholesky's method, each scaled by its own curvature; nil
  /// where the matrix has no root.
  private func solve(_ free: [Int], slope: [Double], damping: Double) -> [Double]? {
    let count = free.count
    guard count > 0 else { return nil }
    let scales = free.map { matrix[$0][$0].squareRoot() }
    var lower = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for row in 0..<count {
      for column in 0...row {
        var entry = matrix[free[row]][free[column]] / (scales[row] * scales[column])
        if row == column { entry += damping }
        for inner in 0..<column { entry -= lower[row][inner] * lower[column][inner] }
        if row == column {
          guard entry > 1e-300 else { return nil }
          lower[row][row] = entry.squareRoot()
        } else {
          lower[row][column] = entry / lower[column][column]
        }
      }
    }
    var solution = zip(slope, scales).map { $0 / $1 }
    for row in 0..<count {
      for inner in 0..<row { solution[row] -= lower[row][inner] * solution[inner] }
      solution[row] /= lower[row][row]
    }
    for row in (0..<count).reversed() {
      for inner in (row + 1)..<max(count, row + 1) {
        solution[row] -= lower[inner][row] * solution[inner]
      }
      solution[row] /= lower[row][row]
    }
    return zip(solution, scales).map { $0 / $1 }
  }
}
