package chstore

import (
	"encoding/json"
	"testing"

	"rollcall/schemas"
	"rollcall/schemas/migrations"
)

// A store that was filled under the first default rules keeps them for what was known then, takes the new ones from the
// upgrade on, and has every day judged again. A new store has nothing to keep.
func TestNewDefaultsLeaveThePastAsItWas(t *testing.T) {
	before := 0
	for _, m := range must[[]Migration](t)(loadMigrations(migrations.Files)) {
		if m.Name != "defaults" {
			before++
			continue
		}
		break
	}
	s := emptyStore(t)
	must[[]string](t)(s.migrate(ctx, prefix(t, before)))
	check(t, s.WriteRoster(ctx, journalRow(schemas.JournalRoster, t0),
		[]schemas.Membership{{AgentID: "ana", From: schemas.MakeDate(2026, 1, 1), RecordedAt: t0}}))
	for range 2 { // a second time changes nothing
		must[[]string](t)(s.Migrate(ctx))
		exec(t, s, "ALTER TABLE schema_migrations DELETE WHERE name = 'defaults' SETTINGS mutations_sync = 1")
	}
	must[[]string](t)(s.Migrate(ctx))

	was := must[[]schemas.PolicyVersion](t)(s.Policies(ctx, t0))
	if len(was) != 1 || was[0].ID != "" || !sameRules(t, was[0].Rules, schemas.FirstDefaults()) {
		t.Errorf("by what was known before the upgrade the rules are %+v", was)
	}
	is := must[[]schemas.PolicyVersion](t)(s.Policies(ctx, 0))
	if len(is) != 2 || is[1].ID == "" || is[1].RecordedAt < is[0].RecordedAt || is[1].From > is[0].From ||
		!sameRules(t, is[1].Rules, schemas.DefaultPolicy()) {
		t.Errorf("now the rules are %+v", is)
	}
	var pending []string
	check(t, s.PendingJournal(ctx, func(row *schemas.JournalRow) error {
		if row.Kind == schemas.JournalPolicy {
			pending = append(pending, row.Detail)
		}
		return nil
	}))
	if len(pending) != 1 {
		t.Errorf("days are judged again because of %q", pending)
	}
	if fresh := must[[]schemas.PolicyVersion](t)(newStore(t).Policies(ctx, 0)); len(fresh) != 0 {
		t.Errorf("a new store has the rules %+v", fresh)
	}
}

func sameRules(t *testing.T, text string, want schemas.Policy) bool {
	t.Helper()
	got := must[schemas.Policy](t)(schemas.ParsePolicy([]byte(text)))
	return string(must[[]byte](t)(json.Marshal(got))) == string(must[[]byte](t)(json.Marshal(want)))
}
