package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
		s := newStatusReader(&Options{}, nil, ingest.NewMapping(nil), end)
		report, err := readOnce(context.Background(), Status, in, &Options{}, s.again)
		if err != nil || report.Rejected > 0 {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

// BenchmarkStatusRead reads twice, as an import does: it also makes the ids.
func BenchmarkStatusRead(b *testing.B) {
	dir, end := simulated(b, 5000, 7)
	in := fileIn(b, dir, "status.csv")
	rows, start := 0, time.Now()
	for b.Loop() {
		report, err := readStatus(in, Options{}, nil, end, func([]schemas.Change) error { return nil })
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
		plan, report, err := ReadSchedule(context.Background(), fileIn(b, dir, "schedule.csv"), Options{},
			Known{Members: members})
		if err != nil || report.Rejected > 0 || plan.Activities != report.Accepted {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

// sixWeeks is the schedule of a made-up centre for six weeks, with its roster: the file that the goals of imports speak
// of.
func sixWeeks(tb testing.TB, agents int) (Input, []schemas.Membership) {
	tb.Helper()
	dir, _ := simulated(tb, agents, 7)
	members, _, err := ReadRoster(context.Background(), fileIn(tb, dir, "roster.csv"), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	week, err := os.ReadFile(filepath.Join(dir, "schedule.csv")) //nolint:gosec // written above
	if err != nil {
		tb.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "six.csv")) //nolint:gosec // in a folder of the test
	if err != nil {
		tb.Fatal(err)
	}
	head, rows, _ := bytes.Cut(week, []byte("\n"))
	w := bufio.NewWriter(f)
	_, err = w.Write(append(head, '\n'))
	first := schemas.MakeDate(2026, 3, 20)
	for n := range 6 {
		var later []string
		for d := first; d < first+16; d++ {
			later = append(later, d.String(), (d + schemas.Date(7*n)).String())
		}
		_, e := strings.NewReplacer(later...).WriteString(w, string(rows))
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		tb.Fatal(err)
	}
	return fileIn(tb, dir, "six.csv"), members
}

// BenchmarkScheduleSixWeeks reads and checks the schedule of 5,000 agents for six weeks.
func BenchmarkScheduleSixWeeks(b *testing.B) {
	in, members := sixWeeks(b, 5000)
	rows, start := 0, time.Now()
	var most uint64
	for b.Loop() {
		plan, report, err := ReadSchedule(context.Background(), in, Options{}, Known{Members: members})
		if err != nil || report.Rejected > 0 || plan.Activities != report.Accepted {
			b.Fatal(err, report.Problems)
		}
		rows += report.Read
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
		runtime.KeepAlive(plan)
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/float64(b.N), "rows")
	b.ReportMetric(float64(in.Size)/(1<<20), "file-MiB")
	b.ReportMetric(float64(most)/(1<<20), "heap-MiB")
}
