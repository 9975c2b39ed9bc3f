package httpin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Board is the live store as a [StatusSetter] needs it (satisfied by live.Board). Rows are never altered after they
// were returned.
type Board interface {
	// Ready says whether the board has been read from the store since the start.
	Ready() bool
	// Agent returns one agent's newest row; false for one who is not known or has left.
	Agent(id string) (*schemas.LiveAgent, bool)
	// Changes returns, for version 0, the row of every agent.
	Changes(since uint64) schemas.LiveChanges
	// Overruling returns the first of the fields for which a source would not count now, with the sources that do; ""
	// where it would count for each.
	Overruling(id, source string, fields schemas.Fields) (field string, sources []string)
	// LastNamed returns the instants of the facts that the agent's present presence and status come from; 0 without one.
	LastNamed(id string) (presence, status schemas.Instant)
}

// The longest bodies of the two kinds of calls.
const (
	oneBodyBytes  = 16 << 10
	bulkBodyBytes = 2 << 20
)

// StatusSetter is where people set presence and status: of one agent, or of many at once. It answers when the change is
// on disk and on the live board. The one who mounts it has checked that the caller may change the agent, or some agents
// at all; for a bulk change each agent is checked here.
type StatusSetter struct {
	deps      Deps
	board     Board
	one, many gate
	undo      *undoLog
}

// NewStatusSetter makes the handlers. The spool must have applied a batch to the board before its Accept returns.
func NewStatusSetter(deps Deps, board Board) (*StatusSetter, error) {
	if err := deps.validate(); err != nil {
		return nil, err
	}
	if board == nil {
		return nil, errors.New("httpin: the board must be given")
	}
	c := DefaultConfig()
	return &StatusSetter{deps, board, gate{oneBodyBytes, 1, c.RetryAfter, make(chan struct{}, 64)},
		// A call for many agents holds the board's rows; two at once are enough.
		gate{bulkBodyBytes, c.MaxChanges, c.RetryAfter, make(chan struct{}, 2)}, newUndoLog()}, nil
}

// PutStatus takes PUT /api/v1/agents/{id}/status {"presence","status","secondary","note"} and answers the agent's new
// row. A note alone repeats the presence as it is. A change without a note clears the note.
func (s *StatusSetter) PutStatus(w http.ResponseWriter, r *http.Request) {
	s.answer(&s.one, w, r, func() (any, error) {
		id := r.PathValue("id")
		if err := schemas.CheckID("id", id); err != nil {
			return nil, broken("path", err)
		}
		raw, err := s.one.value(w, r, false)
		if err != nil {
			return nil, err
		}
		u, wrong := readUpdate(raw, s.deps.Mapping())
		if wrong != nil {
			return nil, broken("body", wrong)
		}
		return s.put(r, id, u)
	})
}

// put makes the change of one agent.
func (s *StatusSetter) put(r *http.Request, id string, u *update) (*schemas.LiveAgent, error) {
	row, ok := s.board.Agent(id)
	if !ok {
		return nil, schemas.NewProblem(http.StatusNotFound, fmt.Sprintf("agent %q is on no roster now", id))
	}
	p := s.deps.Principal(r)
	c, wrong := u.change(row, p, s.deps.now())
	if wrong != nil {
		return nil, broken("body", wrong)
	}
	if because := s.overruled(row, u, &c); because != "" {
		return nil, schemas.NewProblem(http.StatusConflict, because)
	}
	b := ingest.Batch{Actor: p.Name, Origin: fmt.Sprintf("%s for %s", p.Origin, id), Changes: []schemas.Change{c}}
	if _, err := s.deps.Spool.Accept(r.Context(), b); err != nil {
		return nil, err
	}
	if now, ok := s.board.Agent(id); ok {
		row = now
	}
	return row, nil
}

// overruled says why a change would not count, because the policy prefers other sources; "" if it would. A note is
// shown in any case.
func (s *StatusSetter) overruled(row *schemas.LiveAgent, u *update, c *schemas.Change) string {
	if u.presence == schemas.PresenceNone && u.status == schemas.StatusNone {
		return ""
	}
	field, sources := s.board.Overruling(row.AgentID, c.Source, c.Fields())
	if field == "" {
		return ""
	}
	return fmt.Sprintf("the %s of %s is taken from %s, so a change here would not count; change it there", field, row.Name,
		strings.Join(sources, ", then "))
}

// answer runs a call once the board knows the agents.
func (s *StatusSetter) answer(g *gate, w http.ResponseWriter, r *http.Request, call func() (any, error)) {
	g.run(w, r, func() (any, error) {
		if !s.board.Ready() {
			return nil, schemas.NewProblem(http.StatusServiceUnavailable,
				"the live board is still being read; try again in a moment")
		}
		result, err := call()
		if err != nil && !errors.As(err, new(*schemas.Problem)) {
			err = schemas.NewProblem(http.StatusServiceUnavailable,
				"the change could not be stored and nothing of it was accepted; try again later")
		}
		return result, err
	})
}

