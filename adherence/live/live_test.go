package live_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"rollcall/adherence"
	"rollcall/adherence/live"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tables is a store in memory, for tests in which the clock of a bubble runs; the real one is played in package main.
type tables struct {
	mu     sync.Mutex
	c      schemas.Circumstances
	facts  map[string][]schemas.Fact
	days   map[string][]schemas.ScheduleDay
	notes  []chstore.Note
	older  []schemas.Change // of long ago
	broken error
	reads  int
	// meanwhile, which may be nil, is called when the facts have been read.
	meanwhile func()
}

func (s *tables) Circumstances(context.Context, schemas.Interval, schemas.Instant) (schemas.Circumstances, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return s.c, s.broken
}

func chosen(sel chstore.Selection, agent string) bool {
	for _, a := range sel.Agents {
		if a == agent {
			return true
		}
	}
	return sel.Agents == nil
}

func (s *tables) Facts(_ context.Context, q chstore.FactQuery, yield func(string, []schemas.Fact) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]schemas.Fact{}
	for i := range s.older {
		c := &s.older[i]
		all[c.AgentID] = append(all[c.AgentID], c.Fact(q.Names))
	}
	for a, f := range s.facts {
		all[a] = append(all[a], f...)
	}
	for a, f := range all {
		f = slices.DeleteFunc(f, func(f schemas.Fact) bool { return f.At < q.Start || q.End != 0 && f.At >= q.End })
		if len(f) > 0 && chosen(q.Selection, a) {
			if err := yield(a, f); err != nil {
				return err
			}
		}
	}
	if s.meanwhile != nil {
		s.meanwhile()
	}
	return nil
}

