package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// child is a running engine, seen from its parent.
type child struct {
	cmd       *exec.Cmd
	says      *speech
	lifeline  *os.File      // closing it, or dying, ends the child
	ended     chan struct{} // closed when the process has gone
	listening int           // the port, once it answers
}

// startChild starts this program again as an engine on the folder; port 0
// takes a free one.
func startChild(binary Binary, cfg Config, owned *folder, port int) (*child, error) {
	c, err := spawn(binary.Path, arguments(cfg.Dir, port), engineDir(cfg.Dir), owned.lock)
	if err != nil {
		return nil, explain(cfg.Dir, "start the engine", err)
	}
	return c, nil
}

// spawn starts this program as a child that becomes the binary at path.
func spawn(path string, args []string, dir string, lock *os.File) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	defer func() { _ = theirs.Close() }()
	c := &child{says: newSpeech(), lifeline: ours, ended: make(chan struct{})}
	c.cmd = exec.Command(self, args...) //nolint:gosec,noctx // our own program; it is stopped by stop and by the pipe
	c.cmd.Dir = dir
	c.cmd.Env = childEnvironment(path)
	c.cmd.Stderr = c.says
	c.cmd.Stdout = &c.says.printed
	c.cmd.ExtraFiles = []*os.File{theirs}
	if lock != nil {
		c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, lock)
	}
	c.cmd.WaitDelay = 2 * time.Second
	// A group of its own: Ctrl-C at the terminal is for us, and we can end all
	// of it, also the program below an overseer.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieByParentSignal(c.cmd.SysProcAttr)
	if err := c.begin(); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	return c, nil
}

// begin forks on a thread that lives as long as the child: the parent-death
// signal fires when that thread ends.
func (c *child) begin() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = c.cmd.Wait() // ProcessState and the speech tell why
		close(c.ended)
	}()
	return <-started
}

// childEnvironment is ours without rollcall's own keys, which may hold secrets.
func childEnvironment(path string) []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "ROLLCALL_") {
			env = append(env, entry)
		}
	}
	return append(env, childVariable+"="+path)
}

// answers waits until the child has said its port and greets us there.
func (c *child) answers(ctx context.Context, timeout time.Duration, as credentials) (Endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var port int
	select {
	case port = <-c.says.port:
	case <-c.ended:
		return Endpoint{}, c.whyEnded()
	case <-ctx.Done():
		return Endpoint{}, fmt.Errorf("engine did not listen within %v; its last words: %s", timeout, c.says.last())
	}
	at := Endpoint{
		Addr: "127.0.0.1:" + strconv.Itoa(port), User: as.User, Password: as.Password,
		PID: os.Getpid(), EnginePID: c.cmd.Process.Pid,
	}
	version, err := greet(ctx, at, timeout)
	if err != nil {
		return Endpoint{}, fmt.Errorf("engine listens but does not answer: %w", err)
	}
	if !recent(version) {
		return Endpoint{}, &hopeless{
			fmt.Errorf("the engine is ClickHouse %s, rollcall needs %s or later: name another store.engine or leave it out",
				version, oldest)}
	}
	at.Version, c.listening = version, port
	return at, nil
}

// whyEnded names the end of the process and its last words.
func (c *child) whyEnded() error {
	return fmt.Errorf("engine (pid %d) ended: %v; its last words: %s", c.cmd.Process.Pid, c.cmd.ProcessState,
		c.says.last())
}

// stop ends the child and all it started: SIGTERM, and SIGKILL after timeout.
func (c *child) stop(timeout time.Duration) {
	group := -c.cmd.Process.Pid
	_ = unix.Kill(group, unix.SIGTERM)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
	}
	_ = unix.Kill(group, unix.SIGKILL)
	<-c.ended
	_ = c.lifeline.Close()
}

// speech reads what a child writes: finds the port in its log on standard
// error and remembers the last lines for an error message.
type speech struct {
	port    chan int // gets the port once
	printed bytes.Buffer

	mu    sync.Mutex
	rest  []byte
	lines []string
}

// Bounds of what a speech remembers.
const (
	longestLine = 4096
	lastLines   = 6
)

// frame is a line of a stack trace, which says nothing without symbols.
var frame = regexp.MustCompile(`^\d+\. .* @ 0x[0-9a-f]+$`)

var listens = regexp.MustCompile(`Listening for native protocol \(tcp\): \S*:(\d+)\s*$`)

func newSpeech() *speech { return &speech{port: make(chan int, 1)} }

// Write takes the next bytes of the child's standard error.
func (s *speech) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, p...)
	for {
		line, rest, found := bytes.Cut(s.rest, []byte("\n"))
		if !found && len(s.rest) < longestLine {
			return len(p), nil
		}
		s.hear(string(line))
		s.rest = bytes.Clone(rest)
	}
}

func (s *speech) hear(line string) {
	if found := listens.FindStringSubmatch(line); found != nil {
		if port, err := strconv.Atoi(found[1]); err == nil {
			select {
			case s.port <- port:
			default:
			}
		}
	}
	if line = strings.TrimSpace(line); line == "" || routine(line) || frame.MatchString(line) {
		return
	}
	s.lines = append(s.lines, line[:min(len(line), 500)])
	s.lines = s.lines[max(0, len(s.lines)-lastLines):]
}

// routine reports lines of the log that never explain an end.
func routine(line string) bool {
	for _, level := range []string{"<Information>", "<Debug>", "<Trace>", "Logging information to"} {
		if strings.Contains(line, level) {
			return true
		}
	}
	return false
}

// last returns the last lines that may explain an end.
func (s *speech) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	if rest := strings.TrimSpace(string(s.rest)); rest != "" {
		lines = append(lines[:len(lines):len(lines)], rest)
	}
	if len(lines) == 0 {
		return "none"
	}
	return strings.Join(lines, " / ")
}
