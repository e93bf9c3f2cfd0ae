import Calibration
import Foundation
import Hardware
import Testing

@Suite("simpp calibrate")
struct CalibrateTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// The sections that `--json` prints.
  private func sections(_ arguments: [String]) throws -> [[String: Any]] {
    let outcome = try place.simpp(["calibrate", "--json"] + arguments)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error == "")
    let object = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    return try #require(object?["sections"] as? [[String: Any]])
  }

  /// That the fitted numbers of a section are the known ones within 1 %.
  private func check<Law: OperatorLaw>(
    _ section: [String: Any], _ law: Law, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let coefficients = try #require(section["coefficients"] as? [[String: Any]])
    try #require(coefficients.count == law.values.count)
    for (found, known) in zip(coefficients, law.values) {
      let value = try #require(found["value"] as? Double)
      let (low, high) = (found["low"] as? Double ?? .nan, found["high"] as? Double ?? .nan)
      #expect(
        (value - known).magnitude <= 0.01 * known,
        "\(found["name"] ?? ""): \(value) for \(known)", sourceLocation: sourceLocation)
      #expect(low <= value && value <= high, sourceLocation: sourceLocation)
    }
  }

  @Test("Numbers behind tables of products and attention are found again within 1 %")
  func recovery() throws {
    let made = MadeTables("h100-sxm")
    try place.write(made.gemm(), to: "bf16.csv")
    try place.write(made.gemm("fp8"), to: "fp8.csv")
    try place.write(made.attention(), to: "attention.csv")
    let sections = try sections([
      "--gpu", "h100-sxm", "--gemm", "bf16.csv", "--gemm", "fp8.csv", "--attention",
      "attention.csv", "-o", "mine.json",
    ])
    try #require(
      sections.map { $0["name"] as? String } == [
        "gemm", "gemmFP8", "prefillAttention", "decodeAttention",
      ])
    try check(sections[0], made.laws.gemm)
    try check(sections[1], try #require(made.laws.gemmFP8))
    try check(sections[2], made.laws.prefillAttention)
    try check(sections[3], made.laws.decodeAttention)
    let text = String(decoding: try place.bytes("mine.json"), as: UTF8.self)
    let profile = try GPUProfile(json: text)
    #expect(profile.gpu == "h100-sxm" && profile.numbers.count <= GPUProfile.mostNumbers)
    let floor = try #require(profile.number("gemm", "floor"))
    #expect(floor.origin == .fitted && floor.source == "fitted to bf16.csv, half of the shapes")
    #expect(profile.number("experts", "floor")?.source.contains("aiconfigurator") == true)
    #expect(profile.json == text)
    let laws = try OperatorLaws(profile)
    #expect(laws.experts == made.device.laws.experts)
    // The profile predicts the table that it was fitted to; the catalogue's does not.
    for (arguments, isGood) in [
      (["--profile", "mine.json"], true), (["--gpu", "h100-sxm"], false),
    ] {
      let outcome = try place.simpp(
        ["fidelity", "--json", "bf16.csv", "--gpu", "h100-sxm"] + (isGood ? arguments : []))
      let object = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
      let group = try #require((object?["groups"] as? [[String: Any]])?.first)
      let all = (group["allSizes"] as? [String: Any])?["all"] as? [String: Any]
      let error = try #require(all?["mape"] as? Double)
      #expect(isGood ? error < 0.001 : error > 0.02)
    }
  }

  @Test("The same tables give the same bytes, on the screen and in the profile")
  func deterministic() throws {
    try place.write(MadeTables("a100-sxm").gemm(), to: "t.csv")
    let arguments = ["calibrate", "--gpu", "a100-sxm", "--gemm", "t.csv", "-o"]
    let first = try place.simpp(arguments + ["a.json"])
    let second = try place.simpp(arguments + ["b.json"])
    #expect(first.status == 0 && first.output == second.output)
    #expect(try place.bytes("a.json") == place.bytes("b.json"))
    #expect(first.lines.allSatisfy { $0.count <= 100 })
    #expect(first.text.contains("held out, serving sizes") && first.text.contains("fit half"))
    #expect(first.text.contains("gemm, fitted to 1"))
  }

  @Test("With --hold-out none every row is fitted, and nothing is called held out")
  func all() throws {
    try place.write(MadeTables("l40s").gemm(), to: "t.csv")
    let section = try #require(
      try sections(["--gpu", "l40s", "--gemm", "t.csv", "--hold-out", "none"]).first)
    #expect(section["fittedRows"] as? Int == 288)
    let text = try place.simpp(
      "calibrate", "--gpu", "l40s", "--gemm", "t.csv", "--hold-out", "none")
    #expect(text.status == 0 && !text.text.contains("held out"))
  }

  @Test("A GPU that nobody measured starts from what the catalogue derives for it")
  func derived() throws {
    try place.write(MadeTables("h200-sxm").gemm(), to: "t.csv")
    let outcome = try place.simpp(
      "calibrate", "--gpu", "h200-sxm", "--gemm", "t.csv", "-o", "p.json")
    try #require(outcome.status == 0, "\(outcome.error)")
    let profile = try GPUProfile(json: String(decoding: try place.bytes("p.json"), as: UTF8.self))
    #expect(profile.gpu == "h200-sxm" && profile.numbers.count <= GPUProfile.mostNumbers)
    #expect(profile.number("gemm", "floor")?.origin == .fitted)
    #expect(profile.number("experts", "floor")?.origin == .derived)
    #expect(profile.number("datasheet", "memoryBandwidth")?.value == 4_800e9)
  }

  static let head = "dtype,m,n,k,time_us\n"

  @Test(
    "What is wrong with a table is told with file, line and what is needed, status 65",
    arguments: [
      (
        "dtype,m,n,time_us\nbf16,1,512,9\n",
        "t.csv:1: found the columns dtype, m, n, time_us, needs"
      ),
      (
        "dtype,m,n,k\nbf16,1,512,512\n", "t.csv:1: found the columns dtype, m, n, k, needs a column"
      ),
      (head + "bf16,1,512,512,9\nbf16,2,512,512,-9\n", "t.csv:3: time_us: found -9, needs a time"),
      (head + "bf16,1,512,512,0\n", "t.csv:2: time_us: found 0, needs a time above 0"),
      (head + "bf16,1,512,512,0.000009\n", "is the column's unit what its name says?"),
      (head + "bf16,1,512,512,9\nbf16,1,512,512,9\n", "t.csv:3: found the measurement of line 2"),
      (head + "bf16,0,512,512,9\n", "t.csv:2: m: found 0, needs a whole number"),
      (head + "bf16,1,512,512\n", "t.csv:2: found 4 values, needs 5"),
      (
        head + "bf16,1,512,512,9\n", "needs at least 40, of several shapes and sizes, or --hold-out"
      ),
      (
        "phase,key_value_heads\nx,1\n",
        "needs those of a GEMM table, such as dtype, m, n, k, time_us"
      ),
      ("", "t.csv: found no header"),
    ])
  func faults(text: String, message: String) throws {
    try place.write(text, to: "t.csv")
    let outcome = try place.simpp(
      "calibrate", "--gpu", "h100-sxm", "--gemm", "t.csv", "-o", "p.json")
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(try place.names() == ["t.csv"])
  }

  @Test("A fit no better than the plain datasheet is refused with both errors, and writes nothing")
  func refused() throws {
    // A GPU that reaches its datasheet exactly, but by half of the products at twice the time.
    let made = MadeTables("h100-sxm")
    let limits = made.device.limits
    let text = made.gemm { product, _ in
      let (m, n, k) = (Double(product.rows), Double(product.outputs), Double(product.inputs))
      let time = limits.rooflineNanoseconds(
        operations: 2 * m * n * k, bytes: 2 * (n * k + m * k + m * n))
      return max(time, 100)
    }
    try place.write(text, to: "t.csv")
    let outcome = try place.simpp(
      "calibrate", "--gpu", "h100-sxm", "--gemm", "t.csv", "-o", "p.json")
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("t.csv: gemm: the fit predicts its rows with a mean error of "))
    #expect(outcome.error.contains(", the plain datasheet with "))
    #expect(try place.names() == ["t.csv"])
  }

  @Test("What nccl-tests prints becomes times by size beside the profile")
  func collectives() throws {
    var lines = ["# nThread 1 nGpus 8"]
    lines += (0..<8).map {
      "#  Rank  \($0) Group  0 Pid 1 on node device  \($0) [0x1b] NVIDIA L40S"
    }
    lines.append("#       size  count  type  redop  root  time  algbw  busbw #wrong")
    for exponent in 10...28 {
      let bytes = 1 << exponent
      lines.append("\(bytes) \(bytes / 2) half sum -1 \(20 + Double(bytes) * 1.75 / 2e4) 0 0 0")
    }
    try place.write(lines.joined(separator: "\n") + "\n", to: "all_reduce_perf.txt")
    let outcome = try place.simpp(
      "calibrate", "--gpu", "l40s", "--allreduce", "all_reduce_perf.txt", "-o", "p.json")
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.text.contains("collectives: times by size from "))
    #expect(try place.names() == ["all_reduce_perf.txt", "p.collectives.json", "p.json"])
    let text = String(decoding: try place.bytes("p.collectives.json"), as: UTF8.self)
    let tables = try CollectiveTables(json: text)
    #expect(tables.gpu == "l40s" && tables.tables.map(\.ranks) == [8])
    #expect(tables.source == "all_reduce_perf.txt, half of the sizes")
    for bytes in [1e6, 1e7, 1e8] {
      let time = tables.tables[0].nanoseconds(bytes: bytes) / 1e3
      #expect((time / (20 + bytes * 1.75 / 2e4) - 1).magnitude < 0.01)
    }
    try place.write(lines.prefix(11).joined(separator: "\n") + "\n", to: "all_reduce_short.txt")
    let few = try place.simpp(
      "calibrate", "--gpu", "l40s", "--allreduce", "all_reduce_short.txt")
    #expect(few.status == 65 && few.error.contains("needs at least 3, from kilobytes to hundreds"))
  }

  @Test("A missing table is status 66; wrong usage is 64")
  func usage() throws {
    let missing = try place.simpp("calibrate", "--gpu", "h100-sxm", "--gemm", "none.csv")
    #expect(missing.status == 66 && missing.error == "none.csv: no such file\n")
    #expect(try place.simpp("calibrate", "--gpu", "h100-sxm").status == 64)
    let name = try place.simpp("calibrate", "--gpu", "l40s", "--gemm", "t.csv", "-o", "profile")
    #expect(name.status == 64 && name.error.contains("--output takes a file that ends in .json"))
    #expect(try place.simpp("calibrate", "--gemm", "t.csv").status == 64)
    let unknown = try place.simpp("calibrate", "--gpu", "h100-sxn", "--gemm", "t.csv")
    #expect(unknown.status == 64 && unknown.error.contains("did you mean 'h100-sxm'?"))
    let half = try place.simpp("calibrate", "--gpu", "l40s", "--gemm", "t", "--hold-out", "third")
    #expect(half.status == 64)
    try place.write(MadeTables("l40s").gemm(), to: "t.json")
    let itself = try place.simpp("calibrate", "--gpu", "l40s", "--gemm", "t.json", "-o", "t.json")
    #expect(itself.status == 73 && itself.error.contains("it is t.json"))
  }
}
