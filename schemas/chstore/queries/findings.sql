SELECT id, recorded_at, kind, source, agent_id, at, detail
FROM findings_store FINAL
ORDER BY recorded_at DESC, id DESC
LIMIT {limit:UInt32}
