package httpin

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Board is the live store as the desk needs it; *live.Board is one. Rows are never altered after they were handed out.
type Board interface {
	// Ready says whether the board has been read from the store since the start.
	Ready() bool
	// Agent gives one agent's newest row; false for one who is not known or has left.
	Agent(id string) (*schemas.LiveAgent, bool)
	// Changes gives, for version 0, the row of every agent.
	Changes(since uint64) schemas.LiveChanges
	// LastNamed gives the instants of the facts that the agent's present presence and status come from; 0 without one.
	LastNamed(id string) (presence, status schemas.Instant)
}

// DeskDeps is what a Desk needs from others.
type DeskDeps struct {
	// Spool must have applied a batch to Board before Accept returns.
	Spool Spool
	Board Board
	// Principal gives who calls, as the frame of the server found out.
	Principal func(*http.Request) access.Principal
	// Words gives the organisation's words as they are now; it may give nil.
	Words func() *ingest.Mapping
	Clock func() time.Time
}

// The longest bodies of the two kinds of calls.
const (
	deskBodyBytes = 16 << 10
	bulkBodyBytes = 2 << 20
)

// Desk is where people set presence and status: of one agent, or of many at once. It answers when the change is on disk
// and on the live board. The one who mounts it has checked that the caller may change the agent, or some agents at all;
// who sets many is asked about each of them here.
type Desk struct {
	deps      DeskDeps
	one, many Handlers // for their reading of bodies
	bulks     *bulks
}

// NewDesk makes a desk.
func NewDesk(deps DeskDeps) (*Desk, error) {
	if deps.Spool == nil || deps.Board == nil || deps.Principal == nil || deps.Words == nil || deps.Clock == nil {
		return nil, errors.New("httpin: spool, board, principal, words and clock must be given")
	}
	d := &Desk{deps: deps, bulks: newBulks()}
	d.one.cfg, d.many.cfg = DefaultConfig(), DefaultConfig()
	d.one.cfg.MaxBodyBytes, d.many.cfg.MaxBodyBytes = deskBodyBytes, bulkBodyBytes
	// A call for many agents holds the board's rows; two at once are enough.
	d.one.busy, d.many.busy = make(chan struct{}, 64), make(chan struct{}, 2)
	return d, nil
}

func (d *Desk) now() schemas.Instant { return schemas.InstantOf(d.deps.Clock()) }

// PutStatus takes PUT /api/v1/agents/{id}/status {"presence","status","secondary","note"} and answers the agent's new row.
// A note alone repeats the presence as it is. A change without a note clears the note.
func (d *Desk) PutStatus(w http.ResponseWriter, r *http.Request) {
	d.answer(&d.one, w, r, func() (any, error) {
		id := r.PathValue("id")
		if err := schemas.CheckID("id", id); err != nil {
			return nil, broken("path", err)
		}
		raw, err := d.one.value(w, r, false)
		if err != nil {
			return nil, err
		}
		want, wrong := readWish(raw, d.deps.Words())
		if wrong != nil {
			return nil, broken("body", wrong)
		}
		return d.put(r, id, want)
	})
}

// put makes the change of one agent.
func (d *Desk) put(r *http.Request, id string, want *wish) (*schemas.LiveAgent, error) {
	row, ok := d.deps.Board.Agent(id)
	if !ok {
		return nil, schemas.NewProblem(http.StatusNotFound, fmt.Sprintf("agent %q is on no roster now", id))
	}
	p := d.deps.Principal(r)
	c, wrong := want.change(row, p, d.now())
	if wrong != nil {
		return nil, broken("body", wrong)
	}
	b := ingest.Batch{Actor: p.Name, Origin: fmt.Sprintf("%s for %s", p.Origin, id), Changes: []schemas.Change{c}}
	if _, err := d.deps.Spool.Accept(r.Context(), b); err != nil {
		return nil, err
	}
	if now, ok := d.deps.Board.Agent(id); ok {
		row = now
	}
	return row, nil
}

// answer runs a call when there is room for it and the board knows the agents, and writes what it gives.
func (d *Desk) answer(h *Handlers, w http.ResponseWriter, r *http.Request, call func() (any, error)) {
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
	case <-r.Context().Done():
		return // nobody listens
	}
	if !d.deps.Board.Ready() {
		h.fail(w, schemas.NewProblem(http.StatusServiceUnavailable, "the live board is still being read; try again in a moment"))
		return
	}
	result, err := call()
	if problem := new(schemas.Problem); err != nil && !errors.As(err, &problem) {
		err = schemas.NewProblem(http.StatusServiceUnavailable, "the change could not be stored and nothing of it was accepted; try again later")
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	send(w, http.StatusOK, "application/json", result)
}

// wish is what somebody wants the state of an agent to be.
type wish struct {
	presence  schemas.Presence
	status    schemas.Status
	secondary string
	note      string
	noted     bool
}

