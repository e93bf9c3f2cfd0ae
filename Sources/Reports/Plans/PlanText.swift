import Inference
public import Serving

/// What plans put on their stages, as `simpp validate --plans` prints it.
public enum PlanText {
  /// Every plan of every scheduler for every model: its stages, the slowest and the fullest of them.
  public static func text(_ scenario: Scenario) -> String {
    var blocks: [String] = []
    for scheduler in scenario.schedulers {
      let setting = PlanSetting(scenario, scheduler)
      for shape in scheduler.parallelism.allPlans {
        for model in scenario.models {
          guard let figures = setting.figures(shape, of: model) else { continue }
          var balanced = shape
          (balanced.layers, balanced.deal) = (nil, .balanced(for: figures.compared))
          let best = setting.figures(balanced, of: model)
          blocks.append(block(scheduler.name, figures, best).map { $0 + "\n" }.joined())
        }
      }
    }
    return blocks.joined(separator: "\n")
  }

  private static func block(
    _ scheduler: String, _ figures: PlanFigures, _ best: PlanFigures?
  ) -> [String] {
    let plan = figures.plan.gpuCount == 1 ? "one GPU" : figures.plan.label
    var lines = [
      "\(scheduler): \(figures.model) as \(plan), layers \(deal(figures)), on \(figures.gpu)"
    ]
    var table = TextTable()
    table.add(
      ["stage", "layers", "weights GB", "working GB", "KV tokens"]
        + ReferenceStep.allCases.map { "\($0.rawValue) ms" })
    for (index, stage) in figures.stages.enumerated() {
      table.add(
        [
          "\(index)", stage.layers.map(String.init).joined(separator: "+"),
          gigabytes(stage.weightBytesPerGPU), stage.workingBytesPerGPU.map(gigabytes) ?? "–",
          FixedPoint.grouped(Int64(stage.keyValueTokens)),
        ]
          + ReferenceStep.allCases.map {
            FixedPoint.three(Double(stage.nanoseconds[$0] ?? 0) / 1e6)
          })
    }
    lines += table.lines(width: 100).map { "  " + $0 }
    lines += ["  " + stepsLine(figures)]
    return figures.plan.stages == 1 ? lines : lines + verdicts(figures, best).map { "  " + $0 }
  }

  private static func deal(_ figures: PlanFigures) -> String {
    switch figures.deal {
    case .even?: "even"
    case .balanced(let step)?: "balanced for \(step.rawValue)"
    case nil: "as listed"
    }
  }

  /// What the reference steps consist of.
  private static func stepsLine(_ figures: PlanFigures) -> String {
    func counts(_ step: ReferenceStep) -> BatchShape { figures.steps[step] ?? .empty }
    let sequences = max(1, counts(.decode).decodeSequences)
    return "decode: \(counted(sequences, "sequence")) of "
      + "\(counted(counts(.decode).contextTokens / sequences, "token")); "
      + "prefill: \(counted(counts(.prefill).prefillTokens, "prompt token")); "
      + "mixed: the sequences and \(counted(counts(.mixed).prefillTokens, "prompt token"))"
  }

  private static func verdicts(_ figures: PlanFigures, _ best: PlanFigures?) -> [String] {
    let step = figures.compared
    let slowest = figures.slowest(in: step)
    let time = figures.stages[slowest].nanoseconds[step] ?? 0
    var line =
      "slowest in a \(step.rawValue) step: stage \(slowest), \(milliseconds(time)), "
      + "\(FixedPoint.percent(figures.excess(in: step))) above the mean"
    if figures.excess(in: step) == 0 {
      line = "every stage takes \(milliseconds(time)) for a \(step.rawValue) step"
    }
    if let best {
      let other = best.stages[best.slowest(in: step)].nanoseconds[step] ?? 0
      if other < time {
        let layers = best.plan.layersPerStage.map(String.init).joined(separator: ", ")
        line += "; balanced (\(layers)): \(milliseconds(other))"
      }
    }
    let tightest = figures.tightest
    let tokens = figures.stages[tightest].keyValueTokens
    return [
      line,
      "KV cache of the replica: \(counted(tokens, "token")), bounded by stage \(tightest)",
    ]
  }

  private static func counted(_ count: Int, _ word: String) -> String {
    "\(FixedPoint.grouped(Int64(count))) \(word)\(count == 1 ? "" : "s")"
  }

  private static func milliseconds(_ nanoseconds: Int64) -> String {
    FixedPoint.three(Double(nanoseconds) / 1e6) + " ms"
  }

  private static func gigabytes(_ bytes: Int64) -> String {
    FixedPoint.text(Double(bytes) / 1e9, decimals: 1)
  }
}
