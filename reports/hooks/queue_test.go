package hooks

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
)

func TestAFullQueueMakesDeadLettersAndHoldsUpNobodyElse(t *testing.T) {
	block := make(chan struct{})
	stuck := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-block:
		case <-r.Context().Done():
		}
	})
	defer close(block)
	well, store, b := newReceiver(t, status(200)), newCabinet(), newBoard(ana(1, ready, -1))
	cfg := quick(stuck.hook(EventSilent), well.hook(EventSilent))
	cfg.MostQueued = 2
	h := open(t, cfg, b, store)
	h.FeedSilent("feed-0", at(3))
	stuck.next(t) // under way
	for i := range 4 {
		h.FeedSilent(fmt.Sprint("feed-", i+1), at(3))
		store.until(t, schemas.WebhookDelivered, i+2)
	}
	for _, d := range store.until(t, schemas.WebhookDead, 2) {
		if d.Hook != stuck.hook().URL || !strings.Contains(d.LastError, "too many") || d.Attempts != 0 {
			t.Errorf("got %+v", d)
		}
	}
}

// wire is a receiver without a network, for the time of synctest.
type wire func(r *http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

func TestTenAttemptsTakeAboutAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, b := newCabinet(), newBoard(ana(1, ready, -1))
		cfg := DefaultConfig()
		cfg.Hooks = []Hook{{URL: "https://wall.example/in", Secret: secret, Events: []Event{EventSilent}}}
		var times []time.Time
		h := open(t, cfg, b, store, func(h *Hooks) {
			h.queues[cfg.Hooks[0].URL].client.Transport = wire(func(*http.Request) (*http.Response, error) {
				times = append(times, time.Now())
				return nil, errors.New("connection refused")
			})
		})
		h.FeedSilent("acd", at(3))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if len(times) != 10 {
			t.Fatalf("%d attempts, want 10", len(times))
		}
		if whole := times[9].Sub(times[0]); whole < 25*time.Minute || whole > 95*time.Minute {
			t.Errorf("ten attempts took %s", whole)
		}
		for i, wait := 1, cfg.FirstWait; i < len(times); i, wait = i+1, wait*2 {
			if d := times[i].Sub(times[i-1]); d < wait/2-time.Millisecond || d > min(wait+wait/2, cfg.LongestWait)+
				time.Millisecond {
				t.Errorf("wait %d is %s, want about %s", i, d, wait)
			}
		}
		if d := store.until(t, schemas.WebhookDead, 1)[0]; d.Attempts != 10 || d.LastError != "connection refused" {
			t.Errorf("got %+v", d)
		}
		h.stop()
	})
}

func TestAReceiverMaySayWhenToComeBackAndARestartKeepsTheCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, b := newCabinet(), newBoard(ana(1, ready, -1))
		cfg := DefaultConfig()
		cfg.Hooks = []Hook{{URL: "https://wall.example/in", Secret: secret, Events: []Event{EventSilent}}}
		var times []time.Time
		busy := func(h *Hooks) {
			h.queues[cfg.Hooks[0].URL].client.Transport = wire(func(r *http.Request) (*http.Response, error) {
				times = append(times, time.Now())
				return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"600"}}, Body: http.NoBody, Request: r},
					nil
			})
		}
		h := open(t, cfg, b, store, busy)
		h.FeedSilent("acd", at(3))
		time.Sleep(25 * time.Minute)
		synctest.Wait()
		if len(times) != 3 || times[1].Sub(times[0]) != 10*time.Minute {
			t.Errorf("attempts at %v", times)
		}
		h.stop()
		h = open(t, cfg, b, store, busy)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if d := store.until(t, schemas.WebhookDead, 1)[0]; len(times) != 10 || d.Attempts != 10 {
			t.Errorf("%d attempts were made and %d are written, want 10", len(times), d.Attempts)
		}
		h.stop()
	})
}

func TestADelayPassesByTheClockAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := schemas.InstantOf(time.Now())
		row := func(version uint64, state schemas.LiveState) *schemas.LiveAgent {
			now := schemas.InstantOf(time.Now())
			a := &schemas.LiveAgent{AgentID: "ana", AdherenceState: state, AsOf: now, Version: version}
			if state == schemas.LiveOutOfAdherence {
				a.AdherenceSince = now
			}
			return a
		}
		store, b := newCabinet(), newBoard(row(1, schemas.LiveInAdherence))
		cfg := DefaultConfig()
		cfg.Hooks = []Hook{{URL: "https://wall.example/in", Secret: secret, Events: both, Delay: 5 * time.Minute}}
		var heard []string
		h := open(t, cfg, b, store, func(h *Hooks) {
			h.queues[cfg.Hooks[0].URL].client.Transport = wire(func(r *http.Request) (*http.Response, error) {
				heard = append(heard, fmt.Sprint(r.Header.Get("Rollcall-Event"), " ",
					schemas.InstantOf(time.Now()).Sub(begin)/schemas.SecondMS))
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
			})
		})
		time.Sleep(time.Minute)
		b.set(row(2, schemas.LiveOutOfAdherence))
		time.Sleep(4 * time.Minute)
		b.set(row(3, schemas.LiveInAdherence)) // too short
		time.Sleep(time.Minute)
		b.set(row(4, schemas.LiveOutOfAdherence)) // at 360 s
		time.Sleep(10 * time.Minute)
		b.set(row(5, schemas.LiveInAdherence)) // at 960 s
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{"agent.out_of_adherence 660", "agent.back 960"}; !slices.Equal(heard, want) {
			t.Errorf("got %q, want %q", heard, want)
		}
		h.stop()
	})
}

func TestAReplayNeedsAReadQueueWithRoom(t *testing.T) {
	store, b := newCabinet(), newBoard(ana(1, ready, -1))
	hook := Hook{URL: "https://wall.example/in", Secret: secret}
	dead := schemas.WebhookDelivery{ID: newID(), Hook: hook.URL, State: schemas.WebhookDead, Version: 1}
	if err := store.WriteWebhookDeliveries(t.Context(), []schemas.WebhookDelivery{dead}); err != nil {
		t.Fatal(err)
	}
	cfg := quick(hook)
	cfg.MostQueued = 1
	h, err := New(cfg, Deps{Board: b, Store: store, Clock: time.Now, Log: logrus.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Replay(t.Context(), dead.ID); !errors.Is(err, ErrNotReady) {
		t.Errorf("a replay before the start gives %v", err)
	}
	if err := h.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.queues[hook.URL].offer(schemas.WebhookDelivery{ID: newID(), Hook: hook.URL})
	if _, err := h.Replay(t.Context(), dead.ID); !errors.Is(err, ErrFull) {
		t.Errorf("a replay into a full queue gives %v", err)
	}
	if left, err := h.Dead(t.Context(), 10); err != nil || len(left) != 1 {
		t.Errorf("the letter that could not be replayed is no longer dead: %v %v", left, err)
	}
	store.setAway(true)
	if _, err := h.Replay(t.Context(), dead.ID); err == nil || errors.Is(err, ErrNoDead) {
		t.Errorf("a replay while the store is away gives %v", err)
	}
}

// A receiver that answers and then never ends its answer has taken the delivery; it holds up the next one for Timeout
// only.
func TestAnAnswerWithoutEndIsAnAnswer(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	rc, store, b := newReceiver(t, endless), newCabinet(), newBoard(ana(1, ready, -1))
	cfg := quick(rc.hook(EventSilent))
	cfg.Timeout = 100 * time.Millisecond
	h := open(t, cfg, b, store)
	h.FeedSilent("one", at(3))
	h.FeedSilent("two", at(3))
	store.until(t, schemas.WebhookDelivered, 2)
	rc.next(t)
	rc.next(t)
	rc.nothingMore(t)
}
