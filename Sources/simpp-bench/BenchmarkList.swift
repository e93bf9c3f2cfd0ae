extension Benchmark {
  /// Everything there is to measure, in the order of the table; a new benchmark takes a line here.
  static var all: [Benchmark] {
    [
      .hold("hold-1k", pending: 1_000),
      .hold("hold-1m", pending: 1_000_000),
      .markovQueue("mm1", servers: 1),
      .markovQueue("mm8", servers: 8),
      .flows("flows"),
      .peer("a", .a, tableSizes: [10_000, 50_000]),
      .peer("a4", .a4),
      .peer("a-overload", .overload),
      .peer("a-open", .open),
      .peer("b", .b),
      .peer("c", .c),
      .peer("d", .d),
      .peer("e", .e),
      .peer("f", .f),
      .azure("azure-64"),
      .fleet("fleet"),
      .placement("placement-8000"),
      .queues("queues"),
      .pools("pools"),
    ]
  }
}
