package reports

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// readBack writes a report of the memory and reads it back.
func readBack(t *testing.T, s *memory) *ReportFile {
	t.Helper()
	_, text := made(t, s, week(), NewJSON)
	c, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// noted is a journal of the rows.
func noted(rows ...schemas.JournalRow) func(context.Context, schemas.Instant, func(*schemas.JournalRow) error) error {
	return func(_ context.Context, since schemas.Instant, yield func(*schemas.JournalRow) error) error {
		for i := range rows {
			if rows[i].RecordedAt <= since {
				continue
			}
			if err := yield(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// What has changed is listed with the write that lies nearest, and no other write is blamed.
func TestWhyAFigureIsAnother(t *testing.T) {
	then := &memory{rows: []schemas.DayRow{ana(t), absent(t, "bo")}}
	better := ana(t)
	better.InMS, better.OutMS = better.InMS+600_000, better.OutMS-600_000
	now := &memory{rows: []schemas.DayRow{better}}
	after := at(t, "2026-03-11T09:00:00Z")
	write := func(kind schemas.JournalKind, actor, agent, from, to string) schemas.JournalRow {
		span := schemas.Interval{Start: at(t, from), End: at(t, to)}
		r := schemas.JournalRow{ID: actor, RecordedAt: after, Actor: actor, Kind: kind, Range: span}
		if agent != "" {
			r.Agents, r.Ranges = []string{agent}, []schemas.Interval{span}
		}
		return r
	}
	early := write(schemas.JournalChanges, "too early", "ana", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")
	early.RecordedAt = at(t, "2026-03-09T00:00:00Z")
	v, err := Verify(t.Context(), readBack(t, then), then, now, noted(early,
		write(schemas.JournalChanges, "acd", "ana", "2026-03-02T11:00:00Z", "2026-03-02T11:05:00Z"),
		write(schemas.JournalChanges, "the week before", "ana", "2026-02-25T11:00:00Z", "2026-02-25T11:05:00Z"),
		write(schemas.JournalChanges, "somebody else's", "cy", "2026-03-02T11:00:00Z", "2026-03-02T11:05:00Z"),
		write(schemas.JournalAccess, "a token", "", "2026-03-02T11:00:00Z", "2026-03-02T11:05:00Z"),
		write(schemas.JournalSchedule, "planner", "bo", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")))
	if err != nil {
		t.Fatal(err)
	}
	if v.Equal || !v.AsMade || len(v.Edited) != 0 {
		t.Errorf("equal %v, as made %v, edited %+v", v.Equal, v.AsMade, v.Edited)
	}
	found := map[string]string{}
	for _, d := range v.Changed {
		found[d.AgentID+" "+d.Figure] = d.From + " > " + d.To + ": " + strings.Join(d.Why, "; ")
	}
	for figure, want := range map[string]string{
		"ana adherence_percent": "58.33 > 63.89: late status changes by acd at 2026-03-11T09:00:00Z",
		"ana out_s":             "4500 > 3900: late status changes by acd at 2026-03-11T09:00:00Z",
		"bo day":                "adherence none > no such day: a schedule revision by planner at 2026-03-11T09:00:00Z",
	} {
		if found[figure] != want {
			t.Errorf("%s: found %q, want %q", figure, found[figure], want)
		}
	}
}

// Whatever figure of whatever day is edited in a file, it is found, and nothing else is.
func TestAnyEditIsFound(t *testing.T) {
	s := &memory{rows: []schemas.DayRow{ana(t), absent(t, "bo"), absent(t, "cy")}}
	rapid.Check(t, func(r *rapid.T) {
		c := readBack(t, s)
		agent := rapid.SampledFrom([]string{"ana", "bo", "cy"}).Draw(r, "agent")
		i := rapid.IntRange(0, len(c.Columns)-1).Draw(r, "figure")
		d := c.days[dayKey{monday, agent}]
		cells := unpack(d.cells)
		cells[i] += rapid.StringMatching(`[0-9a-z]{1,3}`).Draw(r, "edit")
		d.cells = pack(cells)
		v, err := Verify(t.Context(), c, s, s, noted())
		if err != nil {
			r.Fatal(err)
		}
		if v.Equal || len(v.Edited) != 1 || v.Edited[0].Figure != c.Columns[i] || v.Edited[0].AgentID != agent ||
			v.Edited[0].To != cells[i] {
			r.Fatalf("edited %s of %s to %q, found %+v", c.Columns[i], agent, cells[i], v.Edited)
		}
	})
}

// What somebody may hand in as a report is read or refused, in any shape.
func FuzzReadReport(f *testing.F) {
	for _, shape := range []func(io.Writer) Writer{NewCSV, NewJSON} {
		var out bytes.Buffer
		if _, err := WriteAdherence(f.Context(), &memory{}, week(), 1, shape(&out)); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Add([]byte(`{"days":[{"day":"2026-03-02","exceptions":[1]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, read := range map[string]func(io.Reader) (*ReportFile, error){"csv": ReadCSV, "json": ReadJSON} {
			if c, err := read(bytes.NewReader(data)); err == nil && (c.Hash == "" || c.Query.Validate() != nil) {
				t.Errorf("%s: a report without a hash or with a bad question was taken", name)
			}
		}
	})
}

// slowReader yields no row until somebody has seen the header.
type slowReader struct {
	*memory
	header func() string
}

func (s slowReader) Days(context.Context, Query, func(*schemas.DayRow) error) error {
	if text := s.header(); !strings.Contains(text, "adherence_percent") && !strings.Contains(text, `"days":[`) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// Who waits for a report gets its beginning before the first row has been read.
func TestTheBeginningIsWrittenAtOnce(t *testing.T) {
	for name, shape := range map[string]func(io.Writer) Writer{"csv": NewCSV, "json": NewJSON} {
		var out bytes.Buffer
		if _, err := WriteAdherence(t.Context(), slowReader{&memory{}, out.String}, week(), 0, shape(&out)); err != nil {
			t.Errorf("%s: nothing had been written when the first row was asked for", name)
		}
	}
}
