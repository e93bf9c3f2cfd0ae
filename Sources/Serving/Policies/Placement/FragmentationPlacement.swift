/// Fragmentation gradient descent: takes the place where the demand makes the least of the free GPUs
/// useless for what is asked of the cluster.
///
/// For a group m of the mix a node's fragment is every idle GPU where no place of the node can hold m, and
/// the idle GPUs of places too small for m where one can. The place is an NVLink domain for groups that
/// need one and the node for others, which makes a fragment the idle GPUs of all places too small for m.
public struct FragmentationPlacement: PlacementPolicy {
  /// `fgd`.
  public static let name = "fgd"
  /// One line for help.
  public static let summary =
    "where the fewest free GPUs become useless for the mix that is asked for"
  /// The rule's origin.
  public static let source =
    "FGD (USENIX ATC 2023), hkust-adsl/kubernetes-scheduler-simulator; here GPUs are whole and k of them "
    + "may have to share an NVLink domain"
  /// `mix`, `stages`.
  public static let options = [
    OptionDescription(
      "mix", .integers(1...72),
      "GPUs of the groups that are asked for, each as often as it is (default: what the scenario's "
        + "tenants and plans ask)"),
    OptionDescription.stagesNear,
  ]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool
  private let mix: [GroupShare]?
  private var measure = FragmentMeasure([])

  /// Creates the policy.
  public init(_ values: OptionValues) {
    keepsStagesNear = values.keepsStagesNear
    guard case .integers(let sizes)? = values["mix"] else {
      mix = nil
      return
    }
    mix = sizes.map {
      GroupShare(gpus: Int($0), needsDomain: true, share: 1 / Double(sizes.count))
    }
  }

  /// Takes the mix of the scenario, unless it has one of its own.
  public mutating func prepare(_ facts: PlacementFacts) {
    measure = FragmentMeasure(mix ?? facts.mix)
  }

  /// The greatest fall of the fragments; among equals the first in node order.
  ///
  /// The original takes the greatest 100 · sigmoid(fall in GPUs), which orders places the same way.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    guard places.areInNodes else { return places.first(byLeast: { places.freeGPUs($0) }) }
    return places.first(byLeast: { rise($0, in: places, needed: needed) })
  }

  /// How many GPUs more are fragments of the node afterwards.
  private func rise(_ index: Int, in places: PlaceChoices, needed: Int) -> Double {
    let free = places.freeInNode(index)
    var rise = measure.rise(ofNode: free, taking: needed)
    if places.areDomains {
      return rise + measure.rise(ofDomain: places.freeGPUs(index), taking: needed)
    }
    let domains = places.freeInDomains(index)
    if domains.count == 1 { return rise + measure.rise(ofDomain: free, taking: needed) }
    // Groups go to the most broken domains that hold them.
    var left = needed
    let group = min(places.groupGPUs, needed)
    var size = Int32(group)
    let most = domains.max() ?? 0
    while left > 0, size <= most {
      for domain in domains where domain == size && left > 0 {
        let taken = min(left / group, Int(size) / group) * group
        rise += measure.rise(ofDomain: Int(size), taking: taken)
        left -= taken
      }
      size += 1
    }
    return rise
  }
}

/// How many of the free GPUs of places are fragments, for a mix of groups.
struct FragmentMeasure: Sendable {
  /// By the free GPUs of an NVLink domain, and of a node: those that are fragments on average.
  private let ofDomain: [Double]
  private let ofNode: [Double]

  init(_ mix: [GroupShare]) {
    func table(_ groups: [GroupShare]) -> [Double] {
      (0...(groups.map(\.gpus).max() ?? 0)).map { free in
        groups.reduce(0) { $0 + (free < $1.gpus ? $1.share * Double(free) : 0) }
      }
    }
    ofDomain = table(mix.filter(\.needsDomain))
    ofNode = table(mix.filter { !$0.needsDomain })
  }

  /// Fragments among the free GPUs of an NVLink domain.
  @inline(__always)
  func fragments(ofDomain free: Int) -> Double { free < ofDomain.count ? ofDomain[free] : 0 }

  /// Fragments among the free GPUs of a node.
  @inline(__always)
  func fragments(ofNode free: Int) -> Double { free < ofNode.count ? ofNode[free] : 0 }

  @inline(__always)
  func rise(ofDomain free: Int, taking taken: Int) -> Double {
    fragments(ofDomain: free - taken) - fragments(ofDomain: free)
  }

  @inline(__always)
  func rise(ofNode free: Int, taking taken: Int) -> Double {
    fragments(ofNode: free - taken) - fragments(ofNode: free)
  }
}
