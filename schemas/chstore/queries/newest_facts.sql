-- When each source of some agents last named each field before an instant: since start by the facts, and before it by what
-- the store keeps of each month. 1970 is never.
SELECT agent_id, source, max(presence) AS presence_at, max(status) AS status_at, max(routing) AS routing_at
FROM
(
    SELECT agent_id, CAST(source AS String) AS source, CAST(presence_at AS DateTime64(3, 'UTC')) AS presence,
        CAST(status_at AS DateTime64(3, 'UTC')) AS status, CAST(routing_at AS DateTime64(3, 'UTC')) AS routing
    FROM newest_facts_store
    WHERE month < toYYYYMM(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND agent_id IN selected
    UNION ALL
    SELECT agent_id, CAST(f.source AS String) AS source, maxIf(at, f.presence != ''), maxIf(at, f.status != ''),
        maxIf(at, f.routing != '')
    FROM status_changes_store AS f FINAL
    WHERE at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
      AND ({known_at:Int64} = 0 OR received_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND agent_id IN selected
    GROUP BY agent_id, f.source
)
GROUP BY agent_id, source
ORDER BY agent_id, source
