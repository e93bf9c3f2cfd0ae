import Foundation
import Testing

@Suite("Memory of runs that replay long traces")
struct TraceMemoryTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// The most memory of a run that keeps no records, over a trace of so many rows: 250 requests a
  /// second of one or two tokens each.
  private func peakMemory(rows: Int) throws -> Int {
    let written = try place.bash(
      #"""
      awk -v rows="$2" 'BEGIN {
        print "arrival_s,prompt_tokens,output_tokens"
        for (i = 0; i < rows; i++)
          printf "%d.%03d,%d,%d\n", i / 250, (i % 250) * 4, 100 + i % 50, 1 + i % 2
      }' > t.csv
      """#, ["\(rows)"])
    try #require(written.status == 0, "\(written.error)")
    try place.write(TraceRunTests.scenario(trace: "t.csv"), to: "s.json")
    let run = try place.start(
      ["run", "s.json", "--records", "none", "--json", "--quiet"], program: try Program.release()
    ).wait(seconds: 500)
    try #require(run.status == 0, "\(run.error)")
    #expect(run.text.contains("\"requests\": \(rows),"))
    return run.peakMemory
  }

  @Test("A run over 10 million rows needs the memory of one over a million, within a tenth")
  func flat() throws {
    let short = try peakMemory(rows: 1_000_000)
    let long = try peakMemory(rows: 10_000_000)
    #expect(short > 5 << 20)
    let ratio = Double(long) / Double(short)
    #expect(ratio > 0.9 && ratio < 1.1, "\(short) and \(long) bytes")
  }
}
