package httpin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"rollcall/ingest"
	"rollcall/schemas"
)

// feedClockMS is how far a feed's clock may be ahead of ours when it says how far it is complete.
const feedClockMS = schemas.MinuteMS

// FeedResult is the answer to what a feed said of itself.
type FeedResult struct {
	Source string `json:"source"`
	// CompleteUpTo is what was stored of a heartbeat or completion.
	CompleteUpTo schemas.Instant `json:"complete_up_to,omitempty"`
	// Gaps is how many were stored.
	Gaps int `json:"gaps,omitempty"`
}

// Heartbeat takes POST /api/v1/feeds/{source}/heartbeat: the feed is there and has told everything up to now, or up to
// up_to where the body, {"up_to","fields"}, says so (RULES.md section 10). The body may be missing.
func (h *Handlers) Heartbeat(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, func(n *notice) (ingest.Batch, *schemas.FieldError) {
		if !n.has[fieldUpTo] {
			n.upTo = n.now
		}
		n.beats = true
		return n.feed()
	}, true)
}

// Complete takes POST /api/v1/feeds/{source}/complete {"up_to","fields"}: the feed has told everything before up_to.
func (h *Handlers) Complete(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, func(n *notice) (ingest.Batch, *schemas.FieldError) {
		if !n.has[fieldUpTo] {
			return ingest.Batch{}, missing("up_to")
		}
		n.completes = true
		return n.feed()
	}, false)
}

// Gaps takes POST /api/v1/feeds/{source}/gaps {"from","to","agents","fields"}: the feed knows nothing of [from, to), for
// the agents named or for all. The same gap again changes nothing.
func (h *Handlers) Gaps(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, (*notice).gaps, false)
}

// The fields of what a feed says of itself, in the order of noticeFields.
const (
	fieldUpTo = iota
	fieldFrom
	fieldTo
	fieldAgents
	fieldFields
)

func noticeFields() []string { return []string{"up_to", "from", "to", "agents", "fields"} }

// notice is what a feed says of itself.
type notice struct {
	source         string
	now            schemas.Instant
	has            [5]bool
	upTo, from, to schemas.Instant
	agents         []string
	fields         schemas.Fields
	// completes says that the feed has told everything, beats that it is there and will say so again.
	completes, beats bool
}

// feed runs one of the three calls.
func (h *Handlers) feed(w http.ResponseWriter, r *http.Request, batchOf func(*notice) (ingest.Batch, *schemas.FieldError), mayBeEmpty bool) {
	h.answer(w, r, func(p Principal) (any, error) {
		source := r.PathValue("source")
		if source != p.Source && p.Role != schemas.RoleAdmin {
			return nil, schemas.NewProblem(http.StatusForbidden,
				fmt.Sprintf("%s speaks for source %q, not for %.130q", p.Name, p.Source, source))
		}
		if err := schemas.CheckID("source", source); err != nil {
			return nil, broken("path", err)
		}
		raw, err := h.value(w, r, mayBeEmpty)
		if err != nil {
			return nil, err
		}
		n := notice{source: source, now: h.now()}
		if err := n.read(raw); err != nil {
			return nil, broken("body", err)
		}
		b, wrong := batchOf(&n)
		if wrong == nil && len(b.Gaps) > h.cfg.MaxChanges {
			wrong = &schemas.FieldError{Field: "agents", Message: fmt.Sprintf("are %d; at most %d at once are allowed, and all where none is named",
				len(b.Gaps), h.cfg.MaxChanges)}
		}
		if wrong != nil {
			return nil, broken("body", wrong)
		}
		b.Actor, b.Origin = p.Name, "api"
		if _, err := h.deps.Spool.Accept(r.Context(), b); err != nil {
			return nil, err
		}
		switch {
		case n.completes:
			h.heard(source, n.upTo)
		case n.beats && h.deps.Beat != nil:
			h.deps.Beat(source)
		default:
			h.heard(source, 0)
		}
		return FeedResult{Source: source, CompleteUpTo: n.upTo, Gaps: len(b.Gaps)}, nil
	})
}

// broken is the problem of a rule that a field breaks.
func broken(where string, err *schemas.FieldError) *schemas.Problem {
	location := strings.TrimSuffix(where+"."+err.Field, ".")
	return schemas.NewProblem(http.StatusUnprocessableEntity, strings.TrimPrefix(err.Error(), ": "),
		schemas.ProblemDetail{Location: location, Message: err.Message})
}

func missing(field string) *schemas.FieldError {
	return &schemas.FieldError{Field: field, Message: "is missing; give an instant such as \"2026-03-02T09:00:00Z\""}
}

// value reads a body that is one JSON value.
func (h *Handlers) value(w http.ResponseWriter, r *http.Request, mayBeEmpty bool) ([]byte, error) {
	in, err := h.open(w, r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, h.unread(in, err)
	}
	if mayBeEmpty && len(space(raw)) == 0 {
		return []byte("{}"), nil
	}
	var wrong *json.SyntaxError
	if err := json.Unmarshal(raw, new(json.RawMessage)); errors.As(err, &wrong) {
		return nil, unparsable(max(wrong.Offset-1, 0), wrong.Error())
	} else if err != nil {
		return nil, unparsable(int64(len(raw)), err.Error())
	}
	return raw, nil
}

