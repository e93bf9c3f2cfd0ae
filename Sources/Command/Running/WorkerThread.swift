import Foundation

extension Thread {
  /// Starts a thread with a stack large enough for any run.
  static func detachWorker(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 16 << 20
    thread.start()
  }
}
