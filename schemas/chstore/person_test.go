package chstore

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
)

// fillPerson writes something of ana, and of bo beside her, into every table that knows agents.
func fillPerson(t *testing.T, s *Store) {
	t.Helper()
	writeChanges(t, s, t0, schemas.Change{
		ID:      "1",
		Source:  "acd",
		AgentID: "ana",
		At:      t0,
		Status:  schemas.StatusBreak,
		Note:    "at the doctor's",
	},
		schemas.Change{
			ID:      "2",
			Source:  "acd",
			AgentID: "bo",
			At:      t0,
			Status:  schemas.StatusBreak,
			Note:    "tea",
		})
	jan := schemas.MakeDate(2026, 1, 1)
	check(t, s.WriteRoster(ctx, journalRow(schemas.JournalRoster, t0), []schemas.Membership{
		{AgentID: "ana", Name: "Ana Ortiz", Email: "ana@example.org", Team: "Billing", From: jan, RecordedAt: t0},
		{AgentID: "bo", Name: "Bo", Team: "Billing", Supervisor: "Ana Ortiz", From: jan, RecordedAt: t0}}))
	row := journalRow(schemas.JournalCorrection, t0)
	row.Agents, row.Ranges, row.Range = []string{"ana", "bo"},
		[]schemas.Interval{{Start: t0, End: t0.Add(minute)}, {Start: t0, End: t0.Add(minute)}},
		schemas.Interval{Start: t0, End: t0.Add(minute)}
	row.Actor, row.Detail = "Ana Ortiz", "ana asked; Ana Ortiz (ana@example.org) has banana"
	check(t, s.WriteCorrections(ctx, row, []schemas.Correction{
		{ID: "c1", AgentID: "ana", Start: t0, End: t0.Add(minute), Effect: schemas.EffectNeutral, Reason: "surgery",
			RecordedAt: t0, RecordedBy: "Ana Ortiz"},
		{ID: "c2", AgentID: "bo", Start: t0, End: t0.Add(minute), Effect: schemas.EffectNeutral, Reason: "outage",
			RecordedAt: t0}}))
	check(t, s.WriteGaps(ctx, journalRow(schemas.JournalGaps, t0),
		[]schemas.Gap{{ID: "g", Source: "acd", AgentID: "ana", Start: t0, End: t0.Add(minute), RecordedAt: t0}}))
	check(t, s.WriteFindings(ctx,
		[]schemas.Finding{{ID: "f", AgentID: "ana", At: t0, RecordedAt: t0, Kind: schemas.FindingUnmapped,
			Detail: "Lunch with Jo"}}))
	check(t, s.WriteCredentials(ctx, journalRow(schemas.JournalAccess, t0), []schemas.Credential{
		{ID: "u1", User: true, Name: "ana.o", Role: schemas.RoleAgent, AgentID: "ana", Hash: "x", RecordedAt: t0}}))
	check(t, s.WriteSubscriptions(ctx, journalRow(schemas.JournalAccess, t0), []schemas.Subscription{
		{ID: "s1", Kind: schemas.SubscriptionDaily, OwnerID: "u1", Owner: "ana.o", Recipients: []string{"kim@elsewhere.org"},
			RecordedAt: t0},
		{ID: "s2", Kind: schemas.SubscriptionDaily, OwnerID: "u2", Owner: "kim",
			Recipients: []string{"kim@elsewhere.org", "Ana@example.org"}, RecordedAt: t0},
		{ID: "s3", Kind: schemas.SubscriptionDaily, OwnerID: "u2", Owner: "kim", Recipients: []string{"ana@example.org"},
			RecordedAt: t0}}))
	check(t, s.WriteDeliveries(ctx, []schemas.Delivery{
		{ID: "d1", DueAt: t0, Recipient: "ana@example.org", Subject: "Ana Ortiz: 58 %", State: schemas.DeliveryQueued,
			LastError: "no <ana@example.org> here", Version: 1},
		{ID: "d2", DueAt: t0, Recipient: "kim@elsewhere.org", State: schemas.DeliveryQueued,
			Figures: `{"agents":[{"agent_id":"ana","name":"Ana Ortiz"}]}`, Version: 1}}))
	ana, bo := workedDay(), workedDay()
	ana.AgentID, ana.Name = "ana", "Ana Ortiz"
	bo.AgentID, bo.Name = "bo", "Bo"
	for i := range ana.Activities {
		ana.Activities[i].Description = "dentist"
	}
	writeAll(t, s, ana, bo)
}

// sumsOf adds the judged days up as a report does.
func sumsOf(t *testing.T, s *Store) (sums [11]int64, fingerprints []uint64) {
	t.Helper()
	check(t, s.DayRows(ctx, DayQuery{From: schemas.MakeDate(2000, 1, 1), To: schemas.MakeDate(2100, 1, 1), Intervals: true,
		Exceptions: true}, func(d *schemas.DayRow) error {
		for i, v := range d.Lengths() {
			sums[i] += *v
		}
		fingerprints = append(fingerprints, d.Fingerprint())
		return nil
	}))
	slices.Sort(fingerprints)
	return sums, fingerprints
}

