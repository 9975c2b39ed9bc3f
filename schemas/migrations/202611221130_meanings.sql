-- What the organisation has decided that state texts of feeds stand for: presence and routing texts. Status texts become
-- secondary statuses (statuses_store). Nothing is overwritten: of one field and text the newest recorded row counts.
CREATE TABLE IF NOT EXISTS meanings_store
(
    field       LowCardinality(String),
    text        String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    presence    Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'busy' = 3, 'away' = 4, 'offline' = 5),
    status      Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'off_queue' = 7),
    routing     Enum8('' = 0, 'unknown' = 1, 'off_queue' = 2, 'idle' = 3, 'interacting' = 4, 'communicating' = 5, 'not_responding' = 6)
)
ENGINE = ReplacingMergeTree
ORDER BY (field, text, recorded_at, journal_id);

CREATE VIEW IF NOT EXISTS meanings AS
SELECT field, text, presence, status, routing, recorded_at
FROM meanings_store
WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
ORDER BY field, text, meanings_store.recorded_at DESC, journal_id DESC
LIMIT 1 BY field, text;
