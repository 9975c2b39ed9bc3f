package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"rollcall/schemas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "a secret of the receiver"

// cabinet is the table webhook_deliveries in memory; it can be away.
type cabinet struct {
	mu      sync.Mutex
	away    bool
	rows    map[string]schemas.WebhookDelivery
	written chan struct{} // a token for each write, as far as there is room
}

func newCabinet() *cabinet {
	return &cabinet{rows: map[string]schemas.WebhookDelivery{}, written: make(chan struct{}, 1)}
}

func (c *cabinet) WriteWebhookDeliveries(_ context.Context, rows []schemas.WebhookDelivery) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return errors.New("away")
	}
	for _, d := range rows {
		if d.Version > c.rows[d.ID].Version {
			c.rows[d.ID] = d
		}
	}
	select {
	case c.written <- struct{}{}:
	default:
	}
	return nil
}

func (c *cabinet) WebhookDeliveries(_ context.Context, state schemas.WebhookState, id string, _ schemas.Instant,
	limit int) ([]schemas.WebhookDelivery, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return nil, errors.New("away")
	}
	var out []schemas.WebhookDelivery
	for _, d := range c.rows {
		if d.State == state && (id == "" || id == d.ID) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(x, y schemas.WebhookDelivery) int { return strings.Compare(y.ID, x.ID) })
	return out[:min(len(out), limit)], nil
}

func (c *cabinet) setAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

// until waits for the store to say that n deliveries are in the state.
func (c *cabinet) until(t *testing.T, state schemas.WebhookState, n int) []schemas.WebhookDelivery {
	t.Helper()
	for {
		rows, err := c.WebhookDeliveries(t.Context(), state, "", 0, 1000)
		if err == nil && len(rows) == n {
			return rows
		}
		select {
		case <-c.written:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d deliveries are %s, want %d: %v", len(rows), state, n, rows)
		}
	}
}

// board is a live board of one row.
type board struct {
	mu      sync.Mutex
	row     *schemas.LiveAgent
	changed chan struct{}
}

func newBoard(row *schemas.LiveAgent) *board { return &board{row: row, changed: make(chan struct{})} }

func (b *board) set(row *schemas.LiveAgent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row = row
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *board) Changes(since uint64) schemas.LiveChanges {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := schemas.LiveChanges{Version: b.row.Version}
	if since == 0 || b.row.Version > since {
		c.Rows = []*schemas.LiveAgent{b.row}
	}
	return c
}

func (b *board) Changed(since uint64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.row.Version > since {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return b.changed
}

// house is a running Hooks.
type house struct {
	*Hooks
	stop func()
}

// quick is a configuration whose waits are a few milliseconds.
func quick(list ...Hook) Config {
	c := DefaultConfig()
	c.Hooks, c.FirstWait, c.LongestWait, c.LookEvery, c.RecordAgain = list, time.Millisecond, 5*time.Millisecond,
		time.Millisecond, 2*time.Millisecond
	return c
}

func open(t *testing.T, c Config, b Board, s Store, prepare ...func(*Hooks)) *house {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	h, err := New(c, Deps{Board: b, Store: s, Clock: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(h)
	}
	h.Begin()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return &house{h, stop}
}

// got is a request as the receiver saw it.
type got struct {
	head http.Header
	body string
}

// receiver is a real HTTP server that answers as it is told, attempt by attempt, the last answer for ever.
type receiver struct {
	*httptest.Server
	came chan got
}

func newReceiver(t *testing.T, answers ...http.HandlerFunc) *receiver {
	t.Helper()
	rc := &receiver{came: make(chan got, 1000)}
	n := 0
	var mu sync.Mutex
	rc.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rc.came <- got{r.Header, string(body)}
		mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(rc.Close)
	return rc
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprintf(w, "so\tI say %d", code)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func (rc *receiver) hook(events ...Event) Hook {
	return Hook{URL: rc.URL + "/in", Secret: secret, Events: events, AllowPrivate: true}
}

func (rc *receiver) next(t *testing.T) got {
	t.Helper()
	select {
	case g := <-rc.came:
		return g
	case <-time.After(10 * time.Second):
		t.Fatal("nothing comes")
		return got{}
	}
}

func (rc *receiver) nothingMore(t *testing.T) {
	t.Helper()
	select {
	case g := <-rc.came:
		t.Errorf("one more came: %s", g.body)
	default:
	}
}

func TestAReceiverCanTrustWhatItHears(t *testing.T) {
	rc, store, b := newReceiver(t, status(200)), newCabinet(), newBoard(ana(1, ready, -1))
	open(t, quick(rc.hook(EventStatus, EventRoutable)), b, store)
	b.set(ana(5, breaks, 5))
	for _, want := range []Event{EventStatus, EventRoutable} {
		g := rc.next(t)
		stamp := g.head.Get("Rollcall-Timestamp")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + g.body))
		if sig := g.head.Get("Rollcall-Signature"); sig != "v1="+hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("signature %s does not fit", sig)
		}
		sent, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || time.Since(time.Unix(sent, 0)) > time.Minute {
			t.Errorf("timestamp %s", stamp)
		}
		var m struct {
			ID, Event, At string
			Agent         map[string]any
		}
		if err := json.Unmarshal([]byte(g.body), &m); err != nil {
			t.Fatal(err)
		}
		if m.Event != string(want) || g.head.Get("Rollcall-Event") != m.Event || m.At != "2026-03-02T09:05:00Z" ||
			m.Agent["agent_id"] != "ana" ||
			m.Agent["status"] != "break" || m.Agent["adherence_state"] != "out_of_adherence" || len(m.ID) != 36 ||
			len(g.head.Get("Rollcall-Delivery")) != 36 {
			t.Errorf("got %v %s", g.head, g.body)
		}
	}
	store.until(t, schemas.WebhookDelivered, 2)
	rc.nothingMore(t)
}

