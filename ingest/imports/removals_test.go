package imports

import (
	"testing"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// week imports rows for the dates from 2 to 8 March.
func (c *planned) week(opt Options, rows ...string) *Result {
	c.Helper()
	opt.Actor = "pia"
	opt.From, opt.To = schemas.MakeDate(2026, 3, 2), schemas.MakeDate(2026, 3, 8)
	r, err := c.ledger.Import(background, files.Schedule, file(rows...), opt)
	if err != nil || r.ProblemCount > 0 {
		c.Fatal(err, r)
	}
	return r
}

// TestRemovalsAreCountedAndNamed: what an import leaves with nothing, and shifts that go from days which keep others,
// are in the answer of the preview, of the import and of the undo, and in the journal; those who are not in the file
// are in each of them too.
func TestRemovalsAreCountedAndNamed(t *testing.T) {
	c := newPlanned(t)
	first := c.apply("ana A 02 09:00 12:00", "ana A 03 06:00 10:00", "ana A 03 15:00 19:00", "ana A 04 09:00 12:00",
		"ana A 05 09:00 12:00", "bo A 06 09:00 12:00", "bo A 07 09:00 12:00", "cy A 06 09:00 12:00")
	rows := []string{"ana B 02 09:00 12:00", "ana A 03 06:00 10:00", "ana A 05 09:00 12:00", "ana A 08 09:00 12:00",
		"bo A 07 09:00 12:00"}
	const text = "2 agent-days of 2 agents (Ana, ana; Bo, bo), 2026-03-04 to 2026-03-06, and 1 shift of days that " +
		"keep others"
	for _, opt := range []Options{{DryRun: true}, {}} {
		r := c.week(opt, rows...)
		s := r.Schedule
		if got := s.Removals.Text(); got != text || r.Refused {
			t.Errorf("dry run %t: got %s", opt.DryRun, got)
		}
		if n := s.Totals; n.DaysAdded != 1 || n.DaysChanged != 3 || n.DaysRemoved != 2 || n.DaysUnchanged != 2 {
			t.Errorf("dry run %t: got %+v", opt.DryRun, n)
		}
		if len(s.NotInFile) != 0 { // cy is of another team
			t.Errorf("dry run %t: not in the file: %+v", opt.DryRun, s.NotInFile)
		}
	}
	journal, err := c.store.Journal(background, 1)
	if err != nil {
		t.Fatal(err)
	}
	rev := journal[0]
	if want := "2026-03-02 to 2026-03-08: 3 agent-days changed, 2 removed, 2 unchanged; taken away: " + text; rev.Detail !=
		want {
		t.Errorf("the journal says %s", rev.Detail)
	}
	r := c.week(Options{}, "ana B 02 09:00 12:00", "ana A 03 06:00 10:00", "ana A 05 09:00 12:00", "ana A 08 10:00 12:00")
	if len(r.Schedule.NotInFile) != 1 || r.Schedule.NotInFile[0].AgentID != "bo" || r.Schedule.NotInFile[0].Days != 1 {
		t.Errorf("an import does not say that bo is not in its file: %+v", r.Schedule.NotInFile)
	}
	u := c.undo(rev.ID)
	if got := u.Removals.Text(); got != "" || u.Restored != 4 {
		t.Errorf("an undo that gives days back says %s: %+v", got, u)
	}
	c.holds("ana 02 A 09:00-12:00", "ana 03 A 06:00-10:00", "ana 03 A 15:00-19:00", "ana 04 A 09:00-12:00",
		"ana 05 A 09:00-12:00", "ana 08 A 10:00-12:00", "bo 06 A 09:00-12:00", "bo 07 A 09:00-12:00",
		"cy 06 A 09:00-12:00")
	u = c.undo(first)
	if got := u.Removals.Text(); got != "7 agent-days of 3 agents (Ana, ana; Bo, bo; Cy, cy), 2026-03-02 to 2026-03-07" {
		t.Errorf("the undo takes away %s", got)
	}
}

// TestMoreRemovalsThanDaysAreRefused: an import that would leave more agent-days with nothing than its file schedules
// is refused, and says so before and when it is tried; allowed, it does what the preview said, and can be undone.
func TestMoreRemovalsThanDaysAreRefused(t *testing.T) {
	c := newPlanned(t)
	week := []string{"ana A 02 09:00 12:00", "ana A 03 09:00 12:00", "ana A 04 09:00 12:00", "bo A 05 09:00 12:00",
		"bo A 06 09:00 12:00"}
	c.apply(week...)
	held := []string{"ana 02 A 09:00-12:00", "ana 03 A 09:00-12:00", "ana 04 A 09:00-12:00", "bo 05 A 09:00-12:00",
		"bo 06 A 09:00-12:00"}
	two := []string{"ana A 02 09:00 12:00", "bo B 05 09:00 12:00"}
	for _, opt := range []Options{{DryRun: true}, {}} {
		r := c.week(opt, two...)
		if !r.Refused || !r.RemovalsRefused || r.Schedule.Removals.Days != 3 || r.Revision != nil {
			t.Errorf("dry run %t: %+v", opt.DryRun, r)
		}
		c.holds(held...)
	}
	allowed := Options{AllowRemovals: true}
	r := c.week(allowed, two...)
	if r.Refused || r.RemovalsRefused || r.Revision == nil || r.Revision.DaysRemoved != 3 {
		t.Fatalf("got %+v", r)
	}
	c.holds("ana 02 A 09:00-12:00", "bo 05 B 09:00-12:00")
	c.undo(r.Revision.ID)
	c.holds(held...)
	if r := c.week(Options{}, append(week[:4:4], "bo A 07 09:00 12:00")...); r.Refused || r.Schedule.Removals.Days != 1 {
		t.Errorf("a day off among others is refused: %+v", r)
	}
}
