package chstore

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"rollcall/schemas"
)

func requirementLines(t testing.TB, s *Store, q RequirementQuery) (out []string) {
	t.Helper()
	check(t, s.Requirements(ctx, q, func(r *schemas.Requirement) error {
		line := fmt.Sprint(r.Team, " ", r.Start.Sub(t0)/minute, "+", r.LengthMS/minute, " ", r.Required, "/", r.Shrinkage)
		if r.Removed {
			line += " removed"
		}
		out = append(out, line)
		return nil
	}))
	return out
}

func require(t testing.TB, s *Store, at schemas.Instant, rows ...schemas.Requirement) schemas.Import {
	t.Helper()
	row := journalRow(schemas.JournalRequirement, at)
	made := schemas.Import{
		ID:         row.ID,
		Kind:       row.Kind,
		RecordedAt: at,
		Actor:      "pia",
		Origin:     "r.csv",
		Rows:       len(rows),
	}
	check(t, s.WriteRequirements(ctx, row, made, rows))
	return made
}

// The newest revision of each interval counts, a tombstone takes one away, and what was known earlier stays known.
func TestNewestRequirementOfEachIntervalCounts(t *testing.T) {
	s := newStore(t)
	at := func(team string, min int64, length int64, required schemas.Decimal) schemas.Requirement {
		return schemas.Requirement{Team: team, Start: t0.Add(min * minute), LengthMS: length * minute,
			Required: required * schemas.DecimalOne / 2}
	}
	shrunk := at("Billing", 30, 15, 7)
	shrunk.Shrinkage = 300_000
	first := require(t, s, t0, at("Sales", 0, 60, 20), at("Billing", 0, 15, 5), at("Billing", 15, 15, 6), shrunk)
	gone := at("Billing", 15, 15, 0)
	gone.Removed = true
	require(t, s, t0+1, at("Billing", 0, 30, 11), gone)
	wantLines(t, requirementLines(t, s, RequirementQuery{}), "Billing 0+30 5.5/0", "Billing 30+15 3.5/0.3",
		"Sales 0+60 10/0")
	wantLines(t, requirementLines(t, s, RequirementQuery{KnownAt: t0, Teams: []string{"Billing", "O'Hara"}}),
		"Billing 0+15 2.5/0", "Billing 15+15 3/0", "Billing 30+15 3.5/0.3")
	part := RequirementQuery{Within: schemas.Interval{Start: t0.Add(29 * minute), End: t0.Add(30 * minute)}}
	wantLines(t, requirementLines(t, s, part), "Billing 0+30 5.5/0", "Sales 0+60 10/0")
	wantLines(t, requirementLines(t, s, RequirementQuery{Teams: []string{"Billing"}, AllRevisions: true}),
		"Billing 0+15 2.5/0",
		"Billing 0+30 5.5/0", "Billing 15+15 3/0", "Billing 15+15 0/0 removed", "Billing 30+15 3.5/0.3")
	wantLines(t, rowsOf(t, s,
		"SELECT concat(team, ' ', toString(required), ' ', toString(shrinkage), ' ', toString(interval_s)) AS line FROM "+
			"requirements ORDER BY line"),
		"Billing 3.5 0.3 900", "Billing 5.5 0 1800", "Sales 10 0 3600")
	if got := must[[]schemas.Import](t)(s.Imports(ctx, t0)); len(got) != 1 || got[0] != first {
		t.Errorf("the ledger says %+v, want %+v", got, first)
	}
	n := 0
	check(t, s.Requirements(ctx, RequirementQuery{}, func(*schemas.Requirement) error { n++; return ErrStop }))
	if n != 1 {
		t.Errorf("a reader that stopped was given %d rows", n)
	}
}

// A requirement without its journal row counts for nothing, and a range of years is written though an insert may touch
// only some months.
func TestRequirementsOfManyYears(t *testing.T) {
	s := newStore(t)
	var rows []schemas.Requirement
	for m := range 130 {
		rows = append(rows, schemas.Requirement{Team: "Sales", Start: t0.Add(int64(m) * 31 * schemas.DayMS),
			LengthMS: 30 * minute})
	}
	check(t, insert(ctx, s, "requirements_store", fieldsOf[schemas.Requirement],
		[]schemas.Requirement{{Team: "Ghost", Revision: uuid.NewString(), Start: t0, LengthMS: minute}}))
	require(t, s, t0, rows...)
	if got := requirementLines(t, s, RequirementQuery{}); len(got) != 130 || got[0] != "Sales 0+30 0/0" {
		t.Errorf("%d rows came back, beginning with %v", len(got), got[0])
	}
}

// What an undo leaves of an agent, a code and a label that had not been there before is nothing, in reads and in views.
func TestRemovedRowsAreGone(t *testing.T) {
	s := newStore(t)
	for i, removed := range []bool{false, true} {
		at := t0 + schemas.Instant(i)
		check(t, s.WriteRoster(ctx, journalRow(schemas.JournalRoster, at),
			[]schemas.Membership{{AgentID: "ana", Team: "Sales", RecordedAt: at, Removed: removed}}))
		check(t, s.WriteActivityCodes(ctx, journalRow(schemas.JournalActivities, at),
			[]schemas.ActivityCode{{Code: "Phones", Category: schemas.CategoryOnQueueWork, RecordedAt: at, Removed: removed}}))
		check(t, s.WriteStatuses(ctx, journalRow(schemas.JournalActivities, at),
			[]schemas.SecondaryStatus{{Secondary: "Coaching", Status: schemas.StatusTraining, RecordedAt: at,
				Removed: removed}}))
		left := 1 - i
		if n := len(must[[]schemas.Membership](t)(s.Memberships(ctx, 0))); n != left {
			t.Errorf("%d memberships, want %d", n, left)
		}
		if n := len(must[[]schemas.ActivityCode](t)(s.ActivityCodes(ctx, 0))); n != left {
			t.Errorf("%d codes, want %d", n, left)
		}
		if n := len(must[[]schemas.SecondaryStatus](t)(s.Statuses(ctx, 0))); n != left {
			t.Errorf("%d statuses, want %d", n, left)
		}
		if n := len(rowsOf(t, s, "SELECT agent_id AS line FROM memberships UNION ALL SELECT code FROM activity_codes UNION "+
			"ALL SELECT secondary FROM statuses")); n != 3*left {
			t.Errorf("%d rows of views, want %d", n, 3*left)
		}
	}
	if got := must[[]schemas.Membership](t)(s.Memberships(ctx, t0)); len(got) != 1 || got[0].Team != "Sales" {
		t.Errorf("what was known before the undo: %+v", got)
	}
}
