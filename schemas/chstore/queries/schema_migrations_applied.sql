SELECT version, name, checksum, min(schema_migrations.applied_at) AS applied_at
FROM schema_migrations
GROUP BY version, name, checksum
ORDER BY version
