package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// mostReasons is how many writes are listed for one agent-day.
const mostReasons = 3

// How far around a write days may change that it does not touch itself: shifts over midnight, and states that last.
const (
	nearMS = schemas.DayMS
	farMS  = 8 * schemas.DayMS
)

// cause is a write that can have changed a day; the smaller its distance, the likelier.
type cause struct {
	row      schemas.JournalRow
	distance int
}

// reasons looks the changed days up in the journal. Of many writes the nearest are listed, and of those the latest.
func (v *verifying) reasons(ctx context.Context, journal Journal) error {
	byAgent := map[string][]int{}
	for i := range v.found.Changed {
		byAgent[v.found.Changed[i].AgentID] = append(byAgent[v.found.Changed[i].AgentID], i)
	}
	causes := make([][]cause, len(v.found.Changed))
	counts := make([]int, len(v.found.Changed))
	take := func(i int, row *schemas.JournalRow, span schemas.Interval) {
		distance, ok := reach(&v.found.Changed[i], row.Kind, span)
		if !ok {
			return
		}
		counts[i]++
		short := *row
		short.Agents, short.Ranges = nil, nil
		causes[i] = append(causes[i], cause{short, distance})
		slices.SortFunc(causes[i], func(a, b cause) int {
			return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.row.RecordedAt, a.row.RecordedAt),
				cmp.Compare(a.row.ID, b.row.ID))
		})
		causes[i] = causes[i][:min(len(causes[i]), mostReasons)]
	}
	err := journal(ctx, v.file.JudgedAt, func(row *schemas.JournalRow) error {
		if len(row.Agents) == 0 {
			for i := range v.found.Changed {
				take(i, row, row.Range)
			}
			return nil
		}
		near := map[int]bool{}
		for k, a := range row.Agents {
			for _, i := range byAgent[a] {
				if span := rangeOf(row, k); !near[i] {
					_, near[i] = reach(&v.found.Changed[i], row.Kind, span)
					take(i, row, span)
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what was written since %s: %w", v.file.JudgedAt, err)
	}
	for i := range v.found.Changed {
		v.found.Changed[i].Why = causeTexts(causes[i], counts[i])
	}
	return nil
}

func rangeOf(row *schemas.JournalRow, k int) schemas.Interval {
	if k < len(row.Ranges) {
		return row.Ranges[k]
	}
	return row.Range
}

// reach says whether a write can have changed the figure, and how far from the day it lies: 0 on it, 1 beside it, 2
// where only a state that lasts can carry it over.
func reach(d *Difference, kind schemas.JournalKind, span schemas.Interval) (int, bool) {
	day := d.zone.Day(d.Day)
	who := d.Figure == "agent_name" || d.Figure == "team" || d.Figure == "site"
	switch {
	case kind == schemas.JournalComplete:
		return 0, d.Figure == "state"
	case kindWords[kind] == "", who:
		return 0, kind == schemas.JournalRoster
	}
	for distance, around := range []int64{0, nearMS, farMS} {
		if day.Start.Add(-around) <= span.End && span.Start <= day.End.Add(min(around, nearMS)) {
			return distance, true
		}
	}
	return 0, false
}

// causeTexts writes the causes down.
func causeTexts(causes []cause, count int) []string {
	out := []string{}
	for _, c := range causes {
		if c.distance > causes[0].distance {
			break
		}
		text := fmt.Sprintf("%s by %s at %s", kindWords[c.row.Kind], cmp.Or(c.row.Actor, "nobody named"), c.row.RecordedAt)
		if c.row.Origin != "" {
			text += " (" + c.row.Origin + ")"
		}
		out = append(out, text)
	}
	if more := count - len(causes); more > 0 {
		out = append(out, fmt.Sprintf("and %d more writes", more))
	}
	if len(out) == 0 {
		out = append(out, "nothing in the journal")
	}
	return out
}

// kindWords name the kinds of writes that can change a day.
var kindWords = map[schemas.JournalKind]string{
	schemas.JournalChanges:    "late status changes",
	schemas.JournalGaps:       "a feed gap",
	schemas.JournalComplete:   "a feed said how far it is complete",
	schemas.JournalSchedule:   "a schedule revision",
	schemas.JournalRoster:     "the roster",
	schemas.JournalActivities: "activity codes",
	schemas.JournalPolicy:     "a policy",
	schemas.JournalCorrection: "a correction",
}
