// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A layer of the simulator; it may import only the layers listed.
func layer(_ name: String, imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

/// The tests of one layer; `Support` holds the small worlds they share.
func tests(_ name: String, imports: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: imports, swiftSettings: settings)
}

/// The layers of a run.
let simulation: [Target.Dependency] = [
  "EventKernel", "Hardware", "Inference", "Workload", "Serving",
]

let package = Package(
  name: "simpp",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "simpp", targets: ["simpp"]),
    .executable(name: "simpp-bench", targets: ["simpp-bench"]),
    .executable(name: "simpp-bench-results", targets: ["simpp-bench-results"]),
    .library(name: "SimppCommand", targets: ["Command", "Serving"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    layer("EventKernel"),
    layer("JSON"),
    .target(
      name: "Hardware", dependencies: ["EventKernel", "JSON"],
      resources: [.embedInCode("Profiles")], swiftSettings: settings),
    layer("Inference", imports: ["EventKernel", "Hardware"]),
    layer("Network", imports: ["EventKernel", "Hardware"]),
    layer("Workload", imports: ["EventKernel"]),
    layer("Serving", imports: ["EventKernel", "Hardware", "Inference", "Network", "Workload"]),
    layer(
      "Scenarios",
      imports: [
        "EventKernel", "JSON", "Hardware", "Inference", "Workload", "Serving",
        .product(name: "Yams", package: "Yams"),
      ]),
    layer(
      "Calibration",
      imports: ["EventKernel", "JSON", "Hardware", "Inference", "Workload", "Serving", "Scenarios"]
    ),
    layer(
      "Results",
      imports: [
        "EventKernel", "Hardware", "Inference", "Workload", "Serving",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    layer(
      "Reports",
      imports: ["EventKernel", "Hardware", "Inference", "Workload", "Serving", "Calibration"]),
    layer(
      "Command",
      imports: [
        "EventKernel", "JSON", "Hardware", "Inference", "Workload", "Serving", "Scenarios",
        "Calibration", "Results", "Reports",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "simpp", dependencies: ["Command"], swiftSettings: settings),
    .executableTarget(
      name: "simpp-bench", dependencies: simulation + ["Network"],
      swiftSettings: settings,
      // Without Foundation nobody else links the maths library, which holds IEEE rounding.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // SQLite itself, to compare with; it comes by the same package as GRDB, as the C header alone.
    .executableTarget(
      name: "simpp-bench-results",
      dependencies: [
        "EventKernel", "Scenarios", "Serving", "Results",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: settings),
    // Small worlds that the tests of several layers share.
    .target(
      name: "Support",
      dependencies: ["EventKernel", "Hardware", "Inference", "Workload", "Serving"],
      path: "Tests/Support", swiftSettings: settings),
    tests("EventKernelTests", imports: ["EventKernel"]),
    tests("HardwareTests", imports: ["Hardware", "Inference"]),
    tests("InferenceTests", imports: ["Hardware", "Inference"]),
    tests("NetworkTests", imports: ["EventKernel", "Hardware", "Network"]),
    tests("WorkloadTests", imports: ["EventKernel", "Workload"]),
    tests("ServingTests", imports: simulation + ["Network", "Support"]),
    tests("OracleTests", imports: simulation + ["Scenarios"]),
    tests("ScenariosTests", imports: simulation + ["JSON", "Scenarios"]),
    tests(
      "CalibrationTests", imports: simulation + ["JSON", "Scenarios", "Calibration"]),
    tests(
      "ResultsTests",
      imports: simulation + ["Results", "Support", .product(name: "GRDB", package: "GRDB.swift")]),
    tests(
      "ReportsTests", imports: simulation + ["Calibration", "Reports", "Scenarios", "Support"]),
    tests(
      "CommandTests",
      imports: simulation + [
        "Calibration", "simpp", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "BenchTests", dependencies: ["simpp-bench", "EventKernel", "Workload"],
      exclude: ["thresholds.tsv"], swiftSettings: settings),
    tests("TidyTests", imports: ["Serving"]),
  ],
  swiftLanguageModes: [.v6]
)
