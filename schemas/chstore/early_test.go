package chstore

import (
	"errors"
	"testing"
)

// A reader that has seen enough costs nobody the engine, however often that happens.
func TestReadsThatEndEarlyLeaveTheEngineAlive(t *testing.T) {
	s := newStore(t)
	enough := errors.New("enough")
	for i := range 300 {
		err := each(ctx, s, "read a", statement{sql: "SELECT 'a' AS line"}, oneText, func(*string) error { return enough })
		if !errors.Is(err, enough) {
			t.Fatalf("read %d: %v", i, err)
		}
	}
	check(t, s.ping(ctx))
}
