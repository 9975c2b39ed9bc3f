package chstore

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
)

const (
	available = schemas.PresenceAvailable
	away2     = schemas.PresenceAway
	offline   = schemas.PresenceOffline
)

func change(agent string, atS int64, id string, p schemas.Presence) schemas.Change {
	return schemas.Change{AgentID: agent, At: t0.Add(atS * 1000), ID: id, Presence: p}
}

func TestFactsComeInOrderOncePerKey(t *testing.T) {
	s := newStore(t)
	writeChanges(t, s, t0, change("bo", 5, "1", available), change("ana", 9, "2", away2), change("ana", 1, "3", available))
	late := schemas.Change{AgentID: "ana", At: t0.Add(3000), ID: "4", Status: schemas.StatusTraining,
		Secondary: "Coaching"}
	writeChanges(t, s, t0+1, late, change("ana", 1, "3", available))
	want := []string{"ana 1 available//", "ana 3 /training/ Coaching", "ana 9 away//", "bo 5 available//"}
	wantLines(t, factLines(t, s, FactQuery{}), want...)
	exec(t, s, "OPTIMIZE TABLE status_changes_store FINAL")
	wantLines(t, factLines(t, s, FactQuery{}), want...)
	wantLines(t, factLines(t, s, FactQuery{Selection: Selection{FromAgent: "b"}}), want[3])
	wantLines(t, factLines(t, s,
		FactQuery{Selection: Selection{ToAgent: "ana\x00", Agents: []string{"bo", "ana"}}, Start: t0.Add(3000),
			End: t0.Add(9000)}), want[1])
}

func TestFirstReceiptOfAKeyCounts(t *testing.T) {
	s := newStore(t)
	exec(t, s, "SYSTEM STOP MERGES status_changes_store")
	contents := []schemas.Presence{available, away2, offline}
	// in which order the receipts are written
	agents := map[string][]int64{"ana": {1, 2, 3}, "bo": {3, 2, 1}, "cy": {2, 1, 3}}
	for k := range 3 {
		for agent, order := range agents {
			writeChanges(t, s, t0.Add(order[k]), change(agent, 0, "k", contents[order[k]-1]))
		}
	}
	want := []string{"ana 0 available//", "bo 0 available//", "cy 0 available//"}
	wantLines(t, factLines(t, s, FactQuery{}), want...)
	view := "SELECT concat(agent_id, ' 0 ', toString(presence), '//') AS line FROM status_changes ORDER BY agent_id"
	wantLines(t, rowsOf(t, s, view), want...)
	exec(t, s, "SYSTEM START MERGES status_changes_store")
	exec(t, s, "OPTIMIZE TABLE status_changes_store FINAL")
	wantLines(t, factLines(t, s, FactQuery{}), want...)
	wantLines(t, rowsOf(t, s, "SELECT toString(count()) AS line FROM status_changes_store"), "3")
}

func TestFirstOfABatchCounts(t *testing.T) {
	s := newStore(t)
	writeChanges(t, s, t0, change("ana", 0, "k", away2), change("ana", 0, "k", available))
	wantLines(t, factLines(t, s, FactQuery{}), "ana 0 away//")
	exec(t, s, "OPTIMIZE TABLE status_changes_store FINAL")
	wantLines(t, factLines(t, s, FactQuery{}), "ana 0 away//")
}

func TestFactsOfOneInstantFollowReceiptThenID(t *testing.T) {
	s := newStore(t)
	writeChanges(t, s, t0+2, change("ana", 0, "a", offline))
	writeChanges(t, s, t0+1, change("ana", 0, "c", away2), change("ana", 0, "b", available), change("ana", 0, "bb", away2))
	other := change("ana", 0, "b", offline)
	other.Source = "teams"
	writeChanges(t, s, t0+3, other, change("ana", 0, "b", offline)) // the second is a copy of a key, the first is not
	want := []string{"ana 0 available//", "ana 0 away//", "ana 0 away//", "ana 0 offline//", "ana 0 offline//"}
	wantLines(t, factLines(t, s, FactQuery{}), want...)
	wantLines(t, factLines(t, s, FactQuery{KnownAt: t0 + 2}), want[:4]...)
}

