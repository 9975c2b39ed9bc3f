package chstore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
	"rollcall/schemas/migrations"
)

const day = schemas.DayMS

// olderLines are the older facts of ana and bo before an instant, as known at another.
func olderLines(t *testing.T, s *Store, before, known schemas.Instant) (out []string) {
	t.Helper()
	q := FactQuery{Selection: Selection{Agents: []string{"bo", "ana"}}, Start: before, KnownAt: known}
	check(t, s.OlderChanges(ctx, q, func(c *schemas.Change) error {
		out = append(out, olderLine(c))
		return nil
	}))
	return out
}

func olderLine(c *schemas.Change) string {
	return fmt.Sprintf("%s %d %s %s %s/%s/%s", c.AgentID, c.At.Sub(t0)/1000, c.Source, c.ID, c.Presence, c.Status,
		c.Routing)
}

func said(source string, daysAgo int64, id string, p schemas.Presence, st schemas.Status,
	r schemas.Routing) schemas.Change {
	return schemas.Change{
		AgentID:  "ana",
		Source:   source,
		At:       t0.Add(-daysAgo * day),
		ID:       id,
		Presence: p,
		Status:   st,
		Routing:  r,
	}
}

// TestAPresenceOfLongAgoIsFoundBehindANewerStatus: the presence decides how long the status is believed, however old it
// is. Who was there long ago and has said everything again since is not looked at.
func TestAPresenceOfLongAgoIsFoundBehindANewerStatus(t *testing.T) {
	s := newStore(t)
	at := func(daysAgo int64) int64 { return -daysAgo * day / 1000 }
	writeChanges(t, s, t0-1,
		said("acd", 400, "1", available, schemas.StatusAvailable, schemas.RoutingIdle),
		said("acd", 120, "2", offline, schemas.StatusOffQueue, schemas.RoutingOffQueue),
		said("acd", 40, "3", 0, schemas.StatusTraining, 0),
		said("crm", 40, "4", 0, 0, schemas.RoutingIdle),
		said("crm", 1, "5", 0, schemas.StatusBreak, 0),
		said("acd", -1, "6", away2, 0, 0))
	presence := fmt.Sprintf("ana %d acd 2 offline/off_queue/off_queue", at(120))
	status := fmt.Sprintf("ana %d acd 3 /training/", at(40))
	beside := fmt.Sprintf("ana %d crm 4 //idle", at(40))
	wantLines(t, olderLines(t, s, t0, 0), presence, status, beside, fmt.Sprintf("ana %d crm 5 /break/", at(1)))
	wantLines(t, olderLines(t, s, t0.Add(-30*day), 0), presence, status, beside)
	wantLines(t, olderLines(t, s, t0.Add(-120*day), 0),
		fmt.Sprintf("ana %d acd 1 available/available/idle", at(400)))
	wantLines(t, olderLines(t, s, t0.Add(-400*day), 0))
}

// TestALaterReceiptOfAKeyIsNotTheNewest: of one key the first receipt counts; a later one that names more does not hide
// what the source really said last, whether the copies have been merged or not, in this month or long ago. Of facts of
// one instant the receipt decides, and what was not received yet is not known.
func TestALaterReceiptOfAKeyIsNotTheNewest(t *testing.T) {
	for _, daysAgo := range []int64{0, 40} {
		t.Run(fmt.Sprint(daysAgo), func(t *testing.T) {
			s := newStore(t)
			exec(t, s, "SYSTEM STOP MERGES status_changes_store")
			instant := func(sooner int64) int64 { return -(daysAgo + sooner) * day / 1000 }
			writeChanges(t, s, t0-3, said("acd", daysAgo+60, "1", offline, schemas.StatusOffQueue, 0),
				said("acd", daysAgo+1, "k", 0, 0, schemas.RoutingIdle))
			writeChanges(t, s, t0-2, said("acd", daysAgo+1, "k", available, 0, 0))
			writeChanges(t, s, t0-1, said("acd", daysAgo+1, "a", 0, schemas.StatusMeal, 0))
			want := []string{fmt.Sprintf("ana %d acd 1 offline/off_queue/", instant(60)),
				fmt.Sprintf("ana %d acd k //idle", instant(1)), fmt.Sprintf("ana %d acd a /meal/", instant(1))}
			before := t0.Add(-daysAgo * day)
			wantLines(t, olderLines(t, s, before, 0), want...)
			wantLines(t, olderLines(t, s, before, t0-1), want...)
			wantLines(t, olderLines(t, s, before, t0-2), want[:2]...)
			wantLines(t, olderLines(t, s, before, t0-4))
			exec(t, s, "SYSTEM START MERGES status_changes_store")
			exec(t, s, "OPTIMIZE TABLE status_changes_store FINAL")
			wantLines(t, olderLines(t, s, before, 0), want...)
			wantLines(t, olderLines(t, s, before, t0-2), want[:2]...)
		})
	}
}

