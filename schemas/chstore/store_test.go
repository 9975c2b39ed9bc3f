package chstore

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"rollcall/schemas"
	"rollcall/schemas/engine"
)

func TestMain(m *testing.M) { os.Exit(engine.RunTests(m)) }

// t0 is the morning of the worked day, 2026-03-02T09:00:00Z.
const t0 schemas.Instant = 1_772_442_000_000

const minute = schemas.MinuteMS

// emptyStore returns a store with a database of its own and no schema.
func emptyStore(t testing.TB) *Store {
	t.Helper()
	at := engine.ForTest(t)
	return storeAt(t, Endpoint{Addr: at.Addr, User: at.User, Password: at.Password,
		Database: "t_" + strings.ReplaceAll(uuid.NewString(), "-", "")})
}

func storeAt(t testing.TB, at Endpoint) *Store {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Endpoint = Fixed(at)
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		dropDatabase(t, s, at)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newStore returns a store with the whole schema.
func newStore(t testing.TB) *Store {
	t.Helper()
	s := emptyStore(t)
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

func exec(t testing.TB, s *Store, sql string) {
	t.Helper()
	if err := s.exec(context.Background(), statement{sql: sql}); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// rowsOf returns the rows of a query that makes one text of each, which is how the tests look at views.
func rowsOf(t testing.TB, s *Store, sql string) []string {
	t.Helper()
	rows, err := all(context.Background(), s, "read rows", statement{sql: sql}, oneText)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

func journalRow(kind schemas.JournalKind, at schemas.Instant) schemas.JournalRow {
	return schemas.JournalRow{ID: uuid.NewString(), RecordedAt: at, Actor: "test", Origin: "store_test", Kind: kind}
}

// writeChanges writes changes received at one instant and gives the journal row's id.
func writeChanges(t testing.TB, s *Store, received schemas.Instant, changes ...schemas.Change) string {
	t.Helper()
	for i := range changes {
		changes[i].ReceivedAt = received
		if changes[i].Source == "" {
			changes[i].Source = "genesys"
		}
	}
	row := journalRow(schemas.JournalChanges, received)
	if err := s.WriteChanges(context.Background(), row, changes); err != nil {
		t.Fatal(err)
	}
	return row.ID
}

// factLines reads facts as lines "agent at+seconds presence/status/routing[ secondary]".
func factLines(t testing.TB, s *Store, q FactQuery) []string {
	t.Helper()
	q.Names = &schemas.FactNames{}
	var out []string
	err := s.Facts(context.Background(), q, func(agent string, facts []schemas.Fact) error {
		for _, f := range facts {
			line := fmt.Sprintf("%s %d %s/%s/%s", agent, f.At.Sub(t0)/1000, f.Presence, f.Status, f.Routing)
			if f.Secondary != 0 {
				line += " " + q.Names.Secondaries.Text(f.Secondary)
			}
			out = append(out, line)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func dropDatabase(t testing.TB, s *Store, at Endpoint) {
	t.Helper()
	err := s.outside(func(c driver.Conn) error {
		return c.Exec(context.Background(), "DROP DATABASE IF EXISTS "+quoteName(at.database())+" SYNC")
	})
	if err != nil {
		t.Error(err)
	}
}
