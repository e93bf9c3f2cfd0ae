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
  targets: [
    layer("EventKernel"),
    layer("Hardware"),
    layer("Inference", imports: ["Hardware"]),
    layer("Network", imports: ["EventKernel", "Hardware"]),
    tests("EventKernelTests", imports: ["EventKernel"]),
    tests("InferenceTests", imports: ["Hardware", "Inference"]),
    tests("NetworkTests", imports: ["EventKernel", "Hardware", "Network"]),
  ],
  swiftLanguageModes: [.v6]
)
