import Serving
import Synchronization

/// The policies that scenarios may name in this program.
enum Policies {
  private static let catalogue = Mutex(PolicyCatalogue.builtIn)

  /// What the program was launched with.
  static var current: PolicyCatalogue { catalogue.withLock { $0 } }

  /// Decided once, at launch.
  static func use(_ chosen: PolicyCatalogue) { catalogue.withLock { $0 = chosen } }
}
