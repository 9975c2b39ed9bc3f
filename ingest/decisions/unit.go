package decisions

import (
	"cmp"
	"context"
	"slices"

	"rollcall/schemas"
)

// CorrectionUnit is one decision with all its corrections, as people and programs read it.
type CorrectionUnit struct {
	ID     string                   `json:"id"`
	Status schemas.CorrectionStatus `json:"status"`
	Effect schemas.Effect           `json:"effect"`
	Reason string                   `json:"reason"`
	// From and To cover all its corrections.
	From   schemas.Instant `json:"from"`
	To     schemas.Instant `json:"to"`
	Agents []string        `json:"agents"`
	// RequestedBy and RequestedAt are empty for what was granted at once.
	RequestedBy string           `json:"requested_by"`
	RequestedAt *schemas.Instant `json:"requested_at"`
	DecidedBy   string           `json:"decided_by"`
	DecidedAt   *schemas.Instant `json:"decided_at"`
	Note        string           `json:"note"`
	// Members has the agents' roster rows as they are now, for asking who may see and decide.
	Members map[string]schemas.Membership `json:"-"`
	// Corrections are the rows, one for each agent and stretch.
	Corrections []schemas.Correction `json:"-"`
}

// CorrectionFilter narrows a list of units; zero fields do not.
type CorrectionFilter struct {
	Unit    string
	Status  *schemas.CorrectionStatus
	Agents  []string
	Teams   []string // as the roster has them now
	Between schemas.Interval
}

// Corrections lists units, the newest first, with their agents' present teams.
func (d *Ledger) Corrections(ctx context.Context, f CorrectionFilter) ([]*CorrectionUnit, error) {
	rows, err := d.store.CorrectionUnits(ctx, f.Unit, f.Between)
	if err != nil {
		return nil, err
	}
	people, err := d.roster(ctx)
	if err != nil {
		return nil, err
	}
	today := d.zone.Date(d.now())
	var out []*CorrectionUnit
	for _, u := range unitsOf(rows) {
		u.Members = map[string]schemas.Membership{}
		concerns := len(f.Agents)+len(f.Teams) == 0
		for _, a := range u.Agents {
			u.Members[a] = people.on(a, today)
			concerns = concerns || slices.Contains(f.Agents, a) || slices.Contains(f.Teams, u.Members[a].Team)
		}
		if concerns && (f.Status == nil || u.Status == *f.Status) {
			out = append(out, u)
		}
	}
	return out, nil
}

// unitsOf puts rows together that were decided together, the newest decision first.
func unitsOf(rows []schemas.Correction) []*CorrectionUnit {
	byID := map[string]*CorrectionUnit{}
	var out []*CorrectionUnit
	for i := range rows {
		c := &rows[i]
		u, ok := byID[c.Unit()]
		if !ok {
			u = &CorrectionUnit{
				ID:          c.Unit(),
				Status:      c.Status,
				Effect:      c.Effect,
				Reason:      c.Reason,
				From:        c.Start,
				To:          c.End,
				RequestedBy: c.RequestedBy,
				Note:        c.Note,
			}
			if c.RequestedAt != 0 {
				u.RequestedAt = &c.RequestedAt
			}
			if c.Status != schemas.CorrectionRequested {
				u.DecidedBy, u.DecidedAt = c.RecordedBy, &c.RecordedAt
			}
			byID[u.ID] = u
			out = append(out, u)
		}
		u.From, u.To = min(u.From, c.Start), max(u.To, c.End)
		u.Agents = append(u.Agents, c.AgentID)
		u.Corrections = append(u.Corrections, *c)
	}
	for _, u := range out {
		slices.Sort(u.Agents)
		u.Agents = slices.Compact(u.Agents)
	}
	slices.SortStableFunc(out, func(a, b *CorrectionUnit) int {
		return cmp.Or(cmp.Compare(b.Corrections[0].RecordedAt, a.Corrections[0].RecordedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}
