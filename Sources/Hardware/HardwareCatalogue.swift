/// The GPUs whose figures come with simpp.
public enum HardwareCatalogue {
  /// Every GPU type, in the order in which it is printed.
  public static let gpus: [GPUSpecification] = [.h100SXM, .a100SXM, .l40s]

  /// The GPU type of a name, nil if the catalogue has none.
  public static func gpu(named name: String) -> GPUSpecification? {
    gpus.first { $0.name == name }
  }
}

/// Sources named by several GPUs of the catalogue.
enum SourceText {
  static let datasheet = "NVIDIA datasheet"
  static let kernels = "kernel tables of ai-dynamo/aiconfigurator 0.12 (vLLM kernels), median"
  static let kernelsFitted = "fitted to the kernel tables of ai-dynamo/aiconfigurator 0.12"
  static let collectives =
    "ai-dynamo/aiconfigurator 0.12: nccl-tests and vLLM's own all-reduce, one node"
  static let messages = "microsoft/vidur send/recv profiles, NCCL in a CUDA graph, median"
  static let ring = "fitted to the ends of the NCCL all-reduce table"
  static let network = "microsoft/vidur inter-node send/recv less 4 µs assumed for its fabric"
  static let lambda = "lambda.ai/instances, 8-GPU instance, on demand, read 2026-09-20"
}
