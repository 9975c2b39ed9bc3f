package suggest

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/ingest"
	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// centre is what the store knows in these tests.
func centre() Known {
	return Known{Known: files.Known{
		Members: []schemas.Membership{
			{AgentID: "ivy", Name: "Ivy Park", Email: "ivy@example.org", Team: "Billing", TimeZone: "Europe/London"},
			{AgentID: "jan", Name: "Král, Jan", Email: "jan@example.org", Team: "Billing", TimeZone: "Europe/Prague"},
		},
		Codes: []schemas.ActivityCode{{Code: "Phones", Category: schemas.CategoryOnQueueWork},
			{Code: "Lunch", Category: schemas.CategoryMeal}, {Code: "Break", Category: schemas.CategoryBreak},
			{Code: "Annual leave", Category: schemas.CategoryTimeOff}, {Code: "Sick", Category: schemas.CategoryUnavailable}}},
		Today: schemas.MakeDate(2026, 11, 12),
	}
}

// layout is a file of another program, what a person has to choose, and what is read then: an activity or a change a
// line.
type layout struct {
	file   string
	kind   files.Kind // that of the tab or the command
	choose map[string]string
	from   schemas.Date // the first date of an import that is told one, for two weeks
	want   string
}

// layouts are those that have to get in with at most eight choices.
func layouts() []layout {
	week := schemas.MakeDate(2026, 11, 16)
	return []layout{
		{file: "insightful.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T17:00
ivy Phones 11-17T09:00 11-17T13:30
jan Phones 11-16T21:00 11-17T05:00`},
		{file: "hrnest.csv", kind: files.Schedule, want: `
ivy Phones 11-16T08:00 11-16T16:00
jan Phones 11-16T21:00 11-17T05:00`},
		{file: "first-last.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T17:30
jan Phones 11-16T12:30 11-16T21:00`},
		{file: "shift-names.csv", kind: files.Schedule, want: `
ivy Phones 11-16T06:00 11-16T14:00
jan Phones 11-16T21:00 11-17T05:00`},
		{file: "code-grid.csv", kind: files.Schedule, choose: map[string]string{"word.F": "06:00-14:00",
			"word.S": "14:00-22:00", "word.N": "22:00-06:00", "word.U": "Annual leave 09:00-17:00"}, want: `
ivy Phones 11-16T14:00 11-16T22:00
ivy Phones 11-17T06:00 11-17T14:00
ivy Phones 11-18T06:00 11-18T14:00
ivy Annual leave 11-19T09:00 11-19T17:00
jan Phones 11-16T05:00 11-16T13:00
jan Phones 11-17T13:00 11-17T21:00
jan Phones 11-18T21:00 11-19T05:00
jan Annual leave 11-20T08:00 11-20T16:00`},
		{file: "code-grid-legend.csv", kind: files.Schedule, want: `
ivy Phones 11-16T14:00 11-16T22:00
ivy Phones 11-17T06:00 11-17T14:00
ivy Phones 11-18T06:00 11-18T14:00
jan Phones 11-16T05:00 11-16T13:00
jan Phones 11-17T13:00 11-17T21:00
jan Phones 11-18T21:00 11-19T05:00`},
		{file: "talkdesk.csv", kind: files.Status, want: `
ivy 11-16T09:00 available, available
ivy 11-16T10:30 available, available
ivy 11-16T10:41 available, available
ivy 11-16T10:45 unknown, unknown
ivy 11-16T12:00 away, meal
ivy 11-16T12:30 unknown, unknown
ivy 11-16T17:00 offline, off_queue`},
		{file: "cxone.csv", kind: files.Status, want: `
ivy 11-16T08:59:58 available, off_queue
ivy 11-16T09:00 available, available
ivy 11-16T10:00 available, available
ivy 11-16T10:10 away, break
ivy 11-16T10:25 available, available
ivy 11-16T11:25 offline, off_queue`},
		{file: "cxone-schedule.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T12:00
ivy Lunch 11-16T12:00 11-16T13:00
ivy Phones 11-16T13:00 11-16T17:00`},
		{file: "uccx.csv", kind: files.Status, want: `
ivy 11-16T09:00 available, off_queue
ivy 11-16T09:00:02 busy, off_queue
ivy 11-16T09:05:02 available, available
ivy 11-16T10:00 available, available
ivy 11-16T10:20 away, meal
ivy 11-16T10:50 available, available
ivy 11-16T17:00 offline, off_queue`},
		{file: "connect.csv", kind: files.Status, want: `
ivy 11-16T09:00:03 available, available
ivy 11-16T12:01 offline, off_queue
ivy 11-16T12:30 available, available
ivy 11-16T17:00 offline, off_queue
jan 11-16T12:30 available, available
jan 11-16T17:00 offline, off_queue`},
		{file: "german-week.csv", kind: files.Schedule, choose: map[string]string{
			"word.Urlaub": "Annual leave 08:00-16:00", "word.Krank": "Sick 08:00-16:00"}, want: `
ivy Phones 11-16T08:00 11-16T16:30
ivy Phones 11-17T08:00 11-17T16:30
ivy Annual leave 11-19T08:00 11-19T16:00
ivy Phones 11-20T08:00 11-20T12:00
jan Phones 11-16T21:00 11-17T05:00
jan Sick 11-18T07:00 11-18T15:00
jan Phones 11-19T11:00 11-19T19:00`},
		{file: "start-end-per-day.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T17:00
ivy Phones 11-17T10:00 11-17T18:00
jan Phones 11-17T21:00 11-18T05:00`},
		{file: "start-end-names.csv", kind: files.Schedule, from: week, choose: map[string]string{"repeat": "weekly"}, want: `
ivy Phones 11-16T09:00 11-16T17:00
ivy Phones 11-17T10:00 11-17T18:00
ivy Phones 11-23T09:00 11-23T17:00
ivy Phones 11-24T10:00 11-24T18:00
jan Phones 11-17T21:00 11-18T05:00
jan Phones 11-24T21:00 11-25T05:00`},
		{file: "blocks.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T12:00
ivy Lunch 11-16T12:00 11-16T12:30
ivy Phones 11-16T12:30 11-16T17:00
ivy Phones 11-17T09:00 11-17T13:00
jan Phones 11-16T21:00 11-17T01:00
jan Phones 11-17T01:00 11-17T05:00`},
		{file: "start-length.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T16:30
jan Phones 11-16T21:00 11-17T05:00`},
		{file: "breaks-in-cell.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T12:00
ivy Lunch 11-16T12:00 11-16T12:30
ivy Phones 11-16T12:30 11-16T17:00
ivy Phones 11-17T09:00 11-17T13:00
ivy Lunch 11-17T13:00 11-17T13:30
ivy Phones 11-17T13:30 11-17T17:00
jan Phones 11-16T13:00 11-16T16:00
jan Lunch 11-16T16:00 11-16T16:30
jan Phones 11-16T16:30 11-16T21:00`},
		{file: "weekly.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T17:00
ivy Phones 11-17T09:00 11-17T17:00
ivy Phones 11-18T09:00 11-18T17:00
ivy Phones 11-23T09:00 11-23T17:00
ivy Phones 11-24T09:00 11-24T17:00
ivy Phones 11-25T09:00 11-25T17:00
jan Phones 11-21T21:00 11-22T05:00
jan Phones 11-22T21:00 11-23T05:00`},
		{file: "forge.csv", kind: files.Schedule, from: week, choose: map[string]string{"repeat": "weekly"}, want: `
ivy Phones 11-16T07:30 11-16T16:30
ivy Phones 11-17T07:30 11-17T16:30
ivy Phones 11-20T07:30 11-20T16:30
ivy Phones 11-23T07:30 11-23T16:30
ivy Phones 11-24T07:30 11-24T16:30
ivy Phones 11-27T07:30 11-27T16:30`},
		{file: "zoom.json", kind: files.Status, want: `
ivy 11-16T09:00 available, available
ivy 11-16T10:00 away, meal
ivy 11-16T10:30 unknown, unknown`},
		{file: "lunch-columns.csv", kind: files.Schedule, want: `
ivy Phones 11-16T09:00 11-16T12:00
ivy Lunch 11-16T12:00 11-16T12:30
ivy Phones 11-16T12:30 11-16T17:00
jan Phones 11-16T09:00 11-16T17:00`},
		{file: "epoch.csv", kind: files.Status, want: `
ivy 11-16T09:00 available, available
ivy 11-16T10:00 away, break
ivy 11-16T10:15 unknown, unknown`},
	}
}

