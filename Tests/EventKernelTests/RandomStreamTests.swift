import Testing

@testable import EventKernel

@Suite("RandomStream")
struct RandomStreamTests {
  /// The known answers published with Random123 for philox2x64, 10 rounds.
  @Test(
    "Philox2x64-10 gives the published known answers",
    arguments: [
      [0, 0, 0, 0xCA00_A045_9843_D731, 0x66C2_4222_C9A8_45B5],
      [.max, .max, .max, 0x65B0_21D6_0CD8_310F, 0x4D02_F322_2F86_DF20],
      [
        0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0,
        0x0A5E_742C_2997_341C, 0xB0F8_83D3_8000_DE5D,
      ],
    ] as [[UInt64]])
  func knownAnswers(vector: [UInt64]) {
    let block = Philox.block(low: vector[0], high: vector[1], key: vector[2])
    #expect(block.low == vector[3])
    #expect(block.high == vector[4])
  }

  @Test("A draw depends on seed, name, index and lane alone")
  func pure() {
    let stream = RandomStream(seed: 1, name: "chat/arrivals")
    let forward = (0..<50).map { stream.bits(at: UInt64($0), lane: 3) }
    let backward = (0..<50).reversed().map {
      RandomStream(seed: 1, name: "chat/arrivals").bits(at: UInt64($0), lane: 3)
    }
    #expect(forward == backward.reversed())
    #expect(Set(forward).count == 50)
  }

  @Test("Streams do not change between versions")
  func pinned() {
    let stream = RandomStream(seed: 1, name: "chat/arrivals")
    #expect(stream.bits(at: 0) == 0xC3D1_7978_384C_34B5)
    #expect(stream.bits(at: 12_345, lane: 6) == 0xBC55_10D8_3CA2_2866)
    #expect(RandomStream(seed: 0, name: "").bits(at: 0) == 0xFC55_2113_9B69_6B5D)
  }

  @Test("Similar seeds and names give different keys")
  func keysDiffer() {
    let parts = ["", "a", "b", "0", "1", "/", "arrivals", "lengths", "chat"]
    var names = ["a//b", "a/b/", "/a/b", "aa/b", "a/bb", "a\0", "a\0\0", "\0a", "\0"]
    for left in parts { for right in parts { names.append(left + right) } }
    for left in parts { for right in parts { names.append(left + "/" + right) } }
    let distinct = Set(names)
    let seeds: [UInt64] = Array(0..<64) + (0..<64).map { 1 << $0 } + [.max, .max - 1]
    let keys = seeds.flatMap { seed in
      distinct.map { RandomStream(seed: seed, name: $0).key }
    }
    #expect(Set(keys).count == distinct.count * Set(seeds).count)
  }

  @Test("A uniform number lies strictly between 0 and 1, on a grid of 2⁻⁵³")
  func openInterval() {
    #expect(RandomStream.uniform(fromBits: 0) == 0x1p-54)
    #expect(RandomStream.uniform(fromBits: 0x7FF) == 0x1p-54)
    #expect(RandomStream.uniform(fromBits: 0x800) == 0x1p-53)
    #expect(RandomStream.uniform(fromBits: 1 << 63) == 0.5)
    #expect(RandomStream.uniform(fromBits: .max) == 1 - 0x1p-53)
  }

  /// Ways to walk through the space of draws.
  enum Walk: CaseIterable {
    case indices, lanes, strided, seeds, names

    func draw(_ step: Int) -> UInt64 {
      let number = UInt64(step)
      switch self {
      case .indices: return RandomStream(seed: 7, name: "walk").bits(at: number)
      case .lanes: return RandomStream(seed: 7, name: "walk").bits(at: 5, lane: number)
      case .strided: return RandomStream(seed: 7, name: "walk").bits(at: number << 32)
      case .seeds: return RandomStream(seed: number, name: "walk").bits(at: 0)
      case .names: return RandomStream(seed: 7, name: "walk/\(step)").bits(at: 0)
      }
    }
  }

  @Test("Every byte of the draws is uniform along every walk", arguments: Walk.allCases)
  func bytesAreUniform(walk: Walk) {
    let draws = 20_000
    var counts = Array(repeating: 0, count: 8 * 256)
    for step in 0..<draws {
      let bits = walk.draw(step)
      for byte in 0..<8 { counts[byte * 256 + Int(bits >> UInt64(8 * byte) & 255)] += 1 }
    }
    for byte in 0..<8 {
      let z = chiSquareScore(counts[(byte * 256)..<(byte * 256 + 256)], draws: draws)
      #expect(abs(z) < 4, "byte \(byte)")
    }
  }

  @Test("Neighbouring draws are independent along every walk", arguments: Walk.allCases)
  func neighboursAreIndependent(walk: Walk) {
    let draws = 40_000
    var high = Array(repeating: 0, count: 1024)
    var low = high
    var last = walk.draw(0)
    for step in 1...draws {
      let bits = walk.draw(step)
      high[Int((last >> 59) << 5 | bits >> 59)] += 1
      low[Int((last & 31) << 5 | bits & 31)] += 1
      last = bits
    }
    #expect(abs(chiSquareScore(high[...], draws: draws)) < 4)
    #expect(abs(chiSquareScore(low[...], draws: draws)) < 4)
  }

  @Test("Flipping one bit of index, lane or seed flips half of the draw")
  func avalanche() {
    var flipped = 0
    for bit in 0..<64 as Range<UInt64> {
      for index in 0..<40 as Range<UInt64> {
        let stream = RandomStream(seed: index, name: "avalanche")
        let bits = stream.bits(at: index)
        flipped += (bits ^ stream.bits(at: index ^ 1 << bit)).nonzeroBitCount
        flipped += (bits ^ stream.bits(at: index, lane: 1 << bit)).nonzeroBitCount
        let other = RandomStream(seed: index ^ 1 << bit, name: "avalanche")
        flipped += (bits ^ other.bits(at: index)).nonzeroBitCount
      }
    }
    let bits = 3.0 * 64 * 40 * 64
    let z = (Double(flipped) - bits / 2) / (bits / 4).squareRoot()
    #expect(abs(z) < 4)
  }

  /// The χ² of counts against equal shares, as a standard normal score (Wilson and Hilferty 1931).
  private func chiSquareScore(_ counts: ArraySlice<Int>, draws: Int) -> Double {
    let expected = Double(draws) / Double(counts.count)
    var chiSquare = 0.0
    for count in counts {
      chiSquare += (Double(count) - expected) * (Double(count) - expected) / expected
    }
    let freedom = Double(counts.count - 1)
    let ninth = 2 / (9 * freedom)
    let cubeRoot = DeterministicMath.pow(chiSquare / freedom, 1.0 / 3)
    return (cubeRoot - 1 + ninth) / ninth.squareRoot()
  }
}
