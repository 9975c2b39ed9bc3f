package imports

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// needed returns what is held as "start+minutes heads ...".
func (c *centre) needed(team string) string {
	c.Helper()
	var out []string
	err := c.store.Requirements(background, chstore.RequirementQuery{Teams: []string{team}},
		func(r *schemas.Requirement) error {
			out = append(out, fmt.Sprintf("%s+%d %s", r.Start.Time().Format("02T15:04"), r.LengthMS/schemas.MinuteMS,
				r.Required))
			return nil
		})
	if err != nil {
		c.Fatal(err)
	}
	return strings.Join(out, ", ")
}

// TestRequirementsReplaceTheirRange: what the file covers is replaced, team by team, what is around it stays; the dry
// run says the same as the import and writes nothing; the same file again writes nothing.
func TestRequirementsReplaceTheirRange(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, "agent_id,team,time_zone\nana,Billing,UTC\nbo,Sales,UTC\n", Options{})
	first := requirementsHead +
		"Billing,2026-03-02 09:00,2\nBilling,2026-03-02 09:30,3\nBilling,2026-03-02 10:00,4\nBilling,2026-03-03 09:00,5\n" +
		"Sales,2026-03-02 09:00,7\n"
	r := c.imports(files.Requirements, first, Options{})
	if r.Written != 5 || r.Import == nil || r.Import.Added != 5 || r.BaseRevision != noRevision {
		t.Fatalf("got %+v, base %s", r.Import, r.BaseRevision)
	}
	base := r.Import.ID
	if r = c.imports(files.Requirements, first, Options{}); r.Written != 0 || r.Import != nil || r.Unchanged != 5 ||
		len(c.journal()) != 2 {
		t.Errorf("the same again: %d written, %d unchanged", r.Written, r.Unchanged)
	}
	second := requirementsHead +
		"Billing,2026-03-02 09:30,3\nBilling,2026-03-02 10:00,4.5\nBilling,2026-03-02 10:30,1\nBilling,2026-03-02 20:00,1\n"
	for _, dry := range []bool{true, false} {
		r = c.imports(files.Requirements, second, Options{DryRun: dry, IfRevision: base})
		team := r.Requirements.Teams[0]
		if tally := team.RequirementTally; tally.Added != 2 || tally.Changed != 1 || tally.Removed != 0 ||
			tally.Unchanged != 1 ||
			tally.Before.Hours() != 3.5 || tally.After.Hours() != 4.75 || team.IntervalS != 1800 || r.BaseRevision != base {
			t.Errorf("dry run %t: %+v", dry, team)
		}
	}
	if got, want := c.needed("Billing"),
		"02T09:00+30 2, 02T09:30+30 3, 02T10:00+30 4.5, 02T10:30+30 1, 02T20:00+30 1, 03T09:00+30 5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	finer := requirementsHead + "Billing,2026-03-02 09:00,1\nBilling,2026-03-02 09:15,1.5\nBilling,2026-03-02 20:15,9\n"
	r = c.imports(files.Requirements, finer, Options{})
	if got, want := c.needed("Billing"), "02T09:00+15 1, 02T09:15+15 1.5, 02T20:15+15 9, 03T09:00+30 5"; got != want ||
		r.Requirements.Totals.Removed != 4 {
		t.Errorf("got %s, want %s; %+v", got, want, r.Requirements.Totals)
	}
	if got := c.needed("Sales"); got != "02T09:00+30 7" {
		t.Errorf("another team: %s", got)
	}
	day := schemas.MakeDate(2026, 3, 3)
	r = c.imports(files.Requirements, requirementsHead+"Billing,2026-03-03 10:00,1\nBilling,2026-03-03 10:30,1\n",
		Options{Options: files.Options{From: day, To: day}})
	if got := c.needed("Billing"); !strings.HasSuffix(got, "02T20:15+15 9, 03T10:00+30 1, 03T10:30+30 1") {
		t.Errorf("a whole date was to be replaced: %s", got)
	}
	var conflict *Conflict
	_, err := c.importer.Import(background, files.Requirements, files.BytesInput("f.csv", []byte(first)),
		Options{IfRevision: base})
	if !errors.As(err, &conflict) || len(conflict.Since) != 3 || conflict.Newest != r.Import.ID {
		t.Errorf("a planner who previewed long ago gets %v", err)
	}
	if _, err = c.importer.Import(background, files.Requirements, files.BytesInput("f.csv", []byte(first)),
		Options{IfRevision: "x"}); err == nil {
		t.Error("a base that does not exist is taken")
	}
	r = c.run(files.Requirements,
		files.BytesInput("f.csv", []byte(requirementsHead+"Billing,2026-03-03 10:15,1\nBilling,2026-03-03 10:30,1\n")),
		Options{})
	if !r.Refused || !strings.Contains(problems(r),
		"would cut the interval from 2026-03-03T10:00:00Z to 2026-03-03T10:30:00Z") {
		t.Errorf("an interval is cut: %s", problems(r))
	}
	for _, j := range c.journal() {
		if j.Kind == schemas.JournalRequirement && (!j.Range.Empty() || len(j.Agents) > 0) {
			t.Errorf("what is required makes no day dirty: %+v", j)
		}
	}
}

const requirementsHead = "team,start,required\n"