// mostChoices is how many a person may have to make.
const mostChoices = 8

// TestLayouts: files of other programs get in with at most eight choices. Without them nothing of the proposal is
// wrong: what nobody can know is open. The kind is guessed right too.
func TestLayouts(t *testing.T) {
	for _, l := range layouts() {
		s := sampleOf(t, l.file)
		p, err := Propose(s, "", centre(), l.choose)
		if err != nil || p.Kind != l.kind {
			t.Errorf("%s: it is taken for %s (%v)", l.file, p.Kind, err)
			continue
		}
		if p.Wrong > 0 || len(p.Open()) > 0 || len(p.Examples) == 0 || len(l.choose) > mostChoices {
			t.Errorf("%s: %d choices, %d rows are wrong, open: %v, examples: %v", l.file, len(l.choose), p.Wrong, p.Open(),
				p.Examples)
		}
		if got := strings.Join(readAs(t, &l, p), "\n"); got != strings.TrimSpace(l.want) {
			t.Errorf("%s: got\n%s\nwith\n%s", l.file, got, p.Profile)
		}
		t.Logf("%-24s %d choices %v", l.file, len(l.choose), slices.Sorted(maps.Keys(l.choose)))
		if bare, err := Propose(s, l.kind, centre(), nil); err != nil || bare.Wrong > 0 && len(bare.Open()) == 0 {
			t.Errorf("%s: without choices %d rows are wrong and nothing is open (%v)", l.file, bare.Wrong, err)
		}
	}
}

