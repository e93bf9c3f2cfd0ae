extension PublishedResult {
  /// "Papers and reports" in docs/published.md.
  static let papers: [PublishedResult] = []
}
