package chstore

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// benchFacts makes the facts of agents [from, to) over days, 40 a day, in order of agent and time.
func benchFacts(from, to, days int) []schemas.Change {
	out := make([]schemas.Change, 0, (to-from)*days*40)
	for a := from; a < to; a++ {
		for f := range days * 40 {
			c := schemas.Change{
				AgentID:    fmt.Sprintf("agent-%06d", a),
				At:         t0.Add(int64(f)*2_160_000 + int64(a*7919%60000)),
				Source:     "genesys",
				Presence:   schemas.Presence(2 + f%4),
				Status:     schemas.Status(2 + f%6),
				Routing:    schemas.Routing(2 + f%5),
				ReceivedAt: t0.Add(int64(f) * 2_160_000),
			}
			c.ID = fmt.Sprintf("%016x%016x", uint64(a)*0x9e3779b97f4a7c15, uint64(f)*0xc2b2ae3d27d4eb4f)
			out = append(out, c)
		}
	}
	return out
}

// BenchmarkWriteSmallBatch is one pushed batch of 1,000 changes with its journal row.
func BenchmarkWriteSmallBatch(b *testing.B) {
	s := newStore(b)
	batch := benchFacts(0, 4, 7)[:1000]
	for b.Loop() {
		for i := range batch {
			batch[i].ID = uuid.NewString()
		}
		check(b, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0), batch))
	}
}

// BenchmarkWriteFacts writes 200,000 facts of 714 agents as an import does; each round replays the same facts.
func BenchmarkWriteFacts(b *testing.B) {
	s := newStore(b)
	batch := benchFacts(0, 714, 7)
	for b.Loop() {
		check(b, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0), batch))
	}
}

func fillFacts(b *testing.B, s *Store) {
	for a := 0; a < 20_000; a += 1000 {
		check(b, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0), benchFacts(a, a+1000, 7)))
	}
}

// BenchmarkReadFacts reads 5.6 million facts of 20,000 agents and 7 days in order.
func BenchmarkReadFacts(b *testing.B) {
	s := newStore(b)
	fillFacts(b, s)
	for b.Loop() {
		n, agents := 0, 0
		check(b, s.Facts(ctx, FactQuery{Names: &schemas.FactNames{}}, func(_ string, facts []schemas.Fact) error {
			n, agents = n+len(facts), agents+1
			return nil
		}))
		if n != 5_600_000 || agents != 20_000 {
			b.Fatalf("%d facts of %d agents", n, agents)
		}
	}
}

// benchDay is an agent-day of 40 intervals and 10 activities with 3 exceptions.
func benchDay() *schemas.DayRow {
	d := &schemas.DayRow{
		Name:       "Ana Ortiz",
		Team:       "Billing",
		Site:       "Leeds",
		TimeZone:   "Europe/London",
		State:      schemas.DayFinal,
		KnownAt:    t0,
		ComputedAt: t0,
		AsOf:       t0,
	}
	for i := range 10 {
		d.Activities = append(d.Activities, schemas.Activity{
			Start:    t0.Add(int64(i) * 60 * minute),
			End:      t0.Add(int64(i+1) * 60 * minute),
			Code:     []string{"Phones", "Break", "Huddle"}[i%3],
			Category: schemas.Category(1 + i%5),
			Shift:    "s1",
			Line:     i,
		})
	}
	for i := range 40 {
		d.Intervals = append(d.Intervals, schemas.JudgedInterval{
			Start:    t0.Add(int64(i) * 15 * minute),
			End:      t0.Add(int64(i+1) * 15 * minute),
			Activity: int32(i / 4),
			Verdict:  schemas.Verdict(1 + i%3),
			OnQueue:  i%2 == 0,
			State: schemas.State{Presence: schemas.Presence(2 + i%4), Status: schemas.Status(2 + i%6),
				Routing: schemas.Routing(2 + i%5)},
		})
	}
	for i := range 3 {
		d.Exceptions = append(d.Exceptions, schemas.Exception{
			Start:    t0.Add(int64(i) * 60 * minute),
			End:      t0.Add(int64(i)*60*minute + 600000),
			Category: schemas.CategoryBreak,
			Code:     "Break",
			Kind:     schemas.KindLateChange,
			MS:       600000,
			Parts: []schemas.Part{{Start: t0, End: t0 + 1, Impact: schemas.ImpactPositive},
				{Start: t0, End: t0 + 1, Impact: schemas.ImpactNegative}},
		})
	}
	return d
}

