package imports

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

// planned is a store with a ledger that judges, whose clock goes on by a second each time it is read.
type planned struct {
	testing.TB
	store  *chstore.Store
	ledger *Ledger
	time   time.Time
}

func newPlanned(tb testing.TB) *planned {
	tb.Helper()
	at := engine.ForTest(tb)
	cfg := chstore.DefaultConfig()
	cfg.Endpoint = chstore.Fixed(chstore.Endpoint{Addr: at.Addr, User: at.User, Password: at.Password,
		Database: "r_" + strings.ReplaceAll(uuid.NewString(), "-", "")})
	store, err := chstore.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	if _, err := store.Migrate(background); err != nil {
		tb.Fatal(err)
	}
	c := &planned{TB: tb, store: store, time: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	judge, err := batch.New(batch.DefaultConfig(), store)
	if err != nil {
		tb.Fatal(err)
	}
	c.ledger = New(Deps{Store: store, Judge: judge,
		Clock: func() time.Time { c.time = c.time.Add(time.Second); return c.time }})
	c.roster("ana,Ana,Billing,UTC\nbo,Bo,Billing,UTC\ncy,Cy,Sales,UTC\n")
	return c
}

func (c *planned) roster(rows string) {
	c.Helper()
	r, err := c.ledger.Import(background, files.Roster,
		files.BytesInput("roster.csv", []byte("agent_id,name,team,time_zone\n"+rows)), Options{})
	if err != nil || r.Refused {
		c.Fatal(err, r.Problems)
	}
}

// file makes a schedule of rows such as "ana Phones 02 09:00 12:00"; an end not after the start is on the next day.
func file(rows ...string) files.Input {
	b := &strings.Builder{}
	b.WriteString("agent_id,activity,category,date,start_time,end_time\n")
	for _, row := range rows {
		f := strings.Fields(row)
		category := map[string]string{"Break": "break", "Huddle": "meeting"}[f[1]]
		if category == "" {
			category = "on_queue_work"
		}
		fmt.Fprintf(b, "%s,%s,%s,2026-03-%s,%s,%s\n", f[0], f[1], category, f[2], f[3], f[4])
	}
	return files.BytesInput("week.csv", []byte(b.String()))
}

// apply imports rows and returns the revision.
func (c *planned) apply(rows ...string) string {
	c.Helper()
	r, err := c.ledger.Import(background, files.Schedule, file(rows...), Options{Actor: "pia"})
	if err != nil || r.Refused || r.Revision == nil {
		c.Fatal(err, r)
	}
	return r.Revision.ID
}

func (c *planned) undo(revision string) *Undone {
	c.Helper()
	u, err := c.ledger.Undo(background, UndoOrder{Kind: files.Schedule, Import: revision, Actor: "pia"})
	if err != nil {
		c.Fatal(err)
	}
	return u
}

// scheduled returns the schedule, "ana 02 Phones 09:00-12:00" for each activity.
func (c *planned) scheduled(q ShowQuery) string {
	c.Helper()
	var out []string
	if q.To == 0 {
		q.To = 50_000
	}
	err := c.ledger.Show(background, q, func(s *Shown) error {
		out = append(out, fmt.Sprintf("%s %s %s %s-%s", s.AgentID, s.Day.String()[8:], s.Code, s.Start.Time().Format("15:04"),
			s.End.Time().Format("15:04")))
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
	return strings.Join(out, ", ")
}

func (c *planned) holds(want ...string) {
	c.Helper()
	if got := c.scheduled(ShowQuery{}); got != strings.Join(want, ", ") {
		c.Errorf("the schedule holds %s\nwant %s", got, strings.Join(want, ", "))
	}
}

// TestThePreviewSaysWhatTheImportDoes: to the day and the activity, and also who is not in the file.
func TestThePreviewSaysWhatTheImportDoes(t *testing.T) {
	c := newPlanned(t)
	c.apply("ana A 02 09:00 12:00", "ana B 02 12:00 13:00", "ana A 03 09:00 12:00", "ana A 05 09:00 12:00",
		"bo A 03 09:00 12:00", "cy A 03 09:00 12:00")
	next := file("ana A 02 09:00 12:00", "ana B 02 13:00 14:00", "ana A 03 09:00 12:00", "ana C 04 09:00 10:00",
		"ana A 06 08:00 09:00")
	p, err := c.ledger.Import(background, files.Schedule, next, Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Schedule
	if got := fmt.Sprintf("%s %s, %d agents, %d %d %d days", s.From, s.To, len(s.Agents), s.Totals.DaysChanged,
		s.Totals.DaysRemoved, s.Totals.DaysUnchanged); got !=
		"2026-03-02 2026-03-06, 1 agents, 3 1 1 days" {
		t.Errorf("got %s", got)
	}
	if got := s.Agents[0].TallyJSON; got != (schemas.TallyJSON{
		Added:            2,
		Removed:          1,
		Moved:            1,
		Unchanged:        2,
		AddedS:           7200,
		RemovedS:         10800,
		MovedS:           3600,
		UnchangedS:       21600,
		ScheduledBeforeS: 36000,
		ScheduledAfterS:  32400,
	}) {
		t.Errorf("got %+v", got)
	}
	if len(s.NotInFile) != 1 || s.NotInFile[0] != (RetainedSchedule{
		AgentID:    "bo",
		Name:       "Bo",
		Team:       "Billing",
		Days:       1,
		Activities: 1,
		ScheduledS: 10800,
	}) {
		t.Errorf("not in the file: %+v", s.NotInFile)
	}
	if !p.DryRun || p.Revision != nil || len(p.Journal) > 0 {
		t.Errorf("the preview wrote %+v", p.Report)
	}
	r, err := c.ledger.Import(background, files.Schedule, next, Options{IfRevision: p.BaseRevision})
	if err != nil || r.Written != p.Written || r.Unchanged != p.Unchanged || r.Schedule.Totals != s.Totals {
		t.Errorf("the preview said %d of %d, the import did %d of %d: %v", p.Written, p.Unchanged, r.Written, r.Unchanged,
			err)
	}
	again, err := c.ledger.Import(background, files.Schedule, next, Options{DryRun: true})
	if err != nil || again.Written != 0 || again.Schedule.Totals.Added+again.Schedule.Totals.Moved != 0 {
		t.Errorf("once more would write %d: %v", again.Written, err)
	}
}

// TestUndoTakesBackWhatIsStillThere: days that a later import changed stay, and are named with who changed them.
func TestUndoTakesBackWhatIsStillThere(t *testing.T) {
	c := newPlanned(t)
	c.apply("ana A 02 09:00 12:00", "ana A 03 09:00 12:00")
	second := c.apply("ana B 02 09:00 12:00", "ana B 03 09:00 12:00", "ana B 04 09:00 12:00", "ana B 05 09:00 12:00")
	third := c.apply("ana C 03 09:00 12:00")
	dry, err := c.ledger.Undo(background, UndoOrder{Kind: files.Schedule, Import: second, DryRun: true})
	if err != nil || dry.Made != nil || dry.BaseRevision != third {
		t.Fatal(err, dry)
	}
	c.holds("ana 02 B 09:00-12:00", "ana 03 C 09:00-12:00", "ana 04 B 09:00-12:00", "ana 05 B 09:00-12:00")
	u := c.undo(second)
	c.holds("ana 02 A 09:00-12:00", "ana 03 C 09:00-12:00")
	if got := fmt.Sprint(u.Days); got != "[{ana 2026-03-02 false} {ana 2026-03-04 true} {ana 2026-03-05 true}]" ||
		got != fmt.Sprint(dry.Days) {
		t.Errorf("restored %s, the preview said %v", got, dry.Restored)
	}
	if len(u.NotRestored) != 1 || u.NotRestored[0].Day != schemas.MakeDate(2026, 3, 3) ||
		!strings.Contains(u.NotRestored[0].Reason, "changed since by revision "+third+
			" (week.csv, by pia at 2026-03-10T12:") {
		t.Errorf("not restored: %+v", u.NotRestored)
	}
	if u.Made.Undoes != second || u.Made.Revision.DaysChanged != 1 || u.Made.Revision.DaysRemoved != 2 ||
		u.Made.Revision.DaysUnchanged != 1 {
		t.Errorf("the revision says %+v", u.Made)
	}
	_, err = c.ledger.Undo(background, UndoOrder{Kind: files.Schedule, Import: second})
	if !errors.Is(err, ErrNothingToUndo) || !strings.Contains(err.Error(), "taken back already by revision "+u.Made.ID) {
		t.Errorf("a second undo: %v", err)
	}
	c.undo(u.Made.ID)
	c.holds("ana 02 B 09:00-12:00", "ana 03 C 09:00-12:00", "ana 04 B 09:00-12:00", "ana 05 B 09:00-12:00")
	list, err := c.ledger.List(background, ListQuery{Kind: files.Schedule})
	if err != nil || len(list) != 5 || list[3].ID != second || len(list[3].UndoneBy) != 1 ||
		list[3].UndoneBy[0] != u.Made.ID {
		t.Errorf("the list says %+v: %v", list, err)
	}
	if got := c.scheduled(ShowQuery{Revision: third}); got !=
		"ana 02 B 09:00-12:00, ana 03 C 09:00-12:00, ana 04 B 09:00-12:00, ana 05 B 09:00-12:00" {
		t.Errorf("after the third it held %s", got)
	}
}

// TestUndoSeesThroughUndos: when a later import was itself taken back, what the first one brought counts as its own
// again.
func TestUndoSeesThroughUndos(t *testing.T) {
	c := newPlanned(t)
	first := c.apply("ana A 02 09:00 12:00")
	second := c.apply("ana B 02 09:00 12:00")
	c.undo(second)
	c.holds("ana 02 A 09:00-12:00")
	u := c.undo(first)
	c.holds()
	c.undo(u.Made.ID)
	c.holds("ana 02 A 09:00-12:00")
	c.undo(first)
	c.holds()
}

// TestUndoCutsNoShift: what would overlap a shift that came later is left alone.
func TestUndoCutsNoShift(t *testing.T) {
	c := newPlanned(t)
	c.apply("ana N 02 22:00 06:00", "bo N 02 22:00 06:00")
	second := c.apply("ana D 02 09:00 12:00", "bo D 02 09:00 12:00")
	c.apply("ana E 03 05:00 09:00")
	u := c.undo(second)
	c.holds("ana 02 D 09:00-12:00", "ana 03 E 05:00-09:00", "bo 02 N 22:00-06:00")
	if len(u.NotRestored) != 1 ||
		!strings.Contains(u.NotRestored[0].Reason,
			`"N" from 2026-03-02T22:00:00Z to 2026-03-03T06:00:00Z would overlap "E" of 2026-03-03`) {
		t.Errorf("not restored: %+v", u.NotRestored)
	}
}

// TestTheSecondPlannerHasToLookAgain: who previewed before somebody else changed the same days has to look again; who
// changed other days, or other agents, does not matter.
func TestTheSecondPlannerHasToLookAgain(t *testing.T) {
	c := newPlanned(t)
	mine := file("ana A 02 09:00 12:00", "ana A 03 09:00 12:00")
	seen := func() string {
		p, err := c.ledger.Import(background, files.Schedule, mine, Options{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		return p.BaseRevision
	}
	none := seen()
	if none != noRevision {
		t.Errorf("the first preview names revision %s", none)
	}
	c.apply("bo A 03 09:00 12:00")
	c.apply("ana A 12 09:00 12:00")
	other := c.apply("ana B 03 10:00 11:00", "bo B 03 10:00 11:00")
	_, err := c.ledger.Import(background, files.Schedule, mine, Options{IfRevision: none})
	var conflict *Conflict
	if !errors.As(err, &conflict) || len(conflict.Since) != 1 || conflict.Since[0].ID != other ||
		conflict.Since[0].AffectedDays != 1 || conflict.Newest != other {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "revision "+other+" (week.csv, by pia at 2026-03-10T12:") ||
		!strings.Contains(err.Error(), "preview again") {
		t.Errorf("it says %v", err)
	}
	if r, err := c.ledger.Import(background, files.Schedule, mine, Options{IfRevision: seen()}); err != nil ||
		r.Revision == nil {
		t.Errorf("after another look: %v", err)
	}
	var unknown *UnknownError
	if _, err := c.ledger.Import(background, files.Schedule, mine, Options{IfRevision: other + "0"}); !errors.As(err,
		&unknown) || unknown.Near != other {
		t.Errorf("got %v", err)
	}
	if _, err := c.ledger.Undo(background,
		UndoOrder{Kind: files.Schedule, Import: other, IfRevision: other}); !errors.As(err, &conflict) {
		t.Errorf("an undo after a change: %v", err)
	}
}

// TestTwoAtOnceDoNotInterleave: of imports that come at the same time each sees what the one before it wrote, so that
// the schedule is that of one of them as a whole.
func TestTwoAtOnceDoNotInterleave(t *testing.T) {
	c := newPlanned(t)
	done := make(chan error)
	begun := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for i := range 4 {
		go func() {
			ledger := New(Deps{Store: c.store, Clock: func() time.Time { return begun }})
			var rows []string
			for day := 2; day < 10; day++ {
				if day%4 != i {
					rows = append(rows, fmt.Sprintf("ana P%d %02d 09:00 12:00", i, day))
				}
			}
			_, err := ledger.Import(background, files.Schedule, file(rows...),
				Options{Options: files.Options{From: schemas.MakeDate(2026, 3, 2), To: schemas.MakeDate(2026, 3, 9)}})
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	got := c.scheduled(ShowQuery{})
	codes := map[string]bool{}
	for _, a := range strings.Split(got, ", ") {
		codes[strings.Fields(a)[2]] = true
	}
	if len(codes) != 1 || len(strings.Split(got, ", ")) != 6 {
		t.Errorf("the schedule is a mixture: %s", got)
	}
	list, err := c.ledger.List(background, ListQuery{Kind: files.Schedule})
	if err != nil || len(list) != 4 || list[0].RecordedAt <= list[1].RecordedAt {
		t.Errorf("got %+v %v", list, err)
	}
}

// TestDiffListsEachActivity: against what was before, between two revisions, and backwards.
func TestDiffListsEachActivity(t *testing.T) {
	c := newPlanned(t)
	first := c.apply("ana A 02 09:00 12:00", "ana B 02 12:00 13:00", "bo A 02 09:00 12:00")
	second := c.apply("ana A 02 09:00 12:00", "ana B 02 13:00 14:00", "bo A 02 09:00 12:00")
	third := c.apply("ana A 02 09:00 12:00", "ana B 02 12:00 13:00", "bo C 02 09:00 12:00")
	changes := func(q DiffQuery) string {
		d, err := c.ledger.diffSchedule(background, q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, day := range d.Days {
			for _, x := range day.Activities {
				a := x.After
				if a == nil {
					a = x.Before
				}
				out = append(out, fmt.Sprintf("%s %s %s %s", day.AgentID, x.Change, a.Code, a.Start.Time().Format("15:04")))
			}
		}
		return strings.Join(out, ", ")
	}
	for want, q := range map[string]DiffQuery{
		"ana added A 09:00, ana added B 12:00, bo added A 09:00": {Revision: first},
		"ana unchanged A 09:00, ana moved B 13:00":               {Revision: second},
		"bo removed A 09:00, bo added C 09:00":                   {Revision: first, To: third},
		"bo removed C 09:00, bo added A 09:00":                   {Revision: third, To: first},
		"":                                                       {Revision: second, To: second},
		"ana unchanged A 09:00, ana moved B 12:00":               {Revision: third, Agents: []string{"ana"}},
	} {
		if got := changes(q); got != want {
			t.Errorf("%+v: got %s, want %s", q, got, want)
		}
	}
	d, err := c.ledger.diffSchedule(background, DiffQuery{Revision: third, Limit: 1})
	if err != nil || d.Agents != 2 || d.DayCount != 2 || len(d.Days) != 1 || d.Totals.Moved != 1 || d.Before != second ||
		d.After != third {
		t.Errorf("got %+v %v", d, err)
	}
}
