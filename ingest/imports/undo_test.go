package imports

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// undo takes an import back; it must work.
func (c *centre) undo(id string) *Undone {
	c.Helper()
	u, err := c.importer.Undo(background, UndoOrder{Import: id, Actor: "pia"})
	if err != nil {
		c.Fatal(err)
	}
	return u
}

// roster returns the roster, one line an agent.
func (c *centre) roster() string {
	c.Helper()
	rows, err := c.store.Memberships(background, 0)
	if err != nil {
		c.Fatal(err)
	}
	var out []string
	for _, m := range rows {
		to := "…"
		if m.To != 0 {
			to = m.To.String()
		}
		out = append(out, fmt.Sprintf("%s %s/%s %s–%s", m.AgentID, m.Team, m.TimeZone, m.From, to))
	}
	return strings.Join(out, "; ")
}

// TestRosterPreviewSaysWhatChanges: who joins, moves, leaves or gets another zone, field by field and with dates; the
// dry run says what the import then does.
func TestRosterPreviewSaysWhatChanges(t *testing.T) {
	c := newCentre(t)
	head := "agent_id,name,team,site,time_zone,from,to\n"
	c.imports(files.Roster, head+
		"ana,Ana,Billing,Leeds,Europe/London,2026-01-01,\nbo,Bo,Sales,Hull,Europe/London,2026-01-01,\ncy,Cy,Sales,Hull,"+
		"Europe/London,2026-01-01,\neve,Eve,Sales,Hull,Europe/London,2026-01-01,\n", Options{})
	c.imports(files.Status, "agent_id,at,status\ndan,2026-03-02T09:00:00Z,break\n", Options{})
	text := head + "ana,Ana,Retention,Leeds,Europe/London,2026-03-16,\nbo,Bo,Sales,Hull,Europe/London,2026-01-01," +
		"2026-04-01\n" +
		"cy,Cyril,Sales,Hull,Asia/Kolkata,2026-03-16,\ndan,Dan,Sales,Hull,Europe/London,2026-01-01,\n"
	dry, wet := c.imports(files.Roster, text, Options{DryRun: true}).Roster,
		c.imports(files.Roster, text, Options{}).Roster
	if fmt.Sprintf("%+v", dry.Totals) != fmt.Sprintf("%+v", wet.Totals) || len(dry.Agents) != len(wet.Agents) {
		t.Errorf("the dry run says %+v, the import did %+v", dry, wet)
	}
	if want := (RosterTally{
		Tally:       Tally{Added: 1, Changed: 3},
		Moved:       1,
		Ended:       1,
		ZoneChanged: 1,
		Joins:       1,
	}); dry.Totals != want {
		t.Errorf("got %+v, want %+v", dry.Totals, want)
	}
	if !slices.Equal(dry.NotInFile, []string{"eve"}) || dry.NotInFileCount != 1 {
		t.Errorf("not in the file: %v", dry.NotInFile)
	}
	var got []string
	for _, a := range dry.Agents {
		for _, s := range a.Spans {
			from, to := "…", "…"
			if s.From != nil {
				from = s.From.String()
			}
			if s.To != nil {
				to = s.To.String()
			}
			got = append(got, fmt.Sprintf("%s %s %s %s–%s %v", a.AgentID, a.Change, s.Change, from, to, s.Fields))
		}
	}
	want := "ana changed changed 2026-03-16–… [{team Billing Retention}]; bo changed removed 2026-04-01–… []; " +
		"cy changed changed 2026-03-16–… [{name Cy Cyril} {time_zone Europe/London Asia/Kolkata}]; dan added added " +
		"2026-01-01–… []"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, "; "), want)
	}
}

