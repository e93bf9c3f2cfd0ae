extension PublishedResult {
  /// "vLLM and SGLang by their makers" in docs/published.md.
  static let makers: [PublishedResult] = [
    PublishedResult(
      scenario: "vllm-405b-fp8", measured: "requests/s", published: 2.82, tolerance: .system,
      simulated: 4.22, verdict: .inside
    ) { try $0.run("tp8").completedPerSecond }
  ]
}
