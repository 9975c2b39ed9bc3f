package schemas_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

func zone(t interface{ Fatal(...any) }, name string) schemas.Zone {
	z, err := schemas.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Clock-change tables: how long the local day is, and what a wall-clock reading becomes (RULES.md section 2).
func TestLocalDaysHaveTheirRealLength(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     float64
		first     string
	}{
		{"Europe/London", "2026-03-28", 24, "2026-03-28T00:00:00Z"},
		{"Europe/London", "2026-03-29", 23, "2026-03-29T00:00:00Z"},
		{"Europe/London", "2026-10-25", 25, "2026-10-24T23:00:00Z"},
		{"America/New_York", "2026-03-08", 23, "2026-03-08T05:00:00Z"},
		{"America/New_York", "2026-11-01", 25, "2026-11-01T04:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-05", 24.5, "2026-04-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", 23.5, "2026-10-03T13:30:00Z"},
		// Midnight is skipped: the date begins at 01:00 local time.
		{"America/Santiago", "2026-09-06", 23, "2026-09-06T04:00:00Z"},
		{"America/Santiago", "2026-04-04", 25, "2026-04-04T03:00:00Z"},
		{"Asia/Beirut", "2026-03-29", 23, "2026-03-28T22:00:00Z"},
		// The whole date was skipped when Samoa crossed the date line.
		{"Pacific/Apia", "2011-12-30", 0, "2011-12-30T10:00:00Z"},
	} {
		d, err := schemas.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		got := zone(t, c.zone).Day(d)
		if h := float64(got.MS()) / float64(schemas.HourMS); h != c.hours || got.Start.String() != c.first {
			t.Errorf("%s in %s: %v h from %s, want %v h from %s", c.day, c.zone, h, got.Start, c.hours, c.first)
		}
	}
}

func TestSkippedAndDoubledLocalTimesAreErrorsWithARemedy(t *testing.T) {
	for _, c := range []struct {
		zone, wall, want string
	}{
		{"Europe/London", "2026-03-29 00:59", "2026-03-29T00:59:00Z"},
		{"Europe/London", "2026-03-29 01:30", "2026-03-29 01:30 does not exist in Europe/London"},
		{"Europe/London", "2026-03-29 02:00", "2026-03-29T01:00:00Z"},
		{"Europe/London", "2026-10-25 01:30", "2026-10-25 01:30 comes twice in Europe/London"},
		{"Europe/London", "2026-10-25 02:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08 02:15", "does not exist"},
		{"America/New_York", "2026-11-01 01:15", "write 2026-11-01T01:15:00-04:00 or 2026-11-01T01:15:00-05:00"},
		{"America/Santiago", "2026-09-06 00:30", "the next local time is 2026-09-06T01:00:00-03:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "comes twice"},
	} {
		w, err := time.Parse("2006-01-02 15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		got, err := zone(t, c.zone).Resolve(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), 0, 0)
		text := got.String()
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, c.want) {
			t.Errorf("%s in %s gives %q, want %q", c.wall, c.zone, text, c.want)
		}
	}
}

// Any instant survives the way to the wall clock and back, or its reading is one that comes twice; and it lies in the
// local day that its date names.
func TestWallClockAndBack(t *testing.T) {
	names := []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata",
		"Africa/Casablanca"}
	rapid.Check(t, func(r *rapid.T) {
		z := zone(r, rapid.SampledFrom(names).Draw(r, "zone"))
		at := schemas.Instant(rapid.Int64Range(1_577_836_800, 1_893_456_000).Draw(r, "second") * 1000)
		if day := z.Day(z.Date(at)); !day.Contains(at) {
			r.Fatalf("%s lies outside its own day %s", at, day)
		}
		w := at.Time().In(z.Location())
		back, err := z.Resolve(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0)
		if err == nil && back != at {
			r.Fatalf("%s became %s", at, back)
		}
		if err != nil && !strings.Contains(err.Error(), "comes twice") {
			r.Fatalf("%s: a reading that exists was refused: %v", at, err)
		}
	})
}

func TestUnionKeepsExactlyTheInstantsOfItsParts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.SliceOf(rapid.Custom(func(r *rapid.T) schemas.Interval {
			a := schemas.Instant(rapid.IntRange(0, 30).Draw(r, "start"))
			return schemas.Interval{Start: a, End: a.Add(int64(rapid.IntRange(-2, 6).Draw(r, "length")))}
		})).Draw(r, "intervals")
		out := schemas.Union(slices.Clone(in))
		holds := func(vs []schemas.Interval, at schemas.Instant) bool {
			return slices.ContainsFunc(vs, func(v schemas.Interval) bool { return v.Contains(at) })
		}
		for at := schemas.Instant(-3); at < 40; at++ {
			if holds(in, at) != holds(out, at) {
				r.Fatalf("instant %d: in %v, union %v", at, in, out)
			}
		}
		for i := 1; i < len(out); i++ {
			if out[i].Start <= out[i-1].End {
				r.Fatalf("union %v is not joined", out)
			}
		}
	})
}

