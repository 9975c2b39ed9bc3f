package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	//nolint:depguard // proves that the driver gets on with the engine; programs do not link it
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver" //nolint:depguard // as above
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// roleVariable makes this test binary another rollcall, or a clickhouse program.
const roleVariable = "ENGINE_TEST_ROLE"

func TestMain(m *testing.M) {
	RunChildIfAsked()
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(RunTests(m))
	case "program":
		_ = os.Unsetenv(roleVariable)
		os.Exit(complain(becomeLibrary(os.Getenv("ENGINE_TEST_LIBRARY"), os.Args[1:])))
	default:
		os.Exit(playRollcall(Mode(role), os.Args[1]))
	}
}

// playRollcall is a rollcall process on dir: it prints its endpoint once it has
// one, and ends when its standard input does.
func playRollcall(mode Mode, dir string) int {
	cfg := TestConfig(dir)
	cfg.Mode = mode
	e, err := Open(context.Background(), cfg, Deps{Waiting: func(m string) { fmt.Fprintln(os.Stderr, m) }})
	if err != nil {
		return complain(err)
	}
	at, _ := e.Endpoint()
	_ = json.NewEncoder(os.Stdout).Encode(at)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := e.Close(); err != nil {
		return complain(err)
	}
	return 0
}

// rollcall is another process on a folder, seen from a test.
type rollcall struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
	says  *bufio.Reader
}

func startRollcall(t *testing.T, mode Mode, dir string) *rollcall {
	t.Helper()
	cmd := exec.Command(os.Args[0], dir)
	cmd.Env = append(os.Environ(), roleVariable+"="+string(mode))
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	says, err3 := cmd.StderrPipe()
	if err := errors.Join(err1, err2, err3, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return &rollcall{cmd: cmd, stdin: in, out: bufio.NewReader(out), says: bufio.NewReader(says)}
}

func (r *rollcall) endpoint(t *testing.T) Endpoint {
	t.Helper()
	line, err := r.out.ReadBytes('\n')
	if err != nil {
		rest, _ := io.ReadAll(r.says)
		t.Fatalf("the other rollcall said no endpoint (%v): %s", err, rest)
	}
	var at Endpoint
	if err := json.Unmarshal(line, &at); err != nil {
		t.Fatal(err)
	}
	return at
}

func connect(t *testing.T, at Endpoint) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{at.Addr},
		Auth: clickhouse.Auth{Username: at.User, Password: at.Password}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func must(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is more than one line", err)
	}
}

func opened(t *testing.T, cfg Config) (*Engine, Endpoint) {
	t.Helper()
	e := StartForTest(t, cfg)
	at, ok := e.Endpoint()
	if !ok {
		t.Fatal("an opened engine has no endpoint")
	}
	return e, at
}

