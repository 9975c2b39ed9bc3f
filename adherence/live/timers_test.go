package live_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/adherence/live"
	"rollcall/schemas"
)

// within is how late the board may notice that time has passed: the exception_threshold that lets a run begin, one look
// at the clock, and the millisecond in which what is judged ends.
const within = time.Second + 251*time.Millisecond

// The clock alone moves a row, for each reason there is, no earlier than it should and a look later at most; readers
// who wait are woken, and nothing else reaches the board.
func TestEveryTimerGoesOffInTime(t *testing.T) {
	for _, c := range []struct {
		name, from, at string
		prepare        func(*tables)
		before, after  func(*schemas.LiveAgent) bool
	}{
		{"an activity begins", "10:20:00", "10:30:00", nil,
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveInAdherence },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence && !a.Severe }},
		{"severe_after of five minutes", "10:30:10", "10:35:00", nil,
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence && !a.Severe },
			func(a *schemas.LiveAgent) bool { return a.Severe }},
		{"severe_after of a policy", "10:30:10", "10:30:45", rules(`{"severe_after":"45s"}`),
			func(a *schemas.LiveAgent) bool { return !a.Severe },
			func(a *schemas.LiveAgent) bool { return a.Severe }},
		{"what is tolerated at the start is over", "10:30:30", "10:32:00",
			rules(`{"tolerance":{"default":{"start_late":"2m"}}}`),
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveInAdherence },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence }},
		{"carry_forward expires", "10:20:00", "10:25:00", rules(`{"carry_forward":"85m"}`),
			func(a *schemas.LiveAgent) bool { return a.Presence == schemas.PresenceAvailable },
			func(a *schemas.LiveAgent) bool {
				return a.Presence == schemas.PresenceUnknown && a.Since.Presence == at("10:25:00") &&
					a.AdherenceState == schemas.LiveUnknown
			}},
		{"a fact of the future comes due", "10:20:00", "10:25:00", fact1025,
			func(a *schemas.LiveAgent) bool { return a.Status == schemas.StatusAvailable },
			func(a *schemas.LiveAgent) bool { return a.Status == schemas.StatusMeal }},
		{"a gap begins", "10:20:00", "10:22:00", gap("10:22:00", "10:26:00"),
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveInAdherence },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveUnknown }},
		{"a gap ends", "10:23:00", "10:26:00", gap("10:22:00", "10:26:00"),
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveUnknown },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveInAdherence }},
		{"a correction begins", "10:31:00", "10:33:00", excused("10:33:00", "10:34:00"),
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveExcused }},
		{"a correction ends", "10:33:10", "10:34:00", excused("10:33:00", "10:34:00"),
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveExcused },
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence }},
		{"the shift ends", "11:59:00", "12:00:00", nil,
			func(a *schemas.LiveAgent) bool { return a.AdherenceState == schemas.LiveOutOfAdherence },
			func(a *schemas.LiveAgent) bool {
				return a.AdherenceState == schemas.LiveUnscheduled && a.Scheduled == nil
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := workedDay(t, at(c.from))
			if c.prepare != nil {
				c.prepare(s)
			}
			inBubble(t, at(c.from), s, func(t *testing.T, b *live.Board) {
				if row := ana(t, b); !c.before(row) {
					t.Fatalf("begins with %+v", row)
				}
				for {
					<-b.Changed(b.Changes(0).Version)
					late := time.Since(at(c.at).Time())
					row := ana(t, b)
					switch {
					case late < 0 && !c.before(row):
						t.Fatalf("%s too early: %+v", -late, row)
					case late > within:
						t.Fatalf("%s late: %+v", late, row)
					case late >= 0 && c.after(row):
						return
					}
				}
			})
		})
	}
}

func rules(text string) func(*tables) {
	return func(s *tables) {
		s.c.Policies = []schemas.PolicyVersion{{ID: "p", From: schemas.MakeDate(2026, 1, 1), Rules: text}}
	}
}

func fact1025(s *tables) {
	s.facts["ana"] = append(s.facts["ana"], schemas.Fact{At: at("10:25:00"), Status: schemas.StatusMeal})
}

func gap(from, to string) func(*tables) {
	return func(s *tables) {
		s.c.Gaps = []schemas.Gap{{ID: "g", Source: "acd", Start: at(from), End: at(to)}}
	}
}

func excused(from, to string) func(*tables) {
	return func(s *tables) {
		s.c.Corrections = []schemas.Correction{{ID: "c", AgentID: "ana", Start: at(from), End: at(to),
			Effect: schemas.EffectNeutral}}
	}
}

// Feeds write, others' writes are read again, readers wait and look, and in the middle of it the board is stopped: it
// ends, every reader can still read the last of everything, and nothing is left behind. Run under -race.
func TestStoppingInTheMiddleOfEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(at("09:30:00").Time()))
		b := live.New(live.DefaultConfig(), live.Deps{Store: workedDay(t, at("09:30:00")), Clock: time.Now})
		if err := b.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		var readers, writers sync.WaitGroup
		shown := make([]map[string]string, 5)
		over := make(chan struct{})
		for r := range shown {
			shown[r] = map[string]string{}
			readers.Go(func() { watch(b, shown[r], time.Duration(r)*20*time.Millisecond, over) })
		}
		for w := range 3 {
			writers.Go(func() {
				for i := range 300 {
					now := schemas.InstantOf(time.Now())
					b.Apply(fmt.Sprintf("%d-%03d", w, i),
						[]schemas.Change{{AgentID: fmt.Sprint("agent ", w), Source: "acd", At: now, Note: fmt.Sprint(i),
							Status: schemas.StatusBreak}, {AgentID: "ana", Source: "acd", At: now, Presence: schemas.PresenceBusy}})
					if i%7 == 0 {
						_ = b.Refresh(ctx, []string{"ana"}, i%2 == 0) // the store in memory does not mind the end
					}
					time.Sleep(3 * time.Millisecond)
				}
			})
		}
		time.Sleep(400 * time.Millisecond)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		writers.Wait()
		time.Sleep(time.Second)
		close(over)
		readers.Wait()
		for r, got := range shown {
			for w := range 3 {
				if note := got[fmt.Sprint("agent ", w)]; note != "299" {
					t.Errorf("reader %d last read %q of agent %d", r, note, w)
				}
			}
		}
	})
}

// watch notes the last note of each agent, looking no more often than the pause allows, until over is closed.
func watch(b *live.Board, shown map[string]string, pause time.Duration, over <-chan struct{}) {
	since := uint64(0)
	for {
		c := b.Changes(since)
		for _, a := range c.Rows {
			shown[a.AgentID] = a.Note
		}
		since = c.Version
		time.Sleep(pause)
		select {
		case <-b.Changed(since):
		case <-over:
			return
		}
	}
}
