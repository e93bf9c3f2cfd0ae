import Foundation
import Serving
import Testing

@testable import Reports

@Suite("Idle time of each stage on the page")
struct StagePanelTests {
  /// A stage that worked for 60 ms, 10 ms of them in collectives, and idled by cause.
  private static func stage(
    _ place: Int32, of replica: Int32 = 0, _ idle: [(BubbleCause, Int64)], straggler: Double? = nil
  ) -> StageRecord {
    var stage = StageRecord()
    stage.replicaID = replica
    stage.stage = place
    stage.layers = 8
    stage.gpus = [place]
    stage.busy = 50_000_000
    stage.exposedCommunication = 10_000_000
    for (cause, milliseconds) in idle { stage.bubbleParts[cause] = milliseconds * 1_000_000 }
    stage.bubble = stage.bubbleParts.total
    stage.steps = 30
    stage.stepTime = 60_000_000
    stage.stepTimes = StepHistogram(buckets: [
      StepHistogram.Bucket(number: Int32(StepHistogram.bucket(of: 2_000_000)), count: 30)
    ])
    stage.straggler = straggler.map {
      Straggler(replicaID: replica, stage: place, ratio: $0, cause: .layers)
    }
    return stage
  }

  private static func replica(_ number: Int32, tensor: Int32 = 1, stages: Int32) -> ReplicaRecord {
    var replica = ReplicaRecord()
    replica.replicaID = number
    replica.tensor = tensor
    replica.stages = stages
    return replica
  }

  /// One replica of two stages: 40 ms idle beside 60 at work, and 20.
  private static let pair = [
    stage(0, [(.hop, 10), (.cohort, 30)]), stage(1, [(.empty, 20)], straggler: 1.25),
  ]

  private static func plans(_ stages: [StageRecord] = pair, named name: String = "pp2")
    -> [PlanStages]
  {
    var plans: [PlanStages] = []
    let replicas = Set(stages.map(\.replicaID)).sorted().map { number in
      replica(number, stages: Int32(stages.count { $0.replicaID == number }))
    }
    plans.add(stages, of: replicas, models: ["m"], scheduler: name)
    return plans
  }

  private func page(_ plans: [PlanStages]) -> String {
    var runs = Fixture.two
    for index in runs.indices { runs[index].bubble = Self.pair[0].bubbleParts }
    return HTMLPage.text(Fixture.comparison(runs), stages: plans)
  }

  @Test("Stages at one place of equal plans are added up, other plans and models stand apart")
  func sums() throws {
    var plans: [PlanStages] = []
    let stages =
      Self.pair + [Self.stage(0, of: 1, [(.hop, 5)]), Self.stage(1, of: 1, [], straggler: 1.5)]
      + [Self.stage(0, of: 2, [])]
    let replicas =
      (0..<2).map { Self.replica($0, stages: 2) } + [Self.replica(2, tensor: 2, stages: 1)]
    for _ in 0..<2 { plans.add(stages, of: replicas, models: ["m"], scheduler: "ladder") }
    #expect(plans.map(\.replicas) == [4, 2])
    #expect(plans.map(\.stages.count) == [2, 1])
    let first = plans[0].stages[0]
    #expect(first.bubble.hop == 30_000_000 && first.bubble.cohort == 60_000_000)
    // 240 ms at work and 90 idle.
    #expect(first.withWork == 330_000_000 && first.bubbleShare == 90.0 / 330)
    #expect(first.steps == 120 && first.meanStepSeconds == 0.002)
    #expect(first.stepTimes.count == 120)
    #expect(plans[0].stages[1].stragglers == 4 && plans[0].stages[1].worst?.ratio == 1.5)

    var others: [PlanStages] = []
    var second = replicas
    second[1].model = 1
    others.add(stages, of: second, models: ["a", "b"], scheduler: "ladder")
    #expect(others.map(\.model) == ["a", "b", "a"])
  }

  @Test("Histograms are added bucket by bucket, in order")
  func histograms() {
    func histogram(_ counts: [(Int32, Int64)]) -> StepHistogram {
      StepHistogram(buckets: counts.map { StepHistogram.Bucket(number: $0.0, count: $0.1) })
    }
    let sum = histogram([(1, 2), (5, 1), (9, 4)]).adding(histogram([(0, 7), (5, 3), (12, 1)]))
    #expect(sum == histogram([(0, 7), (1, 2), (5, 4), (9, 4), (12, 1)]))
    #expect(histogram([]).adding(sum) == sum && sum.adding(histogram([])) == sum)
  }

  @Test("Stages of files that do not know causes are left out")
  func older() {
    var stages = Self.pair
    stages[0].bubbleParts = BubbleParts()
    #expect(Self.plans(stages).isEmpty)
    #expect(!page([]).contains("class=\"panels\""))
  }

