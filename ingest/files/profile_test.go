package files

import (
	"slices"
	"strings"
	"testing"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// crew is the roster of these tests.
var crew = []schemas.Membership{
	{AgentID: "ana", Name: "Ana Ortiz", Email: "ana@example.org", Team: "Billing", TimeZone: "Europe/London"},
	{AgentID: "bo", Name: "Bo Lind", Email: "bo@example.org", Team: "Billing", TimeZone: "America/New_York"},
	{AgentID: "cleo", Name: "Bo Lind", Email: "cleo@example.org", Team: "Sales", TimeZone: "Europe/London"},
}

// ready returns a ready profile, with its text changed.
func ready(tb testing.TB, name string, change ...string) *profile.Profile {
	tb.Helper()
	p, err := profile.Find(name, LayoutOf)
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.NewReplacer(change...).Replace(p.Text)
	if p, err = profile.Parse(name, []byte(text), LayoutOf); err != nil {
		tb.Fatal(err)
	}
	return p
}

// profileCase is a file, and what its profile makes of it.
type profileCase struct {
	name    string
	profile *profile.Profile
	text    string
	from    schemas.Date
	want    []string
	wrong   []string
}

func (c *profileCase) check(t *testing.T) {
	t.Helper()
	opt := Options{Profile: c.profile, From: c.from}
	if c.from != 0 {
		opt.To = c.from + 6
	}
	lines, report := read(t, Schedule, []byte(c.text), opt, Known{Members: crew})
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.HasSuffix(s, "removed true") })
	for i := range lines {
		lines[i] = strings.ReplaceAll(strings.ReplaceAll(lines[i], " removed false ·", ":"), ":00Z", "")
	}
	if len(c.wrong) == 0 && !slices.Equal(lines, c.want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n%s", c.name, strings.Join(lines, "\n"), strings.Join(c.want, "\n"), problems(report))
	}
	if got := strings.Split(problems(report), "\n"); report.ProblemCount != len(c.wrong) ||
		!slices.EqualFunc(got[:report.ProblemCount], c.wrong, strings.Contains) {
		t.Errorf("%s: got problems\n%s\nwant\n%s", c.name, problems(report), strings.Join(c.wrong, "\n"))
	}
}

