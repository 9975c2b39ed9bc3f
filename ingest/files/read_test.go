package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

var background = context.Background()

// now is after everything in these tests.
const now schemas.Instant = 1_800_000_000_000

// problems returns a report's problems as a command prints them.
func problems(r *Report) string {
	var lines []string
	for _, p := range r.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// days yields a day for every agent and date of the plan; a date on which nothing starts is Removed.
func (p *SchedulePlan) days(yield func(*schemas.ScheduleDay) bool) {
	var memory PlannedDays
	for i := range p.Agents() {
		days := p.AgentDays(i, &memory)
		for d := p.From; d <= p.To; d++ {
			day := &schemas.ScheduleDay{AgentID: p.AgentID(i), Day: d, Removed: true}
			if len(days) > 0 && days[0].Day == d {
				day, days = &days[0], days[1:]
			}
			if !yield(day) {
				return
			}
		}
	}
}

// readStatus reads status changes and yields the good ones in batches.
func readStatus(in Input, opt Options, members []schemas.Membership, now schemas.Instant,
	yield func([]schemas.Change) error) (*Report, error) {
	f, report, err := CheckStatus(background, in, opt, members, nil, now)
	if err == nil && !report.unusable {
		err = f.Changes(background, yield)
	}
	return report, err
}

// read reads a text as a file of the kind and returns what it holds, one line a row, and the report.
func read(tb testing.TB, kind Kind, data []byte, opt Options, known Known) ([]string, *Report) {
	tb.Helper()
	in := BytesInput("f.csv", data)
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	var report *Report
	var err error
	switch kind {
	case Roster:
		var rows []schemas.Membership
		rows, report, err = ReadRoster(background, in, opt)
		for _, m := range rows {
			add("%s %s %s %s %s %s", m.AgentID, m.Name, m.Team, m.TimeZone, m.From, m.To)
		}
	case Activities:
		var rows []schemas.ActivityCode
		rows, report, err = ReadActivityCodes(background, in, opt)
		for _, c := range rows {
			add("%s %s paid %t shrinkage %t", c.Code, c.Category, c.Paid, c.CountsAsShrinkage)
		}
	case Statuses:
		var rows []schemas.SecondaryStatus
		rows, report, err = ReadStatuses(background, in, opt)
		for _, s := range rows {
			add("%s %s", s.Secondary, s.Status)
		}
	case Schedule:
		var plan *SchedulePlan
		plan, report, err = ReadSchedule(background, in, opt, known)
		for d := range plan.days {
			line := fmt.Sprintf("%s %s removed %t", d.AgentID, d.Day, d.Removed)
			for _, a := range d.Activities {
				line += fmt.Sprintf(" · %s %s %s %s", a.Code, a.Category, a.Start, a.End)
			}
			add("%s", line)
		}
	case Status:
		report, err = readStatus(in, opt, known.Members, now, func(batch []schemas.Change) error {
			for _, c := range batch {
				add("%s %s %s/%s/%s %s %s", c.AgentID, c.At, c.Presence, c.Status, c.Routing, c.Secondary, c.Raw)
			}
			return nil
		})
	case Gaps:
		var rows []schemas.Gap
		rows, report, err = ReadGaps(background, in, opt, known)
		for _, g := range rows {
			add("%s %s %s %s", g.Source, g.AgentID, g.Start, g.End)
		}
	case Requirements:
		var teams []TeamRequirements
		teams, report, err = ReadRequirements(background, in, opt, known)
		for i := range teams {
			for _, r := range teams[i].Rows {
				add("%s %s %d %s %s", r.Team, r.Start, r.LengthMS, r.Required, r.Shrinkage)
			}
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	if report.Read != report.Accepted+report.Rejected+report.Duplicates {
		tb.Errorf("read %d is not accepted %d + rejected %d + duplicates %d", report.Read, report.Accepted, report.Rejected,
			report.Duplicates)
	}
	return lines, report
}

var leedsAndHalifax = []schemas.Membership{{AgentID: "ana", TimeZone: "Europe/London"},
	{AgentID: "bo", TimeZone: "America/Halifax"}}

// TestFilesAreReadAsTheyAre: each kind, with the liberties that are allowed.
func TestFilesAreReadAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		text string
		want []string
	}{
		{"roster of the worked day", Roster, "agent_id,name,email,team,site,time_zone,supervisor,from,to\n" +
			"ana,Ana Ortiz,ana@example.org,Billing,Leeds,Europe/London,,2026-01-01,\n",
			[]string{"ana Ana Ortiz Billing Europe/London 2026-01-01 1970-01-01"}},
		{"a mover, the open row ends where the next begins", Roster,
			"Agent ID;TEAM;From\nana;Sales;2026-03-16\nana;Billing;2026-01-01\nana;Billing;2026-01-01\n",
			[]string{"ana  Billing  2026-01-01 2026-03-16", "ana  Sales  2026-03-16 1970-01-01"}},
		{"activities", Activities, "code,category,paid\nPhones,On Queue Work,\nLunch,meal,\nHuddle,MEETING,no\n",
			[]string{"Phones on_queue_work paid true shrinkage false", "Lunch meal paid false shrinkage true",
				"Huddle meeting paid false shrinkage true"}},
		{"statuses", Statuses, "Secondary|Status\nCoaching|training\nBack office|Off Queue\n",
			[]string{"Coaching training", "Back office off_queue"}},
		{"schedule with instants, local times, and an offset", Schedule, "agent_id,activity,start,end,category\n" +
			"ana,Phones,2026-07-01T09:00:00+02:00,2026-07-01 " +
			"10:00,on_queue_work\nana,Break,2026-07-01T10:00,2026-07-01T10:15:00,break\n",
			[]string{"ana 2026-07-01 removed false · Phones on_queue_work 2026-07-01T07:00:00Z 2026-07-01T09:00:00Z · Break " +
				"break 2026-07-01T09:00:00Z 2026-07-01T09:15:00Z"}},
		{"schedule with date and times; the night goes on the next day; a day without is empty", Schedule,
			"agent_id,activity,date,start_time,end_time,category\n" +
				"bo,Phones,2026-01-05,22:00,02:00,on_queue_work\nbo,Phones,2026-01-06,02:30,06:00:00,on_queue_work\n" +
				"ana,Phones,2026-01-07,22:00,24:00,on_queue_work\n",
			[]string{"ana 2026-01-05 removed true", "ana 2026-01-06 removed true",
				"ana 2026-01-07 removed false · Phones on_queue_work 2026-01-07T22:00:00Z 2026-01-08T00:00:00Z",
				"bo 2026-01-05 removed false · Phones on_queue_work 2026-01-06T02:00:00Z 2026-01-06T06:00:00Z · Phones " +
					"on_queue_work 2026-01-06T06:30:00Z 2026-01-06T10:00:00Z",
				"bo 2026-01-06 removed true", "bo 2026-01-07 removed true"}},
		{"a holiday of days belongs to each date, also when the clock is changed", Schedule,
			"agent_id,activity,start,end,category\n" +
				"ana,Leave,2026-03-28T12:00,2026-03-30T00:00,time_off\n",
			[]string{"ana 2026-03-28 removed false · Leave time_off 2026-03-28T12:00:00Z 2026-03-29T00:00:00Z",
				"ana 2026-03-29 removed false · Leave time_off 2026-03-29T00:00:00Z 2026-03-29T23:00:00Z"}},
		{"status", Status,
			"agent_id,at,presence,status,routing\nana,2026-03-02T08:58:00.25Z,available,off_queue,off_queue\n" +
				"ana,2026-03-02T09:00:00Z,On Queue,,\nana,2026-03-02T09:00:00Z,On Queue,,\nana,2026-03-02T09:05:00Z,,lunchtime,\n",
			[]string{"ana 2026-03-02T08:58:00.25Z available/off_queue/off_queue  ",
				"ana 2026-03-02T09:00:00Z available/available/  ",
				"ana 2026-03-02T09:05:00Z /unknown/  status=lunchtime"}},
		{"status as NDJSON", Status, `{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}` + "\n\n" +
			`{ "at": "2026-03-02T10:00:00+01:00", "agent_id": "b\u00f6", "presence": "away", "note": null }` + "\n",
			[]string{"ana 2026-03-02T09:00:00Z /break/  ", "bö 2026-03-02T09:00:00Z away//  "}},
		{"gaps", Gaps, "source,from,to,agent_id\nacd,2026-03-02T09:00:00Z,2026-03-02T09:05:00Z,\n,2026-07-02 " +
			"09:00,2026-07-02 09:05,ana\n",
			[]string{"acd  2026-03-02T09:00:00Z 2026-03-02T09:05:00Z", "file ana 2026-07-02T08:00:00Z 2026-07-02T08:05:00Z"}},
	} {
		got, report := read(t, c.kind, []byte(c.text), Options{}, Known{Members: leedsAndHalifax})
		if report.ProblemCount > 0 || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\ngot  %s\nwant %s\n%s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "),
				problems(report))
		}
	}
}

