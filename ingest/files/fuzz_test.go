package files

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// FuzzRead: a file of any bytes, read as any kind, yields a report whose counts add up; what it yields can be stored.
func FuzzRead(f *testing.F) {
	for i, k := range Kinds() {
		columns := k.layout()
		f.Add(uint8(i), []byte(strings.Join(columns.Names(), ",")+"\nana,x,y,z\n"))
	}
	f.Add(uint8(0), []byte("agent_id,from\nana,2026-01-01\nana,2026-02-01\n"))
	f.Add(uint8(1), []byte("code;category\n\"Pho\"\"nes\";meal\r\n"))
	f.Add(uint8(3), []byte("agent_id,activity,start,end,category,shift\nana,A,2026-03-29 "+
		"00:30,2026-03-29T09:00:00Z,time_off,\nana,B,2026-03-28T22:00Z,2026-03-29T00:00:00Z,meal,s\n"))
	f.Add(uint8(3), []byte("agent_id,activity,date,start_time,end_time,category\nbo,A,2026-03-07,22:00,24:00,break\n"+
		"bo,A,2026-03-08,00:00,06:00,break"))
	f.Add(uint8(4), []byte("agent_id,at,presence,status,routing,secondary,note,id\n"+
		"ana,2026-03-02T09:00:00.5+05:30,ON_QUEUE,,idle,x,\"a\nb\",7\n"))
	f.Add(uint8(4), []byte(`{"agent_id":"a\u0041","at":"2026-03-02T09:00:00Z","status":"break","x":1}`))
	f.Add(uint8(5), []byte("\xff\xfef\x00r\x00o\x00m\x00,\x00t\x00o\x00\n\x00"))
	f.Fuzz(func(t *testing.T, k uint8, data []byte) {
		kind := Kinds()[int(k)%len(Kinds())]
		lines, report := read(t, kind, data, Options{}, Known{Members: leedsAndHalifax})
		if report.ProblemCount < len(report.Problems) || report.Rejected > report.ProblemCount {
			t.Errorf("%d rows rejected, %d problems, %d listed", report.Rejected, report.ProblemCount, len(report.Problems))
		}
		if kind != Schedule && len(lines) != report.Accepted {
			t.Errorf("%d rows accepted, %d given", report.Accepted, len(lines))
		}
		for _, p := range report.Problems {
			if p.Line < 0 || p.Column < 0 || p.Message == "" {
				t.Errorf("a problem without place or message: %v", p)
			}
		}
	})
}

// TestScheduleRoundTrip: a schedule written as CSV reads as the same activities under the dates on which their shifts
// start, whatever the order of rows, the form of the instants and the delimiter.
func TestScheduleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := []schemas.Membership{}
		var lines []string
		want := map[string][]schemas.Activity{}
		sep := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
		for a := range rapid.IntRange(1, 3).Draw(t, "agents") {
			id := fmt.Sprintf("agent %d", a)
			zone := rapid.SampledFrom([]string{"Europe/London", "America/Halifax", "Australia/Adelaide", ""}).Draw(t, "zone")
			members = append(members, schemas.Membership{AgentID: id, TimeZone: zone})
			for _, act := range drawActivities(t) {
				want[id] = append(want[id], act)
				lines = append(lines, strings.Join([]string{id, quoted(act.Code), written(t, act.Start), written(t, act.End),
					act.Category.String(), act.Shift, fmt.Sprint(act.Paid), quoted(act.Description)}, sep))
			}
		}
		lines = rapid.Permutation(lines).Draw(t, "order")
		text := strings.Join([]string{"agent_id", "activity", "start", "end", "category", "shift", "paid", "description"},
			sep) + "\n" + strings.Join(lines, "\n")
		plan, report, err := ReadSchedule(background, BytesInput("f.csv", []byte(text)),
			Options{LongestMS: schemas.LongestShiftMS}, Known{Members: members})
		if err != nil || report.ProblemCount > 0 {
			t.Fatal(err, problems(report))
		}
		got := map[string][]schemas.Activity{}
		for d := range plan.days {
			for _, act := range d.Activities {
				act.Line = 0
				got[d.AgentID] = append(got[d.AgentID], act)
			}
			checkDay(t, d, members)
		}
		for id := range want {
			schemas.SortActivities(got[id])
			if !slices.Equal(got[id], want[id]) {
				t.Fatalf("%s: got %v, want %v\n%s", id, got[id], want[id], text)
			}
		}
	})
}

