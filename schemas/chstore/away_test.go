package chstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rollcall/schemas"
	"rollcall/schemas/engine"
)

// TestEngineKilledBetweenWrites kills the engine under the store: the write says that the store is away, nothing that
// was confirmed is lost, and the same store goes on with the engine that comes back.
func TestEngineKilledBetweenWrites(t *testing.T) {
	cfg := engine.TestConfig(t.TempDir())
	cfg.Durable = true
	e := engine.StartForTest(t, cfg)
	config := DefaultConfig()
	config.Endpoint = func(ctx context.Context) (Endpoint, error) {
		at, err := e.Ready(ctx)
		return Endpoint{Addr: at.Addr, User: at.User, Password: at.Password}, err
	}
	s := must[*Store](t)(New(config))
	defer func() { check(t, s.Close()) }()
	must[[]string](t)(s.Migrate(ctx))
	writeChanges(t, s, t0, change("ana", 0, "1", available))
	at, _ := e.Endpoint()
	check(t, syscall.Kill(at.EnginePID, syscall.SIGKILL))
	row := journalRow(schemas.JournalChanges, t0+1)
	batch := []schemas.Change{{AgentID: "ana", At: t0 + 1, ID: "2", Source: "g", Presence: away2, ReceivedAt: t0 + 1}}
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		err := s.WriteChanges(limited, row, batch)
		if err == nil {
			break
		}
		if !errors.Is(err, schemas.ErrUnavailable) {
			t.Fatalf("a store whose engine was killed gives %v", err)
		}
	}
	wantLines(t, factLines(t, s, FactQuery{}), "ana 0 available//", "ana 0 away//")
}

func TestNobodyListens(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cfg := DefaultConfig()
	cfg.Endpoint = Fixed(Endpoint{Addr: "127.0.0.1:1", User: "u", Password: "secret"})
	s := must[*Store](t)(New(cfg))
	defer func() { check(t, s.Close()) }()
	err := s.ping(ctx)
	if !errors.Is(err, schemas.ErrUnavailable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	cfg.Endpoint = func(context.Context) (Endpoint, error) { return Endpoint{}, os.ErrNotExist }
	unknown := must[*Store](t)(New(cfg))
	defer func() { check(t, unknown.Close()) }()
	if err := unknown.ping(ctx); !errors.Is(err, schemas.ErrUnavailable) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAWrongPasswordIsNotBeingAway(t *testing.T) {
	e := engine.StartForTest(t, engine.TestConfig(t.TempDir())) // one of its own: the library dies of a log-on that fails
	at, _ := e.Endpoint()
	cfg := DefaultConfig()
	cfg.Endpoint = Fixed(Endpoint{Addr: at.Addr, User: at.User, Password: "wrong"})
	s := must[*Store](t)(New(cfg))
	defer func() { check(t, s.Close()) }()
	if err := s.ping(ctx); !errors.Is(err, ErrLogOn) || errors.Is(err, schemas.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// TestAStoreWithoutADatabase asks for the schema and for rows where there is no database yet; the engine must live
// through it.
func TestAStoreWithoutADatabase(t *testing.T) {
	s := emptyStore(t)
	for range 3 {
		if v := must[string](t)(s.SchemaVersion(ctx)); v != "" {
			t.Errorf("an empty store has schema %q", v)
		}
		err := s.ping(ctx)
		if err == nil || errors.Is(err, schemas.ErrUnavailable) || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("got %v", err)
		}
	}
	must[[]string](t)(s.Migrate(ctx))
	check(t, s.ping(ctx))
}

func TestWhoGivesUpGetsTheirOwnError(t *testing.T) {
	s := newStore(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	writeChanges(t, s, t0, change("ana", 0, "1", available), change("bo", 0, "1", available))
	mine := errors.New("mine")
	if err := s.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return mine }); !errors.Is(err, mine) ||
		errors.Is(err, schemas.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	check(t, s.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return ErrStop }))
	check(t, s.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return fmt.Errorf("enough: %w", ErrStop) }))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Facts(gone, FactQuery{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	check(t, s.ping(ctx))
	check(t, s.Close())
}

// TestConnectionsThatOthersGaveUpAreBeingAway: one call has found the server elsewhere and closes what another is about
// to use.
func TestConnectionsThatOthersGaveUpAreBeingAway(t *testing.T) {
	s := newStore(t)
	pool := must[*columnPool](t)(s.poolAt(must[Endpoint](t)(s.cfg.endpoint(ctx))))
	pool.Close()
	if err := s.Facts(ctx, FactQuery{}, nil); !errors.Is(err, schemas.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// TestAColumnOfAnotherTypeIsNoZero: what does not fit a field is an error.
func TestAColumnOfAnotherTypeIsNoZero(t *testing.T) {
	length := staffingFields(&schemas.StaffingPart{})
	for _, at := range []any{new(int), new(schemas.Date), new(schemas.Status), new([]string), length[len(length)-1].at} {
		if err := (field{"", at}).cell().(sql.Scanner).Scan(uint32(7)); err == nil {
			t.Errorf("%T takes a uint32", at)
		}
	}
}

func TestParseURL(t *testing.T) {
	for raw, want := range map[string]Endpoint{
		"clickhouse://u:p%40@h:9001/db?secure=true": {Addr: "h:9001", User: "u", Password: "p@", Database: "db",
			Secure: true},
		"clickhouse://h":              {Addr: "h:9000"},
		"clickhouse://h/?secure=true": {Addr: "h:9440", Secure: true},
		"clickhouse://u@[::1]:5":      {Addr: "[::1]:5", User: "u"},
		"clickhouse://u@[::1],b/db":   {Addr: "[::1]:9000,b:9000", User: "u", Database: "db"},
		"clickhouse://u:p@a:9441," +
			"b/db?secure=true&ca_file=c.pem&cert_file=o.pem&key_file=o.key&compress=lz4&dial_timeout=2s&setting.max_threads=2": {
			Addr: "a:9441,b:9440", User: "u", Password: "p", Database: "db", Secure: true, CAFile: "c.pem", CertFile: "o.pem",
			KeyFile:  "o.key",
			Compress: "lz4", Settings: "max_threads=2", DialTimeout: 2 * time.Second},
	} {
		if got, err := ParseURL(raw); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", raw, got, err, want)
		}
	}
	for raw, want := range map[string]string{
		"http://h": "names no server", "clickhouse:///db": "names no server",
		"clickhouse://u:secret@h?compres=lz4": "did you mean \"compress\"?",
		"clickhouse://u:secret@h?speed=1":     "parameter \"speed\" is not known",
		"clickhouse://h?compress=1":           "none of none, lz4, zstd",
		"clickhouse://h?ca_file=ca.pem":       "need secure=true", "clickhouse://h?secure=true&key_file=k": "go together",
		"clickhouse://h?dial_timeout=5": "not a length of time",
		"clickhouse://h?secure=maybe":   "neither true nor false", "clickhouse://u:secret@h:x": "cannot be read",
	} {
		_, err := ParseURL(raw)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
}
