package chstore

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// TestOneAtATime: of many that want the same name at once, over several stores as if they were processes, one works at
// a time; all get their turn.
func TestOneAtATime(t *testing.T) {
	one := newStore(t)
	at, err := one.cfg.endpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Endpoint = Fixed(at)
	two, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = two.Close() }()
	var group sync.WaitGroup
	inside, turns, waited := 0, 0, 0
	var mu sync.Mutex
	for i := range 6 {
		s := []*Store{one, two}[i%2]
		group.Go(func() {
			err := s.Exclusive(context.Background(), "schedules", func() { mu.Lock(); waited++; mu.Unlock() },
				func(context.Context) error {
					mu.Lock()
					inside++
					if inside > 1 {
						t.Error("two work at once")
					}
					mu.Unlock()
					err := s.ping(context.Background())
					mu.Lock()
					inside--
					turns++
					mu.Unlock()
					return err
				})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if turns != 6 || waited == 0 {
		t.Errorf("%d of 6 had their turn, %d waited", turns, waited)
	}
}

// TestWhoIsGoneHoldsNothing: when the connection breaks that holds a name, who works under it is told, and the next
// can.
func TestWhoIsGoneHoldsNothing(t *testing.T) {
	s := newStore(t)
	working, told := make(chan struct{}), make(chan error, 1)
	go func() {
		told <- s.Exclusive(context.Background(), "schedules", nil, func(ctx context.Context) error {
			close(working)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-working
	other := false
	err := s.Exclusive(context.Background(), "rosters", nil, func(context.Context) error { other = true; return nil })
	if err != nil || !other {
		t.Errorf("another name has to wait: %v", err)
	}
	exec(t, s, "SELECT sleep(0.5)")
	select {
	case err := <-told:
		t.Errorf("the name was not held for half a second: %v", err)
	default:
	}
	exec(t, s, "KILL QUERY WHERE query_id LIKE '%schedules' SYNC")
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Errorf("who lost the name is told %v", err)
	}
	mine := errors.New("mine")
	if err := s.Exclusive(context.Background(), "schedules", nil,
		func(context.Context) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Exclusive(gone, "schedules", nil, func(context.Context) error { return nil }); !errors.Is(err,
		context.Canceled) {
		t.Errorf("got %v", err)
	}
}
