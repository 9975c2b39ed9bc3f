package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// tap is an open stream.
type tap struct {
	body   io.Closer
	lines  *bufio.Reader
	cancel context.CancelFunc
}

// listen opens a stream with a token, or with the cookies of a browser when one is given.
func (h *house) listen(t *testing.T, c *http.Client, role schemas.Role, path string, headers ...string) *tap {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", h.url+"/api/v1/live/stream"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		c = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r.Header.Set("Authorization", "Bearer "+h.tokens[role])
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream answers %d %v", resp.StatusCode, resp.Header)
	}
	s := &tap{resp.Body, bufio.NewReader(resp.Body), cancel}
	t.Cleanup(s.close)
	return s
}

func (s *tap) close() {
	s.cancel()
	s.body.Close()
}

// next gives the next event other than alive, or "" when the stream ended.
func (s *tap) next(t *testing.T) (name, id, data string) {
	t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return "", "", ""
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if name != "alive" && name != "" {
				return name, id, data
			}
			name, id, data = "", "", ""
		}
	}
}

// want checks that the next event is of the name and holds the text.
func (s *tap) want(t *testing.T, name, text string) (id string) {
	t.Helper()
	got, id, data := s.next(t)
	if got != name || !strings.Contains(data, text) {
		t.Fatalf("heard %s %s, want %s with %s", got, data, name, text)
	}
	return id
}

func TestAStreamTellsChangesInScopeAndGoesOnWhereItBroke(t *testing.T) {
	c := config()
	c.KeepAlive = time.Hour
	h := newHouse(t, c)
	s := h.listen(t, nil, "supervisor", "")
	_, first, data := s.next(t)
	if !strings.Contains(data, `"agent_id":"ana"`) || strings.Contains(data, "bob") || first != "life-1-2" {
		t.Fatalf("the snapshot %s is %s", first, data)
	}
	ana, bob := agents()[0], agents()[1]
	h.board.set(bob) // out of scope: not heard
	ana.Note = "on my way"
	h.board.set(ana)
	last := s.want(t, "agent", "on my way")
	s.close()
	ana.Note = "here"
	h.board.set(bob, ana)
	again := h.listen(t, nil, "supervisor", "", "Last-Event-ID", last)
	again.want(t, "agent", `"note":"here"`)
	bob.Team = "Billing"
	h.board.set(bob)
	again.want(t, "agent", "bob")
	bob.Team = "Sales"
	h.board.set(bob)
	again.want(t, "gone", `{"agent_id":"bob"}`)
	again.close()
	newest := h.listen(t, nil, "supervisor", "?last_event_id=life-1-8") // missed nothing, and is open all the same
	h.board.set(ana)
	newest.want(t, "agent", `"note":"here"`)
	for _, strange := range []string{"other-life-1", "life-1-999999", "rubbish", "-"} {
		s := h.listen(t, nil, "supervisor", "?last_event_id="+strange)
		s.want(t, "snapshot", "here")
		s.close()
	}
}

func TestAStreamIsFiltered(t *testing.T) {
	h := newHouse(t, config())
	s := h.listen(t, nil, "admin", "?status=meal&site=Hull")
	if _, _, data := s.next(t); strings.Contains(data, "ana") || !strings.Contains(data, "bob") {
		t.Fatalf("the snapshot is %s", data)
	}
	bob := agents()[1]
	bob.Status = schemas.StatusAvailable
	h.board.set(bob)
	s.want(t, "gone", "bob")
}

func TestARevokedTokenAndASignOutEndTheirStreams(t *testing.T) {
	c := config()
	c.KeepAlive = 20 * time.Millisecond
	h := newHouse(t, c)
	byToken := h.listen(t, nil, "manager", "")
	byToken.want(t, "snapshot", "ana")
	browser := h.browser(t, "supervisor")
	bySession := h.listen(t, browser, "", "")
	bySession.want(t, "snapshot", "ana")
	if err := h.access.Revoke(t.Context(), "manager", access.Operator("root")); err != nil {
		t.Fatal(err)
	}
	if name, _, _ := byToken.next(t); name != "" {
		t.Errorf("a revoked token hears %s", name)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "POST", h.url+"/logout", nil)
	send(t, browser, r)
	if name, _, _ := bySession.next(t); name != "" {
		t.Errorf("a signed-out browser hears %s", name)
	}
}

func TestStreamsHaveALimitAndGiveTheirPlaceBack(t *testing.T) {
	c := config()
	c.MostStreams = 1
	h := newHouse(t, c)
	s := h.listen(t, nil, "admin", "")
	s.want(t, "snapshot", "ana")
	status, head, body := h.ask(t, "admin", "GET", "/api/v1/live/stream", "")
	problem(t, "a second stream", 503, status, head, body)
	s.close()
	for h.status(t, "admin", "GET", "/api/v1/live/stream") != 200 {
		if t.Context().Err() != nil {
			t.Fatal("the place was not given back")
		}
	}
}

// A reader who takes nothing holds up nobody and is given up.
func TestASlowReaderHoldsUpNobody(t *testing.T) {
	c := config()
	c.RequestTime, c.MostStreams = 300*time.Millisecond, 2
	h := newHouse(t, c)
	var dialer net.Dialer
	slow, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprintf(slow, "GET /api/v1/live/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
		h.tokens["admin"])
	quick := h.listen(t, nil, "admin", "?team=Billing")
	quick.want(t, "snapshot", "ana")
	ana, heap := agents()[0], agents()[1]
	heap.Note = strings.Repeat("x", 1000)
	until := time.Now().Add(20 * time.Second)
	for i := 0; ; i++ {
		for n := range 2000 { // 2 MB that the slow reader would have to take
			heap.AgentID = fmt.Sprint("heap", n)
			h.board.set(heap)
		}
		ana.Note = fmt.Sprint("change ", i)
		h.board.set(ana)
		quick.want(t, "agent", fmt.Sprintf(`"note":"change %d"`, i))
		if h.status(t, "admin", "GET", "/api/v1/live/stream") == 200 {
			break // the slow reader's place is free
		}
		if time.Now().After(until) {
			t.Fatal("the slow reader was never given up")
		}
	}
}

// Readers come, hear changes and go while the server stops; it stops in time, and every stream ends.
func TestStoppingEndsStreamsWhileEverythingIsGoingOn(t *testing.T) {
	h := newHouse(t, config())
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 3 {
		writers.Go(func() {
			a := agents()[w%2]
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				a.Note = fmt.Sprint(i)
				h.board.set(a)
			}
		})
	}
	for i := range 12 {
		role := []schemas.Role{"admin", "supervisor", "agent"}[i%3]
		s := h.listen(t, nil, role, "")
		readers.Go(func() {
			for n := 0; ; n++ {
				if name, _, _ := s.next(t); name == "" {
					return
				}
				if i%4 == 3 && n == 5 {
					s.close()
				}
			}
		})
	}
	began := time.Now()
	h.stop(t)
	readers.Wait()
	if took := time.Since(began); took > config().StopTime {
		t.Errorf("stopping took %s", took)
	}
	close(done)
	writers.Wait()
}

// A browser opens connections ahead of time and asks nothing on them; the server does not wait for those when it stops.
func TestConnectionsThatAskNothingHoldUpNoStop(t *testing.T) {
	h := newHouse(t, config())
	for range 3 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // the server has closed it
	}
	h.ask(t, "admin", http.MethodGet, "/api/v1/agents", "") // the server has accepted them by now
	h.stop(t)
}