// gone waits until nobody, neither rollcall nor engine, holds the folder.
func gone(t *testing.T, dir string) {
	t.Helper()
	lock, err := os.Open(filepath.Join(dir, "engine.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	free := make(chan error, 1)
	go func() { free <- unix.Flock(int(lock.Fd()), unix.LOCK_EX) }()
	select {
	case err := <-free:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("something still holds the folder")
	}
}

func TestAnEngineStartsAnswersAndLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := filepath.Join(t.TempDir(), "made", "here")
	e, err := Open(t.Context(), TestConfig(dir), Deps{})
	if err != nil {
		t.Fatal(err)
	}
	at, _ := e.Endpoint()
	if at.Version != "26.7" || at.Shared || at.PID != os.Getpid() {
		t.Errorf("endpoint %+v: want version 26.7, not shared, of this process", at)
	}
	if text := fmt.Sprintf("%v %+v %#v", at, at, at); strings.Contains(text, at.Password) {
		t.Error("a printed endpoint shows its password")
	}
	for _, name := range []string{"engine.json", "engine/users.xml", "engine/config.xml", "engine.lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode())
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(at.EnginePID) {
		t.Errorf("engine %d is still there after Close", at.EnginePID)
	}
	if err := probe(t.Context(), at, probeTimeout); !refused(err) {
		t.Errorf("after Close its address answers %v, want connection refused", err)
	}
	if _, err := readEndpoint(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("engine.json after Close: %v, want it gone", err)
	}
	if _, err := e.Ready(t.Context()); err == nil {
		t.Error("Ready after Close gives no error")
	}
}

func TestAKilledEngineComesBackWithItsRowsAtItsAddress(t *testing.T) {
	cfg := TestConfig(t.TempDir())
	cfg.Durable = true
	e, before := opened(t, cfg)
	conn := connect(t, before)
	must(t, conn, "CREATE DATABASE d", "CREATE TABLE d.t (x Int64) ENGINE MergeTree ORDER BY x",
		"INSERT INTO d.t SELECT number FROM numbers(1000)")
	var fsync string
	if err := conn.QueryRow(t.Context(),
		"SELECT value FROM system.merge_tree_settings WHERE name='fsync_after_insert'").Scan(&fsync); err != nil ||
		fsync != "1" {
		t.Errorf("a durable engine has fsync_after_insert %q (%v), want 1", fsync, err)
	}
	e.mu.Lock()
	_ = unix.Kill(before.EnginePID, unix.SIGKILL)
	e.mu.Unlock()
	after := readyAgain(t, e, before)
	if after.Addr != before.Addr {
		t.Errorf("address %s became %s, want the same", before.Addr, after.Addr)
	}
	var rows uint64
	if err := connect(t, after).QueryRow(t.Context(), "SELECT count() FROM d.t").Scan(&rows); err != nil || rows != 1000 {
		t.Errorf("%d rows after the kill (%v), want 1000", rows, err)
	}
}

// readyAgain waits for an engine that is another process than before.
func readyAgain(t *testing.T, e *Engine, before Endpoint) Endpoint {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		at, err := e.Ready(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if at.EnginePID != before.EnginePID {
			return at
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			t.Fatal("the engine did not come back")
		}
	}
}

func TestAnyLocalUserCanStopTheListenerButReadsNothing(t *testing.T) {
	e, before := opened(t, TestConfig(t.TempDir()))
	must(t, connect(t, before), "CREATE DATABASE d", "CREATE TABLE d.secret (x Int64) ENGINE MergeTree ORDER BY x")
	stranger := connect(t, Endpoint{Addr: before.Addr, User: "default"})
	for _, statement := range []string{
		"SELECT * FROM d.secret", "INSERT INTO d.secret SELECT 1", "DROP DATABASE d", "CREATE TABLE t (x Int8) ENGINE Memory",
		"SELECT * FROM file('/etc/passwd','LineAsString')", "SELECT * FROM url('http://127.0.0.1/')", "CREATE USER u",
		"SELECT * FROM system.processes",
		"SYSTEM SHUTDOWN",
	} {
		if err := stranger.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "ACCESS_DENIED") &&
			!strings.Contains(err.Error(), "ot enough privileges") {
			t.Errorf("default may %s: %v", statement, err)
		}
	}
	wrong := before
	wrong.Password = "guess"
	if err := probe(t.Context(), wrong, probeTimeout); err == nil {
		t.Error("a wrong password is let in")
	}
	_ = stranger.Exec(t.Context(), "SYSTEM STOP LISTEN TCP")
	readyAgain(t, e, before)
}

func TestAnEngineDiesWithItsKilledParent(t *testing.T) {
	dir := t.TempDir()
	daemon := startRollcall(t, Daemon, dir)
	at := daemon.endpoint(t)
	if err := daemon.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	gone(t, dir)
	if err := probe(t.Context(), at, probeTimeout); !refused(err) {
		t.Errorf("the orphan's address answers %v, want connection refused", err)
	}
	_, next := opened(t, TestConfig(dir)) // the stale engine.json and lock text are no hindrance
	if next.Password == at.Password {
		t.Error("a new owner kept the old password")
	}
}

func TestAChildEndsWhenThePipeOfItsParentDoes(t *testing.T) {
	cfg := TestConfig(t.TempDir())
	owned, _, err := takeFolder(cfg.Dir, Command)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Find(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err = writeSettings(cfg, owned.credentials); err != nil {
		t.Fatal(err)
	}
	c, err := startChild(path, owned, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.answers(t.Context(), cfg.StartTimeout, owned.credentials); err != nil {
		t.Fatal(err)
	}
	_ = c.lifeline.Close()
	<-c.ended
	if err := owned.release(); err != nil {
		t.Fatal(err)
	}
	gone(t, cfg.Dir)
}

func TestATakenPortEndsTheChildInsteadOfLeavingItDeaf(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg := TestConfig(t.TempDir())
	owned, _, err := takeFolder(cfg.Dir, Command)
	if err != nil {
		t.Fatal(err)
	}
	defer owned.release()
	path, err := Find(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(cfg, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	life, err := e.live(t.Context(), path, owned, taken.Addr().(*net.TCPAddr).Port)
	wantError(t, err, "last words", "Address already in use")
	if life.port != 0 {
		t.Errorf("the next start would want port %d again", life.port)
	}
}

func TestACommandReusesTheDaemonsEngineAndLeavesItRunning(t *testing.T) {
	dir := t.TempDir()
	daemon := startRollcall(t, Daemon, dir)
	theirs := daemon.endpoint(t)
	e, err := Open(t.Context(), TestConfig(dir), Deps{})
	if err != nil {
		t.Fatal(err)
	}
	ours, _ := e.Endpoint()
	if !e.isAttached() || ours != theirs {
		t.Errorf("the command uses %v, want the daemon's %v", ours, theirs)
	}
	if err = e.Close(); err != nil {
		t.Fatal(err)
	}
	if err = probe(t.Context(), theirs, probeTimeout); err != nil {
		t.Errorf("closing a command took the daemon's engine away: %v", err)
	}
	cfg := TestConfig(dir)
	cfg.Mode = Daemon
	_, err = Open(t.Context(), cfg, Deps{})
	wantError(t, err, dir, "another rollcall daemon", fmt.Sprint(daemon.cmd.Process.Pid), "store.dir")
}

func TestACommandWaitsForAnotherCommandAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	first := startRollcall(t, Command, dir)
	theirs := first.endpoint(t)
	told := make(chan string, 10)
	var second *Engine
	done := make(chan error, 1)
	go func() {
		var err error
		second, err = Open(t.Context(), TestConfig(dir), Deps{Waiting: func(m string) { told <- m }})
		done <- err
	}()
	if message := <-told; !strings.Contains(message, fmt.Sprintf("(pid %d)", first.cmd.Process.Pid)) ||
		!strings.Contains(message, dir) {
		t.Errorf("waiting message %q names no pid or folder", message)
	}
	select {
	case err := <-done:
		t.Fatalf("the second command did not wait: %v", err)
	default:
	}
	_ = first.stdin.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if ours, _ := second.Endpoint(); ours.Password == theirs.Password || second.isAttached() {
		t.Error("a command's engine was shared")
	}
	if len(told) != 0 {
		t.Errorf("told again: %q", <-told)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	cfg := TestConfig(t.TempDir())
	owned, _, err := takeFolder(cfg.Dir, Command)
	if err != nil {
		t.Fatal(err)
	}
	defer owned.release()
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Open(ctx, cfg, Deps{Waiting: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ended with %v, want context canceled", err)
	}
}

func TestAClickHouseProgramServesAsWell(t *testing.T) {
	cfg := TestConfig(t.TempDir())
	cfg.Engine = fakeProgram(t, "26.7.3.1")
	e, err := Open(t.Context(), cfg, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	at, _ := e.Endpoint()
	must(t, connect(t, at), "SELECT 1")
	_ = unix.Kill(at.EnginePID, unix.SIGKILL) // the overseer: the program below it must not live on
	at = readyAgain(t, e, at)
	must(t, connect(t, at), "SELECT 1")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := probe(t.Context(), at, probeTimeout); !refused(err) {
		t.Errorf("after Close its address answers %v, want connection refused", err)
	}
}

// fakeProgram makes a clickhouse program out of this test binary and the library.
func fakeProgram(t *testing.T, version string) string {
	t.Helper()
	library, err := libraryPath("")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "clickhouse")
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = local ] || exit 9\nshift\n[ \"$1\" = --version ] && echo 'ClickHouse "+
		"local version %s (official build).' && exit\n"+
		"export %s=program ENGINE_TEST_LIBRARY='%s'\nexec '%s' \"$@\"\n", version, roleVariable, library, os.Args[0])
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnEngineOneSentenceSaysWhatToRun(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "libchdb.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		engine string
		says   []string
	}{
		"nothing fetched":   {"", []string{"make engine", "rollcall engine fetch", "store.engine"}},
		"missing library":   {filepath.Join(dir, "no.so"), []string{"no.so", "does not exist", "make engine"}},
		"missing program":   {filepath.Join(dir, "clickhouse"), []string{"store.engine", "clickhouse", "can be run"}},
		"a folder":          {dir, []string{"store.engine", dir}},
		"too old a program": {fakeProgram(t, "25.8.1.1"), []string{"25.8", "26.6 or later"}},
		"no clickhouse":     {"/bin/true", []string{"no clickhouse program"}},
		"no library":        {text, []string{"libchdb.so", "load engine library"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			cfg := TestConfig(t.TempDir())
			cfg.CacheDir, cfg.Engine = t.TempDir(), c.engine
			_, err := Open(t.Context(), cfg, Deps{})
			wantError(t, err, c.says...)
		})
	}
}

func TestAFolderThatCannotBeUsedIsOneSentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		_, err := Open(t.Context(), TestConfig(dir), Deps{})
		wantError(t, err, dir, "a file is in the way", "store.dir")
	}
	for _, c := range []struct {
		number unix.Errno
		says   string
	}{
		{unix.EROFS, "read-only"}, {unix.ENOSPC, "disk is full"}, {unix.EDQUOT, "disk is full"},
		{unix.EACCES, "permission denied; give"}, {unix.EPERM, "permission denied; give"},
	} {
		err := explain("d", "write engine.json", &os.PathError{Op: "open", Path: "d/engine.json", Err: c.number})
		wantError(t, err, "folder d: cannot write engine.json", c.says)
		if !errors.Is(err, c.number) {
			t.Errorf("%v hides its cause", err)
		}
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for says, change := range map[string]func(*Config){
		"store.dir": func(c *Config) { c.Dir = "" }, "mode": func(c *Config) { c.Mode = "both" },
		"negative": func(c *Config) { c.MemoryBytes = -1 }, "times": func(c *Config) { c.StopTimeout = 0 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		_, err := New(cfg, Deps{})
		wantError(t, err, says)
	}
}

func TestTheTestsOfABinaryShareOneEngine(t *testing.T) {
	if one, two := ForTest(t), ForTest(t); one != two || probe(t.Context(), one, probeTimeout) != nil {
		t.Errorf("ForTest gave %v and %v, want the same that answers", one, two)
	}
}
