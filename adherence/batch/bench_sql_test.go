package batch_test

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"rollcall/schemas/engine"
)

// overlapSQL is the bare sum of overlaps of activities and states by agent, local date, category and status, the least
// that any adherence needs: no gaps, no carry-forward, no runs, tolerances or exceptions, nothing stored. States are
// cut at midnight first, so that the join has a key beside the agent.
const overlapSQL = `
WITH
    states AS
    (
        SELECT agent_id, status, at,
            leadInFrame(at, 1, at + INTERVAL 7 DAY) OVER (PARTITION BY agent_id ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS until
        FROM status_changes_store
        WHERE status != ''
    ),
    daily AS
    (
        SELECT agent_id, status, at, until,
            arrayJoin(range(toUInt32(toDate(at)), toUInt32(toDate(least(until, at + INTERVAL 2 DAY))) + 1)) AS date
        FROM states
    ),
    plan AS
    (
        SELECT agent_id, day, category, start_at, end_at,
            arrayJoin(range(toUInt32(toDate(start_at)), toUInt32(toDate(end_at)) + 1)) AS date
        FROM schedule_days_store
        ARRAY JOIN activities.category AS category, activities.start_at AS start_at, activities.end_at AS end_at
    )
SELECT count(), sum(ms)
FROM
(
    SELECT agent_id, day, category, status,
        sum(greatest(0, toUnixTimestamp64Milli(least(until, end_at, toDateTime64((date + 1) * 86400, 3, 'UTC')))
            - toUnixTimestamp64Milli(greatest(at, start_at, toDateTime64(date * 86400, 3, 'UTC'))))) AS ms
    FROM plan
    INNER JOIN daily USING (agent_id, date)
    WHERE at < end_at AND until > start_at
    GROUP BY agent_id, day, category, status
)`

// BenchmarkOverlapSQL is what ClickHouse takes for the overlap sums alone, on the same rows as BenchmarkCompute: the
// yard stick beside it.
func BenchmarkOverlapSQL(b *testing.B) {
	const database = "overlap"
	_, w := simulatedIn(b, benchAgents(b), database)
	at := engine.ForTest(b)
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{at.Addr},
		Auth: clickhouse.Auth{Username: at.User, Password: at.Password, Database: database}})
	must(b, err)
	defer func() { must(b, conn.Close()) }()
	for b.Loop() {
		var groups uint64
		var ms int64
		must(b, conn.QueryRow(b.Context(), overlapSQL).Scan(&groups, &ms))
		if groups == 0 || ms <= 0 {
			b.Fatalf("%d groups, %d ms: the query finds nothing", groups, ms)
		}
	}
	b.ReportMetric(float64(w.Status)*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}
