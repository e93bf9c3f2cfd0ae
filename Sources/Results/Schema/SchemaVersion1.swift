/// The first schema, as one script; a later version adds its own and leaves this one as it is.
///
/// Times are whole nanoseconds, seconds only where a column ends in `_s`. Rows of all workloads
/// together have the workload ''. Tables of many rows are kept in the order of their key, so that
/// reading one run reads one stretch of the file.
let schemaVersion1 =
  """
  CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    scenario TEXT NOT NULL,
    scenario_digest TEXT NOT NULL,
    scheduler TEXT NOT NULL,
    seed INTEGER NOT NULL,
    replication INTEGER NOT NULL,
    digest TEXT NOT NULL,
    scenario_json TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (scenario_digest, scheduler, seed, replication, version)
  );
  CREATE TABLE run_total (
    run_id INTEGER PRIMARY KEY REFERENCES run (id),
    records TEXT NOT NULL,
    requests INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    simulated_ns INTEGER NOT NULL,
    gpu_hours REAL NOT NULL,
    gpu_utilization REAL,
    bubble_fraction REAL,
    cost_usd REAL NOT NULL,
    cold_starts INTEGER NOT NULL,
    preemptions INTEGER NOT NULL,
    allocations_granted INTEGER NOT NULL,
    mean_allocation_wait_s REAL NOT NULL,
    mean_background_wait_s REAL NOT NULL,
    steps INTEGER NOT NULL
  );
  CREATE TABLE model (
    run_id INTEGER NOT NULL REFERENCES run (id),
    position INTEGER NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE workload (
    run_id INTEGER NOT NULL REFERENCES run (id),
    position INTEGER NOT NULL,
    workload TEXT NOT NULL,
    tenant TEXT,
    model TEXT,
    priority TEXT,
    requests INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    requests_per_second REAL NOT NULL,
    output_tokens_per_second REAL NOT NULL,
    slo_attainment REAL,
    goodput_requests_per_second REAL,
    PRIMARY KEY (run_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE metric (
    run_id INTEGER NOT NULL REFERENCES run (id),
    workload TEXT NOT NULL,
    metric TEXT NOT NULL,
    count INTEGER NOT NULL,
    mean_s REAL,
    p50_s REAL,
    p90_s REAL,
    p95_s REAL,
    p99_s REAL,
    max_s REAL,
    histogram BLOB NOT NULL,
    PRIMARY KEY (run_id, workload, metric)
  ) WITHOUT ROWID;
  CREATE TABLE decomposition_sum (
    run_id INTEGER NOT NULL REFERENCES run (id),
    workload TEXT NOT NULL,
    span TEXT NOT NULL,
    band TEXT NOT NULL,
    part TEXT NOT NULL,
    component TEXT NOT NULL,
    requests INTEGER NOT NULL,
    sum_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, workload, span, band, part)
  ) WITHOUT ROWID;
  CREATE TABLE request (
    run_id INTEGER NOT NULL REFERENCES run (id),
    request_id INTEGER NOT NULL,
    workload TEXT NOT NULL,
    tenant TEXT NOT NULL,
    session INTEGER,
    model TEXT NOT NULL,
    priority TEXT NOT NULL,
    arrival_ns INTEGER NOT NULL,
    first_token_ns INTEGER,
    finish_ns INTEGER,
    end_ns INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL,
    replica_id INTEGER,
    allocation_wait_ns INTEGER NOT NULL,
    cold_start_ns INTEGER NOT NULL,
    queue_ns INTEGER NOT NULL,
    pipeline_wait_ns INTEGER NOT NULL,
    compute_ns INTEGER NOT NULL,
    comm_tensor_ns INTEGER NOT NULL,
    comm_pipeline_ns INTEGER NOT NULL,
    comm_expert_ns INTEGER NOT NULL,
    comm_kv_ns INTEGER NOT NULL,
    preemption_ns INTEGER NOT NULL,
    host_ns INTEGER NOT NULL,
    ttft_allocation_wait_ns INTEGER NOT NULL,
    ttft_cold_start_ns INTEGER NOT NULL,
    ttft_queue_ns INTEGER NOT NULL,
    ttft_pipeline_wait_ns INTEGER NOT NULL,
    ttft_compute_ns INTEGER NOT NULL,
    ttft_comm_tensor_ns INTEGER NOT NULL,
    ttft_comm_pipeline_ns INTEGER NOT NULL,
    ttft_comm_expert_ns INTEGER NOT NULL,
    ttft_comm_kv_ns INTEGER NOT NULL,
    ttft_preemption_ns INTEGER NOT NULL,
    ttft_host_ns INTEGER NOT NULL,
    batch_interference_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, request_id)
  ) WITHOUT ROWID;
  """ + schemaVersion1Fleet + schemaVersion1Views