  /// Style, begin and width of the coloured rectangles of each bar.
  private func bars(_ picture: String) throws -> [[(style: String, begin: Double, width: Double)]] {
    var bars: [String: [(style: String, begin: Double, width: Double)]] = [:]
    var order: [String] = []
    for part in picture.components(separatedBy: "<rect ").dropFirst()
    where part.contains("class=\"seg ") {
      let values = part.components(separatedBy: "\"")
      if bars[values[3]] == nil { order.append(values[3]) }
      bars[values[3], default: []].append(
        (values[9], try #require(Double(values[1])), try #require(Double(values[5]))))
    }
    return order.map { bars[$0] ?? [] }
  }

  private func pictures(_ page: String) -> [String] {
    page.components(separatedBy: "<svg role").dropFirst().map {
      $0.components(separatedBy: "</svg>")[0]
    }.filter { $0.contains("id=\"stages-") }
  }

  @Test("A bar is as long as its share of the greatest idle share, its causes in one order")
  func lengths() throws {
    let half = [Self.stage(0, [(.shared, 12), (.empty, 3)]), Self.stage(1, [(.prefill, 15)])]
    let pictures = pictures(page(Self.plans() + Self.plans(half, named: "other")))
    #expect(pictures.count == 2)
    let first = try bars(pictures[0])
    let second = try bars(pictures[1])
    #expect(first.map { $0.map(\.style) } == [["seg b-hop", "seg b-cohort"], ["seg b-empty"]])
    #expect(
      second.map { $0.map(\.style) } == [["seg b-shared", "seg b-empty"], ["seg b-prefill"]])
    // 40 of 100 ms fill 172; 20 of 80 ms are 0.25; 15 of 75 ms are 0.2.
    let lengths = [first[0], first[1], second[0], second[1]].map { bar in
      bar.reduce(0) { $0 + $1.width }
    }
    for (length, share) in zip(lengths, [0.4, 0.25, 0.2, 0.2]) {
      #expect((length - 172 * share / 0.4).magnitude <= 0.11)
    }
    #expect((first[0][1].begin - first[0][0].begin - 43).magnitude <= 0.11)
  }

  @Test("Stragglers are flagged beside their bars, explained once, and told in words")
  func flags() {
    let page = page(Self.plans())
    #expect(page.contains(">▲ 1.25 ×</text>"))
    #expect(page.contains("▲ marks a straggler"))
    #expect(page.contains("stage 1: 25.0 % = empty 25.0 %, a straggler."))
    #expect(page.contains("<td>1.25 × (more layers)</td>"))
    #expect(page.contains("2 stages of 1 GPU, 1 replica"))
    let none = self.page(Self.plans([Self.stage(0, [(.hop, 1)]), Self.stage(1, [(.hop, 1)])]))
    #expect(!none.contains("▲"))
  }

  @Test("Plans that never idle get a sentence instead of a picture")
  func idleless() {
    let busy = Self.plans([Self.stage(0, [])], named: "tp4")
    let page = page(Self.plans() + busy)
    #expect(pictures(page).count == 1)
    #expect(
      page.contains("Idle for less than 0.05\u{a0}% of their time with work: tp4, 1 stage of 1"))
    #expect(pictures(self.page(busy)).isEmpty)
  }

  @Test("The numbers behind the pictures stand in a table that is folded away")
  func table() {
    let page = page(Self.plans())
    let parts = page.components(separatedBy: "<details>")
    #expect(parts.count == 2)
    #expect(
      parts[1].contains(
        "<th scope=\"row\">0</th><td>8</td><td>30</td><td>2.00 ms</td><td>2.02 ms</td>"))
    #expect(parts[1].contains("<td>40.0 %</td><td>10.0 %</td><td>30.0 %</td><td></td>"))
  }

  @Test(
    "Whatever the names and however many stages: balanced, inside, and nothing of a name is markup")
  func robust() throws {
    var many: [StageRecord] = []
    for place in 0..<24 as Range<Int32> {
      let idle = BubbleCause.allCases.map { ($0, Int64(place + 1)) }
      many.append(Self.stage(place, idle, straggler: place % 5 == 0 ? 123.456 : nil))
    }
    let name = "<script>alert(\"x\")</script> & " + String(repeating: "long-", count: 30)
    let page = page(Self.plans(many, named: name) + Self.plans())
    #expect(MarkupChecker.fault(in: page) == nil)
    #expect(!page.contains("<script"))
    let ids = page.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(Set(ids).count == ids.count)
    for picture in pictures(page) {
      for part in picture.components(separatedBy: "<text ").dropFirst() {
        let (left, right) = try extent(part)
        #expect(left >= -1 && right <= 341, "\(part.prefix(120))")
      }
    }
  }

  /// Where a text begins and ends, at half of its size a character.
  private func extent(_ part: String) throws -> (Double, Double) {
    let x = try #require(Double(part.dropFirst(3).prefix { $0 != "\"" }))
    let text = part.components(separatedBy: "</text>")[0].components(separatedBy: ">")[1]
      .replacingOccurrences(of: "&[a-z0-9#]+;", with: "-", options: .regularExpression)
    let width = Double(text.count) * 6
    if part.contains("text-anchor=\"end\"") { return (x - width, x) }
    if part.contains("text-anchor=\"middle\"") { return (x - width / 2, x + width / 2) }
    return (x, x + width)
  }
}