func TestWhatAReceiverAnswersDecides(t *testing.T) {
	elsewhere := newReceiver(t, status(200))
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, c := range []struct {
		name     string
		answers  []http.HandlerFunc
		state    schemas.WebhookState
		attempts int
		why      string
	}{
		{"fails, then takes it", []http.HandlerFunc{status(500), status(429), status(503), status(204)}, "delivered", 4, ""},
		{"hangs up, then takes it", []http.HandlerFunc{hangUp, hangUp, status(200)}, "delivered", 3, ""},
		{"fails for ever", []http.HandlerFunc{status(502)}, "dead", 5, "the receiver answers 502 Bad Gateway: so I say 502"},
		{"does not want it", []http.HandlerFunc{status(410)}, "dead", 1, "the receiver answers 410 Gone: so I say 410"},
		{"redirects", []http.HandlerFunc{redirect}, "dead", 1, "redirects are not followed"},
		{"is slow, then takes it", []http.HandlerFunc{slow, status(200)}, "delivered", 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rc, store, b := newReceiver(t, c.answers...), newCabinet(), newBoard(ana(1, ready, -1))
			cfg := quick(rc.hook(EventSilent))
			cfg.Attempts, cfg.Timeout = 5, 300*time.Millisecond
			h := open(t, cfg, b, store)
			h.FeedSilent("acd", at(3))
			d := store.until(t, c.state, 1)[0]
			if d.Attempts != c.attempts || !strings.Contains(d.LastError, c.why) || strings.Contains(d.LastError, rc.URL) {
				t.Errorf("got %+v, want %d attempts and %q", d, c.attempts, c.why)
			}
			first := rc.next(t)
			for range c.attempts - 1 {
				if g := rc.next(t); g.body != first.body || g.head.Get("Rollcall-Delivery") != d.ID {
					t.Errorf("attempts differ: %v %s", g.head, g.body)
				}
			}
			if !strings.Contains(first.body, `"feed":{"source":"acd","since":"2026-03-02T09:03:00Z"}`) {
				t.Errorf("got %s", first.body)
			}
			s := h.Stats()
			if s.Delivered+s.Dead != 1 || s.FailedAttempts != uint64(c.attempts-1) || s.Queued+s.Waiting != 0 {
				t.Errorf("figures %+v after %d attempts", s, c.attempts)
			}
			rc.nothingMore(t)
		})
	}
	elsewhere.nothingMore(t)
}

func TestAPrivateAddressIsNeverConnectedTo(t *testing.T) {
	rc, store, b := newReceiver(t, status(200)), newCabinet(), newBoard(ana(1, ready, -1))
	hook := rc.hook(EventSilent)
	hook.AllowPrivate = false
	cfg := quick()
	// A name that says nothing of where it leads: only the dialer can tell.
	h := open(t, cfg, b, store, func(h *Hooks) {
		h.cfg.Hooks = []Hook{hook}
		h.queues[hook.URL] = newQueue(h, &h.cfg.Hooks[0])
	})
	h.FeedSilent("acd", at(3))
	if d := store.until(t, schemas.WebhookDead, 1)[0]; d.Attempts != 1 ||
		!strings.Contains(d.LastError, "127.0.0.1 is this host; set allow_private") {
		t.Errorf("got %+v", d)
	}
	rc.nothingMore(t)
}

