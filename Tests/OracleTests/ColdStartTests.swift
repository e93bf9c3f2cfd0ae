import Testing

@Suite("Cold starts as they were measured")
struct ColdStartTests {
  @Test(
    "All 25 cold starts of HydraServe's artifact lie within 10 %, by one set of constants a system")
  func hydraServe() throws {
    let runs = PublishedRuns("hydraserve-cold-start")
    let results = PublishedResult.coldStarts.filter { $0.scenario == "hydraserve-cold-start" }
    #expect(results.count == 25)
    for result in results {
      let value = try result.figure(runs)
      #expect(abs(value / result.published - 1) < 0.1, "\(result.measured): \(value)")
    }
  }
}
