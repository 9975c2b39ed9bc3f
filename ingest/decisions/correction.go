package decisions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// mostCorrectionMS is the longest stretch that one correction may cover: 31 days. A longer one takes several.
const mostCorrectionMS = 31 * schemas.DayMS

// mostReasonBytes is the longest reason and the longest note.
const mostReasonBytes = 1024

// CorrectionDraft is a correction that somebody wants: whose time, when, to what effect, and why. From and To are
// instants (RFC 3339), or local times such as 2026-03-02T09:00 in TimeZone, or in each agent's own zone where none is
// given.
type CorrectionDraft struct {
	// Agents and Teams say whose, all for From to To.
	Agents   []string `json:"agents,omitempty" doc:"these agents, by id"`
	Teams    []string `json:"teams,omitempty" doc:"everybody who belongs to these teams on the local date of from"`
	From     string   `json:"from,omitempty" doc:"an instant, or a local time" example:"2026-03-02T09:00"`
	To       string   `json:"to,omitempty" doc:"the end, no longer part of it" example:"2026-03-02T09:30"`
	TimeZone string   `json:"time_zone,omitempty" doc:"the zone of local times; without it each agent's own"`
	// Items name agents with times of their own; those without take From and To.
	Items  []CorrectionItem `json:"items,omitempty" doc:"agents with times of their own"`
	Effect string           `json:"effect" doc:"neutral: leaves the sums; in: counts as adhering" example:"neutral"`
	Reason string           `json:"reason" doc:"why" example:"telephone outage"`
}

