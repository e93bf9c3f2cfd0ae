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

let package = Package(
  name: "simpp",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "simpp-bench", targets: ["simpp-bench"])
  ],
  targets: [
    layer("EventKernel"),
    layer("Hardware"),
    layer("Inference", imports: ["Hardware"]),
    layer("Network", imports: ["EventKernel", "Hardware"]),
    layer("Workload", imports: ["EventKernel"]),
    layer("Serving", imports: ["EventKernel", "Hardware", "Inference", "Network", "Workload"]),
    .executableTarget(
      name: "simpp-bench",
      dependencies: ["EventKernel", "Hardware", "Inference", "Workload", "Serving"],
      swiftSettings: settings,
      // Without Foundation nobody else links the maths library, which holds IEEE rounding.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    tests("EventKernelTests", imports: ["EventKernel"]),
    tests("InferenceTests", imports: ["Hardware", "Inference"]),
    tests("NetworkTests", imports: ["EventKernel", "Hardware", "Network"]),
  ],
  swiftLanguageModes: [.v6]
)
