// Package engine runs a real ClickHouse beside rollcall when nobody
// has given it a server: it finds the engine, starts it as a child process,
// watches it, starts it again when it died, and stops it.
//
// Nouns: an engine (the child process that speaks the native protocol on
// 127.0.0.1), a Binary (what it is started from: the chDB library or a
// clickhouse program), a folder (store.dir, owned by one process at a time), an
// Endpoint (address, user and password of a running engine).
//
// In the folder lie engine.lock (who owns the folder), engine.json (the
// Endpoint while an engine runs, mode 0600) and engine/ (configuration, log and
// data of ClickHouse). In the user's cache folder lies the library that
// Fetch brings.
//
// Guarantees: two processes never run an engine on one folder; no engine
// outlives the process that started it, even when that is killed; what the
// engine has confirmed with Config.Durable is on disk; stopping is bounded by
// Config.StopTimeout.
//
// # Why
//
// The engine is a child and not a library in our own process, so that a crash
// or a lack of memory in it never takes the daemon down with it, and so that
// the same driver and protocol serve both the embedded engine and a server.
// The child is our own program started again, because then there is one file
// to install and any test binary can have a real engine (RunChildIfAsked).
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sirupsen/logrus"
)

// Mode says for how long a process wants the folder.
type Mode string

const (
	// Command owns the folder for the length of one short command. It reuses the
	// engine of a daemon and waits for another command.
	Command Mode = "command"
	// Daemon owns the folder until it is stopped and shares its engine with
	// commands. A second daemon on one folder is refused.
	Daemon Mode = "daemon"
)

// Config says where the engine lives and how it behaves.
type Config struct {
	// Dir is store.dir; it is made with mode 0700 when it does not exist.
	Dir string
	// Engine is store.engine: a libchdb library or a clickhouse program. Empty
	// means the library that Fetch keeps in CacheDir.
	Engine string
	// CacheDir is where fetched engines are stored; empty means
	// rollcall/engine in the user's cache folder.
	CacheDir string
	// Mode is Command or Daemon.
	Mode Mode
	// MemoryBytes bounds the engine's memory (max_server_memory_usage); 0 means
	// half of the machine's memory.
	MemoryBytes int64
	// Durable makes every insert and merge reach the disk before it is
	// confirmed. Only tests turn it off.
	Durable bool
	// StartTimeout bounds one start, from the fork to the first answer.
	StartTimeout time.Duration
	// StopTimeout bounds the wait after SIGTERM, before SIGKILL.
	StopTimeout time.Duration
	// ProbeEvery is the pause between two health checks.
	ProbeEvery time.Duration
}

// DefaultConfig returns the configuration of a durable engine in
// ./rollcall-data for one command.
func DefaultConfig() Config {
	return Config{
		Dir:          "rollcall-data",
		Mode:         Command,
		Durable:      true,
		StartTimeout: time.Minute,
		StopTimeout:  5 * time.Second,
		ProbeEvery:   2 * time.Second,
	}
}

// Validate reports the first field that cannot be worked with.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("store.dir is empty: name a folder for the engine's data")
	case c.Mode != Command && c.Mode != Daemon:
		return fmt.Errorf("engine mode %q: want %q or %q", c.Mode, Command, Daemon)
	case c.MemoryBytes < 0:
		return fmt.Errorf("engine memory %d bytes is negative: give bytes, or 0 for half of the machine's memory",
			c.MemoryBytes)
	case c.StartTimeout <= 0 || c.StopTimeout <= 0 || c.ProbeEvery <= 0:
		return fmt.Errorf("engine times (start %v, stop %v, probe %v) must all be above zero", c.StartTimeout, c.StopTimeout,
			c.ProbeEvery)
	}
	return nil
}

// Deps is what an Engine needs from outside.
type Deps struct {
	// Log gets starts, deaths and restarts; nil means no log.
	Log logrus.FieldLogger
	// Waiting is called, once per reason, with why the folder cannot be had yet; nil
	// means no message.
	Waiting func(message string)
}