/// The tables of the machines and of what was decided about them.
private let schemaVersion1Fleet =
  """

  CREATE TABLE replica (
    run_id INTEGER NOT NULL REFERENCES run (id),
    replica_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    tensor INTEGER NOT NULL,
    stages INTEGER NOT NULL,
    demanded_ns INTEGER NOT NULL,
    granted_ns INTEGER,
    container_end_ns INTEGER,
    runtime_end_ns INTEGER,
    fetch_end_ns INTEGER,
    load_end_ns INTEGER,
    ready_ns INTEGER,
    released_ns INTEGER NOT NULL,
    initial INTEGER NOT NULL,
    requests_completed INTEGER NOT NULL,
    tokens_generated INTEGER NOT NULL,
    kv_blocks INTEGER NOT NULL,
    kv_blocks_peak INTEGER NOT NULL,
    preemptions INTEGER NOT NULL,
    PRIMARY KEY (run_id, replica_id)
  ) WITHOUT ROWID;
  CREATE TABLE stage (
    run_id INTEGER NOT NULL REFERENCES run (id),
    replica_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    layers INTEGER NOT NULL,
    gpus TEXT NOT NULL,
    starting_ns INTEGER NOT NULL,
    busy_ns INTEGER NOT NULL,
    exposed_communication_ns INTEGER NOT NULL,
    bubble_ns INTEGER NOT NULL,
    starved_ns INTEGER NOT NULL,
    draining_ns INTEGER NOT NULL,
    failed_ns INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (run_id, replica_id, stage)
  ) WITHOUT ROWID;
  CREATE TABLE gpu (
    run_id INTEGER NOT NULL REFERENCES run (id),
    gpu INTEGER NOT NULL,
    node INTEGER NOT NULL,
    unallocated_ns INTEGER NOT NULL,
    background_ns INTEGER NOT NULL,
    starting_ns INTEGER NOT NULL,
    busy_ns INTEGER NOT NULL,
    reserved_idle_ns INTEGER NOT NULL,
    sleeping_ns INTEGER NOT NULL,
    failed_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, gpu)
  ) WITHOUT ROWID;
  CREATE TABLE link (
    run_id INTEGER NOT NULL REFERENCES run (id),
    link INTEGER NOT NULL,
    kind TEXT NOT NULL,
    owner INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    capacity_bytes_per_second REAL NOT NULL,
    bytes INTEGER NOT NULL,
    bulk_bytes INTEGER NOT NULL,
    hop_bytes INTEGER NOT NULL,
    collective_bytes INTEGER NOT NULL,
    busy_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, link)
  ) WITHOUT ROWID;
  CREATE TABLE allocation (
    run_id INTEGER NOT NULL REFERENCES run (id),
    allocation_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL,
    model TEXT,
    gpus_asked INTEGER NOT NULL,
    demanded_ns INTEGER NOT NULL,
    granted_ns INTEGER,
    abandoned_ns INTEGER,
    waited_ns INTEGER NOT NULL,
    obstacle TEXT NOT NULL,
    gpus TEXT NOT NULL,
    PRIMARY KEY (run_id, allocation_id)
  ) WITHOUT ROWID;
  CREATE TABLE scaling_decision (
    run_id INTEGER NOT NULL REFERENCES run (id),
    decision_id INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    model TEXT NOT NULL,
    waiting INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    starting INTEGER NOT NULL,
    desired INTEGER NOT NULL,
    clause TEXT NOT NULL,
    PRIMARY KEY (run_id, decision_id)
  ) WITHOUT ROWID;
  CREATE TABLE sample (
    run_id INTEGER NOT NULL REFERENCES run (id),
    sample_id INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    in_replicas INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    starting INTEGER NOT NULL,
    free_gpus INTEGER NOT NULL,
    background_gpus INTEGER NOT NULL,
    stranded_tp2 INTEGER NOT NULL,
    stranded_tp4 INTEGER NOT NULL,
    stranded_tp8 INTEGER NOT NULL,
    kv_blocks_used INTEGER NOT NULL,
    kv_blocks INTEGER NOT NULL,
    PRIMARY KEY (run_id, sample_id)
  ) WITHOUT ROWID;
  CREATE TABLE provenance (
    run_id INTEGER PRIMARY KEY REFERENCES run (id),
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    wall_s REAL NOT NULL,
    events INTEGER NOT NULL,
    version TEXT NOT NULL,
    command_line TEXT NOT NULL,
    operating_system TEXT NOT NULL,
    architecture TEXT NOT NULL,
    processors INTEGER NOT NULL,
    memory_bytes INTEGER NOT NULL
  );
  """

/// What people ask first, over stored tables only.
private let schemaVersion1Views =
  """

  CREATE VIEW latency AS
    SELECT metric.run_id AS run_id, run.scheduler AS scheduler, metric.workload AS workload,
      metric.metric AS metric, metric.mean_s AS mean_s, metric.p50_s AS p50_s,
      metric.p90_s AS p90_s, metric.p95_s AS p95_s, metric.p99_s AS p99_s
    FROM metric JOIN run ON run.id = metric.run_id;
  CREATE VIEW decomposition AS
    SELECT part.run_id AS run_id, run.scheduler AS scheduler, part.workload AS workload,
      part.band AS band, part.component AS component, part.part AS part,
      CASE part.requests WHEN 0 THEN 0.0
        ELSE CAST(part.sum_ns AS REAL) / part.requests / 1e9 END AS seconds,
      CAST(part.sum_ns AS REAL) / nullif(whole.sum_ns, 0) AS share
    FROM decomposition_sum AS part
      JOIN run ON run.id = part.run_id
      JOIN (
        SELECT run_id, workload, span, band, sum(sum_ns) AS sum_ns FROM decomposition_sum
        GROUP BY run_id, workload, span, band
      ) AS whole USING (run_id, workload, span, band)
    WHERE part.span = 'e2e';
  CREATE VIEW ttft_decomposition AS
    SELECT part.run_id AS run_id, run.scheduler AS scheduler, part.workload AS workload,
      part.component AS component, part.part AS part,
      CASE part.requests WHEN 0 THEN 0.0
        ELSE CAST(part.sum_ns AS REAL) / part.requests / 1e9 END AS seconds,
      CAST(part.sum_ns AS REAL) / nullif(whole.sum_ns, 0) AS share
    FROM decomposition_sum AS part
      JOIN run ON run.id = part.run_id
      JOIN (
        SELECT run_id, workload, span, band, sum(sum_ns) AS sum_ns FROM decomposition_sum
        GROUP BY run_id, workload, span, band
      ) AS whole USING (run_id, workload, span, band)
    WHERE part.span = 'ttft';
  """