func acts(t *testing.T, lines string) []schemas.Activity {
	t.Helper()
	var out []schemas.Activity
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		f := strings.Fields(line)
		hour := func(s string) schemas.Instant {
			d, err := time.ParseDuration(s)
			if err != nil {
				t.Fatal(err)
			}
			return schemas.Instant(d.Milliseconds())
		}
		c, err := schemas.ParseCategory(f[2])
		if err != nil {
			t.Fatal(err)
		}
		a := schemas.Activity{Start: hour(f[0]), End: hour(f[1]), Category: c}
		if len(f) > 3 {
			a.Shift = f[3]
		}
		out = append(out, a)
	}
	return out
}

// Each line of the table is a sentence of RULES.md section 4 "Shifts" or of the fine print.
func TestShiftsAreFormedAsTheDomainSays(t *testing.T) {
	for _, c := range []struct {
		name, acts string
		want       []int32
	}{
		{"one id is one shift across a gap below 12 h", "0h 1h meal a\n12h59m 14h meal a", []int32{0, 0}},
		{"the same id after 12 h is another shift", "0h 1h meal a\n13h 14h meal a", []int32{0, 1}},
		{"a gap of exactly shift_gap joins", "0h 1h meal\n3h 4h meal", []int32{0, 0}},
		{"a longer gap does not", "0h 1h meal\n3h1m 4h meal", []int32{0, 1}},
		{"runs without an id ignore shifts with one in between", "0h 1h meal\n1h 2h meal a\n2h 3h meal", []int32{0, 1, 0}},
		{"time off bridges no gap", "0h 1h meal\n1h 4h time_off\n4h 5h meal", []int32{0, -1, 1}},
		{"time off between the activities of a shift joins it", "0h 1h meal\n1h 2h time_off\n2h 3h meal", []int32{0, 0, 0}},
		{"time off after the shift does not join", "0h 1h meal\n1h 2h time_off", []int32{0, -1}},
		{"time off alone under an id is a shift", "0h 8h time_off a", []int32{0}},
		{"time off joins by its id", "0h 1h meal a\n5h 6h time_off a", []int32{0, 0}},
		{"between two shifts it joins the earlier", "0h 1h meal a\n1h 2h meal b\n2h 3h time_off\n3h 4h meal a\n4h 5h meal b",
			[]int32{0, 1, 0, 0, 1}},
	} {
		in := acts(t, c.acts)
		of, _ := schemas.FormShifts(in, 2*schemas.HourMS, nil, nil)
		if !slices.Equal(of, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, of, c.want)
		}
	}
}

func TestPercentRoundsHalfAwayFromZeroOnIntegers(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     float64
	}{{6300, 10800, 58.33}, {1, 8, 12.5}, {1, 3, 33.33}, {2, 3, 66.67}, {100005, 1000000, 10}, {100050, 1000000, 10.01},
		{1005, 100000, 1.01}, {28, 24, 116.67}, {9_007_199_254_740_993, 9_007_199_254_740_993, 100}} {
		if got, ok := (schemas.Percent{Num: c.num, Den: c.den}).Value(); !ok || got != c.want {
			t.Errorf("%d/%d gives %v, want %v", c.num, c.den, got, c.want)
		}
	}
	if _, ok := (schemas.Percent{Num: 0, Den: 0}).Value(); ok {
		t.Error("nothing out of nothing is a percentage")
	}
}

func TestANearWordIsSuggested(t *testing.T) {
	_, err := schemas.ParseStatus("brake")
	if err == nil || !strings.Contains(err.Error(), `did you mean "break"?`) {
		t.Errorf("got %v", err)
	}
	if got := schemas.Nearest("zebra", []string{"break", "meal"}); got != "" {
		t.Errorf("zebra is near %q", got)
	}
}

func TestChangesThatBreakARuleSayWhich(t *testing.T) {
	now := schemas.Instant(1_772_442_000_000)
	good := schemas.Change{Source: "acd", AgentID: "ana", At: now, Status: schemas.StatusBreak}
	for _, c := range []struct {
		field string
		spoil func(*schemas.Change)
	}{
		{"", func(*schemas.Change) {}},
		{"agent_id", func(c *schemas.Change) { c.AgentID = "" }},
		{"agent_id", func(c *schemas.Change) { c.AgentID = strings.Repeat("é", 65) }},
		{"", func(c *schemas.Change) { c.AgentID = strings.Repeat("é", 64) }},
		{"agent_id", func(c *schemas.Change) { c.AgentID = "a\x00b" }},
		{"agent_id", func(c *schemas.Change) { c.AgentID = "\xff" }},
		{"source", func(c *schemas.Change) { c.Source = "" }},
		{"at", func(c *schemas.Change) { c.At = schemas.MinInstant - 1 }},
		{"", func(c *schemas.Change) { c.At = now.Add(schemas.HourMS) }},
		{"at", func(c *schemas.Change) { c.At = now.Add(schemas.HourMS + 1) }},
		{"presence", func(c *schemas.Change) { c.Status = schemas.StatusNone }},
		{"secondary", func(c *schemas.Change) { c.Status, c.Routing, c.Secondary = 0, schemas.RoutingIdle, "Coaching" }},
		{"note", func(c *schemas.Change) { c.Note = strings.Repeat("x", schemas.MaxNoteBytes+1) }},
	} {
		ch := good
		c.spoil(&ch)
		e := ch.Check(now)
		if (e == nil) != (c.field == "") || (e != nil && e.Field != c.field) {
			t.Errorf("%+v: got %v, want field %q", ch, e, c.field)
		}
	}
}
