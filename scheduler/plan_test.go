package scheduler

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var zones = []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"}

// An oracle that knows nothing of fields, masks and offsets: it walks every minute of a leap year and looks at the
// clock. A fixed hour is due when the clock first reaches or passes a matching reading; the rest when the clock shows
// one.
func TestPlanAgainstEveryMinuteOfAYear(t *testing.T) {
	specs := []struct {
		cron    string
		elapsed bool
		match   func(time.Time) bool
	}{
		{"30 2 * * *", false, func(w time.Time) bool { return w.Hour() == 2 && w.Minute() == 30 }},
		{"@daily", false, func(w time.Time) bool { return w.Hour() == 0 && w.Minute() == 0 }},
		{"*/20 0-3 * * 0", false, func(w time.Time) bool { return w.Weekday() == 0 && w.Hour() <= 3 && w.Minute()%20 == 0 }},
		{"15 1,23 1-7 * 6", false, func(w time.Time) bool {
			return (w.Day() <= 7 || w.Weekday() == 6) && (w.Hour() == 1 || w.Hour() == 23) && w.Minute() == 15
		}},
		{"0 */24 * * *", false, func(w time.Time) bool { return w.Hour() == 0 && w.Minute() == 0 }},
		{"*/15 * * * *", true, func(w time.Time) bool { return w.Minute()%15 == 0 }},
		{"45 */2 * 3,4,9-11 *", true, func(w time.Time) bool {
			m := w.Month()
			return w.Hour()%2 == 0 && w.Minute() == 45 && (m == 3 || m == 4 || m >= 9 && m <= 11)
		}},
		{"@hourly", true, func(w time.Time) bool { return w.Minute() == 0 }},
		{"59 23 29 2 ?", false, func(w time.Time) bool {
			return w.Month() == 2 && w.Day() == 29 && w.Hour() == 23 &&
				w.Minute() == 59
		}},
	}
	from, to := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, zone := range zones {
		walls := wallsOf(t, zone, from, to)
		for _, spec := range specs {
			plan, err := parsePlan(spec.cron, zone)
			if err != nil {
				t.Fatal(err)
			}
			next, fired := plan.Next(from), 0
			high := walls[0]
			for i := 1; i < len(walls); i++ {
				at := from.Add(time.Duration(i) * time.Minute)
				due := spec.elapsed && spec.match(walls[i])
				for !spec.elapsed && high.Before(walls[i]) {
					high = high.Add(time.Minute)
					due = due || spec.match(high)
				}
				if due != next.Equal(at) {
					t.Fatalf("%s in %s at %s (wall %s): due %v, but the plan says next is %s", spec.cron, zone, at, walls[i], due,
						next)
				}
				if due {
					fired++
					next = plan.Next(at)
				}
			}
			if fired == 0 {
				t.Fatalf("%s in %s: the oracle never fired", spec.cron, zone)
			}
		}
	}
}

// wallsOf reads the clock of the zone at every minute, written as if it were UTC.
func wallsOf(t *testing.T, zone string, from, to time.Time) []time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var walls []time.Time
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		l := at.In(loc)
		walls = append(walls, time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC))
	}
	return walls
}

func TestPlanOnTheNightsWhenClocksChange(t *testing.T) {
	for _, c := range []struct {
		name, cron, zone, after string
		want                    []string
	}{
		{"spring: half past two becomes three", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"autumn: the first half past two only", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"four times in one hole are one", "*/15 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"every hour runs on both passes", "@hourly", "Europe/Berlin", "2026-10-24T23:30:00Z",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"Santiago skips midnight", "@daily", "America/Santiago", "2026-09-05T12:00:00Z",
			[]string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"}},
		{"Lord Howe jumps half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z",
			[]string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"a date that Samoa never had", "0 6 30 * *", "Pacific/Apia", "2011-12-20T00:00:00Z",
			[]string{"2011-12-31T00:00:00+14:00", "2012-01-30T06:00:00+14:00"}},
		{"leap days eight years apart", "0 6 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T06:00:00Z"}},
		{"every goes on through the change", "@every 90m", "Europe/Berlin", "2026-03-28T23:10:00Z",
			[]string{"2026-03-29T01:00:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29T05:00:00+02:00"}},
	} {
		plan, err := parsePlan(c.cron, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if at = plan.Next(at); at.Format(time.RFC3339) != want {
				t.Errorf("%s: %s in %s: got %s, want %s", c.name, c.cron, c.zone, at.Format(time.RFC3339), want)
				break
			}
		}
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	for _, c := range []struct{ cron, zone, says string }{
		{"TZ=UTC", "Europe/Berlin", "carries a time zone"},
		{"CRON_TZ=Asia/Tokyo 0 6 * * *", "UTC", "write it in the job's zone"},
		{"0 6 31 2 *", "UTC", "never comes true"},
		{"0 6 * * ,", "UTC", "never comes true"},
		{"", "UTC", "empty"},
		{"0 6 * *", "UTC", "five fields"},
		{"61 6 * * *", "UTC", "above maximum"},
		{"@every 500ms", "UTC", "whole seconds"},
		{"@every -5m", "UTC", "whole seconds"},
		{"@every 1500ms", "UTC", "whole seconds"},
		{"@never", "UTC", "unrecognized"},
		{"0 6 * * *", "", "names no place"},
		{"0 6 * * *", "Local", "names no place"},
		{"0 6 * * *", "Europe/Brelin", "is not known"},
	} {
		_, err := parsePlan(c.cron, c.zone)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q in %q: got %v, want an error that says %q", c.cron, c.zone, err, c.says)
		}
	}
}

// Whatever the instant, the next due time lies after it and no due time lies between the two.
func TestNextSkipsNothing(t *testing.T) {
	specs := []string{"30 2 * * *", "7 */5 * * *", "0 0 1 * *", "@every 7m", "* 1-2 * * 0", "*/7 * 28-31 * 1"}
	rapid.Check(t, func(t *rapid.T) {
		plan, err := parsePlan(rapid.SampledFrom(specs).Draw(t, "cron"), rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(946684800, 4102444800).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		next := plan.Next(at)
		if !next.After(at) {
			t.Fatalf("next of %s is %s", at, next)
		}
		between := at.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(at))-1).Draw(t, "between")))
		if got := plan.Next(between); !got.Equal(next) {
			t.Fatalf("next of %s is %s, but from %s it is %s", at, next, between, got)
		}
	})
}

func FuzzParsePlan(f *testing.F) {
	for _, s := range []string{"0 6 * * *", "TZ=UTC", "TZ= ", "@every 1h", "@", "1/0 * * * *", "*/5,1-3 2 L * ?",
		"0 6 31 2 *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plan, err := parsePlan(s, "America/Santiago")
		if err != nil {
			return
		}
		at := time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC)
		if next := plan.Next(at); !next.After(at) {
			t.Fatalf("%q: after %s comes %s", s, at, next)
		}
	})
}

// The last day of a leap year after 2037 has to end: package time names clock changes there that have passed.
func TestFarLeapYearsEnd(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"} {
		p, err := parsePlan("30 2 * * *", zone)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2040, 12, 30, 12, 0, 0, 0, time.UTC)
		for range 4 {
			next := p.Next(at)
			if d := next.Sub(at); next.IsZero() || d <= 0 || d > 26*time.Hour {
				t.Fatalf("%s: after %s comes %s", zone, at, next)
			}
			at = next
		}
	}
}
