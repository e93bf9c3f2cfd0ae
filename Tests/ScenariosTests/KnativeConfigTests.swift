import Foundation
import Scenarios
import Serving
import Testing

@Suite("Knative's own files as settings of a policy")
struct KnativeConfigTests {
  private let folder: URL

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "simpp-knative-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  private func decoded(_ scaling: String) throws -> DecodedScenario {
    try ScenarioDecoder(files: InputFiles(folders: [folder.path()])).decode(
      text: Fixture.small.replacing(
        "\"tensor\": 4 }", with: "\"tensor\": 4 }, \"scaling\": { \(scaling) }"),
      fileName: "s.json")
  }

  private func lines(_ scaling: String) -> [String] {
    do {
      _ = try decoded(scaling)
      return []
    } catch let faults as ScenarioFaults {
      return faults.lines
    } catch {
      return ["\(error)"]
    }
  }

  private static let header = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config-autoscaler
      namespace: knative-serving
    data:

    """

  private static let map =
    header + """
        _example: |
          # These keys mean nothing here:
          stable-window: "nonsense"
          unknown-key: "1"
        stable-window: "1m30s"
        container-concurrency-target-percentage: "0.5"
        panic-window-percentage: "20.0"
        max-scale-up-rate: "10"
        enable-scale-to-zero: "false"
        target-burst-capacity: "-1"
        activator-capacity: "100.0"
        scale-to-zero-grace-period: 40s
      """

  private static let service = """
    apiVersion: serving.knative.dev/v1
    kind: Service
    metadata:
      name: llm
      annotations:
        example.com/owner: somebody
    spec:
      template:
        metadata:
          annotations:
            autoscaling.knative.dev/class: "kpa.autoscaling.knative.dev"
            autoscaling.knative.dev/minScale: "1"
            autoscaling.knative.dev/max-scale: "6"
            autoscaling.knative.dev/target-utilization-percentage: "80"
            autoscaling.knative.dev/scale-down-delay: "15m"
        spec:
          containerConcurrency: 32
          containers:
            - image: vllm/vllm-openai
    """

  @Test("ConfigMap, annotations and the policy's own words, each over the one before")
  func layers() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(Self.map, to: "map.yaml")
    try write(Self.service, to: "service.yaml")
    let files = """
      "policy": "knative", "configMap": "map.yaml", "service": "service.yaml", "max": 5
      """
    let same = """
      "policy": "knative", "stableWindow": "90s", "targetUtilizationPercentage": 80,
      "panicWindowPercentage": 20, "maxScaleUpRate": 10, "enableScaleToZero": false,
      "targetBurstCapacity": -1, "scaleToZeroGracePeriod": "40s", "min": 1, "max": 5,
      "scaleDownDelay": "15m", "containerConcurrency": 32
      """
    let decoded = try decoded(files)
    #expect(decoded.scenario.schedulers[0].scaling.minimumReplicas == 1)
    #expect(decoded.scenario.schedulers[0].scaling.maximumReplicas == 5)
    #expect(try self.decoded(same).digest == decoded.digest)
    #expect(!decoded.canonicalJSON.contains("map.yaml"))
    // What is stored says it all: without the files it is the same scenario.
    try FileManager.default.removeItem(at: folder)
    let again = try ScenarioDecoder().decode(text: decoded.canonicalJSON, fileName: "stored")
    #expect(again.digest == decoded.digest)
  }

  @Test("Another word in the file is another scenario")
  func digest() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let policy = "\"policy\": \"knative\", \"configMap\": \"map.yaml\""
    try write(Self.map, to: "map.yaml")
    let first = try decoded(policy).digest
    try write(Self.map.replacing("1m30s", with: "90s"), to: "map.yaml")
    #expect(try decoded(policy).digest == first)
    try write(Self.map.replacing("1m30s", with: "91s"), to: "map.yaml")
    #expect(try decoded(policy).digest != first)
  }

  @Test("The ConfigMap as Knative ships it changes nothing")
  func empty() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(Self.header + "  _example: |\n    a: b\n", to: "map.yaml")
    try write("kind: ConfigMap\nmetadata:\n  name: config-autoscaler\n", to: "bare.yaml")
    let plain = try decoded("\"policy\": \"knative\"").digest
    #expect(try decoded("\"policy\": \"knative\", \"configMap\": \"map.yaml\"").digest == plain)
    #expect(try decoded("\"policy\": \"knative\", \"configMap\": \"bare.yaml\"").digest == plain)
  }

  @Test(
    "Wrong values and unknown keys of the ConfigMap are told with their lines",
    arguments: [
      (
        "stable-windw: \"60s\"",
        "7:3: data.stable-windw: unknown key; did you mean \"stable-window\"?"
      ),
      (
        "stable-window: \"5s\"",
        "7:18: data.stable-window: found \"5s\", needs a time such as \"60s\" or \"1m30s\" from "
          + "6s to 1h in whole seconds"
      ),
      (
        "stable-window: 60",
        "7:18: data.stable-window: found 60 without quotes, needs a time such as \"60s\" or "
          + "\"1m30s\" from 6s to 1h in whole seconds"
      ),
      (
        "max-scale-up-rate: \"1.0\"",
        "7:22: data.max-scale-up-rate: found \"1.0\", needs a number above 1 in quotes"
      ),
      (
        "target-burst-capacity: \"-2\"",
        "7:26: data.target-burst-capacity: found \"-2\", needs a number from 0, or -1 for no "
          + "limit, in quotes"
      ),
      (
        "initial-scale: \"0\"",
        "7:18: data.initial-scale: found 0, needs at least 1, as allow-zero-initial-scale is not "
          + "\"true\""
      ),
      (
        "pod-autoscaler-class: \"hpa.autoscaling.knative.dev\"",
        "7:25: data.pod-autoscaler-class: found \"hpa.autoscaling.knative.dev\", needs "
          + "\"kpa.autoscaling.knative.dev\""
      ),
      (
        "enable-scale-to-zero: \"yes\"",
        "7:25: data.enable-scale-to-zero: found \"yes\", needs \"true\" or \"false\""
      ),
    ])
  func wrong(line: String, fault: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(Self.header + "  " + line + "\n", to: "map.yaml")
    #expect(
      lines("\"policy\": \"knative\", \"configMap\": \"map.yaml\"") == ["map.yaml:" + fault])
  }

  @Test("Impossible bounds are told where they stand, also across both files")
  func bounds() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(
      Self.header + "  max-scale: \"3\"\n  max-scale-limit: \"4\"\n  min-scale: \"2\"\n",
      to: "map.yaml")
    try write(
      Self.service.replacing("\"6\"", with: "\"5\"").replacing("\"1\"", with: "\"7\""),
      to: "service.yaml")
    let annotation = "spec.template.metadata.annotations.autoscaling.knative.dev/"
    #expect(
      lines("\"policy\": \"knative\", \"configMap\": \"map.yaml\", \"service\": \"service.yaml\"")
        == [
          "service.yaml:13:44: \(annotation)max-scale: found 5, needs 1 to max-scale-limit, 4",
          "service.yaml:12:43: \(annotation)min-scale: found 7, needs at most max-scale, 5",
        ])
    let own = lines("\"policy\": \"knative\", \"min\": 4, \"max\": 3")
    #expect(own.count == 1 && own[0].hasSuffix("scaling.min: found 4, needs at most max, 3"))
  }

  @Test("Annotations of the Service itself, which Knative refuses, and misspelt ones are told")
  func annotations() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(
      Self.service.replacing(
        "example.com/owner: somebody", with: "autoscaling.knative.dev/min-scale: \"1\""
      ).replacing("max-scale:", with: "maxscale:"), to: "service.yaml")
    #expect(
      lines("\"policy\": \"knative\", \"service\": \"service.yaml\"") == [
        "service.yaml:6:5: metadata.annotations.autoscaling.knative.dev/min-scale: found the "
          + "Service's own annotation, needs it below spec.template.metadata.annotations",
        "service.yaml:13:9: spec.template.metadata.annotations.autoscaling.knative.dev/maxscale: "
          + "unknown key; did you mean \"maxScale\"?",
      ])
  }

  @Test("A revision has its annotations and its limit at the top")
  func revision() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(
      """
      kind: Deployment
      ---
      kind: Revision
      metadata:
        annotations:
          autoscaling.knative.dev/min-scale: "2"
      spec:
        containerConcurrency: 8
      """, to: "revision.yaml")
    let named = try decoded("\"policy\": \"knative\", \"service\": \"revision.yaml\"")
    let same = try decoded("\"policy\": \"knative\", \"min\": 2, \"containerConcurrency\": 8")
    #expect(named.digest == same.digest)
  }

  @Test("A file that is missing, broken or of another kind is told")
  func files() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("kind: ConfigMap\ndata: {\n  a: \"b\n", to: "broken.yaml")
    try write("kind: Secret\n", to: "other.yaml")
    try write("a: &b\n- *c\n", to: "alias.yaml")
    try write("- 1\n", to: "list.yaml")
    try write(Self.header + "  max-scale: \"3\"\n  max-scale: \"4\"\n", to: "twice.yaml")
    func told(_ file: String) -> String {
      lines("\"policy\": \"knative\", \"configMap\": \"\(file)\"").joined(separator: "\n")
    }
    #expect(
      told("broken.yaml")
        == "broken.yaml:4:1: is no YAML: found unexpected end of stream")
    #expect(told("alias.yaml") == "alias.yaml:2:3: is no YAML: found undefined alias")
    #expect(
      told("other.yaml")
        == "other.yaml:1:7: has no document of kind ConfigMap; the first is of kind \"Secret\"")
    #expect(told("list.yaml") == "list.yaml: has no document of kind ConfigMap")
    #expect(told("twice.yaml") == "twice.yaml:7:3: is no YAML: found the key \"max-scale\" twice")
    #expect(told("none.yaml").hasSuffix("no such file beside the scenario or in the folders given"))
    #expect(
      lines("\"policy\": \"knative\", \"configMap\": 3")[0].hasSuffix(
        "found 3, needs the name of a ConfigMap's YAML file"))
    // Other policies know no such keys.
    #expect(
      lines("\"policy\": \"hpa\", \"configMap\": \"map.yaml\"")[0].contains(
        "scaling.configMap: unknown key"))
  }
}
