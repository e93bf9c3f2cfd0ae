/// Sources named by several devices of the catalogue.
enum SourceText {
  static let driver = "as the driver reports it"
  static let nvidia = "NVIDIA datasheet"
  static let kernels = "kernel tables of ai-dynamo/aiconfigurator 0.12 (vLLM kernels), median"
  static let collectives =
    "ai-dynamo/aiconfigurator 0.12: nccl-tests and vLLM's own all-reduce, one node"
  static let messages = "microsoft/vidur send/recv profiles, NCCL in a CUDA graph, median"
  static let ring = "fitted to the ends of the NCCL all-reduce table"
  static let network = "microsoft/vidur inter-node send/recv less 4 µs assumed for its fabric"
  static let ethernet =
    "microsoft/apex_plus nccl-tests on V100-PCIE-16GB: two GPUs of a node, no peer-to-peer"
}

extension DevicePrice {
  static func lambda(_ dollars: Double) -> DevicePrice {
    .listed(dollars, "2026-09-20", "lambda.ai/instances, 8-GPU instance, on demand")
  }

  static func runPod(_ dollars: Double, _ date: String) -> DevicePrice {
    .listed(dollars, date, "runpod.io/pricing, secure cloud, on demand")
  }

  static func runPodServerless(perSecond dollars: Double) -> DevicePrice {
    .listed(
      (dollars * 3_600 * 1_000).rounded() / 1_000, "2026-11-21",
      "docs.runpod.io/serverless/pricing, flex worker at \(dollars) USD a second")
  }

  static func aws(_ dollars: Double, _ date: String, _ instance: String) -> DevicePrice {
    .listed(dollars, date, "AWS \(instance), us-east-1, on demand")
  }
}
