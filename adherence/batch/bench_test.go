package batch_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// benchAgents is how many agents a benchmark has: 20,000 is the size that the issue names; ROLLCALL_TEST_AGENTS sets
// another.
func benchAgents(b *testing.B) int {
	text := os.Getenv("ROLLCALL_TEST_AGENTS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	must(b, err)
	return n
}

var benchUntil = schemas.MakeDate(2026, 3, 30)

// simulated returns a store that holds a simulated centre of seven days, imported from its files.
func simulated(b testing.TB, agents int) (*chstore.Store, simulate.Written) {
	b.Helper()
	return simulatedIn(b, agents, "t"+uuid.NewString()[:8])
}

// simulatedIn does so in the named database.
func simulatedIn(b testing.TB, agents int, database string) (*chstore.Store, simulate.Written) {
	b.Helper()
	cfg := simulate.DefaultConfig()
	cfg.Agents, cfg.Days, cfg.Seed, cfg.Until, cfg.Dir = agents, 7, 3, benchUntil, b.TempDir()
	w, err := simulate.Write(b.Context(), cfg)
	must(b, err)
	s := newStoreIn(b, database)
	importer := imports.New(imports.Deps{Store: s, Clock: time.Now})
	for _, kind := range []files.Kind{files.Roster, files.Activities, files.Schedule, files.Status, files.Gaps} {
		in, err := files.FileInput(filepath.Join(cfg.Dir, string(kind)+".csv"))
		must(b, err)
		start := time.Now()
		report, err := importer.Import(b.Context(), kind, in, imports.Options{Actor: "bench"})
		must(b, err)
		b.Logf("import %s: %.0f rows/s", kind, float64(report.Read)/time.Since(start).Seconds())
	}
	return s, w
}

// BenchmarkCompute reads, judges and writes every day of a simulated centre; one op is the whole of it.
func BenchmarkCompute(b *testing.B) {
	s, w := simulated(b, benchAgents(b))
	judge, err := batch.New(batch.DefaultConfig(), s)
	must(b, err)
	now := schemas.UTC.DayStart(benchUntil + 3)
	b.ReportAllocs()
	var days int
	for b.Loop() {
		sum, err := judge.Judge(b.Context(),
			batch.Request{From: benchUntil - 7, To: benchUntil + 1, AsOf: now, Version: now, Fresh: true},
			func() batch.Sink { return s.NewDayWriter(b.Context(), batch.Against) }, nil)
		must(b, err)
		days = sum.Written
		now++
	}
	b.ReportMetric(float64(w.Status)*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(float64(days), "agent-days")
}

// BenchmarkComputeDirty is the same through the journal, as the first `compute` after an import: one op, since then
// nothing is dirty any more.
func BenchmarkComputeDirty(b *testing.B) {
	s, w := simulated(b, benchAgents(b))
	judge, err := batch.New(batch.DefaultConfig(), s)
	must(b, err)
	start := time.Now()
	_, err = judge.Compute(b.Context(), batch.Run{ID: uuid.NewString(), Now: schemas.InstantOf(time.Now())},
		func() batch.Sink { return s.NewDayWriter(b.Context(), batch.Against) })
	must(b, err)
	took := time.Since(start)
	for b.Loop() {
		_, err := judge.Compute(b.Context(), batch.Run{ID: uuid.NewString(), Now: schemas.InstantOf(time.Now())},
			func() batch.Sink { return s.NewDayWriter(b.Context(), batch.Against) })
		must(b, err)
	}
	b.ReportMetric(took.Seconds(), "s/first-run")
	b.ReportMetric(float64(w.Status)/took.Seconds(), "changes/s")
}
