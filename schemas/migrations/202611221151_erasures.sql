-- Erasures of persons that are under way: which pseudonym one gets, so that an erasure that was cut short goes on with the
-- same one. A row is deleted when its erasure has ended; nothing leads from a pseudonym back to a person then.
CREATE TABLE IF NOT EXISTS erasures_store
(
    agent_id   String,
    pseudonym  String,
    started_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (agent_id, started_at);
