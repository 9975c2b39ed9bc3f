package live_test

import (
	"testing"

	"rollcall/adherence/live"
	"rollcall/schemas"
)

// The worked day at 10:40: ten of a hundred minutes are out, the day's whole schedule is there, and of the choices only
// a break fits; nothing that is asked changes anything. Before the shift there is a schedule and no verdict; a copy
// stays what it was when the board goes on.
func TestTodayIsTheWorkedDaySoFar(t *testing.T) {
	s := workedDay(t, at("10:00:00"))
	inBubble(t, at("08:30:00"), s, func(t *testing.T, b *live.Board) {
		early, ok := b.Today("ana")
		if !ok || len(early.Activities) != 3 || early.ScheduledMS != 0 || early.Day != schemas.MakeDate(2026, 3, 2) {
			t.Errorf("before the shift %v %+v", ok, early)
		}
		pass(at("10:40:00"))
		day, ok := b.Today("ana")
		if !ok || day.InMS != 90*schemas.MinuteMS || len(day.Exceptions) != 1 || len(day.Activities) != 3 ||
			len(day.Intervals) == 0 ||
			day.Exceptions[0].Kind != schemas.KindLateChange {
			t.Fatalf("at 10:40 %v %+v", ok, day)
		}
		version := b.Changes(0).Version
		for status, want := range map[schemas.Status]schemas.LiveState{schemas.StatusBreak: schemas.LiveInAdherence,
			schemas.StatusMeal: schemas.LiveOutOfAdherence, schemas.StatusAvailable: schemas.LiveOutOfAdherence} {
			if got := b.Would("ana", schemas.State{Presence: schemas.PresenceAway, Status: status,
				Routing: schemas.RoutingOffQueue}); got != want {
				t.Errorf("%s would be %s, want %s", status, got, want)
			}
		}
		if b.Changes(0).Version != version || ana(t, b).Status != schemas.StatusAvailable {
			t.Error("a question has changed the board")
		}
		before := day.Exceptions[0].End
		pass(at("11:30:00"))
		if later, _ := b.Today("ana"); day.Exceptions[0].End != before || later.OutMS <= day.OutMS {
			t.Error("a copy goes on with the board, or the board does not")
		}
		pass(at("13:00:00"))
		if got := b.Would("ana", schemas.State{Status: schemas.StatusBreak}); got != schemas.LiveUnscheduled {
			t.Errorf("after the shift a break would be %s", got)
		}
		if _, ok := b.Today("bob"); ok || b.Would("bob", schemas.State{}) != schemas.LiveNone {
			t.Error("somebody who is not there has a day")
		}
	})
}

// Who has never used our pages may ask what a change would make of them, also under rules that name sources.
func TestACombinationIsTriedBeforeAnybodyHasSetAState(t *testing.T) {
	s := workedDay(t, at("10:00:00"))
	s.c.Policies = []schemas.PolicyVersion{{ID: "p", Rules: `{"prefer":{"status":["self","acd"],"presence":["self"]}}`}}
	inBubble(t, at("10:40:00"), s, func(t *testing.T, b *live.Board) {
		if got := b.Would("ana", schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak,
			Routing: schemas.RoutingOffQueue}); got != schemas.LiveInAdherence {
			t.Errorf("a break would be %s", got)
		}
	})
}

