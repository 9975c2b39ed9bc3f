-- The stored staffing intervals that overlap an interval of time.
SELECT team, site, start_at, known_at, length_ms, scheduled_ms, actual_ms, contact_ms, planned_ms, planned_shrink_ms, past_ms, lost_ms,
    unknown_ms, adhered_ms, counted_ms, late_ms, absent_ms
FROM staffing_intervals_store FINAL
WHERE toUnixTimestamp64Milli(start_at) < {end:Int64} AND toUnixTimestamp64Milli(start_at) + length_ms > {start:Int64}
ORDER BY team, site, start_at
