import Foundation
import Testing

/// `simpp fidelity --observed` from the command line.
@Suite("A benchmark of one's own engine from the command line")
struct ObservedTests {
  private let scenario = """
    {
      "schemaVersion": 1, "name": "mine", "duration": "1h",
      "cluster": {
        "nodes": [{ "gpu": "h100-sxm", "gpusPerNode": 1, "nics": { "bandwidth": "400Gbps" } }]
      },
      "models": [{ "name": "llama-3.1-8b", "weights": "bf16" }],
      "workloads": [
        {
          "name": "any", "model": "llama-3.1-8b", "arrivals": { "process": "poisson", "rate": 1 },
          "prompt": { "distribution": "constant", "value": 100 },
          "output": { "distribution": "constant", "value": 100 }
        }
      ],
      "schedulers": [{ "name": "one", "scaling": { "policy": "fixed", "replicas": 1 } }]
    }
    """

  private let requests = """
    arrival_s,prompt_tokens,output_tokens,ttft_s,tpot_s
    0,500,100,0.030,0.0102
    0.2,900,150,0.042,0.0104
    0.4,200,80,0.024,0.0105
    0.9,1500,120,0.061,0.0103
    """

  @Test("It prints every quantile, the coefficients and what would bring them nearest")
  func explains() throws {
    let place = try Workplace()
    try place.write(scenario, to: "mine.json")
    try place.write(requests, to: "requests.csv")
    let arguments = ["fidelity", "--observed", "requests.csv", "--scenario", "mine.json"]
    let run = try place.simpp(arguments)
    #expect(run.status == 0, "\(run.error)")
    for word in ["TTFT mean", "TPOT p99", "e2e p95", "host per step", "Nearest with", "--set"] {
      #expect(run.text.contains(word), "\(word): \(run.text)")
    }
    #expect(try place.simpp(arguments).output == run.output)
    let short = try place.simpp(arguments + ["--no-explanation", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(short.text.utf8))
    let document = try #require(object as? [String: Any])
    #expect((document["quantiles"] as? [Any])?.count == 15)
    #expect(document["coefficients"] is NSNull)
  }

  @Test("What cannot be read is told by file and line, and ends with status 65 or 66")
  func faults() throws {
    let place = try Workplace()
    try place.write(scenario, to: "mine.json")
    try place.write(requests.replacing("0.042", with: "-1"), to: "bad.csv")
    let bad = try place.simpp(["fidelity", "--observed", "bad.csv", "--scenario", "mine.json"])
    #expect(bad.status == 65)
    #expect(bad.error.contains("bad.csv:3: ttft_s: found -1, needs a time above 0"))
    let missing = try place.simpp([
      "fidelity", "--observed", "none.json", "--scenario", "mine.json",
    ])
    #expect(missing.status == 66)
    #expect(try place.simpp(["fidelity", "--observed", "bad.csv"]).status == 64)
    #expect(try place.simpp("fidelity").status == 64)
  }
}
