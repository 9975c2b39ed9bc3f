package chstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/chpool"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"rollcall/schemas"
)

// Store reads and writes. Its methods may be called from several goroutines.
type Store struct {
	cfg       Config
	addresses addresses
	// rows is the client of everything but facts, schedule days and judged days.
	rows driver.Conn

	mu     sync.Mutex
	pool   *columnPool
	closed bool
	// found is the endpoint whose database is known to exist.
	found Endpoint

	// farewells are of connections that are closed; the end of the program would reset them.
	farewells sync.WaitGroup

	// factBlocks holds the columns of writes for the next one.
	factBlocks sync.Pool
}

// columnPool holds ch-go's connections to one endpoint.
type columnPool struct {
	*chpool.Pool
	at Endpoint
}

// New returns a store that has not connected yet; the first call does.
func New(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg}
	var err error
	s.rows, err = s.open(true)
	return s, err
}

// Close closes the connections, waiting for those that read or write columns, and a few seconds at most until the
// server has seen it.
func (s *Store) Close() error {
	s.mu.Lock()
	pool := s.pool
	s.pool, s.closed = nil, true
	s.mu.Unlock()
	if pool != nil {
		pool.Close()
	}
	err := s.rows.Close()
	s.farewells.Wait()
	return err
}

// ping reports whether the server answers, with the error that says what to do when it does not.
func (s *Store) ping(ctx context.Context) error { return explain(ctx, s.rows.Ping(ctx)) }

// waitForConn bounds how long a call waits for one of MaxConns to become free.
const waitForConn = time.Minute

// open returns clickhouse-go's pool, which asks for the endpoint before every new connection. Outside the database it
// works where there is none yet.
func (s *Store) open(inDatabase bool) (driver.Conn, error) {
	return clickhouse.Open(&clickhouse.Options{
		MaxOpenConns: s.cfg.MaxConns,
		MaxIdleConns: s.cfg.MaxConns,
		DialTimeout:  waitForConn,
		ClientInfo:   clickhouse.ClientInfo{Products: []struct{ Name, Version string }{{clientName, "1"}}},
		DialStrategy: func(ctx context.Context, _ int, o *clickhouse.Options, dial clickhouse.Dial) (clickhouse.DialResult,
			error) {
			at, err := s.cfg.endpoint(ctx)
			if err == nil && inDatabase {
				err = s.findDatabase(ctx, at)
			}
			if err != nil {
				return clickhouse.DialResult{}, err
			}
			options := at.rowOptions(*o)
			if !inDatabase {
				options.Auth.Database = ""
			}
			return s.dialRows(ctx, at, options, dial)
		},
	})
}

func (s *Store) dialRows(ctx context.Context, at Endpoint, o clickhouse.Options,
	dial clickhouse.Dial) (r clickhouse.DialResult, err error) {
	err = s.addresses.each(ctx, at, func(ctx context.Context, addr string) error {
		conn, err := at.dial(ctx, addr, at.ReadTimeout, &s.farewells)
		if err != nil {
			return err
		}
		o.DialContext = func(context.Context, string) (net.Conn, error) { return conn, nil }
		if r, err = dial(ctx, addr, &o); err != nil {
			_ = conn.Close() // the first error says more
		}
		return err
	})
	return r, err
}

// outside runs do with a client that is in no database.
func (s *Store) outside(do func(driver.Conn) error) error {
	c, err := s.open(false)
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close())
}

