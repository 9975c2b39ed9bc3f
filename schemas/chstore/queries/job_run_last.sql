-- The run of a job in a state with the newest due time.
SELECT job, due_at, id, started_at, ended_at, updated_at, state, trigger, detail
FROM job_runs_store FINAL
WHERE job = unhex({job:String}) AND state = unhex({state:String})
ORDER BY due_at DESC, started_at DESC, id DESC
LIMIT 1
