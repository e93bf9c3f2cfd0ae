#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the program makes of signals that would end it without a word or a fitting status.
enum Signals {
  /// For every subcommand, before anything else.
  static func prepare() {
    // A closed pipe and a full disk are answered where they are written to.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    // Who asks Swift's runtime for a backtrace gets it, and the runtime's way to end.
    if getenv("SWIFT_BACKTRACE") != nil { return }
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      signal(number) { _ in Signals.endAfterFault() }
    }
  }

  /// A trap is a fault of simpp, with the status for it.
  ///
  /// It allocates nothing: whatever was interrupted may hold the allocator's lock.
  private static func endAfterFault() {
    let words: StaticString = """
      simpp: a fault of simpp itself; runs finished before it are kept. Please report it, with what \
      SWIFT_BACKTRACE=enable=yes in the environment makes it say.

      """
    _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
    _exit(70)
  }
}
