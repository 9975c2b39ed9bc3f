SELECT job, due_at, id, started_at, ended_at, updated_at, state, trigger, detail
FROM job_runs_store FINAL
WHERE {job:String} = '' OR job = unhex({job:String})
ORDER BY due_at DESC, started_at DESC, id DESC
LIMIT {limit:UInt32}