// TestIEX: the dates and times of both sides of midnight, with the cut-off on and off, are the same shift.
func TestIEX(t *testing.T) {
	const head = "excdate|schedDate|TZ|custID|muID|tvID|acdID|logonID|activity|start|stop\n"
	night := []string{"ana 2026-03-04: Open on_queue_work 2026-03-04T20:00 2026-03-05T02:00 · Lunch meal " +
		"2026-03-05T02:00 2026-03-05T03:00 · Open on_queue_work 2026-03-05T03:00 2026-03-05T06:00"}
	off := ready(t, "iex")
	for _, c := range []profileCase{
		{name: "cut-off off", profile: off, text: head +
			"03042026|03042026|Europe/London|1|2|ana|77||Open|20:00|02:00\n" +
			"03052026|03042026|Europe/London|1|2|ana|77||Lunch|02:00|03:00\n" +
			"03052026|03042026|Europe/London|1|2|ana|77||Open|03:00|06:00\n", want: night},
		{name: "cut-off on", profile: ready(t, "iex-midnight"), text: head +
			"03042026|03042026|UK|1|2|ana|77||Open|2000|24:00\n03052026|03052026|UK|1|2|ana|77||Open|0000|0200\n" +
			"03052026|03052026|UK|1|2|ana|77||Lunch|0200|0300\n03052026|03052026|UK|1|2|ana|77||Open|0300|0600\n", want: night},
		{name: "the row's zone", profile: off, text: head + "03042026|03042026|ET|1|2|ana|77|x|Open|08:00|09:00\n",
			want: []string{"ana 2026-03-04: Open on_queue_work 2026-03-04T13:00 2026-03-04T14:00"}},
		{name: "no zone in the file", profile: off, text: head + "03042026|03042026||1|2|bo|77|x|Open|08:00|09:00\n",
			want: []string{"bo 2026-03-04: Open on_queue_work 2026-03-04T13:00 2026-03-04T14:00"}},
		{name: "twelve hours", profile: ready(t, "iex", "24h ", "12h "), text: head +
			"03042026|03042026||1|2|ana|77||Open|08:00 AM|12:00 PM\n03042026|03042026||1|2|ana|77||Lunch|12:00p|1:30 pm\n",
			want: []string{"ana 2026-03-04: Open on_queue_work 2026-03-04T08:00 2026-03-04T12:00 · Lunch meal " +
				"2026-03-04T12:00 2026-03-04T13:30"}},
		{name: "wrong ones", profile: off, text: head +
			"30042026|30042026||1|2|ana|77||Open|08:00|09:00\n03042026|03042026||1|2|ana|77||Open|8h|09:00\n" +
			"03042026|03042026|UK|1|2|anna|77||Open|08:00|09:00\n03042026|03042026||1|2|ana|77||Opne|08:00|09:00\n" +
			"03042026|03042026||1|2|ana|77||Open|08:00\n",
			wrong: []string{`f.csv:2:1: date: "30042026" is no date as the profile has it (mmddyyyy); it would be one as ` +
				`ddmmyyyy`,
				`f.csv:3:37: start_time: "8h" is no time of day`,
				`f.csv:4:26: agent_id: "anna" is not in the roster; did you mean "ana"?`,
				`f.csv:5:32: activity: the activity code "Opne" is not known`,
				"f.csv:6: the row has 10 fields; the header has 11"}},
		{name: "other columns", profile: off,
			text: "excdate|schedDate|tv_ID|activityName|start|stop\n03042026|03042026|ana|Open|08:00|09:00\n",
			wrong: []string{`f.csv:1: the profile iex does not fit the file, which has no column "activity" (did it mean ` +
				`"activityName"?) (it has "excdate", "schedDate", "tv_ID", "activityName", "start", "stop"); ` +
				"`rollcall import suggest FILE --kind schedule` proposes how to read it"}},
	} {
		c.check(t)
	}
	for _, pattern := range []string{"mmddyyyy", "mmddyy", "ddmmyy", "ddmmyyyy", "yyyymmdd", "yyyyddmm", "yyddmm",
		"yymmdd"} {
		date := strings.NewReplacer("yyyy", "2026", "yy", "26", "mm", "03", "dd", "17").Replace(pattern)
		c := profileCase{name: pattern, profile: ready(t, "iex", "[mmddyyyy]", pattern), text: head + date + "|" + date +
			"||1|2|ana|77||Open|08:00|09:00\n",
			want: []string{"ana 2026-03-17: Open on_queue_work 2026-03-17T08:00 2026-03-17T09:00"}}
		c.check(t)
	}
}

