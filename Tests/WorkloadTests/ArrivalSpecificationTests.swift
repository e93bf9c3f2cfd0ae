import EventKernel
import Testing
import Workload

@Suite("Arrivals that keys can say")
struct ArrivalSpecificationTests {
  @Test("Gaps as long as a trace may have are fitted", arguments: [1, 2, 40] as [Int64])
  func longGaps(gaps: Int64) {
    let longest: Nanoseconds = 366 * 86_400_000_000_000
    // Three hundred times the median gap of two rows is beyond an Int64.
    let requests = (0...gaps).map {
      ArrivingRequest(
        arrival: longest / gaps * $0, workload: 0, promptTokens: 1, outputTokens: 1)
    }
    var survey = TraceSurvey()
    for request in requests { survey.add(request) }
    var fitter = ArrivalSpecificationFitter(survey)
    for request in requests { fitter.add(request) }
    let rate = Double(gaps) / (Double(longest) / 1e9)
    #expect(fitter.finish().rate / rate > 0.99)
    var model = TraceFitter(survey)
    for request in requests { model.add(request) }
    #expect(model.finish().requests == gaps + 1)
  }
}
