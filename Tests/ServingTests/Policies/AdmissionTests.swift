import EventKernel
import Support
import Testing

@testable import Serving

@Suite("Who is served at all")
struct AdmissionTests {
  private func view(
    _ now: Nanoseconds, tenant: Int = 0, prompt: Int = 10, output: Int = 10,
    target: Nanoseconds? = nil, predicted: Nanoseconds? = nil
  ) -> AdmissionView {
    AdmissionView(
      now: now, tenant: tenant, promptTokens: prompt, outputTokens: output,
      targets: ServiceTargets(ttft: target), predictedTTFT: predicted)
  }

  private func bucket(
    _ options: [String: OptionValue], tenants: [String] = ["a"]
  ) -> TokenBucketAdmission {
    var values = OptionValues(defaultsOf: TokenBucketAdmission.options)
    for (key, value) in options { values[key] = value }
    var policy = TokenBucketAdmission(values)
    policy.begin(tenants: tenants)
    return policy
  }

  @Test("A bucket admits its burst at once, then what it gains, to the nanosecond")
  func burst() {
    var policy = bucket(["rate": .number(1_000), "burst": .number(100)])
    let answers = (0..<6).map { _ in policy.refusal(of: view(0)) }
    #expect(answers == [.none, .none, .none, .none, .none, .rateLimited])
    // 20 tokens take 20 ms.
    #expect(policy.refusal(of: view(19_999_999)) == .rateLimited)
    #expect(policy.refusal(of: view(20_000_000)) == .none)
    // After a long time no more than the burst.
    let later = (0..<6).map { _ in policy.refusal(of: view(3_600_000_000_000)) }
    #expect(later == answers)
  }

  @Test("A request larger than the burst never passes and takes nothing")
  func tooLarge() {
    var policy = bucket(["rate": .number(1_000), "burst": .number(100)])
    for hour in 0..<5 {
      let now = Nanoseconds(hour) * 3_600_000_000_000
      #expect(policy.refusal(of: view(now, prompt: 91)) == .rateLimited)
    }
    #expect(policy.refusal(of: view(4 * 3_600_000_000_000, prompt: 90)) == .none)
  }

  @Test("Tenants have buckets of their own, with their own rates and bursts; requests may count")
  func tenants() {
    var policy = bucket(
      [
        "rate": .number(0), "burst": .number(2), "counts": .choice("requests"),
        "rates": .tenants(["b": 1]), "bursts": .tenants(["b": 1]),
      ], tenants: ["a", "b"])
    func answers(_ tenant: Int, at now: Nanoseconds) -> [RequestReason] {
      (0..<3).map { _ in policy.refusal(of: view(now, tenant: tenant)) }
    }
    #expect(answers(0, at: 0) == [.none, .none, .rateLimited])
    #expect(answers(1, at: 0) == [.none, .rateLimited, .rateLimited])
    #expect(answers(0, at: 9_000_000_000) == [.rateLimited, .rateLimited, .rateLimited])
    #expect(answers(1, at: 9_000_000_000) == [.none, .rateLimited, .rateLimited])
  }

  @Test("A bucket agrees with the virtual scheduling algorithm on random arrivals")
  func virtualScheduling() {
    // The other form of the same rule: a time at which the bucket would be full again.
    var generator = SeededGenerator(state: 11)
    for rate in [7.0, 1_000, 12_345] {
      var policy = bucket(
        ["rate": .number(rate), "burst": .number(500), "counts": .choice("prompt")])
      var fullAt = 0.0
      var now: Nanoseconds = 0
      var close = 0
      for _ in 0..<5_000 {
        now += Nanoseconds.random(in: 0...Nanoseconds(2e11 / rate), using: &generator)
        let prompt = Int.random(in: 1...300, using: &generator)
        let start = max(fullAt, Double(now) * 1e-9)
        let slack = Double(now) * 1e-9 + 500 / rate - (start + Double(prompt) / rate)
        let refused = policy.refusal(of: view(now, prompt: prompt)) != .none
        // Within what doubles round, either answer may be right; take the policy's.
        if abs(slack) * rate < 1e-3 { close += 1 } else { #expect(refused == (slack < 0)) }
        if !refused { fullAt = start + Double(prompt) / rate }
      }
      #expect(close < 5)
    }
  }

  @Test("Early rejection: predicted later than the target, by slack; no target, no prediction: in")
  func early() {
    var values = OptionValues(defaultsOf: RejectEarlyAdmission.options)
    var policy = RejectEarlyAdmission(values)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 80)) == .none)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 81)) == .predictedTooLate)
    values["slack"] = .number(1)
    policy = RejectEarlyAdmission(values)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 100)) == .none)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 101)) == .predictedTooLate)
    #expect(policy.refusal(of: view(0, target: nil, predicted: 101)) == .none)
    #expect(policy.refusal(of: view(0, target: 100, predicted: nil)) == .none)
    #expect(!policy.concerns(ServiceTargets(ttft: nil)))
    values["slack"] = .number(1.5)
    policy = RejectEarlyAdmission(values)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 150)) == .none)
    #expect(policy.refusal(of: view(0, target: 100, predicted: 151)) == .predictedTooLate)
    values["ttft"] = .duration(10)
    policy = RejectEarlyAdmission(values)
    #expect(policy.concerns(ServiceTargets(ttft: nil)))
    #expect(policy.refusal(of: view(0, target: 100, predicted: 16)) == .predictedTooLate)
  }
}
