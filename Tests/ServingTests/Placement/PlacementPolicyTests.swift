import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Which of several places a policy takes")
struct PlacementPolicyTests {
  /// Nodes of 8 GPUs in one NVLink domain with these free, two nodes under each leaf.
  private func nodes(_ free: Int...) -> PlaceChoices {
    PlaceChoices(
      free.enumerated().map { node, count in
        PlaceView(node: node, leaf: node / 2, freeInDomains: [count], totalGPUs: 8)
      })
  }

  private func facts(_ mix: [GroupShare] = []) -> PlacementFacts {
    PlacementFacts(
      stream: RandomStream(seed: 1, name: "placement"), mix: mix, mostGPUs: 8,
      mostNICBytesPerSecond: 100)
  }

  @Test("First fit takes the first place, however much is free elsewhere")
  func firstFit() {
    #expect(FirstFitPlacement().choose(among: nodes(8, 4, 5), needed: 4) == 0)
    #expect(FirstFitPlacement().choose(among: nodes(4), needed: 4) == 0)
  }

  @Test("Best fit takes the place with the fewest free GPUs, of equals the first")
  func bestFit() {
    #expect(BestFitPlacement().choose(among: nodes(8, 5, 4, 6), needed: 4) == 2)
    #expect(BestFitPlacement().choose(among: nodes(8, 7, 6, 5), needed: 1) == 3)
    #expect(BestFitPlacement().choose(among: nodes(2, 8), needed: 2) == 0)
    #expect(BestFitPlacement().choose(among: nodes(8, 3, 3, 8), needed: 2) == 1)
  }

  @Test("Worst fit takes the place with the most free GPUs, of equals the first")
  func worstFit() {
    #expect(WorstFitPlacement().choose(among: nodes(4, 8, 8, 6), needed: 4) == 1)
    #expect(WorstFitPlacement().choose(among: nodes(5, 5), needed: 4) == 0)
  }

  @Test("Packed fills nodes in use, the fullest first, before idle ones, the smallest first")
  func packed() {
    #expect(PackedPlacement().choose(among: nodes(8, 5, 3, 6), needed: 2) == 2)
    let idle = [8, 4, 2].enumerated().map { node, gpus in
      PlaceView(node: node, leaf: 0, freeInDomains: [gpus], totalGPUs: gpus)
    }
    #expect(PackedPlacement().choose(among: PlaceChoices(idle), needed: 2) == 2)
    // 7 of 8 free is in use, 2 of 2 is not: best fit would take the small one.
    let mixed = PlaceChoices([
      PlaceView(node: 0, leaf: 0, freeInDomains: [2], totalGPUs: 2),
      PlaceView(node: 1, leaf: 0, freeInDomains: [7], totalGPUs: 8),
    ])
    #expect(PackedPlacement().choose(among: mixed, needed: 1) == 1)
    #expect(BestFitPlacement().choose(among: mixed, needed: 1) == 0)
  }

  @Test("Dot product leaves the place that has most of what the demand asks, bandwidth included")
  func dotProduct() {
    var policy = DotProductPlacement()
    policy.prepare(facts())
    func choices(_ free: [Int], _ nics: [Double]) -> PlaceChoices {
      PlaceChoices(
        free.indices.map { node in
          var view = PlaceView(node: node, leaf: 0, freeInDomains: [free[node]], totalGPUs: 8)
          view.nicBytesPerSecond = nics[node]
          return view
        })
    }
    #expect(policy.choose(among: choices([8, 4, 6], [50, 50, 50]), needed: 1) == 1)
    // 4/8 + 100/100 against 6/8 + 50/100.
    #expect(policy.choose(among: choices([4, 6], [100, 50]), needed: 1) == 1)
    #expect(policy.choose(among: choices([4, 6], [70, 50]), needed: 1) == 0)
  }

  @Test("Topology-greedy takes the fullest leaf, in it the fullest node")
  func topology() {
    // Leaves with 10, 6 and 7 free GPUs.
    #expect(TopologyGreedyPlacement().choose(among: nodes(2, 8, 4, 2, 2, 5), needed: 2) == 3)
    #expect(BestFitPlacement().choose(among: nodes(2, 8, 4, 2, 2, 5), needed: 2) == 0)
  }

