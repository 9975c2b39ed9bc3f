package chstore

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"rollcall/schemas"
)

func pending(t testing.TB, s *Store) (ids []string) {
	t.Helper()
	check(t, s.PendingJournal(ctx, func(r *schemas.JournalRow) error {
		ids = append(ids, r.ID)
		return nil
	}))
	return ids
}

func dirty(t testing.TB, s *Store, at schemas.Instant) string {
	t.Helper()
	row := journalRow(schemas.JournalSchedule, at)
	row.Agents, row.Ranges = []string{"ana", "bo"},
		[]schemas.Interval{{Start: t0, End: t0 + 1}, {Start: t0 + 2, End: t0 + 3}}
	row.Range = schemas.Interval{Start: t0, End: t0 + 3}
	check(t, s.WriteJournal(ctx, row))
	return row.ID
}

func TestComputeConsumesWhatItSawAndNothingElse(t *testing.T) {
	s := newStore(t)
	a := dirty(t, s, t0)
	check(t, s.WriteJournal(ctx, journalRow(schemas.JournalAccess, t0))) // changes no judged day
	seen := pending(t, s)
	wantLines(t, seen, a)
	b := dirty(t, s, t0.Add(-5*schemas.DayMS)) // written while the run judges, recorded long before it
	check(t, s.Consume(ctx, ComputeRun{
		ID:        "run1",
		StartedAt: t0,
		EndedAt:   t0 + 1,
		KnownAt:   t0,
		AsOf:      t0,
		Days:      2,
		Detail:    "it's",
	}, seen))
	wantLines(t, pending(t, s), b)
	check(t, s.Consume(ctx, ComputeRun{ID: "run2", StartedAt: t0 + 2, EndedAt: t0 + 3, AsOf: t0 + 2}, []string{b}))
	wantLines(t, pending(t, s))
	runs := must[[]ComputeRun](t)(s.ComputeRuns(ctx, 5))
	if len(runs) != 2 || runs[0].ID != "run2" || runs[0].AsOf != t0+2 || runs[1].Days != 2 || runs[1].Detail != "it's" {
		t.Errorf("runs: %+v", runs)
	}
	check(t, s.Consume(ctx, ComputeRun{ID: "run3", EndedAt: t0 + 4}, nil))
	c := dirty(t, s, t0)
	wantLines(t, pending(t, s), c)
}

