import GRDBSQLite
import Serving

/// Requests on their way from a spool into table `request`, with everything that the virtual table's
/// callbacks need.
///
/// Requests come in the order of their ends and are to go in the order of their numbers, so that the
/// table grows at its end alone. Numbers are dense, or sampled at random from dense ones: a window of them
/// has a place for each, and what comes too late for it goes out of order.
struct RequestBatch {
  /// Numbers in the window, a power of two; a request takes 288 bytes.
  static let window = 8_192
  /// Requests in memory that came too late.
  private static let latePlaces = 2_048

  private let run: Int64
  private let requests: UnsafeMutableBufferPointer<RequestRecord>
  private let isPresent: UnsafeMutableBufferPointer<Bool>
  /// Places of the requests that SQLite may read.
  private let order: UnsafeMutableBufferPointer<Int>
  private(set) var readable = 0
  /// The least number in the window.
  private var low: Int64 = 0
  private var late = 0
  private let partsOffset = MemoryLayout<RequestRecord>.offset(of: \.parts) ?? 0
  private let firstTokenPartsOffset = MemoryLayout<RequestRecord>.offset(of: \.firstTokenParts) ?? 0
  private let workloads: UnsafeMutableBufferPointer<Labels>
  /// Indexed by raw value.
  private let statuses: UnsafeMutableBufferPointer<PooledText>
  /// Indexed by raw value.
  private let reasons: UnsafeMutableBufferPointer<PooledText>

  /// The labels of a workload, ready to be handed to SQLite.
  private struct Labels {
    var workload: PooledText
    var tenant: PooledText
    var model: PooledText
    var priority: PooledText
  }

  init(run: Int64, names: RunNames, pool: TextPool) {
    self.run = run
    requests = .allocate(capacity: Self.window + Self.latePlaces)
    isPresent = Self.kept(Array(repeating: false, count: Self.window))
    order = .allocate(capacity: Self.window + Self.latePlaces)
    workloads = Self.kept(
      names.workloads.map {
        Labels(
          workload: pool.keep($0.name), tenant: pool.keep($0.tenant), model: pool.keep($0.model),
          priority: pool.keep($0.priority))
      })
    statuses = Self.kept(RequestStatus.allCases.map { pool.keep($0.name) })
    reasons = Self.kept(RequestReason.allCases.map { pool.keep($0.text) })
  }

  private static func kept<Element>(_ list: [Element]) -> UnsafeMutableBufferPointer<Element> {
    let kept = UnsafeMutableBufferPointer<Element>.allocate(capacity: list.count)
    _ = kept.initialize(from: list)
    return kept
  }

  func deallocate() {
    requests.deallocate()
    isPresent.deallocate()
    order.deallocate()
    workloads.deallocate()
    statuses.deallocate()
    reasons.deallocate()
  }

  /// Takes a request; false when others must go first.
  // Swift 6.3.1 ends a throwing function that this is inlined into with a jump to the copy, and does not
  // restore the register that tells its caller of an error.
  @inline(never)
  mutating func append(_ request: RequestRecord) -> Bool {
    let distance = request.requestID - low
    guard distance < Self.window else { return false }
    var place = Int(request.requestID) & (Self.window - 1)
    // A second request of the same number is SQLite's to refuse.
    if distance < 0 || isPresent[place] {
      guard late < Self.latePlaces else { return false }
      place = Self.window + late
      late += 1
    } else {
      isPresent[place] = true
    }
    requests.initializeElement(at: place, to: request)
    return true
  }

  /// Offers what must go before a request is taken: those that came too late, or half a window.
  mutating func offer(before request: RequestRecord) {
    let window = Int64(Self.window)
    let isInWindow = request.requestID < low + window
    // After a wide gap in the numbers no window is gone through in vain.
    offer(below: isInWindow ? low : max(low + window / 2, request.requestID - window + 1))
  }

  /// Offers everything that is left.
  mutating func offerAll() { offer(below: low + Int64(Self.window)) }

  /// Lets SQLite read what came too late and everything below a number, where the window then begins.
  private mutating func offer(below bound: Int64) {
    for index in 0..<late { order[index] = Self.window + index }
    var tooLate = UnsafeMutableBufferPointer(rebasing: order[..<late])
    tooLate.sort { requests[$0].requestID < requests[$1].requestID }
    readable = late
    late = 0
    for number in low..<min(bound, low + Int64(Self.window)) {
      let place = Int(number) & (Self.window - 1)
      guard isPresent[place] else { continue }
      isPresent[place] = false
      order[readable] = place
      readable += 1
    }
    low = bound
  }

  /// The request that is read as the n-th.
  func row(_ index: Int) -> UnsafePointer<RequestRecord>? {
    requests.baseAddress.map { UnsafePointer($0 + order[index]) }
  }

  /// The table's columns in all.
  static let columns = 41

  /// Gives SQLite the value of a column of table `request`; without a call it is NULL.
  static func put(
    _ column: Int, of row: UnsafePointer<RequestRecord>, in batch: UnsafePointer<RequestBatch>,
    to context: OpaquePointer?
  ) {
    switch column {
    case 0: put(batch.pointee.run, context)
    case 1: put(row.pointee.requestID, context)
    case 2: put(batch.pointee.workloads[Int(row.pointee.workload)].workload, context)
    case 3: put(batch.pointee.workloads[Int(row.pointee.workload)].tenant, context)
    case 4: if row.pointee.session >= 0 { put(row.pointee.session, context) }
    case 5: put(batch.pointee.workloads[Int(row.pointee.workload)].model, context)
    case 6: put(batch.pointee.workloads[Int(row.pointee.workload)].priority, context)
    case 7: put(row.pointee.arrival, context)
    case 8: if let instant = row.pointee.firstToken { put(instant, context) }
    case 9: if let instant = row.pointee.finish { put(instant, context) }
    case 10: put(row.pointee.end, context)
    case 11: put(Int64(row.pointee.promptTokens), context)
    case 12: put(Int64(row.pointee.cachedTokens), context)
    case 13: put(Int64(row.pointee.outputTokens), context)
    case 14: put(batch.pointee.statuses[Int(row.pointee.status.rawValue)], context)
    case 15:
      let reason = row.pointee.reason
      if reason != .none { put(batch.pointee.reasons[Int(reason.rawValue)], context) }
    case 16: put(Int64(row.pointee.attempts), context)
    case 17: if row.pointee.replicaID >= 0 { put(Int64(row.pointee.replicaID), context) }
    case 18...28: put(labels(row, batch.pointee.partsOffset)[column - 18], context)
    case 29...39: put(labels(row, batch.pointee.firstTokenPartsOffset)[column - 29], context)
    default: put(row.pointee.batchInterference, context)
    }
  }

  /// Parts of a row as numbers: the members of their type have the order of the columns.
  private static func labels(
    _ row: UnsafePointer<RequestRecord>, _ offset: Int
  ) -> UnsafePointer<Int64> {
    (UnsafeRawPointer(row) + offset).assumingMemoryBound(to: Int64.self)
  }

  private static func put(_ number: Int64, _ context: OpaquePointer?) {
    sqlite3_result_int64(context, number)
  }

  /// SQLite reads the text where it lies.
  private static func put(_ text: PooledText, _ context: OpaquePointer?) {
    sqlite3_result_text(context, text.start, text.length, nil)
  }
}