// OlderChanges returns those of the older changes that are the newest of their source to name a field.
func (s *tables) OlderChanges(_ context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error {
	for i := range s.older {
		c := &s.older[i]
		if newer := s.named(c, i+1, q.Start); c.At >= q.Start || !chosen(q.Selection, c.AgentID) || c.Fields()&^newer == 0 {
			continue
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// named returns the fields that the source of a change has named of its agent in the older changes from one on, before
// an instant.
func (s *tables) named(by *schemas.Change, from int, before schemas.Instant) (fields schemas.Fields) {
	for i := range s.older[from:] {
		if c := &s.older[from+i]; c.AgentID == by.AgentID && c.Source == by.Source && c.At < before {
			fields |= c.Fields()
		}
	}
	return fields
}

func (s *tables) Notes(_ context.Context, q chstore.FactQuery) ([]chstore.Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []chstore.Note
	for _, n := range s.notes {
		if chosen(q.Selection, n.AgentID) && (q.End == 0 || n.At < q.End) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (s *tables) ScheduleDays(_ context.Context, q chstore.ScheduleQuery,
	yield func(string, []schemas.ScheduleDay) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, d := range s.days {
		if chosen(q.Selection, a) {
			if err := yield(a, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// at returns an instant of the worked day, 2026-03-02.
func at(clock string) schemas.Instant {
	t, err := time.Parse(time.DateTime, "2026-03-02 "+clock)
	if err != nil {
		panic(err)
	}
	return schemas.InstantOf(t)
}

// workedDay is the worked day (RULES.md section 13): Ana's roster row, schedule and changes up to an instant.
func workedDay(t *testing.T, until schemas.Instant) *tables {
	t.Helper()
	data, err := os.ReadFile("../testdata/cases/forgot-to-switch-strict.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatal(err)
	}
	s := &tables{c: schemas.Circumstances{
		Members: []schemas.Membership{{AgentID: "ana", Name: "Ana Ortiz", Team: "Billing", Site: "Leeds",
			TimeZone: "Europe/London", From: schemas.MakeDate(2026, 1, 1)}},
		Sources: []schemas.AgentSource{{AgentID: "ana", Source: "acd",
			First: [3]schemas.Instant{at("08:58:00"), at("08:58:00"), at("08:58:00")}, Last: at("12:00:00")}}},
		facts: map[string][]schemas.Fact{},
		days: map[string][]schemas.ScheduleDay{
			"ana": {{AgentID: "ana", Day: schemas.MakeDate(2026, 3, 2), Activities: c.Activities}}}}
	for _, ch := range c.Changes {
		if ch.At <= until {
			s.facts["ana"] = append(s.facts["ana"], fact(ch))
		}
	}
	return s
}

func fact(c schemas.Change) schemas.Fact {
	return c.Fact(nil)
}

// inBubble starts a board in a bubble whose clock begins at the instant, and stops it at the end.
func inBubble(t *testing.T, from schemas.Instant, s *tables, play func(t *testing.T, b *live.Board)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(from.Time()))
		b := live.New(live.DefaultConfig(), live.Deps{Store: s, Clock: time.Now})
		if err := b.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		play(t, b)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func ana(t *testing.T, b *live.Board) *schemas.LiveAgent {
	t.Helper()
	row, ok := b.Agent("ana")
	if !ok {
		t.Fatal("Ana is not on the board")
	}
	return row
}

// pass lets the clock run to the instant and a look of the board after it.
func pass(to schemas.Instant) {
	time.Sleep(time.Until(to.Time()) + time.Second)
	synctest.Wait()
}

// The worked day on the live board (RULES.md section 13). No
// fact arrives: the clock alone does it.
func TestTheWorkedDayGoesOutByTheClockAlone(t *testing.T) {
	inBubble(t, at("10:20:00"), workedDay(t, at("10:20:00")), func(t *testing.T, b *live.Board) {
		row := ana(t, b)
		if row.AdherenceState != schemas.LiveInAdherence || !row.Routable || row.Scheduled.Code != "on_queue_work" ||
			row.Next.Category != schemas.CategoryBreak {
			t.Fatalf("at 10:20 %+v", row)
		}
		version := b.Changes(0).Version
		changed := b.Changed(version)
		pass(at("10:30:00"))
		select {
		case <-changed:
		default:
			t.Error("nobody was notified that the break has begun")
		}
		if row = ana(t, b); row.AdherenceState != schemas.LiveOutOfAdherence || row.AdherenceSince != at("10:30:00") ||
			row.Severe {
			t.Fatalf("just after 10:30 %+v", row)
		}
		pass(at("10:35:00"))
		if row = ana(t, b); !row.Severe {
			t.Fatalf("just after 10:35 %+v", row)
		}
		pass(at("10:40:00"))
		row = ana(t, b)
		if row.AdherenceSince != at("10:30:00") || row.Scheduled.Category != schemas.CategoryBreak ||
			row.Status != schemas.StatusAvailable || !row.Severe {
			t.Fatalf("at 10:40 %+v", row)
		}
		change := schemas.Change{
			AgentID:  "ana",
			At:       at("10:45:00"),
			Presence: schemas.PresenceAway,
			Status:   schemas.StatusBreak,
			Routing:  schemas.RoutingOffQueue,
			Note:     "back at 11",
		}
		pass(at("10:45:00"))
		b.Apply("batch 1", []schemas.Change{change})
		if row = ana(t, b); row.AdherenceState != schemas.LiveInAdherence || row.Routable ||
			row.NotRoutableBecause != "presence is away" || row.Note != "back at 11" {
			t.Fatalf("on the break %+v", row)
		}
	})
}

// A reader gets each agent once, in the newest state, however much happened; and what is older than its version never.
func TestChangesAreTheNewestOfEach(t *testing.T) {
	inBubble(t, at("09:30:00"), workedDay(t, at("09:30:00")), func(t *testing.T, b *live.Board) {
		before := b.Changes(0)
		if len(before.Rows) != 1 || before.Life == "" {
			t.Fatalf("the whole board is %+v", before)
		}
		for i := range int64(50) {
			status := []schemas.Status{schemas.StatusBreak, schemas.StatusAvailable}[i%2]
			b.Apply("b", []schemas.Change{{AgentID: "ana", At: at("09:29:00").Add(i * 1000), Status: status},
				{AgentID: "bob", At: at("09:29:00").Add(i * 1000), Status: status}})
		}
		after := b.Changes(before.Version)
		if len(after.Rows) != 2 {
			t.Fatalf("%d rows after a hundred changes of two agents", len(after.Rows))
		}
		for _, r := range after.Rows {
			if r.Status != schemas.StatusAvailable {
				t.Errorf("%s has %s", r.AgentID, r.Status)
			}
		}
		if again := b.Changes(after.Version); len(again.Rows) != 0 {
			t.Errorf("nothing has changed, and still %d rows", len(again.Rows))
		}
	})
}

// What was applied and is not in the store yet survives a rebuild; once its journal row is seen the store is believed.
func TestChangesOnTheWayToTheStoreSurviveARebuild(t *testing.T) {
	s := workedDay(t, at("09:30:00"))
	inBubble(t, at("09:30:00"), s, func(t *testing.T, b *live.Board) {
		b.Apply("7", []schemas.Change{{AgentID: "ana", At: at("09:29:00"), Status: schemas.StatusMeal}})
		b.Apply("8", []schemas.Change{{AgentID: "ana", At: at("09:29:30"), Status: schemas.StatusTraining}})
		if err := b.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.Status != schemas.StatusTraining {
			t.Fatalf("after a rebuild %s", row.Status)
		}
		if b.Written("6") {
			t.Error("somebody else's batch was taken for ours")
		}
		if !b.Written("8") {
			t.Error("our own batch was not known")
		}
		if err := b.Refresh(t.Context(), []string{"ana"}, false); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.Status != schemas.StatusAvailable {
			t.Errorf("the store has neither change any more, the board says %s", row.Status)
		}
	})
}

// A change that comes, is written and appears in the journal while the board reads the store (at midnight, say,
// when everything is read) is not lost, although that reading did not find it.
func TestAChangeThatIsWrittenWhileTheStoreIsReadIsKept(t *testing.T) {
	s := workedDay(t, at("09:30:00"))
	b := live.New(live.DefaultConfig(), live.Deps{Store: s, Clock: func() time.Time { return at("09:30:00").Time() }})
	ours := make(chan bool, 1)
	s.meanwhile = func() {
		b.Apply("7", []schemas.Change{{AgentID: "ana", At: at("09:29:00"), Status: schemas.StatusMeal}})
		done := make(chan struct{})
		go func() {
			ours <- b.Written("7")
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(50 * time.Millisecond): // it waits for the reading, as it should
		}
	}
	if err := b.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !<-ours {
		t.Error("our own batch was not known")
	}
	if row := ana(t, b); row.Status != schemas.StatusMeal {
		t.Errorf("the change is gone: %s", row.Status)
	}
}

// A new day is read from the store by itself, and a store that is away meanwhile is asked again.
func TestANewDayIsRead(t *testing.T) {
	s := workedDay(t, at("23:59:00"))
	inBubble(t, at("23:59:30"), s, func(t *testing.T, b *live.Board) {
		s.mu.Lock()
		reads := s.reads
		s.days["ana"] = append(s.days["ana"],
			schemas.ScheduleDay{AgentID: "ana", Day: schemas.MakeDate(2026, 3, 3), Activities: []schemas.Activity{
				{Start: at("23:59:59").Add(1000), End: at("23:59:59").Add(1000 + schemas.HourMS),
					Category: schemas.CategoryOnQueueWork, Code: "Night"}}})
		s.mu.Unlock()
		pass(at("23:59:59").Add(2000))
		s.mu.Lock()
		again := s.reads
		s.mu.Unlock()
		if again == reads {
			t.Error("midnight passed and nothing was read")
		}
		if row := ana(t, b); row.Scheduled == nil || row.Scheduled.Code != "Night" {
			t.Errorf("after midnight %+v", row)
		}
	})
}

func TestAStoreThatIsAwayAtMidnightIsAskedAgain(t *testing.T) {
	s := workedDay(t, at("23:59:00"))
	inBubble(t, at("23:59:30"), s, func(t *testing.T, b *live.Board) {
		s.mu.Lock()
		s.broken = errors.New("away")
		s.mu.Unlock()
		pass(at("23:59:59").Add(5000))
		s.mu.Lock()
		s.broken = nil
		reads := s.reads
		s.mu.Unlock()
		pass(at("23:59:59").Add(7000))
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.reads == reads {
			t.Error("the store came back and was not asked")
		}
		if _, ok := b.Agent("ana"); !ok {
			t.Error("Ana is gone because the store was away")
		}
	})
}

// Readers, writers and the clock at once; run under -race.
func TestAllAtOnce(t *testing.T) {
	inBubble(t, at("09:30:00"), workedDay(t, at("09:30:00")), func(t *testing.T, b *live.Board) {
		var wg sync.WaitGroup
		for r := range 4 {
			wg.Go(func() {
				since := uint64(0)
				for range 50 {
					c := b.Changes(since)
					if c.Version < since {
						t.Errorf("reader %d: version fell from %d to %d", r, since, c.Version)
					}
					since = c.Version
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		for range 100 {
			b.Apply("b", []schemas.Change{{AgentID: "ana", At: schemas.InstantOf(time.Now()), Status: schemas.StatusBreak}})
			b.Apply("b", []schemas.Change{{AgentID: "ana", At: schemas.InstantOf(time.Now()), Status: schemas.StatusMeal}})
			time.Sleep(5 * time.Millisecond)
			if err := b.Refresh(t.Context(), []string{"ana"}, true); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
	})
}
