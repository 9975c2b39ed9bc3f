package httpin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
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
	h.answer(&h.batches, w, r, func(p access.Principal) (any, error) {
		raw, err := h.batches.read(w, r)
		if err != nil {
			return nil, err
		}
		b := h.begin(p)
		if err = h.rows(raw, b.row); err != nil {
			return nil, err
		}
		sources := sourcesOf(b.changes) // the spool takes the changes over
		answer := ChangesResult{Rejected: b.rejected}
		if answer.Accepted, answer.Duplicates, err = h.store(r.Context(), p.Name, "api", b.changes, b.findings); err != nil {
			return nil, err
		}
		for _, source := range sources {
			h.seen(source, 0)
		}
		return answer, nil
	})
}

// partChanges is how many changes go to the spool at once.
const partChanges = 10_000

// store takes changes on disk, in parts. A part that was taken before an error collapses when all is sent again.
func (h *Handlers) store(ctx context.Context, actor, origin string, changes []schemas.Change,
	findings []schemas.Finding) (accepted, duplicates int, err error) {
	for part := range slices.Chunk(changes, partChanges) {
		receipt, err := h.deps.Spool.Accept(ctx,
			ingest.Batch{Actor: actor, Origin: origin, Changes: part, Findings: findings})
		if err != nil {
			return accepted, duplicates, err
		}
		accepted, duplicates, findings = accepted+receipt.Accepted, duplicates+receipt.Duplicates, nil
	}
	return accepted, duplicates, nil
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
			if i == h.batches.most {
				return tooMany(h.batches.most)
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
		case i == h.batches.most:
			return tooMany(h.batches.most)
		}
		row(i, one)
	}
}

func tooMany(most int) error {
	return schemas.NewProblem(http.StatusRequestEntityTooLarge,
		fmt.Sprintf("the body holds more than %d changes; send it in parts", most))
}

// body gathers what is taken of the rows of one body, and what is odd about them, each finding once.
type body struct {
	caller   access.Principal
	mapping  *ingest.Mapping
	now      schemas.Instant
	changes  []schemas.Change
	rejected []rejection
	findings []schemas.Finding
	known    map[string]bool // findings, by id
}

func (h *Handlers) begin(p access.Principal) body {
	return body{caller: p, mapping: h.deps.Mapping(), now: h.deps.now(), rejected: []rejection{}, known: map[string]bool{}}
}

// row adds a row, or says why it is rejected.
func (b *body) row(i int, raw []byte) {
	c, unmapped, err := b.read(raw)
	if err != nil {
		b.reject(i, err)
		return
	}
	b.take(c, unmapped)
}

func (b *body) reject(i int, err *schemas.FieldError) {
	b.rejected = append(b.rejected, rejection{i, err.Field, err.Message})
}

// take adds a change, and finds its texts that are not mapped and states that contradict each other.
func (b *body) take(c schemas.Change, unmapped []ingest.Unmapped) {
	b.changes = append(b.changes, c)
	for _, u := range unmapped {
		b.find(u.Finding(c.Source, c.AgentID, c.At))
	}
	if wrong := ingest.ContradictionFinding(&c); wrong != nil {
		b.find(*wrong)
	}
}

func (b *body) find(f schemas.Finding) {
	if !b.known[f.ID] {
		b.known[f.ID] = true
		b.findings = append(b.findings, f)
	}
}

// changeFields are the fields of a change; schemas/wire/status-changes.schema.json describes them.
func changeFields() []string {
	return []string{"agent_id", "at", "presence", "status", "routing", "secondary", "note", "id", "source"}
}

// read makes a change of a row.
func (b *body) read(raw []byte) (c schemas.Change, unmapped []ingest.Unmapped, err *schemas.FieldError) {
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
		err = speakFor(b.caller, &c.Source)
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
func speakFor(p access.Principal, source *string) *schemas.FieldError {
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