// TestOtherProfiles: two dates, CXone's lines that form a shift, Sprinklr's patterns; agents by e-mail address and
// other ids.
func TestOtherProfiles(t *testing.T) {
	const cx = "Agent,Shift ID,Date,Activity,Start Time,End Time\n"
	for _, c := range []profileCase{
		{name: "two dates", profile: ready(t, "two-date", "times: 24h ", "longest: 25h\ntimes: 24h "),
			text: "Agent;Activity;Start date;Start time;End date;End " +
				"time\nana;Phones;28/03/2026;22:00;29/03/2026;00:00\nana;Phones;29.3.2026;00:00;29/03/2026;24:00\n",
			want: []string{"ana 2026-03-28: Phones on_queue_work 2026-03-28T22:00 2026-03-29T00:00 · Phones on_queue_work " +
				"2026-03-29T00:00 2026-03-29T23:00"}},
		{name: "a date is missing", profile: ready(t, "two-date"),
			text: "Agent;Activity;Start date;Start time;End date;End " +
				"time\nana;Phones;28/03/2026;22:00;;01:00\nana;Phones;28/03/2026;x;28/03/2026;23:00\n",
			wrong: []string{`f.csv:2:29: end: "" is not a date`, `f.csv:3:23: start: "x" is no time of day`}},
		{name: "cxone", profile: ready(t, "cxone"), text: cx +
			"ANA@example.org,s1,03/02/2026,Open,9:00 AM,12:00 PM\nana@example.org,s1,03/02/2026,Lunch,12:00 PM,1:00 " +
			"PM\nana@example.org,s1,03/02/2026,Open,6:00 PM,8:00 PM\n",
			want: []string{"ana 2026-03-02: Open on_queue_work 2026-03-02T09:00 2026-03-02T12:00 · Lunch meal " +
				"2026-03-02T12:00 2026-03-02T13:00 · Open on_queue_work 2026-03-02T18:00 2026-03-02T20:00"}},
		{name: "unknown address", profile: ready(t, "cxone"), text: cx +
			"anna@example.org,s1,03/02/2026,Open,9:00 AM,12:00 PM\nana@example.org,s1,03/02/2026,Open,9:00,12:00 PM\n",
			wrong: []string{`f.csv:2:1: agent_id: the e-mail address "anna@example.org" is not in the roster; did you mean ` +
				`"ana@example.org"?`,
				`f.csv:3:36: start_time: "9:00" is no time with AM or PM, as the profile has it (12h)`}},
		{name: "sprinklr", profile: ready(t, "sprinklr"),
			text: "User Email,Activity,Start Time,End Time\nana@example.org,Available,02-03-2026 09:00:00,02-03-2026 " +
				"12:00:00\nana@example.org,Lunch,03/02/2026 12:00:00,03/02/2026 12:30:00\n",
			want: []string{"ana 2026-03-02: Available on_queue_work 2026-03-02T09:00 2026-03-02T12:00 · Lunch meal " +
				"2026-03-02T12:00 2026-03-02T12:30"}},
		{name: "federation ids", profile: ready(t, "sprinklr", "agent: email",
			"agent: {key: external_id, ids: {FED-1: ana}}"),
			text: "User Email,Activity,Start Time,End Time\nfed-1,Available,02-03-2026 09:00:00,02-03-2026 12:00:00\n",
			want: []string{"ana 2026-03-02: Available on_queue_work 2026-03-02T09:00 2026-03-02T12:00"}},
		{name: "unknown federation id",
			profile: ready(t, "sprinklr", "agent: email", "agent: {key: external_id, ids: {FED-1: ana}}"),
			text:    "User Email,Activity,Start Time,End Time\nfed-2,Available,02-03-2026 09:00:00,02-03-2026 12:00:00\n",
			wrong:   []string{`"fed-2" is none of the external ids of the profile sprinklr; add it there under agent, ids`}},
		{name: "patterns in doubt", profile: ready(t, "sprinklr", `"MM/DD/YYYY HH:mm:ss"`, `"MM-DD-YYYY HH:mm:ss"`),
			text: "User Email,Activity,Start Time,End Time\nana@example.org,Available,02-03-2026 09:00:00,13-02-2026 " +
				"12:00:00\n",
			wrong: []string{`start: "02-03-2026 09:00:00" may be 2026-03-02 09:00:00 (DD-MM-YYYY HH:mm:ss) or 2026-02-03 ` +
				`09:00:00 (MM-DD-YYYY HH:mm:ss); leave the profile only one of these patterns`}},
		{name: "for another kind", profile: &profile.Profile{Name: "mine", Kind: "roster"}, text: "a\n",
			wrong: []string{"the profile mine is for files of roster, not of schedule"}},
	} {
		c.check(t)
	}
	p, err := profile.Parse("mine",
		[]byte("kind: schedule\nheader: false\nskip: 1\ncolumns:\n  agent_id: 1\n  activity: {join: [2, 3], with: '/'}\n  "+
			"start: 4\n  end: 5\n  category: {value: meeting}\nignore:\n  - {column: 6, is: [draft]}\n"), LayoutOf)
	if err != nil {
		t.Fatal(err)
	}
	c := profileCase{name: "no header", profile: p,
		text: "Schedule of " +
			"March;;;\nana;A;B;2026-03-02T09:00:00Z;2026-03-02T10:00:00Z;x\n" +
			"ana;A;B;2026-03-02T10:00:00Z;2026-03-02T11:00:00Z;Draft\n;;;;;\n",
		want: []string{"ana 2026-03-02: A/B meeting 2026-03-02T09:00 2026-03-02T10:00"}}
	c.check(t)
}

