/// What an hour of a device costs, from when and from whom the figure is.
public struct DevicePrice: Sendable, Hashable {
  /// US dollars per device and hour.
  public var dollarsPerHour: Double
  /// The day on which the figure was read or reported, `YYYY-MM-DD`; nil for a scenario's own.
  public var date: String?
  /// Whether a provider lists it or it was computed.
  public var origin: FigureOrigin
  /// Who lists it, or how it was computed.
  public var source: String

  /// Creates a price.
  public init(dollarsPerHour: Double, date: String?, origin: FigureOrigin, source: String) {
    self.dollarsPerHour = dollarsPerHour
    self.date = date
    self.origin = origin
    self.source = source
  }

  /// A price on demand, as a provider lists it.
  static func listed(_ dollarsPerHour: Double, _ date: String, _ source: String) -> DevicePrice {
    DevicePrice(dollarsPerHour: dollarsPerHour, date: date, origin: .quoted, source: source)
  }

  /// A price that a scenario gives.
  public static func given(_ dollarsPerHour: Double) -> DevicePrice {
    DevicePrice(
      dollarsPerHour: dollarsPerHour, date: nil, origin: .quoted, source: "the scenario")
  }

  /// Source and date as they are printed.
  var note: FigureSource {
    let day = date.map { (origin == .quoted ? ", read " : ", ") + $0 } ?? ""
    return FigureSource(.price, origin, source + day)
  }

  /// The price of a device that nobody rents out: its purchase over four years of 8,766 hours, and
  /// its power at 0.10 USD a kWh times 1.4 for cooling and losses (a usual PUE), to four decimals.
  static func amortised(
    purchaseDollars: Double, watts: Double, date: String, _ source: String
  ) -> DevicePrice {
    let purchase = purchaseDollars / (4 * 8_766)
    let power = watts / 1_000 * 1.4 * 0.10
    return DevicePrice(
      dollarsPerHour: ((purchase + power) * 10_000).rounded() / 10_000, date: date,
      origin: .derived,
      source: "amortised, \(decimal(purchaseDollars)) USD over 4 years of 8,766 h and "
        + "\(decimal(watts)) W · 1.4 at 0.10 USD a kWh; \(source)")
  }
}