func TestFactsAsKnownAt(t *testing.T) {
	s := newStore(t)
	writeChanges(t, s, t0, change("ana", 0, "1", available))
	writeChanges(t, s, t0+5, change("ana", -60, "2", away2))
	wantLines(t, factLines(t, s, FactQuery{KnownAt: t0 + 4}), "ana 0 available//")
	wantLines(t, factLines(t, s, FactQuery{KnownAt: t0 + 5}), "ana -60 away//", "ana 0 available//")
}

func TestReplayOfABatchChangesNothing(t *testing.T) {
	s := newStore(t)
	row := journalRow(schemas.JournalChanges, t0)
	batch := []schemas.Change{change("ana", 0, "1", available), change("bo", 0, "2", away2)}
	for i := range batch {
		batch[i].Source, batch[i].ReceivedAt = "genesys", t0
	}
	dump := func() []string {
		return append(factLines(t, s, FactQuery{}), rowsOf(t, s, `
			SELECT concat(toString(id), toString(agents), toString(range_start), toString(range_end)) AS line FROM journal`)...)
	}
	if err := s.WriteChanges(context.Background(), row, batch); err != nil {
		t.Fatal(err)
	}
	once := dump()
	if err := s.WriteChanges(context.Background(), row, batch); err != nil {
		t.Fatal(err)
	}
	wantLines(t, dump(), once...)
	var pending []string
	if err := s.PendingJournal(context.Background(), func(r *schemas.JournalRow) error {
		pending = append(pending, r.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	wantLines(t, pending, row.ID)
}

func TestOneBatchOver130Months(t *testing.T) {
	s := newStore(t)
	var batch []schemas.Change
	for m := range 130 {
		at := schemas.MakeDate(2010, 1, 15).Time().AddDate(0, m, 0)
		batch = append(batch, schemas.Change{AgentID: "ana", At: schemas.InstantOf(at), ID: fmt.Sprint(m),
			Presence: available})
	}
	rand.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	writeChanges(t, s, t0, batch...)
	got := factLines(t, s, FactQuery{})
	if len(got) != 130 || !slices.IsSortedFunc(got, func(a, b string) int {
		var x, y int
		_, _ = fmt.Sscanf(a, "ana %d", &x)
		_, _ = fmt.Sscanf(b, "ana %d", &y)
		return x - y
	}) {
		t.Errorf("%d facts, or not in order over month boundaries: %v", len(got), got)
	}
}

func TestNamesOfAnyKind(t *testing.T) {
	s := newStore(t)
	agents := []string{`o'brien "bo" \n`, "ÄÖ 👩‍💻", strings.Repeat("x", 128), "`; DROP TABLE agents --",
		"{from_agent:String}"}
	slices.Sort(agents)
	for i, a := range agents {
		writeChanges(t, s, t0, schemas.Change{
			AgentID:   a,
			At:        t0,
			ID:        a,
			Source:    a,
			Status:    schemas.StatusMeeting,
			Secondary: a,
			Note:      a,
			Raw:       a,
		})
		rows := factLines(t, s, FactQuery{Selection: Selection{Agents: []string{a}}})
		wantLines(t, rows, a+" 0 /meeting/ "+a)
		rows = factLines(t, s, FactQuery{Selection: Selection{FromAgent: a, ToAgent: a + "\x00"}})
		wantLines(t, rows, a+" 0 /meeting/ "+a)
		err := s.Changes(context.Background(), FactQuery{Selection: Selection{Agents: agents[i : i+1]}},
			func(c *schemas.Change) error {
				if c.ID != a || c.Source != a || c.Note != a || c.Raw != a || c.Secondary != a || c.ReceivedAt != t0 {
					t.Errorf("%q came back as %+v", a, c)
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	ids, err := s.AgentIDs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, ids, agents...)
}

// TestManyReadersOfConflictsDoNotWaitForEachOther reads with as many readers as there are connections, all of which
// need to ask for keys while they read.
func TestManyReadersOfConflictsDoNotWaitForEachOther(t *testing.T) {
	s := newStore(t)
	for i := range 3 {
		writeChanges(t, s, t0.Add(int64(i)), change("ana", 0, fmt.Sprint(i), schemas.Presence(1+i)),
			change("bo", 0, fmt.Sprint(i), schemas.Presence(1+i)))
	}
	both, failed := make(chan struct{}), make(chan error)
	reader := func() {
		failed <- s.Facts(context.Background(), FactQuery{}, func(agent string, facts []schemas.Fact) error {
			if agent == "ana" {
				both <- struct{}{}
			}
			if len(facts) != 3 {
				return fmt.Errorf("%d facts of %s", len(facts), agent)
			}
			return nil
		})
	}
	n := s.cfg.MaxConns
	for range n {
		go reader()
	}
	for range n {
		<-both
	}
	for range n {
		check(t, <-failed)
	}
}

// TestFactsAgainstMemory writes random batches with copies, conflicts and ties in random order, over block boundaries,
// and compares with the definition of RULES.md section 3 worked out in memory.
func TestFactsAgainstMemory(t *testing.T) {
	s := newStore(t)
	exec(t, s, "SYSTEM STOP MERGES status_changes_store")
	r := rand.New(rand.NewPCG(1, 2))
	var everything []schemas.Change
	for b := range 9 {
		batch := make([]schemas.Change, 0, 9000)
		for range 9000 {
			batch = append(batch, schemas.Change{
				AgentID:   fmt.Sprintf("a%03d", r.IntN(300)),
				At:        t0.Add(r.Int64N(400) * 1000),
				ID:        fmt.Sprint(r.IntN(3)),
				Source:    []string{"x", "y"}[r.IntN(2)],
				Presence:  schemas.Presence(r.IntN(3)),
				Status:    schemas.Status(1 + r.IntN(2)),
				Secondary: []string{"", "Coaching"}[r.IntN(2)],
			})
		}
		writeChanges(t, s, t0.Add(int64(b)), batch...)
		everything = append(everything, batch...)
	}
	for _, known := range []schemas.Instant{0, t0 + 5} {
		got, want := slices.Compact(factLines(t, s, FactQuery{KnownAt: known})), slices.Compact(inMemory(everything, known))
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("line %d of %d (want %d): got %q, want %q", i, len(got), len(want), got[i:][:1], want[i:][:1])
			}
		}
	}
}

func inMemory(changes []schemas.Change, known schemas.Instant) []string {
	first := map[string]schemas.Change{}
	for _, c := range changes { // in order of receipt
		key := fmt.Sprintf("%s %s %d %s", c.Source, c.AgentID, c.At, c.ID)
		if _, ok := first[key]; !ok && (known == 0 || c.ReceivedAt <= known) {
			first[key] = c
		}
	}
	var in []schemas.Change
	for _, c := range first {
		in = append(in, c)
	}
	slices.SortFunc(in, func(a, b schemas.Change) int {
		return cmp.Or(cmp.Compare(a.AgentID, b.AgentID), cmp.Compare(a.At, b.At), cmp.Compare(a.ReceivedAt, b.ReceivedAt),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source))
	})
	var out []string
	for _, c := range in {
		line := fmt.Sprintf("%s %d %s/%s/%s", c.AgentID, c.At.Sub(t0)/1000, c.Presence, c.Status, c.Routing)
		if c.Secondary != "" {
			line += " " + c.Secondary
		}
		out = append(out, line)
	}
	return out
}
