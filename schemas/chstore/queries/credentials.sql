SELECT id, recorded_at, user, name, role, source, agent_id, teams, sites, hash, expires_at, revoked, created_by
FROM credentials_store FINAL
ORDER BY id