// TestEveryProblemHasItsPlace: what is wrong, where, and what would be right.
func TestEveryProblemHasItsPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		text string
		want string
	}{
		{"empty", Roster, "", "f.csv: the file is empty; begin it with the header " +
			"agent_id,name,email,team,site,time_zone,supervisor,from,to"},
		{"column missing", Gaps, "source,form,to\n",
			`f.csv:1: the column from is missing: a file of gaps has the columns source, from, to, agent_id, time_zone; ` +
				`this one has "source", "form", "to"; is "form" meant as from?; ` +
				"`rollcall import suggest FILE --kind gaps` proposes how to read it; or choose a profile"},
		{"column twice", Statuses, "status,Status,secondary\n",
			`f.csv:1:8: status: the column comes twice ("Status"); leave one of them out`},
		{"too few fields, cut off", Activities, "code,category\nPhones,on_queue_work\nLun",
			`f.csv:3: the row has 1 fields; the header has 2 (the file ends here without an end of line: was it cut off?)`},
		{"several in one row", Roster, "agent_id,time_zone,from\nana,Europe/Lodnon,02.03.2026\n",
			`f.csv:2:5: time_zone: time zone "Europe/Lodnon" is not known; did you mean "Europe/London"?` + "\n" +
				`f.csv:2:19: from: "02.03.2026" is not a date; write year-month-day, such as 2026-03-02`},
		{"memberships overlap", Roster, "agent_id,from,to\nana,2026-01-01,2026-04-01\nana,2026-03-01,\n",
			"f.csv:3:1: agent_id: the row overlaps that of line 2 (ana from 2026-01-01); end one with `to` where the other " +
				"begins"},
		{"category", Activities, "code,category\nPhones,on_queue_worc\nPhones,unscheduled\n",
			`f.csv:2:8: category: "on_queue_worc" is none of on_queue_work, off_queue_work, break, meal, meeting, training, ` +
				`time_off, unavailable, unscheduled; did you mean "on_queue_work"?` + "\n" +
				`f.csv:3:8: category: "unscheduled" is only in results; write what was planned`},
		{"code twice", Activities, "code,category\nPhones,break\nPhones,meal\n",
			`f.csv:3:1: code: "Phones" stands in line 2 already, with other values; leave one of them out`},
		{"agent unknown, code unknown", Schedule,
			"agent_id,activity,start,end\nanna,Phone,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z\n",
			`f.csv:2:1: agent_id: "anna" is not in the roster; did you mean "ana"?` + "\n" +
				`f.csv:2:6: activity: the activity code "Phone" is not known, so its category is not either; import it (import ` +
				`activities) or add a category column; did you mean "Phones"?`},
		{"end before start, too long", Schedule,
			"agent_id,activity,start,end\nana,Phones,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z\n" +
				"ana,Phones,2026-03-02T09:00:00Z,2026-03-12T09:00:00Z\n",
			"f.csv:2:33: end: 2026-03-02T09:00:00Z is not after the start, 2026-03-02T09:00:00Z; exchange them, or write the " +
				"next day\n" +
				"f.csv:3:33: end: the activity lasts 240 hours; at most 24 are allowed: is the date right?"},
		{"overlap", Schedule, "agent_id,activity,start,end\nana,Phones,2026-03-02T09:00:00Z,2026-03-02T11:00:00Z\n" +
			"bo,Phones,2026-03-02T09:00:00Z,2026-03-02T11:00:00Z\nana,Phones,2026-03-02T10:30:00Z,2026-03-02T12:00:00Z\n",
			`f.csv:4:12: start: "Phones" of ana from 2026-03-02T10:30:00Z to 2026-03-02T12:00:00Z overlaps "Phones" of line ` +
				`2, which lasts until 2026-03-02T11:00:00Z; end one before the other starts`},
		{"shift id used for a week", Schedule,
			"agent_id,activity,start,end,shift\nana,Phones,2026-03-02T00:00:00Z,2026-03-02T23:00:00Z,w\n" +
				"ana,Phones,2026-03-03T00:00:00Z,2026-03-03T23:00:00Z,w\n" +
				"ana,Phones,2026-03-04T00:00:00Z,2026-03-04T23:00:00Z,w\nana,Phones,2026-03-05T00:00:00Z,2026-03-05T01:00:00Z,w\n",
			strings.Join([]string{"f.csv:2:12", "f.csv:3:12", "f.csv:4:12", "f.csv:5:12"},
				`: start: its shift ("w") lasts from 2026-03-02T00:00:00Z to 2026-03-05T01:00:00Z; a shift has at most 72 hours: `+
					`are ids used twice?`+"\n") +
				`: start: its shift ("w") lasts from 2026-03-02T00:00:00Z to 2026-03-05T01:00:00Z; a shift has at most 72 hours: ` +
				`are ids used twice?`},
		{"no zone", Status, "agent_id,at,status\nzoe,2026-03-02 09:00,break\n",
			"f.csv:2:5: at: is a local time (2026-03-02 09:00); no time zone is known for it; write an offset " +
				"(2026-03-02T09:00:00Z), a time_zone column, or give --time-zone"},
		{"finer than a millisecond, no date, nothing at all", Status,
			"agent_id,at,status\nzoe,2026-03-02T09:00:00.0001Z,break\nzoe,yesterday,break\nzoe,2026-03-02T09:00:00Z,\n",
			`f.csv:2:5: at: "2026-03-02T09:00:00.0001Z" is finer than a millisecond; write at most three decimals` + "\n" +
				`f.csv:3:5: at: "yesterday" is not an instant; write RFC 3339 with an offset, such as 2026-03-02T09:00:00Z, or a ` +
				`local time such as 2026-03-02 09:00` + "\n" +
				`f.csv:4: presence: none of presence, status and routing is given; name at least one`},
		{"from the future", Status, "agent_id,at,status\nzoe,2199-03-02T09:00:00Z,break\n",
			"f.csv:2:5: at: 2199-03-02T09:00:00Z is out of range; at must lie between 2000-01-01T00:00:00Z and an hour from " +
				"now"},
		{"gap backwards", Gaps, "from,to\n2026-03-02T09:00:00Z,2026-03-02T08:00:00Z\n",
			"f.csv:2:22: to: 2026-03-02T08:00:00Z is not after from, 2026-03-02T09:00:00Z; exchange them"},
		{"NUL bytes", Statuses, "secondary,status\nCoa\x00ching,training\n",
			`f.csv:2:1: the field holds a NUL byte ("Coa\x00ching"); was the file written completely, and as text?`},
		{"a workbook", Roster, "PK\x03\x04....",
			"f.csv: the workbook cannot be unpacked (zip: not a valid zip file); it is damaged or was cut off: export or copy " +
				"it again"},
		{"columns count characters", Statuses, "secondary,status\nÜbung,traning\n",
			`f.csv:2:7: status: "traning" is none of unknown, available, break, meal, meeting, training, off_queue; ` +
				`did you mean "training"?`},
		{"NDJSON cut off", Status, `{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}` + "\n" +
			`{"agent_id":"ana","at":"2026-0`,
			"f.csv:2:24: the quote that opens here is never closed; close it, or was the file cut off?"},
		{"NDJSON with a list", Status, `{"agent_id":["ana"]}`,
			`f.csv:1:13: the value "[\"ana\"" is neither a text nor a number; lists and objects have no place here`},
	} {
		known := Known{Members: leedsAndHalifax,
			Codes: []schemas.ActivityCode{{Code: "Phones", Category: schemas.CategoryOnQueueWork}}}
		if _, report := read(t, c.kind, []byte(c.text), Options{}, known); problems(report) != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, problems(report), c.want)
		}
	}
}

