package httpin

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Outcome is what became, or would become, of one agent in a change of many.
type Outcome string

// The outcomes.
const (
	OutcomeChanged     Outcome = "changed"      // the state was set
	OutcomeWouldChange Outcome = "would_change" // in a dry run: it would be
	OutcomeAlreadySo   Outcome = "already_so"   // there is nothing to set
	OutcomeRefused     Outcome = "refused"      // it may not or cannot be set
	OutcomeRestored    Outcome = "restored"     // an undo set it back
	OutcomeKept        Outcome = "kept"         // an undo left it, because it has changed since
)

// ManyState is the part of an agent's state that people set.
type ManyState struct {
	Presence  schemas.Presence `json:"presence,omitempty"`
	Status    schemas.Status   `json:"status,omitempty"`
	Secondary string           `json:"secondary,omitempty"`
	Note      string           `json:"note,omitempty"`
}

func stateOf(a *schemas.LiveAgent) ManyState {
	return ManyState{a.Presence, a.Status, a.Secondary, a.Note}
}

// with gives the state after a change.
func (s ManyState) with(c *schemas.Change) ManyState {
	if c.Presence != schemas.PresenceNone {
		s.Presence = c.Presence
	}
	if c.Status != schemas.StatusNone {
		s.Status, s.Secondary = c.Status, c.Secondary
	}
	s.Note = c.Note
	return s
}

// ManyItem is one agent in the answer to a change of many. Name and Team are empty for an agent that the caller may not
// change, or that does not exist: which of the two only an admin is told.
type ManyItem struct {
	AgentID string     `json:"agent_id"`
	Name    string     `json:"name,omitempty"`
	Team    string     `json:"team,omitempty"`
	Outcome Outcome    `json:"outcome"`
	Because string     `json:"because,omitempty"`
	Before  *ManyState `json:"before,omitempty"`
	After   *ManyState `json:"after,omitempty"`
}

// ManyResult is the answer to a change of many, or to its undo; items are in order of agent id.
type ManyResult struct {
	// ID names the change for its undo; empty in a dry run and where nothing was changed.
	ID string `json:"id,omitempty"`
	// UndoOf is the change that was taken back.
	UndoOf string              `json:"undo_of,omitempty"`
	DryRun bool                `json:"dry_run"`
	Counts map[Outcome]int     `json:"counts"`
	Items  []ManyItem          `json:"items"`
	facts  []schemas.Change    // those to store
	before map[string]beforeOf // agents to what they had
}

// beforeOf is an agent's state before a change.
type beforeOf struct {
	state ManyState
	fact  schemas.Change
}

func newManyResult() *ManyResult {
	return &ManyResult{Counts: map[Outcome]int{}, Items: []ManyItem{}, before: map[string]beforeOf{}}
}

// add counts an agent.
func (m *ManyResult) add(item ManyItem) {
	m.Counts[item.Outcome]++
	m.Items = append(m.Items, item)
}

// change counts an agent whose state is to be set by the fact.
func (m *ManyResult) change(row *schemas.LiveAgent, outcome Outcome, c schemas.Change) {
	before := stateOf(row)
	after := before.with(&c)
	item := ManyItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: outcome, Before: &before, After: &after}
	if after.Status != schemas.StatusAvailable && (row.Routing == schemas.RoutingInteracting || row.Routing == schemas.RoutingCommunicating) {
		item.Because = "is on a contact, which may be finished"
	}
	m.add(item)
	m.facts = append(m.facts, c)
	m.before[row.AgentID] = beforeOf{before, c}
}

