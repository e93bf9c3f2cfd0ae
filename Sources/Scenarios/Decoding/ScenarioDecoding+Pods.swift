import EventKernel
import JSON
import Serving

extension ScenarioDecoding {
  /// The formats of pod lists by the word that scenarios use.
  private enum PodFormat: String, CaseIterable {
    case alibaba = "alibaba-gpu"
  }

  /// Tenants whose demands a trace of pods brings; nil when something is unfit.
  func tracedBackground(
    _ background: ObjectReader, clock: Clock?, gpus: Int, largestNode: Int
  ) -> BackgroundSpecification? {
    let occupancy = background.number("occupancy", in: .from(0, to: 1), .optional, of: "a share")
    for key in ["arrangement", "sizes", "lifetime"] where background.has(key) {
      background.fault(
        key, .unsupported(what: "a trace brings its tenants", instead: "leave it out"))
    }
    guard let reader = background.object("trace") else { return nil }
    let name = reader.name("file")
    let format: PodFormat? = reader.choice(
      "format", .standard(.alibaba), kind: "the format of a pod list")
    let digest = digest(reader)
    let start = reader.time("start", .standard(0))
    let timeScale = reader.number("timeScale", in: .from(1e-6, to: 1e3), .standard(1))
    reader.finish()
    background.keep("trace", .object(reader.canonical))
    guard let name, format != nil, let start, let timeScale, let clock, gpus > 0,
      occupancy != nil || !background.has("occupancy"), digest != nil || !reader.has("sha256")
    else { return nil }
    if !opensTraces { return BackgroundSpecification(demands: []) }
    guard let path = path(of: name, digest, reader) else { return nil }
    let selection = PodDemands.Selection(
      start: start, timeScale: timeScale, occupancy: occupancy, duration: clock.duration,
      end: clock.duration + clock.drainLimit, gpus: gpus, largestNode: largestNode)
    do throws(TraceFault) {
      let content = try FileContent(path: path)
      if let digest, digest != content.digest {
        reader.fault(
          "sha256",
          .unfit(
            found: "\(content.fileName) with SHA-256 \(content.digest)",
            needed: "the content that the scenario was made for, SHA-256 \(digest)"))
        return nil
      }
      let pods = try PodDemands(path: path, selection: selection)
      if start > 0, start >= pods.traceEnd {
        let end = shortTime(pods.traceEnd)
        reader.fault(
          "start", .unfit(found: shortTime(start), needed: "a time before the trace ends, \(end)"))
        return nil
      }
      note(pods, selection, reader)
      reader.keep("file", .string(content.fileName))
      reader.keep("sha256", .string(content.digest))
      background.keep("trace", .object(reader.canonical))
      return BackgroundSpecification(demands: pods.demands)
    } catch {
      reader.fault("file", .brokenTrace(error))
      return nil
    }
  }

  /// Notes what of the trace is not taken as it is.
  private func note(_ pods: PodDemands, _ selection: PodDemands.Selection, _ reader: ObjectReader) {
    if pods.tooLarge > 0 {
      reader.note(
        "file",
        "\(grouped(pods.tooLarge)) pods ask for more GPUs than a node has, "
          + "\(selection.largestNode), and are left out")
    }
    if pods.withModels > 0 {
      reader.note(
        "file", "\(grouped(pods.withModels)) pods name GPU models, which are not looked at")
    }
    let share = pods.meanGPUs / Double(selection.gpus)
    if let occupancy = selection.occupancy, abs(share - occupancy) > 0.02 {
      reader.note(
        "file",
        "the pods of this slice come to an occupancy of \(percent(share)), not to the "
          + percent(occupancy) + " asked for")
    } else if selection.occupancy == nil, share > 1 {
      reader.note(
        "file",
        "the pods ask for \(percent(share)) of the GPUs on average, so that tenants wait; "
          + "\"occupancy\" takes as many as fit")
    }
    if pods.demands.isEmpty, selection.occupancy == nil {
      reader.note("file", "no pod of this slice asks for a GPU")
    }
  }

  private func percent(_ share: Double) -> String {
    "\(readable((share * 1_000).rounded() / 10)) %"
  }
}
