/// CPU-seconds that another simulator took for a benchmark's requests: one thread, in process,
/// without its start, on the machine that docs/performance.md names.
struct PeerFigure {
  var name: String
  var size: Int
  var peer: String
  var cpuSeconds: Double

  init(_ name: String, _ size: Int, _ peer: String, _ cpuSeconds: Double) {
    self.name = name
    self.size = size
    self.peer = peer
    self.cpuSeconds = cpuSeconds
  }

  /// The fastest peer of each first.
  static let all: [PeerFigure] = [
    PeerFigure("a", 10_000, "DynoSim", 0.53),
    PeerFigure("a", 10_000, "Vidur", 13.4),
    PeerFigure("a", 10_000, "BLIS", 13.4),
    PeerFigure("a", 50_000, "DynoSim", 2.69),
    PeerFigure("a", 50_000, "Vidur", 62.9),
    PeerFigure("a", 50_000, "BLIS", 74.6),
    PeerFigure("a4", 10_000, "DynoSim", 0.52),
    PeerFigure("a4", 10_000, "Vidur", 13.8),
    PeerFigure("a4", 10_000, "BLIS", 47.2),
    PeerFigure("a-overload", 10_000, "DynoSim", 0.46),
    PeerFigure("a-overload", 10_000, "BLIS", 7.1),
    PeerFigure("a-overload", 10_000, "Vidur", 8.3),
    PeerFigure("b", 10_000, "Vidur", 41.3),
    PeerFigure("c", 10_000, "Vidur", 62.2),
    PeerFigure("e", 10_000, "Vidur", 32.5),
    PeerFigure("f", 10_000, "Vidur", 19.8),
    PeerFigure("f", 10_000, "BLIS", 390),
  ]
}

/// What a benchmark should take at most.
struct Target {
  var name: String
  var size: Int
  var cpuSeconds: Double
  var peakMegabytes: Int?

  init(_ name: String, _ size: Int, _ cpuSeconds: Double, peakMegabytes: Int? = nil) {
    self.name = name
    self.size = size
    self.cpuSeconds = cpuSeconds
    self.peakMegabytes = peakMegabytes
  }

  static let all: [Target] = [
    Target("a", 50_000, 0.15),
    Target("b", 10_000, 0.05),
    Target("c", 10_000, 0.06),
    Target("e", 10_000, 0.05),
    Target("f", 10_000, 0.03),
    Target("azure-64", 1_000_000, 10, peakMegabytes: 300),
  ]
}
