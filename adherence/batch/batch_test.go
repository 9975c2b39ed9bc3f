package batch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

func TestMain(m *testing.M) { os.Exit(engine.RunTests(m)) }

// newStore returns an empty store in a database of its own.
func newStore(t testing.TB) *chstore.Store {
	t.Helper()
	return newStoreIn(t, "t"+uuid.NewString()[:8])
}

// newStoreIn returns an empty store in the named database.
func newStoreIn(t testing.TB, database string) *chstore.Store {
	t.Helper()
	at := engine.ForTest(t)
	cfg := chstore.DefaultConfig()
	cfg.Endpoint = chstore.Fixed(chstore.Endpoint{Addr: at.Addr, User: at.User, Password: at.Password,
		Database: database})
	s, err := chstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func row(kind schemas.JournalKind, at schemas.Instant) schemas.JournalRow {
	return schemas.JournalRow{ID: uuid.NewString(), RecordedAt: at, Actor: "test", Origin: "test", Kind: kind}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// memory is a Sink that holds rows.
type memory struct {
	rows    []schemas.DayRow
	deleted []string
}

func (m *memory) Append(d *schemas.DayRow) error {
	r := *d
	r.Exceptions, r.Overruled = slices.Clone(d.Exceptions), slices.Clone(d.Overruled)
	for i := range r.Exceptions {
		r.Exceptions[i].Parts = slices.Clone(r.Exceptions[i].Parts)
	}
	m.rows = append(m.rows, r)
	return nil
}

func (m *memory) Delete(agent string, day schemas.Date, _ schemas.Instant) error {
	m.deleted = append(m.deleted, agent+" "+day.String())
	return nil
}

func (m *memory) Close() error { return nil }

// known is an instant before every case, at which everything of a case is recorded.
const known = schemas.MinInstant

// storeCase puts a case into the store as one agent with a team, a zone and rules of its own.
func storeCase(t *testing.T, s *chstore.Store, c *adherence.Case, agent string) {
	t.Helper()
	ctx := t.Context()
	source := func(name string) string { return "case " + agent + ": " + name }
	policy := c.Policy
	for f, list := range policy.Prefer {
		policy.Prefer[f] = nil
		for _, name := range list {
			policy.Prefer[f] = append(policy.Prefer[f], source(name))
		}
	}
	rules, err := json.Marshal(&policy)
	must(t, err)
	must(t, s.WritePolicies(ctx, row(schemas.JournalPolicy, known),
		[]schemas.PolicyVersion{{ID: uuid.NewString(), Team: agent,
			From: schemas.MakeDate(2000, 1, 1), Rules: string(rules), RecordedAt: known}}))
	must(t, s.WriteRoster(ctx, row(schemas.JournalRoster, known),
		[]schemas.Membership{{AgentID: agent, Name: c.Name, Team: agent,
			TimeZone: c.Zone.Name(), From: schemas.MakeDate(2000, 1, 1), RecordedAt: known}}))
	changes := slices.Clone(c.Changes)
	for i := range changes {
		changes[i].AgentID, changes[i].Source = agent, source(changes[i].Source)
		changes[i].ReceivedAt = known.Add(int64(i))
		if changes[i].ID == "" {
			changes[i].ID = changes[i].ContentID()
		}
	}
	must(t, s.WriteChanges(ctx, row(schemas.JournalChanges, known), changes))
	storeSchedule(t, s, c, agent)
	for i, x := range c.Corrections {
		x.ID, x.AgentID, x.RecordedAt = uuid.NewString(), agent, known.Add(int64(i))
		must(t, s.WriteCorrections(ctx, row(schemas.JournalCorrection, known), []schemas.Correction{x}))
	}
	for _, g := range c.Gaps {
		g.ID, g.AgentID, g.Source, g.RecordedAt = uuid.NewString(), agent, source(g.Source), known
		must(t, s.WriteGaps(ctx, row(schemas.JournalGaps, known), []schemas.Gap{g}))
	}
}

// storeComplete stores how far the sources of a case are complete.
func storeComplete(t *testing.T, s *chstore.Store, c *adherence.Case, agent string) {
	t.Helper()
	for i, x := range c.Complete {
		must(t, s.WriteFeeds(t.Context(), row(schemas.JournalComplete, known), []schemas.Feed{{
			Source:       "case " + agent + ": " + x.Name,
			CompleteUpTo: x.CompleteUpTo,
			RecordedAt:   known.Add(int64(i)),
		}}))
	}
}

// storeSchedule stores the activities under the local date of their start: the judge forms shifts and days itself.
func storeSchedule(t *testing.T, s *chstore.Store, c *adherence.Case, agent string) {
	t.Helper()
	byDay := map[schemas.Date][]schemas.Activity{}
	for _, a := range c.Activities {
		d := c.Zone.Date(a.Start)
		byDay[d] = append(byDay[d], a)
	}
	rev := schemas.Revision{ID: uuid.NewString(), RecordedAt: known, Actor: "test", Origin: c.Name}
	must(t, s.WriteSchedule(t.Context(), row(schemas.JournalSchedule, known), rev,
		func(yield func(*schemas.ScheduleDay, error) bool) {
			for d, acts := range byDay {
				if !yield(&schemas.ScheduleDay{AgentID: agent, Day: d, Activities: acts}, nil) {
					return
				}
			}
		}))
}

func judge(t *testing.T, s *chstore.Store, req batch.Request) *memory {
	t.Helper()
	cfg := batch.DefaultConfig()
	cfg.Workers = 1
	b, err := batch.New(cfg, s)
	must(t, err)
	m := &memory{}
	_, err = b.Judge(t.Context(), req, func() batch.Sink { return m }, nil)
	must(t, err)
	return m
}

// Every case says the same through the store as on its own: policies, zones, corrections, gaps and schedules find their
// agent, and nothing of another agent leaks in.
func TestCasesThroughTheStore(t *testing.T) {
	s := newStore(t)
	files, err := filepath.Glob("../testdata/cases/*.json")
	must(t, err)
	if len(files) < 17 {
		t.Fatalf("only %d cases found", len(files))
	}
	var cases []*adherence.Case
	for i, f := range files {
		data, err := os.ReadFile(f)
		must(t, err)
		c, err := adherence.ParseCase(data)
		must(t, err)
		cases = append(cases, c)
		storeCase(t, s, c, fmt.Sprintf("agent %02d", i))
		storeComplete(t, s, c, fmt.Sprintf("agent %02d", i))
	}
	for i, c := range cases {
		want, err := c.Evaluate()
		must(t, err)
		req := batch.Request{
			From:    schemas.MakeDate(2026, 2, 1),
			To:      schemas.MakeDate(2026, 4, 30),
			Agents:  []string{fmt.Sprintf("agent %02d", i)},
			AsOf:    c.AsOf,
			Version: c.AsOf,
			Fresh:   true,
		}
		sameDays(t, c.Name, want, judge(t, s, req).rows)
		for _, d := range want.Days { // one day alone, for which older facts have to be looked up
			req.From, req.To = d.Day, d.Day
			sameDays(t, c.Name, adherence.CaseResult{Days: []schemas.AgentDay{d}}, judge(t, s, req).rows)
		}
	}
}

func sameDays(t *testing.T, name string, want adherence.CaseResult, rows []schemas.DayRow) {
	t.Helper()
	if len(rows) != len(want.Days) {
		t.Errorf("%s: %d days through the store, %d on its own", name, len(rows), len(want.Days))
		return
	}
	for i := range rows {
		g, w := text(t, &rows[i].AgentDay), text(t, &want.Days[i])
		if g = strings.ReplaceAll(g, "case "+rows[i].AgentID+": ", ""); g != w { // the names of sources as stored
			t.Errorf("%s:\nthrough the store %s\non its own        %s", name, g, w)
		}
	}
}

// text writes everything that was judged of a day.
func text(t *testing.T, d *schemas.AgentDay) string {
	t.Helper()
	all := struct {
		schemas.DayJSON
		Exceptions []schemas.ExceptionJSON `json:"exceptions"`
		Overruled  []schemas.Overruled     `json:"overruled,omitempty"`
	}{DayJSON: d.JSON(), Overruled: d.Overruled}
	for i := range d.Exceptions {
		all.Exceptions = append(all.Exceptions, d.Exceptions[i].JSON())
	}
	b, err := json.Marshal(all)
	must(t, err)
	return string(b)
}
