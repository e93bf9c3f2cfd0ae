import Hardware
import Inference
import Scenarios
import Serving
import Testing

@Suite("Canonical JSON and digests")
struct CanonicalTests {
  @Test("Canonical JSON decodes to itself", arguments: Fixture.all)
  func roundTrip(_ text: String) throws {
    let first = try decode(text)
    let second = try decode(first.canonicalJSON)
    #expect(second.canonicalJSON == first.canonicalJSON)
    #expect(second.digest == first.digest)
    #expect(second.scenario.cluster == first.scenario.cluster)
    #expect(second.scenario.background == first.scenario.background)
    #expect(second.scenario.models == first.scenario.models)
    #expect(second.scenario.workloads == first.scenario.workloads)
    #expect(second.scenario.seed == first.scenario.seed)
    #expect(second.scenario.schedulers.map(\.engine) == first.scenario.schedulers.map(\.engine))
    #expect(
      second.scenario.schedulers.map(\.coldStart) == first.scenario.schedulers.map(\.coldStart))
    #expect(
      second.scenario.schedulers.map(\.parallelism.allPlans)
        == first.scenario.schedulers.map(\.parallelism.allPlans))
  }

  @Test("The canonical form of the small scenario has every default, keys sorted, base units")
  func smallScenario() throws {
    let expected = """
      {"cluster":{"fabric":{"latency":"4000ns","nodesPerLeaf":2,"oversubscription":1},\
      "modelStore":"none","nodes":[{"count":2,"gpu":"h100-sxm","gpusPerNode":8,\
      "hostMemory":"2000000000000B","nics":{"bandwidth":"25000000000B/s","count":1},\
      "nvlink":"switch","price":"3.99USD","storage":"12000000000B/s"}]},\
      "drainLimit":"3600000000000ns","duration":"600000000000ns",\
      "models":[{"cost":{"communicationFactor":1,"computeFactor":1,\
      "engine":"vllm-v1","hidesHost":false,"hostPerSampling":"300000ns","hostPerSequence":"1100ns",\
      "hostPerStep":"400000ns","hostPerTensorStep":"0ns","kernelOverlap":1,\
      "launchPerKernel":"0ns","policy":"roofline","sampling":"greedy"},\
      "kvCache":"bf16","like":"llama-3.1-70b",\
      "name":"llama-3.1-70b","weights":"bf16"}],"name":"small",\
      "sampleInterval":"6000000000ns","schedulers":[{"admission":{"policy":"all"},\
      "batching":{"maxBatchedTokens":2048,\
      "maxSequences":256,"overlapsChunks":true,"policy":"vllm-v1","waitsForOldest":true},\
      "coldStart":{"container":"1000000000ns","engineInit":"21000000000ns",\
      "loader":"5300000000B/s","overlapsFetch":false,\
      "runtime":"5000000000ns"},"engine":{"allReduce":"custom-graph","blockTokens":16,\
      "gpuMemoryUtilization":0.9,"hops":"async","preemption":"recompute","prefixCache":false,\
      "residentsPerGPU":1,"watermark":0},"name":"tp4",\
      "parallelism":{"domain":"required","policy":"fixed","stages":1,"tensor":4},\
      "placement":{"policy":"best-fit"},"queue":{"policy":"fcfs"},\
      "routing":{"policy":"least-loaded"},\
      "scaling":{"keepAlive":"60000000000ns","max":8,"min":0,"policy":"queue",\
      "requestsPerReplica":16}}],"schemaVersion":1,"seed":1,"warmup":"0ns",\
      "workloads":[{"arrivals":{"process":"poisson","rate":2},"model":"llama-3.1-70b",\
      "name":"chat","output":{"distribution":"constant","max":1000000,"min":1,"value":100},\
      "priority":"interactive","prompt":{"distribution":"constant","max":1000000,"min":1,\
      "value":500},"tenant":"chat"}]}
      """
    #expect(try decode(Fixture.small).canonicalJSON == expected)
  }

  @Test(
    "The digest does not see comments, white space, the order of keys or how a number is written",
    arguments: [
      ("\"count\": 2, \"gpu\": \"h100-sxm\"", "\"gpu\": \"h100-sxm\", /* two */ \"count\": 2"),
      ("\"10m\"", "\"600s\" // ten minutes\n"),
      ("\"200Gbps\"", "\"25 GB/s\""),
      ("\"rate\": 2", "\"rate\": 2.0"),
      ("\"gpusPerNode\": 8", "\"gpusPerNode\": 0.8e1"),
      ("\"tensor\": 4 }", "\"tensor\": 4, }"),
      ("\"tensor\": 4", "\"policy\": \"fixed\", \"stages\": 1, \"tensor\": 4"),
      ("\"name\": \"small\"", "\"n\\u0061me\": \"small\", \"seed\": 1, \"$schema\": \"s\""),
    ])
  func sameDigest(_ old: String, _ new: String) throws {
    let changed = Fixture.small.replacing(old, with: new)
    #expect(changed != Fixture.small)
    #expect(try decode(changed).digest == decode(Fixture.small).digest)
  }

  @Test(
    "The digest sees every value",
    arguments: [
      "seed=2", "duration=11m", "workloads.chat.arrivals.rate=3", "cluster.nodes[0].price=3USD",
      "schedulers.tp4.engine.hops=free", "models[0].cost.computeFactor=1.01", "name=other",
    ])
  func otherDigest(_ override: String) throws {
    #expect(try decode(Fixture.small, [override]).digest != decode(Fixture.small).digest)
  }

  @Test("Taking some schedulers or another seed leaves canonical JSON and digest as they are")
  func selection() throws {
    let all = try decode(Fixture.burst)
    let some = try all.selecting(schedulers: ["adaptive", "tp4"]).seeded(7)
    #expect(some.scenario.schedulers.map(\.name) == ["tp4", "adaptive"])
    #expect(some.scenario.seed == 7)
    #expect(some.digest == all.digest)
    #expect(some.canonicalJSON == all.canonicalJSON)
    #expect(try all.selecting(schedulers: []).scenario.schedulers.count == 3)
  }

  @Test("A scheduler that the scenario lacks is told with what it has")
  func unknownScheduler() throws {
    let all = try decode(Fixture.burst)
    let error = try #require(throws: ScenarioFaults.self) {
      try all.selecting(schedulers: ["tp4", "pp5"])
    }
    #expect(
      error.lines == [
        "--scheduler: schedulers: found \"pp5\", needs a scheduler of the scenario; "
          + "did you mean \"pp4\"?"
      ])
  }
}

@Suite("SHA-256")
struct SHA256Tests {
  /// NIST's examples (FIPS 180-4, CSRC) and the empty message.
  @Test(
    "The digests of the standard's examples are the standard's",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
          + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
    ])
  func standardExamples(_ text: String, _ digest: String) {
    #expect(SHA256.hexadecimalDigest(of: text) == digest)
  }

  @Test("A million letters a give the standard's digest")
  func million() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      SHA256.hexadecimalDigest(of: bytes)
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("Bytes that come in pieces of any size give the digest of the whole")
  func pieces() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }
    for size in [1, 3, 63, 64, 65, 128, 200, 999] {
      var digest = SHA256()
      for start in stride(from: 0, to: bytes.count, by: size) {
        Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer {
          digest.update($0)
        }
      }
      #expect(digest.finish() == SHA256.digest(of: bytes))
    }
  }

  @Test("Every length about a block's end has its own padding")
  func padding() {
    let digests = (50...70).map { SHA256.hexadecimalDigest(of: [UInt8](repeating: 0, count: $0)) }
    #expect(Set(digests).count == digests.count)
    #expect(
      SHA256.hexadecimalDigest(of: [UInt8](repeating: 0, count: 64))
        == "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b")
  }
}