// PutMany takes POST /api/v1/status-changes/bulk {"select":{…},"presence","status","secondary","note"}: sets the state of
// every selected agent that the caller may change, or with dry_run=true says what would happen.
func (d *Desk) PutMany(w http.ResponseWriter, r *http.Request) {
	d.answer(&d.many, w, r, func() (any, error) {
		dry, err := dryRun(r.URL.Query())
		if err != nil {
			return nil, err
		}
		raw, err := d.many.value(w, r, false)
		if err != nil {
			return nil, err
		}
		sel, want, wrong := readMany(raw, d.deps.Words())
		if wrong != nil {
			return nil, broken("body", wrong)
		}
		p := d.deps.Principal(r)
		m := d.plan(sel, want, p, dry)
		if n := len(m.facts); n > d.many.cfg.MaxChanges {
			return nil, broken("body", &schemas.FieldError{Field: "select", Message: fmt.Sprintf("means %d agents; at most %d can be set at once",
				n, d.many.cfg.MaxChanges)})
		}
		if dry {
			m.DryRun = true
			return m, nil
		}
		return m, d.carryOut(r, p, m)
	})
}

// plan says for each selected agent what the wish means.
func (d *Desk) plan(sel *selection, want *wish, p access.Principal, dry bool) *ManyResult {
	m, now := newManyResult(), d.now()
	outcome := OutcomeChanged
	if dry {
		outcome = OutcomeWouldChange
	}
	rows, strangers := sel.of(d.deps.Board.Changes(0).Rows, p)
	for _, row := range rows {
		c, wrong := want.change(row, p, now)
		c.Source = schemas.SourceSupervisor
		switch {
		case wrong != nil:
			m.add(ManyItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: OutcomeRefused, Because: wrong.Error()})
		case want.holds(row):
			m.add(ManyItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: OutcomeAlreadySo})
		default:
			m.change(row, outcome, c)
		}
	}
	for _, id := range strangers {
		m.add(ManyItem{AgentID: id, Outcome: OutcomeRefused, Because: whyStranger(p)})
	}
	slices.SortFunc(m.Items, func(a, b ManyItem) int { return cmp.Compare(a.AgentID, b.AgentID) })
	return m
}

// whyStranger says why a named agent is not among those that may be set. Only who may set everybody is told that there is
// no such agent.
func whyStranger(p access.Principal) string {
	if access.ScopeOf(p, access.ActionChangeMany).All {
		return "is on no roster now"
	}
	return "is not in your scope"
}

// holds says whether the agent is as the wish wants already.
func (want *wish) holds(row *schemas.LiveAgent) bool {
	return (want.presence == schemas.PresenceNone || want.presence == row.Presence) &&
		(want.status == schemas.StatusNone || want.status == row.Status && want.secondary == row.Secondary) &&
		(!want.noted || want.note == row.Note)
}

// carryOut stores the facts of a plan as one batch and remembers it for an undo.
func (d *Desk) carryOut(r *http.Request, p access.Principal, m *ManyResult) error {
	if len(m.facts) == 0 {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("name a change of many: %w", err)
	}
	m.ID = id.String()
	for i := range m.facts {
		m.facts[i].ID = "bulk:" + m.ID // the facts of one change can be found by it
	}
	what := fmt.Sprintf("%s, bulk change %s of %d agents", p.Origin, m.ID, len(m.facts))
	if m.UndoOf != "" {
		what += ", undo of " + m.UndoOf
	}
	// The undo is remembered first: a change that is stored can be taken back.
	d.bulks.remember(m.ID, d.now(), m.before)
	if _, err := d.deps.Spool.Accept(r.Context(), ingest.Batch{Actor: p.Name, Origin: what, Changes: m.facts}); err != nil {
		d.bulks.forget(m.ID)
		return err
	}
	return nil
}

// dryRun reads the query.
func dryRun(q url.Values) (dry bool, err error) {
	for key, values := range q {
		if key != "dry_run" {
			return false, broken("query", &schemas.FieldError{Field: shorten(key), Message: "is not known here; the only one is dry_run"})
		}
		switch v := values[len(values)-1]; {
		case len(values) > 1:
			err = broken("query", &schemas.FieldError{Field: key, Message: "is given twice; give it once"})
		case v == "true":
			dry = true
		case v != "false":
			err = broken("query", &schemas.FieldError{Field: key, Message: fmt.Sprintf("%q is neither true nor false", shorten(v))})
		}
	}
	return dry, err
}
