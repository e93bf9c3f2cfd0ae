import Hardware
import Testing

@testable import Scenarios

@Suite("Reading nvidia-smi topo -m")
struct TopologyMatrixTests {
  private func read(_ text: String) throws -> TopologyMatrix {
    try TopologyMatrix.read(text, fileName: "dir/topo.txt")
  }

  private func fault(_ text: String) -> String {
    do throws(ScenarioFaults) {
      _ = try TopologyMatrix.read(text, fileName: "dir/topo.txt")
      return "none"
    } catch {
      return error.description
    }
  }

  @Test("NVSwitch, PCIe switches, cards near and far, sockets")
  func hgx() throws {
    let matrix = try read(Sample.hgx)
    #expect(matrix.gpus.count == 8)
    #expect(matrix.cards == ["NIC0", "NIC1", "NIC2", "NIC3", "NIC4"])
    #expect(matrix.nvlink.value == .switch)
    #expect(matrix.nvlink.reason == "NV18 between all GPUs")
    #expect(matrix.gpusPerSwitch.value == 2)
    #expect(matrix.gpuCards.value == ["NIC0", "NIC1", "NIC2", "NIC3"])
    #expect(matrix.hasGPUDirect)
    #expect(matrix.sockets == 2)
  }

  @Test("No NVLink: switches, sockets and peers are told by the GPUs themselves")
  func workstation() throws {
    let matrix = try read(Sample.workstation)
    #expect(matrix.nvlink.value == .none)
    #expect(matrix.gpusPerSwitch.value == 2)
    #expect(matrix.isPeerToPeerLikely)
    #expect(matrix.gpuCards.value == ["NIC0"])
    #expect(!matrix.hasGPUDirect)
    #expect(matrix.sockets == 2)
  }

  @Test("Bridges make pairs; a ring is no switch, and is said to be none")
  func pairsAndRings() throws {
    let bridged = try read(Sample.bridged)
    #expect(bridged.nvlink.value == .pairs)
    #expect(bridged.nvlink.reason == "NV4 between pairs")
    #expect(bridged.gpusPerSwitch.value == 1)
    let crossed = try read(
      Sample.matrix(gpus: 4) { row, column in column == row + 2 ? "NV4" : "PHB" })
    #expect(crossed.nvlink.value == .pairs)
    #expect(crossed.nvlink.reason.contains("not 0-1, 2-3"))
    let mesh = try read(
      Sample.matrix(gpus: 8) { row, column in
        row / 4 == column / 4 ? "NV1" : column == row + 4 ? "NV2" : "SYS"
      })
    #expect(mesh.nvlink.value == .switch)
    #expect(mesh.nvlink.reason.contains("not all to all"))
    let quads = try read(
      Sample.matrix(gpus: 8) { row, column in row / 4 == column / 4 ? "NV6" : "SYS" })
    #expect(quads.nvlink.value == .pairs)
    #expect(quads.nvlink.reason.contains("groups of 4"))
  }

  @Test("Blanks instead of tabs, cards by their own names, the old word SOC, one GPU")
  func forms() throws {
    let old = """
              GPU0  GPU1  mlx5_0  CPU Affinity
      GPU0     X    SOC   PHB     0-9
      GPU1    SOC    X    SOC     10-19
      mlx5_0  PHB   SOC    X
      """
    let matrix = try read(old)
    #expect(matrix.cards == ["mlx5_0"])
    #expect(matrix.way(0, 1) == .sys)
    #expect(matrix.way(0, card: 0) == .phb)
    #expect(try read(Sample.matrix(gpus: 1) { _, _ in "" }).nvlink.value == .none)
    let crlf = try read(Sample.workstation.replacing("\n", with: "\r\n"))
    #expect(crlf == (try read(Sample.workstation)))
  }

  @Test("What is broken is told with its line and column")
  func faults() {
    let text = Sample.bridged
    #expect(
      fault(text.replacing("GPU1\tNV4\t X \tSYS", with: "GPU1\tNV4\t X \tSIS"))
        == "topo.txt:3:14: found \"SIS\", needs X, NV1 to NV64, PIX, PXB, PHB, NODE or SYS")
    #expect(
      fault(text.replacing("GPU2\tSYS\tSYS", with: "GPU3\tSYS\tSYS"))
        == "topo.txt:4:1: found \"GPU3\", needs the row of GPU2")
    #expect(
      fault(text.replacing("GPU3\tSYS\tSYS\tNV4\t X \t0-31\t0\tN/A", with: "GPU3\tSYS\tSYS"))
        == "topo.txt:5:13: found 2 cells in the row of GPU3, needs 4, one for each device of the "
        + "first line")
    #expect(
      fault(text.replacing("GPU1\tNV4", with: "GPU1\tSYS"))
        == "topo.txt:3:1: found GPU1 reaching GPU0 otherwise than GPU0 GPU1, needs the same word "
        + "in both rows")
    #expect(
      fault("") == "topo.txt: found no line that begins with GPU0, needs the matrix that "
        + "'nvidia-smi topo -m' prints")
  }
}
