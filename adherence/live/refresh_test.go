package live_test

import (
	"testing"

	"rollcall/adherence/live"
	"rollcall/schemas"
)

// A correction that another process has granted names no change of any agent: the circumstances alone are read again,
// and the row follows.
func TestACorrectionByAnotherProcessShows(t *testing.T) {
	s := workedDay(t, at("10:20:00"))
	inBubble(t, at("10:20:00"), s, func(t *testing.T, b *live.Board) {
		pass(at("10:40:00"))
		if row := ana(t, b); row.AdherenceState != schemas.LiveOutOfAdherence {
			t.Fatalf("at 10:40 %+v", row)
		}
		s.mu.Lock()
		s.c.Corrections = []schemas.Correction{{ID: "c", AgentID: "ana", Start: at("10:30:00"), End: at("10:45:00"),
			Effect: schemas.EffectNeutral}}
		s.mu.Unlock()
		changed := b.Changed(b.Changes(0).Version)
		if err := b.Refresh(t.Context(), []string{}, true); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.AdherenceState != schemas.LiveExcused {
			t.Errorf("corrected %+v", row)
		}
		select {
		case <-changed:
		default:
			t.Error("nobody was notified")
		}
		pass(at("10:45:00"))
		if row := ana(t, b); row.AdherenceState != schemas.LiveOutOfAdherence {
			t.Errorf("after the correction %+v", row)
		}
	})
}

// A fact of the week before last comes late. What is retained of that time is not enough for it, so the agent is read
// again when the store has it; a batch without such a fact is not.
func TestAFactOfLongAgoMakesItsAgentBeReadAgain(t *testing.T) {
	s := workedDay(t, at("10:20:00"))
	long := at("09:00:00").Add(-6 * schemas.DayMS)
	for i := range int64(40) { // available all the time, and said every two hours
		s.facts["ana"] = append(s.facts["ana"],
			schemas.Fact{At: long.Add(i * 2 * schemas.HourMS), Presence: schemas.PresenceBusy})
	}
	s.facts["ana"] = s.facts["ana"][len(s.facts["ana"])-40:]
	inBubble(t, at("10:20:00"), s, func(t *testing.T, b *live.Board) {
		if row := ana(t, b); row.Since.Presence != long {
			t.Fatalf("busy since %s, want %s", row.Since.Presence, long)
		}
		late := schemas.Change{AgentID: "ana", Source: "acd", At: long.Add(5 * schemas.HourMS),
			Presence: schemas.PresenceAway}
		b.Apply("1", []schemas.Change{late})
		b.Apply("2", []schemas.Change{{AgentID: "ana", Source: "acd", At: at("10:19:00"), Status: schemas.StatusBreak}})
		s.mu.Lock()
		s.facts["ana"] = append(s.facts["ana"][:3:3], append([]schemas.Fact{fact(late)}, s.facts["ana"][3:]...)...)
		s.facts["ana"] = append(s.facts["ana"], schemas.Fact{At: at("10:19:00"), Status: schemas.StatusBreak})
		s.mu.Unlock()
		if b.Written("2") {
			t.Fatal("the agent of the late fact is not read again")
		}
		if err := b.Refresh(t.Context(), []string{"ana"}, false); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.Since.Presence != long.Add(6*schemas.HourMS) || row.Status != schemas.StatusBreak {
			t.Errorf("busy since %s, %s", row.Since.Presence, row.Status)
		}
		b.Apply("3", []schemas.Change{{AgentID: "ana", Source: "acd", At: at("10:19:30"), Status: schemas.StatusMeal}})
		if !b.Written("3") {
			t.Error("a batch of this day is read again")
		}
	})
}
