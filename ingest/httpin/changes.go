package httpin

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// Rejection is a row that breaks a rule.
type Rejection struct {
	// Index is the row's place in the body, counted from 0.
	Index int `json:"index"`
	// Field is empty when the row as a whole is wrong.
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Result is the answer to a batch of changes: each row is counted once, as accepted, duplicate or rejected.
type Result struct {
	Accepted   int         `json:"accepted"`
	Duplicates int         `json:"duplicates"`
	Rejected   []Rejection `json:"rejected"`
}

// StatusChanges takes POST /api/v1/status-changes: a JSON array of changes or NDJSON, plain or gzip.
func (h *Handlers) StatusChanges(w http.ResponseWriter, r *http.Request) {
	h.answer(w, r, func(p Principal) (any, error) {
		in, err := h.open(w, r)
		if err != nil {
			return nil, err
		}
		b := batch{
			caller: p, words: h.deps.Words(), now: h.now(), told: map[string]bool{},
			result: Result{Rejected: []Rejection{}},
			out:    ingest.Batch{Actor: p.Name, Origin: "api"},
		}
		if err = h.rows(in, b.row); err != nil {
			return nil, err
		}
		if len(b.out.Changes) == 0 {
			return b.result, nil
		}
		sources := sourcesOf(b.out.Changes) // the spool keeps the changes
		receipt, err := h.deps.Spool.Accept(r.Context(), b.out)
		if err != nil {
			return nil, err
		}
		for _, source := range sources {
			h.heard(source, 0)
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

// rows gives each value of the body to row, with its index.
func (h *Handlers) rows(in *body, row func(i int, raw []byte)) error {
	src := bufio.NewReaderSize(in, 64<<10)
	first, skipped, err := firstByte(src)
	switch {
	case errors.Is(err, io.EOF):
		return unparsable(skipped, "the body is empty; send an array of changes, or one change a line,")
	case err != nil:
		return h.unread(in, err)
	case first != '[' && first != '{':
		return unparsable(skipped, fmt.Sprintf("%q begins neither an array nor an object", rune(first)))
	}
	d := stream{in: in, dec: json.NewDecoder(src), skipped: skipped, array: first == '['}
	for i := 0; ; i++ {
		raw, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return h.syntax(&d, err)
		}
		if i == h.cfg.MaxChanges {
			return schemas.NewProblem(http.StatusRequestEntityTooLarge,
				fmt.Sprintf("the body holds more than %d changes; send it in parts", h.cfg.MaxChanges))
		}
		row(i, raw)
	}
}

// firstByte looks at the first byte that is no space, past a byte order mark, and says how many bytes were skipped.
func firstByte(src *bufio.Reader) (first byte, skipped int64, err error) {
	if mark, _ := src.Peek(3); string(mark) == "\ufeff" {
		n, _ := src.Discard(3) // just seen
		skipped = int64(n)
	}
	for ; ; skipped++ {
		b, err := src.ReadByte()
		if err != nil {
			return 0, skipped, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, skipped, src.UnreadByte()
		}
	}
}

// stream reads the values of an array, or of NDJSON, one by one.
type stream struct {
	in      *body
	dec     *json.Decoder
	skipped int64
	array   bool
	inside  bool
	raw     json.RawMessage
}

// next gives the next value, valid until the call after; io.EOF when all are read and nothing else follows.
func (d *stream) next() ([]byte, error) {
	if d.array {
		if err := d.toElement(); err != nil {
			return nil, err
		}
	}
	err := d.dec.Decode(&d.raw)
	if d.array && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return d.raw, err
}

// toElement goes to the next element of the array, or past its end.
func (d *stream) toElement() error {
	if !d.inside {
		d.inside = true
		if _, err := d.dec.Token(); err != nil {
			return err
		}
	}
	if d.dec.More() {
		return nil
	}
	if _, err := d.dec.Token(); err != nil { // the bracket
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	d.dec.More() // goes to what follows
	at := d.dec.InputOffset()
	_, err := d.dec.Token()
	if wrong := new(json.SyntaxError); err == nil || errors.As(err, &wrong) {
		return &trailing{at, "the array"}
	}
	return err
}

// trailing says that something follows what the body is.
type trailing struct {
	offset int64
	what   string
}

func (t *trailing) Error() string { return "something follows " + t.what }

// syntax makes the problem of what the decoder gave.
func (h *Handlers) syntax(d *stream, err error) error {
	var wrong *json.SyntaxError
	var after *trailing
	switch {
	case errors.As(err, &after):
		return unparsable(d.skipped+after.offset, after.Error())
	case errors.As(err, &wrong):
		return unparsable(d.skipped+d.place(wrong), wrong.Error())
	case errors.Is(err, io.ErrUnexpectedEOF) && d.in.ended:
		return unparsable(d.in.read, "the body ends in the middle of a value")
	default:
		return h.unread(d.in, err)
	}
}

// place gives the offset of a syntax error. The decoder counts only what its scanner saw, so the value is scanned again from
// where it begins; an error between values is where the decoder stands.
func (d *stream) place(wrong *json.SyntaxError) int64 {
	at := d.dec.InputOffset()
	rest, err := io.ReadAll(d.dec.Buffered())
	if err != nil {
		return at
	}
	var again *json.SyntaxError
	if err := json.Unmarshal(rest, new(json.RawMessage)); errors.As(err, &again) && again.Error() == wrong.Error() {
		return at + again.Offset - 1
	}
	return at
}

// batch gathers the rows of one call.
type batch struct {
	caller Principal
	words  *ingest.Mapping
	now    schemas.Instant
	told   map[string]bool // ids of findings
	result Result
	out    ingest.Batch
}

// row takes one row in or notes why not.
func (b *batch) row(i int, raw []byte) {
	c, unmapped, err := b.read(raw)
	if err != nil {
		b.result.Rejected = append(b.result.Rejected, Rejection{i, err.Field, err.Message})
		return
	}
	b.out.Changes = append(b.out.Changes, c)
	for _, u := range unmapped {
		b.find(u.Finding(c.Source, c.AgentID, c.At))
	}
	if f := ingest.ContradictionFinding(&c); f != nil {
		b.find(*f)
	}
}

// find adds a finding, once a batch.
func (b *batch) find(f schemas.Finding) {
	if !b.told[f.ID] {
		b.told[f.ID] = true
		b.out.Findings = append(b.out.Findings, f)
	}
}

// The fields of a change, in the order of changeFields.
const (
	fieldAgentID = iota
	fieldAt
	fieldPresence
	fieldStatus
	fieldRouting
	fieldSecondary
	fieldNote
	fieldID
	fieldSource
)

func changeFields() []string {
	return []string{"agent_id", "at", "presence", "status", "routing", "secondary", "note", "id", "source"}
}

// read makes a change of a row.
func (b *batch) read(raw []byte) (c schemas.Change, unmapped []ingest.Unmapped, err *schemas.FieldError) {
	var t ingest.Texts
	into := [...]*string{fieldAgentID: &c.AgentID, fieldPresence: &t.Presence, fieldStatus: &t.Status, fieldRouting: &t.Routing,
		fieldSecondary: &t.Secondary, fieldNote: &c.Note, fieldID: &c.ID, fieldSource: &c.Source}
	dated := false
	names := changeFields()
	err = object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if field == fieldAt {
			dated = true
			c.At, err = instantOf(names[field], v)
			return err
		}
		*into[field], err = textOf(names[field], v)
		return err
	})
	if err == nil && !dated {
		err = &schemas.FieldError{Field: "at", Message: "is missing; give the instant of the change, such as \"2026-03-02T09:00:00Z\""}
	}
	if err == nil {
		err = b.caller.speakFor(&c.Source)
	}
	if err == nil {
		unmapped, err = b.words.Apply(&c, t)
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
		return &schemas.FieldError{Field: "source", Message: fmt.Sprintf(
			"%q is not the source of this token, which is %q; leave it out (only an admin may name another)", shorten(*source), p.Source)}
	}
	if schemas.OwnSource(*source) {
		return &schemas.FieldError{Field: "source", Message: fmt.Sprintf(
			"%q is the name of what people set in Rollcall itself (PUT /api/v1/agents/{id}/status); name the feed differently", *source)}
	}
	return nil
}
