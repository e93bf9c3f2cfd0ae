import FoundationEssentials
import Scenarios
import Testing

@Suite("Reading scenario files")
struct ScenarioFileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "scenario-file-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path())
  }

  @Test("A file's text is read as it is")
  func text() throws {
    try inFolder { folder in
      let path = folder + "/a b.json"
      try Data("é\r\n".utf8).write(to: URL(filePath: path))
      #expect(try ScenarioFile.text(at: path) == "é\r\n")
    }
  }

  @Test("A missing file, a folder and bytes that are no text are told apart")
  func failures() throws {
    try inFolder { folder in
      let missing = folder + "/none.json"
      #expect(throws: ScenarioFile.Failure.missing(path: missing)) {
        try ScenarioFile.text(at: missing)
      }
      let isFolder = ScenarioFile.Failure.unreadable(path: folder, cause: "it is a directory")
      #expect(throws: isFolder) { try ScenarioFile.text(at: folder) }
      let bytes = folder + "/bytes.json"
      try Data([0x7b, 0xff, 0xfe]).write(to: URL(filePath: bytes))
      #expect(throws: ScenarioFile.Failure.notText(path: bytes)) {
        try ScenarioFile.text(at: bytes)
      }
    }
  }

  @Test("Only bytes that are no text are the content's fault")
  func categories() {
    #expect(ScenarioFile.Failure.missing(path: "a").isEnvironmental)
    #expect(ScenarioFile.Failure.unreadable(path: "a", cause: "b").isEnvironmental)
    #expect(!ScenarioFile.Failure.notText(path: "a").isEnvironmental)
    #expect(ScenarioFile.Failure.missing(path: "a.json").description == "a.json: no such file")
  }
}
