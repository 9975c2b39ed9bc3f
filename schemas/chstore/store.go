package chstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// ErrUnavailable is wrapped by errors that say that the server could not be reached, or went away before it answered: the
// same call may succeed later.
var ErrUnavailable = errors.New("the store is not available")

// ErrStop may be returned by a yield function to end a read early without an error.
var ErrStop = errors.New("stop reading")

// Store reads and writes. Its methods may be called from several goroutines.
type Store struct {
	cfg   Config
	slots chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool

	// factBlocks keeps the columns of writes for the next one.
	factBlocks sync.Pool
}

// conn is one connection with the endpoint that it was made to.
type conn struct {
	*ch.Client
	at Endpoint
}

// New gives a store that has not connected yet; the first call does.
func New(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Store{cfg: cfg, slots: make(chan struct{}, cfg.MaxConns)}, nil
}

// Close closes the connections that are not in use and lets the others be closed when their calls end.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, c := range s.idle {
		_ = c.Close() // the server drops what it did not confirm, with or without a goodbye
	}
	s.idle = nil
	return nil
}

// Ping tells whether the server answers, wrapping ErrUnavailable when it does not.
func (s *Store) Ping(ctx context.Context) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	err = c.Ping(ctx)
	s.release(c)
	return away(ctx, err)
}

// acquire gives a connection that answered a moment ago, or a new one.
func (s *Store) acquire(ctx context.Context) (*conn, error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a connection to the store: %w", ctx.Err())
	}
	c, err := s.connect(ctx)
	if err != nil {
		<-s.slots
	}
	return c, err
}

func (s *Store) connect(ctx context.Context) (*conn, error) {
	at, err := s.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	for {
		c := s.takeIdle()
		if c == nil {
			break
		}
		if c.at == at && c.Ping(ctx) == nil {
			return c, nil
		}
		_ = c.Close() // it was of no use any more
	}
	return s.dial(ctx, at, at.database())
}

// endpoint asks where the server is; not to know means that it is away.
func (s *Store) endpoint(ctx context.Context) (Endpoint, error) {
	at, err := s.cfg.Endpoint(ctx)
	if err != nil && !errors.Is(err, ErrUnavailable) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return at, err
}

// dial makes a connection and, unless database is empty, uses the database. It asks for the database by a query and not while
// logging on, because a log-on that fails ends an embedded engine of 26.7 as a whole.
func (s *Store) dial(ctx context.Context, at Endpoint, database string) (*conn, error) {
	client, err := ch.Dial(ctx, s.cfg.options(at))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", at, away(ctx, err))
	}
	if database != "" {
		if err := client.Do(ctx, ch.Query{Body: "USE " + quoteName(database)}); err != nil {
			_ = client.Close() // the first error says more
			return nil, fmt.Errorf("connect to %s: %w", at, away(ctx, err))
		}
	}
	return &conn{Client: client, at: at}, nil
}

func (s *Store) takeIdle() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return c
}

func (s *Store) release(c *conn) {
	s.mu.Lock()
	if s.closed || c.IsClosed() {
		_ = c.Close() // closing twice says so, and does nothing
	} else {
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	<-s.slots
}

// do runs one query on a connection of its own.
func (s *Store) do(ctx context.Context, q ch.Query) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer s.release(c)
	return away(ctx, c.Do(ctx, q))
}

// away marks an error as ErrUnavailable when the connection is what failed: not when the server answered with the error, nor
// when the caller gave up.
func away(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	if _, answered := ch.AsException(err); answered || !lost(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// lost tells whether the error is one of a connection.
func lost(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, ch.ErrClosed) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}

// read runs a query that gives many blocks to each, which may return ErrStop.
func (s *Store) read(ctx context.Context, q ch.Query, each func(rows int) error) error {
	var stopped error
	q.OnResult = func(_ context.Context, b proto.Block) error {
		if b.Rows == 0 {
			return nil
		}
		stopped = each(b.Rows)
		return stopped
	}
	err := s.do(ctx, q)
	switch {
	case errors.Is(stopped, ErrStop):
		return nil
	case stopped != nil:
		return stopped
	}
	return err
}

// journalled inserts the rows and then the journal row that announces them.
func (s *Store) journalled(ctx context.Context, row schemas.JournalRow, kind schemas.JournalKind, insert func() error) error {
	row.Kind = kind
	if _, err := parseUUID(row.ID); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	if err := insert(); err != nil {
		return fmt.Errorf("write %s of journal row %s: %w", kind, row.ID, err)
	}
	return s.WriteJournal(ctx, row)
}
