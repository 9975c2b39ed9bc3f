package httpin

import (
	"fmt"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// selection says which agents are meant: those that every list which is given admits.
type selection struct {
	agents, team, site []string
	presence           []schemas.Presence
	status             []schemas.Status
	state              []schemas.LiveState
}

// readBulk reads the body of a bulk change.
func readBulk(raw []byte, mapping *ingest.Mapping) (*selection, *update, *schemas.FieldError) {
	var sel *selection
	var u update
	names := append(updateFields(), "select")
	err := object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if names[field] != "select" {
			return u.read(names[field], v)
		}
		if sel, err = readSelection(v); err != nil && err.Field == "" {
			err.Field = "select"
		}
		return err
	})
	if err == nil && sel == nil {
		err = wrongf("select", `is missing; say who is meant, such as {"team": ["Billing"]}`)
	}
	if err == nil {
		err = u.complete(mapping)
	}
	return sel, &u, err
}

// readSelection reads who is meant.
func readSelection(raw []byte) (*selection, *schemas.FieldError) {
	sel, given := &selection{}, false
	names := []string{"agents", "team", "site", "presence", "status", "adherence_state"}
	err := object(raw, names, func(field int, v []byte) *schemas.FieldError {
		if isNull(v) {
			return nil
		}
		given = true
		texts, err := textsOf("select."+names[field], v)
		if err != nil {
			return err
		}
		switch names[field] {
		case "agents":
			sel.agents = texts
		case "team":
			sel.team = texts
		case "site":
			sel.site = texts
		case "presence":
			return namesOf("select.presence", texts, schemas.ParsePresence, &sel.presence)
		case "status":
			return namesOf("select.status", texts, schemas.ParseStatus, &sel.status)
		case "adherence_state":
			return namesOf("select.adherence_state", texts, schemas.ParseLiveState, &sel.state)
		}
		return nil
	})
	if err == nil && !given {
		err = wrongf("select", "names nobody; give at least one of agents, team, site, presence, status and adherence_state")
	}
	return sel, err
}

// namesOf reads names of presences, statuses or states.
func namesOf[T any](field string, texts []string, parse func(string) (T, error), into *[]T) *schemas.FieldError {
	for i, s := range texts {
		v, err := parse(shorten(s))
		if err != nil {
			return wrongf(fmt.Sprintf("%s[%d]", field, i), "%v", err)
		}
		*into = append(*into, v)
	}
	return nil
}

// of returns the selected rows that the principal may change, and the named agents that are outside its scope. An agent
// that is named but not admitted by another list is not selected.
func (sel *selection) of(rows []*schemas.LiveAgent, p access.Principal) (chosen []*schemas.LiveAgent,
	outside []string) {
	named := map[string]bool{}
	for _, id := range sel.agents {
		named[id] = true
	}
	for _, a := range rows {
		if len(sel.agents) > 0 && !named[a.AgentID] || !mayChange(p, a) {
			continue
		}
		delete(named, a.AgentID)
		if sel.admits(a) {
			chosen = append(chosen, a)
		}
	}
	for id := range named {
		outside = append(outside, id)
	}
	return chosen, outside
}

func (sel *selection) admits(a *schemas.LiveAgent) bool {
	return admitted(sel.team, a.Team) && admitted(sel.site, a.Site) && admitted(sel.presence, a.Presence) &&
		admitted(sel.status, a.Status) && admitted(sel.state, a.AdherenceState)
}

func admitted[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// mayChange says whether the principal may change this agent.
func mayChange(p access.Principal, a *schemas.LiveAgent) bool {
	return access.Allow(p, access.ActionChangeMany, access.Target{AgentID: a.AgentID, Team: a.Team, Site: a.Site}) == nil
}
