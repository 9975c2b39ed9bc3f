package files

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"rollcall/ingest"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
)

// simulated makes the files of a made-up centre.
func simulated(tb testing.TB, agents, days int) (dir string, end schemas.Instant) {
	tb.Helper()
	cfg := simulate.DefaultConfig()
	cfg.Agents, cfg.Days, cfg.Until, cfg.Dir = agents, days, schemas.MakeDate(2026, 3, 31), tb.TempDir()
	if _, err := simulate.Write(context.Background(), cfg); err != nil {
		tb.Fatal(err)
	}
	return cfg.Dir, schemas.UTC.DayStart(cfg.Until + 3)
}

func fileIn(tb testing.TB, dir, name string) Input {
	tb.Helper()
	in, err := FileInput(filepath.Join(dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

// BenchmarkStatusCheck is the first of the two readings of a status file: every row is read and checked.
func BenchmarkStatusCheck(b *testing.B) {
	dir, end := simulated(b, 5000, 7)
	in := fileIn(b, dir, "status.csv")
	rows, start := 0, time.Now()
	for b.Loop() {
		s := newStatusReader(&Options{}, nil, ingest.NewWords(nil), end)
		report, err := readOnce(context.Background(), Status, in, &Options{}, s.again)
		if err != nil || report.Rejected > 0 {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

// BenchmarkStatusRead also makes the ids, as the second reading does.
func BenchmarkStatusRead(b *testing.B) {
	dir, end := simulated(b, 5000, 7)
	in := fileIn(b, dir, "status.csv")
	rows, start := 0, time.Now()
	for b.Loop() {
		report, err := ReadStatus(context.Background(), in, Options{}, nil, end, func([]schemas.Change) error { return nil })
		if err != nil || report.Rejected > 0 {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

// BenchmarkSchedule reads a schedule and puts it under its days.
func BenchmarkSchedule(b *testing.B) {
	dir, _ := simulated(b, 5000, 7)
	members, _, err := ReadRoster(context.Background(), fileIn(b, dir, "roster.csv"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	rows, start := 0, time.Now()
	for b.Loop() {
		plan, report, err := ReadSchedule(context.Background(), fileIn(b, dir, "schedule.csv"), Options{}, Known{Members: members})
		if err != nil || report.Rejected > 0 || plan.Activities != report.Accepted {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}
