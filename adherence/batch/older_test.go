package batch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/adherence/live"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// away is a centre whose feed said long ago that Ana is offline, and has named no presence of her since; twenty days
// before monday it said that she is in a training, for which she is scheduled on monday. It is complete, so that is
// still true.
func away(t *testing.T) *centre {
	t.Helper()
	c := newCentre(t, 1)
	ctx := t.Context()
	c.now = schemas.UTC.DayStart(monday).Add(20 * schemas.HourMS)
	must(t, c.s.WriteRoster(ctx, c.row(schemas.JournalRoster), []schemas.Membership{
		{AgentID: "ana", Name: "Ana", Team: "T", From: monday - 300, RecordedAt: c.now}}))
	c.says("ana", 130, schemas.Change{Presence: schemas.PresenceOffline, Status: schemas.StatusOffQueue})
	c.says("ana", 20, schemas.Change{Status: schemas.StatusTraining})
	c.shift("ana", schemas.CategoryTraining)
	must(t, c.s.WriteFeeds(ctx, c.row(schemas.JournalComplete),
		[]schemas.Feed{{Source: "acd", CompleteUpTo: c.now, LastSeen: c.now, RecordedAt: c.now}}))
	return c
}

// says writes a change of the feed, some days before monday.
func (c *centre) says(agent string, daysAgo int64, ch schemas.Change) {
	c.t.Helper()
	ch.Source, ch.AgentID, ch.ReceivedAt = "acd", agent, c.now
	ch.At = schemas.UTC.DayStart(monday).Add(-daysAgo * schemas.DayMS)
	ch.ID = ch.ContentID()
	must(c.t, c.s.WriteChanges(c.t.Context(), c.row(schemas.JournalChanges), []schemas.Change{ch}))
	c.now++
}

// shift schedules two hours of monday.
func (c *centre) shift(agent string, category schemas.Category) {
	c.t.Helper()
	start := schemas.UTC.DayStart(monday).Add(9 * schemas.HourMS)
	d := schemas.ScheduleDay{AgentID: agent, Day: monday, Activities: []schemas.Activity{
		{Start: start, End: start.Add(2 * schemas.HourMS), Category: category, Code: "x", Shift: "s"}}}
	r := c.row(schemas.JournalSchedule)
	r.Agents, r.Range = []string{agent}, schemas.UTC.Day(monday)
	r.Ranges = []schemas.Interval{r.Range}
	must(c.t, c.s.WriteSchedule(c.t.Context(), r, schemas.Revision{ID: uuid.NewString(), RecordedAt: c.now},
		func(yield func(*schemas.ScheduleDay, error) bool) { yield(&d, nil) }))
	c.now++
}

// inHours are the hours of monday in which an agent was in adherence, as judged by what was known at an instant.
func (c *centre) inHours(agent string, knownAt schemas.Instant) int64 {
	c.t.Helper()
	m := judge(c.t, c.s, batch.Request{
		From:    monday,
		To:      monday,
		Agents:  []string{agent},
		AsOf:    c.now,
		KnownAt: knownAt,
		Version: c.now,
		Fresh:   true,
	})
	if len(m.rows) != 1 {
		c.t.Fatalf("%d days of %s", len(m.rows), agent)
	}
	return m.rows[0].InMS / schemas.HourMS
}

// A presence of 130 days ago still decides how long a status of 20 days ago is believed. Judge, compute, explanation
// and live board see it, as known now and then.
func TestAPresenceOlderThanTheLongestAbsenceIsRead(t *testing.T) {
	c := away(t)
	known := c.now
	c.now++
	c.compute()
	if in := c.inHours("ana", 0); in != 2 {
		t.Errorf("%d hours are in, want both", in)
	}
	x, err := c.batch.Explain(t.Context(), c.s, "ana", monday, c.now, 0)
	must(t, err)
	if e := x.JSON(); !e.Agrees || e.Note != "" || e.InS.Text() != "7200" || len(e.Intervals[0].Before) != 2 {
		t.Errorf("explained is %+v", e)
	}
	noon := schemas.UTC.DayStart(monday).Add(10 * schemas.HourMS)
	board := live.New(live.DefaultConfig(), live.Deps{Store: c.s, Clock: noon.Time})
	rows, err := board.At(t.Context(), noon, 0, []string{"ana"})
	must(t, err)
	daysAgo := func(n int64) schemas.Instant { return schemas.UTC.DayStart(monday).Add(-n * schemas.DayMS) }
	if len(rows) != 1 || rows[0].Status != schemas.StatusTraining || rows[0].AdherenceState != schemas.LiveInAdherence ||
		rows[0].Since != (schemas.LiveSince{Presence: daysAgo(130 - 93), Status: daysAgo(20)}) {
		t.Fatalf("the board has %+v", rows)
	}

	// A late fact says that she was there after all, long ago: then the silence since tells nothing.
	c.says("ana", 125, schemas.Change{Presence: schemas.PresenceAvailable})
	if c.compute(); !slices.Equal(c.stored(), c.fresh()) {
		t.Errorf("after a late fact is stored\n%v, want\n%v", c.stored(), c.fresh())
	}
	if in, then := c.inHours("ana", 0), c.inHours("ana", known); in != 0 || then != 2 {
		t.Errorf("%d hours are in, and %d were; want none and both", in, then)
	}
}

