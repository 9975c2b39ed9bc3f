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

// readMany reads the body of a change of many.
func readMany(raw []byte, words *ingest.Mapping) (*selection, *wish, *schemas.FieldError) {
	var sel *selection
	var want wish
	names := append(wishFields(), "select")
	err := object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if names[field] != "select" {
			return want.take(field, names[field], v)
		}
		if sel, err = readSelection(v); err != nil && err.Field == "" {
			err.Field = "select"
		}
		return err
	})
	if err == nil && sel == nil {
		err = &schemas.FieldError{Field: "select", Message: `is missing; say who is meant, such as {"team": ["Billing"]}`}
	}
	if err == nil {
		err = want.settle(words)
	}
	return sel, &want, err
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
			return wordsOf("select.presence", texts, schemas.ParsePresence, &sel.presence)
		case "status":
			return wordsOf("select.status", texts, schemas.ParseStatus, &sel.status)
		case "adherence_state":
			return wordsOf("select.adherence_state", texts, schemas.ParseLiveState, &sel.state)
		}
		return nil
	})
	if err == nil && !given {
		err = &schemas.FieldError{Field: "select", Message: "names nobody; give at least one of agents, team, site, presence, status and adherence_state"}
	}
	return sel, err
}

// wordsOf reads words of the domain.
func wordsOf[T any](field string, texts []string, parse func(string) (T, error), into *[]T) *schemas.FieldError {
	for i, s := range texts {
		v, err := parse(shorten(s))
		if err != nil {
			return &schemas.FieldError{Field: fmt.Sprintf("%s[%d]", field, i), Message: err.Error()}
		}
		*into = append(*into, v)
	}
	return nil
}

// of gives the selected rows that the principal may change, and the agents that are named and are not among its own. Who
// is named and not admitted by another list is not meant.
func (sel *selection) of(rows []*schemas.LiveAgent, p access.Principal) (chosen []*schemas.LiveAgent, strangers []string) {
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
		strangers = append(strangers, id)
	}
	return chosen, strangers
}

func (sel *selection) admits(a *schemas.LiveAgent) bool {
	return admitted(sel.team, a.Team) && admitted(sel.site, a.Site) && admitted(sel.presence, a.Presence) &&
		admitted(sel.status, a.Status) && admitted(sel.state, a.AdherenceState)
}

func admitted[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// mayChange asks once more, agent by agent.
func mayChange(p access.Principal, a *schemas.LiveAgent) bool {
	return access.Allow(p, access.ActionChangeMany, access.Target{AgentID: a.AgentID, Team: a.Team, Site: a.Site}) == nil
}