// findDatabase looks for the database before anybody logs on to it, because a log-on that fails ends an embedded engine
// of 26.7 as a whole.
func (s *Store) findDatabase(ctx context.Context, at Endpoint) error {
	s.mu.Lock()
	found := s.found == at
	s.mu.Unlock()
	if found {
		return nil
	}
	var n uint64
	err := s.outside(func(c driver.Conn) error {
		q := query("database_exists").text("database", at.database())
		return c.QueryRow(q.context(ctx), q.sql).Scan(&n)
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("%w (database %s does not exist at %s)", ErrNoDatabase, at.database(), at.Addr)
	}
	if err == nil {
		s.mu.Lock()
		s.found = at
		s.mu.Unlock()
	}
	return explain(ctx, err)
}

// columns returns a connection of ch-go that answered a moment ago, or a new one.
func (s *Store) columns(ctx context.Context) (*chpool.Client, error) {
	at, err := s.cfg.endpoint(ctx)
	if err == nil {
		err = s.findDatabase(ctx, at)
	}
	if err != nil {
		return nil, err
	}
	pool, err := s.poolAt(at)
	if err != nil {
		return nil, err
	}
	for tries := s.cfg.MaxConns + strings.Count(at.Addr, ","); ; tries-- {
		c, err := pool.Acquire(ctx)
		if err == nil {
			if err = c.Ping(ctx); err == nil {
				return c, nil
			}
			_ = c.Close() // it was of no use any more
		} else {
			s.addresses.next() // this one takes connections and does not answer
			tries -= s.cfg.MaxConns
		}
		err = explain(ctx, err)
		if tries <= 0 || !errors.Is(err, schemas.ErrUnavailable) {
			return nil, err
		}
	}
}

// poolAt returns the pool of the endpoint; that of another endpoint is closed when its last call has ended.
func (s *Store) poolAt(at Endpoint) (*columnPool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if s.pool != nil && s.pool.at == at {
		return s.pool, nil
	}
	if s.pool != nil {
		go s.pool.Close()
	}
	pool, err := chpool.New(context.Background(), chpool.Options{
		ClientOptions: at.columnOptions(columnDialer{s, at}),
		MaxConns:      int32(s.cfg.MaxConns), //nolint:gosec // a few
	})
	if err != nil {
		return nil, err
	}
	s.pool = &columnPool{pool, at}
	return s.pool, nil
}

// columnDialer makes the network connections of ch-go.
type columnDialer struct {
	s  *Store
	at Endpoint
}

// DialContext connects to the first address that answers.
func (d columnDialer) DialContext(ctx context.Context, _, _ string) (conn net.Conn, err error) {
	err = d.s.addresses.each(ctx, d.at, func(ctx context.Context, addr string) (err error) {
		conn, err = d.at.dial(ctx, addr, 0, &d.s.farewells)
		return err
	})
	return conn, err
}

// do runs one query of columns on a connection of its own.
func (s *Store) do(ctx context.Context, q ch.Query) error {
	c, err := s.columns(ctx)
	if err != nil {
		return err
	}
	unread := true
	defer func() {
		if unread { // it would be taken for the next answer, and the client does not always close by itself
			_ = c.Close()
		} else {
			c.Release()
		}
	}()
	err = c.Do(ctx, q)
	unread = err != nil && !ch.IsException(err)
	return explain(ctx, err)
}

// readColumns runs a query that returns many blocks; each is called for every one and may return ErrStop.
func (s *Store) readColumns(ctx context.Context, q statement, result proto.Results, each func(rows int) error) error {
	var stopped error
	cq := q.columns()
	cq.Result = result
	cq.OnResult = func(_ context.Context, b proto.Block) error {
		if b.Rows == 0 {
			return nil
		}
		stopped = each(b.Rows)
		return stopped
	}
	err := s.do(ctx, cq)
	if stopped != nil {
		return stoppable(stopped)
	}
	return err
}

// journalled inserts the rows and then the journal row that announces them.
func (s *Store) journalled(ctx context.Context, row schemas.JournalRow, kind schemas.JournalKind,
	insert func() error) error {
	row.Kind = kind
	if _, err := parseUUID(row.ID); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	if err := insert(); err != nil {
		return fmt.Errorf("write %s of journal row %s: %w", kind, row.ID, err)
	}
	return s.WriteJournal(ctx, row)
}
