package app

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// An alarm is told once while it lasts, and again when it comes back.
func TestAnAlarmIsToldOnceWhileItLasts(t *testing.T) {
	late := schemas.Alarm{Kind: "job", Subject: "compute", Text: "is late", Since: 1000}
	later := late
	later.Text = "is late: the store is away"
	again := late
	again.Since = 9000
	var heard []string
	told := map[schemas.Alarm]bool{}
	for _, now := range [][]schemas.Alarm{{late}, {later}, {}, {again, {Kind: "mail", Subject: "7", Text: "not sent", Since: 9000}}, {again}} {
		told = newAlarms(told, now, func(a schemas.Alarm) { heard = append(heard, a.Kind+" "+a.Text) })
	}
	if want := []string{"job is late", "job is late", "mail not sent"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
