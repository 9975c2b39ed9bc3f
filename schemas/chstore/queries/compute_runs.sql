SELECT id, started_at, ended_at, known_at, as_of, days, detail
FROM compute_runs_store FINAL
ORDER BY ended_at DESC, started_at DESC, id DESC
LIMIT {limit:UInt32}