// update is what somebody wants the state of an agent to become; a zero field stays as it is.
type update struct {
	presence  schemas.Presence
	status    schemas.Status
	secondary string
	note      string
	hasNote   bool // the note is given, if only to clear it
}

func updateFields() []string { return []string{"presence", "status", "secondary", "note"} }

// readUpdate reads the body of a change; null is the same as leaving a field out.
func readUpdate(raw []byte, mapping *ingest.Mapping) (*update, *schemas.FieldError) {
	var u update
	names := updateFields()
	err := object(raw, names, func(field int, v []byte) *schemas.FieldError { return u.read(names[field], v) })
	if err == nil {
		err = u.complete(mapping)
	}
	return &u, err
}

// read reads one field.
func (u *update) read(name string, v []byte) *schemas.FieldError {
	text, err := textOf(name, v)
	if err != nil || isNull(v) {
		return err
	}
	switch name {
	case "presence":
		p, err := schemas.ParsePresence(shorten(text))
		u.presence = p
		return choice(name, text, err, p == schemas.PresenceUnknown)
	case "status":
		st, err := schemas.ParseStatus(shorten(text))
		u.status = st
		return choice(name, text, err, st == schemas.StatusUnknown)
	case "secondary":
		u.secondary = text
	case "note":
		u.note, u.hasNote = text, true
		return checkNote(text)
	}
	return nil
}

// choice refuses what a person cannot choose.
func choice(name, text string, err error, unknown bool) *schemas.FieldError {
	switch {
	case text == "":
		return wrongf(name, "is empty; leave it out to keep it as it is")
	case unknown:
		return wrongf(name, "unknown is what is not known of an agent, nothing to choose; leave it out to keep it as it is")
	case err != nil:
		return wrongf(name, "%v", err)
	}
	return nil
}

// checkNote refuses a note that is too long or not one line.
func checkNote(s string) *schemas.FieldError {
	if len(s) > schemas.MaxNoteBytes {
		return wrongf("note", "has %d bytes; at most %d are allowed", len(s), schemas.MaxNoteBytes)
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return wrongf("note", "holds a control character or line break; write it as one line")
		}
	}
	return nil
}

// complete finds the secondary status, and checks that something is to be set.
func (u *update) complete(mapping *ingest.Mapping) *schemas.FieldError {
	if u.secondary != "" {
		s, err := mapping.Choose(u.status, u.secondary)
		if err != nil {
			return err
		}
		u.status, u.secondary = s.Status, s.Secondary
	}
	if u.presence == schemas.PresenceNone && u.status == schemas.StatusNone && !u.hasNote {
		return wrongf("presence", "neither presence nor status is given; name at least one, or a note to colleagues")
	}
	return nil
}

// change makes the fact that sets an agent's state, or says why it cannot be set. What is refused is a state that
// contradicts itself; what the routing engine observes is never held against a person, who may finish a contact.
func (u *update) change(row *schemas.LiveAgent, p access.Principal, now schemas.Instant) (schemas.Change,
	*schemas.FieldError) {
	c := schemas.Change{
		Source:    schemas.SourceSupervisor,
		AgentID:   row.AgentID,
		At:        now,
		Presence:  u.presence,
		Status:    u.status,
		Secondary: u.secondary,
		Note:      u.note,
	}
	if p.Role == schemas.RoleAgent && p.AgentID == row.AgentID {
		c.Source = schemas.SourceSelf
	}
	if c.Fields() == 0 {
		// A fact has a state. The presence is what a note is shown with; where it is not known the status has to do.
		if c.Presence = row.Presence; c.Presence <= schemas.PresenceUnknown {
			c.Presence, c.Status, c.Secondary = schemas.PresenceNone, row.Status, row.Secondary
		}
		if c.Presence == schemas.PresenceNone && c.Status <= schemas.StatusUnknown {
			return c, wrongf("presence",
				"is missing; nothing is known of the agent now, so give presence or status with the note")
		}
		return c, c.Check(now)
	}
	after := stateOf(row).with(&c)
	if wrong := ingest.Contradiction(after.Presence, after.Status, schemas.RoutingNone); wrong != nil {
		if c.Presence == schemas.PresenceNone { // the field that was sent is the one to look at
			wrong = wrongf("status", "%s; the agent's presence is offline now", wrong.Message)
		} else if c.Status == schemas.StatusNone {
			wrong = wrongf("presence", "offline leaves status available as it is now: %s", wrong.Message)
		}
		return c, wrong
	}
	return c, c.Check(now)
}
