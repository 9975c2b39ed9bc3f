package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
)

// rotaOf writes a schedule of one code: 20 agents, 12 days; every third day is left out for the code B.
func rotaOf(code string) string {
	b := &strings.Builder{}
	b.WriteString("agent_id,activity,date,start_time,end_time,category\n")
	for agent := range 20 {
		for day := range 12 {
			if code == "A" || day%3 != 1 {
				fmt.Fprintf(b, "a%02d,%s,2026-03-%02d,09:00,12:00,on_queue_work\na%02d,%s,2026-03-%02d,13:00,17:00,on_queue_work\n",
					agent, code, day+2, agent, code, day+2)
			}
		}
	}
	return b.String()
}

// writeRotas writes roster.csv, A.csv and B.csv into the folder.
func writeRotas(t *testing.T, dir string) {
	t.Helper()
	roster := "agent_id,team,time_zone\n"
	for agent := range 20 {
		roster += fmt.Sprintf("a%02d,Billing,UTC\n", agent)
	}
	for name, text := range map[string]string{"roster.csv": roster, "A.csv": rotaOf("A"), "B.csv": rotaOf("B")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rotaHeld returns whose schedule is held, A's or B's, and fails when it is a mixture.
func rotaHeld(t *testing.T, ledger *imports.Ledger) string {
	t.Helper()
	found := map[string]int{}
	q := imports.ShowQuery{To: 50_000}
	if err := ledger.Show(context.Background(), q,
		func(s *imports.Shown) error { found[s.Code]++; return nil }); err != nil {
		t.Fatal(err)
	}
	for code, activities := range map[string]int{"A": 480, "B": 320} {
		if len(found) == 1 && found[code] == activities {
			return code
		}
	}
	t.Fatalf("the schedule is a mixture: %v", found)
	return ""
}

// meddler stands between a program and the engine and kills the program at a point of its writing: when it sends for
// the n-th time after its first INSERT. torn lets half of what it sends through.
type meddler struct {
	net.Listener
	engine string
	mu     sync.Mutex
	kill   func()
	n      int
	torn   bool
	seen   bool // an INSERT
	sent   int
	killed bool
}

func newMeddler(t *testing.T, engine string) *meddler {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until it is closed
	if err != nil {
		t.Fatal(err)
	}
	m := &meddler{Listener: l, engine: engine}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go m.join(client)
		}
	}()
	return m
}

// join passes on what both sides send, until one of them ends.
func (m *meddler) join(client net.Conn) {
	engine, err := net.Dial("tcp", m.engine) //nolint:noctx // it ends with the client
	if err != nil {
		_ = client.Close()
		return
	}
	go func() {
		pass(client, engine, func(b []byte) ([]byte, bool) { return b, true })
		_ = client.Close()
	}()
	pass(engine, client, m.look)
	_ = engine.Close()
	_ = client.Close()
}

func pass(to, from net.Conn, look func([]byte) ([]byte, bool)) {
	chunk := make([]byte, 1<<16)
	for {
		n, err := from.Read(chunk)
		b, on := look(chunk[:n])
		if _, failed := to.Write(b); failed != nil || err != nil || !on {
			return
		}
	}
}

// look decides what of the client's bytes goes on, and whether the client lives on.
func (m *meddler) look(b []byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.killed || m.kill == nil || len(b) == 0 {
		return b, !m.killed
	}
	m.seen = m.seen || bytes.Contains(b, []byte("INSERT INTO"))
	if !m.seen {
		return b, true
	}
	m.sent++
	if m.sent <= m.n {
		return b, true
	}
	m.kill()
	m.killed = true
	if m.torn {
		return b[:len(b)/2], false
	}
	return nil, false
}

// start starts the next program, to be killed at the point.
func (m *meddler) start(cmd *exec.Cmd, n int, torn bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n, m.torn, m.seen, m.sent, m.killed = n, torn, false, 0, false
	m.kill = func() { _ = cmd.Process.Kill() }
	return cmd.Start()
}

func (m *meddler) hasKilled() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.killed
}

