package chstore

import (
	"errors"
	"fmt"
	"testing"

	"rollcall/schemas"
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

// What a reader did not read is never taken for the answer to the next one.
func TestAReadThatEndsEarlyLeavesNothingToTheNext(t *testing.T) {
	s := newStore(t)
	var changes []schemas.Change
	for i := range 300_000 { // several blocks
		changes = append(changes, schemas.Change{AgentID: fmt.Sprintf("agent %04d", i/100), At: t0.Add(int64(i)), ID: "1",
			Presence: available})
	}
	writeChanges(t, s, t0, changes...)
	for round := range 200 {
		check(t, s.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return ErrStop }))
		n := 0
		err := s.Facts(ctx, FactQuery{Selection: Selection{Agents: []string{"agent 0007"}}},
			func(_ string, facts []schemas.Fact) error {
				n += len(facts)
				return nil
			})
		if err != nil || n != 100 {
			t.Fatalf("round %d: %d facts, %v", round, n, err)
		}
	}
}
