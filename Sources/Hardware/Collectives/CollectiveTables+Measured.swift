extension CollectiveTables {
  /// The measured collectives of H100 SXM.
  public static let h100SXM = built(PackageResources.h100_sxm_collectives_json)
  /// The measured collectives of A100 SXM.
  public static let a100SXM = built(PackageResources.a100_sxm_collectives_json)
  /// The measured collectives of L40S.
  public static let l40s = built(PackageResources.l40s_collectives_json)
  /// The measured collectives of V100 PCIe.
  public static let v100PCIe = built(PackageResources.v100_16_pcie_collectives_json)

  /// Every set that comes with simpp.
  public static let all = [h100SXM, a100SXM, l40s, v100PCIe]

  private static func built(_ bytes: [UInt8]) -> CollectiveTables {
    do throws(ProfileFault) {
      return try CollectiveTables(json: String(decoding: bytes, as: UTF8.self))
    } catch {
      // Part of the program: a test reads each.
      preconditionFailure("collectives: \(error.sentence)")
    }
  }
}
