package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// guard ends a wait that would otherwise last for ever; nothing is measured by it.
const guard = time.Minute

// stopWithin is the time that the daemon has to stop.
const stopWithin = 10 * time.Second

// eventually waits until the condition holds. What it looks at lies in other processes, so that it has to look again
// and again.
func eventually(holds func() bool) error {
	tick, end := time.NewTicker(20*time.Millisecond), time.After(guard)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			return errors.New("waited in vain")
		}
	}
	return nil
}

// daemon is `rollcall serve` as a process of its own.
type daemon struct {
	cmd   *exec.Cmd
	url   string
	said  speech
	ended chan struct{}
}

// speech is what a process wrote.
type speech struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to it.
func (s *speech) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String returns the end of it, which says most.
func (s *speech) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()[max(0, s.b.Len()-3000):]
}

// startDaemon starts `rollcall serve` and returns when it has printed its address.
func startDaemon(dir string, env []string) (*daemon, error) {
	//nolint:noctx // stopped by stop and kill
	d := &daemon{cmd: exec.Command("rollcall", "serve"), ended: make(chan struct{})}
	d.cmd.Dir, d.cmd.Env, d.cmd.Stderr = dir, env, &d.said
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	address := make(chan string, 1)
	go func() {
		defer close(d.ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if at, ok := strings.CutPrefix(lines.Text(), "rollcall listens on "); ok {
				address <- at
			}
		}
		_ = d.cmd.Wait() // ProcessState says how it ended
	}()
	select {
	case d.url = <-address:
		return d, nil
	case <-d.ended:
		return nil, fmt.Errorf("serve ended (%v): %s", d.cmd.ProcessState, d.said.String())
	case <-time.After(guard):
		d.kill()
		return nil, fmt.Errorf("serve printed no address: %s", d.said.String())
	}
}

// stop ends the daemon as an operator does.
func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-d.ended:
	case <-time.After(stopWithin):
		return fmt.Errorf("the daemon did not stop within %v", stopWithin)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("the daemon ended with %v, want code 0", d.cmd.ProcessState)
	}
	return nil
}

// kill ends the daemon as a lack of memory does.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill() // it may have ended
	<-d.ended
}

// call makes one request and returns code and body of the answer.
func (d *daemon) call(method, path, token, body string) (int, string, error) {
	r, err := http.NewRequest(method, d.url+path, strings.NewReader(body)) //nolint:noctx // the client has a time limit
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: guard}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), errors.Join(err, answer.Body.Close())
}

// enginePID returns the process of the engine that runs on the folder.
func enginePID(dir string) (int, error) {
	var at struct {
		EnginePID int `json:"engine_pid"`
	}
	var read error
	err := eventually(func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "engine.json")) //nolint:gosec // a file of the test
		read = errors.Join(err, json.Unmarshal(text, &at))
		return read == nil
	})
	return at.EnginePID, errors.Join(err, read)
}

func killPID(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }

// gone waits until the process has ended.
func gone(pid int) error {
	if eventually(func() bool { return !exists(pid) }) != nil {
		return fmt.Errorf("process %d outlives the one that started it", pid)
	}
	return nil
}

// exists says whether the process runs; one that has ended and was not waited for yet does not.
func exists(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) || !hasProc()
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// hasProc says whether this system lists its processes under /proc.
func hasProc() bool {
	_, err := os.Stat("/proc/self/cmdline")
	return err == nil
}

// enginesIn lists the processes that name the folder on their command line, as an engine does. Where a system has no
// /proc it finds none.
func enginesIn(dir string) []string {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil
	}
	var found []string
	for _, f := range files {
		line, err := os.ReadFile(f) //nolint:gosec // the system's
		if err == nil && bytes.Contains(line, []byte(dir)) {
			found = append(found, f+" "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return found
}