// TestUnknownColumnsAreOnlyAWarning, with the column that may have been meant.
func TestUnknownColumnsAreOnlyAWarning(t *testing.T) {
	_, report := read(t, Activities, []byte("code,category,paidd,colour\nPhones,on_queue_work,no,red\n"), Options{},
		Known{})
	if report.ProblemCount != 0 || len(report.Warnings) != 2 {
		t.Fatalf("got %v %v", report.Problems, report.Warnings)
	}
	for i, want := range []string{`f.csv:1:15: paidd: the column is not used ("paidd"); did you mean "paid"?`,
		`f.csv:1:21: colour: the column is not used ("colour")`} {
		if got := report.Warnings[i].String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestClockChanges: local times that do not exist or come twice are reported; times around them are right.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, local, want string }{
		{"Europe/London", "2026-03-29 00:59", "2026-03-29T00:59:00Z"},
		{"Europe/London", "2026-03-29 01:30", "2026-03-29 01:30 does not exist in Europe/London"},
		{"Europe/London", "2026-03-29 02:00", "2026-03-29T01:00:00Z"},
		{"Europe/London", "2026-10-25 01:30", "2026-10-25 01:30 comes twice in Europe/London"},
		{"Europe/London", "2026-10-25 02:00", "2026-10-25T02:00:00Z"},
		{"America/Halifax", "2026-03-08T02:15", "2026-03-08 02:15 does not exist in America/Halifax"},
		{"America/Halifax", "2026-03-08T03:00", "2026-03-08T06:00:00Z"},
		{"America/Halifax", "2026-11-01T01:00:00", "2026-11-01 01:00 comes twice in America/Halifax"},
		{"America/Halifax", "2026-11-01T02:00:00", "2026-11-01T06:00:00Z"},
		{"Australia/Adelaide", "2026-04-05 02:30", "2026-04-05 02:30 comes twice in Australia/Adelaide"},
		{"Australia/Adelaide", "2026-04-05 03:00", "2026-04-04T17:30:00Z"},
		{"Australia/Adelaide", "2026-10-04 02:30", "2026-10-04 02:30 does not exist in Australia/Adelaide"},
		{"America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 00:00 does not exist in America/Sao_Paulo"}, // midnight itself
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30 12:00 does not exist in Pacific/Apia"},           // a whole day
	} {
		text := "agent_id,at,status,time_zone\nana," + c.local + ",break," + c.zone + "\n"
		got, report := read(t, Status, []byte(text), Options{TimeZone: "Asia/Tokyo"}, Known{})
		if strings.HasSuffix(c.want, "Z") {
			if len(got) != 1 || !strings.HasPrefix(got[0], "ana "+c.want) {
				t.Errorf("%s %s: got %v %s, want %s", c.zone, c.local, got, problems(report), c.want)
			}
		} else if p := problems(report); !strings.HasPrefix(p, "f.csv:2:5: at: "+c.want) {
			t.Errorf("%s %s: got %v %s, want %s", c.zone, c.local, got, p, c.want)
		}
	}
}