func TestARestartLosesNothingAndKeepsTheOrder(t *testing.T) {
	store, b := newCabinet(), newBoard(ana(1, ready, -1))
	down := newReceiver(t, status(503))
	cfg := quick(down.hook(EventSilent))
	cfg.Attempts, cfg.FirstWait, cfg.LongestWait = 50, time.Minute, time.Hour
	h := open(t, cfg, b, store)
	for i := range 5 {
		h.FeedSilent(fmt.Sprint("feed-", i), at(3))
	}
	store.until(t, schemas.WebhookQueued, 5)
	down.next(t)
	h.stop()
	rows := store.until(t, schemas.WebhookQueued, 5)

	// The next run has another idea of what the receiver is: it is up, under the same address.
	up := newReceiver(t, status(200))
	for _, d := range rows {
		d.Hook, d.Version = up.hook().URL, d.Version+1
		if err := store.WriteWebhookDeliveries(t.Context(), []schemas.WebhookDelivery{d}); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, quick(up.hook(EventSilent)), b, store)
	for i := range 5 {
		if g := up.next(t); !strings.Contains(g.body, fmt.Sprintf(`"feed-%d"`, i)) ||
			g.head.Get("Rollcall-Delivery") != rows[4-i].ID {
			t.Errorf("delivery %d is %s", i, g.body)
		}
	}
	store.until(t, schemas.WebhookDelivered, 5)
	again.stop()
	up.nothingMore(t)
	// And what belongs to a hook that is no longer there is a dead letter.
	open(t, quick(up.hook(EventSilent)), b, store).FeedSilent("acd", at(9))
	store.until(t, schemas.WebhookDelivered, 6)
	orphan := schemas.WebhookDelivery{ID: newID(), Hook: "https://old.example", State: schemas.WebhookQueued, Version: 1}
	if err := store.WriteWebhookDeliveries(t.Context(), []schemas.WebhookDelivery{orphan}); err != nil {
		t.Fatal(err)
	}
	last := open(t, quick(), b, store)
	if d := store.until(t, schemas.WebhookDead, 1)[0]; d.LastError != ErrNoHook.Error() {
		t.Errorf("got %+v", d)
	}
	if _, err := last.Replay(t.Context(), orphan.ID); !errors.Is(err, ErrNoHook) {
		t.Errorf("a replay to no hook gives %v", err)
	}
}

func TestWhileTheStoreIsAwayEventsWaitUnsentAndTheRestIsCounted(t *testing.T) {
	rc, store, b := newReceiver(t, status(200)), newCabinet(), newBoard(ana(1, ready, -1))
	cfg := quick(rc.hook(EventSilent))
	cfg.MostWaiting = 3
	h := open(t, cfg, b, store)
	h.FeedSilent("first", at(1))
	store.until(t, schemas.WebhookDelivered, 1)
	rc.next(t)
	store.setAway(true)
	for i := range 5 {
		h.FeedSilent(fmt.Sprint("feed-", i), at(3))
	}
	if s := h.Stats(); s.Waiting != 3 || s.Dropped != 2 {
		t.Errorf("figures %+v, want 3 waiting and 2 dropped", s)
	}
	rc.nothingMore(t)
	store.setAway(false)
	for i := range 3 {
		if g := rc.next(t); !strings.Contains(g.body, fmt.Sprintf(`"feed-%d"`, i)) {
			t.Errorf("delivery %d is %s", i, g.body)
		}
	}
	store.until(t, schemas.WebhookDelivered, 4)
	store.setAway(true)
	h.FeedSilent("late", at(4))
	h.stop()
	if s := h.Stats(); s.Dropped != 3 {
		t.Errorf("figures %+v, want 3 dropped", s)
	}
}

func TestADeadLetterIsReplayedOnce(t *testing.T) {
	rc, store, b := newReceiver(t, status(400), status(200)), newCabinet(), newBoard(ana(1, ready, -1))
	h := open(t, quick(rc.hook(EventSilent)), b, store)
	h.FeedSilent("acd", at(3))
	id := store.until(t, schemas.WebhookDead, 1)[0].ID
	first := rc.next(t)
	if list, err := h.Dead(t.Context(), 10); err != nil || len(list) != 1 || list[0].ID != id {
		t.Errorf("the dead letters are %v %v", list, err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.Replay(t.Context(), id) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrNoDead) {
			t.Errorf("a replay gives %v", err)
		}
	}
	if g := rc.next(t); won != 1 || g.body != first.body || g.head.Get("Rollcall-Delivery") != id {
		t.Errorf("%d replays went through; sent %s", won, g.body)
	}
	store.until(t, schemas.WebhookDelivered, 1)
	rc.nothingMore(t)
	if _, err := h.Replay(t.Context(), ""); !errors.Is(err, ErrNoDead) {
		t.Errorf("a replay of nothing gives %v", err)
	}
}
