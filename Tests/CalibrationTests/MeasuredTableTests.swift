import Calibration
import Testing

@Suite("Tables of measurements")
struct MeasuredTableTests {
  @Test("Columns are found by name, rows keep their lines, comments and blank lines are none")
  func rows() throws {
    let table = try MeasuredTable("# a note\nm, time_us\r\n\n4,2.5\n8.0, 3\n", file: "t.csv")
    let (m, time) = (try table.place(of: "m"), try table.place(of: "time_us"))
    #expect(table.rows.map(\.line) == [4, 5])
    #expect(try table.rows.map { try table.whole($0, m, in: 1...100) } == [4, 8])
    #expect(
      try table.rows.map { try table.nanoseconds($0, time, unit: 1_000) } == [2_500, 3_000])
  }

  @Test(
    "What is wrong with a table is told with file, line and what is needed",
    arguments: [
      ("", "t.csv: found no header, needs a line with the names"),
      ("m,time_us\n", "t.csv: found no rows, needs a line with the names"),
      ("m,m\n1,2\n", "t.csv:1: m: found a column of this name twice, needs each column once"),
      ("m,time_us\n1\n", "t.csv:2: found 1 values, needs 2, one for each column"),
      ("m,time\n1,2\n", "t.csv:1: found the columns m, time, needs a column time_us"),
      ("m,time_us\nx,2\n", "t.csv:2: m: found x, needs a whole number from 1 to 1,000"),
      ("m,time_us\n1.5,2\n", "t.csv:2: m: found 1.5, needs a whole number"),
      ("m,time_us\n,2\n", "t.csv:2: m: found nothing, needs a whole number"),
      ("m,time_us\n4,-1\n", "t.csv:2: time_us: found -1, needs a time above 0"),
      ("m,time_us\n4,0\n", "t.csv:2: time_us: found 0, needs a time above 0"),
      ("m,time_us\n4,nan\n", "t.csv:2: time_us: found nan, needs a time above 0"),
      ("m,time_us\n4,1e12\n", "t.csv:2: time_us: found 1e12, needs a time from 100 ns"),
      ("m,time_us\n4,1\n5,1\n4,2\n", "t.csv:4: found the measurement of line 2 again"),
    ])
  func faults(text: String, message: String) {
    let fault = #expect(throws: TableFault.self) {
      let table = try MeasuredTable(text, file: "t.csv")
      let (m, time) = (try table.place(of: "m"), try table.place(of: "time_us"))
      for row in table.rows {
        _ = try table.whole(row, m, in: 1...1_000)
        _ = try table.nanoseconds(row, time, unit: 1_000)
      }
      try table.refuseRepeats(table.rows.map { String($0.values[m]) })
    }
    #expect(fault?.description.hasPrefix(message) == true, "\(fault?.description ?? "no fault")")
  }

  @Test("Half of many shapes is held out, always the same half")
  func halves() {
    let shapes = (1...2_000).map { "\($0 * 64),\($0 % 17 * 128)" }
    let held = shapes.count(where: HeldOut.contains)
    // Half of 2,000 within four standard deviations of a fair coin.
    #expect((900...1_100).contains(held))
    #expect(HeldOut.contains("4096,4096") == Self.isOdd("4096,4096"))
    #expect(HeldOut.contains("512,1024") == Self.isOdd("512,1024"))
  }

  /// FNV-1a by 128-bit products, folded: the rule of `docs/calibration.md` in other words.
  private static func isOdd(_ text: String) -> Bool {
    let modulus = UInt128(1) << 64
    let hash = text.utf8.reduce(UInt128(14_695_981_039_346_656_037)) { hash, byte in
      (hash ^ UInt128(byte)) * 1_099_511_628_211 % modulus
    }
    return (hash % 2 != 0) != ((hash >> 32) % 2 != 0)
  }
}
