package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// wall is a program that hears of events. It answers with a status that can be set.
type wall struct {
	*httptest.Server
	status atomic.Int64
	heard  chan heard
}

// heard is a request: which delivery of which event, of which agent or feed, and whether the signature fits.
type heard struct {
	delivery, event, of string
	genuine             bool
}

const wallSecret = "known to the wall and to rollcall"

func newWall(t *testing.T) *wall {
	w := &wall{heard: make(chan heard, 1000)}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a body cut short has no signature that fits
		mac := hmac.New(sha256.New, []byte(wallSecret))
		mac.Write([]byte(r.Header.Get("Rollcall-Timestamp") + "." + string(body)))
		var m struct {
			Event string
			Agent struct {
				ID string `json:"agent_id"`
			}
			Feed struct{ Source string }
		}
		_ = json.Unmarshal(body, &m) // what it does not give is missed below
		rw.WriteHeader(int(w.status.Load()))
		w.heard <- heard{r.Header.Get("Rollcall-Delivery"), m.Event, m.Agent.ID + m.Feed.Source,
			r.Header.Get("Rollcall-Signature") == "v1="+hex.EncodeToString(mac.Sum(nil))}
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *wall) next(t *testing.T, d *daemon, event, of string) heard {
	t.Helper()
	select {
	case h := <-w.heard:
		if h.event != event || h.of != of || !h.genuine {
			t.Fatalf("the wall heard %+v, want %s of %s", h, event, of)
		}
		return h
	case <-time.After(guard):
		t.Fatalf("the wall heard no %s: %s", event, d.said.String())
		return heard{}
	}
}

// An event that a receiver could not take before the daemon was killed reaches it afterwards, under the same id; one
// that it refuses is given up, and reaches it when an admin says so; and a feed that falls silent is reported.
func TestAWebhookSurvivesAKillAndADeadLetterIsReplayed(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	w.status.Store(http.StatusServiceUnavailable)
	p := newWorkshop(t)
	yaml := "webhooks:\n  - url: " + w.URL + "/in\n    secret: " + wallSecret +
		"\n    events: [agent.status_changed, feed.silent]\n    allow_private: true\n" +
		"feeds:\n  silent_after: 1s\n"
	if err := os.WriteFile(filepath.Join(p.dir, "rollcall.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	roster := filepath.Join(p.dir, "roster.csv")
	if err := os.WriteFile(roster,
		[]byte("agent_id,name,team,time_zone,from\nana,Ana Ortiz,Billing,Europe/London,2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := p.command("import", "roster", roster).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	d := p.serve(t)
	out, err := p.command("token", "create", "--role", "admin", "--name", "kim").Output()
	if err != nil {
		t.Fatal(err)
	}
	kim := strings.TrimSpace(string(out))
	set := func(status string) {
		t.Helper()
		if code, text, err := d.call("PUT", "/api/v1/agents/ana/status", kim, `{"presence":"available","status":"`+status+
			`"}`); err != nil || code != 200 {
			t.Fatalf("PUT %s: %d %s %v", status, code, text, err)
		}
	}
	isReady := func() bool { // and knows the token, which another process made
		code, _, err := d.call("GET", "/readyz", "", "")
		known, _, err2 := d.call("GET", "/api/v1/webhooks/dead", kim, "")
		return err == nil && err2 == nil && code == 200 && known == 200
	}
	if err := eventually(isReady); err != nil {
		t.Fatal(err)
	}
	set("break")
	first := w.next(t, d, "agent.status_changed", "ana")
	d.kill()
	w.status.Store(http.StatusOK)
	d = p.serve(t)
	if again := w.next(t, d, "agent.status_changed", "ana"); again != first {
		t.Fatalf("the wall heard %+v, want again %+v", again, first)
	}
	w.status.Store(http.StatusGone)
	if err := eventually(isReady); err != nil {
		t.Fatal(err)
	}
	set("available")
	refused := w.next(t, d, "agent.status_changed", "ana")
	if refused.delivery == first.delivery {
		t.Error("two events have one delivery")
	}
	var text string
	if err := eventually(func() bool {
		_, text, err = d.call("GET", "/api/v1/webhooks/dead", kim, "")
		return err == nil && strings.Contains(text, refused.delivery)
	}); err != nil || strings.Contains(text, first.delivery) || !strings.Contains(text, "the receiver answers 410 Gone") {
		t.Fatalf("the deliveries that were given up are %s", text)
	}
	w.status.Store(http.StatusOK)
	if code, text, err := d.call("POST", "/api/v1/webhooks/dead/"+refused.delivery+"/replay", kim, ""); err != nil ||
		code != http.StatusAccepted {
		t.Fatalf("the replay: %d %s %v", code, text, err)
	}
	if again := w.next(t, d, "agent.status_changed", "ana"); again != refused {
		t.Errorf("the wall heard %+v, want again %+v", again, refused)
	}
	if code, text, err := d.call("POST", "/api/v1/feeds/acd/heartbeat", kim, "{}"); err != nil || code != 200 {
		t.Fatalf("a heartbeat: %d %s %v", code, text, err)
	}
	w.next(t, d, "feed.silent", "acd")
	if _, text, err := d.call("GET", "/metrics", kim, ""); err != nil ||
		!strings.Contains(text, "rollcall_webhook_dead_total 1") {
		t.Errorf("the figures do not count the dead delivery: %v", err)
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
}
