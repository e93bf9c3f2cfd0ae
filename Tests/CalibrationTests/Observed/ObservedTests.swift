import Calibration
import Serving
import Testing

/// A user's benchmark: how it is read, and what explains it.
@Suite("Benchmarks of a user's own engine")
struct ObservedTests {
  private static let json = """
    {
      "request_rate": "inf", "max_concurrency": null,
      "input_lens": [100, 200, 300, 400], "output_lens": [3, 1, 0, 2],
      "ttfts": [0.05, 0.06, 0.0, 0.07], "itls": [[0.01, 0.03], [], [], [0.02]],
      "errors": ["", "", "timed out", ""]
    }
    """

  @Test("vLLM's result gives requests, their latencies and how they were sent")
  func vllm() throws {
    let benchmark = try ObservedBenchmark(Self.json, file: "bench.json")
    #expect(benchmark.sending == .atOnce)
    #expect(benchmark.failed == 1)
    #expect(benchmark.requests.map(\.promptTokens) == [100, 200, 400])
    #expect(benchmark.requests.map(\.outputTokens) == [3, 1, 2])
    #expect(benchmark.requests.map(\.ttft) == [0.05, 0.06, 0.07])
    #expect(benchmark.requests[0].tpot.map { abs($0 - 0.02) < 1e-12 } == true)
    #expect(benchmark.requests[1].tpot == nil)
    #expect(benchmark.requests[1].e2e == 0.06)
  }

  @Test("A cap on requests in flight makes turns, start times make times, a rate draws them")
  func sending() throws {
    let turns = Self.json.replacing("\"max_concurrency\": null", with: "\"max_concurrency\": 8")
    #expect(try ObservedBenchmark(turns, file: "b.json").sending == .inTurns(clients: 8))
    let times = Self.json.replacing(
      "\"errors\"", with: "\"start_times\": [9, 7, 8, 7.5], \"errors\"")
    let timed = try ObservedBenchmark(times, file: "b.json")
    #expect(timed.sending == .atTimes)
    #expect(timed.requests.map(\.promptTokens) == [200, 400, 100])
    #expect(timed.requests.map(\.arrival) == [0, 500_000_000, 2_000_000_000])
    let rate = Self.json.replacing("\"inf\"", with: "2.5")
    let drawn = try ObservedBenchmark(rate, file: "b.json")
    #expect(drawn.sending == .atRate(2.5))
    #expect(
      drawn.replayed.requests.map(\.arrival) == drawn.replayed.requests.map(\.arrival).sorted())
    let told = try ObservedBenchmark(rate, file: "b.json", clients: 3)
    #expect(told.sending == .inTurns(clients: 3))
  }

  @Test("A CSV of requests is read in seconds or milliseconds; what is missing follows")
  func table() throws {
    let text = "arrival_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms\n5,100,11,50,20\n4,10,1,40,\n"
    let benchmark = try ObservedBenchmark(text, file: "r.csv")
    #expect(benchmark.sending == .atTimes)
    #expect(benchmark.requests.map(\.arrival) == [0, 1_000_000_000])
    #expect(benchmark.requests.map(\.outputTokens) == [1, 11])
    #expect(benchmark.requests[1].e2e.map { abs($0 - 0.25) < 1e-12 } == true)
    let spans = "prompt_tokens,completion_tokens,ttft_s,e2e_s\n100,11,0.05,0.25\n"
    let other = try ObservedBenchmark(spans, file: "r.csv")
    #expect(other.sending == .atOnce)
    #expect(other.requests[0].tpot.map { abs($0 - 0.02) < 1e-12 } == true)
  }

  @Test(
    "Bad files are told by line and place",
    arguments: [
      ("{", "bench.json:1: "),
      ("{\n\"input_lens\": [1]\n}", "bench.json:1: found no \"output_lens\""),
      (
        "{\n\"input_lens\": [1],\n\"output_lens\": [1, 2]\n}",
        "bench.json:3: output_lens: found a list of 2, needs a list of 1"
      ),
      (
        ObservedTests.json.replacing("200", with: "-200"),
        "bench.json:3: input_lens[1]: found -200"
      ),
      (ObservedTests.json.replacing("0.06", with: "0"), "bench.json:4: ttfts[1]: found 0"),
      (
        "prompt_tokens,output_tokens\n1,1\n",
        "bench.json:1: found the columns prompt_tokens, output_tokens, needs one at least of ttft_s"
      ),
      (
        "prompt_tokens,output_tokens,ttft_s\n1,1,-1\n",
        "bench.json:2: ttft_s: found -1, needs a time above 0"
      ),
      ("{\"input_lens\": []}", "bench.json:1: found no \"output_lens\""),
    ])
  func faults(text: String, message: String) {
    do {
      _ = try ObservedBenchmark(text, file: "bench.json")
      Issue.record("no fault")
    } catch {
      #expect("\(error)".hasPrefix(message), "\(error)")
    }
  }

  /// A benchmark that simpp itself makes, with another host or GPU.
  private func benchmark(_ change: CostCoefficient?, _ value: Double) throws -> (
    scenario: Scenario, ObservedBenchmark
  ) {
    let scenario = try EngineSetup(model: "llama-3.1-8b", gpu: "h100-sxm").scenario()
    // One at a time: where requests meet, a little more time can change who shares a step.
    let requests = (0..<12).map { index in
      ObservedRequest(
        arrival: Int64(index) * 3_000_000_000, promptTokens: 100 + 161 * index,
        outputTokens: 2 + 17 * index)
    }
    var changed = scenario
    change?.set(&changed, value)
    var text = "arrival_s,prompt_tokens,output_tokens,ttft_s,e2e_s\n"
    for case let request? in Replay(changed, ReplayedRequests(requests)).run() {
      let (ttft, e2e) = (try #require(request.ttft), try #require(request.e2e))
      let arrival = Double(request.arrival) * 1e-9
      text += "\(arrival),\(request.promptTokens),\(request.outputTokens),\(ttft),\(e2e)\n"
    }
    return (scenario, try ObservedBenchmark(text, file: "made.csv"))
  }

  @Test("simpp's own requests come out without an error")
  func same() throws {
    let (scenario, benchmark) = try benchmark(nil, 0)
    let simulated = Replay(scenario, benchmark.replayed).run()
    let errors = LatencyErrors(measured: benchmark.requests, simulated: simulated)
    #expect(errors.count == 12 && errors.unanswered == 0)
    #expect(errors.lines.count == 15)
    #expect(errors.distance < 1e-6)
  }

  @Test(
    "A coefficient that was changed is found, with its value",
    arguments: [("host per step", 4.0), ("memory bandwidth reached", 0.7)])
  func found(name: String, value: Double) throws {
    let coefficient = try #require(CostCoefficient.all.first { $0.name == name })
    let (scenario, benchmark) = try benchmark(coefficient, value)
    let explanation = Explanation(of: scenario, benchmark)
    let best = try #require(explanation.candidates.first)
    let found = explanation.candidates.map { "\($0.coefficient.name) \($0.best): \($0.distance)" }
    #expect(best.coefficient.name == name, "\(found)")
    #expect(abs(best.best / value - 1) < 0.03, "\(best.best)")
    #expect(best.distance < 0.02 && explanation.distance > 0.1)
  }
}
