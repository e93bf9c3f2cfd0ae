import Calibration
import Hardware
import Testing

@Suite("Mixture-of-experts tables")
struct ExpertsTableTests {
  static let header =
    "kernel,dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,"
    + "distribution,latency_ms\n"

  @Test("Columns of aiconfigurator are read by name")
  func columns() throws {
    let text = Self.header + "t,fp8_block,16,2048,768,8,128,2,4,power_law_1.2,0.125\n"
    let rows = try ExpertsTable.measurements(MeasuredTable(text, file: "moe.csv"))
    let row = try #require(rows.first)
    #expect(rows.count == 1 && row.line == 2 && row.nanoseconds == 125_000)
    #expect(row.shape == "2048,768,8,128,2,4" && row.routing == .powerLaw(exponent: 1.2))
    #expect(row.layer.bytesPerWeight == 1 && row.layer.computesInFP8 && row.layer.shardSize == 384)
  }

  @Test(
    "What is wrong with a table of layers is told with file and line",
    arguments: [
      ("t,bfloat16,0,2048,768,8,128,1,1,balanced,1", "num_tokens: found 0, needs a whole number"),
      ("t,bfloat16,1,2048,768,8,4,1,1,balanced,1", "num_experts: found 4, needs at least as many"),
      ("t,bfloat16,1,2048,768,1,4,1,8,balanced,1", "num_experts: found 4, needs at least as many"),
      ("t,bfloat16,1,2048,768,8,128,1,1,zipf,1", "distribution: found zipf, needs balanced"),
      ("t,bfloat16,1,2048,768,8,128,1,1,balanced,-1", "latency_ms: found -1, needs a time"),
      (
        "t,bfloat16,1,2048,768,8,128,1,1,balanced,1\nt,bfloat16,1,2048,768,8,128,1,1,balanced,2",
        "found the measurement of line 2 again"
      ),
    ])
  func faults(rows: String, message: String) {
    let fault = #expect(throws: TableFault.self) {
      try ExpertsTable.measurements(MeasuredTable(Self.header + rows + "\n", file: "moe.csv"))
    }
    let text = fault?.description ?? "no fault"
    #expect(text.contains(message) && text.hasPrefix("moe.csv:"), "\(text)")
  }
}
