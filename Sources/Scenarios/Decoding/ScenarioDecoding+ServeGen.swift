import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// Whether a workload's trace is ServeGen client data, which is no file of rows but a folder of
  /// statistics.
  func isServeGen(_ workload: ObjectReader) -> Bool {
    guard let trace = workload.value("trace"),
      case .string("servegen")? = trace.node["format"]?.value
    else { return false }
    return true
  }

  /// The requests drawn from ServeGen client data.
  func serveGenTraffic(
    _ workload: ObjectReader, name: String?, duration: Nanoseconds?, namesClients: Bool
  ) -> Traffic? {
    let hasFallback = ["lengths", "prompt", "output"].contains { workload.has($0) }
    let fallback = hasFallback ? requestLengths(workload) : nil
    guard let reader = workload.object("trace") else { return nil }
    _ = reader.choice("format", among: ["servegen"], kind: "a trace's format")
    let source = serveGen(
      reader, name: name ?? "", fallback: fallback, duration: duration, namesClients: namesClients)
    reader.finish()
    workload.keep("trace", .object(reader.canonical))
    guard let source, name != nil, duration != nil, !hasFallback || fallback != nil else {
      return nil
    }
    return Traffic(specification: .recorded, source: source)
  }

  private func serveGen(
    _ reader: ObjectReader, name: String, fallback: RequestLengths?, duration: Nanoseconds?,
    namesClients: Bool
  ) -> (any RequestSource)? {
    let file = reader.name("file")
    let chosen = reader.has("clients") ? clients(reader) : nil
    let start = reader.time("start", .standard(0))
    let length = reader.time("length", in: 1_000_000...Limit.time, .optional)
    let sample = reader.number("sample", in: .positive(atMost: 1), .standard(1))
    let rateScale = reader.number("rateScale", in: .from(1e-6, to: 1e6), .standard(1))
    let wanted = digest(reader)
    guard let file, let start, let sample, let rateScale,
      !reader.has("clients") || chosen != nil, !reader.has("length") || length != nil,
      !reader.has("sha256") || wanted != nil
    else { return nil }
    if !opensTraces { return MergedRequests([]) }
    guard let folder = files.folder(of: file) else {
      reader.fault("file", Self.absent(file, "folder"))
      return nil
    }
    do throws(TraceFault) {
      let data = try ServeGenData(folder: folder, clients: chosen)
      if let wanted, wanted != data.digest {
        reader.fault(
          "sha256",
          .unfit(
            found: "data with SHA-256 \(data.digest)",
            needed: "those that the scenario was made for, SHA-256 \(wanted)"))
      }
      // What it finds wrong now it cannot find wrong in a run.
      _ = try ServeGenReader(data, seed: 0, name: name, fallback: fallback, from: .max)
      if start >= data.extent.upperBound - data.extent.lowerBound {
        reader.fault(
          "start",
          .unfit(
            found: shortTime(start),
            needed: "a time before the data's end, "
              + shortTime(data.extent.upperBound - data.extent.lowerBound)))
      }
      reader.keep("file", .string(data.name))
      reader.keep("sha256", .string(data.digest))
      return ServeGenRequests(
        name: name, data: data, fallback: fallback, start: start, length: length, sample: sample,
        rateScale: rateScale, duration: duration ?? 0, namesClients: namesClients)
    } catch {
      reader.fault("file", .brokenTrace(error))
      return nil
    }
  }

  private func clients(_ reader: ObjectReader) -> [Int]? {
    guard let items = reader.list("clients", of: "clients", atMost: 100_000) else { return nil }
    var numbers: [Int] = []
    for item in items {
      guard let number = item.node.wholeNumber, 0...1_000_000_000 ~= number else {
        faults.add(
          .unfit(found: item.node.found, needed: "a client's number, N of chunk-N-trace.csv"),
          at: item.path, from: item.node.origin)
        return nil
      }
      numbers.append(Int(number))
    }
    reader.keep("clients", .array(numbers.map(CanonicalValue.integer)))
    return numbers
  }
}
