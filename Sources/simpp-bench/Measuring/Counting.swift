/// Counts of benchmarks by valgrind, as many at a time as there are processors.
struct Counting {
  private let folder: TemporaryFolder
  private var running: [Int32: Thresholds.Key] = [:]

  init() throws { folder = try TemporaryFolder() }

  /// Counts everything and hands each count over as it comes.
  mutating func run(
    _ keys: [Thresholds.Key], atATime: Int, done: (Thresholds.Key, Count) -> Void
  ) throws {
    var waiting = keys[...]
    while !waiting.isEmpty || !running.isEmpty {
      while running.count < max(1, atATime), let key = waiting.popFirst() { try start(key) }
      let (process, succeeded) = Child.waitForAny()
      guard let key = running.removeValue(forKey: process) else {
        throw Failure("a child was lost", status: 71)
      }
      guard succeeded, let profile = readFile(path(key, "profile")),
        let count = Self.count(profile), count.instructions > 0
      else {
        let log = readFile(path(key, "log")) ?? ""
        throw Failure("valgrind failed on \(key.name) \(key.size)\n\(log)", status: 70)
      }
      done(key, count)
    }
  }

  private mutating func start(_ key: Thresholds.Key) throws {
    let arguments = [
      "valgrind", "--tool=callgrind", "--toggle-collect=*countedRegion*", "--compress-strings=no",
      "--callgrind-out-file=" + path(key, "profile"), "--log-file=" + path(key, "log"),
      Child.ownPath, key.name, String(key.size),
    ]
    let child = try Child(arguments, variables: Self.variables, output: path(key, "json"))
    running[child.process] = key
  }

  private func path(_ key: Thresholds.Key, _ ending: String) -> String {
    "\(folder.path)/\(key.name).\(key.size).\(ending)"
  }

  /// Dictionaries without random seeds, and the same routines of the C library on every processor.
  private static let variables = [
    "SWIFT_DETERMINISTIC_HASHING=1",
    "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,"
      + "-SSSE3,-SSE4_1,-SSE4_2",
  ]

  /// The functions of the C library that allocate.
  private static let allocators: Set<Substring> = [
    "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
  ]

  /// Reads a profile in callgrind's format: the total, and how often allocators were called; nil when
  /// it has no total.
  static func count(_ profile: String) -> Count? {
    var count: Count?
    var allocations: Int64 = 0
    var isAllocator = false
    for line in profile.utf8.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "calls=".utf8) {
        guard isAllocator else { continue }
        let number = line.dropFirst(6).prefix { $0 != UInt8(ascii: " ") }
        allocations += Int64(String(decoding: number, as: UTF8.self)) ?? 0
      } else if line.starts(with: "cfn=".utf8) {
        isAllocator = allocators.contains(Substring(line.dropFirst(4)))
      } else if line.starts(with: "totals: ".utf8) {
        let number = String(decoding: line.dropFirst(8), as: UTF8.self)
        count = Int64(number).map { Count(instructions: $0, allocations: 0) }
      }
    }
    count?.allocations = allocations
    return count
  }
}
