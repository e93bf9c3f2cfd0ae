/// A benchmark in a process of its own, so that neither memory nor warm caches of others count.
enum MeasuringProcess {
  static func run(_ name: String, size: Int, times: Int) throws -> Measurement {
    let folder = try TemporaryFolder()
    let output = folder.path + "/measurement.json"
    let child = try Child(
      [Child.ownPath, name, String(size), "--times", String(times)], output: output)
    let (process, succeeded) = Child.waitForAny()
    guard process == child.process, succeeded, let json = readFile(output),
      let measurement = Measurement(json: json)
    else { throw Failure("\(name) \(size) failed", status: 70) }
    return measurement
  }
}
