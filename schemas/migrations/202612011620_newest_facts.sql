-- Facts older than what is read are found by key: per agent, source and month, the newest instant that names each field
-- (RULES.md section 3); 1970 is never. Receipts that do not count are in it, too, so who reads it looks at the facts.
CREATE TABLE IF NOT EXISTS newest_facts_store
(
    agent_id    String,
    source      LowCardinality(String),
    month       UInt32,
    presence_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    status_at   SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    routing_at  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY month
ORDER BY (agent_id, source, month);

CREATE MATERIALIZED VIEW IF NOT EXISTS newest_facts_fill TO newest_facts_store AS
SELECT
    agent_id,
    source,
    toYYYYMM(at) AS month,
    maxIf(at, presence != '') AS presence_at,
    maxIf(at, status != '') AS status_at,
    maxIf(at, routing != '') AS routing_at
FROM status_changes_store
GROUP BY agent_id, source, month;

-- What was written before the view was there; what was written since comes out as it is.
INSERT INTO newest_facts_store
SELECT
    agent_id,
    source,
    toYYYYMM(at) AS month,
    maxIf(at, presence != '') AS presence_at,
    maxIf(at, status != '') AS status_at,
    maxIf(at, routing != '') AS routing_at
FROM status_changes_store
GROUP BY agent_id, source, month
SETTINGS max_partitions_per_insert_block = 0;
