package live_test

import (
	"fmt"
	"testing"

	"rollcall/adherence/live"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// A silent feed makes the agents unknown on whom it has reported, from the store or since, in the fields that it
// supplies, and nobody else; when it speaks they are as before. Ana, who forgot to switch, is unknown then and not out.
func TestASilentFeedMakesItsAgentsUnknown(t *testing.T) {
	s := workedDay(t, at("10:20:00"))
	for _, name := range []string{"ben", "cleo"} {
		s.c.Members = append(s.c.Members, schemas.Membership{AgentID: name, Name: name, From: schemas.MakeDate(2026, 1, 1)})
	}
	inBubble(t, at("10:20:00"), s, func(t *testing.T, b *live.Board) {
		b.Apply("1", []schemas.Change{{Source: "acd", AgentID: "ben", At: at("10:20:00"), Routing: schemas.RoutingIdle},
			{Source: "dialler", AgentID: "ben", At: at("10:20:00"), Presence: schemas.PresenceAvailable,
				Status: schemas.StatusAvailable},
			{Source: "dialler", AgentID: "cleo", At: at("10:20:00"), Presence: schemas.PresenceAvailable,
				Status: schemas.StatusAvailable}})
		agents, ready := b.Reported("acd")
		if fmt.Sprint(agents, ready) != fmt.Sprint(map[string]schemas.Fields{"ana": schemas.AllFields,
			"ben": schemas.FieldRouting}, true) {
			t.Errorf("acd has reported on %v %v", agents, ready)
		}
		pass(at("10:40:00"))
		if row := ana(t, b); row.AdherenceState != schemas.LiveOutOfAdherence {
			t.Fatalf("at 10:40 %+v", row)
		}
		version := b.Changes(0).Version
		b.Silence(map[string]schemas.Instant{"acd": at("10:25:00")})
		if row := ana(t, b); row.AdherenceState != schemas.LiveUnknown || row.Presence != schemas.PresenceUnknown ||
			row.Severe ||
			row.Since.Presence != at("10:25:00") || row.Routable {
			t.Errorf("Ana, on whom nobody reports: %+v", row)
		}
		if ben, _ := b.Agent("ben"); ben.Routing != schemas.RoutingUnknown || ben.Presence != schemas.PresenceAvailable {
			t.Errorf("Ben, whose routing nobody reports: %+v", ben)
		}
		if cleo, _ := b.Agent("cleo"); cleo.Presence != schemas.PresenceAvailable || !cleo.Routable {
			t.Errorf("Cleo is of another feed: %+v", cleo)
		}
		if moved := b.Changes(version).Rows; len(moved) != 2 {
			t.Errorf("readers get %d rows", len(moved))
		}
		pass(at("11:00:00"))
		if row := ana(t, b); row.AdherenceState != schemas.LiveUnknown {
			t.Errorf("the silence has an end by itself: %+v", row)
		}
		b.Silence(nil)
		if row := ana(t, b); row.Presence == schemas.PresenceUnknown || row.AdherenceState == schemas.LiveUnknown {
			t.Errorf("the feed speaks again: %+v", row)
		}
	})
	if _, ready := live.New(live.DefaultConfig(), live.Deps{}).Reported("acd"); ready {
		t.Error("a board that was never read knows on whom a feed has reported")
	}
}

// What Ana sets herself while the feed that supplies all her fields is silent is not known until the feed reports again
// (RULES.md section 3), but it is remembered and shown; Ben's routing feed is silent and leaves him his break.
func TestWhatIsSetDuringASilenceIsKept(t *testing.T) {
	s := workedDay(t, at("10:20:00"))
	s.c.Members = append(s.c.Members, schemas.Membership{AgentID: "ben", Name: "ben", From: schemas.MakeDate(2026, 1, 1)})
	inBubble(t, at("10:20:00"), s, func(t *testing.T, b *live.Board) {
		b.Apply("1", []schemas.Change{{Source: "engine", AgentID: "ben", At: at("10:20:00"), Routing: schemas.RoutingIdle}})
		if u := b.FeedSilence("ana"); len(u.Feeds) > 0 || u.SaidAt != 0 {
			t.Errorf("nothing is silent, yet %+v", u)
		}
		b.Silence(map[string]schemas.Instant{"acd": at("10:15:00"), "engine": at("10:20:00")})
		pass(at("10:30:00"))
		rest := schemas.Change{Source: schemas.SourceSelf, Presence: schemas.PresenceAway, Status: schemas.StatusBreak,
			Secondary: "Tea", At: at("10:30:00")}
		for i, id := range []string{"ana", "ben"} {
			rest.AgentID = id
			b.Apply(fmt.Sprint(2+i), []schemas.Change{rest})
		}
		if row := ana(t, b); row.Status != schemas.StatusUnknown {
			t.Errorf("Ana is %+v in the silence", row)
		}
		want := schemas.FeedSilence{Feeds: []schemas.SilentFeed{{Source: "acd", Since: at("10:15:00"),
			Fields: schemas.AllFields}},
			Last:   schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak, Secondary: "Tea"},
			SaidAt: at("10:30:00")}
		if u := b.FeedSilence("ana"); fmt.Sprint(u) != fmt.Sprint(want) {
			t.Errorf("what is retained of Ana: %+v, want %+v", u, want)
		}
		if ben, _ := b.Agent("ben"); ben.Status != schemas.StatusBreak || ben.Presence != schemas.PresenceAway ||
			ben.Routing != schemas.RoutingUnknown {
			t.Errorf("Ben is %+v", ben)
		}
		if u := b.FeedSilence("ben"); len(u.Feeds) != 1 || u.Feeds[0].Fields != schemas.FieldRouting {
			t.Errorf("what silence leaves unknown of Ben: %+v", u)
		}
		b.Silence(nil)
		if row := ana(t, b); row.Status != schemas.StatusBreak || row.Secondary != "Tea" {
			t.Errorf("the feed speaks again and Ana is %+v", row)
		}
	})
}

