package batch_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/schemas"
)

// plan writes a revision of one agent-day: one shift of on-queue work from hour to hour of the day in UTC, or none.
func (c *centre) plan(who string, day schemas.Date, recorded schemas.Instant, hours ...int64) {
	c.t.Helper()
	d := schemas.ScheduleDay{AgentID: who, Day: day, Removed: len(hours) == 0}
	for i := 0; i+1 < len(hours); i += 2 {
		d.Activities = append(d.Activities, schemas.Activity{Start: schemas.UTC.DayStart(day).Add(hours[i] * schemas.HourMS),
			End: schemas.UTC.DayStart(day).Add(hours[i+1] * schemas.HourMS), Category: schemas.CategoryOnQueueWork,
			Shift: day.String()})
	}
	r := row(schemas.JournalSchedule, recorded)
	must(c.t, c.s.WriteSchedule(c.t.Context(), r, schemas.Revision{ID: uuid.NewString(), RecordedAt: recorded},
		func(yield func(*schemas.ScheduleDay, error) bool) { yield(&d, nil) }))
}

// asked judges everything of an agent and writes each day in a line.
func (c *centre) asked(req batch.Request) (lines []string) {
	c.t.Helper()
	req.From, req.To = monday-5, monday+12
	req.Version = req.AsOf
	must(c.t, c.batch.Days(c.t.Context(), req, func(d *schemas.DayRow) error {
		lines = append(lines, fmt.Sprintf("%s %s scheduled %dh %s", d.AgentID, d.Day, d.ScheduledMS/schemas.HourMS,
			d.AdherenceReason))
		return nil
	}, nil))
	return lines
}

