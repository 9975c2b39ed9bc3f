package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/engine"
)

// workshop is a folder with the environment of programs that work on it.
type workshop struct {
	dir string
	env []string
}

func newWorkshop(t testing.TB) workshop {
	t.Helper()
	found, err := engine.Find(context.Background(), engine.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	p := workshop{dir: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "ROLLCALL_STORE_DIR=" + p.data(), "ROLLCALL_STORE_ENGINE=" + found,
		"ROLLCALL_HTTP_LISTEN=127.0.0.1:0"}
	t.Cleanup(func() {
		if eventually(func() bool { return len(enginesIn(p.dir)) == 0 }) != nil {
			t.Errorf("processes were left behind: %v", enginesIn(p.dir))
		}
	})
	return p
}

func (p workshop) data() string { return filepath.Join(p.dir, "data") }

func (p workshop) config(t testing.TB) config.Config {
	t.Helper()
	c, err := config.Load("", p.env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// command prepares the program as a process of its own.
func (p workshop) command(args ...string) *exec.Cmd {
	cmd := exec.Command("rollcall", args...) //nolint:gosec,noctx // our own program; it ends by itself
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

func (p workshop) serve(t testing.TB) *daemon {
	t.Helper()
	d, err := startDaemon(p.dir, p.env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	return d
}

// line is where the pushers find the daemon, which comes back at another address.
type line struct {
	mu sync.Mutex
	d  *daemon
}

func (l *line) set(d *daemon) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.d = d
}

func (l *line) get() *daemon {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.d
}

// While four feeds push, the engine is killed, then the daemon and with it another engine, then both at once. A feed
// sends a batch again until it is acknowledged. In the end every change is in the store, once.
func TestEveryAcknowledgedChangeSurvivesKills(t *testing.T) {
	long(t, "processes are killed and started many times")
	t.Parallel()
	const feeds, batches, size = 4, 40, 25
	p := newWorkshop(t)
	token, err := p.command("token", "create", "--role", "feed", "--name", "acd", "--source", "acd").Output()
	if err != nil {
		t.Fatal(err)
	}
	var daemons line
	daemons.set(p.serve(t))
	acknowledged := make(chan struct{}, feeds*batches)
	var want []string
	var group sync.WaitGroup
	for feed := range feeds {
		bodies := make([]string, batches)
		for b := range batches {
			bodies[b] = batchOf(feed, b, size, &want)
		}
		group.Go(func() {
			for _, body := range bodies {
				push(t, &daemons, strings.TrimSpace(string(token)), body, size)
				acknowledged <- struct{}{}
			}
		})
	}
	pass := func(n int) {
		for range n {
			<-acknowledged
		}
	}
	killEngine := func() {
		pid, err := enginePID(p.data())
		if err != nil {
			t.Error(err)
			return
		}
		_ = killPID(pid) // it may be between two lives
		if err := gone(pid); err != nil {
			t.Error(err)
		}
	}
	killDaemon := func() { daemons.get().kill(); daemons.set(p.serve(t)) }
	pass(batches / 2)
	killEngine()
	pass(batches / 2)
	killDaemon()
	pass(batches)
	killEngine()
	killDaemon()
	pass(feeds*batches - 2*batches)
	group.Wait()
	if err := daemons.get().stop(); err != nil {
		t.Error(err)
	}
	// What the last daemon did not get to write waits on disk; the next one writes it.
	last := p.serve(t)
	if err := eventually(func() bool {
		code, _, err := last.call("GET", "/readyz", "", "")
		return err == nil && code == 200
	}); err != nil {
		t.Fatal(err, last.said.String())
	}
	if err := last.stop(); err != nil {
		t.Error(err)
	}
	got, err := storedChanges(p.config(t))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the store holds %d changes, of which %d differ; %d were acknowledged", len(got), len(slices.Compact(got)),
			len(want))
	}
}

// batchOf makes a batch and notes what the store has to hold because of it.
func batchOf(feed, batch, size int, want *[]string) string {
	var rows []string
	for i := range size {
		agent, at := fmt.Sprintf("f%d-%d", feed, i), schemas.Instant(1_772_442_000_000).Add(int64(batch)*60_000)
		rows = append(rows, fmt.Sprintf(
			`{"agent_id":%q,"at":%q,"presence":"available","status":"available","routing":"idle"}`, agent, at))
		*want = append(*want, fmt.Sprintf("acd %s %s", agent, at))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

// push sends a body until somebody says that it is on disk.
func push(t *testing.T, daemons *line, token, body string, size int) {
	var answer struct{ Accepted, Duplicates int }
	err := eventually(func() bool {
		d := daemons.get()
		code, text, err := d.call("POST", "/api/v1/status-changes", token, body)
		if err != nil {
			return false // it was killed: nothing was promised
		}
		if code != 200 || json.Unmarshal([]byte(text), &answer) != nil || answer.Accepted+answer.Duplicates != size {
			t.Errorf("a push was answered by %d %s", code, text)
		}
		return true
	})
	if err != nil {
		t.Error("a push was never acknowledged")
	}
}

// Of two commands on one folder the second waits, says for what, and does its work when the first has ended.
func TestASecondCommandWaits(t *testing.T) {
	t.Parallel()
	p := newWorkshop(t)
	first, err := app.OpenStore(context.Background(), p.config(t), quiet(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	second := p.command("feeds", "list", "-o", "json")
	var out speech
	second.Stdout = &out
	stderr, err := second.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	if want := fmt.Sprintf("waiting for another rollcall (pid %d) to finish with folder %s", os.Getpid(),
		p.data()); !lines.Scan() || lines.Text() != want {
		t.Errorf("the second says %q, want %q", lines.Text(), want)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
		t.Errorf("the second also says %q", lines.Text())
	}
	if err := second.Wait(); err != nil || out.String() != "[]\n" {
		t.Errorf("the second ended with %v: %s", err, &out)
	}
}