// checkDay: the first shift of a day starts on it, in the agent's zone.
func checkDay(t *rapid.T, d *schemas.ScheduleDay, members []schemas.Membership) {
	if d.Removed != (len(d.Activities) == 0) {
		t.Fatalf("%s %s: removed is %t with %d activities", d.AgentID, d.Day, d.Removed, len(d.Activities))
	}
	zone := schemas.UTC
	for _, m := range members {
		if m.AgentID == d.AgentID && m.TimeZone != "" {
			zone, _ = schemas.LoadZone(m.TimeZone)
		}
	}
	if len(d.Activities) > 0 && zone.Date(d.Activities[0].Start) != d.Day {
		t.Fatalf("%s: the activity of %s stands under %s", d.AgentID, d.Activities[0].Start, d.Day)
	}
}

func drawActivities(t *rapid.T) []schemas.Activity {
	var acts []schemas.Activity
	// late March 2026
	at := schemas.Instant(1_774_600_000_000).Add(rapid.Int64Range(0, 48).Draw(t, "hour") * schemas.HourMS)
	for range rapid.IntRange(0, 12).Draw(t, "activities") {
		at = at.Add(rapid.SampledFrom([]int64{0, 0, 0, 15, 120, 121, 600, 900}).Draw(t, "gap") * schemas.MinuteMS)
		end := at.Add(rapid.Int64Range(1, 300_000).Draw(t, "length") * 100)
		acts = append(acts, schemas.Activity{
			Start:       at,
			End:         end,
			Code:        rapid.SampledFrom([]string{"Phones", `a "b", c;d`, "x|y, z é"}).Draw(t, "code"),
			Category:    schemas.Category(rapid.IntRange(1, 8).Draw(t, "category")),
			Shift:       rapid.SampledFrom([]string{"", "", "s1", "s2"}).Draw(t, "shift"),
			Paid:        rapid.Bool().Draw(t, "paid"),
			Description: rapid.SampledFrom([]string{"", "two\nlines", "plain"}).Draw(t, "description"),
		})
		at = end
	}
	return acts
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// written writes an instant in one of the ways in which it may be written.
func written(t *rapid.T, at schemas.Instant) string {
	zone := rapid.SampledFrom([]string{"UTC", "Asia/Kolkata", "America/Halifax"}).Draw(t, "written in")
	z, _ := schemas.LoadZone(zone)
	text := z.Format(at)
	if rapid.Bool().Draw(t, "with a space") {
		text = strings.Replace(text, "T", " ", 1)
	}
	return text
}

// TestSimulatedFilesAreClean: what simulate writes is read without a problem or warning, row by row.
func TestSimulatedFilesAreClean(t *testing.T) {
	dir, end := simulated(t, 40, 5)
	roster, _, err := ReadRoster(background, fileIn(t, dir, "roster.csv"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, name := range map[Kind]string{Roster: "roster.csv", Activities: "activities.csv", Schedule: "schedule.csv",
		Gaps: "gaps.csv", Status: "status.csv"} {
		var report *Report
		in, known := fileIn(t, dir, name), Known{Members: roster}
		switch kind {
		case Roster:
			_, report, err = ReadRoster(background, in, Options{})
		case Activities:
			_, report, err = ReadActivityCodes(background, in, Options{})
		case Schedule:
			_, report, err = ReadSchedule(background, in, Options{}, known)
		case Gaps:
			_, report, err = ReadGaps(background, in, Options{}, known)
		default:
			report, err = readStatus(in, Options{}, roster, end, func([]schemas.Change) error { return nil })
		}
		if err != nil || report.ProblemCount > 0 || report.WarningCount > 0 || report.Accepted == 0 {
			t.Errorf("%s: %v %s %v", name, err, problems(report), report.Warnings)
		}
		if (kind == Status) != (report.Duplicates > 0) {
			t.Errorf("%s: %d duplicates", name, report.Duplicates)
		}
	}
}
