package story

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/adherence"
	"rollcall/schemas"
)

// sameAgain holds a case to its story: Load reads from it what format was given.
func sameAgain(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *adherence.Case) {
	t.Helper()
	text := format(c)
	s, err := Load("case", text)
	if err != nil {
		t.Fatalf("format wrote what Load refuses: %v\n%s", err, text)
	}
	if s.Case == nil || !s.sameAs(c) {
		t.Fatalf("format wrote another case\nstory:\n%s\nwanted %+v\n   got %+v", text, c, s.Case)
	}
}

func TestSharedCasesAsStories(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*.json")
	if err != nil || len(files) < 17 {
		t.Fatalf("found %d cases (%v), want at least 17", len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c, err := adherence.ParseCase(data)
		if err != nil {
			t.Fatal(err)
		}
		sameAgain(t, c)
	}
}

func TestRandomCasesAsStories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { sameAgain(t, drawCase(t)) })
}

// What update writes is what Check accepts: the figures of any day can be read back.
func TestUpdatedStoriesComeOutAsTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(format(drawCase(t))) + "-- then --\n2026-03-28\nverdicts\n2026-03-29\nverdicts\n"
		for range 2 {
			s, err := Load("case", []byte(text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			updated, err := s.update()
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			text = string(updated)
		}
		s, err := Load("case", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if r := s.Check(); !r.OK {
			t.Fatalf("%v\n%s", r.Differences, text)
		}
	})
}

// drawCase draws a case around clock changes, with texts that need quotation marks.
func drawCase(t *rapid.T) *adherence.Case {
	zone, err := schemas.LoadZone(rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe",
		"America/Santiago", "UTC", "Asia/Kathmandu"}).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	base := schemas.MakeDate(2026, 3, 28).Time().UnixMilli()
	if rapid.Bool().Draw(t, "autumn") {
		base = schemas.MakeDate(2026, 10, 24).Time().UnixMilli()
	}
	instant := func(name string) schemas.Instant {
		step := rapid.SampledFrom([]int64{1, 1000, 15 * schemas.MinuteMS, 15 * schemas.MinuteMS}).Draw(t, name+" step")
		return schemas.Instant(base).Add(rapid.Int64Range(0, 72*4).Draw(t, name)*15*schemas.MinuteMS + step)
	}
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "s1", "Phones", "Team huddle", "- x --", "-- then --", "a\nb", `"`,
		"on queue: x"}),
		rapid.String())
	c := &adherence.Case{Name: text.Draw(t, "name"), Zone: zone, AsOf: instant("as of"), Policy: drawPolicy(t, text)}
	for range rapid.IntRange(0, 5).Draw(t, "activities") {
		a := schemas.Activity{
			Start:       instant("start"),
			Code:        text.Draw(t, "code"),
			Shift:       text.Draw(t, "shift"),
			Category:    schemas.Category(rapid.IntRange(1, 8).Draw(t, "category")),
			Paid:        rapid.Bool().Draw(t, "paid"),
			Description: text.Draw(t, "description"),
		}
		a.End = a.Start.Add(rapid.SampledFrom([]int64{1, 30 * schemas.MinuteMS, 8 * schemas.HourMS,
			25 * schemas.HourMS}).Draw(t, "length"))
		if !overlaps(c.Activities, a) {
			c.Activities = append(c.Activities, a)
		}
	}
	schemas.SortActivities(c.Activities)
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		c.Changes = append(c.Changes, drawChange(t, instant("at"), text))
	}
	for range rapid.IntRange(0, 2).Draw(t, "stretches") {
		start := instant("stretch")
		end := start.Add(rapid.Int64Range(1, 30*schemas.HourMS).Draw(t, "stretch length"))
		c.Corrections = append(c.Corrections, schemas.Correction{Start: start, End: end, ID: text.Draw(t, "id"),
			Reason: text.Draw(t, "reason"), Effect: schemas.Effect(rapid.IntRange(1, 2).Draw(t, "effect"))})
		c.Gaps = append(c.Gaps, schemas.Gap{Start: start, End: end, Source: drawSource(t, text),
			Fields: schemas.Fields(rapid.IntRange(0, 7).Draw(t, "fields"))})
		c.Complete = append(c.Complete, adherence.Source{Name: drawSource(t, text), CompleteUpTo: instant("complete")})
	}
	return c
}

