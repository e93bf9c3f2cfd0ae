public import EventKernel

/// In which order demands for GPUs are met; all or nothing each, tenants and replicas in one queue.
public struct AllocationSpecification: Sendable, Hashable {
  /// Whether a demand may pass an older one that does not fit.
  public enum Order: String, Sendable, CaseIterable {
    /// It may: GPUs are never kept for a demand that cannot use them yet.
    case backfill
    /// It may not: the oldest one that does not fit holds up all behind it.
    case inOrder = "in-order"
  }

  /// Whether a demand may pass an older one that does not fit.
  public var order: Order
  /// How long a demand lets others pass it under `backfill`, in nanoseconds; nil: for ever.
  ///
  /// Afterwards nobody does, so that it gets its GPUs once those before it and those who hold them now
  /// have given enough back.
  public var patience: Nanoseconds?

  /// Creates an order of demands.
  public init(order: Order = .backfill, patience: Nanoseconds? = nil) {
    self.order = order
    self.patience = patience
  }
}

/// How many GPUs the models of a tenant may hold at once.
public struct TenantQuota: Sendable, Hashable {
  /// The tenant's name, as models have it.
  public var tenant: String
  /// GPUs at once, from grant to release.
  public var gpus: Int

  /// Creates a quota.
  public init(tenant: String, gpus: Int) {
    self.tenant = tenant
    self.gpus = gpus
  }
}

/// The policy that chooses the nodes of background tenants, with its options.
public struct TenantPlacement: Sendable, Hashable {
  /// The policy.
  public let policy: any PlacementPolicy
  private let name: String
  private let values: OptionValues

  /// Creates a policy from checked options.
  public init(_ type: any PlacementPolicy.Type, _ values: OptionValues) {
    policy = type.init(values)
    name = type.name
    self.values = values
  }

  /// Equal when policy and options are.
  public static func == (left: TenantPlacement, right: TenantPlacement) -> Bool {
    left.name == right.name && left.values == right.values
  }

  /// Hashes the policy's name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
