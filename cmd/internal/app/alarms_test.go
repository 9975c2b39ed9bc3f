package app

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// An alarm is reported once while it lasts, and again when it comes back.
func TestAnAlarmIsReportedOnceWhileItLasts(t *testing.T) {
	late := schemas.Alarm{Kind: "job", Subject: "compute", Text: "is late", Since: 1000}
	later := late
	later.Text = "is late: the store is away"
	again := late
	again.Since = 9000
	var heard []string
	reported := map[schemas.Alarm]bool{}
	for _, now := range [][]schemas.Alarm{{late}, {later}, {},
		{again, {Kind: "mail", Subject: "7", Text: "not sent", Since: 9000}}, {again}} {
		reported = newAlarms(reported, now, func(a schemas.Alarm) { heard = append(heard, a.Kind+" "+a.Text) })
	}
	if want := []string{"job is late", "job is late", "mail not sent"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}

// A feed is an alarm while it is silent, and only then.
func TestASilentFeedIsAnAlarm(t *testing.T) {
	signs := []schemas.FeedHealth{{Source: "acd", LastSeen: 5000, SilentSince: 5000}, {Source: "wfm", LastSeen: 8000}}
	got := feedAlarms(signs, 9000)
	if len(got) != 1 || got[0].Kind != "feed" || got[0].Subject != "acd" || got[0].Since != 5000 {
		t.Fatalf("alarms: %+v", got)
	}
	var reported int
	newAlarms(newAlarms(nil, got, func(schemas.Alarm) { reported++ }), feedAlarms(signs, 12_000),
		func(schemas.Alarm) { reported++ })
	if reported != 1 {
		t.Errorf("one silence is reported %d times", reported)
	}
	signs[0] = schemas.FeedHealth{Source: "acd", LastSeen: 11_000}
	if got := feedAlarms(signs, 12_000); len(got) != 0 {
		t.Errorf("a feed that speaks again: %+v", got)
	}
}