// TestUndoOfARoster: agents are again what they were, also those who were in no roster; who was changed since stays
// and is named; the undo can be undone.
func TestUndoOfARoster(t *testing.T) {
	c := newCentre(t)
	head := "agent_id,team,time_zone,from\n"
	c.imports(files.Roster, head+"ana,Billing,UTC,2026-01-01\nbo,Billing,UTC,2026-01-01\n", Options{})
	before := c.roster()
	second := c.imports(files.Roster, head+"ana,Sales,UTC,2026-03-01\nbo,Sales,UTC,2026-03-01\ncy,Sales,UTC,2026-03-01\n",
		Options{})
	after := c.roster()
	u := c.undo(second.Import.ID)
	if c.roster() != before || u.Restored != 3 || u.Roster.Totals.Removed != 1 || u.Made.Undoes != second.Import.ID {
		t.Errorf("got %s, want %s: %+v", c.roster(), before, u)
	}
	if j := c.journal()[0]; len(j.Agents) != 3 || j.Range.Empty() || j.ID != u.Made.ID {
		t.Errorf("the journal says %+v", j)
	}
	if again := c.undo(u.Made.ID); c.roster() != after || again.Restored != 3 {
		t.Errorf("the undo undone: %s, want %s", c.roster(), after)
	}
	redone, err := c.importer.List(background, ListQuery{Kind: files.Roster, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.importer.Undo(background, UndoOrder{Import: second.Import.ID}); !errors.Is(err, ErrNothingToUndo) {
		t.Errorf("what comes from the undo of its undo by now is undone: %v", err)
	}
	third := c.imports(files.Roster, head+"bo,Retention,UTC,2026-03-10\n", Options{})
	u = c.undo(redone[0].ID)
	if u.Restored != 2 || len(u.NotRestored) != 1 || u.NotRestored[0].Subject != "bo" ||
		!strings.Contains(u.NotRestored[0].Reason, third.Import.ID) {
		t.Errorf("bo was changed since: %+v", u)
	}
	list, err := c.importer.List(background, ListQuery{Kind: files.Roster})
	if err != nil || len(list) != 6 || list[0].Undoes != redone[0].ID || len(list[0].UndoneBy) > 0 ||
		!slices.Equal(list[2].UndoneBy, []string{list[0].ID}) || list[1].ID != third.Import.ID {
		t.Errorf("the list: %+v %v", list, err)
	}
	d, err := c.importer.Diff(background, files.Roster, third.Import.ID)
	if err != nil || len(d.Roster.Agents) != 1 || d.Roster.Agents[0].AgentID != "bo" {
		t.Errorf("the diff: %+v %v", d, err)
	}
	var unknown *UnknownError
	if _, err = c.importer.Undo(background, UndoOrder{Kind: files.Requirements, Import: third.Import.ID}); !errors.As(err,
		&unknown) {
		t.Errorf("an import of another kind is undone: %v", err)
	}
}

// TestUndoOfRequirements: what still comes from the import goes back; what was changed since, and what would lie over
// it, stays and is named.
func TestUndoOfRequirements(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, "agent_id,team,time_zone\nana,Billing,UTC\n", Options{})
	row := func(at, heads string) string { return "Billing,2026-03-02 " + at + "," + heads + "\n" }
	c.imports(files.Requirements, requirementsHead+row("09:00", "2")+row("10:00", "3")+row("11:00", "4"), Options{})
	before := c.needed("Billing")
	second := c.imports(files.Requirements, requirementsHead+row("09:00", "1")+row("09:15", "1")+row("09:30", "1")+
		row("09:45", "1")+
		row("10:00", "5")+row("10:15", "5")+row("10:30", "5")+row("10:45", "5")+row("11:00", "4")+row("11:15", "4")+
		row("11:30", "4")+row("11:45", "4"), Options{})
	if got := c.needed("Billing"); !strings.HasPrefix(got, "02T09:00+15 1, 02T09:15+15 1") {
		t.Fatal(got)
	}
	d, err := c.importer.Diff(background, "", second.Import.ID)
	if err != nil || d.Requirements.Totals.Added != 9 || d.Requirements.Totals.Changed != 3 ||
		len(d.Requirements.Intervals) != 12 {
		t.Errorf("the diff: %+v %v", d.Requirements, err)
	}
	third := c.imports(files.Requirements, requirementsHead+row("10:30", "9")+row("10:45", "5"), Options{})
	plan, err := c.importer.Undo(background, UndoOrder{Import: second.Import.ID, DryRun: true})
	if err != nil || plan.Made != nil || c.needed("Billing") == before {
		t.Errorf("a dry run: %+v %v", plan, err)
	}
	u := c.undo(second.Import.ID)
	want := "02T09:00+60 2, 02T10:00+15 5, 02T10:15+15 5, 02T10:30+15 9, 02T10:45+15 5, 02T11:00+60 4"
	if got := c.needed("Billing"); got != want || u.Restored != 8 || len(u.NotRestored) != 4 ||
		u.Restored != plan.Restored {
		t.Errorf("got %s, want %s; %d restored, left %+v", got, want, u.Restored, u.NotRestored)
	}
	if reason := u.NotRestored[0].Reason; !strings.Contains(reason, "changed since by import "+third.Import.ID+
		" (f.csv, by pia") {
		t.Errorf("the reason is %q", reason)
	}
	c.undo(third.Import.ID)
	if _, err = c.importer.Undo(background, UndoOrder{Import: third.Import.ID}); !errors.Is(err, ErrNothingToUndo) {
		t.Errorf("undone twice: %v", err)
	}
}

// TestUndoOfCodes: a code gets its earlier category back, a new one is none any more.
func TestUndoOfCodes(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Activities, "code,category\nPhones,on_queue_work\nHuddle,meeting\n", Options{})
	second := c.imports(files.Activities, "code,category\nPhones,training\nCoaching,training\n", Options{})
	if n := second.Codes.Totals; n.Added != 1 || n.Changed != 1 ||
		second.Codes.Codes[1].Fields[0] != (FieldChange{"category", "on_queue_work", "training"}) {
		t.Errorf("the report says %+v", second.Codes)
	}
	c.undo(second.Import.ID)
	codes, err := c.store.ActivityCodes(background, 0)
	if err != nil || len(codes) != 2 || codes[1].Category != schemas.CategoryOnQueueWork {
		t.Errorf("got %+v %v", codes, err)
	}
	labels := c.imports(files.Statuses, "secondary,status\nCoaching,training\n", Options{})
	if u := c.undo(labels.Import.ID); u.Codes.Totals.Removed != 1 || u.Restored != 1 {
		t.Errorf("got %+v", u)
	}
	d, err := c.importer.Diff(background, files.Activities, second.Import.ID)
	if err != nil || len(d.Codes.Codes) != 2 {
		t.Errorf("the diff: %+v %v", d, err)
	}
}