// Somebody ill for weeks is absent and not unknown, as long as the feed is complete, also where that is said only
// later; somebody who has left does not come back to the board for it.
func TestALongAbsenceIsKnownOnTheBoard(t *testing.T) {
	s := workedDay(t, at("00:00:00"))
	long := at("06:00:00").Add(-20 * schemas.DayMS)
	s.facts = map[string][]schemas.Fact{}
	s.c.Sources = nil
	for _, agent := range []string{"ana", "bob"} {
		s.c.Sources = append(s.c.Sources,
			schemas.AgentSource{AgentID: agent, Source: "acd", First: [3]schemas.Instant{long, long, long}, Last: long})
		s.older = append(s.older, schemas.Change{
			AgentID:  agent,
			Source:   "acd",
			At:       long,
			Presence: schemas.PresenceOffline,
			Status:   schemas.StatusOffQueue,
			Routing:  schemas.RoutingOffQueue,
		})
	}
	s.c.Members = append(s.c.Members, schemas.Membership{AgentID: "bob", Name: "Bob", Team: "Billing",
		From: schemas.MakeDate(2026, 1, 1), To: schemas.MakeDate(2026, 2, 1)})
	inBubble(t, at("09:30:00"), s, func(t *testing.T, b *live.Board) {
		if row := ana(t, b); row.AdherenceState != schemas.LiveUnknown || row.Since.Presence != long.Add(7*schemas.DayMS) {
			t.Errorf("before the feed has said how far it is complete Ana is %s, since %s", row.AdherenceState,
				row.Since.Presence)
		}
		s.mu.Lock()
		s.c.Feeds = []schemas.Feed{{Source: "acd", CompleteUpTo: at("09:29:00")}}
		s.mu.Unlock()
		if err := b.Refresh(t.Context(), []string{}, true); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.Presence != schemas.PresenceOffline || row.AdherenceState != schemas.LiveOutOfAdherence ||
			row.Since != (schemas.LiveSince{Presence: long, Status: long, Routing: long}) {
			t.Errorf("then Ana is %s since %+v, %s", row.Presence, row.Since, row.AdherenceState)
		}
		if row, ok := b.Agent("bob"); ok {
			t.Errorf("Bob, who has left, is on the board: %+v", row)
		}
	})
}

// A feed repeats every day that Ana is offline, for much longer than a look at today reads: the board says since when
// she has been, and not since when it has read, whether it has run all the time or was started again. Of somebody who
// comes and goes it does not say since when the routing has been the same, if that is longer ago than what was read.
func TestTheBoardSaysSinceWhenSomebodyIsAway(t *testing.T) {
	s := workedDay(t, at("00:00:00"))
	long := at("06:00:00").Add(-60 * schemas.DayMS)
	first := long.Add(-schemas.DayMS)
	s.facts, s.c.Sources = map[string][]schemas.Fact{}, nil
	says := func(agent string, at schemas.Instant, p schemas.Presence) {
		s.older = append(s.older, schemas.Change{AgentID: agent, Source: "acd", At: at, Presence: p,
			Routing: schemas.RoutingOffQueue})
	}
	says("ana", first, schemas.PresenceAvailable)
	says("bob", first, schemas.PresenceAvailable)
	for day := range int64(60) {
		says("ana", long.Add(day*schemas.DayMS), schemas.PresenceOffline)
		says("bob", long.Add(day*schemas.DayMS), []schemas.Presence{schemas.PresenceOffline, schemas.PresenceAway}[day%2])
	}
	for _, agent := range []string{"ana", "bob"} {
		s.c.Sources = append(s.c.Sources, schemas.AgentSource{AgentID: agent, Source: "acd",
			First: [3]schemas.Instant{first, 0, first}, Last: at("06:00:00").Add(-schemas.DayMS)})
	}
	s.c.Members = append(s.c.Members, schemas.Membership{AgentID: "bob", Name: "Bob", Team: "Billing",
		From: schemas.MakeDate(2026, 1, 1)})
	check := func(t *testing.T, b *live.Board) {
		t.Helper()
		if row := ana(t, b); row.Presence != schemas.PresenceOffline || row.Since.Presence != long ||
			row.Since.Routing != first {
			t.Errorf("Ana is %s since %+v, want since %s", row.Presence, row.Since, long)
		}
		row, _ := b.Agent("bob")
		if row.Presence != schemas.PresenceAway ||
			row.Since != (schemas.LiveSince{Presence: at("06:00:00").Add(-schemas.DayMS)}) {
			t.Errorf("Bob is %s since %+v", row.Presence, row.Since)
		}
	}
	inBubble(t, at("09:30:00"), s, func(t *testing.T, b *live.Board) {
		check(t, b)
		b.Apply("b", []schemas.Change{{AgentID: "ana", Source: "acd", At: at("09:30:00"), Presence: schemas.PresenceOffline}})
		check(t, b)
		rows, err := b.At(t.Context(), at("08:00:00"), 0, []string{"ana"})
		if err != nil || len(rows) != 1 || rows[0].Since.Presence != long {
			t.Errorf("the board of the morning has %+v, %v", rows, err)
		}
	})
}
