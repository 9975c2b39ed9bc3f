package httpin

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// SnapshotResult is the answer to a snapshot: each row is counted once, as accepted, duplicate or rejected.
type SnapshotResult struct {
	Accepted   int         `json:"accepted"`
	Duplicates int         `json:"duplicates"`
	Rejected   []Rejection `json:"rejected"`
	// Absent is of how many agents who are not in the snapshot it was stored that they are unknown or offline.
	Absent int `json:"absent"`
}

// Snapshots takes POST /api/v1/snapshots {"at","absent","source","agents":[{"agent_id","presence","status","routing",
// "secondary"}]}: the whole state of a feed at an instant. Each agent's state becomes a change at that instant, which renews
// its clock (RULES.md section 3); the same snapshot again changes nothing. Agents on the board of whom the feed has told
// before and who are not in it stay as they are (absent keep, the default), or become unknown or offline in the fields that
// the feed supplies. Where a row is rejected that does not say whose it is, nobody is taken for absent.
//
// A snapshot says nothing of the time before it: a silence ends with it, and only /complete takes a silence back.
func (h *Handlers) Snapshots(w http.ResponseWriter, r *http.Request) {
	h = h.whole
	h.answer(w, r, func(p Principal) (any, error) {
		in, err := h.open(w, r)
		if err != nil {
			return nil, err
		}
		s := snapshot{caller: p, words: h.deps.Words(), now: h.now(), most: h.cfg.MaxChanges, named: map[string]bool{}}
		if err := h.readSnapshot(in, &s); err != nil {
			return nil, err
		}
		if err := s.settle(); err != nil {
			return nil, broken("body", err)
		}
		result := SnapshotResult{Rejected: s.rejected()}
		absentees, err := h.absentees(&s)
		if err != nil {
			return nil, err
		}
		if result.Accepted, result.Duplicates, err = h.store(r.Context(), p.Name, s.changes(), s.findings()); err != nil {
			return nil, err
		}
		result.Absent = len(absentees)
		if _, _, err = h.store(r.Context(), p.Name, absentees, nil); err != nil {
			return nil, err
		}
		h.heard(s.source, 0)
		return result, nil
	})
}

// partChanges is how many changes of a snapshot go to the spool at once.
const partChanges = 10_000

// store takes changes on disk, in parts. A part that was taken before an error collapses when all is sent again.
func (h *Handlers) store(ctx context.Context, actor string, changes []schemas.Change, findings []schemas.Finding) (accepted, duplicates int, err error) {
	for part := range slices.Chunk(changes, partChanges) {
		receipt, err := h.deps.Spool.Accept(ctx, ingest.Batch{Actor: actor, Origin: "api snapshot", Changes: part, Findings: findings})
		if err != nil {
			return accepted, duplicates, err
		}
		accepted, duplicates, findings = accepted+receipt.Accepted, duplicates+receipt.Duplicates, nil
	}
	return accepted, duplicates, nil
}