// TestUndoOfAnyImportOfRequirements: whatever lengths and ranges are imported one over the other, intervals never
// overlap, and the undo of the last import restores exactly what was there before.
func TestUndoOfAnyImportOfRequirements(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, "agent_id,team,time_zone\nana,Billing,UTC\n", Options{})
	file := rapid.Custom(func(t *rapid.T) string {
		length := rapid.SampledFrom(schemas.RequirementLengths[:]).Draw(t, "length")
		at := schemas.Instant(1_772_409_600_000).Add(rapid.Int64Range(0, 6).Draw(t, "first") * schemas.HourMS)
		text := requirementsHead
		for range rapid.Int64Range(2, 5).Draw(t, "hours") * schemas.HourMS / length {
			text += fmt.Sprintf("Billing,%s,%d\n", at, rapid.IntRange(0, 2).Draw(t, "heads"))
			at = at.Add(length)
		}
		return text
	})
	before := ""
	for seed := range 8 {
		report := c.imports(files.Requirements, file.Example(seed), Options{})
		after := c.needed("Billing")
		c.noOverlap()
		if report.Import != nil {
			u := c.undo(report.Import.ID)
			if got := c.needed("Billing"); got != before {
				t.Fatalf("seed %d: got %s\nwant %s", seed, got, before)
			}
			if c.undo(u.Made.ID); c.needed("Billing") != after {
				t.Fatalf("seed %d: the undo undone leaves %s\nwant %s", seed, c.needed("Billing"), after)
			}
		}
		before = after
	}
}

func (c *centre) noOverlap() {
	c.Helper()
	all := []files.TeamRequirements{{Team: "Billing",
		Range: schemas.Interval{Start: schemas.MinInstant, End: schemas.MaxInstant}}}
	held, err := c.importer.required(background, all)
	if err != nil {
		c.Fatal(err)
	}
	last := schemas.Requirement{}
	for _, r := range held["Billing"] {
		if r.Start < last.Interval().End {
			c.Fatalf("the interval at %s begins before the one at %s ends", r.Start, last.Start)
		}
		last = r
	}
}

// TestAMonthOfDailyRostersAndRequirementsStaysSmall: the same export day by day, in which one row is different,
// writes that one; a file without a difference writes nothing and makes no entry.
func TestAMonthOfDailyRostersAndRequirementsStaysSmall(t *testing.T) {
	c := newCentre(t)
	teams, heads := make([]int, 20), make([]int, 48)
	for day := range 28 {
		teams[day%20], heads[day%48] = day, day+1
		roster, required := &strings.Builder{}, &strings.Builder{}
		roster.WriteString("agent_id,team,time_zone,supervisor\nx,Billing,UTC,\n")
		for n, team := range teams {
			fmt.Fprintf(roster, "a%02d,Billing,UTC,boss %d\n", n, team)
		}
		required.WriteString("team,start,required\n")
		for n, h := range heads {
			fmt.Fprintf(required, "Billing,2026-03-02T%02d:%02dZ,%d\n", n/2, n%2*30, h)
		}
		for kind, text := range map[files.Kind]string{files.Roster: roster.String(), files.Requirements: required.String()} {
			if kind == files.Requirements && day == 0 {
				c.imports(files.Roster, roster.String(), Options{})
			}
			r := c.imports(kind, text, Options{})
			if day > 0 && (r.Written != 1 || r.Import == nil) {
				t.Fatalf("day %d: %d of %s written", day, r.Written, kind)
			}
			if day%7 != 0 {
				continue
			}
			if again := c.imports(kind, text, Options{}); again.Written != 0 || again.Import != nil ||
				len(again.Journal) > 0 {
				t.Fatalf("day %d: the same %s once more wrote %d", day, kind, again.Written)
			}
		}
	}
	if made, err := c.store.Imports(background, 0); err != nil || len(made) != 56 {
		t.Errorf("%d imports are listed, %v", len(made), err)
	}
}