func writeDays(b *testing.B, s *Store, from, to int, known schemas.Instant) {
	w := s.NewDayWriter(ctx, "current")
	d := benchDay()
	day := schemas.MakeDate(2026, 3, 2)
	for a := from; a < to; a++ {
		d.AgentID = fmt.Sprintf("agent-%06d", a)
		for k := range 7 {
			d.Day, d.KnownAt = day+schemas.Date(k), known
			check(b, w.Append(d))
		}
	}
	check(b, w.Close())
}

// BenchmarkWriteDays writes 140,000 agent-days of 40 intervals.
func BenchmarkWriteDays(b *testing.B) {
	s := newStore(b)
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			writeDays(b, s, 0, 20_000, t0)
		}
	})
	b.Run("two", func(b *testing.B) {
		for b.Loop() {
			done := make(chan struct{})
			go func() { defer close(done); writeDays(b, s, 10_000, 20_000, t0) }()
			writeDays(b, s, 0, 10_000, t0)
			<-done
		}
	})
}

// BenchmarkReadDays reads 140,000 agent-days with more and less of their insides.
func BenchmarkReadDays(b *testing.B) {
	s := newStore(b)
	writeDays(b, s, 0, 20_000, t0)
	q := DayQuery{From: schemas.MakeDate(2026, 3, 1), To: schemas.MakeDate(2026, 3, 31)}
	for _, c := range []struct {
		name string
		q    func() DayQuery
	}{
		{"heads", func() DayQuery { q := q; q.ByAgent = true; return q }},
		{"exceptions", func() DayQuery { q := q; q.Exceptions = true; return q }},
		{"all", func() DayQuery { q := q; q.Exceptions, q.Intervals = true, true; return q }},
		{"all_by_agent", func() DayQuery { q := q; q.Exceptions, q.Intervals, q.ByAgent = true, true, true; return q }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				check(b, s.DayRows(ctx, c.q(), func(*schemas.DayRow) error { n++; return nil }))
				if n != 140_000 {
					b.Fatalf("%d days", n)
				}
			}
		})
	}
}

// BenchmarkSchedule writes and reads 140,000 agent-days of 10 activities.
func BenchmarkSchedule(b *testing.B) {
	s := newStore(b)
	acts := benchDay().Activities
	day := schemas.MakeDate(2026, 3, 2)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			id := uuid.NewString()
			check(b, s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, t0), schemas.Revision{ID: id, RecordedAt: t0},
				func(yield func(*schemas.ScheduleDay, error) bool) {
					for a := range 20_000 {
						for k := range 7 {
							if !yield(&schemas.ScheduleDay{AgentID: fmt.Sprintf("agent-%06d", a), Day: day + schemas.Date(k),
								Activities: acts}, nil) {
								return
							}
						}
					}
				}))
			exec(b, s, "TRUNCATE TABLE schedule_imports_store SETTINGS max_table_size_to_drop=0")
			exec(b, s, "INSERT INTO schedule_imports_store (id, journal_id) SELECT '"+id+"', id FROM journal_store LIMIT 1")
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			n := 0
			check(b, s.ScheduleDays(ctx, ScheduleQuery{From: day, To: day + 6},
				func(_ string, d []schemas.ScheduleDay) error { n += len(d); return nil }))
			if n != 140_000 {
				b.Fatalf("%d days", n)
			}
		}
	})
}
