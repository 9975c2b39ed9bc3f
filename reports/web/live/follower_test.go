package live

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// shelf is the smallest live board: it keeps the contract of Board and nothing else.
type shelf struct {
	mu      sync.Mutex
	version uint64
	life    string
	rows    map[string]*schemas.LiveAgent
	changed chan struct{}
}

func newShelf() *shelf {
	return &shelf{life: "a-b", rows: map[string]*schemas.LiveAgent{}, changed: make(chan struct{})}
}

func (b *shelf) set(a schemas.LiveAgent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	a.Version, a.Moved = b.version, b.version
	if old := b.rows[a.AgentID]; old != nil && old.Team == a.Team && old.Gone == a.Gone {
		a.Moved = old.Moved
	}
	b.rows[a.AgentID] = &a
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *shelf) Changes(since uint64) schemas.LiveChanges {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := schemas.LiveChanges{Life: b.life, Version: b.version, AsOf: schemas.Instant(b.version)}
	for _, a := range b.rows {
		if a.Version > since && (since > 0 || !a.Gone) {
			c.Rows = append(c.Rows, a)
		}
	}
	return c
}

func (b *shelf) Agent(id string) (*schemas.LiveAgent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.rows[id]
	return a, ok && !a.Gone
}

func (b *shelf) Changed(since uint64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.version > since {
		c := make(chan struct{})
		close(c)
		return c
	}
	return b.changed
}

// listener is the other end of a stream: it keeps what a browser would show.
type listener struct {
	shown map[string]string
	last  string
	names []string
}

// hear applies events as a browser does and says which agent ids they hold.
func (l *listener) hear(t interface{ Fatalf(string, ...any) }, text string) (told []string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		var name, data string
		for line := range strings.SplitSeq(block, "\n") {
			key, value, _ := strings.Cut(line, ": ")
			switch key {
			case "id":
				l.last = value
			case "event":
				name = value
			case "data":
				data = value
			}
		}
		if name == "" {
			continue
		}
		l.names = append(l.names, name)
		var got struct {
			AgentID string            `json:"agent_id"`
			Items   []json.RawMessage `json:"items"`
		}
		if err := json.Unmarshal([]byte(data), &got); err != nil {
			t.Fatalf("event %s holds %s: %v", name, data, err)
		}
		switch name {
		case "snapshot":
			l.shown = map[string]string{}
			for _, item := range got.Items {
				var a struct {
					AgentID string `json:"agent_id"`
				}
				if err := json.Unmarshal(item, &a); err != nil {
					t.Fatalf("%v", err)
				}
				l.shown[a.AgentID] = timeless(item)
				told = append(told, a.AgentID)
			}
		case "agent":
			l.shown[got.AgentID] = timeless([]byte(data))
			told = append(told, got.AgentID)
		case "gone":
			delete(l.shown, got.AgentID)
			told = append(told, "gone "+got.AgentID)
		}
	}
	return told
}

// timeless takes as_of out of a row.
func timeless(b []byte) string {
	var m map[string]any
	_ = json.Unmarshal(b, &m)
	delete(m, "as_of")
	b, _ = json.Marshal(m)
	return string(b)
}

// newReader connects, or connects again.
func newReader(b Board, p access.Principal, f Filter, out *bytes.Buffer) *follower {
	return &follower{
		board:     b,
		principal: p,
		viewer:    viewerOf(p),
		filter:    f,
		out:       bufio.NewWriter(out),
		encoded:   &rowCache{},
		sent:      map[string]uint64{},
		seed:      maphash.MakeSeed(),
	}
}

