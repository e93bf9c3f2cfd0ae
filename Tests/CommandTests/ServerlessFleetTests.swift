import Testing

/// What docs/serverless.md reads in `Scenarios/serverless-fleet.json`.
@Suite("The serverless fleet shows what its page says")
struct ServerlessFleetTests {
  @Test("Contiguity makes TP4's tail, PP4 waits only for capacity, and to end as TP4 has both")
  func tail() throws {
    let fleet = try FleetRun.get()
    let runs = fleet.runs
    let (group, pipeline) = (try #require(runs["tp4"]), try #require(runs["pp4"]))
    let both = try #require(runs["pp-then-tp"])
    // Nobody is lost, not even beside scale to zero and pipelines that end.
    #expect(runs.count == 4)
    for run in runs.values { #expect(run.completed == run.requests, "\(run.scheduler)") }
    let waits = try #require(group.wait("TP4"))
    #expect(waits.causeSeconds["capacity"] == 0)
    #expect(try #require(waits.causeSeconds["contiguity"]) > 10_000)
    let others = try #require(pipeline.wait("PP4"))
    #expect(others.causeSeconds["contiguity"] == 0)
    #expect(try #require(waits.waitSeconds.p99) > 1.5 * #require(others.waitSeconds.p99))
    #expect(group.fragmentation.freeWhileWaiting > 5 * pipeline.fragmentation.freeWhileWaiting)
    #expect(group.fragmentation.strandedTP4 > 0.5 * group.fragmentation.freeGPUs)
    #expect(pipeline.latency.e2e.mean > 2 * group.latency.e2e.mean)
    for other in [group, pipeline] {
      #expect(both.latency.e2e.mean < other.latency.e2e.mean, "\(other.scheduler)")
      #expect(try #require(both.latency.e2e.p99) < #require(other.latency.e2e.p99))
      #expect(both.sloAttainment > other.sloAttainment, "\(other.scheduler)")
    }
    #expect(fleet.verified.status == 0, "\(fleet.verified.error)")
  }

  @Test("Beside pipelines that stay pipelines tenants find whole nodes soonest")
  func wholeNodes() throws {
    let waits = try FleetRun.get().wholeNodeWaitSeconds
    let pipeline = try #require(waits["pp4"])
    #expect(waits.count == 4)
    for (name, wait) in waits where name != "pp4" { #expect(wait > pipeline, "\(name)") }
  }

  @Test("The page's figures of each scheduler are those of the run")
  func schedulers() throws {
    let runs = try FleetRun.get().runs
    let table = try PageTable("serverless.md", header: ["", "SLO met"])
    #expect(Set(table.rows.map { $0[0] }) == Set(runs.keys))
    let columns: [String: (FleetRun.Run) -> Double?] = [
      "SLO met": { $0.sloAttainment }, "e2e mean": { $0.latency.e2e.mean },
      "e2e p99": { $0.latency.e2e.p99 }, "TTFT p99": { $0.latency.ttft.p99 },
      "TPOT p50": { $0.latency.tpot.p50 }, "GPU-hours": { $0.gpuHours },
      "waits for GPUs": { $0.decomposition.parts["allocation_wait"] },
      "cold start": { $0.decomposition.parts["cold_start"] },
      "compute": { $0.decomposition.parts["compute"] },
    ]
    for cells in table.rows {
      let run = try #require(runs[cells[0]])
      for (title, cell) in zip(table.header, cells).dropFirst() {
        let column = try #require(columns[title], "no column \(title)")
        try expectStated(cell, column(run), "\(run.scheduler), \(title)")
      }
    }
  }

  @Test("The page's waits by plan are those of the run, and so are their causes")
  func waits() throws {
    let runs = try FleetRun.get().runs
    let table = try PageTable("serverless.md", header: ["scheduler", "plan", "granted"])
    var scheduler = ""
    var told: Set<String> = []
    for cells in table.rows {
      if !cells[0].isEmpty { scheduler = cells[0] }
      let plan = cells[1].replacing("×", with: "x")
      let what = "\(scheduler), \(plan)"
      told.insert(what)
      let wait = try #require(runs[scheduler]?.wait(plan), "\(what)")
      let seconds = wait.waitSeconds
      let values: [String: Double?] = [
        "granted": Double(wait.granted), "p50": seconds.p50, "p90": seconds.p90,
        "p95": seconds.p95, "p99": seconds.p99, "max": seconds.max,
      ]
      #expect(Set(values.keys).isSubset(of: table.header))
      for (title, cell) in zip(table.header, cells) {
        if let value = values[title] { try expectStated(cell, value, "\(what), \(title)") }
      }
      let cause = try #require(cells.last).split(separator: " ").first.map(String.init) ?? ""
      if cells.last?.hasSuffix(", always") == true {
        #expect(wait.share(of: cause.replacing(",", with: "")) == 1, "\(what)")
      } else if cells.last?.contains("two thirds of the time") == true {
        #expect(abs(wait.share(of: cause) - 2 / 3) < 0.05, "\(what)")
      }
    }
    let granted = runs.values.flatMap { run in
      run.allocationWaits.filter { !["none", "background"].contains($0.plan) }.map {
        "\(run.scheduler), \($0.plan)"
      }
    }
    #expect(told == Set(granted))
  }

  @Test("The page's free GPUs and the tenants' waits are those of the run")
  func freeGPUs() throws {
    let fleet = try FleetRun.get()
    let table = try PageTable("serverless.md", header: ["", "tp4", "pp4", "ladder", "pp-then-tp"])
    let figures: [String: (FleetRun.Run) -> Double?] = [
      "free GPUs": { $0.fragmentation.freeGPUs },
      "of these stranded for groups of four": { $0.fragmentation.strandedTP4 },
      "time in which some demand waits": { $0.fragmentation.waitingShare },
      "GPUs that are free then": {
        $0.fragmentation.freeWhileWaiting / $0.fragmentation.waitingShare
      },
      "mean wait of all tenants": { $0.backgroundWaitSeconds },
      "mean wait of the ten tenants that ask for eight GPUs": {
        fleet.wholeNodeWaitSeconds[$0.scheduler]
      },
    ]
    #expect(Set(table.rows.map { $0[0] }) == Set(figures.keys))
    for cells in table.rows {
      for (name, cell) in zip(table.header, cells).dropFirst() {
        let run = try #require(fleet.runs[name])
        try expectStated(cell, figures[cells[0]]?(run), "\(name), \(cells[0])")
      }
    }
  }
}
