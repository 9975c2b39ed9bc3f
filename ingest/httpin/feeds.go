package httpin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// feedClockMS is how far a feed's clock may be ahead of ours when it says how far it is complete.
const feedClockMS = schemas.MinuteMS

// FeedResult is the answer to what a feed said about itself.
type FeedResult struct {
	Source       string          `json:"source" example:"acd"`
	CompleteUpTo schemas.Instant `json:"complete_up_to,omitempty" format:"date-time" doc:"what a heartbeat or a completion has stored"`
	Gaps         int             `json:"gaps,omitempty" doc:"how many were stored"`
}

// Heartbeat takes POST /api/v1/feeds/{source}/heartbeat: the feed is alive and has reported everything up to now, or
// up to up_to where the body, {"up_to","fields"}, says so (RULES.md section 10). The body may be missing.
func (h *Handlers) Heartbeat(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, func(n *notice) (ingest.Batch, *schemas.FieldError) {
		if !n.given["up_to"] {
			n.upTo = n.now
		}
		n.heartbeat = true
		return n.feed()
	}, true)
}

// Complete takes POST /api/v1/feeds/{source}/complete {"up_to","fields"}: the feed has reported everything before
// up_to.
func (h *Handlers) Complete(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, func(n *notice) (ingest.Batch, *schemas.FieldError) {
		if !n.given["up_to"] {
			return ingest.Batch{}, missing("up_to")
		}
		n.completes = true
		return n.feed()
	}, false)
}

// Gaps takes POST /api/v1/feeds/{source}/gaps {"from","to","agents","fields"}: the feed knows nothing of [from, to),
// for the agents named or for all. The same gap again changes nothing.
func (h *Handlers) Gaps(w http.ResponseWriter, r *http.Request) {
	h.feed(w, r, (*notice).gaps, false)
}

func noticeFields() []string { return []string{"up_to", "from", "to", "agents", "fields"} }

// notice is what a feed says about itself.
type notice struct {
	source         string
	now            schemas.Instant
	given          map[string]bool // by field
	upTo, from, to schemas.Instant
	agents         []string
	fields         schemas.Fields
	// completes says that the feed has reported everything, heartbeat that it is alive and will say so again.
	completes, heartbeat bool
}

// feed runs one of the three calls.
func (h *Handlers) feed(w http.ResponseWriter, r *http.Request,
	batchOf func(*notice) (ingest.Batch, *schemas.FieldError), mayBeEmpty bool) {
	h.answer(&h.batches, w, r, func(p access.Principal) (any, error) {
		source := r.PathValue("source")
		if source != p.Source && p.Role != schemas.RoleAdmin {
			return nil, schemas.NewProblem(http.StatusForbidden,
				fmt.Sprintf("%s speaks for source %q, not for %.130q", p.Name, p.Source, source))
		}
		if err := schemas.CheckID("source", source); err != nil {
			return nil, broken("path", err)
		}
		raw, err := h.batches.value(w, r, mayBeEmpty)
		if err != nil {
			return nil, err
		}
		n := notice{source: source, now: h.deps.now(), given: map[string]bool{}}
		wrong := n.read(raw)
		var b ingest.Batch
		if wrong == nil {
			b, wrong = batchOf(&n)
		}
		if wrong == nil && len(b.Gaps) > h.batches.most {
			wrong = wrongf("agents", "are %d; at most %d at once are allowed, and all where none is named", len(b.Gaps),
				h.batches.most)
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
			h.seen(source, n.upTo)
		case n.heartbeat && h.deps.Heartbeat != nil:
			h.deps.Heartbeat(source)
		default:
			h.seen(source, 0)
		}
		return FeedResult{Source: source, CompleteUpTo: n.upTo, Gaps: len(b.Gaps)}, nil
	})
}

// read takes the fields of the body; null is the same as leaving a field out.
func (n *notice) read(raw []byte) *schemas.FieldError {
	names := noticeFields()
	return object(raw, names, func(field int, v []byte) (err *schemas.FieldError) {
		if isNull(v) {
			return nil
		}
		name := names[field]
		n.given[name] = true
		switch name {
		case "up_to":
			n.upTo, err = instantOf(name, v)
		case "from":
			n.from, err = instantOf(name, v)
		case "to":
			n.to, err = instantOf(name, v)
		case "agents":
			n.agents, err = textsOf(name, v)
		case "fields":
			n.fields, err = stateFields(v)
		}
		return err
	})
}

// stateFields reads a list of presence, status and routing.
func stateFields(v []byte) (fields schemas.Fields, err *schemas.FieldError) {
	texts, err := textsOf("fields", v)
	known := map[string]schemas.Fields{"presence": schemas.FieldPresence, "status": schemas.FieldStatus,
		"routing": schemas.FieldRouting}
	for i, s := range texts {
		if known[s] == 0 {
			return 0, wrongf(fmt.Sprintf("fields[%d]", i), "%q is none of presence, status, routing", s)
		}
		fields |= known[s]
	}
	return fields, err
}

// only checks that no field is given but those that the call knows.
func (n *notice) only(known ...string) *schemas.FieldError {
	for _, name := range noticeFields() {
		if n.given[name] && !slices.Contains(known, name) {
			return wrongf(name, "does not belong to this call; leave it out")
		}
	}
	return nil
}

// feed makes the batch of a heartbeat or completion.
func (n *notice) feed() (b ingest.Batch, err *schemas.FieldError) {
	if err = n.only("up_to", "fields"); err != nil {
		return b, err
	}
	if n.upTo < schemas.MinInstant || n.upTo > n.now.Add(feedClockMS) {
		return b, wrongf("up_to", "%s is out of range; a feed can be complete from %s up to now, %s here", n.upTo,
			schemas.MinInstant, n.now)
	}
	f := schemas.Feed{Source: n.source, CompleteUpTo: n.upTo, Fields: n.fields}
	if n.heartbeat {
		f.LastSeen = n.now
	}
	b.Feeds = []schemas.Feed{f}
	return b, nil
}

// gaps makes the batch of a gap: one record an agent, or one for all.
func (n *notice) gaps() (b ingest.Batch, err *schemas.FieldError) {
	for _, edge := range []struct {
		name string
		at   schemas.Instant
	}{{"from", n.from}, {"to", n.to}} {
		if !n.given[edge.name] {
			return b, missing(edge.name)
		}
		if edge.at < schemas.MinInstant || edge.at > n.now.Add(schemas.HourMS) {
			return b, wrongf(edge.name, "%s is out of range; a gap lies between %s and an hour from now", edge.at,
				schemas.MinInstant)
		}
	}
	if n.to <= n.from {
		return b, wrongf("to", "%s is not after from, %s", n.to, n.from)
	}
	if err = n.only("from", "to", "agents", "fields"); err != nil {
		return b, err
	}
	if n.agents == nil {
		n.agents = []string{""}
	}
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
