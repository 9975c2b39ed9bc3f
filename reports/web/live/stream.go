package live

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// streamInput are the query parameters of the stream: those of a Filter, where to go on, and what it is about.
type streamInput struct {
	Agent          []string `query:"agent,explode" doc:"only this agent; may be given several times"`
	Team           []string `query:"team,explode" doc:"only agents of this team; may be given several times"`
	Site           []string `query:"site,explode" doc:"only agents of this site; may be given several times"`
	Presence       []string `query:"presence,explode" doc:"only agents of this presence"`
	Status         []string `query:"status,explode" doc:"only agents of this status"`
	AdherenceState []string `query:"adherence_state,explode" doc:"only agents of this adherence state"`
	LastEventID    string   `query:"last_event_id" doc:"the id of the last event seen, or the event_id of a list"`
	Events         string   `query:"events" enum:"agent,routable" doc:"agent: whole rows; routable: who may be offered work"`
}

// eventStream describes the answer.
type eventStream string

// ContentType returns the media type of the events.
func (eventStream) ContentType(string) string { return "text/event-stream" }

// mountStream adds the stream of live events.
func (s *routes) mountStream() {
	web.Call[streamInput, web.One[eventStream]](s.Server, "GET /api/v1/live/stream", "live-stream",
		web.Route{Action: access.ActionSeePresence, Stream: true, Handler: http.HandlerFunc(s.stream)}, nil)
}

func (s *routes) stream(w http.ResponseWriter, r *http.Request) {
	filter, bad := ParseFilter(r.URL.Query(), "last_event_id", "events")
	kind, wrong := parseEvents(r.URL.Query()["events"])
	bad = append(bad, wrong...)
	if len(bad) > 0 {
		s.Problem(w, r, badQuery(bad))
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		s.Problem(w, r, schemas.NewProblem(http.StatusServiceUnavailable, "too many streams are open; try again later"))
		return
	}
	rc := http.NewResponseController(w)
	if err := errors.Join(rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})); err != nil {
		s.Fail(w, r, fmt.Errorf("begin a stream: %w", err))
		return
	}
	out := &deadlineWriter{w, rc, s.Config().RequestTime}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy in front shall pass events on at once
	w.WriteHeader(http.StatusOK)
	rd := &follower{
		board:     s.deps.Board,
		principal: web.PrincipalOf(r.Context()),
		filter:    filter,
		kind:      kind,
		out:       bufio.NewWriterSize(out, 16<<10),
		encoded:   &s.encoded,
		sent:      map[string]uint64{},
		seed:      maphash.MakeSeed(),
	}
	rd.viewer = viewerOf(rd.principal)
	last := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("last_event_id"))
	ctx, cancel := s.UntilStop(r.Context())
	defer cancel()
	if _, err := io.WriteString(out, "retry: 2000\n\n"); err != nil { // opens the stream also for who has missed nothing
		return
	}
	// the reader is gone, or is to go
	_ = rd.follow(ctx, last, s.Config().StreamEvery, s.Config().KeepAlive,
		func() bool { return s.Still(r, access.ActionSeePresence) })
}

// deadlineWriter is a writer that gives up on a reader who takes nothing for a while.
type deadlineWriter struct {
	w    io.Writer
	rc   *http.ResponseController
	most time.Duration
}

// Write sends at once.
func (p *deadlineWriter) Write(b []byte) (int, error) {
	// a moment long past: the write ends
	giveUp := time.AfterFunc(p.most, func() { _ = p.rc.SetWriteDeadline(time.Unix(1, 0)) })
	defer giveUp.Stop()
	n, err := p.w.Write(b)
	if err == nil {
		err = p.rc.Flush()
	}
	return n, err
}

// follower is one open stream.
type follower struct {
	board     Board
	principal access.Principal
	viewer    viewer
	filter    Filter
	kind      eventKind
	out       *bufio.Writer
	encoded   *rowCache
	// life and version are up to where the reader has been sent everything.
	life    string
	version uint64
	// sent holds a mark of the latest row sent, for each agent in the reader's view.
	sent map[string]uint64
	// partial says that the reader resumed, so that it may have rows in view that sent does not know.
	partial bool
	seed    maphash.Seed
}

// follow sends the reader everything from the event that it saw last, until ctx ends, writing fails, or still says no.
func (rd *follower) follow(ctx context.Context, last string, every, keepAlive time.Duration, still func() bool) error {
	if err := rd.start(last); err != nil {
		return err
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	pause := time.NewTimer(every)
	defer pause.Stop()
	var changed <-chan struct{} // nil during the pause after a look at the board
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-alive.C:
			if !still() {
				return access.ErrUnknownToken
			}
			if err := rd.event("alive", "", map[string]schemas.Instant{"as_of": rd.board.Changes(noRows).AsOf}); err != nil {
				return err
			}
		case <-pause.C:
			changed = rd.board.Changed(rd.version)
			continue
		case <-changed:
			changed = nil
			if err := rd.send(); err != nil {
				return err
			}
			pause.Reset(every)
		}
		if err := rd.out.Flush(); err != nil {
			return err
		}
	}
}

// start resumes after the event, or sends a snapshot when that is not possible.
func (rd *follower) start(last string) error {
	now := rd.board.Changes(noRows)
	life, version, ok := parseEventID(last)
	if !ok || life != now.Life || version > now.Version {
		return rd.snapshot()
	}
	rd.life, rd.version, rd.partial = life, version, true
	if err := rd.send(); err != nil {
		return err
	}
	return rd.out.Flush()
}

