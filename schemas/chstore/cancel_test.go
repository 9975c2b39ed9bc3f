package chstore

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas/engine"
)

// TestAServerThatHangsHoldsNoClosedConnection: the clients take their deadlines away when a query ends, also one that
// was cancelled; that of the farewell stays.
func TestAServerThatHangsHoldsNoClosedConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer func() { check(t, listener.Close()) }()
	for _, longest := range []time.Duration{0, time.Minute} {
		conn, err := Endpoint{}.dial(ctx, listener.Addr().String(), longest, new(sync.WaitGroup))
		check(t, err)
		check(t, conn.SetDeadline(time.Time{}))
		check(t, conn.Close())
		for name, set := range map[string]func(time.Time) error{"SetReadDeadline": conn.SetReadDeadline,
			"SetDeadline": conn.SetDeadline} {
			if err := set(time.Time{}); !errors.Is(err, net.ErrClosed) {
				t.Errorf("longest silence %s: %s of a closed connection: %v", longest, name, err)
			}
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading a closed connection: %v", err)
		}
	}
}

// TestAStoreIsClosedWhenTheServerHasSeenIt: a command that is stopped in the middle of an answer ends after Close, and
// what it has not read by then would reset the connection.
func TestAStoreIsClosedWhenTheServerHasSeenIt(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer func() { check(t, listener.Close()) }()
	s := &Store{}
	if s.rows, err = s.open(true); err != nil {
		t.Fatal(err)
	}
	conn, err := Endpoint{}.dial(ctx, listener.Addr().String(), 0, &s.farewells)
	check(t, err)
	server, err := listener.Accept()
	check(t, err)
	var answered atomic.Bool
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, server) // until the end is seen
		for range 64 {
			time.Sleep(time.Millisecond)
			_, failed := server.Write(make([]byte, 1<<16))
			err = errors.Join(err, failed)
		}
		answered.Store(true)
		sent <- errors.Join(err, server.Close())
	}()
	check(t, conn.Close())
	check(t, s.Close())
	if !answered.Load() {
		t.Error("the store is closed while the server is still answering")
	}
	check(t, <-sent)
}

// TestCancelledQueriesLeaveTheEngineAlive: who gives up in the middle of a query costs nobody the engine, whichever
// client is at work, whether the answer is still being made or has come already, and however many do so at once.
func TestCancelledQueriesLeaveTheEngineAlive(t *testing.T) {
	s := newStore(t)
	before := engine.ForTest(t)
	long := statement{sql: "SELECT toString(number) AS line FROM numbers(1000000000)"}
	short := statement{sql: "SELECT 'a' AS line"}
	for k, query := range []func(ctx context.Context, cancel func()) error{
		func(ctx context.Context, cancel func()) error {
			return each(ctx, s, "read a", short, oneText, func(*string) error { cancel(); return ctx.Err() })
		},
		func(ctx context.Context, cancel func()) error {
			result := proto.Results{{Name: "line", Data: new(proto.ColStr)}}
			return s.readColumns(ctx, short, result, func(int) error { cancel(); return ctx.Err() })
		},
		func(ctx context.Context, cancel func()) error {
			time.AfterFunc(2*time.Millisecond, cancel)
			return each(ctx, s, "read numbers", long, oneText, func(*string) error { return nil })
		},
		func(ctx context.Context, cancel func()) error {
			time.AfterFunc(2*time.Millisecond, cancel)
			return s.readColumns(ctx, long, proto.Results{{Name: "line", Data: new(proto.ColStr)}},
				func(int) error { return nil })
		},
	} {
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for i := range []int{50, 50, 15, 15}[k] {
					cancelled, cancel := context.WithCancel(ctx)
					if err := query(cancelled, cancel); !errors.Is(err, context.Canceled) {
						t.Errorf("query %d: %v", i, err)
						return
					}
				}
			})
		}
		group.Wait()
	}
	check(t, s.ping(ctx))
	if after := engine.ForTest(t); after.EnginePID != before.EnginePID {
		t.Errorf("the engine was process %d and is process %d", before.EnginePID, after.EnginePID)
	}
}
