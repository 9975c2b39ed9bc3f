package imports

import (
	"encoding/json"

	"rollcall/schemas"
)

// shape is how programs read what there is to say about the imports of a kind.
type shape struct {
	result func(r *Result) any
	entry  func(e *Entry) any
	since  func(s *Since) any
	diff   func(d *Diff) any
	undone func(u *Undone) any
}

// MarshalJSON writes what the kind has.
func (r *Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(kindNamed(r.Kind).shape.result(r))
}

// MarshalJSON writes the record of the kind, with undone_by: a list for a schedule, the newest import for others.
func (e Entry) MarshalJSON() ([]byte, error) { return json.Marshal(kindIn(e.Kind).shape.entry(&e)) }

// MarshalJSON writes the record and, of a schedule, what it changed of what was previewed.
func (s Since) MarshalJSON() ([]byte, error) { return json.Marshal(kindIn(s.Kind).shape.since(&s)) }

// MarshalJSON writes what the kind has.
func (d *Diff) MarshalJSON() ([]byte, error) {
	return json.Marshal(kindIn(d.Import.Kind).shape.diff(d))
}

// MarshalJSON writes what the kind has.
func (u *Undone) MarshalJSON() ([]byte, error) {
	return json.Marshal(kindIn(u.Undoes.Kind).shape.undone(u))
}

// plainShape is that of every kind but the schedule.
func plainShape() shape {
	return shape{
		result: func(r *Result) any { type plain Result; return (*plain)(r) },
		entry: func(e *Entry) any {
			return struct {
				*schemas.Import
				UndoneBy string `json:"undone_by"`
			}{&e.Import, e.Undone()}
		},
		since: func(s *Since) any { return s.Import },
		diff:  func(d *Diff) any { type plain Diff; return (*plain)(d) },
		undone: func(u *Undone) any {
			out := struct {
				Import       *schemas.Import `json:"import"`
				Undoes       string          `json:"undoes"`
				DryRun       bool            `json:"dry_run"`
				BaseRevision string          `json:"base_revision"`
				Restored     int             `json:"restored"`
				NotRestored  []NotRestored   `json:"not_restored"`
				Change
				Journal []string `json:"journal,omitempty"`
			}{nil, u.Undoes.ID, u.DryRun, u.BaseRevision, u.Restored, u.NotRestored, u.Change, u.Journal}
			if u.Made != nil {
				out.Import = &u.Made.Import
			}
			return out
		},
	}
}

// scheduleShape is that of the schedule, whose imports are revisions that change agent-days.
func scheduleShape() shape {
	return shape{
		result: func(r *Result) any {
			type plain Result
			if !r.DryRun {
				return (*plain)(r)
			}
			return struct {
				*plain
				Effect *Effect `json:"effect"`
			}{(*plain)(r), r.Effect}
		},
		entry: func(e *Entry) any {
			return struct {
				*schemas.Revision
				UndoneBy []string `json:"undone_by"`
			}{e.Revision, append([]string{}, e.UndoneBy...)}
		},
		since: func(s *Since) any {
			return struct {
				*schemas.Revision
				AffectedAgents int `json:"affected_agents"`
				AffectedDays   int `json:"affected_days"`
			}{s.Revision, s.AffectedAgents, s.AffectedDays}
		},
		diff:   func(d *Diff) any { return d.Days },
		undone: undoneSchedule,
	}
}

func undoneSchedule(u *Undone) any {
	type leftDay struct {
		AgentID string       `json:"agent_id"`
		Day     schemas.Date `json:"day"`
		Reason  string       `json:"reason"`
	}
	left := make([]leftDay, len(u.NotRestored))
	for i, n := range u.NotRestored {
		left[i] = leftDay{n.Subject, n.Day, n.Reason}
	}
	out := struct {
		Undoes       *schemas.Revision `json:"undoes"`
		Revision     *schemas.Revision `json:"revision"`
		DryRun       bool              `json:"dry_run"`
		BaseRevision string            `json:"base_revision"`
		Restored     []RestoredDay     `json:"restored"`
		NotRestored  []leftDay         `json:"not_restored"`
		Totals       schemas.TallyJSON `json:"totals"`
		Effect       *Effect           `json:"effect"`
		Removals     *Removals         `json:"removals"`
	}{u.Undoes.Revision, nil, u.DryRun, u.BaseRevision, u.Days, left, u.Totals, u.Effect, u.Removals}
	if u.Made != nil {
		out.Revision = u.Made.Revision
	}
	return out
}