// snapshot sends everything in view.
func (rd *follower) snapshot() error {
	c := rd.board.Changes(0)
	rd.life, rd.version, rd.partial = c.Life, c.Version, false
	clear(rd.sent)
	fmt.Fprintf(rd.out, "id: %s\nevent: snapshot\ndata: {\"as_of\":%q,\"items\":[", eventID(c.Life, c.Version), c.AsOf)
	comma := ""
	for _, v := range views(rd.principal, &rd.filter, c.Rows) {
		if !rd.wants(v) {
			continue
		}
		rd.sent[v.AgentID] = rd.mark(v)
		if _, err := rd.out.WriteString(comma); err != nil {
			return err
		}
		if err := rd.write(v, c.AsOf); err != nil {
			return err
		}
		comma = ","
	}
	fmt.Fprint(rd.out, "]}\n\n")
	return rd.out.Flush()
}

// send sends what changed since the last look, oldest first, so that every event's id is one to resume from.
func (rd *follower) send() error {
	c := rd.board.Changes(rd.version)
	if c.Life != rd.life {
		return rd.snapshot()
	}
	if rd.partial && slices.ContainsFunc(c.Rows, rd.left) {
		return rd.snapshot()
	}
	rows := slices.DeleteFunc(c.Rows, rd.unconcerned)
	slices.SortFunc(rows, func(a, b *schemas.LiveAgent) int { return cmp.Compare(a.Version, b.Version) })
	for _, a := range rows {
		if err := rd.sendRow(a, c.AsOf); err != nil {
			return err
		}
	}
	rd.version = c.Version
	return nil
}

// unconcerned says that the reader neither sees the row nor has seen it.
func (rd *follower) unconcerned(a *schemas.LiveAgent) bool {
	if !admits(rd.filter.Agents, a.AgentID) {
		return true // was never in view: an id does not change
	}
	if rd.partial || rd.concerns(a) {
		return false
	}
	_, known := rd.sent[a.AgentID]
	return !known
}

// left says that a row moved where the reader may not see it. A reader that resumed may have it in view from before;
// but as that is unknown, not even its id is sent.
func (rd *follower) left(a *schemas.LiveAgent) bool {
	_, visible := rd.view(a)
	_, known := rd.sent[a.AgentID]
	return !visible && !known && a.Moved > rd.version && admits(rd.filter.Agents, a.AgentID)
}

// sendRow sends one row, or that it left the view, or nothing when the reader would see no difference.
func (rd *follower) sendRow(a *schemas.LiveAgent, asOf schemas.Instant) error {
	v, visible := rd.view(a)
	shown, known := rd.sent[a.AgentID]
	if visible && !a.Gone && rd.filter.Matches(v.LiveAgent) {
		mark := rd.mark(v)
		if known && mark == shown {
			return nil
		}
		rd.sent[a.AgentID] = mark
		return rd.row(v, asOf)
	}
	if known || (rd.partial && visible) {
		delete(rd.sent, a.AgentID)
		return rd.event("gone", eventID(rd.life, a.Version), map[string]string{"agent_id": a.AgentID})
	}
	return nil
}

// mark distinguishes two rows as the reader sees them. What a colleague sees may stay the same while the row changes;
// then not even the moment of the change is sent.
func (rd *follower) mark(v view) uint64 {
	if rd.kind == routableEvents {
		m := routabilityOf(v.LiveAgent)
		m.Version = 0
		return maphash.Comparable(rd.seed, m)
	}
	if v.whole {
		return v.Version
	}
	c := asColleague(v.LiveAgent)
	c.AsOf = 0
	return maphash.Comparable(rd.seed, c)
}

// row writes the event of one row.
func (rd *follower) row(v view, asOf schemas.Instant) error {
	b := append(rd.out.AvailableBuffer(), "id: "...)
	b = append(b, rd.life...)
	b = append(b, '-')
	b = strconv.AppendUint(b, v.Version, 10)
	b = append(b, "\nevent: "...)
	b = append(b, rd.kind.name()...)
	b = append(b, "\ndata: "...)
	if _, err := rd.out.Write(b); err != nil {
		return err
	}
	if err := rd.write(v, asOf); err != nil {
		return err
	}
	_, err := rd.out.WriteString("\n\n")
	return err
}

// write writes the row as the reader's events have it.
func (rd *follower) write(v view, asOf schemas.Instant) error {
	if v.whole && rd.kind == agentEvents {
		return rd.encoded.write(rd.out, v.LiveAgent, asOf)
	}
	b, err := json.Marshal(rd.shape(v, asOf))
	if err != nil {
		return fmt.Errorf("encode agent %s: %w", v.AgentID, err)
	}
	_, err = rd.out.Write(b)
	return err
}

// event writes one event; JSON has no line breaks of its own.
func (rd *follower) event(name, id string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", name, err)
	}
	if id != "" {
		fmt.Fprintf(rd.out, "id: %s\n", id)
	} else {
		fmt.Fprint(rd.out, ": keep-alive\n")
	}
	_, err = fmt.Fprintf(rd.out, "event: %s\ndata: %s\n\n", name, b)
	return err
}

// eventID joins a life and a version.
func eventID(life string, version uint64) string { return life + "-" + strconv.FormatUint(version, 10) }

// parseEventID takes an event id apart.
func parseEventID(s string) (life string, version uint64, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", 0, false
	}
	version, err := strconv.ParseUint(s[i+1:], 10, 64)
	return s[:i], version, err == nil
}