// Whatever changes and however often the connection breaks, a listener ends up with exactly what it may see and asked
// for, and is never told of an agent that it may not see or has not seen.
func TestAListenerShowsWhatTheBoardHolds(t *testing.T) {
	principals := []access.Principal{{Role: schemas.RoleAdmin}, {Role: schemas.RoleSupervisor, Teams: []string{"A"}},
		{Role: schemas.RoleAgent, AgentID: "x"}, {Role: schemas.RoleManager, Sites: []string{"nowhere"}}}
	filters := []Filter{{}, {Teams: []string{"A"}}, {Statuses: []schemas.Status{schemas.StatusBreak}},
		{Presences: []schemas.Presence{schemas.PresenceAway}}}
	rapid.Check(t, func(t *rapid.T) {
		b, p := newShelf(), rapid.SampledFrom(principals).Draw(t, "principal")
		f := rapid.SampledFrom(filters).Draw(t, "filter")
		var out bytes.Buffer
		l := &listener{shown: map[string]string{}}
		rd := newReader(b, p, f, &out)
		ever := map[string]bool{}
		listen := func() {
			if err := rd.out.Flush(); err != nil {
				t.Fatal(err)
			}
			for _, sent := range l.hear(t, out.String()) {
				id, gone := strings.CutPrefix(sent, "gone ")
				row := b.rows[id]
				_, visible := rd.viewer.view(row)
				if gone && !visible && !ever[id] || !gone && !visible {
					t.Fatalf("%s was sent", sent)
				}
				ever[id] = true
			}
			out.Reset()
		}
		if err := rd.start(""); err != nil {
			t.Fatal(err)
		}
		listen()
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1, 2:
				b.set(schemas.LiveAgent{AgentID: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "id"),
					Team:     rapid.SampledFrom([]string{"A", "B"}).Draw(t, "team"),
					Presence: rapid.SampledFrom([]schemas.Presence{schemas.PresenceAway, schemas.PresenceBusy}).Draw(t, "presence"),
					Status:   rapid.SampledFrom([]schemas.Status{schemas.StatusBreak, schemas.StatusMeal}).Draw(t, "status"),
					Gone:     rapid.IntRange(0, 4).Draw(t, "gone") == 0})
			case 3:
				if err := rd.send(); err != nil {
					t.Fatal(err)
				}
				listen()
			case 4: // the connection breaks; what was written since may be lost
				out.Reset()
				rd = newReader(b, p, f, &out)
				if err := rd.start(l.last); err != nil {
					t.Fatal(err)
				}
				listen()
			case 5:
				b.life += "x" // the server starts again
				for id, a := range b.rows {
					if a.Gone {
						delete(b.rows, id)
					}
				}
			}
		}
		if err := rd.send(); err != nil {
			t.Fatal(err)
		}
		listen()
		want := map[string]string{}
		for _, v := range views(p, &f, b.Changes(0).Rows) {
			row, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			want[v.AgentID] = timeless(row)
		}
		if got, _ := json.Marshal(l.shown); string(got) != string(mustJSON(want)) {
			t.Fatalf("shows %s, the board holds %s", got, mustJSON(want))
		}
	})
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// A colleague is not told that something changed which colleagues do not see.
func TestAColleagueHearsNothingOfAHiddenChange(t *testing.T) {
	b := newShelf()
	b.set(schemas.LiveAgent{AgentID: "y", Presence: schemas.PresenceBusy, Status: schemas.StatusBreak})
	var out bytes.Buffer
	rd := newReader(b, access.Principal{Role: schemas.RoleAgent, AgentID: "x"}, Filter{}, &out)
	if err := rd.start(""); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	b.set(schemas.LiveAgent{AgentID: "y", Presence: schemas.PresenceBusy, Status: schemas.StatusMeal})
	if err := rd.send(); err != nil || rd.out.Flush() != nil || out.Len() > 0 {
		t.Errorf("was told %q, %v", out.String(), err)
	}
	b.set(schemas.LiveAgent{AgentID: "y", Presence: schemas.PresenceAway, Status: schemas.StatusMeal})
	if err := rd.send(); err != nil || rd.out.Flush() != nil || !strings.Contains(out.String(), `"away"`) ||
		strings.Contains(out.String(), "meal") {
		t.Errorf("was told %q, %v", out.String(), err)
	}
}

// heard is a writer that keeps what was written and when.
type heard struct {
	bytes.Buffer
	began time.Time
	at    []time.Duration
}

func (h *heard) Write(b []byte) (int, error) {
	h.at = append(h.at, time.Since(h.began))
	return h.Buffer.Write(b)
}

// A first change is told at once, a hundred within 250 ms as one, and silence is broken every 15 s.
func TestChangesAreToldAtOnceThenAtMostEvery250MS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, out := newShelf(), &heard{began: time.Now()}
		b.set(schemas.LiveAgent{AgentID: "x"})
		rd := newReader(b, access.Principal{Role: schemas.RoleAdmin}, Filter{}, nil)
		rd.out = bufio.NewWriter(out)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- rd.follow(ctx, "", 250*time.Millisecond, 15*time.Second, func() bool { return true })
		}()
		time.Sleep(time.Second)
		for i := range 100 { // from 1,000 ms to 1,198 ms
			b.set(schemas.LiveAgent{AgentID: "x", Note: strings.Repeat("x", i)})
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(15 * time.Second)
		cancel()
		<-ended
		l := &listener{}
		l.hear(t, out.String())
		if got := strings.Join(l.names, " "); got != "snapshot agent agent alive" {
			t.Errorf("heard %s", got)
		}
		want := []time.Duration{0, time.Second, 1250 * time.Millisecond, 15 * time.Second}
		for i, w := range want {
			if i >= len(out.at) || out.at[i] != w {
				t.Errorf("written at %v, want %v", out.at, want)
				break
			}
		}
		if !strings.Contains(l.shown["x"], strings.Repeat("x", 99)) {
			t.Error("the last state was not told")
		}
	})
}

// A stream ends at the next keep-alive after its credential did.
func TestAStreamEndsWithItsCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var good atomic.Bool
		good.Store(true)
		rd := newReader(newShelf(), access.Principal{Role: schemas.RoleAdmin}, Filter{}, &bytes.Buffer{})
		ended := make(chan error)
		began := time.Now()
		go func() {
			ended <- rd.follow(t.Context(), "", time.Second, 15*time.Second, good.Load)
		}()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		good.Store(false)
		if err := <-ended; err == nil || time.Since(began) != 30*time.Second {
			t.Errorf("ended after %s with %v", time.Since(began), err)
		}
	})
}

func FuzzParseEventID(f *testing.F) {
	for _, s := range []string{"", "-", "a-b-12", "a--1", "a-18446744073709551616", "life-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		life, version, ok := parseEventID(s)
		if again, v, _ := parseEventID(eventID(life, version)); ok && (again != life || v != version) {
			t.Fatalf("%q is %q %d", s, life, version)
		}
	})
}