// withoutBreaks is the profile week-grid without its rules for breaks, with its text changed.
func withoutBreaks(tb testing.TB, change ...string) *profile.Profile {
	tb.Helper()
	text := ready(tb, "week-grid").Text
	from, to := strings.Index(text, "  # What is cut out"), strings.Index(text, "\nactivities:")
	return ready(tb, "week-grid", append(change, text[from:to], "")...)
}

// TestWeekGrid: the cells of small centres.
func TestWeekGrid(t *testing.T) {
	grid := withoutBreaks(t)
	for _, c := range []profileCase{
		{name: "cells", profile: grid,
			text: "Agent,02/03/2026,Tue 03/03/2026,2026-03-04,Total\nAna Ortiz,09:00-17:30,OFF,9-13:00 / 3pm to 7:30pm,12\n",
			want: []string{"ana 2026-03-02: Phones on_queue_work 2026-03-02T09:00 2026-03-02T17:30",
				"ana 2026-03-04: Phones on_queue_work 2026-03-04T09:00 2026-03-04T13:00 · Phones on_queue_work 2026-03-04T15:00 " +
					"2026-03-04T19:30"}},
		{name: "words and names", profile: grid,
			text: "Agent,02/03/2026,03/03/2026,04/03/2026\nana ortiz,al,\"Training 09:00–12:00, 12-16\",22:00-06:00\n",
			want: []string{"ana 2026-03-02: Annual leave time_off 2026-03-02T09:00 2026-03-02T17:00",
				"ana 2026-03-03: Training training 2026-03-03T09:00 2026-03-03T12:00 · Phones on_queue_work 2026-03-03T12:00 " +
					"2026-03-03T16:00",
				"ana 2026-03-04: Phones on_queue_work 2026-03-04T22:00 2026-03-05T06:00"}},
		{name: "breaks by rule", profile: ready(t, "week-grid"),
			text: "Agent,02/03/2026,03/03/2026\nAna Ortiz,22:00-06:00,09:00-12:00\n",
			want: []string{"ana 2026-03-02: Phones on_queue_work 2026-03-02T22:00 2026-03-03T00:00 · Break break " +
				"2026-03-03T00:00 2026-03-03T00:15 · Phones on_queue_work 2026-03-03T00:15 2026-03-03T02:00 · Lunch meal " +
				"2026-03-03T02:00 2026-03-03T02:30 · Phones on_queue_work 2026-03-03T02:30 2026-03-03T04:30 · Break break " +
				"2026-03-03T04:30 2026-03-03T04:45 · Phones on_queue_work 2026-03-03T04:45 2026-03-03T06:00",
				"ana 2026-03-03: Phones on_queue_work 2026-03-03T09:00 2026-03-03T12:00"}},
		{name: "days of the week", profile: grid, from: schemas.MakeDate(2026, 3, 4),
			text: "Agent,Mon,Wednesday,Total\nAna Ortiz,08:00-09:00,10:00-11:00,x\n",
			want: []string{"ana 2026-03-04: Phones on_queue_work 2026-03-04T10:00 2026-03-04T11:00",
				"ana 2026-03-09: Phones on_queue_work 2026-03-09T08:00 2026-03-09T09:00"}},
		{name: "week in the row", profile: ready(t, "week-grid", "grid:\n", "grid:\n  week: Week of\n"),
			text: "Week of,Agent,Mon,Sun\n02/03/2026,Ana Ortiz,08:00-09:00,\n",
			want: []string{"ana 2026-03-02: Phones on_queue_work 2026-03-02T08:00 2026-03-02T09:00"}},
		{name: "no date", profile: grid, text: "Agent,Mon\nAna Ortiz,08:00-09:00\n",
			wrong: []string{`f.csv:1:7: date: "Mon" says no date; give the first day of the week with --from`}},
		{name: "no days", profile: grid, text: "Agent,Hours\nAna Ortiz,08:00-09:00\n", wrong: []string{`no column is a day`}},
		{name: "bad cells", profile: grid,
			text: "Agent,02/03/2026,03/03/2026\nAna Ortiz,09:00-65:00,OF\nZora,09:00-17:00,OFF\nBo Lind,09:00-17:00,OFF\n",
			wrong: []string{`f.csv:2:11: date: "09:00-65:00" is neither a stretch of time such as 09:00-17:30 nor a word of ` +
				`the profile week-grid (-, AL, OFF, RD, SICK)`,
				`f.csv:2:23: date: "OF" is neither a stretch of time such as 09:00-17:30 nor a word of the profile week-grid (-, ` +
					`AL, OFF, RD, SICK); did you mean "OFF"?`,
				`f.csv:3:1: agent_id: the name "Zora" is not in the roster`,
				`f.csv:4:1: agent_id: the name "Bo Lind" belongs to the agents bo and cleo; name the one meant by agent_id`}},
	} {
		c.check(t)
	}
}

