package ingest

import (
	"testing"

	"rollcall/schemas"
)

// A text that meant nothing is stored raw; once it means something, another fact says so beside the first, naming only
// what was unknown, and the same reading twice is the same fact.
func TestWhatWasKeptRawIsReadAgain(t *testing.T) {
	before := NewMapping(nil)
	stored := schemas.Change{ID: "e1", Source: "acd", AgentID: "ana", At: schemas.MinInstant, Note: "hi"}
	if _, err := before.Apply(&stored,
		Texts{Presence: "In space", Status: "available", Routing: "Ringing; loud"}); err != nil {
		t.Fatal(err)
	}
	if again, ok := before.Reread(&stored); ok {
		t.Fatalf("texts that mean nothing are read as %+v", again)
	}
	space := schemas.Meaning{Field: schemas.MeaningPresence, Text: "in-SPACE", Presence: schemas.PresenceBusy,
		Status: schemas.StatusMeeting}
	ringing := schemas.Meaning{Field: schemas.MeaningRouting, Text: "Ringing; loud", Routing: schemas.RoutingInteracting}
	again, ok := NewMapping(nil, space).Reread(&stored)
	if !ok || again.Presence != schemas.PresenceBusy || again.Status != schemas.StatusNone ||
		again.Routing != schemas.RoutingNone {
		t.Errorf("with a presence alone it says %+v; the status that the feed gave stays", again)
	}
	both := NewMapping(nil, space, ringing)
	one, _ := both.Reread(&stored)
	two, _ := both.Reread(&stored)
	if one != two || one.Routing != schemas.RoutingInteracting || one.Source != "acd" || one.At != stored.At ||
		one.Note != "hi" || one.Raw != "" {
		t.Errorf("read twice: %+v and %+v", one, two)
	}
	if one.ID == stored.ID || one.ID == again.ID || one.Check(stored.At) != nil {
		t.Errorf("the id is %q after %q", one.ID, again.ID)
	}
	if !(Unmapped{"presence", "In space"}).Is(&space) || (Unmapped{"routing", "In space"}).Is(&space) {
		t.Error("a text is not known by its letters in its field")
	}
}

// Of two decisions on one text the later counts, labels of statuses bring a secondary, and our own words cannot be
// redefined.
func TestWhatATextMeansNow(t *testing.T) {
	w := NewMapping([]schemas.SecondaryStatus{{Secondary: "Fika", Status: schemas.StatusBreak}},
		schemas.Meaning{Field: "presence", Text: "DND", Presence: schemas.PresenceAway, RecordedAt: 2},
		schemas.Meaning{Field: "presence", Text: "dnd", Presence: schemas.PresenceBusy, RecordedAt: 1},
		schemas.Meaning{Field: "presence", Text: "offline", Presence: schemas.PresenceAvailable},
		schemas.Meaning{Field: "routing", Text: "☎", Routing: schemas.RoutingCommunicating})
	for _, c := range []struct {
		texts Texts
		want  schemas.Change
	}{{Texts{Presence: "D.N.D"}, schemas.Change{Presence: schemas.PresenceAway}},
		{Texts{Presence: "offline"}, schemas.Change{Presence: schemas.PresenceOffline}},
		{Texts{Routing: "☎"}, schemas.Change{Routing: schemas.RoutingCommunicating}},
		{Texts{Routing: "☏"}, schemas.Change{Routing: schemas.RoutingUnknown, Raw: "routing=☏"}},
		{Texts{Status: "fika"}, schemas.Change{Status: schemas.StatusBreak, Secondary: "Fika"}}} {
		var got schemas.Change
		if _, err := w.Apply(&got, c.texts); err != nil || got != c.want {
			t.Errorf("%+v means %+v (%v), want %+v", c.texts, got, err, c.want)
		}
	}
}