// An empty list comes back as it was written: as nil.
func TestAJournalRowThatNamesNobodyComesBackAsItWas(t *testing.T) {
	s := newStore(t)
	want := journalRow(schemas.JournalAccess, t0)
	check(t, s.WriteJournal(ctx, want))
	if got := must[[]schemas.JournalRow](t)(s.Journal(ctx, 1)); !reflect.DeepEqual(got, []schemas.JournalRow{want}) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

// TestLowWater looks at the mark behind which a run no longer searches: it must stay before what is pending.
func TestLowWater(t *testing.T) {
	s := newStore(t)
	old := func(hoursAgo int) string {
		id := uuid.NewString()
		exec(t, s, fmt.Sprintf("INSERT INTO journal_store (id, recorded_at, written_at, range_start, range_end) SELECT "+
			"'%s', now64(3), now64(3) - INTERVAL %d HOUR, toDateTime64(1, 3), toDateTime64(2, 3)", id, hoursAgo))
		return id
	}
	a, b, c := old(5), old(4), old(3)
	wantLines(t, pending(t, s), a, b, c)
	check(t, s.Consume(ctx, ComputeRun{ID: "1", EndedAt: 1}, []string{a, c}))
	wantLines(t, pending(t, s), b)
	check(t, s.Consume(ctx, ComputeRun{ID: "2", EndedAt: 2}, []string{b}))
	wantLines(t, pending(t, s))
	lag := "SELECT toString(dateDiff('minute', max(low_water), now()) IN (9, 10, 11)) AS line FROM compute_runs_store"
	wantLines(t, rowsOf(t, s, lag), "1")
	check(t, s.Consume(ctx, ComputeRun{ID: "3", EndedAt: 3}, nil))
	wantLines(t, pending(t, s))
}

func TestTailGivesEveryRowOnce(t *testing.T) {
	s := newStore(t)
	dirty(t, s, t0)
	tail := s.Tail()
	poll := func() (ids []string) {
		check(t, tail.Poll(ctx, func(r *schemas.JournalRow) error {
			ids = append(ids, r.ID)
			return nil
		}))
		return ids
	}
	wantLines(t, poll())
	a := dirty(t, s, t0.Add(-schemas.DayMS))
	b := dirty(t, s, t0)
	wantLines(t, poll(), a, b)
	wantLines(t, poll())
	c := dirty(t, s, t0)
	wantLines(t, poll(), c)
}

func TestJournalRowComesBackWhole(t *testing.T) {
	s := newStore(t)
	row := journalRow(schemas.JournalRoster, t0)
	row.Agents, row.Ranges = []string{"a'", "b"}, []schemas.Interval{{Start: 1, End: 2}, {Start: 3, End: 4}}
	row.Range, row.Detail = schemas.Interval{Start: 1, End: 4}, "why \\ not"
	check(t, s.WriteJournal(ctx, row))
	got := must[[]schemas.JournalRow](t)(s.Journal(ctx, 5))
	if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(row) {
		t.Errorf("got %+v, want %+v", got, row)
	}
	row.ID = "7"
	if err := s.WriteJournal(ctx, row); err == nil || err.Error() != `journal row id "7" is not a UUID` {
		t.Errorf("got %v", err)
	}
	row.ID, row.Ranges = uuid.NewString(), nil
	if err := s.WriteJournal(ctx, row); err == nil {
		t.Error("agents without ranges are accepted")
	}
}

func TestSinceWhenAFeedNamesAField(t *testing.T) {
	s := newStore(t)
	both := schemas.Change{AgentID: "ana", At: t0 + 7, ID: "1", Presence: available, Routing: schemas.RoutingIdle}
	writeChanges(t, s, t0, both, schemas.Change{AgentID: "ana", At: t0 + 5, ID: "2", Presence: available})
	late := schemas.Change{AgentID: "ana", At: t0 + 1, ID: "3", Routing: schemas.RoutingIdle, Source: "phone"}
	writeChanges(t, s, t0+9, late, schemas.Change{AgentID: "ana", At: t0 - 1, ID: "4", Presence: available})
	for known, want := range map[schemas.Instant]string{
		0: fmt.Sprint([]schemas.AgentSource{
			{AgentID: "ana", Source: "genesys", First: [3]schemas.Instant{t0 - 1, 0, t0 + 7}, Last: t0 + 7},
			{AgentID: "ana", Source: "phone", First: [3]schemas.Instant{0, 0, t0 + 1}, Last: t0 + 1}}),
		t0: fmt.Sprint([]schemas.AgentSource{{AgentID: "ana", Source: "genesys", First: [3]schemas.Instant{t0 + 5, 0, t0 + 7},
			Last: t0 + 7}}),
	} {
		if got := fmt.Sprint(must[[]schemas.AgentSource](t)(s.AgentSources(ctx, known))); got != want {
			t.Errorf("known at %d: got %v, want %v", known, got, want)
		}
	}
}

func TestNextFactsOfEachField(t *testing.T) {
	s := newStore(t)
	status := func(atS int64, id string) schemas.Change {
		return schemas.Change{AgentID: "ana", At: t0.Add(atS * 1000), ID: id, Status: schemas.StatusBreak}
	}
	both := schemas.Change{AgentID: "ana", At: t0.Add(10_000), ID: "b", Presence: available, Status: schemas.StatusMeal}
	writeChanges(t, s, t0, change("ana", 0, "a", available), both, status(20, "c"), change("ana", 90, "d", away2),
		change("bo", 10, "e", away2),
		change("cy", 10, "f", away2))
	var got []string
	ranges := []AgentRange{{"ana", schemas.Interval{Start: t0.Add(5_000), End: t0.Add(21_000)}},
		{"ana", schemas.Interval{Start: t0, End: t0 + 1}},
		{"bo", schemas.Interval{Start: t0, End: t0.Add(90_000)}}}
	check(t, s.NextFacts(ctx, ranges, 70_000, func(agent string, spans []FactSpan) error {
		for _, v := range spans {
			next := int64(-1)
			if v.Next != 0 {
				next = v.Next.Sub(t0) / 1000
			}
			got = append(got, fmt.Sprint(agent, " ", v.At.Sub(t0)/1000, " ", v.Fields, " ", next))
		}
		return nil
	}))
	wantLines(t, got, "ana 0 1 10", "ana 10 3 -1", "ana 20 2 -1", "bo 10 1 -1")
	got = nil
	check(t, s.NextFacts(ctx, ranges[:1], 80_000, func(agent string, spans []FactSpan) error {
		got = append(got, fmt.Sprint(agent, " ", spans[0].Next.Sub(t0)/1000, " ", len(spans)))
		return nil
	}))
	wantLines(t, got, "ana 90 2")
}
