#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the program makes of signals that would end it without a word or a fitting status.
enum Signals {
  private static let fatal = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]
  // Written before there is a second thread, then only read, in the handler of a fatal signal.
  nonisolated(unsafe) private static let earlier = UnsafeMutablePointer<sigaction>.allocate(
    capacity: 32)

  /// For every subcommand, before anything else.
  static func prepare() {
    // A closed pipe and a full disk are answered where they are written to.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in fatal {
      var action = sigaction()
      action.sa_flags = SA_SIGINFO | SA_ONSTACK
      #if os(Linux)
        action.__sigaction_handler.sa_sigaction = endAfterFault
      #else
        action.__sigaction_u.__sa_sigaction = endAfterFault
      #endif
      sigaction(number, &action, earlier + Int(number))
    }
  }

  /// A trap is a fault of simpp: Swift's runtime tells where, then the program ends with status 70.
  ///
  /// It allocates nothing: whatever was interrupted may hold the allocator's lock.
  private static let endAfterFault:
    @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void = {
      number, information, context in
      let before = Signals.earlier + Int(number)
      if before.pointee.sa_flags & SA_SIGINFO != 0 {
        #if os(Linux)
          before.pointee.__sigaction_handler.sa_sigaction?(number, information, context)
        #else
          before.pointee.__sigaction_u.__sa_sigaction?(number, information, context)
        #endif
      }
      let words: StaticString =
        "simpp: a fault of simpp itself; runs finished before it are kept. Please report it.\n"
      _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
      _exit(70)
    }
}