// TestOlderFactsAgainstMemory writes random batches over a year, with copies of keys that say something else and with
// several facts of one instant, and compares with what the definition says, worked out in memory.
func TestOlderFactsAgainstMemory(t *testing.T) {
	s := newStore(t)
	exec(t, s, "SYSTEM STOP MERGES status_changes_store")
	r := rand.New(rand.NewPCG(4, 2))
	var everything []schemas.Change
	for b := range int64(12) {
		var batch []schemas.Change
		for range 12 {
			batch = append(batch, schemas.Change{
				AgentID:  []string{"ana", "bo"}[r.IntN(2)],
				Source:   []string{"acd", "crm"}[r.IntN(2)],
				At:       t0.Add(-r.Int64N(24) * 15 * day),
				ID:       fmt.Sprint(r.IntN(2)),
				Presence: schemas.Presence(max(0, r.IntN(8)-3)),
				Status:   schemas.Status(max(0, r.IntN(9)-3)),
				Routing:  schemas.Routing(max(0, r.IntN(8)-3)),
			})
		}
		writeChanges(t, s, t0.Add(b), batch...)
		for i := range batch {
			batch[i].ReceivedAt = t0.Add(b)
		}
		everything = append(everything, batch...)
	}
	doubted := 0
	for i := range int64(24) {
		before, known := t0.Add(-i*15*day+r.Int64N(2)*day), []schemas.Instant{0, t0 + 6}[i%2]
		want := olderInMemory(everything, before, known)
		wantLines(t, olderLines(t, s, before, known), want...)
		q := FactQuery{Selection: Selection{Agents: []string{"ana", "bo"}}, Start: monthStart(before), End: before}
		_, d, err := s.older(ctx, q)
		if check(t, err); len(d) > 0 {
			doubted++
		}
	}
	if doubted == 0 {
		t.Error("no agent was doubtful: the test shows little")
	}
}

func olderInMemory(changes []schemas.Change, before, known schemas.Instant) (out []string) {
	first := map[string]bool{}
	var facts []schemas.Change
	for _, c := range changes { // in order of receipt
		key := fmt.Sprintf("%s %s %d %s", c.Source, c.AgentID, c.At, c.ID)
		if !first[key] && c.At < before && (known == 0 || c.ReceivedAt <= known) {
			facts = append(facts, c)
		}
		first[key] = true
	}
	newest := map[string]schemas.Instant{}
	name := func(c *schemas.Change, f int) string { return fmt.Sprint(c.AgentID, c.Source, f) }
	for _, c := range facts {
		for f := range 3 {
			if c.Fields()>>f&1 == 1 {
				newest[name(&c, f)] = max(newest[name(&c, f)], c.At)
			}
		}
	}
	wanted := map[string]bool{}
	for key, at := range newest {
		wanted[fmt.Sprint(strings.TrimRight(key, "012")[:2], at)] = true
	}
	slices.SortStableFunc(facts, func(a, b schemas.Change) int {
		return strings.Compare(fmt.Sprintf("%s %d %d %s %s", a.AgentID, a.At, a.ReceivedAt, a.ID, a.Source),
			fmt.Sprintf("%s %d %d %s %s", b.AgentID, b.At, b.ReceivedAt, b.ID, b.Source))
	})
	for i := range facts {
		if c := &facts[i]; wanted[fmt.Sprint(c.AgentID[:2], c.At)] {
			out = append(out, olderLine(c))
		}
	}
	return out
}

// TestOlderFactsOfAnEarlierSchemaAreFound: what was written before the months were summed up is found like what is
// written now.
func TestOlderFactsOfAnEarlierSchemaAreFound(t *testing.T) {
	s := emptyStore(t)
	before := slices.IndexFunc(must[[]Migration](t)(loadMigrations(migrations.Files)),
		func(m Migration) bool { return m.Name == "newest_facts" })
	if _, err := s.migrate(ctx, prefix(t, before)); err != nil {
		t.Fatal(err)
	}
	writeChanges(t, s, t0, said("acd", 100, "1", offline, 0, 0), said("acd", 60, "2", 0, schemas.StatusMeal, 0))
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	writeChanges(t, s, t0, said("acd", 50, "3", 0, 0, schemas.RoutingIdle))
	wantLines(t, olderLines(t, s, t0, 0), fmt.Sprintf("ana %d acd 1 offline//", -100*day/1000),
		fmt.Sprintf("ana %d acd 2 /meal/", -60*day/1000), fmt.Sprintf("ana %d acd 3 //idle", -50*day/1000))
}

// TestOlderFactsGoWithTheirMonthAndTheirPerson: a retention leaves no trace of the facts that it deletes, and an
// erasure none of the person, whose facts are found under the pseudonym.
func TestOlderFactsGoWithTheirMonthAndTheirPerson(t *testing.T) {
	s := newStore(t)
	bo := said("acd", 70, "9", away2, 0, 0)
	bo.AgentID = "bo"
	writeChanges(t, s, t0, said("acd", 100, "1", offline, 0, 0), said("acd", 60, "2", 0, schemas.StatusMeal, 0), bo)
	edge := schemas.UTC.Date(t0.Add(-59 * day))
	check(t, s.DropAged(ctx, "status_changes", edge, must[[]Aged](t)(s.Aged(ctx, "status_changes", edge))))
	status := fmt.Sprintf("%d acd 2 /meal/", -60*day/1000)
	wantLines(t, olderLines(t, s, t0, 0), "ana "+status)
	months := "SELECT concat(agent_id, ' ', toString(month)) AS line FROM newest_facts_store ORDER BY line"
	wantLines(t, rowsOf(t, s, months), "ana 202601")
	check(t, s.ErasePerson(ctx, must[Person](t)(s.PersonOf(ctx, "ana")), "erased-7", func(string) {}))
	wantLines(t, olderLines(t, s, t0, 0))
	q := FactQuery{Selection: Selection{Agents: []string{"erased-7"}}, Start: t0}
	var lines []string
	check(t, s.OlderChanges(ctx, q, func(c *schemas.Change) error {
		lines = append(lines, olderLine(c))
		return nil
	}))
	wantLines(t, lines, "erased-7 "+status)
	wantLines(t, slices.Compact(rowsOf(t, s, months)), "erased-7 202601")
}
