extension GPUProfile {
  /// The profile of NVIDIA H100 SXM5 80 GB, fitted to its kernels.
  static let h100SXM = shipped(PackageResources.h100_sxm_json)
  /// The profile of NVIDIA A100 SXM4 80 GB, fitted to its kernels.
  static let a100SXM = shipped(PackageResources.a100_sxm_json)
  /// The profile of NVIDIA L40S, fitted to its kernels.
  static let l40s = shipped(PackageResources.l40s_json)
  /// The profile of NVIDIA V100 SXM2 32 GB: its datasheet with the laws of an A100.
  static let v100SXM = shipped(PackageResources.v100_32_sxm_json)

  /// The profiles that come with simpp.
  public static let shipped: [GPUProfile] = [h100SXM, a100SXM, l40s, v100SXM]

  private static func shipped(_ bytes: [UInt8]) -> GPUProfile {
    do {
      return try GPUProfile(json: String(decoding: bytes, as: UTF8.self))
    } catch {
      preconditionFailure("a profile that comes with simpp can be read: \(error.sentence)")
    }
  }
}