// TestZoneOfALocalTime: the row's zone goes before the agent's, that before the command's.
func TestZoneOfALocalTime(t *testing.T) {
	known := Known{Members: []schemas.Membership{{AgentID: "ana", TimeZone: "Europe/London"}, {AgentID: "bo"},
		{AgentID: "cy", TimeZone: "Europe/London", To: 20_000}, {AgentID: "cy", TimeZone: "Asia/Tokyo", From: 20_000}}}
	for _, c := range []struct{ agent, zone, given, standard, want string }{
		{"ana", "Asia/Kolkata", "America/Halifax", "Asia/Tokyo", "2026-07-01T03:30:00Z"},
		{"ana", "", "America/Halifax", "Asia/Tokyo", "2026-07-01T08:00:00Z"},
		{"bo", "", "America/Halifax", "Asia/Tokyo", "2026-07-01T12:00:00Z"},
		{"bo", "", "", "Asia/Tokyo", "2026-07-01T00:00:00Z"},
		{"cy", "", "", "", "2026-07-01T00:00:00Z"},
	} {
		text := "from,to,agent_id,time_zone\n2026-07-01 09:00,2026-07-01T23:00:00Z," + c.agent + "," + c.zone + "\n"
		got, report := read(t, Gaps, []byte(text), Options{TimeZone: c.given, StandardZone: c.standard}, known)
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%+v: got %v %s", c, got, problems(report))
		}
	}
}

