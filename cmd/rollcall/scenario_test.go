package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/cmd/internal/app"
)

// routability is what the daemon says to a routing engine of an agent.
type routability struct {
	AgentID            string `json:"agent_id"`
	Routable           bool   `json:"routable"`
	NotRoutableBecause string `json:"not_routable_because"`
	Version            uint64 `json:"version"`
}

// routingEngine is the smallest there is: it has one queue of work, follows who is routable, offers the next piece of
// work to whoever is, and pushes as a feed that they are on a contact.
type routingEngine struct {
	t        *testing.T
	daemon   *daemon
	token    string // of its feed
	work     []string
	offered  []string             // "work to agent", in order
	heard    chan routability     // every event, after the engine has dealt with it
	contacts map[string]string    // agent to the work they are on
	routable map[string]bool      // agents as last heard
	finish   chan chan<- struct{} // Ana finishes her contact
	calls    chan string          // further work comes in
}

// follow reads the stream until it ends.
func (e *routingEngine) follow(ctx context.Context, watcher string) {
	defer close(e.heard)
	events := make(chan routability)
	go func() {
		defer close(events)
		if err := readRoutability(ctx, e.daemon.url, watcher, events); err != nil && ctx.Err() == nil {
			e.t.Errorf("the stream: %v", err)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			for range events { // ends with the stream
			}
			return
		case done := <-e.finish:
			delete(e.contacts, "ana")
			e.push("ana", "idle")
			close(done)
		case call := <-e.calls:
			e.work = append(e.work, call)
			for agent := range e.routable {
				e.offer(agent)
			}
		case a, ok := <-events:
			if !ok {
				return
			}
			e.routable[a.AgentID] = a.Routable
			e.offer(a.AgentID)
			e.heard <- a
		}
	}
}

// offer returns the next piece of work to the agent, who may be routable and free.
func (e *routingEngine) offer(agent string) {
	if !e.routable[agent] || len(e.work) == 0 || e.contacts[agent] != "" {
		return
	}
	e.contacts[agent] = e.work[0]
	e.offered = append(e.offered, e.work[0]+" to "+agent)
	e.work = e.work[1:]
	e.push(agent, "interacting")
}

// push pushes what the engine observes.
func (e *routingEngine) push(agent, routing string) {
	code, text, err := e.daemon.call("POST", "/api/v1/status-changes", e.token,
		fmt.Sprintf(`[{"agent_id":%q,"at":%q,"routing":%q}]`, agent, app.Now(), routing))
	if err != nil || code != 200 || !strings.Contains(text, `"accepted":1`) {
		e.t.Errorf("the engine's push: %d %s %v", code, text, err)
	}
}

// readRoutability returns each item of the snapshot, and then of each event.
func readRoutability(ctx context.Context, url, token string, to chan<- routability) error {
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/api/v1/live/stream?events=routable", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines, name := bufio.NewScanner(resp.Body), ""
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		var got struct {
			routability
			Items []routability
		}
		switch {
		case key == "event":
			name = value
		case key == "data" && name == "snapshot", key == "data" && name == "routable":
			if err := json.Unmarshal([]byte(value), &got); err != nil {
				return err
			}
			if name == "routable" {
				got.Items = []routability{got.routability}
			}
			for _, a := range got.Items {
				select {
				case to <- a:
				case <-ctx.Done():
					return nil
				}
			}
		}
	}
	return lines.Err()
}

// until waits for the event of Ana in which she is routable or has the reason.
func (e *routingEngine) until(because string) {
	e.t.Helper()
	end := time.After(guard)
	for {
		select {
		case a, ok := <-e.heard:
			if !ok {
				e.t.Fatalf("the stream ended before %q; %s", because, e.daemon.said.String())
			}
			if a.AgentID == "ana" && a.NotRoutableBecause == because && a.Routable == (because == "") {
				return
			}
		case <-end:
			e.t.Fatalf("the engine never heard %q", because)
		}
	}
}

// Scenarios 1 and 2 of the source, as written, with a routing engine: an agent selects presence available, sets status
// available, and the routing engine begins sending interactions; completes the current one, changes to break, and the
// engine stops; returns, sets available, and gets the next.
func TestARoutingEngineOffersWorkOnlyToRoutableAgents(t *testing.T) {
	t.Parallel()
	p := newWorkshop(t)
	roster := filepath.Join(p.dir, "roster.csv")
	if err := os.WriteFile(roster,
		[]byte("agent_id,name,team,site,time_zone,from\nana,Ana Ortiz,Billing,Leeds,Europe/London,2026-01-01\n"+
			"ben,Ben Berg,Billing,Leeds,Europe/London,2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := p.command("import", "roster", roster).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	d := p.serve(t)
	token := func(args ...string) string {
		t.Helper()
		out, err := p.command(append([]string{"token", "create"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	ana := token("--role", "agent", "--name", "ana", "--agent", "ana")
	watcher := token("--role", "manager", "--name", "engine", "--site", "Leeds")
	e := &routingEngine{
		t:        t,
		daemon:   d,
		token:    token("--role", "feed", "--name", "acd", "--source", "acd"),
		work:     []string{"call 1", "call 2", "call 3"},
		heard:    make(chan routability, 100),
		contacts: map[string]string{},
		routable: map[string]bool{},
		finish:   make(chan chan<- struct{}),
	}
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/api/v1/agents/ana", watcher, "")
		return err == nil && code == 200
	}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); e.follow(ctx, watcher) }()
	set := func(body, says string) {
		t.Helper()
		code, text, err := d.call("PUT", "/api/v1/agents/ana/status", ana, body)
		if err != nil || code != 200 || !strings.Contains(text, says) {
			t.Fatalf("PUT %s: %d %s %v, want %s", body, code, text, err, says)
		}
	}
	finish := func() {
		done := make(chan struct{})
		e.finish <- done
		<-done
	}
	e.until("presence is unknown")
	set(`{"presence":"available"}`, `"routable":false`)
	e.until("status is unknown")
	set(`{"status":"available"}`, `"status":"available"`)
	e.until("on a contact") // she was routable and got call 1
	set(`{"status":"break"}`, `"not_routable_because":"status is break; the contact may be finished"`)
	e.until("status is break; the contact may be finished")
	finish()
	e.until("status is break")
	set(`{"status":"available"}`, `"routable":true`)
	e.until("on a contact") // call 2
	set(`{"presence":"busy","status":"meeting"}`, `"routable":false`)
	finish()
	e.until("presence is busy")
	cancel()
	<-ended
	if want := []string{"call 1 to ana", "call 2 to ana"}; !slices.Equal(e.offered, want) {
		t.Errorf("the engine offered %q, want %q", e.offered, want)
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
}
