import Foundation
import Testing

@Suite("simpp fidelity")
struct FidelityTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func make(folder: String, _ files: [(name: String, text: String)]) throws {
    try FileManager.default.createDirectory(
      atPath: place.file(folder), withIntermediateDirectories: true)
    for file in files { try place.write(file.text, to: folder + "/" + file.name) }
  }

  private static let gemm = "dtype,m,n,k,time_us\nbf16,1,512,512,9\nnvfp4,1,512,512,9\n"

  @Test("Of a folder tables are compared and the others named with their reason, in one order")
  func folder() throws {
    try make(
      folder: "data/h100_sxm",
      [
        ("gemm.csv", Self.gemm), ("steps.csv", "step_id,step_spacing_ms\n1,2\n"),
        ("README.md", "# Data\n"), ("other.csv", "a,b\n1,2\n"), (".hidden.csv", "x\n"),
      ])
    try make(folder: "data/unknown", [("gemm.csv", Self.gemm)])
    try Data([0xff, 0xfe, 0x00]).write(to: URL(filePath: place.file("data/h100_sxm/binary.out")))
    let outcome = try place.simpp("fidelity", "data")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(outcome.text.hasPrefix("Predicted against measured: 1 row of 1 table compared, 1 row"))
    let leftOut = try #require(outcome.text.range(of: "Left out:\n"))
    #expect(
      outcome.text[leftOut.upperBound...] == """
          h100_sxm/gemm.csv: 1 row, no law for the format nvfp4
          h100_sxm/README.md: no table: neither .csv nor the .txt, .log or .out of a program
          h100_sxm/binary.out: it is no UTF-8 text
          h100_sxm/other.csv: no columns of a known table
          h100_sxm/steps.csv: steps of an engine: no set-up to simulate
          unknown/gemm.csv: no GPU of the catalogue in a column, its name or its folders

        """)
    #expect(outcome.lines.allSatisfy { $0.count <= 100 })
    #expect(try place.simpp("fidelity", "data").output == outcome.output)
    #expect(
      try place.simpp("fidelity", "data", "--gpu", "l40s").text.contains("2 rows of 2 tables"))
  }

  @Test("A broken table in a folder is named, the others are compared, and the status is 65")
  func brokenInFolder() throws {
    try make(
      folder: "h100", [("a.csv", Self.gemm), ("b.csv", "dtype,m,n,k,time_us\nbf16,1,5,5,-1\n")])
    let outcome = try place.simpp("fidelity", "h100")
    #expect(outcome.status == 65)
    #expect(outcome.error == "b.csv:2: time_us: found -1, needs a time above 0\n")
    #expect(outcome.text.contains("1 row of 1 table compared"))
    let named = try place.simpp("fidelity", "h100/b.csv")
    #expect(named.status == 65 && named.output.isEmpty && named.error == outcome.error)
  }

  @Test(
    "A file asked for by its name must be a table with a GPU",
    arguments: [
      ("a,b\n1,2\n", 65, "t.csv:1: found the columns a, b, needs those of a table"),
      ("dtype,m,n,k,time_us\nbf16,1,512,512,9\n", 65, "needs --gpu and a name that simpp gpus"),
    ])
  func named(text: String, status: Int32, message: String) throws {
    try place.write(text, to: "t.csv")
    let outcome = try place.simpp("fidelity", "t.csv")
    #expect(outcome.status == status && outcome.error.contains(message), "\(outcome.error)")
  }

  @Test("Missing files are 66, wrong usage 64, a profile that is none 65")
  func inputs() throws {
    try place.write(Self.gemm, to: "t.csv")
    #expect(try place.simpp("fidelity", "none").status == 66)
    #expect(try place.simpp("fidelity").status == 64)
    #expect(try place.simpp("fidelity", "t.csv", "--gpu", "h100").status == 64)
    #expect(try place.simpp("fidelity", "t.csv", "--markdown", "x.html").status == 64)
    #expect(try place.simpp("fidelity", "t.csv", "--profile", "none.json").status == 66)
    try place.write("{\n  \"profile\": 2\n}", to: "p.json")
    let profile = try place.simpp("fidelity", "t.csv", "--gpu", "l40s", "--profile", "p.json")
    #expect(profile.status == 65 && profile.error.hasPrefix("p.json:2: profile: found 2, needs 1"))
  }

  @Test("Pictures and the document are written where they are asked for, the same every time")
  func documents() throws {
    try make(folder: "h100", [("t.csv", MadeTables("h100-sxm").gemm())])
    let arguments = ["fidelity", "h100", "--markdown", "errors.md", "--plots", "more"]
    let outcome = try place.simpp(arguments)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try place.names() == ["errors", "errors.md", "h100", "more"])
    let document = try place.bytes("errors.md")
    let picture = try place.bytes("errors/gemm-h100-sxm.svg")
    #expect(String(decoding: document, as: UTF8.self).contains("](errors/gemm-h100-sxm.svg)"))
    #expect(try place.bytes("more/gemm-h100-sxm.svg") == picture)
    _ = try place.simpp(arguments)
    #expect(try place.bytes("errors.md") == document)
    #expect(try place.bytes("errors/gemm-h100-sxm.svg") == picture)
    let full = try place.simpp("fidelity", "h100", "--plots", "/dev/null/x")
    #expect(full.status == 73)
  }

  @Test("With --check a target that is missed is status 1, one that is met 0")
  func check() throws {
    let made = MadeTables("h100-sxm")
    try make(folder: "h100", [("t.csv", made.gemm { $1 * 2 })])
    let missed = try place.simpp("fidelity", "h100", "--check")
    #expect(missed.status == 1 && missed.text.contains("missed"))
    #expect(try place.simpp("fidelity", "h100").status == 0)
  }

  @Test(
    "The shared tables of kernels meet the project's targets",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func shared() throws {
    let folder = try #require(SharedData.folder) + "/gpu"
    let outcome = try place.simpp("fidelity", folder, "--json", program: try Program.release())
    #expect(outcome.status == 0 && outcome.error == "")
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    #expect((object["rows"] as? Int ?? 0) > 180_000)
    let targets = try #require(object["targets"] as? [[String: Any]])
    let missed = targets.filter { $0["missed"] as? Bool == true }
    #expect(missed.map { "\($0["name"] ?? "") \($0["gpu"] ?? "")" } == [])
  }

  @Test(
    "docs/fidelity.md is what the command writes from the shared tables",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"))
  func documented() throws {
    let folder = try #require(SharedData.folder) + "/gpu"
    let outcome = try place.simpp(
      "fidelity", folder, "--markdown", "fidelity.md", program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    let kept = try String(contentsOfFile: Program.root + "docs/fidelity.md", encoding: .utf8)
    let isKept = String(decoding: try place.bytes("fidelity.md"), as: UTF8.self) == kept
    #expect(isKept, "write it anew: simpp fidelity $SIMPP_DATA_DIR/gpu --markdown docs/fidelity.md")
  }
}
