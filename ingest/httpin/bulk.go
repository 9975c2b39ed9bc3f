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

// outcome is what became, or would become, of one agent in a bulk change.
type outcome string

const (
	outcomeChanged     outcome = "changed"      // the state was set
	outcomeWouldChange outcome = "would_change" // in a dry run: it would be
	outcomeAlreadySo   outcome = "already_so"   // there is nothing to set
	outcomeRefused     outcome = "refused"      // it may not or cannot be set
	outcomeRestored    outcome = "restored"     // an undo set it back
	outcomeKept        outcome = "kept"         // an undo left it, because it has changed since
)

// agentState is the part of an agent's state that people set.
type agentState struct {
	Presence  schemas.Presence `json:"presence,omitempty"`
	Status    schemas.Status   `json:"status,omitempty"`
	Secondary string           `json:"secondary,omitempty"`
	Note      string           `json:"note,omitempty"`
}

func stateOf(a *schemas.LiveAgent) agentState {
	return agentState{a.Presence, a.Status, a.Secondary, a.Note}
}

// with returns the state after a change.
func (s agentState) with(c *schemas.Change) agentState {
	if c.Presence != schemas.PresenceNone {
		s.Presence = c.Presence
	}
	if c.Status != schemas.StatusNone {
		s.Status, s.Secondary = c.Status, c.Secondary
	}
	s.Note = c.Note
	return s
}

// bulkItem is one agent in the answer to a bulk change. Name and Team are empty for an agent that the caller may not
// change, or that does not exist; only an admin learns which of the two.
type bulkItem struct {
	AgentID string      `json:"agent_id"`
	Name    string      `json:"name,omitempty"`
	Team    string      `json:"team,omitempty"`
	Outcome outcome     `json:"outcome" enum:"changed,would_change,already_so,refused,restored,kept"`
	Because string      `json:"because,omitempty" doc:"why an agent was refused or kept, or what to know of them"`
	Before  *agentState `json:"before,omitempty"`
	After   *agentState `json:"after,omitempty"`
}

// BulkResult is the answer to a bulk change, or to its undo; items are in order of agent id.
type BulkResult struct {
	ID     string              `json:"id,omitempty" doc:"names the change for its undo; absent in a dry run and where nothing was changed"`
	UndoOf string              `json:"undo_of,omitempty" doc:"the change that was taken back"`
	DryRun bool                `json:"dry_run"`
	Counts map[outcome]int     `json:"counts" doc:"agents by outcome"`
	Items  []bulkItem          `json:"items" doc:"by agent id"`
	facts  []schemas.Change    // those to store
	before map[string]beforeOf // agents to what they had
}

// beforeOf is an agent's state before a change.
type beforeOf struct {
	state agentState
	fact  schemas.Change
}

func newBulkResult() *BulkResult {
	return &BulkResult{Counts: map[outcome]int{}, Items: []bulkItem{}, before: map[string]beforeOf{}}
}

// add counts an agent.
func (m *BulkResult) add(item bulkItem) {
	m.Counts[item.Outcome]++
	m.Items = append(m.Items, item)
}

// change counts an agent whose state is to be set by the fact.
func (m *BulkResult) change(row *schemas.LiveAgent, outcome outcome, c schemas.Change) {
	before := stateOf(row)
	after := before.with(&c)
	item := bulkItem{
		AgentID: row.AgentID,
		Name:    row.Name,
		Team:    row.Team,
		Outcome: outcome,
		Before:  &before,
		After:   &after,
	}
	if after.Status != schemas.StatusAvailable &&
		(row.Routing == schemas.RoutingInteracting || row.Routing == schemas.RoutingCommunicating) {
		item.Because = "is on a contact, which may be finished"
	}
	m.add(item)
	m.facts = append(m.facts, c)
	m.before[row.AgentID] = beforeOf{before, c}
}

