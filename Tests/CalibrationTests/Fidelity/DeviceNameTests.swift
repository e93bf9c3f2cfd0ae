import Calibration
import Hardware
import Testing

@Suite("Devices by the names that others give them")
struct DeviceNameTests {
  @Test(
    "Folders, files and what drivers report lead to the catalogue's device",
    arguments: [
      ("h100_sxm", "h100-sxm"), ("a100_sxm", "a100-sxm"), ("l40s", "l40s"), ("h100", "h100-sxm"),
      ("a100", "a100-sxm"), ("a100_pcie", "a100-pcie"), ("h100_pcie", "h100-pcie"),
      ("h200_sxm", "h200-sxm"), ("b200_sxm", "b200-sxm"), ("gb200", "gb200-nvl72"),
      ("rtx_pro_6000_server", "rtx-pro-6000"), ("l4", "l4"), ("a10g", "a10g"), ("t4", "t4"),
      ("h100_dgx.all_reduce.csv", "h100-sxm"), ("a100_dgx.send_recv.csv", "a100-sxm"),
      ("a100_pairwise_nvlink.all_reduce.csv", "a100-pcie"),
      ("comm.v100_pcie.csv", "v100-16-pcie"), ("a800.llama-2-7b.attention.csv", "a800-sxm"),
      ("V100-PCIE-16GB", "v100-16-pcie"), ("NVIDIA H100 80GB HBM3", "h100-sxm"),
      ("NVIDIA A100-SXM4-80GB", "a100-sxm"), ("NVIDIA A100-SXM4-40GB", "a100-40-sxm"),
      ("NVIDIA A100 80GB PCIe", "a100-pcie"), ("NVIDIA L40S", "l40s"),
      ("Tesla V100-SXM2-32GB", "v100-32-sxm"), ("v100_sxm2", "v100-32-sxm"),
      ("NVIDIA GeForce RTX 4090", "rtx-4090"), ("NVIDIA H100 NVL", "h100-nvl"),
    ])
  func known(text: String, name: String) {
    #expect(DeviceName.find(in: text) == name)
    #expect(HardwareCatalogue.gpu(named: name) != nil)
  }

  @Test(
    "A text without a device of the catalogue, or with two, names none",
    arguments: ["gemm.csv", "a40", "b60", "layer_times.l4_a100.llama1-30b.csv", "", "h1000"])
  func unknown(text: String) { #expect(DeviceName.find(in: text) == nil) }

  @Test("Every GPU of the catalogue is found by its own name")
  func own() {
    for gpu in HardwareCatalogue.gpus where gpu.kind == .gpu {
      #expect(DeviceName.find(in: gpu.name) == gpu.name)
    }
  }

  @Test("Of a path the last part with a device counts")
  func paths() {
    #expect(DeviceName.find(inPath: "a100_sxm/h100/gemm.csv") == "h100-sxm")
    #expect(DeviceName.find(inPath: "/x/l40s/h100_notes/vllm/gemm.csv") == "h100-sxm")
    #expect(DeviceName.find(inPath: "vidur/compute/a100/Llama-2-7b-hf.mlp.csv") == "a100-sxm")
    #expect(DeviceName.find(inPath: "x/y.csv") == nil)
  }
}