func TestAPersonIsErasedAndTheSumsStay(t *testing.T) {
	s := newStore(t)
	fillPerson(t, s)
	sums, prints := sumsOf(t, s)
	p := must[Person](t)(s.PersonOf(ctx, "ana"))
	if want := []string{"Ana Ortiz", "ana.o", "ana@example.org"}; !slices.Equal(p.Names, want) ||
		!slices.Equal(p.Accounts, []string{"u1"}) {
		t.Fatalf("the person is %+v, want the names %q", p, want)
	}
	if got := must[string](t)(s.Pseudonym(ctx, "ana", "erased-7")); got != "erased-7" {
		t.Errorf("the pseudonym is %q", got)
	}
	if got := must[string](t)(s.Pseudonym(ctx, "ana", "erased-8")); got != "erased-7" {
		t.Errorf("an erasure that goes on has the pseudonym %q, want its own", got)
	}
	for range 2 { // cut short and run again it does the same
		check(t, s.ErasePerson(ctx, p, "erased-7", func(string) {}))
	}
	if erasing, err := s.Erasing(ctx); err != nil || !erasing {
		t.Errorf("an erasure that goes on is not seen: %v %v", erasing, err)
	}
	check(t, s.ErasureEnded(ctx, "ana"))
	if erasing, err := s.Erasing(ctx); err != nil || erasing {
		t.Errorf("an erasure that has ended is seen: %v %v", erasing, err)
	}
	wantLines(t, rowsOf(t, s, "SELECT toString(count()) AS line FROM erasures_store"), "0")
	if tables, rows, err := s.PersonCounts(ctx, p); err != nil || len(tables) > 0 {
		t.Errorf("left are %v %v %v", tables, rows, err)
	}
	for _, table := range []string{"status_changes_store", "memberships_store", "schedule_days_store",
		"adherence_days_store", "corrections_store", "feed_gaps_store",
		"findings_store", "credentials_store", "journal_store", "agent_sources_store", "newest_facts_store",
		"webhook_deliveries_store",
		"subscriptions_store", "deliveries_store"} {
		rows := query("person_rows").put("table", table, "whose", "1")
		check(t, each(ctx, s, "read rows", rows, oneText, func(v *string) error {
			for _, trace := range []string{`"ana"`, "Ortiz", "example.org", "doctor", "surgery", "dentist", "Lunch", "ana.o"} {
				if strings.Contains(*v, trace) {
					t.Errorf("%s still says %s: %s", table, trace, *v)
				}
			}
			return nil
		}))
	}
	if after, same := sumsOf(t, s); after != sums || !slices.Equal(same, prints) {
		t.Errorf("the sums were %v and are %v", sums, after)
	}
	wantLines(t, rowsOf(t, s, "SELECT concat(agent_id, ' ', note) AS line FROM status_changes ORDER BY line"), "bo tea",
		"erased-7 ")
	wantLines(t, rowsOf(t, s,
		"SELECT concat(agent_id, ' ', name, ' ', supervisor) AS line FROM memberships ORDER BY line"), "bo Bo erased-7",
		"erased-7 erased-7 ")
	wantLines(t, rowsOf(t, s,
		"SELECT concat(actor, '|', arrayStringConcat(agents, ','), '|', detail) AS line FROM journal WHERE kind = "+
			"'correction'"),
		"erased-7|erased-7,bo|erased-7 asked; erased-7 (erased-7) has banana")
	wantLines(t, rowsOf(t, s, "SELECT concat(id, ' ', arrayStringConcat(recipients, ',')) AS line FROM subscriptions"),
		"s2 kim@elsewhere.org")
	wantLines(t, rowsOf(t, s, "SELECT concat(id, ' ', recipient, ' ', state) AS line FROM deliveries ORDER BY line"),
		"d1 erased-7 skipped", "d2 kim@elsewhere.org queued")
	wantLines(t, rowsOf(t, s, "SELECT concat(agent_id, source) AS line FROM agent_sources_store FINAL ORDER BY line"),
		"boacd", "erased-7acd")
}

func TestAnExportHoldsEverythingOfOnePersonOnly(t *testing.T) {
	s := newStore(t)
	fillPerson(t, s)
	got := map[string]int{}
	p := must[Person](t)(s.PersonOf(ctx, "ana"))
	for _, table := range PersonTables() {
		check(t, s.PersonRows(ctx, p, table, func(row string) error {
			got[table]++
			if !json.Valid([]byte(row)) || strings.Contains(row, `"hash":"x"`) || strings.Contains(row, `"bo"`) &&
				table != "journal" {
				t.Errorf("%s gives %s", table, row)
			}
			return nil
		}))
	}
	for _, table := range []string{"memberships", "status_changes", "adherence_days", "adherence_intervals",
		"adherence_exceptions", "corrections", "feed_gaps", "findings", "users", "journal",
		"subscriptions", "deliveries"} {
		if got[table] == 0 {
			t.Errorf("the export has nothing of %s: %v", table, got)
		}
	}
	if err := s.PersonRows(ctx, p, "credentials_store", nil); err == nil {
		t.Error("a table that is none of persons is read")
	}
}