// A retention leaves what the oldest result needs, however old it is, and says why; a result that is judged again after
// it and after an erasure comes out as it was.
func TestWhatWasSaidLongAgoOutlivesRetentionAndErasure(t *testing.T) {
	c := away(t)
	ctx := t.Context()
	c.says("ana", 400, schemas.Change{Status: schemas.StatusBreak})
	c.compute()
	now := schemas.UTC.DayStart(monday + 300)
	plan, err := batch.PlanRetention(ctx, c.s, map[string]int{"status_changes": 30}, now)
	must(t, err)
	since := (monday - 130).String()
	if len(plan) != 1 || plan[0].Before != since || plan[0].Rows != 1 ||
		!strings.Contains(plan[0].HeldBack, "because ana has been away since "+since) {
		t.Fatalf("the plan is %+v", plan)
	}
	_, err = batch.Retain(ctx, c.s, plan, "test", now.Time)
	must(t, err)
	if in := c.inHours("ana", 0); in != 2 {
		t.Errorf("after the retention %d hours are in, want both", in)
	}
	p, err := c.s.PersonOf(ctx, "ana")
	must(t, err)
	must(t, c.s.ErasePerson(ctx, p, "erased-7", func(string) {}))
	if in := c.inHours("erased-7", 0); in != 2 {
		t.Errorf("after the erasure %d hours are in, want both", in)
	}
}

// counting counts how often older facts are asked for.
type counting struct {
	*chstore.Store
	asked int
}

func (s *counting) OlderChanges(ctx context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error {
	s.asked++
	return s.Store.OlderChanges(ctx, q, yield)
}

// Forty agents were away in the first days of what is read, half of them came back on monday: what was said of them
// before is read at once.
func TestOlderFactsOfManyAgentsAreReadAtOnce(t *testing.T) {
	c := newCentre(t, 1)
	c.now = schemas.UTC.DayStart(monday).Add(20 * schemas.HourMS)
	row := c.row(schemas.JournalRoster)
	var members []schemas.Membership
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("away %02d", i))
		members = append(members,
			schemas.Membership{AgentID: ids[i], Team: "T", From: monday - 300, RecordedAt: row.RecordedAt})
		c.says(ids[i], 40, schemas.Change{Presence: schemas.PresenceOffline, Status: schemas.StatusOffQueue,
			Routing: schemas.RoutingOffQueue})
		if i%2 == 0 {
			c.says(ids[i], 0, schemas.Change{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
				Routing: schemas.RoutingIdle})
		}
		c.shift(ids[i], schemas.CategoryOnQueueWork)
	}
	must(t, c.s.WriteRoster(t.Context(), row, members))
	must(t, c.s.WriteFeeds(t.Context(), c.row(schemas.JournalComplete),
		[]schemas.Feed{{Source: "acd", CompleteUpTo: c.now, LastSeen: c.now, RecordedAt: c.now}}))
	s := &counting{Store: c.s}
	b, err := batch.New(batch.DefaultConfig(), s)
	must(t, err)
	m := &memory{}
	_, err = b.Judge(t.Context(), batch.Request{From: monday, To: monday, AsOf: c.now, Version: c.now, Fresh: true},
		func() batch.Sink { return m }, nil)
	must(t, err)
	in, absent := 0, 0
	for i := range m.rows {
		if m.rows[i].InMS == 2*schemas.HourMS {
			in++
		}
		if m.rows[i].Absent {
			absent++
		}
	}
	if s.asked != 1 || in != 20 || absent != 20 {
		t.Errorf("older facts were asked for %d times, %d were in and %d absent; want once, 20 and 20", s.asked, in, absent)
	}
}