func sampleOf(tb testing.TB, name string) *files.Sample {
	tb.Helper()
	in, err := files.FileInput(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := files.SampleOf(context.Background(), in, files.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// readAs reads the file as the proposal has it, as an import does.
func readAs(t *testing.T, l *layout, p *Proposal) []string {
	t.Helper()
	made, err := profile.Parse("made", []byte(p.Profile), files.LayoutOf)
	if err != nil {
		t.Fatal(err, p.Profile)
	}
	in, err := files.FileInput(filepath.Join("testdata", l.file))
	if err != nil {
		t.Fatal(err)
	}
	opt := files.Options{Profile: made, From: l.from}
	if l.from != 0 {
		opt.To = l.from + 13
	}
	var out []string
	at := func(i schemas.Instant) string {
		return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(i.String(), "2026-"), "Z"), ":00")
	}
	var report *files.Report
	if l.kind == files.Status {
		var file *files.StatusFile
		file, report, err = files.CheckStatus(context.Background(), in, opt, centre().Members, ingest.NewMapping(nil),
			schemas.MaxInstant)
		if err == nil {
			err = file.Changes(context.Background(), func(list []schemas.Change) error {
				for _, c := range list {
					m := schemas.Meaning{Presence: c.Presence, Status: c.Status}
					out = append(out, fmt.Sprintf("%s %s %s", c.AgentID, at(c.At), m.Words()))
				}
				return nil
			})
		}
	} else {
		var plan *files.SchedulePlan
		plan, report, err = files.ReadSchedule(context.Background(), in, opt, centre().Known)
		var memory files.PlannedDays
		for i := range plan.Agents() {
			for _, d := range plan.AgentDays(i, &memory) {
				for _, a := range d.Activities {
					out = append(out, fmt.Sprintf("%s %s %s %s", d.AgentID, a.Code, at(a.Start), at(a.End)))
				}
			}
		}
	}
	if err != nil || report.ProblemCount > 0 {
		t.Errorf("%s: %v %v", l.file, err, report.Problems)
	}
	return out
}
