package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// TB is the part of testing.TB that ForTest and StartForTest need; this
// package does not import testing, because programs import this package.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// testEngine is the one engine of a test binary. It is the package's only
// variable: the tests of a binary have nothing else in common to hang it on.
var testEngine struct {
	sync.Mutex
	engine *Engine
	dir    string
}

// TestConfig returns a Config for tests: in dir, not durable (fast), with
// short times.
func TestConfig(dir string) Config {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Durable = dir, false
	cfg.ProbeEvery = 200 * time.Millisecond
	return cfg
}

// RunTests is the body of a TestMain: it becomes the engine when asked, else
// runs the tests and stops the engine that ForTest started. It returns the
// exit code:
//
//	func TestMain(m *testing.M) { os.Exit(engine.RunTests(m)) }
func RunTests(m interface{ Run() int }) int {
	RunChildIfAsked()
	code := m.Run()
	if err := stopTestEngine(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the tests' engine:", err)
		return max(code, 1)
	}
	return code
}

// ForTest returns the endpoint of an engine that all tests of a binary share:
// the first call starts it, RunTests stops it. Tests keep out of each other's
// way by using databases of their own. Without an engine the test fails with
// the sentence that says what to run.
func ForTest(tb TB) Endpoint {
	tb.Helper()
	testEngine.Lock()
	defer testEngine.Unlock()
	if testEngine.engine == nil {
		if err := startTestEngine(); err != nil {
			tb.Fatalf("start the tests' engine: %v", err)
			return Endpoint{}
		}
	}
	at, err := testEngine.engine.Ready(context.Background())
	if err != nil {
		tb.Fatalf("wait for the tests' engine: %v", err)
	}
	return at
}

// StartForTest starts an engine of its own for one test in cfg.Dir and closes
// it when the test ends.
func StartForTest(tb TB, cfg Config) *Engine {
	tb.Helper()
	e, err := Open(context.Background(), cfg, Deps{})
	if err != nil {
		tb.Fatalf("start an engine: %v", err)
		return nil
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Fatalf("stop the engine: %v", err)
		}
	})
	return e
}

func startTestEngine() error {
	dir, err := os.MkdirTemp("", "rollcall-test-engine-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	e, err := Open(context.Background(), TestConfig(dir), Deps{})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	testEngine.engine, testEngine.dir = e, dir
	return nil
}

func stopTestEngine() error {
	testEngine.Lock()
	defer testEngine.Unlock()
	if testEngine.engine == nil {
		return nil
	}
	err := testEngine.engine.Close()
	testEngine.engine = nil
	return errors.Join(err, os.RemoveAll(testEngine.dir))
}