// TestEncodings: the same rows, however the characters are written.
func TestEncodings(t *testing.T) {
	text := "agent_id;name;team\nø1;Zoë Nuñez;Bücher\n"
	for want, enc := range map[rows.Encoding]encoding.Encoding{
		rows.UTF8:        unicode.UTF8,
		rows.UTF16LE:     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		rows.UTF16BE:     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		rows.Windows1252: charmap.Windows1252,
		"bom":            unicode.UTF8BOM,
		"le":             unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"be":             unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	} {
		data, err := enc.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		got, report := read(t, Roster, []byte(data), Options{}, Known{})
		if len(got) != 1 || got[0] != "ø1 Zoë Nuñez Bücher  1970-01-01 1970-01-01" {
			t.Errorf("%s: got %q as %s: %s", want, got, report.Encoding, problems(report))
		}
	}
	late := "agent_id,name\n" + strings.Repeat("a,b\n", 1<<17) + "z,Zo\xeb\n" // one byte far behind tells
	if _, report := read(t, Roster, []byte(late), Options{}, Known{}); report.Encoding != rows.Windows1252 {
		t.Errorf("got %s", report.Encoding)
	}
}

// TestManyProblemsStayBounded: a hundred thousand bad rows are counted, the first thousand listed.
func TestManyProblemsStayBounded(t *testing.T) {
	text := "agent_id,activity,start,end,category\n" +
		strings.Repeat("nobody,Phones,2026-03-02T09:00:00Z,x,break\n", 100_000)
	_, report := read(t, Schedule, []byte(text), Options{}, Known{Members: leedsAndHalifax})
	if report.Rejected != 100_000 || report.ProblemCount != 200_000 || len(report.Problems) != 1000 {
		t.Errorf("got %d rows, %d problems, %d listed", report.Rejected, report.ProblemCount, len(report.Problems))
	}
}