// The traps of a schedule that is replaced after the fact: what counts is what was promised before the day began.
func TestAsPublished(t *testing.T) {
	day := monday + 2
	at := func(d schemas.Date, hour int64) schemas.Instant {
		return schemas.UTC.DayStart(d).Add(hour * schemas.HourMS)
	}
	all := newCentre(t, 1)
	for name, c := range map[string]struct {
		write func(c *centre, who string)
		want  []string
	}{
		"in time": {func(c *centre, who string) { c.plan(who, day, at(day, 8), 9, 17) }, []string{"scheduled 8h no_data"}},
		"a re-import after the fact": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day+1, 8), 9, 12)
		}, []string{"scheduled 8h no_data"}},
		"the newest in time": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day-1, 8), 9, 13)
		}, []string{"scheduled 4h no_data"}},
		"moved to later when it had begun": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day, 10), 12, 14) // before 12:00, and yet after the fact
		}, []string{"scheduled 8h no_data"}},
		"at the very start": {func(c *centre, who string) { c.plan(who, day, at(day, 9), 9, 17) },
			[]string{"scheduled 0h not_published"}},
		"never in time": {func(c *centre, who string) { c.plan(who, day, at(day+2, 9), 9, 17) },
			[]string{"scheduled 0h not_published"}},
		"taken away in time": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day-1, 8))
		}, nil},
		"taken away in time, put back after the fact": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day-1, 8))
			c.plan(who, day, at(day+1, 8), 9, 17)
		}, nil},
		"taken away after the fact": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 9, 17)
			c.plan(who, day, at(day+1, 8))
		}, []string{"scheduled 8h no_data"}},
		"late and taken away again": {func(c *centre, who string) {
			c.plan(who, day, at(day+1, 8), 9, 17)
			c.plan(who, day, at(day+2, 8))
		}, nil},
		"the night before runs into a day planned anew": {func(c *centre, who string) {
			c.plan(who, day, at(day-3, 8), 22, 30) // until 06:00
			c.plan(who, day, at(day, 23), 22, 28)
			c.plan(who, day+1, at(day, 23), 4, 8)
		}, []string{"scheduled 6h no_data", "scheduled 4h no_data"}}, // 22-04 as promised first, then 04-08
	} {
		t.Run(name, func(t *testing.T) {
			all.t = t
			c.write(all, name)
			got := all.asked(batch.Request{AsOf: at(day+5, 0), Against: batch.AgainstPublished, Agents: []string{name}})
			for i := range got {
				got[i] = got[i][len(name+" 2026-03-04 "):]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// prints returns what every day came out as.
func (c *centre) prints(req batch.Request) map[string]uint64 {
	c.t.Helper()
	out := map[string]uint64{}
	req.From, req.To, req.Version = monday-5, monday+14, req.AsOf
	must(c.t, c.batch.Days(c.t.Context(), req, func(d *schemas.DayRow) error {
		out[d.AgentID+" "+d.Day.String()] = d.Fingerprint()
		return nil
	}, nil))
	return out
}

func same(a, b map[string]uint64) string {
	for k, v := range a {
		if b[k] != v {
			return k
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			return k
		}
	}
	return ""
}

// What was known at an instant does not depend on what came afterwards, and what is known now is what is judged now.
func TestAsKnownAt(t *testing.T) {
	c := newCentre(t, 11)
	then := map[schemas.Instant]map[string]uint64{}
	for i := range 120 {
		c.step()
		c.now++
		if i%20 == 19 {
			c.now = c.now.Add(6 * schemas.HourMS)
			then[c.now] = c.prints(batch.Request{AsOf: c.now})
			c.now++
		}
	}
	distinct := 0
	for at, want := range then {
		if k := same(want, c.prints(batch.Request{AsOf: at, KnownAt: at})); k != "" {
			t.Errorf("as known at %s, %s came out otherwise than it did then", at, k)
		}
		if same(want, c.prints(batch.Request{AsOf: at})) != "" {
			distinct++
		}
	}
	if distinct == 0 {
		t.Error("nothing that came later changed anything: the test shows nothing")
	}
	if now, known := c.prints(batch.Request{AsOf: c.now}),
		c.prints(batch.Request{AsOf: c.now, KnownAt: c.now}); same(now, known) != "" || len(now) == 0 {
		t.Errorf("known now and judged now differ on %q of %d days", same(now, known), len(now))
	}
}

// A schedule of which nothing was imported late is the published one.
func TestAsPublishedIsCurrentWhereNothingWasLate(t *testing.T) {
	c := newCentre(t, 12)
	for d := range schemas.Date(8) {
		for i := range 4 {
			for n := range 1 + c.r.IntN(3) { // planned up to three times, each before the day
				first := c.r.Int64N(12)
				c.plan(agent(i), monday+d, schemas.UTC.DayStart(monday-20).Add(int64(n)), first, first+4, first+5, first+8)
			}
		}
	}
	for range 40 {
		if c.r.IntN(2) == 0 {
			c.facts()
		}
	}
	req := batch.Request{AsOf: schemas.UTC.DayStart(monday + 20)}
	current := c.prints(req)
	req.Against = batch.AgainstPublished
	if k := same(current, c.prints(req)); k != "" || len(current) < 30 {
		t.Errorf("%s differs, of %d days", k, len(current))
	}
	if _, err := c.batch.Judge(t.Context(), batch.Request{Against: batch.AgainstPublished},
		func() batch.Sink { return &memory{} }, nil); err == nil {
		t.Error("days judged against what was published were about to be stored as current")
	}
}

func (c *centre) facts() {
	c.t.Helper()
	ch := schemas.Change{
		Source:     "acd",
		AgentID:    agent(c.r.IntN(4)),
		At:         c.at(8),
		ReceivedAt: c.now,
		Presence:   schemas.PresenceAvailable,
		Status:     schemas.Status(2 + c.r.IntN(6)),
		Routing:    schemas.Routing(2 + c.r.IntN(5)),
	}
	ch.ID = ch.ContentID()
	must(c.t, c.s.WriteChanges(c.t.Context(), c.row(schemas.JournalChanges), []schemas.Change{ch}))
	c.now++
}
