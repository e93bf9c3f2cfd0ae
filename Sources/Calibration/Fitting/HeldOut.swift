/// Which measurements a fit does not see: half of the shapes, by a hash of their text.
///
/// A shape is a row without its size axis (a weight's two sides without the tokens, attention's heads
/// and batch without the length), so that the two halves share no curve.
public enum HeldOut {
  /// Whether the shape is kept from fits, to be predicted.
  ///
  /// FNV-1a over the UTF-8 bytes in 64 bits, the upper half folded onto the lower: odd is held out.
  public static func contains(_ shape: String) -> Bool {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in shape.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return (hash ^ hash >> 32) & 1 == 1
  }
}
