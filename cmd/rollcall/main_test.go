package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/schemas/engine"
)

// These tests use the program as people do: scripts under testdata/script run the real binary (this test binary,
// started again under the name rollcall), the tests in Go call run with a store of their own.

func TestMain(m *testing.M) {
	engine.RunChildIfAsked()
	testscript.Main(tests{m}, map[string]func(){"rollcall": main})
}

// tests stops the shared engine after the last test.
type tests struct{ m *testing.M }

// Run is called by testscript.
func (t tests) Run() int { return engine.RunTests(t.m) }

// sharedStore returns a store.url with a database of its own in the engine that all tests share.
func sharedStore(t engine.TB) string {
	at := engine.ForTest(t)
	return fmt.Sprintf("clickhouse://%s:%s@%s/t%s", at.User, at.Password, at.Addr, strings.ToLower(rand.Text()))
}

// program runs commands in this process, on a store of its own.
type program struct {
	t      *testing.T
	config string
}

func newProgram(t *testing.T) program {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("store:\n  url: %s\n  dir: %s\n", sharedStore(t), filepath.Join(dir, "data"))
	p := program{t, filepath.Join(dir, "rollcall.yaml")}
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// ok runs a command that has to succeed and returns its standard output.
func (p program) ok(args ...string) string {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), append([]string{"--config", p.config}, args...), &stdout, &stderr); code != 0 {
		p.t.Fatalf("rollcall %s: exit code %d\n%s%s", strings.Join(args, " "), code, &stdout, &stderr)
	}
	return stdout.String()
}

// long skips what takes tens of seconds, and why, in `make test`; `make test-all`, which CI runs, has it.
func long(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("takes long (%s); make test-all runs it", why)
	}
}