// Engine is one process's hold on the ClickHouse of a folder: its own child, or
// the one that a daemon shares.
type Engine struct {
	cfg  Config
	deps Deps

	mu       sync.Mutex
	current  *Endpoint     // nil while nothing answers
	ready    chan struct{} // closed while current is set
	attached bool          // the engine is a daemon's
	cancel   context.CancelFunc

	ended chan struct{} // closed when Run has returned
	err   error         // what Run returned; read after ended
}

// New returns an Engine that does nothing until Run or Open.
func New(cfg Config, deps Deps) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find folder %s: %w", cfg.Dir, err)
	}
	cfg.Dir = dir
	if deps.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		deps.Log = quiet
	}
	if deps.Waiting == nil {
		deps.Waiting = func(string) {}
	}
	return &Engine{cfg: cfg, deps: deps, ready: make(chan struct{}), ended: make(chan struct{})}, nil
}

// Open starts an Engine and returns when it answers. The caller must Close it.
// While another command owns the folder it waits until ctx ends. ctx bounds
// the opening only.
func Open(ctx context.Context, cfg Config, deps Deps) (*Engine, error) {
	e, err := New(cfg, deps)
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	go func() { _ = e.Run(running) }() // Ready and Close report what it returns
	if _, err := e.Ready(ctx); err != nil {
		return nil, errors.Join(err, e.closeAfter(err))
	}
	return e, nil
}

// closeAfter closes e and leaves out an error that is already reported.
func (e *Engine) closeAfter(reported error) error {
	if err := e.Close(); err != nil && !errors.Is(reported, err) {
		return err
	}
	return nil
}

// Close stops what Open started and waits for it. An engine that belongs to a
// daemon goes on.
func (e *Engine) Close() error {
	if e.cancel == nil {
		return errors.New("close engine: it was not opened by Open; end the context of Run instead")
	}
	e.cancel()
	<-e.ended
	return e.err
}

// Run owns the folder and keeps an engine running until ctx ends, then stops
// it and returns nil. It may be called once. It returns an error at once for
// what a new start cannot repair: no engine to be found, a folder that cannot be
// written, another daemon on the folder; as a Command also when the engine
// does not start at the first try.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.ended)
	e.err = e.run(ctx)
	return e.err
}

func (e *Engine) run(ctx context.Context) error {
	if os.Getenv(childVariable) != "" {
		return errors.New("this program was started as an engine but did not become one: its main or TestMain must call " +
			"engine.RunChildIfAsked first")
	}
	owned, shared, err := e.own(ctx)
	if err != nil {
		return err
	}
	if owned == nil {
		e.attach(shared)
		<-ctx.Done()
		e.lost()
		return nil
	}
	return errors.Join(e.keepRunning(ctx, owned), owned.release())
}

// Ready waits until the engine answers and returns where. It returns what Run
// returned when that ended first.
func (e *Engine) Ready(ctx context.Context) (Endpoint, error) {
	for {
		e.mu.Lock()
		ready := e.ready
		e.mu.Unlock()
		select {
		case <-ready:
			if at, ok := e.Endpoint(); ok {
				return at, nil
			}
		case <-e.ended:
			if e.err != nil {
				return Endpoint{}, e.err
			}
			return Endpoint{}, errors.New("wait for the engine: it was stopped")
		case <-ctx.Done():
			return Endpoint{}, fmt.Errorf("wait for the engine in %s: %w", e.cfg.Dir, ctx.Err())
		}
	}
}

// Endpoint returns where the engine answers now, and false while it does not.
// It can change whenever the engine was started again, so ask for every new
// connection.
func (e *Engine) Endpoint() (Endpoint, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		return Endpoint{}, false
	}
	if e.attached {
		if now, err := readEndpoint(e.cfg.Dir); err == nil && now.Shared {
			e.current = &now
		}
	}
	return *e.current, true
}

// isAttached reports whether the engine belongs to a daemon.
func (e *Engine) isAttached() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.attached
}

func (e *Engine) attach(at Endpoint) {
	e.mu.Lock()
	e.attached = true
	e.mu.Unlock()
	e.found(at)
}

func (e *Engine) found(at Endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		close(e.ready)
	}
	e.current = &at
}

func (e *Engine) lost() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current != nil {
		e.ready = make(chan struct{})
	}
	e.current = nil
}