// drawSource draws the name of a source, often one that changes, gaps and statements share.
func drawSource(t *rapid.T, text *rapid.Generator[string]) string {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "acd", "self", "2026-03-29", "9"}), text).Draw(t, "source")
}

func overlaps(all []schemas.Activity, a schemas.Activity) bool {
	for i := range all {
		if all[i].Interval().Overlaps(a.Interval()) {
			return true
		}
	}
	return false
}

func drawChange(t *rapid.T, at schemas.Instant, text *rapid.Generator[string]) schemas.Change {
	c := schemas.Change{At: at, Presence: schemas.Presence(rapid.IntRange(0, 5).Draw(t, "presence")),
		Status:  schemas.Status(rapid.IntRange(0, 7).Draw(t, "status")),
		Routing: schemas.Routing(rapid.IntRange(0, 6).Draw(t, "routing"))}
	if rapid.Bool().Draw(t, "whole") {
		s := rapid.SampledFrom(phrases()).Draw(t, "phrase").state
		c.Presence, c.Status, c.Routing = s.Presence, s.Status, s.Routing
	}
	if c.Status != 0 {
		c.Secondary = text.Draw(t, "secondary")
	}
	if rapid.Bool().Draw(t, "more") {
		c.ID, c.Source, c.Note, c.Raw = text.Draw(t, "id"), drawSource(t, text), text.Draw(t, "note"), text.Draw(t, "raw")
	}
	return c
}

func drawPolicy(t *rapid.T, text *rapid.Generator[string]) schemas.Policy {
	p := schemas.DefaultPolicy()
	if rapid.Bool().Draw(t, "default policy") {
		return p
	}
	p.OffQueueEquivalent, p.CreditContact = rapid.Bool().Draw(t, "loose"), rapid.Bool().Draw(t, "credit")
	p.ExceptionThresholdMS = rapid.Int64Range(0, schemas.HourMS).Draw(t, "threshold")
	if rapid.Bool().Draw(t, "outside") {
		p.OutsideShift, p.Day = schemas.OutsideException, schemas.DayMidnight
	}
	e := schemas.UnsetEdges()
	e.StartLateMS = rapid.Int64Range(0, schemas.HourMS).Draw(t, "start late")
	p.Tolerance = map[schemas.Category]schemas.Edges{schemas.Category(rapid.IntRange(0, 8).Draw(t, "tolerated")): e}
	if code := strings.ToValidUTF8(text.Draw(t, "mapped code"), "?"); code != "" {
		p.IgnoredCodes = []string{code}
		p.Mapping = map[string][]schemas.Alternative{schemas.CodePrefix + code: {{Secondary: []string{code},
			Status: []schemas.Status{schemas.StatusTraining}}}}
	}
	for i := range p.Prefer {
		source := strings.ToValidUTF8(drawSource(t, text), "?")
		if p.Prefer[i] = []string{source, "desk"}; source == "" || source == "desk" {
			p.Prefer[i] = nil
		}
	}
	return p
}

// FuzzLoad: whatever the text, Load returns a story or an error with its place, and a story survives being written.
func FuzzLoad(f *testing.F) {
	stories, err := filepath.Glob("stories/*.txtar")
	if err != nil || len(stories) == 0 {
		f.Fatal("no stories", err)
	}
	for _, name := range stories {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Load("fuzz", data)
		if err != nil {
			place := (*Error)(nil)
			if !errors.As(err, &place) || place.Line < 1 || place.Line > 2+strings.Count(string(data), "\n") ||
				place.Message == "" {
				t.Fatalf("an error without its place: %v", err)
			}
			return
		}
		s.Check()
		if s.Case != nil {
			sameAgain(t, s.Case)
		}
	})
}