// The fields of a wish, in the order of wishFields.
const (
	fieldWishPresence = iota
	fieldWishStatus
	fieldWishSecondary
	fieldWishNote
)

func wishFields() []string { return []string{"presence", "status", "secondary", "note"} }

// readWish reads the body of a change; null is the same as leaving a field out.
func readWish(raw []byte, words *ingest.Mapping) (*wish, *schemas.FieldError) {
	var want wish
	names := wishFields()
	err := object(raw, names, func(field int, v []byte) *schemas.FieldError { return want.take(field, names[field], v) })
	if err == nil {
		err = want.settle(words)
	}
	return &want, err
}

// take reads one field.
func (want *wish) take(field int, name string, v []byte) *schemas.FieldError {
	s, err := textOf(name, v)
	if err != nil || isNull(v) {
		return err
	}
	switch field {
	case fieldWishPresence:
		p, err := schemas.ParsePresence(shorten(s))
		want.presence = p
		return choice(name, s, err, p == schemas.PresenceUnknown)
	case fieldWishStatus:
		st, err := schemas.ParseStatus(shorten(s))
		want.status = st
		return choice(name, s, err, st == schemas.StatusUnknown)
	case fieldWishSecondary:
		want.secondary = s
	case fieldWishNote:
		want.note, want.noted = s, true
		return checkNote(s)
	}
	return nil
}

// choice refuses what a person cannot choose.
func choice(name, text string, err error, unknown bool) *schemas.FieldError {
	switch {
	case text == "":
		return &schemas.FieldError{Field: name, Message: "is empty; leave it out to keep it as it is"}
	case unknown:
		return &schemas.FieldError{Field: name, Message: "unknown is what is not known of an agent, nothing to choose; leave it out to keep it as it is"}
	case err != nil:
		return &schemas.FieldError{Field: name, Message: err.Error()}
	}
	return nil
}

// checkNote tells whether a note is one line that fits.
func checkNote(s string) *schemas.FieldError {
	if len(s) > schemas.MaxNoteBytes {
		return &schemas.FieldError{Field: "note", Message: fmt.Sprintf("has %d bytes; at most %d are allowed", len(s), schemas.MaxNoteBytes)}
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return &schemas.FieldError{Field: "note", Message: "holds a control character or line break; write it as one line"}
		}
	}
	return nil
}

// settle finds the secondary status, and checks that something is wanted.
func (want *wish) settle(words *ingest.Mapping) *schemas.FieldError {
	if want.secondary != "" {
		s, err := words.Choose(want.status, want.secondary)
		if err != nil {
			return err
		}
		want.status, want.secondary = s.Status, s.Secondary
	}
	if want.presence == schemas.PresenceNone && want.status == schemas.StatusNone && !want.noted {
		return &schemas.FieldError{Field: "presence", Message: "neither presence nor status is given; name at least one, or a note to colleagues"}
	}
	return nil
}

// change makes the fact that the wish means for an agent, or says why it cannot be. What is refused is a state that
// contradicts itself; what the routing engine observes is never held against a person, who may finish a contact.
func (want *wish) change(row *schemas.LiveAgent, p access.Principal, now schemas.Instant) (schemas.Change, *schemas.FieldError) {
	c := schemas.Change{Source: schemas.SourceSupervisor, AgentID: row.AgentID, At: now, Presence: want.presence, Status: want.status,
		Secondary: want.secondary, Note: want.note}
	if p.Role == schemas.RoleAgent && p.AgentID == row.AgentID {
		c.Source = schemas.SourceSelf
	}
	if c.Fields() == 0 {
		// A fact has a state. The presence is what a note is shown with; where it is not known the status has to do.
		if c.Presence = row.Presence; c.Presence <= schemas.PresenceUnknown {
			c.Presence, c.Status, c.Secondary = schemas.PresenceNone, row.Status, row.Secondary
		}
		if c.Presence == schemas.PresenceNone && c.Status <= schemas.StatusUnknown {
			return c, &schemas.FieldError{Field: "presence", Message: "is missing; nothing is known of the agent now, so give presence or status with the note"}
		}
		return c, c.Check(now)
	}
	presence, status := row.Presence, row.Status
	if c.Presence != schemas.PresenceNone {
		presence = c.Presence
	}
	if c.Status != schemas.StatusNone {
		status = c.Status
	}
	if wrong := ingest.Contradiction(presence, status, schemas.RoutingNone); wrong != nil {
		if c.Presence == schemas.PresenceNone { // the field that was sent is the one to look at
			wrong = &schemas.FieldError{Field: "status", Message: wrong.Message + "; the agent's presence is offline now"}
		} else if c.Status == schemas.StatusNone {
			wrong = &schemas.FieldError{Field: "presence", Message: "offline leaves status available as it is now: " + wrong.Message}
		}
		return c, wrong
	}
	return c, c.Check(now)
}
