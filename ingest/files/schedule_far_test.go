package files

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/schemas"
)

// hoursOn are rows of ana, an hour on each date.
func hoursOn(dates ...string) string {
	b := &strings.Builder{}
	b.WriteString("agent_id,activity,date,start_time,end_time,category\n")
	for _, day := range dates {
		fmt.Fprintf(b, "ana,A,%s,09:00,10:00,meal\n", day)
	}
	return b.String()
}

// TestAMistypedYearIsAProblemOfItsLine: one row a year away from the others does not make the file one about a year;
// what is not far, is as often as the others, or is asked for by dates is believed.
func TestAMistypedYearIsAProblemOfItsLine(t *testing.T) {
	week := []string{"2026-11-09", "2026-11-10", "2025-11-11", "2026-11-12", "2026-11-13"}
	sparse := []string{"2026-01-05", "2026-04-06", "2026-07-13", "2026-10-19"}
	halves := []string{"2026-01-05", "2026-01-06", "2026-12-01", "2026-12-02"}
	for name, s := range map[string]struct {
		dates    []string
		opt      Options
		problems int
		from, to string
	}{
		"a year early": {week, Options{}, 1, "2026-11-09", "2026-11-13"},
		"good rows":    {week, Options{AllowPartial: true}, 1, "2026-11-09", "2026-11-13"},
		"one of three": {week[1:4], Options{}, 1, "2026-11-10", "2026-11-12"},
		"spring and autumn": {[]string{"2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25"}, Options{}, 0,
			"2026-03-28", "2026-10-25"},
		"a new quarter": {sparse, Options{}, 0, "2026-01-05", "2026-10-19"},
		"two halves":    {halves, Options{}, 0, "2026-01-05", "2026-12-02"},
		"asked for": {week, Options{From: schemas.MakeDate(2025, 11, 1), To: schemas.MakeDate(2026, 11, 30)}, 0,
			"2025-11-01", "2026-11-30"},
	} {
		s.opt.TimeZone = "UTC"
		p, r, err := ReadSchedule(background, BytesInput("s.csv", []byte(hoursOn(s.dates...))), s.opt, Known{})
		if err != nil {
			t.Fatal(err)
		}
		if r.ProblemCount != s.problems || r.Rejected != s.problems || r.Read != len(s.dates) {
			t.Errorf("%s: %d problems, %d of %d rejected: %v", name, r.ProblemCount, r.Rejected, r.Read, r.Problems)
		}
		if p.From.String() != s.from || p.To.String() != s.to {
			t.Errorf("%s: the range is %s to %s", name, p.From, p.To)
		}
		if s.problems == 0 {
			continue
		}
		got := r.Problems[0]
		if got.Field != "start" || !strings.Contains(got.Message, "2025-11-11 is more than 100 days away from the dates "+
			"of most rows, "+s.from+" to "+s.to) {
			t.Errorf("%s: got %s", name, got)
		}
		if days := p.left["ana"]; s.opt.AllowPartial && (days == nil || !days.all) {
			t.Errorf("%s: the good rows replace a date that is missing only because another was mistyped", name)
		}
	}
}

// TestWorkOutsideTheRosterIsTold: who is scheduled on dates on which no roster row holds is named with the dates.
func TestWorkOutsideTheRosterIsTold(t *testing.T) {
	known := Known{Members: []schemas.Membership{{AgentID: "ana", TimeZone: "Europe/London",
		From: schemas.MakeDate(2026, 1, 1), To: schemas.MakeDate(2026, 10, 15)}}}
	in := BytesInput("s.csv", []byte(hoursOn("2026-10-14", "2026-10-15", "2026-10-16", "2026-10-20")))
	_, r, err := ReadSchedule(background, in, Options{}, known)
	if err != nil || r.ProblemCount > 0 || r.WarningCount != 1 {
		t.Fatal(err, r)
	}
	if w := r.Warnings[0]; w.Line != 3 || !strings.Contains(w.Message,
		"ana is in no roster row on 2026-10-15, 2026-10-16, 2026-10-20, and is scheduled then") {
		t.Errorf("got %s", w)
	}
}
