package chstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// errHeldByOther says that somebody else has the name.
var errHeldByOther = errors.New("held by somebody else")

// errLetGo says that the server ended a query that was to go on.
var errLetGo = errors.New("the store let go of what was held; try again")

// sameIDRunning is the code of a server that runs a query of the id already.
const sameIDRunning = 216

// exclusivePause is how long to wait before a name that somebody has is tried again.
const exclusivePause = 150 * time.Millisecond

// Exclusive runs do while nobody else does anything under the same name in this database, in this process or another.
// It waits as long as it has to; waiting, which may be nil, is called once if it has to at all.
//
// The name is held by a query that runs on the server under an id made of it: a server runs one query of an id at a
// time, and ends it when the connection of whoever asked is gone, so that a process that is killed holds nothing. When
// that query ends too early (the server went away), the context that do was given is cancelled. The query reads
// system.numbers, which a user of a server must be allowed to.
func (s *Store) Exclusive(ctx context.Context, name string, waiting func(), do func(ctx context.Context) error) error {
	at, err := s.cfg.endpoint(ctx)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("rollcall %s %s", at.database(), name)
	for called := false; ; called = true {
		err := s.exclusively(ctx, id, do)
		if !errors.Is(err, errHeldByOther) {
			return err
		}
		if !called && waiting != nil {
			waiting()
		}
		select {
		case <-time.After(exclusivePause):
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", name, ctx.Err())
		}
	}
}

// exclusively runs do while the query with the id runs; errHeldByOther when another one does.
func (s *Store) exclusively(ctx context.Context, id string, do func(ctx context.Context) error) error {
	holding, release := context.WithCancel(ctx)
	defer release()
	held, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.hold(holding, id, held) }()
	select {
	case err := <-ended:
		return cmp.Or(err, errLetGo)
	case <-held:
	}
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan error, 1)
	go func() { done <- do(working) }()
	select {
	case err := <-done:
		release()
		<-ended //nolint:errcheck // the query was ended by release
		return err
	case err := <-ended:
		lost := fmt.Errorf("%s: %w", id, cmp.Or(err, errLetGo))
		stop(lost)
		return errors.Join(<-done, lost)
	}
}

// hold runs a query that never ends by itself, and closes held when it runs.
func (s *Store) hold(ctx context.Context, id string, held chan<- struct{}) error {
	rows, err := s.rows.Query(clickhouse.Context(ctx, clickhouse.WithQueryID(id)), query("exclusive").sql)
	if code, _ := serverCode(err); code == sameIDRunning {
		return errHeldByOther
	}
	if err != nil {
		return explain(ctx, err)
	}
	if rows.Next() {
		close(held)
	}
	for rows.Next() { //nolint:revive // what it returns says nothing
	}
	return explain(ctx, rows.Err())
}
