package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/cmd/internal/app"
)

// browser is a person at the pages: it stores cookies and follows redirects.
type browser struct {
	t *testing.T
	http.Client
	d *daemon
}

func newBrowser(t *testing.T, d *daemon) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, http.Client{Jar: jar, Timeout: guard}, d}
}

// signIn fills in the form and returns the code and the path of the page that it leads to.
func (b *browser) signIn(name, password string) (int, string) {
	b.t.Helper()
	//nolint:noctx // has a time limit
	answer, err := b.PostForm(b.d.url+"/login?next=/", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, pathOf(b.t, answer)
}

// open returns the code and the path of the page that asking for the path leads to.
func (b *browser) open(path string) (int, string) {
	b.t.Helper()
	answer, err := b.Get(b.d.url + path) //nolint:noctx // has a time limit
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, pathOf(b.t, answer)
}

func pathOf(t *testing.T, answer *http.Response) string {
	t.Helper()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Error(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.Request.URL.Path
}

// A supervisor signs in, sees the board and what is pushed appear on its stream without asking again; an open stream
// does not keep the daemon from ending, and an account that is disabled is out.
func TestASupervisorWatchesTheBoard(t *testing.T) {
	t.Parallel()
	p := newWorkshop(t)
	d := p.serve(t)
	command := func(stdin string, args ...string) string {
		cmd := p.command(args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("rollcall %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	command("correct horse battery\n", "user", "add", "--role", "supervisor", "--name", "lea", "--team", "Billing")
	const roster = "agent_id,name,team,time_zone,from\nana,Ana Ortiz,Billing,Europe/London,2026-01-01\nzoe,Zoe Zorn," +
		"Sales,Europe/London,2026-01-01\n"
	if err := os.WriteFile(filepath.Join(p.dir, "roster.csv"), []byte(roster), 0o600); err != nil {
		t.Fatal(err)
	}
	command("", "import", "roster", "roster.csv")
	token := command("", "token", "create", "--role", "feed", "--name", "acd", "--source", "acd")

	b := newBrowser(t, d)
	if code, path := b.open("/"); code != 200 || path != "/login" {
		t.Errorf("a stranger at the board is led to %s (%d), want /login", path, code)
	}
	if code, _ := b.signIn("lea", "wrong horse battery"); code != 401 {
		t.Errorf("a wrong password is answered by %d", code)
	}
	if err := eventually(func() bool {
		code, path := b.signIn("lea", "correct horse battery")
		return code == 200 &&
			path == "/"
	}); err != nil {
		t.Fatal("lea cannot sign in")
	}
	events := b.stream()
	events.wait(`"agent_id":"ana"`)
	if err := eventually(func() bool { // the daemon hears of the token within a second
		code, _, err := d.call("POST", "/api/v1/status-changes", token,
			fmt.Sprintf(`[{"agent_id":"ana","at":%q,"presence":"away"}]`, app.Now()))
		return err == nil && code == 200
	}); err != nil {
		t.Fatal("the push is never taken")
	}
	if event := events.wait(`"presence":"away"`); !strings.Contains(event, `"agent_id":"ana"`) ||
		strings.Contains(event, "zoe") {
		t.Errorf("a push for ana makes the stream send %s", event)
	}
	command("", "user", "disable", "lea")
	if err := eventually(func() bool { _, path := b.open("/"); return path == "/login" }); err != nil {
		t.Error("a disabled account still sees the board")
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
	events.end()
}

// stream is an open stream of events.
type stream struct {
	t     *testing.T
	body  io.ReadCloser
	lines *bufio.Scanner
}

func (b *browser) stream() *stream {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.d.url+"/api/v1/live/stream", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		b.t.Fatalf("the stream answers %d", answer.StatusCode)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return &stream{b.t, answer.Body, lines}
}

// wait reads on until an event holds the text, and returns its data.
func (s *stream) wait(text string) string {
	s.t.Helper()
	for s.lines.Scan() {
		if data, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok && strings.Contains(data, text) {
			return data
		}
	}
	s.t.Fatalf("the stream ended before it sent %s: %v", text, s.lines.Err())
	return ""
}

// end reads on until the server ends the stream.
func (s *stream) end() {
	s.t.Helper()
	for s.lines.Scan() {
		_ = s.lines.Text() // what comes on the way does not matter
	}
	if err := s.lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.t.Errorf("the stream ended with %v", err)
	}
}
