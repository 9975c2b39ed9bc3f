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
	output    *output
	lifeline  *os.File      // closing it, or dying, ends the child
	ended     chan struct{} // closed when the process has gone
	listening int           // the port, once it answers
}

// startChild starts this program again, as a child that becomes the library or program at path and serves the folder;
// port 0 takes a free one.
func startChild(path string, owned *folder, port int) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, explain(owned.dir, "start the engine", err)
	}
	defer func() { _ = theirs.Close() }()
	c := &child{output: newOutput(), lifeline: ours, ended: make(chan struct{})}
	//nolint:gosec,noctx // our own program; it is stopped by stop and by the pipe
	c.cmd = exec.Command(self, arguments(owned.dir, port)...)
	c.cmd.Dir = engineDir(owned.dir)
	c.cmd.Env = childEnvironment(path)
	c.cmd.Stderr = c.output
	c.cmd.Stdout = &c.output.printed
	c.cmd.ExtraFiles = []*os.File{theirs, owned.lock}
	c.cmd.WaitDelay = 2 * time.Second
	// A group of its own: Ctrl-C at the terminal is for us, and we can end all
	// of it, also the program below an overseer.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieByParentSignal(c.cmd.SysProcAttr)
	if err := c.begin(); err != nil {
		return nil, errors.Join(explain(owned.dir, "start the engine", err), ours.Close())
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
		_ = c.cmd.Wait() // ProcessState and the output say why
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

// answers waits until the child listens and greets us.
func (c *child) answers(ctx context.Context, timeout time.Duration, as credentials) (Endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var port int
	select {
	case port = <-c.output.port:
	case <-c.ended:
		return Endpoint{}, c.whyEnded()
	case <-ctx.Done():
		return Endpoint{}, fmt.Errorf("engine did not listen within %v; its last words: %s", timeout, c.output.last())
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
		return Endpoint{}, permanent("the engine is ClickHouse %s, rollcall needs %s or later: name another store.engine or "+
			"leave it out", version, oldest)
	}
	at.Version, c.listening = version, port
	return at, nil
}

// whyEnded names the end of the process and its last words.
func (c *child) whyEnded() error {
	return fmt.Errorf("engine (pid %d) ended: %v; its last words: %s", c.cmd.Process.Pid, c.cmd.ProcessState,
		c.output.last())
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

// output reads what a child writes: finds the port in its log on standard
// error and remembers the last lines for an error message.
type output struct {
	port    chan int // gets the port once
	printed bytes.Buffer

	mu    sync.Mutex
	rest  []byte
	lines []string
}

// Bounds of what is remembered.
const (
	longestLine = 4096
	lastLines   = 6
)

// frame is a line of a stack trace, which says nothing without symbols.
var frame = regexp.MustCompile(`^\d+\. .* @ 0x[0-9a-f]+$`)

var listens = regexp.MustCompile(`Listening for native protocol \(tcp\): \S*:(\d+)\s*$`)

func newOutput() *output { return &output{port: make(chan int, 1)} }

// Write takes the next bytes of the child's standard error.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, found := bytes.Cut(o.rest, []byte("\n"))
		if !found && len(o.rest) < longestLine {
			return len(p), nil
		}
		o.take(string(line))
		o.rest = bytes.Clone(rest)
	}
}

func (o *output) take(line string) {
	if found := listens.FindStringSubmatch(line); found != nil {
		if port, err := strconv.Atoi(found[1]); err == nil {
			select {
			case o.port <- port:
			default:
			}
		}
	}
	if line = strings.TrimSpace(line); line == "" || routine(line) || frame.MatchString(line) {
		return
	}
	o.lines = append(o.lines, line[:min(len(line), 500)])
	o.lines = o.lines[max(0, len(o.lines)-lastLines):]
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
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := o.lines
	if rest := strings.TrimSpace(string(o.rest)); rest != "" {
		lines = append(lines[:len(lines):len(lines)], rest)
	}
	if len(lines) == 0 {
		return "none"
	}
	return strings.Join(lines, " / ")
}
