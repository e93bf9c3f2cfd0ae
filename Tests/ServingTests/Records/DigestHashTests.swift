import Testing

@testable import Serving

/// The expected words come from an implementation in Python after the paper, which gives the
/// published vectors of SipHash-2-4-128 for 0, 1 and 8 bytes.
@Suite("The hash under the digest")
struct DigestHashTests {
  /// The message is 0, 1, 2, … under the key 0, 1, …, 15; by number of bytes.
  private static let vectors: [(bytes: Int, low: UInt64, high: UInt64)] = [
    (0, 0xe6a8_25ba_047f_81a3, 0x9302_55c7_1472_f66d),
    (8, 0x61f5_5862_baa9_623b, 0xb497_14f3_64e2_830f),
    (16, 0xbb54_b067_caa4_e26e, 0x7705_2385_bf15_33fd),
    (24, 0xd850_bd78_ae79_b42d, 0xad32_618a_178a_2a88),
    (32, 0x3efc_ea5e_ca56_397c, 0x68eb_4665_559d_3e36),
    (40, 0xad5d_c995_1e30_6adf, 0xd83b_91c6_c80c_ae97),
    (48, 0xcf82_f749_f5ae_e5f7, 0x169b_2608_a655_9037),
    (56, 0xe94e_d572_cff2_3819, 0x362a_1da9_6f16_947e),
    (256, 0x464c_83d3_0403_a067, 0xcb9a_575f_7bee_ea12),
  ]

  @Test("SipHash-2-4-128 gives its test vectors", arguments: vectors)
  func siphash(bytes: Int, low: UInt64, high: UInt64) {
    var state = SipState(key0: 0x0706_0504_0302_0100, key1: 0x0f0e_0d0c_0b0a_0908)
    for start in stride(from: 0, to: bytes, by: 8) {
      state.absorb((0..<8).reduce(0) { $0 | UInt64((start + $1) & 0xff) << UInt64(8 * $1) })
    }
    let (foundLow, foundHigh) = state.finish(byteCount: UInt64(bytes))
    #expect(foundLow == low)
    #expect(foundHigh == high)
  }

  private static func hash(_ fill: (inout DigestItem) -> Void) -> [UInt64] {
    var item = DigestItem(kind: 7)
    fill(&item)
    let (low, high) = item.finished()
    return [low, high]
  }

  @Test("An item is its kind and its words, little-endian, under the key \"simpp run digest\"")
  func items() {
    let words = Self.hash {
      $0.append(UInt64(1))
      $0.append(Int64(-2))
    }
    #expect(words == [0xfa85_3374_3486_53e2, 0x8bd1_7e9e_2f91_5d19])
    let text = Self.hash { $0.append("chat-é-9") }
    #expect(text == [0x0fe4_5735_fa29_e3fb, 0x2b94_f8d4_c75a_a251])
    #expect(Self.hash { $0.append(Int64?.none) } == [0x850c_f5ab_c700_036a, 0x2a74_590e_7cb6_781b])
    #expect(Self.hash { $0.append(Int64?(0)) } == [0xe98d_ea8c_4a23_6ed3, 0xd7d7_5203_2f7a_3eb5])
  }

  @Test("The sum is free of order, carries into its high half, and counts repetitions")
  func sum() {
    let items = (0..<50).map { number in
      var item = DigestItem(kind: 1)
      item.append(Int64(number))
      return item
    }
    var forward = DigestSum()
    for item in items { forward.add(item) }
    var backward = DigestSum()
    for item in items.reversed() { backward.add(item) }
    #expect(forward == backward)
    var expected = UInt128(0)
    for item in items {
      let (low, high) = item.finished()
      expected &+= UInt128(high) << 64 | UInt128(low)
    }
    #expect(UInt128(forward.high) << 64 | UInt128(forward.low) == expected)
    let before = forward
    forward.add(items[3])
    #expect(forward != before)
    #expect(DigestSum().text == String(repeating: "0", count: 32))
    #expect(UInt128(before.text, radix: 16) == expected)
    #expect(before.text.count == 32)
  }
}