// TestAKilledImportLeavesOldOrNew: the program that imports B over A is killed each time that it sends something from
// its first INSERT on, with what it sends torn in half or not sent at all. What is held then is A or B as a whole, a
// revision is listed exactly when it is B, and the next import works at once.
func TestAKilledImportLeavesOldOrNew(t *testing.T) {
	long(t, "processes are killed and started many times")
	t.Parallel()
	store, err := url.Parse(sharedStore(t))
	if err != nil {
		t.Fatal(err)
	}
	m := newMeddler(t, store.Host)
	direct := store.String()
	store.Host = m.Addr().String()
	p := workshop{dir: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "ROLLCALL_STORE_URL=" + direct, "ROLLCALL_STORE_DIR=" + p.data()}
	writeRotas(t, p.dir)
	opened, err := app.OpenStore(context.Background(), p.config(t), quiet(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	ledger, err := app.NewImports(config.Config{}, opened.Store)
	if err != nil {
		t.Fatal(err)
	}
	importGood(t, imports.New(imports.Deps{Store: opened.Store, Clock: app.Clock}), files.Roster,
		filepath.Join(p.dir, "roster.csv"))
	p.env[1] = "ROLLCALL_STORE_URL=" + store.String()
	oldOnes, newOnes, revisionsThen := 0, 0, 0
	for n, torn := 0, false; ; n, torn = n+map[bool]int{true: 1}[torn], !torn {
		importGood(t, imports.New(imports.Deps{Store: opened.Store, Clock: app.Clock}), files.Schedule,
			filepath.Join(p.dir, "A.csv"))
		revisionsThen = len(listed(t, ledger))
		cmd := p.command("import", "schedule", "B.csv")
		said := &speech{}
		cmd.Stderr = said
		if err := m.start(cmd, n, torn); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		held := rotaHeld(t, ledger)
		if more := len(listed(t, ledger)) - revisionsThen; (held == "B") != (more == 1) {
			t.Errorf("point %d: %s is held with %d more revisions", n, held, more)
		}
		if !m.hasKilled() {
			if err != nil || held != "B" {
				t.Errorf("a program that nobody killed ended with %v and %s: %s", err, held, said)
			}
			break
		}
		if held == "A" {
			oldOnes++
		} else {
			newOnes++
		}
	}
	t.Logf("killed %d times: %d left the old schedule, %d the new one", oldOnes+newOnes, oldOnes, newOnes)
	if oldOnes < 10 {
		t.Errorf("only %d points were found", oldOnes+newOnes)
	}
}

// importGood imports a file without problems in this process.
func importGood(t *testing.T, importer *imports.Ledger, kind files.Kind, path string) {
	t.Helper()
	in, err := files.FileInput(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := importer.Import(context.Background(), kind, in, imports.Options{})
	if err != nil || r.Refused {
		t.Fatal(err, r)
	}
}

func listed(t *testing.T, ledger *imports.Ledger) []imports.Entry {
	t.Helper()
	list, err := ledger.List(context.Background(), imports.ListQuery{Kind: files.Schedule})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestAKilledEngineLeavesOldOrNew: the same when the engine, which is the program's child, dies with it, at points of
// time spread over the whole import.
func TestAKilledEngineLeavesOldOrNew(t *testing.T) {
	long(t, "processes are killed and started many times")
	t.Parallel()
	p := newWorkshop(t)
	writeRotas(t, p.dir)
	for _, args := range [][]string{{"import", "roster", "roster.csv"}, {"import", "schedule", "A.csv"}} {
		if out, err := p.command(args...).CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
	}
	began := time.Now()
	if out, err := p.command("import", "schedule", "B.csv", "--dry-run").CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	whole := time.Since(began)
	const points = 6
	ended := 0
	for i := range points {
		cmd := p.command("import", "schedule", "B.csv")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(whole*time.Duration(2*points/3+i)/points, func() { _ = cmd.Process.Kill() })
		if cmd.Wait() == nil {
			ended++
		}
		timer.Stop()
		func() {
			opened, err := app.OpenStore(context.Background(), p.config(t), quiet(), func(string) {})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = opened.Close() }()
			ledger, err := app.NewImports(config.Config{}, opened.Store)
			if err != nil {
				t.Fatal(err)
			}
			if held := rotaHeld(t, ledger); held == "B" {
				importGood(t, imports.New(imports.Deps{Store: opened.Store, Clock: app.Clock}), files.Schedule,
					filepath.Join(p.dir, "A.csv"))
			}
		}()
	}
	t.Logf("%d of %d programs ended before they were killed", ended, points)
}
