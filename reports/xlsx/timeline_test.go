package xlsx

import (
	"slices"
	"strings"
	"testing"

	"rollcall/reports"
	"rollcall/schemas"
)

// anaDay is the worked day with what was scheduled and what was done.
func anaDay(t *testing.T) schemas.DayRow {
	d := ana(t)
	span := func(from, to string) (schemas.Instant, schemas.Instant) {
		return at(t, "2026-03-02T"+from+":00Z"), at(t, "2026-03-02T"+to+":00Z")
	}
	for _, a := range []struct {
		from, to string
		c        schemas.Category
	}{{"09:00", "10:30", schemas.CategoryOnQueueWork}, {"10:30", "11:00", schemas.CategoryBreak},
		{"11:00", "12:00", schemas.CategoryMeeting}} {
		start, end := span(a.from, a.to)
		d.Activities = append(d.Activities, schemas.Activity{Start: start, End: end, Category: a.c})
	}
	for _, v := range []struct {
		from, to string
		state    schemas.State
		verdict  schemas.Verdict
		onQueue  bool
	}{{"08:58", "09:00", schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusOffQueue},
		schemas.VerdictNone, false},
		{"09:00", "10:30", onQueue, schemas.VerdictIn, true}, {"10:30", "10:45", onQueue, schemas.VerdictOut, true},
		{"10:45", "11:00", onBreak, schemas.VerdictIn, false}, {"11:00", "12:00", onBreak, schemas.VerdictOut, false}} {
		start, end := span(v.from, v.to)
		d.Intervals = append(d.Intervals,
			schemas.JudgedInterval{Start: start, End: end, State: v.state, Verdict: v.verdict, OnQueue: v.onQueue})
	}
	return d
}

// hours writes the quarter hours of a band from one hour to another: a letter each, capital where it was out.
func hours(b *band, from, to int) (scheduled, actual string) {
	letters := " qbmgtoa?"
	for q := midnight + 4*from; q < midnight+4*to; q++ {
		scheduled += string(letters[b.scheduled[q]])
		a := string(letters[b.actual[q]])
		if b.out[q] {
			a = strings.ToUpper(a)
		}
		actual += a
	}
	return scheduled, actual
}

func TestQuarterHoursOfTheWorkedDay(t *testing.T) {
	d := anaDay(t)
	london, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	b := newBand(&reports.Day{DayRow: &d, Zone: london})
	scheduled, actual := hours(b, 8, 13)
	if scheduled != "    qqqqqqbbgggg    " || actual != "   oqqqqqqQbBBBB    " {
		t.Errorf("scheduled %q, actual %q", scheduled, actual)
	}
	// Shown in the time of Kolkata the same day lies five and a half hours later.
	kolkata, err := schemas.LoadZone("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	if scheduled, _ = hours(newBand(&reports.Day{DayRow: &d, Zone: kolkata}), 14, 18); scheduled != "  qqqqqqbbgggg  " {
		t.Errorf("in Kolkata: scheduled %q", scheduled)
	}
}

// A night shift goes on past midnight in its own row, also on the night on which the clocks go back.
func TestANightShiftIsOneBand(t *testing.T) {
	zone, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	d := schemas.DayRow{}
	d.Day = schemas.MakeDate(2026, 10, 24)
	d.Activities = []schemas.Activity{{Start: at(t, "2026-10-24T21:00:00Z"), End: at(t, "2026-10-25T06:00:00Z"),
		Category: schemas.CategoryOnQueueWork}}
	b := newBand(&reports.Day{DayRow: &d, Zone: zone})
	// 22:00 to 06:00
	if scheduled, _ := hours(b, 21, 32); scheduled != "    "+strings.Repeat("q", 4*8)+strings.Repeat(" ", 8) {
		t.Errorf("scheduled %q", scheduled)
	}
}

// The sheet is there when it was asked for, and About says why when it is not.
func TestTheTimelineIsThereOrSaysWhyNot(t *testing.T) {
	plain, asked := week(), timed()
	for name, c := range map[string]struct {
		s     *memory
		q     reports.Query
		there bool
		says  string
	}{
		"not asked for": {listed(ana(t)), plain, false, "left out: it shows at most 2000 agent-days"},
		"asked for":     {listed(anaDay(t)), asked, true, "underlined in red"},
		"most":          {withShifts(centre(400, 5)), asked, true, "underlined in red"},
		"nothing drawn": {listed(ana(t)), asked, true, "underlined in red"},
		"too many":      {withShifts(centre(667, 3)), asked, false, "left out: it shows at most 2000 agent-days"},
	} {
		f := reopen(t, made(t, c.s, c.q, DefaultConfig()))
		if there := slices.Contains(f.GetSheetList(), "Timeline"); there != c.there {
			t.Errorf("%s: sheets %v", name, f.GetSheetList())
		}
		rows, err := f.GetRows("About")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(rows,
			func(r []string) bool { return len(r) > 1 && r[0] == "Timeline" && strings.Contains(r[1], c.says) }) {
			t.Errorf("%s: About does not say %q", name, c.says)
		}
	}
	f := reopen(t, made(t, listed(anaDay(t)), asked, DefaultConfig()))
	rows, err := f.GetRows("Timeline")
	if err != nil || len(rows) < gridFirstRow || !slices.Contains(rows[gridFirstRow-1], "Ana Ortiz") ||
		!slices.Contains(rows[gridFirstRow-1], "58.33%") ||
		!slices.Contains(rows[gridHeadRow-1], "09") {
		t.Errorf("rows %v, %v", rows, err)
	}
}

// Percentages of a week are quotients of its sums, and weeks begin on Monday.
func TestALongTrendIsByWeek(t *testing.T) {
	s := centre(2, 70)
	q := week()
	q.To = monday + 69
	f := reopen(t, made(t, s, q, DefaultConfig()))
	rows, err := f.GetRows("Trend")
	if err != nil {
		t.Fatal(err)
	}
	if rows[0][0] != "Trend by week" || rows[3][0] != "From" || len(rows) != 4+10 || rows[4][0] != "2026-03-02" ||
		rows[4][1] != "2026-03-08" || rows[4][2] != "14" {
		t.Errorf("%d rows, the first %v", len(rows), rows[:min(5, len(rows))])
	}
}
