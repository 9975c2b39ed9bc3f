package httpin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// rejection is a row that breaks a rule.
type rejection struct {
	Index   int    `json:"index" doc:"the row's place in the body, from 0"`
	Field   string `json:"field" doc:"empty when the row as a whole is wrong"`
	Message string `json:"message" doc:"what is wrong, and what would be right"`
}

// ChangesResult is the answer to a batch of changes: each row is counted once, as accepted, duplicate or rejected.
type ChangesResult struct {
	Accepted   int         `json:"accepted" doc:"changes that are now on disk" example:"1"`
	Duplicates int         `json:"duplicates" doc:"changes that were known already" example:"0"`
	Rejected   []rejection `json:"rejected"`
}

// StatusChanges takes POST /api/v1/status-changes: a JSON array of changes or NDJSON, plain or gzip.
func (h *Handlers) StatusChanges(w http.ResponseWriter, r *http.Request) {
	h.answer(w, r, func(p Principal) (any, error) {
		raw, err := h.read(w, r)
		if err != nil {
			return nil, err
		}
		b := batch{caller: p, mapping: h.deps.Mapping(), now: h.now(), result: ChangesResult{Rejected: []rejection{}}}
		if err = h.rows(raw, b.row); err != nil {
			return nil, err
		}
		if len(b.changes) == 0 {
			return b.result, nil
		}
		sources := sourcesOf(b.changes) // the spool takes the changes over
		out := ingest.Batch{Actor: p.Name, Origin: "api", Changes: b.changes, Findings: b.list}
		receipt, err := h.deps.Spool.Accept(r.Context(), out)
		if err != nil {
			return nil, err
		}
		for _, source := range sources {
			h.seen(source, 0)
		}
		b.result.Accepted, b.result.Duplicates = receipt.Accepted, receipt.Duplicates
		return b.result, nil
	})
}

// sourcesOf lists the sources of changes, each once.
func sourcesOf(changes []schemas.Change) []string {
	var out []string
	for i := range changes {
		if s := changes[i].Source; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// rows calls row with every change of the body and its index: the elements of an array, or values that follow one
// another (NDJSON).
func (h *Handlers) rows(raw []byte, row func(i int, v []byte)) error {
	v, skipped, err := start(raw, "[{", "neither an array nor an object", "an array of changes, or one change a line,")
	if err == nil && v[0] == '[' {
		err = syntax(v, skipped, len(v))
	}
	if err != nil {
		return err
	}
	if v[0] == '[' {
		for i, one := range elements(v) {
			if i == h.cfg.MaxChanges {
				return h.tooMany()
			}
			row(i, one)
		}
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(v))
	var one json.RawMessage
	for i := 0; ; i++ {
		at := int(dec.InputOffset())
		switch err := dec.Decode(&one); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return syntax(v[at:], skipped+at, len(v)-at)
		case i == h.cfg.MaxChanges:
			return h.tooMany()
		}
		row(i, one)
	}
}

func (h *Handlers) tooMany() error {
	return schemas.NewProblem(http.StatusRequestEntityTooLarge,
		fmt.Sprintf("the body holds more than %d changes; send it in parts", h.cfg.MaxChanges))
}

// findings gathers what is odd about changes, each finding once.
type findings struct {
	known map[string]bool
	list  []schemas.Finding
}

// look finds the texts of a change that are not mapped, and states that contradict each other.
func (f *findings) look(c *schemas.Change, unmapped []ingest.Unmapped) {
	for _, u := range unmapped {
		f.add(u.Finding(c.Source, c.AgentID, c.At))
	}
	if wrong := ingest.ContradictionFinding(c); wrong != nil {
		f.add(*wrong)
	}
}

func (f *findings) add(one schemas.Finding) {
	if f.known[one.ID] {
		return
	}
	if f.known == nil {
		f.known = map[string]bool{}
	}
	f.known[one.ID] = true
	f.list = append(f.list, one)
}

// batch gathers the rows of one call.
type batch struct {
	caller  Principal
	mapping *ingest.Mapping
	now     schemas.Instant
	result  ChangesResult
	changes []schemas.Change
	findings
}

// row adds a row, or says why it is rejected.
func (b *batch) row(i int, raw []byte) {
	c, unmapped, err := b.read(raw)
	if err != nil {
		b.result.Rejected = append(b.result.Rejected, rejection{i, err.Field, err.Message})
		return
	}
	b.changes = append(b.changes, c)
	b.look(&c, unmapped)
}

// changeFields are the fields of a change; schemas/wire/status-changes.schema.json describes them.
func changeFields() []string {
	return []string{"agent_id", "at", "presence", "status", "routing", "secondary", "note", "id", "source"}
}

// read makes a change of a row.
func (b *batch) read(raw []byte) (c schemas.Change, unmapped []ingest.Unmapped, err *schemas.FieldError) {
	var t ingest.Texts
	into := [...]*string{&c.AgentID, nil, &t.Presence, &t.Status, &t.Routing, &t.Secondary, &c.Note, &c.ID, &c.Source}
	dated := false
	names := changeFields()
	err = object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if into[field] == nil {
			dated = true
			c.At, err = instantOf(names[field], v)
			return err
		}
		*into[field], err = textOf(names[field], v)
		return err
	})
	if err == nil && !dated {
		err = wrongf("at", `is missing; give the instant of the change, such as "2026-03-02T09:00:00Z"`)
	}
	if err == nil {
		err = b.caller.speakFor(&c.Source)
	}
	if err == nil {
		unmapped, err = b.mapping.Apply(&c, t)
	}
	if err == nil {
		err = c.Check(b.now)
	}
	return c, unmapped, err
}

// speakFor puts the caller's own source where none is named, and checks one that is.
func (p *Principal) speakFor(source *string) *schemas.FieldError {
	switch {
	case *source == "":
		*source = p.Source
	case *source != p.Source && p.Role != schemas.RoleAdmin:
		return wrongf("source", "%q is not the source of this token, which is %q; leave it out (only an admin may name "+
			"another)",
			shorten(*source), p.Source)
	}
	if schemas.OwnSource(*source) {
		return wrongf("source", "%q is the name of what people set in Rollcall itself (PUT /api/v1/agents/{id}/status); "+
			"name the feed differently",
			*source)
	}
	return nil
}
