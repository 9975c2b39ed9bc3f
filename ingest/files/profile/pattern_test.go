package profile

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// layouts are enough of the kinds for the ready profiles.
func layouts(kind string) (rows.Layout, error) {
	l := rows.Layout{Kind: kind}
	for _, name := range []string{"agent_id", "activity", "start", "end", "category", "shift", "paid", "description",
		"time_zone", "date", "start_time", "end_time"} {
		l.Columns = append(l.Columns, rows.Column{Name: name})
	}
	l.Columns[2].Form, l.Columns[3].Form = rows.FormInstant, rows.FormInstant
	return l, nil
}

// FuzzGridCell: a cell of any text is a stretch within a day or none, and the pieces of one tile it.
func FuzzGridCell(f *testing.F) {
	for _, s := range []string{"09:00-17:30", "9am - 5:30 pm", "Training 22-6", "9.00–12.00 x", "24:00-1", "a-b-c",
		"0900 to 1730", "-", "12am-12pm", "730:1630"} {
		f.Add(s)
	}
	p, err := Find("week-grid", layouts)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := timeRange(s, false)
		start, end := v.start, v.end
		ok = ok && v.wrong == nil
		if ok && (start < 0 || start >= 48*3_600_000 || end <= start || end > start+47*3_600_000) {
			t.Fatalf("%q is %d to %d", s, start, end)
		}
		g := gridRows{Rows: &Rows{Profile: p}, spans: map[string]timeSpan{}}
		if known, wrong := g.stretch(cellPart{text: s}, 0, 0); !ok || v.name != "" || !known || wrong != nil {
			return
		}
		at := start
		for _, piece := range g.queue {
			if piece.start != at || piece.end <= at {
				t.Fatalf("%q: a piece from %d to %d after %d", s, piece.start, piece.end, at)
			}
			at = piece.end
		}
		if at != end {
			t.Fatalf("%q: the pieces end at %d, not %d", s, at, end)
		}
	})
}

// FuzzPattern: what a pattern reads is a possible date, and written again by the same pattern it reads the same.
func FuzzPattern(f *testing.F) {
	for i, p := range knownDatePatterns() {
		f.Add(p, []string{"03172026", "3/17/26", "260317", "x"}[i%4])
	}
	f.Add("DD-MM-YYYY HH:mm:ss", "02-03-2026 09:00:00")
	f.Add("D MMM YY hh:mm A", "2 Mar 26 12:30 am")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		for _, kind := range []struct{ date, clock bool }{{true, false}, {false, true}, {true, true}} {
			p, err := parsePattern(pattern, kind.date, kind.clock)
			if err != nil {
				continue
			}
			day, ms, ok := p.readPadded(text)
			if !ok {
				continue
			}
			if back, ok := rows.ParseDate([]byte(day.String())); kind.date && (!ok || back != day) || ms < 0 || ms > 86_400_000 {
				t.Fatalf("%q read %q as %s %d", pattern, text, day, ms)
			}
		}
		_, _ = looseTime(text, false)
	})
}

// TestDatePatterns: a date written by any of IEX's patterns is read by it, with separators too, and never as another
// date.
func TestDatePatterns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(knownDatePatterns()).Draw(t, "pattern")
		p, err := parsePattern(text, true, false)
		if err != nil {
			t.Fatal(err)
		}
		want := schemas.MakeDate(2000, 1, 1) + schemas.Date(rapid.IntRange(0, 99*365).Draw(t, "day"))
		iso := want.String()
		written := strings.NewReplacer("yyyy", iso[:4], "yy", iso[2:4], "mm", iso[5:7], "dd", iso[8:]).Replace(text)
		got, ms, ok := p.readPadded(written)
		if !ok || got != want || ms != 0 {
			t.Fatalf("%s of %s is %s: got %s", text, want, written, got)
		}
		if short := strings.TrimPrefix(written, "0"); text[0] != 'y' && len(short) < len(written) {
			if got, _, ok := p.readPadded(short); !ok || got != want {
				t.Fatalf("%s of %s is %s: got %s", text, want, short, got)
			}
		}
	})
}