  @Test("Spread goes where the replica has fewest GPUs, then where most bandwidth is free")
  func spread() {
    func choices(_ views: (own: Int, starting: Int, nic: Double)...) -> PlaceChoices {
      PlaceChoices(
        views.enumerated().map { node, figures in
          var view = PlaceView(node: node, leaf: node / 2, freeInDomains: [4], totalGPUs: 8)
          view.ownGPUs = figures.own
          view.startingGPUs = figures.starting
          view.nicBytesPerSecond = figures.nic
          return view
        })
    }
    let policy = SpreadPlacement()
    #expect(!policy.keepsStagesNear)
    // The second node shares a leaf with an own stage, the others do not.
    #expect(
      policy.choose(among: choices((1, 0, 9), (0, 0, 9), (0, 0, 1), (0, 0, 2)), needed: 1) == 3)
    // A card of 9 shared by three is less than one of 4 alone.
    #expect(policy.choose(among: choices((0, 2, 9), (0, 0, 4)), needed: 1) == 1)
  }

  @Test("Random draws evenly, by seed and demand, the same however often a demand is tried")
  func random() {
    var policy = RandomPlacement()
    policy.prepare(facts())
    var counts = [0, 0, 0, 0]
    for demand in 0..<4_000 {
      let places = PlaceChoices(
        (0..<4).map { PlaceView(node: $0, leaf: 0, freeInDomains: [8], totalGPUs: 8) },
        demand: demand)
      let choice = policy.choose(among: places, needed: 1)
      #expect(policy.choose(among: places, needed: 1) == choice)
      counts[choice] += 1
    }
    // 1,000 each; the standard deviation is 27.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 110 }, "\(counts)")
  }

  @Test("A node's fragments are the idle GPUs of all places too small for a group of the mix")
  func fragments() {
    let measure = FragmentMeasure([
      GroupShare(gpus: 1, needsDomain: false, share: 0.5),
      GroupShare(gpus: 8, needsDomain: false, share: 0.3),
      GroupShare(gpus: 4, needsDomain: true, share: 0.2),
    ])
    // Nobody who asks for one GPU finds a fragment; 8 are none to anybody.
    #expect(measure.fragments(ofNode: 8) == 0)
    #expect(abs(measure.fragments(ofNode: 5) - 0.3 * 5) < 1e-12)
    #expect(abs(measure.fragments(ofDomain: 3) - 0.2 * 3) < 1e-12)
    #expect(measure.fragments(ofDomain: 4) == 0)
    #expect(measure.fragments(ofDomain: 0) == 0)
  }

  @Test("FGD keeps the place whole that the mix has use for, where best fit breaks it")
  func gradient() {
    let mix = [
      GroupShare(gpus: 1, needsDomain: false, share: 0.5),
      GroupShare(gpus: 4, needsDomain: false, share: 0.5),
    ]
    var policy = FragmentationPlacement()
    policy.prepare(facts(mix))
    // One of 4 makes 3 more fragments of every other demand; one of 5 makes none.
    #expect(policy.choose(among: nodes(5, 4), needed: 1) == 0)
    #expect(BestFitPlacement().choose(among: nodes(5, 4), needed: 1) == 1)
    // One of 3 makes one less: those left are two.
    #expect(policy.choose(among: nodes(5, 4, 3), needed: 1) == 2)
    // Its own mix comes before the scenario's: nobody asks for four, so that all are equal.
    var values = OptionValues(defaultsOf: FragmentationPlacement.options)
    values["mix"] = .integers([1])
    var own = FragmentationPlacement(values)
    own.prepare(facts(mix))
    #expect(own.choose(among: nodes(4, 5, 3), needed: 1) == 0)
  }

  @Test("FGD counts the NVLink domains of a node, and the most broken one that is taken from")
  func gradientByDomain() {
    var policy = FragmentationPlacement()
    policy.prepare(facts([GroupShare(gpus: 2, needsDomain: true, share: 1)]))
    func pairs(_ nodes: [[Int]], group: Int = 1) -> PlaceChoices {
      PlaceChoices(
        nodes.enumerated().map {
          PlaceView(
            node: $0, leaf: 0, freeInDomains: $1, totalGPUs: 4)
        }, groupGPUs: group)
    }
    // A single GPU out of a broken pair removes a fragment, out of whole ones it makes one.
    #expect(policy.choose(among: pairs([[2, 2], [2, 1]]), needed: 1) == 1)
    // Two single GPUs: a broken pair and a whole one leave as many, one whole pair leaves none.
    #expect(policy.choose(among: pairs([[2, 1], [2, 0], [1, 1]]), needed: 2) == 2)
    // A group of two takes a whole pair anywhere.
    #expect(policy.choose(among: pairs([[2, 1], [2, 2]], group: 2), needed: 2) == 0)
  }
}