// PutMany takes POST /api/v1/status-changes/bulk {"select":{…},"presence","status","secondary","note"}: sets the state
// of every selected agent that the caller may change, or with dry_run=true says what would happen.
func (s *StatusSetter) PutMany(w http.ResponseWriter, r *http.Request) {
	s.answer(&s.many, w, r, func() (any, error) {
		dry, err := dryRun(r.URL.Query())
		if err != nil {
			return nil, err
		}
		raw, err := s.many.value(w, r, false)
		if err != nil {
			return nil, err
		}
		sel, u, wrong := readBulk(raw, s.deps.Mapping())
		if wrong != nil {
			return nil, broken("body", wrong)
		}
		p := s.deps.Principal(r)
		m := s.plan(sel, u, p, dry)
		if n := len(m.facts); n > s.many.most {
			return nil, broken("body",
				wrongf("select", "means %d agents; at most %d can be set at once", n, s.many.most))
		}
		if dry {
			m.DryRun = true
			return m, nil
		}
		return m, s.carryOut(r, p, m)
	})
}

// plan says for each selected agent what the update would do.
func (s *StatusSetter) plan(sel *selection, u *update, p access.Principal, dry bool) *BulkResult {
	m, now := newBulkResult(), s.deps.now()
	outcome := outcomeChanged
	if dry {
		outcome = outcomeWouldChange
	}
	rows, outside := sel.of(s.board.Changes(0).Rows, p)
	for _, row := range rows {
		c, wrong := u.change(row, p, now)
		c.Source = schemas.SourceSupervisor
		because := s.overruled(row, u, &c)
		if wrong != nil {
			because = wrong.Error()
		}
		switch {
		case because != "":
			m.add(bulkItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: outcomeRefused, Because: because})
		case u.isMet(row):
			m.add(bulkItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: outcomeAlreadySo})
		default:
			m.change(row, outcome, c)
		}
	}
	for _, id := range outside {
		m.add(bulkItem{AgentID: id, Outcome: outcomeRefused, Because: whyOutside(p)})
	}
	slices.SortFunc(m.Items, func(a, b bulkItem) int { return cmp.Compare(a.AgentID, b.AgentID) })
	return m
}

// whyOutside says why a named agent is not among those that may be set. Only somebody who may set everybody learns that
// there is no such agent.
func whyOutside(p access.Principal) string {
	if access.ScopeOf(p, access.ActionChangeMany).All {
		return "is on no roster now"
	}
	return "is not in your scope"
}

// isMet says whether the agent is in that state already.
func (u *update) isMet(row *schemas.LiveAgent) bool {
	return (u.presence == schemas.PresenceNone || u.presence == row.Presence) &&
		(u.status == schemas.StatusNone || u.status == row.Status && u.secondary == row.Secondary) &&
		(!u.hasNote || u.note == row.Note)
}

// carryOut stores the facts of a plan as one batch and remembers it for an undo.
func (s *StatusSetter) carryOut(r *http.Request, p access.Principal, m *BulkResult) error {
	if len(m.facts) == 0 {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("name a bulk change: %w", err)
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
	s.undo.remember(m.ID, s.deps.now(), m.before)
	if _, err := s.deps.Spool.Accept(r.Context(),
		ingest.Batch{Actor: p.Name, Origin: what, Changes: m.facts}); err != nil {
		s.undo.forget(m.ID)
		return err
	}
	return nil
}

// dryRun reads the query.
func dryRun(q url.Values) (dry bool, err error) {
	for key, values := range q {
		if key != "dry_run" {
			return false, broken("query", wrongf(shorten(key), "is not known here; the only one is dry_run"))
		}
		switch v := values[len(values)-1]; {
		case len(values) > 1:
			err = broken("query", wrongf(key, "is given twice; give it once"))
		case v == "true":
			dry = true
		case v != "false":
			err = broken("query", wrongf(key, "%q is neither true nor false", shorten(v)))
		}
	}
	return dry, err
}