// TestOutOfScope: a shift that starts outside of --from and --to is reported; one that starts inside and ends outside
// is not.
func TestOutOfScope(t *testing.T) {
	text := "agent_id,activity,start,end,category\nana,Phones,2026-03-02T22:00:00Z,2026-03-03T02:00:00Z,on_queue_work\n" +
		"ana,Phones,2026-03-03T22:00:00Z,2026-03-04T02:00:00Z,on_queue_work\n"
	opt := Options{From: schemas.MakeDate(2026, 3, 1), To: schemas.MakeDate(2026, 3, 2)}
	got, report := read(t, Schedule, []byte(text), opt, Known{Members: leedsAndHalifax})
	want := "f.csv:3:12: start: its shift starts on 2026-03-03, outside of 2026-03-01 to 2026-03-02; leave it out or " +
		"widen --from and --to"
	if problems(report) != want || len(got) != 2 {
		t.Errorf("got %s %q", problems(report), got)
	}
}

// TestReadingFailsAsReadingFails: a disk error is an error of the import, not of a row.
func TestReadingFailsAsReadingFails(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, good := range []int{0, 1} { // the first or the second opening fails midway
		opened := 0
		in := Input{Name: "f.csv", Open: func() (io.ReadCloser, error) {
			opened++
			var r io.Reader = strings.NewReader("agent_id\nana\n")
			if opened > good {
				r = io.MultiReader(r, &failing{broken})
			}
			return io.NopCloser(r), nil
		}}
		if _, _, err := ReadRoster(background, in, Options{}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// TestAFileDoesNotSpeakToTheTerminal: what is printed of a file's header and name holds no control character.
func TestAFileDoesNotSpeakToTheTerminal(t *testing.T) {
	_, report := read(t, Roster, []byte("agent_id,\x1b[31mred\x07,\u202eabc\nana,x,y\n"), Options{}, Known{})
	if report.WarningCount != 2 {
		t.Fatal(report.Warnings)
	}
	for i, want := range []string{`\x1b[31mred\a: the column is not used`, `\u202eabc: the column is not used`} {
		if got := report.Warnings[i].String(); !strings.Contains(got, want) || strings.ContainsAny(got, "\x1b\x07\u202e") {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}

// TestAFileWithoutRowsIsReported: a header alone is no problem, since nothing follows from it, but hardly meant; a week
// in which everybody is off is.
func TestAFileWithoutRowsIsReported(t *testing.T) {
	for text, want := range map[string]int{"agent_id,activity,start,end\n": 1, `{"agentSchedules":[]}`: 1,
		`{"agentSchedules":[{"userId":"ana","shifts":[]}]}`: 0} {
		_, report := read(t, Schedule, []byte(text), Options{}, Known{Members: leedsAndHalifax})
		if report.ProblemCount > 0 || report.WarningCount != want {
			t.Errorf("%s: problems %v, warnings %v", text, report.Problems, report.Warnings)
		}
	}
}
