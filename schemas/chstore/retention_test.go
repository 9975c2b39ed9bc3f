package chstore

import (
	"testing"

	"rollcall/schemas"
)

func TestOldMonthsGoWhole(t *testing.T) {
	s := newStore(t)
	at := func(m int) schemas.Instant {
		return schemas.UTC.DayStart(schemas.MakeDate(2026, 1, 20)).Add(int64(m) * 31 * schemas.DayMS)
	}
	for m := range 4 { // 20 January, 20 February, 23 March, 23 April
		writeChanges(t, s, t0, schemas.Change{ID: "1", Source: "acd", AgentID: "ana", At: at(m), Status: schemas.StatusBreak})
	}
	old := must[[]Aged](t)(s.Aged(ctx, "status_changes", schemas.MakeDate(2026, 3, 25)))
	if len(old) != 2 || old[0] != (Aged{202601, 1}) || old[1] != (Aged{202602, 1}) {
		t.Fatalf("old is %v; March goes only when it is over", old)
	}
	check(t, s.DropAged(ctx, "status_changes", schemas.MakeDate(2026, 3, 25), old))
	wantLines(t, rowsOf(t, s, "SELECT toString(toDate(at)) AS line FROM status_changes ORDER BY line"), "2026-03-23",
		"2026-04-23")
}

func TestTheJournalKeepsWhatOthersCountBy(t *testing.T) {
	s := newStore(t)
	old := t0.Add(-400 * schemas.DayMS)
	check(t, s.WriteRoster(ctx, journalRow(schemas.JournalRoster, old),
		[]schemas.Membership{{AgentID: "ana", Name: "Ana", From: 1, RecordedAt: old}}))
	access := journalRow(schemas.JournalAccess, old)
	check(t, s.WriteJournal(ctx, access))
	before := schemas.UTC.Date(t0)
	if got := must[[]Aged](t)(s.Aged(ctx, "journal", before)); len(got) != 0 {
		t.Errorf("%v is old before any run has judged", got)
	}
	exec(t, s, "INSERT INTO compute_runs_store (id, low_water) SELECT 'r', now64(3, 'UTC') + INTERVAL 1 MINUTE")
	got := must[[]Aged](t)(s.Aged(ctx, "journal", before))
	if len(got) != 1 || got[0].Rows != 1 {
		t.Fatalf("old is %v, want the sign-in alone", got)
	}
	check(t, s.DropAged(ctx, "journal", before, got))
	if m := must[[]schemas.Membership](t)(s.Memberships(ctx, 0)); len(m) != 1 {
		t.Errorf("the roster is %v", m)
	}
	if _, err := s.Aged(ctx, "credentials_store; DROP", before); err == nil {
		t.Error("any table can be named")
	}
}
