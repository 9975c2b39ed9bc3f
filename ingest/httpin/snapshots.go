package httpin

import (
	"cmp"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// SnapshotResult is the answer to a snapshot: each row is counted once, as accepted, duplicate or rejected.
type SnapshotResult struct {
	Accepted   int         `json:"accepted" doc:"states that are now on disk" example:"1"`
	Duplicates int         `json:"duplicates" doc:"states that were known already" example:"0"`
	Rejected   []rejection `json:"rejected"`
	Absent     int         `json:"absent" doc:"agents not in the snapshot who were set to unknown or offline" example:"0"`
}

// Snapshots takes POST /api/v1/snapshots {"at","absent","source","agents":[{"agent_id","presence","status","routing",
// "secondary"}]}: the whole state of a feed at an instant. Each agent's state becomes a change at that instant, which
// renews its age (RULES.md section 3); the same snapshot again changes nothing. Agents on the board whom the feed has
// reported before and who are not in it stay as they are (absent keep, the default), or become unknown or offline in
// the fields that the feed supplies. Where a row is rejected that does not say whose it is, nobody is taken for absent.
//
// A snapshot says nothing of the time before it: a silence ends with it, and only /complete takes a silence back.
func (h *Handlers) Snapshots(w http.ResponseWriter, r *http.Request) {
	h.answer(&h.snapshots, w, r, func(p access.Principal) (any, error) {
		raw, err := h.snapshots.read(w, r)
		if err != nil {
			return nil, err
		}
		s := snapshot{body: h.begin(p), most: h.snapshots.most, named: map[string]bool{}}
		if err := s.read(raw); err != nil {
			return nil, err
		}
		if err := s.settle(); err != nil {
			return nil, broken("body", err)
		}
		absentees, err := h.absentees(&s)
		if err != nil {
			return nil, err
		}
		answer := SnapshotResult{Rejected: s.rejected, Absent: len(absentees)}
		answer.Accepted, answer.Duplicates, err = h.store(r.Context(), p.Name, "api snapshot", s.changes, s.findings)
		if err == nil {
			_, _, err = h.store(r.Context(), p.Name, "api snapshot", absentees, nil)
		}
		if err != nil {
			return nil, err
		}
		h.seen(s.source, 0)
		return answer, nil
	})
}

// absentees makes the changes of the agents who are not in the snapshot, in order of their ids.
func (h *Handlers) absentees(s *snapshot) ([]schemas.Change, error) {
	if s.absent == "" || s.absent == absentKeep {
		return nil, nil
	}
	supplied, ready := map[string]schemas.Fields(nil), false
	if h.deps.Supplied != nil {
		supplied, ready = h.deps.Supplied(s.source)
	}
	if !ready {
		return nil, schemas.NewProblem(http.StatusServiceUnavailable,
			"the live board is still being read, so that nobody can be called absent; try again in a moment")
	}
	if s.nameless {
		return nil, nil
	}
	var out []schemas.Change
	for agent, fields := range supplied {
		if !s.named[agent] && fields != 0 {
			out = append(out, s.absentee(agent, fields))
		}
	}
	slices.SortFunc(out, func(a, b schemas.Change) int { return cmp.Compare(a.AgentID, b.AgentID) })
	return out, nil
}

// The choices of what becomes of an absentee.
const (
	absentKeep    = "keep"
	absentUnknown = "unknown"
	absentOffline = "offline"
)

func snapshotFields() []string { return []string{"at", "absent", "source", "agents"} }

// snapshot gathers what a body says.
type snapshot struct {
	body
	most int

	dated, listed bool // at and agents are given
	at            schemas.Instant
	absent        string
	source        string
	rows          []snapshotRow
	named         map[string]bool
	// nameless says that a row was rejected without knowing whose it is.
	nameless bool
}

// snapshotRow is one agent's state; its instant and source are set when the whole body is read.
type snapshotRow struct {
	index    int
	change   schemas.Change
	unmapped []ingest.Unmapped
}

// read reads the body.
func (s *snapshot) read(raw []byte) error {
	v, skipped, err := start(raw, "{", "no object", `{"at": …, "agents": […]}`)
	if err == nil {
		err = syntax(v, skipped, len(v))
	}
	if err != nil {
		return err
	}
	names := snapshotFields()
	wrong := object(v, names, func(field int, v []byte) (err *schemas.FieldError) {
		switch names[field] {
		case "at":
			s.dated = true
			s.at, err = instantOf("at", v)
		case "absent":
			s.absent, err = textOf("absent", v)
		case "source":
			s.source, err = textOf("source", v)
		case "agents":
			s.listed = true
			err = s.agents(v)
		}
		return err
	})
	switch {
	case wrong == nil:
		return nil
	case len(s.rows)+len(s.rejected) > s.most:
		return schemas.NewProblem(http.StatusRequestEntityTooLarge, wrong.Message)
	default:
		return broken("body", wrong)
	}
}

// agents reads the rows; one more than may be is an error.
func (s *snapshot) agents(v []byte) *schemas.FieldError {
	if v[0] != '[' {
		return wrongf("agents", "is no array; write an array of agents, [] where there are none")
	}
	for i, raw := range elements(v) {
		s.row(i, raw)
		if i == s.most {
			return wrongf("agents", "the snapshot holds more than %d agents", s.most)
		}
	}
	return nil
}

// row adds one agent, or says why the row is rejected.
func (s *snapshot) row(i int, raw []byte) {
	row := snapshotRow{index: i}
	c := &row.change
	var t ingest.Texts
	names := []string{"agent_id", "presence", "status", "routing", "secondary"}
	into := [...]*string{&c.AgentID, &t.Presence, &t.Status, &t.Routing, &t.Secondary}
	err := object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		*into[field], err = textOf(names[field], v)
		return err
	})
	if err == nil {
		err = schemas.CheckID("agent_id", c.AgentID)
	}
	if err == nil && s.named[c.AgentID] {
		err = wrongf("agent_id", "%q is in the snapshot twice; the first counts", c.AgentID)
	}
	if err == nil {
		row.unmapped, err = s.mapping.Apply(c, t)
	}
	s.nameless = s.nameless || c.AgentID == ""
	s.named[c.AgentID] = true
	if err != nil {
		s.reject(i, err)
		return
	}
	s.rows = append(s.rows, row)
}

