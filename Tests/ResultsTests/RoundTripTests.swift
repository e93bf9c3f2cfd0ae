import Results
import Serving
import Testing

@Suite("What is committed comes back")
struct RoundTripTests {
  let folder: TemporaryFolder
  let example = ExampleRun()
  let store: ResultsStore
  let run: Int64 = 1

  init() throws {
    folder = try TemporaryFolder()
    let path = folder.file("results.sqlite")
    try folder.write(try CommittedFile.oneRun.get(), to: "results.sqlite")
    store = try ResultsStore(path: path, access: .reading)
  }

  @Test("Every request comes back as it was, in order of arrival, with its workload's labels")
  func requests() throws {
    var stored: [StoredRequest] = []
    try store.requests(ofRun: run) { stored.append($0) }
    #expect(stored.map(\.record) == example.sink.requests.sorted { $0.requestID < $1.requestID })
    #expect(stored.count == 200)
    for request in stored {
      var labels = example.names.workloads[Int(request.record.workload)]
      labels.model = example.names.models[Int(request.record.model)]
      #expect(request.labels == labels)
    }
  }

  @Test("Requests that end in any order, among other records, are stored in that of their arrival")
  func anyOrder() throws {
    let store = try ResultsStore(path: folder.file("other.sqlite"))
    let example = ExampleRun(requests: 9_000)
    // As far from its place as a third of all.
    var random = RandomStreamOfTests(state: 5)
    let places = example.sink.requests.map { $0.requestID + random.below(3_000) }
    let sample = example.sink.samples[0]
    let ordered = zip(places, example.sink.requests).sorted {
      ($0.0, $0.1.requestID) < ($1.0, $1.1.requestID)
    }
    example.sink.requests = ordered.map(\.1)
    let spool = try store.spool(for: example.names)
    for (place, request) in example.sink.requests.enumerated() {
      spool.record(request)
      if place % 1_000 == 500 { spool.record(sample) }
    }
    let run = try store.commit(example.header(), summary: example.summary, spool: spool)
    var stored: [RequestRecord] = []
    var samples: [SampleRecord] = []
    try store.requests(ofRun: run) { stored.append($0.record) }
    try store.samples(ofRun: run) { samples.append($0) }
    #expect(stored == example.sink.requests.sorted { $0.requestID < $1.requestID })
    #expect(samples == Array(repeating: sample, count: 9))
  }

  @Test("Two records of one request are refused, and the file stays as it was and usable")
  func twice() throws {
    let store = try ResultsStore(path: folder.file("other.sqlite"))
    try example.commit(to: store)
    let spool = try store.spool(for: example.names)
    for request in example.sink.requests { spool.record(request) }
    spool.record(example.sink.requests[3])
    #expect {
      try store.commit(example.header(scenario: "d2"), summary: example.summary, spool: spool)
    } throws: {
      ($0 as? ResultsError)?.found.contains("UNIQUE constraint failed: request.run_id") == true
    }
    #expect(try store.runs().map(\.id) == [1])
    #expect(try example.commit(to: store, scenario: "d2") == 2)
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  @Test("Replicas, stages, GPUs and links come back as they were")
  func fleet() throws {
    #expect(try store.replicas(ofRun: run) == example.sink.replicas)
    #expect(try store.stages(ofRun: run) == example.sink.stages)
    #expect(try store.gpus(ofRun: run) == example.sink.gpus)
    #expect(try store.links(ofRun: run) == example.sink.links)
  }

  @Test("Allocations, scaling decisions and samples come back as they were")
  func decisions() throws {
    var allocations: [AllocationRecord] = []
    var scalings: [ScalingRecord] = []
    var samples: [SampleRecord] = []
    try store.allocations(ofRun: run) { allocations.append($0) }
    try store.scalingDecisions(ofRun: run) { scalings.append($0) }
    try store.samples(ofRun: run) { samples.append($0) }
    #expect(allocations == example.sink.allocations)
    #expect(scalings == example.sink.scalings)
    #expect(samples == example.sink.samples)
  }

  @Test("The summary rebuilt from the tables equals the one that was committed")
  func summary() throws {
    #expect(try store.summary(ofRun: run) == example.summary)
  }

  @Test("Header, provenance and names come back")
  func header() throws {
    let header = example.header()
    #expect(try store.scenarioJSON(ofRun: run) == header.scenarioJSON)
    #expect(try store.provenance(ofRun: run) == header.provenance)
    #expect(try store.names(ofRun: run) == example.names)
    let listed = try #require(try store.runs().first)
    #expect(listed.key.scenarioDigest == "d1")
    #expect(listed.key.seed == 7)
    #expect(listed.digest == example.summary.digest)
    #expect(listed.records == .all)
    #expect(listed.simulated == 60_000_000_000)
  }

  @Test("One request is found by its number, and a number without a row gives nil")
  func oneRequest() throws {
    let wanted = try #require(example.sink.requests.first { $0.requestID == 42 })
    #expect(try store.request(42, ofRun: run)?.record == wanted)
    #expect(try store.request(1_000, ofRun: run) == nil)
  }

  @Test("A run that is not there is named in the error, with status 64")
  func noSuchRun() {
    #expect {
      try store.summary(ofRun: 99)
    } throws: { error in
      let fault = error as? ResultsError
      return fault?.exitStatus == 64 && fault?.description.contains("no run 99") == true
    }
  }

  @Test("The greatest seed and extreme instants survive")
  func extremes() throws {
    var extreme = ExampleRun(requests: 3, seed: .max)
    extreme.sink.samples[0].time = .max
    extreme.sink.allocations[1].demanded = -.max
    extreme.sink.allocations[1].abandoned = -.max
    extreme.sink.allocations[1].waits = AllocationWaits()
    extreme.summarize()
    let store = try ResultsStore(path: folder.file("extreme.sqlite"))
    let run = try extreme.commit(to: store)
    #expect(try store.run(run).key.seed == .max)
    var samples: [SampleRecord] = []
    try store.samples(ofRun: run) { samples.append($0) }
    #expect(samples == extreme.sink.samples)
    #expect(try store.verify().flatMap(\.faults) == [])
  }
}
