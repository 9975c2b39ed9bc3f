-- How many changes of each source did not count on a day, because another source is preferred and said something else. Days
-- that were judged before have none: they get theirs when they are judged again.
ALTER TABLE adherence_days_store
    ADD COLUMN IF NOT EXISTS `overruled.source` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `overruled.changes` Array(UInt32);