// own takes the folder, or returns the Endpoint that a daemon shares with this
// command. It waits for a command that owns the folder.
func (e *Engine) own(ctx context.Context) (*folder, Endpoint, error) {
	said := ""
	for {
		owned, holder, err := takeFolder(e.cfg.Dir, e.cfg.Mode)
		if err != nil || owned != nil {
			return owned, Endpoint{}, err
		}
		if holder.Mode == Daemon && e.cfg.Mode == Daemon && alive(holder.PID) {
			return nil, Endpoint{}, fmt.Errorf(
				"folder %s is in use by another rollcall daemon (pid %d): stop that one, or give this one its own store.dir",
				e.cfg.Dir, holder.PID)
		}
		if holder.Mode == Daemon {
			if at, err := readEndpoint(e.cfg.Dir); err == nil && at.Shared && probe(ctx, at, probeTimeout) == nil {
				return nil, at, nil
			}
		}
		if message := holder.waitingFor(e.cfg.Dir); message != said && alive(holder.PID) {
			said = message
			e.deps.Waiting(message)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, Endpoint{}, fmt.Errorf("%s: %w", holder.waitingFor(e.cfg.Dir), err)
		}
	}
}

// keepRunning starts the engine again whenever it ends, with growing pauses.
func (e *Engine) keepRunning(ctx context.Context, owned *folder) error {
	path, err := Find(ctx, e.cfg)
	if err != nil {
		return err
	}
	again := backoff.NewExponentialBackOff()
	again.InitialInterval, again.MaxInterval = 100*time.Millisecond, 15*time.Second
	port := 0 // the first start takes a free one, later ones want the same again
	for first := true; ; first = false {
		life, err := e.live(ctx, path, owned, port)
		if ctx.Err() != nil {
			return nil
		}
		if errors.As(err, new(*backoff.PermanentError)) || (first && life.port == 0 && e.cfg.Mode == Command) {
			return err
		}
		if life.healthy > healthyProbes {
			again.Reset()
		}
		port = life.port
		wait := again.NextBackOff()
		e.deps.Log.WithError(err).WithField("pause_ms", wait.Milliseconds()).Error("engine ended, starting it again")
		if pause(ctx, wait) != nil {
			return nil
		}
	}
}

// healthyProbes is how many good probes in a row make the next pause short again.
const healthyProbes = 10

// life is what one run of the child came to.
type life struct {
	port    int // where it answered, 0 if it never did
	healthy int // probes it passed
}

// live runs one child from start to end and returns why it ended.
func (e *Engine) live(ctx context.Context, path string, owned *folder, port int) (life, error) {
	defer e.lost()
	if err := writeSettings(e.cfg, owned.credentials); err != nil {
		return life{}, err
	}
	child, err := startChild(path, owned, port)
	if err != nil {
		return life{}, err
	}
	defer child.stop(e.cfg.StopTimeout)
	at, err := child.answers(ctx, e.cfg.StartTimeout, owned.credentials)
	if err != nil {
		return life{}, err
	}
	at.Shared = e.cfg.Mode == Daemon
	if err = writeEndpoint(e.cfg.Dir, at); err != nil {
		return life{}, err
	}
	e.found(at)
	e.deps.Log.WithFields(logrus.Fields{"addr": at.Addr, "pid": at.EnginePID, "version": at.Version}).Info(
		"engine answers")
	healthy, err := e.watch(ctx, child, at)
	return life{port: child.listening, healthy: healthy}, err
}

// watch probes the engine until it ends, stops answering or ctx ends, and
// returns how often it answered.
func (e *Engine) watch(ctx context.Context, child *child, at Endpoint) (int, error) {
	tick := time.NewTicker(e.cfg.ProbeEvery)
	defer tick.Stop()
	healthy, bad := 0, 0
	for {
		select {
		case <-ctx.Done():
			return healthy, nil
		case <-child.ended:
			return healthy, child.whyEnded()
		case <-tick.C:
		}
		err := probe(ctx, at, probeTimeout)
		if err == nil {
			healthy, bad = healthy+1, 0
			continue
		}
		if bad++; refused(err) && bad >= 2 || bad >= 6 {
			return healthy, fmt.Errorf("engine runs but does not answer: %w", err)
		}
	}
}

// pause waits for d, or returns the context's error when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
