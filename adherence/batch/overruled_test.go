package batch_test

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// The helpdesk contradicts the telephony, which is preferred: what did not count is counted with the day, and by
// source. A change that comes late and does not count either is counted too, though the figures stay, and restates
// nothing.
func TestContradictionsOfTwoSourcesAreCounted(t *testing.T) {
	c := newCentre(t, 5)
	c.worked("ana", "B", 8*schemas.HourMS)
	c.now = schemas.UTC.DayStart(monday + 4)
	must(t, c.s.WriteFeeds(t.Context(), c.row(schemas.JournalComplete),
		[]schemas.Feed{{Source: "acd", CompleteUpTo: c.now, RecordedAt: c.now},
			{Source: "helpdesk", CompleteUpTo: c.now, RecordedAt: c.now}}))
	must(t, c.s.WritePolicies(t.Context(), c.row(schemas.JournalPolicy), []schemas.PolicyVersion{{ID: "p", Team: "B",
		From: monday, Rules: `{"prefer":{"status":["acd"]}}`, RecordedAt: c.now}}))
	said := func(hour int64, v schemas.Status) {
		t.Helper()
		r := c.row(schemas.JournalChanges)
		at := schemas.UTC.DayStart(monday).Add(hour * schemas.HourMS)
		r.Touch("ana", schemas.Interval{Start: at, End: at + 1})
		x := schemas.Change{Source: "helpdesk", AgentID: "ana", At: at, Status: v, ReceivedAt: c.now}
		x.ID = x.ContentID()
		must(t, c.s.WriteChanges(t.Context(), r, []schemas.Change{x}))
		c.now++
	}
	judged := func(changes uint32) {
		t.Helper()
		c.compute()
		x, err := c.batch.Explain(t.Context(), c.s, "ana", monday, c.now, 0)
		must(t, err)
		e := x.JSON()
		want := []schemas.Overruled{{Source: "helpdesk", Changes: changes}}
		if !slices.Equal(e.Overruled, want) || !e.Agrees || *e.AdherencePercent != 100 || e.Stored.State != schemas.DayFinal {
			t.Errorf("explained with %v, %v, stored %+v", e.Overruled, *e.AdherencePercent, e.Stored)
		}
		if got, all := c.stored(), c.fresh(); !slices.Equal(got, all) {
			t.Errorf("stored %v\nfresh  %v", got, all)
		}
		sums, err := c.s.Overruled(t.Context(), monday)
		must(t, err)
		if !slices.Equal(sums, []schemas.OverruledSource{{Source: "helpdesk", Changes: uint64(changes), Agents: 1}}) {
			t.Errorf("by source: %v", sums)
		}
		if sums, err = c.s.Overruled(t.Context(), monday+1); err != nil || len(sums) != 0 {
			t.Errorf("of later days: %v %v", sums, err)
		}
	}
	said(10, schemas.StatusBreak)
	said(11, schemas.StatusAvailable) // this one says what the telephony says
	said(12, schemas.StatusMeeting)
	judged(2)
	said(14, schemas.StatusBreak)
	judged(3)
}