// absentees makes the changes of the agents who are not in the snapshot, in order of their ids.
func (h *Handlers) absentees(s *snapshot) ([]schemas.Change, error) {
	if s.absent == "" || s.absent == absentKeep {
		return nil, nil
	}
	told, ready := map[string]schemas.Fields(nil), false
	if h.deps.Told != nil {
		told, ready = h.deps.Told(s.source)
	}
	if !ready {
		return nil, schemas.NewProblem(http.StatusServiceUnavailable,
			"the live board is still being read, so that nobody can be called absent; try again in a moment")
	}
	if s.nameless {
		return nil, nil
	}
	var out []schemas.Change
	for agent, fields := range told {
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

// The fields of a snapshot, in the order of snapshotFields.
const (
	fieldSnapshotAt = iota
	fieldSnapshotAbsent
	fieldSnapshotSource
	fieldSnapshotAgents
)

func snapshotFields() []string { return []string{"at", "absent", "source", "agents"} }

// snapshot gathers what a body says.
type snapshot struct {
	caller Principal
	words  *ingest.Mapping
	now    schemas.Instant
	most   int

	seen   [4]bool
	at     schemas.Instant
	absent string
	source string
	rows   []snapshotRow
	broken []Rejection
	named  map[string]bool
	// nameless says that a row was rejected without knowing whose it is.
	nameless bool
}

// snapshotRow is one agent's state; its instant and source are set when the whole body is read.
type snapshotRow struct {
	index    int
	change   schemas.Change
	unmapped []ingest.Unmapped
}

// readSnapshot reads the body, agent by agent.
func (h *Handlers) readSnapshot(in *body, s *snapshot) error {
	src := bufio.NewReaderSize(in, 64<<10)
	first, skipped, err := firstByte(src)
	switch {
	case errors.Is(err, io.EOF):
		return unparsable(skipped, `the body is empty; send {"at": …, "agents": […]}`)
	case err != nil:
		return h.unread(in, err)
	case first != '{':
		return unparsable(skipped, fmt.Sprintf("%q begins no object", rune(first)))
	}
	d := stream{in: in, dec: json.NewDecoder(src), skipped: skipped}
	err = s.read(&d)
	var wrong *schemas.FieldError
	var problem *schemas.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &wrong):
		return broken("body", wrong)
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return h.syntax(&d, err)
}

// read takes the object and looks that nothing follows it.
func (s *snapshot) read(d *stream) error {
	if _, err := d.dec.Token(); err != nil {
		return err
	}
	for d.dec.More() {
		if err := s.member(d); err != nil {
			return err
		}
	}
	if _, err := d.dec.Token(); err != nil {
		return err
	}
	d.dec.More() // goes to what follows
	at := d.dec.InputOffset()
	_, err := d.dec.Token()
	if wrong := new(json.SyntaxError); err == nil || errors.As(err, &wrong) {
		return &trailing{at, "the object"}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// member takes one field of the object.
func (s *snapshot) member(d *stream) error {
	token, err := d.dec.Token()
	if err != nil {
		return err
	}
	quoted, err := json.Marshal(token)
	if err != nil {
		return err
	}
	names := snapshotFields()
	field, wrong := fieldOf(quoted, names)
	if wrong == nil && s.seen[field] {
		wrong = &schemas.FieldError{Field: names[field], Message: "is given twice; give it once"}
	}
	if wrong != nil {
		return wrong
	}
	s.seen[field] = true
	if field == fieldSnapshotAgents {
		return s.agents(d)
	}
	if err := d.dec.Decode(&d.raw); err != nil {
		return err
	}
	switch field {
	case fieldSnapshotAt:
		s.at, wrong = instantOf("at", d.raw)
	case fieldSnapshotAbsent:
		s.absent, wrong = textOf("absent", d.raw)
	case fieldSnapshotSource:
		s.source, wrong = textOf("source", d.raw)
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

// agents takes the rows.
func (s *snapshot) agents(d *stream) error {
	token, err := d.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return &schemas.FieldError{Field: "agents", Message: "is no array; write an array of agents, [] where there is none"}
	}
	for i := 0; d.dec.More(); i++ {
		if i == s.most {
			return schemas.NewProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the snapshot holds more than %d agents", s.most))
		}
		if err := d.dec.Decode(&d.raw); err != nil {
			return err
		}
		s.row(i, d.raw)
	}
	_, err = d.dec.Token()
	return err
}

// row takes one agent in or notes why not.
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
		err = &schemas.FieldError{Field: "agent_id", Message: fmt.Sprintf("%q is in the snapshot twice; the first counts", c.AgentID)}
	}
	if err == nil {
		row.unmapped, err = s.words.Apply(c, t)
	}
	s.nameless = s.nameless || c.AgentID == ""
	s.named[c.AgentID] = true
	if err != nil {
		s.reject(i, err)
		return
	}
	s.rows = append(s.rows, row)
}

func (s *snapshot) reject(i int, err *schemas.FieldError) {
	s.broken = append(s.broken, Rejection{i, err.Field, err.Message})
}

// settle checks what is said of the whole, and gives every row its source and instant.
func (s *snapshot) settle() *schemas.FieldError {
	switch {
	case s.at == 0 && !s.seen[fieldSnapshotAt]:
		return missing("at")
	case !s.seen[fieldSnapshotAgents]:
		return &schemas.FieldError{Field: "agents", Message: "is missing; list every agent whose state the feed knows"}
	case s.at < schemas.MinInstant || s.at > s.now.Add(feedClockMS):
		return &schemas.FieldError{Field: "at", Message: fmt.Sprintf("%s is out of range; a snapshot is of an instant from %s up to now, %s here",
			s.at, schemas.MinInstant, s.now)}
	}
	choices := []string{absentKeep, absentUnknown, absentOffline}
	if s.absent != "" && !slices.Contains(choices, s.absent) {
		return &schemas.FieldError{Field: "absent", Message: fmt.Sprintf("%q is none of keep, unknown, offline", shorten(s.absent))}
	}
	if err := s.caller.speakFor(&s.source); err != nil {
		return err
	}
	if err := schemas.CheckID("source", s.source); err != nil {
		return err
	}
	kept := s.rows[:0]
	for _, row := range s.rows {
		row.change.Source, row.change.At = s.source, s.at
		if err := row.change.Check(s.now); err != nil {
			s.reject(row.index, err)
			continue
		}
		kept = append(kept, row)
	}
	s.rows = kept
	return nil
}

// rejected lists the rows that break a rule, in order.
func (s *snapshot) rejected() []Rejection {
	out := append([]Rejection{}, s.broken...)
	slices.SortFunc(out, func(a, b Rejection) int { return cmp.Compare(a.Index, b.Index) })
	return out
}

func (s *snapshot) changes() []schemas.Change {
	out := make([]schemas.Change, len(s.rows))
	for i := range s.rows {
		out[i] = s.rows[i].change
	}
	return out
}

// findings tells what the rows hold that means nothing or contradicts itself, each once.
func (s *snapshot) findings() []schemas.Finding {
	b := batch{told: map[string]bool{}}
	for i := range s.rows {
		c := &s.rows[i].change
		for _, u := range s.rows[i].unmapped {
			b.find(u.Finding(c.Source, c.AgentID, c.At))
		}
		if f := ingest.ContradictionFinding(c); f != nil {
			b.find(*f)
		}
	}
	return b.out.Findings
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