// settle checks the fields beside the rows, and sets the source and instant of every row.
func (s *snapshot) settle() *schemas.FieldError {
	switch {
	case !s.dated:
		return missing("at")
	case !s.listed:
		return wrongf("agents", "is missing; list every agent whose state the feed knows")
	case s.at < schemas.MinInstant || s.at > s.now.Add(feedClockMS):
		return wrongf("at", "%s is out of range; a snapshot is of an instant from %s up to now, %s here", s.at,
			schemas.MinInstant, s.now)
	case s.absent != "" && !slices.Contains([]string{absentKeep, absentUnknown, absentOffline}, s.absent):
		return wrongf("absent", "%q is none of keep, unknown, offline", shorten(s.absent))
	}
	if err := speakFor(s.caller, &s.source); err != nil {
		return err
	}
	if err := schemas.CheckID("source", s.source); err != nil {
		return err
	}
	for i := range s.rows {
		c := &s.rows[i].change
		c.Source, c.At = s.source, s.at
		if err := c.Check(s.now); err != nil {
			s.reject(s.rows[i].index, err)
			continue
		}
		s.take(*c, s.rows[i].unmapped)
	}
	slices.SortFunc(s.rejected, func(a, b rejection) int { return cmp.Compare(a.Index, b.Index) })
	return nil
}

// absentee makes the change of one agent who is not in the snapshot, in the fields that the feed supplies. Offline is
// presence offline, and off queue in the other two, so that it does not contradict itself.
func (s *snapshot) absentee(agent string, fields schemas.Fields) schemas.Change {
	c := schemas.Change{Source: s.source, AgentID: agent, At: s.at}
	presence, status, routing := schemas.PresenceUnknown, schemas.StatusUnknown, schemas.RoutingUnknown
	if s.absent == absentOffline {
		presence, status, routing = schemas.PresenceOffline, schemas.StatusOffQueue, schemas.RoutingOffQueue
		fields |= schemas.FieldPresence
	}
	if fields&schemas.FieldPresence != 0 {
		c.Presence = presence
	}
	if fields&schemas.FieldStatus != 0 {
		c.Status = status
	}
	if fields&schemas.FieldRouting != 0 {
		c.Routing = routing
	}
	return c
}
