package ingest

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// Every spelling of every API surface, next to our own words (RULES.md section 3 "From Genesys Cloud").
func TestApply(t *testing.T) {
	words := NewMapping([]schemas.SecondaryStatus{
		{Secondary: "Coaching", Status: schemas.StatusTraining}, {Secondary: "Project 1", Status: schemas.StatusOffQueue},
		{Secondary: "Project 2", Status: schemas.StatusMeeting}, {Secondary: "Meal", Status: schemas.StatusBreak},
		{Secondary: "1:1", Status: schemas.StatusMeeting}, {Secondary: "11", Status: schemas.StatusTraining},
	})
	for _, c := range []struct {
		in       Texts
		want     string // presence/status/routing/secondary
		raw      string
		unmapped int
	}{
		{Texts{Presence: "available"}, "available///", "", 0},
		{Texts{Presence: "Available"}, "available/off_queue//", "", 0},
		{Texts{Presence: "ON_QUEUE"}, "available/available//", "", 0},
		{Texts{Presence: "On Queue"}, "available/available//", "", 0},
		{Texts{Presence: "OnQueue", Status: "break"}, "available/break//", "", 0},
		{Texts{Presence: "BUSY"}, "busy/off_queue//", "", 0},
		{Texts{Presence: "Away"}, "away/off_queue//", "", 0},
		{Texts{Presence: "IDLE"}, "away/off_queue//", "", 0},
		{Texts{Presence: "BREAK"}, "away/break//", "", 0},
		{Texts{Presence: "meal"}, "away/meal//", "", 0},
		{Texts{Presence: "Meeting"}, "busy/meeting//", "", 0},
		{Texts{Presence: "TRAINING", Secondary: "Coaching"}, "busy/training//Coaching", "", 0},
		{Texts{Presence: "OFFLINE"}, "offline/off_queue//", "", 0},
		{Texts{Presence: "unknown", Status: "Unknown"}, "unknown/unknown//", "", 0},
		{Texts{Presence: "On Holiday"}, "unknown///", "presence=On Holiday", 1},
		{Texts{Status: "Off Queue", Routing: "NOT_RESPONDING"}, "/off_queue/not_responding/", "", 0},
		{Texts{Status: "offqueue", Routing: "Interacting"}, "/off_queue/interacting/", "", 0},
		{Texts{Status: "coaching"}, "/training//Coaching", "", 0},
		{Texts{Status: "Meal"}, "/break//Meal", "", 0}, // the organisation's own label goes before another spelling of ours
		{Texts{Status: "meal"}, "/meal//", "", 0},
		{Texts{Status: "PROJECT 1"}, "/off_queue//Project 1", "", 0},
		{Texts{Status: "project-2"}, "/meeting//Project 2", "", 0},
		{Texts{Status: "1:1"}, "/meeting//1:1", "", 0},
		{Texts{Status: "1.1"}, "/unknown//", "status=1.1", 1}, // two labels could be meant
		{Texts{Status: "Coaching", Secondary: "Peer"}, "/training//Peer", "", 0},
		{Texts{Secondary: "coaching"}, "/training//Coaching", "", 0},
		{Texts{Secondary: "Anything"}, "///Anything", "", 0}, // a rule for Change.Check
		{Texts{Status: "???", Routing: "lunch"}, "/unknown/unknown/", "status=???; routing=lunch", 2},
		{Texts{}, "///", "", 0},
	} {
		var got schemas.Change
		unmapped, err := words.Apply(&got, c.in)
		text := strings.Join([]string{got.Presence.String(), got.Status.String(), got.Routing.String(), got.Secondary}, "/")
		if err != nil || text != c.want || got.Raw != c.raw || len(unmapped) != c.unmapped {
			t.Errorf("%+v: %s raw %q unmapped %v, %v; want %s raw %q", c.in, text, got.Raw, unmapped, err, c.want, c.raw)
		}
	}
}

func TestApplyWithoutATable(t *testing.T) {
	var none *Mapping
	var c schemas.Change
	unmapped, err := none.Apply(&c, Texts{Status: "Coaching"})
	if err != nil || c.Status != schemas.StatusUnknown || len(unmapped) != 1 {
		t.Fatalf("%+v %v %v", c, unmapped, err)
	}
	first := unmapped[0].Finding("acd", "ana", 1)
	if again := unmapped[0].Finding("acd", "ben", 2); again.ID != first.ID {
		t.Error("one text makes two findings")
	}
	if other := unmapped[0].Finding("wfm", "ana", 1); other.ID == first.ID {
		t.Error("two sources make one finding")
	}
	if _, err := none.Apply(&c, Texts{Routing: strings.Repeat("x", 129)}); err == nil || err.Field != "routing" {
		t.Errorf("a text of 129 bytes: %v", err)
	}
}
