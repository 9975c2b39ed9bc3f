-- Deliveries of a state made since an instant, the newest first; an id asks for that one alone. The states are found without
-- reading a body.
SELECT created_at, id, hook, event, body, attempts, state, last_error, updated_at, version
FROM webhook_deliveries_store FINAL
WHERE created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND (created_at, id) IN
  (
      SELECT created_at, id
      FROM webhook_deliveries_store
      WHERE created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        AND (unhex({id:String}) = '' OR id = unhex({id:String}))
      GROUP BY created_at, id
      HAVING argMax(state, version) = unhex({state:String})
      ORDER BY created_at DESC, id DESC
      LIMIT {limit:UInt32}
  )
ORDER BY created_at DESC, id DESC