// TestFreeDays: who is free all week has that week replaced, and the range is that of the header.
func TestFreeDays(t *testing.T) {
	lines, report := read(t, Schedule, []byte("Agent,02/03/2026,03/03/2026,04/03/2026\nAna Ortiz,OFF,,RD\n"),
		Options{Profile: ready(t, "week-grid")}, Known{Members: crew})
	if want := []string{"ana 2026-03-02 removed true", "ana 2026-03-03 removed true",
		"ana 2026-03-04 removed true"}; !slices.Equal(lines, want) || report.Read != 0 {
		t.Errorf("%d rows, %q %s", report.Read, lines, problems(report))
	}
}

// TestProfileProblems: what is wrong with a profile is reported at once, with lines and what was meant.
func TestProfileProblems(t *testing.T) {
	for text, want := range map[string]string{
		"kind: schedul\n": `mine:1: kind: "schedul" is none of roster, activities, statuses, schedule, status, gaps, ` +
			`requirements; did you mean "schedule"?`,
		"kind: schedule\ncolums: {}\n": "mine:2: colums: is not a key that is known here; did you " +
			"mean columns?",
		"name: x\n": "mine: kind: is missing; write what the files hold, such as " +
			"schedule",
		"kind: schedule\ndates: mmdd\n": `mine:2: dates: "mmdd" is not year, month and day; ` +
			`write something like mmddyyyy or DD/MM/YYYY`,
		"kind: schedule\ninstants: yyyy-mm-dd hh:mm\n": `mine:2: instants: "yyyy-mm-dd hh:mm" has mm where no date or time ` +
			`has it; write something like DD-MM-YYYY HH:mm:ss`,
		"kind: schedule\ntimes: HH:mm:ss:ss\n": `mine:2: times: "HH:mm:ss:ss" has ss where no date or time has it; ` +
			`write something like HH:mm`,
		"kind: schedule\ntime_zone: Europe/Londn\n": `mine:2: time_zone: `,
		"kind: schedule\nagent: mail\n":             `mine:2: agent: "mail" is none of agent_id, email, name, external_id`,
		"kind: schedule\ncolumns:\n  agentid: x\n": "mine:3: columns.agentid: is no column of a file of " +
			"schedule; did you mean agent_id?",
		"kind: schedule\ncolumns:\n  agent_id: x\n": "mine:2: columns: lacks activity, start, end; name the " +
			"columns of the file for them",
		"kind: roster\ngrid: {activity: x}\n":          "mine:2: grid: is only possible for schedules",
		"kind: schedule\nactivities:\n  Lunch: meel\n": `mine:3: activities.Lunch: `,
		"kind: schedule\nskip: many\n":                 `mine:2: skip: "many" is not a number of lines, 0 to 1000`,
		"kind: schedule\nignore: [{column: x}]\n": "mine:2: ignore[0]: needs a column of the file and the " +
			"values to pass over",
		"kind: schedule\ngrid:\n  breaks: [{after: 2}]\n": `mine:3: grid.breaks[0].after: "2" is no length of time; ` +
			`write something like 15m or 2h30m`,
		"kind: schedule\n  x: y\n":                            "mine: neither JSON nor YAML: ",
		"kind: gaps\ncolumns: {from: {date: a}, to: b}\n":     "mine:2: columns.from: needs both date and time",
		"kind: schedule\nmidnight: cut\n":                     `mine:2: midnight: "cut" is neither join`,
		"kind: schedule\ndelimiter: dot\nencoding: klingon\n": "mine:3: encoding: ",
	} {
		_, err := profile.Parse("mine", []byte(text), LayoutOf)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := profile.Find("iexx", LayoutOf); err == nil || !strings.Contains(err.Error(), `did you mean "iex"?`) {
		t.Error(err)
	}
}

// TestProfileProblemsAreAllListed: each thing that is wrong is reported once, and nothing that only follows from
// another.
func TestProfileProblemsAreAllListed(t *testing.T) {
	for text, want := range map[string]string{
		"kind: schedule\ncolumns: {agent_id: {of: x}}\n": "mine:2: columns.agent_id: must name a column of the file, " +
			"or be one of {value: …}, {date: …, time: …}, {length: …, in: …}, {weekday: …} and {join: […], with: …}",
		"kind: gaps\ncolumns: {from: {time: a}}\n": "mine:2: columns.from: needs both date and time, and is only " +
			"possible for instants such as start and end",
		"kind: schedul\ngrid: {activity: x}\n": `mine:1: kind: "schedul" is none of roster, activities, statuses, ` +
			`schedule, status, gaps, requirements; did you mean "schedule"?`,
		"kind: schedule\nheader: false\ngrid: {activity: x}\ncolumns: {activity: b}\n": "mine:4: columns: lacks agent_id, " +
			"the column with the agents\nmine:4: columns: has no header, in which a grid has its days",
		"kind: schedule\nmidnight: join\ncolumns: {agent_id: a, activity: b}\n": "mine:2: midnight: join is only possible " +
			"with the columns date, start_time and end_time\nmine:3: columns: lacks start, end; name the columns of the " +
			"file for them",
	} {
		if _, err := profile.Parse("mine", []byte(text), LayoutOf); err == nil || err.Error() != want {
			t.Errorf("%s: got\n%v\nwant\n%s", text, err, want)
		}
	}
}

// TestProfileWorkbook: a grid in a workbook, with real dates in the header, and a cell that Excel took for a date.
func TestProfileWorkbook(t *testing.T) {
	data := book(t, `<row r="1"><c r="A1" t="str"><v>Week 10</v></c></row><row r="3"><c r="A3" t="str"><v>Agent</v></c>`+
		`<c r="B3" s="1"><v>46083</v></c><c r="C3" s="1"><v>46084</v></c></row>`+
		`<row r="4"><c r="A4" t="str"><v>Ana Ortiz</v></c><c r="B4" t="str"><v>09:00-11:00</v></c><c r="C4" s="1">`+
		`<v>46282</v></c></row>`, nil)
	c := profileCase{name: "workbook", profile: ready(t, "week-grid", "kind: schedule", "kind: schedule\nskip: 2"),
		text: string(data),
		wrong: []string{`f.csv:4:3: date: is a date or a time (2026-09-17), not a stretch of time; format the cell as text ` +
			`and write it again, such as 09:00-17:30 (cell C4)`}}
	c.check(t)
}

// TestProfileOfAKindWithoutLocalTimes: a profile may have a time zone whatever its kind; where no column takes one, a
// warning says that it is not used.
func TestProfileOfAKindWithoutLocalTimes(t *testing.T) {
	for kind, columns := range map[Kind]string{
		Activities: "{code: Code, category: What}",
		Statuses:   "{secondary: Code, status: What}",
	} {
		text := "kind: " + string(kind) + "\ntime_zone: Europe/London\ncolumns: " + columns + "\n"
		p, err := profile.Parse("mine", []byte(text), LayoutOf)
		if err != nil {
			t.Fatal(err)
		}
		got, report := read(t, kind, []byte("Code,What\nCoaching,training\n"), Options{Profile: p}, Known{})
		if len(got) != 1 || !strings.HasPrefix(got[0], "Coaching training") || report.ProblemCount != 0 ||
			report.WarningCount != 1 || report.Warnings[0].Message != `the column is not used ("time_zone")` {
			t.Errorf("%s: got %v %s %v", kind, got, problems(report), report.Warnings)
		}
	}
}