// A feed that repeats what is known leaves the note to colleagues alone; one that reports a change clears it.
func TestARepeatedStateKeepsTheNote(t *testing.T) {
	inBubble(t, at("10:20:00"), workedDay(t, at("10:20:00")), func(t *testing.T, b *live.Board) {
		away := schemas.Change{
			Source:   schemas.SourceSelf,
			AgentID:  "ana",
			At:       at("10:20:00"),
			Presence: schemas.PresenceAway,
			Status:   schemas.StatusBreak,
			Note:     "back at 11",
		}
		b.Apply("1", []schemas.Change{away})
		again := away
		again.Source, again.Note, again.At = "acd", "", at("10:20:01")
		pass(at("10:20:02"))
		b.Apply("2", []schemas.Change{again})
		if row := ana(t, b); row.Note != "back at 11" {
			t.Errorf("the note is %q", row.Note)
		}
		again.Status, again.At = schemas.StatusMeal, at("10:20:03")
		b.Apply("3", []schemas.Change{again})
		if row := ana(t, b); row.Note != "" {
			t.Errorf("the note is %q", row.Note)
		}
	})
}

// A note outlives the daemon: a board that is read again has it, and so has the board of that minute; a note that a
// feed's change ended afterwards is not brought back, and what was applied since goes before what was read.
func TestNotesAreReadAgain(t *testing.T) {
	s := workedDay(t, at("10:50:00")) // break since 10:45, reported by acd
	s.notes = []chstore.Note{{AgentID: "ana", Text: "back at 11", At: at("10:46:00")}}
	inBubble(t, at("10:50:00"), s, func(t *testing.T, b *live.Board) {
		if row := ana(t, b); row.Note != "back at 11" {
			t.Errorf("after a restart the note is %q", row.Note)
		}
		rows, err := b.At(t.Context(), at("10:47:00"), at("10:47:00"), nil)
		if err != nil || len(rows) != 1 || rows[0].Note != "back at 11" {
			t.Errorf("at 10:47 the board was %+v, %v", rows, err)
		}
		if rows, err = b.At(t.Context(), at("10:40:00"), at("10:40:00"), nil); err != nil || rows[0].Note != "" {
			t.Errorf("at 10:40 the board was %+v, %v", rows, err)
		}
		b.Apply("1", []schemas.Change{{Source: schemas.SourceSelf, AgentID: "ana", At: at("10:50:00"),
			Presence: schemas.PresenceAway, Note: "tea"}})
		if err := b.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		if row := ana(t, b); row.Note != "tea" {
			t.Errorf("an older note is brought back: %q", row.Note)
		}
	})
	s = workedDay(t, at("10:50:00"))
	s.notes = []chstore.Note{{AgentID: "ana", Text: "on a call", At: at("10:30:00")}} // and 10:45 acd reported the break
	inBubble(t, at("10:50:00"), s, func(t *testing.T, b *live.Board) {
		if row := ana(t, b); row.Note != "" {
			t.Errorf("a note that had ended is back: %q", row.Note)
		}
	})
}