// read takes the fields of the body.
func (n *notice) read(raw []byte) *schemas.FieldError {
	names := noticeFields()
	instants := map[int]*schemas.Instant{fieldUpTo: &n.upTo, fieldFrom: &n.from, fieldTo: &n.to}
	return object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if isNull(v) {
			return nil
		}
		n.has[field] = true
		switch field {
		case fieldAgents:
			n.agents, err = textsOf(names[field], v)
		case fieldFields:
			err = n.declare(v)
		default:
			*instants[field], err = instantOf(names[field], v)
		}
		return err
	})
}

// textsOf reads an array of strings that is not empty.
func textsOf(field string, v []byte) ([]string, *schemas.FieldError) {
	if v[0] != '[' {
		return nil, &schemas.FieldError{Field: field, Message: "is " + article(v) + "; write an array of strings"}
	}
	var texts []string
	for v = space(v[1:]); v[0] != ']'; {
		var element []byte
		element, v = value(v)
		if v[0] == ',' {
			v = space(v[1:])
		}
		s, err := textOf(fmt.Sprintf("%s[%d]", field, len(texts)), element)
		if err == nil {
			err = schemas.CheckID(fmt.Sprintf("%s[%d]", field, len(texts)), s)
		}
		if err != nil {
			return nil, err
		}
		texts = append(texts, s)
	}
	if len(texts) == 0 {
		return nil, &schemas.FieldError{Field: field, Message: "is empty; leave it out for all there are"}
	}
	return texts, nil
}

// declare reads which of the state fields are meant.
func (n *notice) declare(v []byte) *schemas.FieldError {
	texts, err := textsOf("fields", v)
	if err != nil {
		return err
	}
	for i, s := range texts {
		switch s {
		case "presence":
			n.fields |= schemas.FieldPresence
		case "status":
			n.fields |= schemas.FieldStatus
		case "routing":
			n.fields |= schemas.FieldRouting
		default:
			return &schemas.FieldError{Field: fmt.Sprintf("fields[%d]", i), Message: fmt.Sprintf("%q is none of presence, status, routing", s)}
		}
	}
	return nil
}

// only checks that no field is given but those that the call knows.
func (n *notice) only(known ...int) *schemas.FieldError {
	for _, i := range known {
		n.has[i] = false
	}
	for i, given := range n.has {
		if given {
			return &schemas.FieldError{Field: noticeFields()[i], Message: "does not belong to this call; leave it out"}
		}
	}
	return nil
}

// feed makes the batch of a heartbeat or completion.
func (n *notice) feed() (ingest.Batch, *schemas.FieldError) {
	if err := n.only(fieldUpTo, fieldFields); err != nil {
		return ingest.Batch{}, err
	}
	if n.upTo < schemas.MinInstant || n.upTo > n.now.Add(feedClockMS) {
		return ingest.Batch{}, &schemas.FieldError{Field: "up_to", Message: fmt.Sprintf(
			"%s is out of range; a feed can be complete from %s up to now, %s here", n.upTo, schemas.MinInstant, n.now)}
	}
	f := schemas.Feed{Source: n.source, CompleteUpTo: n.upTo, Fields: n.fields}
	if n.beats {
		f.LastSeen = n.now
	}
	return ingest.Batch{Feeds: []schemas.Feed{f}}, nil
}

// gaps makes the batch of a gap: one record an agent, or one for all.
func (n *notice) gaps() (ingest.Batch, *schemas.FieldError) {
	for _, f := range []struct {
		field int
		at    schemas.Instant
	}{{fieldFrom, n.from}, {fieldTo, n.to}} {
		name := noticeFields()[f.field]
		if !n.has[f.field] {
			return ingest.Batch{}, missing(name)
		}
		if f.at < schemas.MinInstant || f.at > n.now.Add(schemas.HourMS) {
			return ingest.Batch{}, &schemas.FieldError{Field: name, Message: fmt.Sprintf(
				"%s is out of range; a gap lies between %s and an hour from now", f.at, schemas.MinInstant)}
		}
	}
	if n.to <= n.from {
		return ingest.Batch{}, &schemas.FieldError{Field: "to", Message: fmt.Sprintf("%s is not after from, %s", n.to, n.from)}
	}
	if err := n.only(fieldFrom, fieldTo, fieldAgents, fieldFields); err != nil {
		return ingest.Batch{}, err
	}
	if n.agents == nil {
		n.agents = []string{""}
	}
	var b ingest.Batch
	for _, agent := range n.agents {
		g := schemas.Gap{Source: n.source, AgentID: agent, Start: n.from, End: n.to, Fields: n.fields}
		g.ID = gapID(&g)
		b.Gaps = append(b.Gaps, g)
	}
	return b, nil
}

// gapID makes the id of a gap from what it says.
func gapID(g *schemas.Gap) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %d", g.Source, g.AgentID, g.Start, g.End, g.Fields))
	return hex.EncodeToString(sum[:16])
}