// CorrectionItem is one line of a list of corrections. Place names it in errors, such as list.csv:3.
type CorrectionItem struct {
	AgentID string `json:"agent_id"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Place   string `json:"-"`
}

// CorrectionPlan is a checked draft, ready to be tried out or written.
type CorrectionPlan struct {
	// Unit is the id of the decision; Corrections are in order of agent and start.
	Unit        string
	Corrections []schemas.Correction
	// Members has the agents' roster rows as they are now, to check who may decide.
	Members map[string]schemas.Membership
	// Warnings are about what is allowed and may surprise.
	Warnings []string
}

// Agents lists the agents of the plan, each once, in order.
func (p *CorrectionPlan) Agents() []string {
	var out []string
	for i := range p.Corrections {
		out = append(out, p.Corrections[i].AgentID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Dates returns the local dates, both included, that the plan can change in any zone, whole shifts included.
func (p *CorrectionPlan) Dates() (from, to schemas.Date) {
	for i := range p.Corrections {
		c := &p.Corrections[i]
		a, b := schemas.UTC.Date(c.Start)-2, schemas.UTC.Date(c.End)+2
		if i == 0 {
			from, to = a, b
		}
		from, to = min(from, a), max(to, b)
	}
	return from, to
}

// PlanCorrections checks a draft against itself, the roster and what is corrected already. It writes nothing.
// Everything that is wrong comes back in one *InvalidError.
func (d *Ledger) PlanCorrections(ctx context.Context, o CorrectionDraft) (*CorrectionPlan, error) {
	people, err := d.roster(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := d.store.AgentIDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the agents: %w", err)
	}
	w := planning{draft: &o, people: people, ids: ids, zone: d.zone, now: d.now()}
	w.effect()
	for _, item := range w.items() {
		w.add(item)
	}
	if len(w.out) == 0 && len(w.problems) == 0 {
		w.problems.addf("agents", "are missing; name agents or a team")
	}
	w.overlaps()
	if err := w.problems.err(); err != nil {
		return nil, err
	}
	plan := &CorrectionPlan{Unit: uuid.Must(uuid.NewV7()).String(), Corrections: w.out,
		Members: map[string]schemas.Membership{}}
	space := uuid.MustParse(plan.Unit)
	today := d.zone.Date(w.now)
	for i := range plan.Corrections {
		c := &plan.Corrections[i]
		c.Group = plan.Unit
		c.ID = uuid.NewSHA1(space, fmt.Appendf(nil, "%s\x00%d", c.AgentID, c.Start)).String()
		plan.Members[c.AgentID] = people.on(c.AgentID, today)
	}
	return plan, d.compareWithStored(ctx, plan)
}

// planning is the state of one PlanCorrections.
type planning struct {
	draft    *CorrectionDraft
	people   roster
	ids      []string // sorted
	zone     schemas.Zone
	now      schemas.Instant
	kind     schemas.Effect
	problems problems
	out      []schemas.Correction
}

// effect checks what holds for the whole draft.
func (w *planning) effect() {
	var err error
	if w.kind, err = schemas.ParseEffect(w.draft.Effect); err != nil {
		w.problems.addf("effect", "%s", err)
	} else if w.kind == schemas.EffectNone {
		w.problems.addf("effect", "is missing; write neutral (leaves the sums) or in (counts as adhering)")
	}
	switch n := len(w.draft.Reason); {
	case n == 0:
		w.problems.addf("reason", "is missing; say in a few words why, people will ask")
	case n > mostReasonBytes:
		w.problems.addf("reason", "has %d bytes; at most %d are allowed", n, mostReasonBytes)
	}
	if w.draft.TimeZone != "" {
		if _, err := schemas.LoadZone(w.draft.TimeZone); err != nil {
			w.problems.addf("time_zone", "%s", err)
		}
	}
}

// items lists whose time is corrected, each agent of Agents and Teams once.
func (w *planning) items() []CorrectionItem {
	agents := slices.Clone(w.draft.Agents)
	for _, team := range w.draft.Teams {
		found := w.team(team)
		if len(found) == 0 {
			known := w.people.names(func(m *schemas.Membership) string { return m.Team })
			w.problems.addf("teams", "nobody belongs to team %q at that time%s", team, near(team, known))
		}
		agents = append(agents, found...)
	}
	slices.Sort(agents)
	var items []CorrectionItem
	for _, a := range slices.Compact(agents) {
		items = append(items, CorrectionItem{AgentID: a})
	}
	return append(items, w.draft.Items...)
}

// team lists who belongs to the team on the local date at which the order begins.
func (w *planning) team(team string) (out []string) {
	for agent, rows := range w.people {
		for i := range rows {
			m := &rows[i]
			if m.Team != team {
				continue
			}
			start, err := w.instant(w.draft.From, agent)
			if err != nil {
				return []string{agent} // the time itself is reported once, with this agent
			}
			day := w.zoneOf(agent, start).Date(start)
			if m.From <= day && (m.To == 0 || day < m.To) {
				out = append(out, agent)
				break
			}
		}
	}
	return out
}

// zoneOf returns the agent's zone at an instant.
func (w *planning) zoneOf(agent string, at schemas.Instant) schemas.Zone {
	name := w.people.on(agent, schemas.UTC.Date(at)).TimeZone
	if z, err := schemas.LoadZone(name); name != "" && err == nil {
		return z
	}
	return w.zone
}

// wallLayouts are the ways to write a local time.
var wallLayouts = []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

// instant reads an instant, or a local time in the draft's zone or the agent's.
func (w *planning) instant(text, agent string) (schemas.Instant, error) {
	for _, layout := range wallLayouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		z := w.zoneOf(agent, schemas.InstantOf(t))
		if w.draft.TimeZone != "" {
			if z, err = schemas.LoadZone(w.draft.TimeZone); err != nil {
				return 0, err
			}
		}
		return z.Resolve(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0)
	}
	at, err := schemas.ParseInstant(text)
	if err != nil {
		return 0, fmt.Errorf("%q is neither an instant nor a local time; write 2026-03-02T09:00:00Z or 2026-03-02T09:00",
			text)
	}
	return at, nil
}

// add checks one item and makes its correction.
func (w *planning) add(item CorrectionItem) {
	where := func(field string) string {
		if item.Place != "" {
			return item.Place + ": " + field
		}
		return field
	}
	if _, found := slices.BinarySearch(w.ids, item.AgentID); !found && len(w.people[item.AgentID]) == 0 {
		w.problems.addf(where("agents"), "%q is not known%s", item.AgentID, near(item.AgentID, w.ids))
		return
	}
	item.From, item.To = cmp.Or(item.From, w.draft.From), cmp.Or(item.To, w.draft.To)
	v := schemas.Interval{}
	for _, edge := range []struct {
		field, text string
		into        *schemas.Instant
	}{{"from", item.From, &v.Start}, {"to", item.To, &v.End}} {
		var err error
		if *edge.into, err = w.instant(edge.text, item.AgentID); err != nil {
			w.once(where(edge.field), err.Error())
			return
		}
	}
	switch {
	case v.End < v.Start:
		w.once(where("to"), fmt.Sprintf("%s lies before from (%s); turn the two round", v.End, v.Start))
	case v.Empty():
		w.once(where("to"), fmt.Sprintf("%s is where it starts, so that it covers nothing", v.End))
	case v.MS() > mostCorrectionMS:
		w.once(where("to"), fmt.Sprintf(
			"%s is %d days after from; one correction covers at most %d days: check the year, or use several",
			v.End, v.MS()/schemas.DayMS, mostCorrectionMS/schemas.DayMS))
	case v.Start < schemas.MinInstant || v.End > schemas.MaxInstant:
		w.once(where("from"), fmt.Sprintf("%s is out of range; it must lie between %s and %s", v, schemas.MinInstant,
			schemas.MaxInstant))
	default:
		w.out = append(w.out, schemas.Correction{AgentID: item.AgentID, Start: v.Start, End: v.End, Effect: w.kind,
			Reason: w.draft.Reason})
	}
}

// once reports a problem that all agents share one time only.
func (w *planning) once(field, message string) {
	for _, p := range w.problems {
		if p.Field == field && p.Message == message {
			return
		}
	}
	w.problems.addf(field, "%s", message)
}

// overlaps refuses a draft that corrects the same time of an agent twice.
func (w *planning) overlaps() {
	slices.SortFunc(w.out, func(a, b schemas.Correction) int {
		return cmp.Or(cmp.Compare(a.AgentID, b.AgentID), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	for i := 1; i < len(w.out); i++ {
		a, b := &w.out[i-1], &w.out[i]
		if a.AgentID == b.AgentID && b.Start < a.End {
			w.problems.addf("agents", "%q is corrected twice from %s to %s; leave one of the two out", b.AgentID, b.Start,
				min(a.End, b.End))
		}
	}
}

// compareWithStored refuses corrections that exist already, and warns about those that the plan overrides.
func (d *Ledger) compareWithStored(ctx context.Context, plan *CorrectionPlan) error {
	var whole schemas.Interval
	for i := range plan.Corrections {
		c := &plan.Corrections[i]
		whole = whole.Hull(schemas.Interval{Start: c.Start, End: c.End})
	}
	there, err := d.store.CorrectionUnits(ctx, "", whole)
	if err != nil {
		return err
	}
	var p problems
	for i := range there {
		old := &there[i]
		if old.Status != schemas.CorrectionGranted && old.Status != schemas.CorrectionRequested {
			continue
		}
		at, _ := slices.BinarySearchFunc(plan.Corrections, old.AgentID,
			func(c schemas.Correction, agent string) int { return cmp.Compare(c.AgentID, agent) })
		for ; at < len(plan.Corrections) && plan.Corrections[at].AgentID == old.AgentID; at++ {
			c := &plan.Corrections[at]
			both := schemas.Interval{Start: max(c.Start, old.Start), End: min(c.End, old.End)}
			switch {
			case both.Empty():
			case c.Start == old.Start && c.End == old.End && c.Effect == old.Effect:
				p.addf("agents", "%q has the same correction already: %s %s", c.AgentID, old.Status, old.Unit())
			case old.Status == schemas.CorrectionGranted:
				plan.Warnings = append(plan.Warnings,
					fmt.Sprintf("%s: from %s to %s this goes before correction %s (%s)", c.AgentID, both.Start, both.End, old.Unit(),
						old.Effect))
			}
		}
	}
	return p.err()
}

// WriteCorrections writes a plan as one unit: granted, so that it counts from now on, or only requested, which changes
// no figure until somebody grants it.
func (d *Ledger) WriteCorrections(ctx context.Context, plan *CorrectionPlan, by By,
	status schemas.CorrectionStatus) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.now()
	rows := slices.Clone(plan.Corrections)
	for i := range rows {
		rows[i].Status = status
		if status == schemas.CorrectionRequested {
			rows[i].RequestedBy, rows[i].RequestedAt = by.Actor, at
		}
	}
	return d.write(ctx, rows, by, at, "")
}

// write records the corrections with their present status. The journal row names the days that a correction changes
// when it comes into force or is reverted.
func (d *Ledger) write(ctx context.Context, rows []schemas.Correction, by By, at schemas.Instant, note string) error {
	status := rows[0].Status
	row := d.journal(schemas.JournalCorrection, by, at,
		fmt.Sprintf("correction %s %s: %d agents", rows[0].Unit(), status, len(rows)))
	for i := range rows {
		rows[i].RecordedAt, rows[i].RecordedBy, rows[i].Note = at, by.Actor, note
		if status == schemas.CorrectionGranted || status == schemas.CorrectionReverted {
			row.Touch(rows[i].AgentID, schemas.Interval{Start: rows[i].Start, End: rows[i].End})
		}
	}
	if err := d.store.WriteCorrections(ctx, row, rows); err != nil {
		return fmt.Errorf("writing correction %s: %w", rows[0].Unit(), err)
	}
	return nil
}

// Decide grants or refuses a request, or reverts what was granted, as one unit. The error is ErrNotFound where there is
// no such unit, ErrDecided where its status does not allow it.
func (d *Ledger) Decide(ctx context.Context, unit string, to schemas.CorrectionStatus, by By,
	note string) (*CorrectionUnit, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(note) > mostReasonBytes {
		return nil, problems{{Field: "note",
			Message: fmt.Sprintf("has %d bytes; at most %d are allowed", len(note), mostReasonBytes)}}.err()
	}
	rows, err := d.store.CorrectionUnits(ctx, unit, schemas.Interval{})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || unit == "" {
		return nil, fmt.Errorf("correction %q: %w; list what there is", unit, ErrNotFound)
	}
	at, before := d.now(), schemas.CorrectionRequested
	if to == schemas.CorrectionReverted {
		before = schemas.CorrectionGranted
	}
	for i := range rows {
		if rows[i].Status != before {
			return nil, fmt.Errorf("correction %s cannot be %s: %w: it was %s by %s at %s", unit, to, ErrDecided, rows[i].Status,
				rows[i].RecordedBy, rows[i].RecordedAt)
		}
		at = max(at, rows[i].RecordedAt+1)
		rows[i].Status = to
	}
	if err := d.write(ctx, rows, by, at, note); err != nil {
		return nil, err
	}
	return unitsOf(rows)[0], nil
}
