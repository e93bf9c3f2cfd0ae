import Foundation
import Reports
import Serving
import Testing

@Suite("The verdict")
struct VerdictTests {
  private func verdict(_ runs: [RunSummary], baseline: String? = nil) -> Verdict {
    Verdict(Fixture.comparison(runs), baseline: baseline)
  }

  private func renamed(_ runs: [RunSummary], _ names: [String: String]) -> [RunSummary] {
    runs.map { run in
      var run = run
      run.scheduler = names[run.scheduler] ?? run.scheduler
      return run
    }
  }

  @Test("With objectives the higher SLO attainment wins, although its mean is longer")
  func attainment() throws {
    let verdict = verdict([
      Fixture.run("slow", Fixture.tensorParts, attainment: 0.95),
      Fixture.run("fast", Fixture.pipelineParts, attainment: 0.9),
    ])
    #expect(verdict.winner == "slow" && verdict.other == "fast")
    #expect(verdict.metric == .sloAttainment)
    #expect(verdict.sentences[0].hasPrefix("slow answers 95.0 % of requests in time, fast 90.0 %"))
    // The mean and the medians are worse: that is said with both figures.
    #expect(
      verdict.sentences.contains(
        "But slow is worse in TTFT p50 (450 ms against 338 ms), TPOT p50 (36.0 ms against 27.0 ms)"
          + " and mean e2e (2.00 s against 1.50 s)."))
  }

  @Test("Without objectives the shorter mean end-to-end time wins")
  func mean() {
    let verdict = verdict(Fixture.two)
    #expect(verdict.outcome == .ahead)
    #expect(verdict.winner == "pp4" && verdict.other == "tp4")
    #expect(verdict.metric == .e2eMean)
    #expect(!verdict.text.contains("worse"))
  }

  @Test("An objective that only one scheduler's runs know decides nothing")
  func halfAnObjective() {
    var runs = Fixture.two
    runs[0].overall.sloAttainment = 1
    #expect(verdict(runs).metric == .e2eMean)
  }

  @Test("Who leaves requests unanswered does not win by the mean of those it answers")
  func unanswered() {
    let runs = [
      Fixture.run("drops", Fixture.pipelineParts, missed: 40),
      Fixture.run("serves", Fixture.tensorParts),
    ]
    let verdict = verdict(runs)
    #expect(verdict.winner == "serves" && verdict.metric == .completedShare)
    #expect(verdict.sentences[0].hasPrefix("serves completes 100.0 % of requests, drops 60.0 %"))
    #expect(
      verdict.text.contains(
        "Means cover completed requests only; unanswered: drops 40 of 100, serves none of 100."))
    #expect(verdict.text.contains("drops is overloaded"))
  }

  @Test("The order of the schedulers changes nothing at all")
  func order() {
    for runs in [Fixture.two, Fixture.replicated] {
      #expect(verdict(runs) == verdict(runs.reversed()))
    }
    let three = Fixture.two + [Fixture.run("tp2pp2", [(.compute, 1.6)])]
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      #expect(verdict(order.map { three[$0] }) == verdict(three))
    }
  }

  @Test("Among equals the first by name is named first, whatever the order")
  func orderOfTwins() {
    let runs = Fixture.two + [Fixture.run("copy", Fixture.pipelineParts)]
    for order in [runs, runs.reversed(), [runs[1], runs[2], runs[0]]] {
      #expect(verdict(order).winner == "copy" && verdict(order).twins == ["pp4"])
      #expect(verdict(order).text == verdict(runs).text)
    }
  }

  @Test("Schedulers that swap their names swap them in the sentences, and keep every figure")
  func names() {
    for runs in [Fixture.two, Fixture.replicated] {
      let swapped = verdict(renamed(runs, ["tp4": "pp4", "pp4": "tp4"]))
      let original = verdict(runs)
      #expect(swapped.winner == original.other && swapped.other == original.winner)
      #expect(swapped.difference == original.difference)
      #expect(swapped.cause == original.cause)
      let text = original.text.replacingOccurrences(of: "tp4", with: "?")
        .replacingOccurrences(of: "pp4", with: "tp4").replacingOccurrences(of: "?", with: "pp4")
      #expect(swapped.text == text)
    }
  }

  @Test("Runs with equal digests are told to be the same")
  func twins() {
    let runs = ["b", "a"].map { Fixture.run($0, Fixture.tensorParts, digest: "same") }
    let verdict = verdict(runs)
    #expect(verdict.outcome == .noDifference && verdict.winner == nil)
    #expect(verdict.text == "No difference: a and b gave the same runs, to the nanosecond.")
  }

  @Test("Equal figures of unequal runs are no difference either, but not called the same runs")
  func equalFigures() {
    let runs = ["a", "b"].map { Fixture.run($0, Fixture.tensorParts) }
    #expect(verdict(runs).text == "No difference: every figure compared is equal for a and b.")
    var unequal = runs
    unequal[1].coldStarts = 4
    let verdict = verdict(unequal)
    #expect(verdict.outcome == .noDifference)
    #expect(
      verdict.text
        == "No difference in mean e2e and GPU-hours between a and b; they differ in cold starts.")
  }

  @Test("A twin of the winner is named beside the difference from the rest")
  func twinOfWinner() {
    let runs = Fixture.two + [Fixture.run("pp4-copy", Fixture.pipelineParts)]
    let verdict = verdict(runs)
    #expect(verdict.winner == "pp4" && verdict.twins == ["pp4-copy"] && verdict.other == "tp4")
    #expect(verdict.text.contains("No difference between pp4 and pp4-copy."))
  }

  @Test("One seed allows no statement about significance, and that is said")
  func oneSeed() {
    let verdict = verdict(Fixture.two)
    #expect(verdict.isSignificant == nil)
    #expect(verdict.text.contains("One seed, so no statement about significance."))
  }

  @Test("Replications: the paired interval, and that it excludes 0")
  func interval() throws {
    let verdict = verdict(Fixture.replicated)
    // Differences −0.5, −0.6, −0.4: mean −0.5, deviation 0.1; t(0.975, 2) = 4.303 (scipy 4.30265),
    // half width 4.303 · 0.1 / √3 = 0.248434: −0.748434 to −0.251566.
    let difference = try #require(verdict.difference)
    #expect(difference.count == 3)
    #expect(abs(difference.mean + 0.5) < 1e-9)
    #expect(abs(try #require(difference.lower) + 0.748_434) < 1e-6)
    #expect(abs(try #require(difference.upper) + 0.251_566) < 1e-6)
    #expect(verdict.outcome == .ahead && verdict.isSignificant == true)
    #expect(
      verdict.sentences[1]
        == "Over 3 paired replications the difference is -500 ms, 95 % interval -748 ms to -252 ms:"
        + " it excludes 0.")
  }

  @Test("An interval around 0 leaves no clear winner")
  func unclear() throws {
    // Differences −0.3, +0.1, −0.1: mean −0.1, deviation 0.2, half width 0.496868.
    let runs = [(1.0, 1.3), (1.1, 1.0), (1.0, 1.1)].enumerated().flatMap { index, means in
      [
        Fixture.run("a", [(.compute, means.0)], replication: index),
        Fixture.run("b", [(.compute, means.1)], replication: index),
      ]
    }
    let verdict = verdict(runs)
    let difference = try #require(verdict.difference)
    #expect(abs(try #require(difference.lower) + 0.596_868) < 1e-6)
    #expect(abs(try #require(difference.upper) - 0.396_868) < 1e-6)
    #expect(verdict.outcome == .unclear && verdict.isSignificant == false)
    #expect(verdict.sentences[0].hasPrefix("No clear winner: a answers in 1.03 s on average, b"))
    #expect(verdict.sentences[1].hasSuffix("it includes 0, so they cannot be told apart."))
  }

  @Test("Replications are paired by their number, not by their place")
  func pairing() {
    let runs = Fixture.replicated
    #expect(verdict(runs.sorted { $0.replication > $1.replication }) == verdict(runs))
    // Without replication 1 of one of them two pairs are left.
    let gap = runs.filter { $0.scheduler == "tp4" || $0.replication != 1 }
    #expect(verdict(gap).difference?.count == 2)
  }

  @Test("The cause is the label with the largest loss, with its figures")
  func cause() throws {
    let verdict = verdict(Fixture.two)
    let cause = try #require(verdict.cause)
    // tp4 loses 0.5 s under comm_tensor, 0.4 s under queue; it gains 0.2 s of compute.
    #expect(cause.label == .commTensor && !cause.isTail)
    #expect(cause.lossSeconds == 0.5)
    #expect(verdict.sentences[0].contains("tp4 spends 500 ms more in all-reduce"))
    #expect(verdict.sentences[0].contains("(comm_tensor 500 ms against 0 ms a request)"))
  }

  @Test("Each label can be the cause, in its own words", arguments: LatencyLabel.allCases)
  func causes(_ label: LatencyLabel) throws {
    let verdict = verdict([
      Fixture.run("good", [(.compute, 1)]),
      Fixture.run("bad", [(.compute, 1), (label, label == .compute ? 1.25 : 0.25)]),
    ])
    let cause = try #require(verdict.cause)
    #expect(verdict.winner == "good" && cause.label == label)
    #expect(verdict.sentences[0].contains(label.name))
  }

  @Test("Where no mean of a label is lost, the tail is asked")
  func tail() throws {
    var runs = [
      Fixture.run("early", [(.compute, 2)], attainment: 0.9),
      Fixture.run("late", [(.compute, 1)], attainment: 0.8),
    ]
    runs[1].overall.tailDecomposition = Fixture.decomposition([(.compute, 1), (.coldStart, 30)])
    let verdict = verdict(runs)
    let cause = try #require(verdict.cause)
    #expect(cause.isTail && cause.label == .coldStart && cause.lossSeconds == 30)
    #expect(verdict.text.contains("in the tail (at or above the p99 of e2e) late waits 30.0 s"))
  }

  @Test("A winner that takes more GPU-hours says so; a hundredth less is not mentioned")
  func price() {
    var runs = Fixture.two
    runs[1].gpuHours = 3
    #expect(
      verdict(runs).text.contains("But pp4 is worse in GPU-hours (3.00 against 2.00)."))
    runs[1].gpuHours = 2.019
    #expect(!verdict(runs).text.contains("worse"))
  }

  @Test("A workload on which the other is ahead is named")
  func reversal() {
    var runs = Fixture.two
    runs[0].workloads.append(Fixture.workload("batch", parts: [(.compute, 1)]))
    runs[1].workloads.append(Fixture.workload("batch", parts: [(.compute, 4)]))
    #expect(
      verdict(runs).text.contains("On workload batch tp4 is ahead: mean e2e 1.00 s against 4.00 s.")
    )
  }

  @Test("The baseline is what the winner is compared with, the others follow")
  func baseline() {
    let runs = Fixture.two + [Fixture.run("hybrid", [(.compute, 1.6)])]
    #expect(verdict(runs).other == "hybrid")
    let verdict = verdict(runs, baseline: "tp4")
    #expect(verdict.winner == "pp4" && verdict.other == "tp4")
    #expect(verdict.text.contains("The others in mean e2e: hybrid 1.60 s."))
    #expect(self.verdict(runs, baseline: "pp4") == self.verdict(runs))
  }

  @Test("One scheduler, and none, leave nothing to compare")
  func single() {
    for runs in [[], [Fixture.two[0]]] {
      #expect(verdict(runs).outcome == .nothingToCompare)
      #expect(verdict(runs).text == "One scheduler, so there is nothing to compare.")
    }
  }

  @Test("Critical values are those of Student's t; beyond the table they are never too small")
  func student() throws {
    // Two differences 0 and 2: mean 1, deviation √2, half width 12.706 · √2 / √2.
    let two = try #require(PairedDifference([0, 2]))
    #expect(abs(try #require(two.upper) - 13.706) < 1e-9)
    // 36 differences, 18 zeros and 18 twos: deviation √(36 / 35); t(0.975, 35) = 2.0301 exactly,
    // of the table for 30 degrees: 2.042. Half width 2.042 · √(36 / 35) / 6 = 0.345161.
    let many = try #require(PairedDifference((0..<36).map { $0 < 18 ? 0 : 2 }))
    #expect(abs(try #require(many.upper) - 1.345_161) < 1e-6)
    #expect(PairedDifference([]) == nil)
    #expect(PairedDifference([3])?.excludesZero == nil)
    #expect(PairedDifference([-0.1, -0.1])?.excludesZero == true)
    #expect(PairedDifference([0, 0])?.excludesZero == false)
  }
}
