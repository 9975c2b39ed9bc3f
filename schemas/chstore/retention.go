package chstore

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// Aged is a part of a table that is old enough to go: a month, or everything before a day where a table is not kept by
// months.
type Aged struct {
	// Month is YYYYMM; 0 where the table is not kept by months.
	Month int
	Rows  int `ch:"old_rows"`
}

// agedTable is a table of which old rows may go. Tables that are kept by months lose whole months.
type agedTable struct {
	name, column string
	monthly      bool
	// only, which may be empty, says which rows may go at all.
	only string
	// derived, which may be empty, is a table that is made from this one and loses the same months.
	derived string
}

// agedTables are the tables of a retention, by the key under which the configuration knows them.
var agedTables = map[string]agedTable{
	"status_changes": {name: "status_changes_store", column: "at", monthly: true,
		derived: "newest_facts_store"},
	"schedule":     {name: "schedule_days_store", column: "day", monthly: true},
	"adherence":    {name: "adherence_days_store", column: "day", monthly: true},
	"staffing":     {name: "staffing_intervals_store", column: "start_at", monthly: true},
	"requirements": {name: "requirements_store", column: "start_at", monthly: true},
	"findings":     {name: "findings_store", column: "recorded_at"},
	"job_runs":     {name: "job_runs_store", column: "due_at"},
	// What other rows count by stays: only what is an audit trail, and was judged, goes.
	"journal": {name: "journal_store", column: "recorded_at",
		only: " AND kind IN ('status_changes', 'access', 'job', 'report') AND written_at <= (SELECT max(low_water) FROM " +
			"compute_runs_store)"},
}

// statement fills in a statement about the table.
func (t agedTable) statement(name string, before schemas.Date) statement {
	edge := "toDateTime64('" + before.String() + " 00:00:00', 3, 'UTC')"
	if t.column == "day" {
		edge = "toDate32('" + before.String() + "')"
	}
	month := "0"
	if t.monthly {
		month, edge = "toYYYYMM("+t.column+")", "toStartOfMonth("+edge+")"
	}
	return query(name).put("table", t.name, "month", month, "old", t.column+" < "+edge+t.only)
}

// Aged lists what of a table, named as in the configuration, lies before the day, by month.
func (s *Store) Aged(ctx context.Context, table string, before schemas.Date) ([]Aged, error) {
	t, ok := agedTables[table]
	if !ok {
		return nil, fmt.Errorf("there is no retention of %q", table)
	}
	return all(ctx, s, "look for old rows of "+t.name, t.statement("aged_rows", before), fieldsOf[Aged])
}

// DropAged deletes what Aged lists.
func (s *Store) DropAged(ctx context.Context, table string, before schemas.Date, old []Aged) error {
	t := agedTables[table]
	for _, a := range old {
		q := t.statement("aged_delete", before)
		if t.monthly {
			q = t.statement("aged_drop", before).put("which", fmt.Sprint(a.Month))
		}
		if t.derived != "" { // first, because the month is not looked for again once it has gone from the table itself
			of := query("aged_drop").put("table", t.derived, "which", fmt.Sprint(a.Month))
			if err := s.exec(ctx, of); err != nil {
				return wrap("delete old rows of "+t.derived, err)
			}
		}
		if err := s.exec(ctx, q); err != nil {
			return wrap("delete old rows of "+t.name, err)
		}
	}
	return nil
}
