import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C: runs stop at the next look, finished ones are kept; a second Ctrl-C ends at once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether Ctrl-C or a polite kill has come.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Listens from now on.
  static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.count.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(130) }
      }
    }
  }
}
