-- Deliveries that were due since an instant, the newest first: of one id, subscription, state or local date where given.
SELECT due_at, id, kind, subscription, day, recipient, subject, message_id, hash, size, state, attempts, next_at, last_error,
       -- columns --
       created_at, updated_at, version
FROM deliveries_store FINAL
-- where --
ORDER BY due_at DESC, id DESC
LIMIT {limit:UInt32}
