-- A correction is asked for, granted, refused and reverted as one unit (group_id); only granted ones count. Rows from before
-- were in force: they are granted, and each is a unit of its own.
ALTER TABLE corrections_store
    ADD COLUMN IF NOT EXISTS group_id     String AFTER recorded_by,
    ADD COLUMN IF NOT EXISTS status       Enum8('granted' = 0, 'requested' = 1, 'refused' = 2, 'reverted' = 3) AFTER group_id,
    ADD COLUMN IF NOT EXISTS requested_by String AFTER status,
    ADD COLUMN IF NOT EXISTS requested_at DateTime64(3, 'UTC') AFTER requested_by,
    ADD COLUMN IF NOT EXISTS note         String AFTER requested_at;

CREATE OR REPLACE VIEW corrections AS
SELECT id, if(group_id = '', id, group_id) AS `group`, agent_id, start_at AS start, end_at AS `end`, effect, reason, recorded_at,
    recorded_by, requested_by
FROM
(
    SELECT id, group_id, agent_id, start_at, end_at, effect, reason, recorded_at, recorded_by, requested_by, status
    FROM corrections_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'correction')
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE effect != '' AND status = 'granted';
