package files

import (
	"slices"
	"strings"
	"testing"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// TestCells: breaks inside a cell, in brackets or with a name; words with breaks of their own; a word of which nobody
// has said when it is; times without a separator.
func TestCells(t *testing.T) {
	const plan = `
kind: schedule
dates: DD/MM/YYYY
columns: {agent_id: Id}
grid:
  activity: Phones
  inside: Lunch
  cells:
    F: {activity: Phones, times: "06:00-14:00", breaks: [{activity: Lunch, times: "10:00-10:30"}]}
    N: {activity: Phones, times: "22:00-06:00", breaks: [{activity: Break, times: "02:00-02:15"}, {activity: Break, after: 6h, lasts: 15m}]}
    S: 14:00-22:00
    L: Annual leave 09:00-17:00
    U: {activity: Annual leave}
    X: nothing
activities: {B: {code: Break}, Early: {code: Phones}}
`
	for _, c := range []shapeCase{
		{name: "breaks in brackets", profile: plan, text: "Id,16/11/2026,17/11/2026,18/11/2026\n" +
			"ana,09:00-17:00 (12:00-12:30),\"09:00-17:00 [B 10:00-10:15, 12-12:30]\",\"9:00-17:00; B 10:00-10:15\"\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T09:00 2026-11-16T12:00 · Lunch meal 2026-11-16T12:00 " +
				"2026-11-16T12:30 · Phones 2026-11-16T12:30 2026-11-16T17:00",
				"ana 2026-11-17: Phones 2026-11-17T09:00 2026-11-17T10:00 · Break break 2026-11-17T10:00 2026-11-17T10:15 · " +
					"Phones 2026-11-17T10:15 2026-11-17T12:00 · Lunch meal 2026-11-17T12:00 2026-11-17T12:30 · " +
					"Phones 2026-11-17T12:30 2026-11-17T17:00",
				"ana 2026-11-18: Phones 2026-11-18T09:00 2026-11-18T10:00 · Break break 2026-11-18T10:00 2026-11-18T10:15 · " +
					"Phones 2026-11-18T10:15 2026-11-18T17:00"}},
		{name: "words", profile: plan, text: "Id,16/11/2026,17/11/2026,18/11/2026,19/11/2026\nana,F,N,X,l\nbo,s,,,\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T06:00 2026-11-16T10:00 · Lunch meal 2026-11-16T10:00 " +
				"2026-11-16T10:30 · Phones 2026-11-16T10:30 2026-11-16T14:00",
				"ana 2026-11-17: Phones 2026-11-17T22:00 2026-11-18T02:00 · Break break 2026-11-18T02:00 2026-11-18T02:15 · " +
					"Phones 2026-11-18T02:15 2026-11-18T04:00 · Break break 2026-11-18T04:00 2026-11-18T04:15 · " +
					"Phones 2026-11-18T04:15 2026-11-18T06:00",
				"ana 2026-11-19: Annual leave time_off 2026-11-19T09:00 2026-11-19T17:00",
				"bo 2026-11-16: Phones 2026-11-16T19:00 2026-11-17T03:00"}},
		{name: "a word without times", profile: plan, text: "Id,16/11/2026,17/11/2026\nana,U,F\n",
			wrong: []string{`f.csv:2:5: date: "U" is Annual leave, but the profile ours says no times of it; add its times to ` +
				`the profile, such as {activity: Annual leave, times: "09:00-17:00"}; 00:00-24:00 is the whole day`}},
		{name: "times without a separator, and a name around them", profile: plan,
			text: "Id,16/11/2026,17/11/2026\nana,730:1630,Early (6AM-2PM)\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T07:30 2026-11-16T16:30",
				"ana 2026-11-17: Phones 2026-11-17T06:00 2026-11-17T14:00"}},
		{name: "a remark in brackets", profile: plan, text: "Id,16/11/2026\nana,F (late)\n",
			wrong: []string{`f.csv:2:5: date: "F (late)" is neither a stretch of time`}},
	} {
		c.check(t)
	}
	const late = "kind: schedule\ncolumns: {agent_id: Id}\ngrid:\n  activity: x\n  cells:\n    F: {activity: x, times: " +
		"6-14, breaks: [{activity: y, times: 15-16}]}\n"
	if _, err := profile.Parse("late", []byte(late), LayoutOf); err == nil || err.Error() != "late:6: "+
		`grid.cells.F.breaks[0].times: "15-16" does not lie within the times of the word` {
		t.Error(err)
	}
}

// TestPairsOfColumns: a day has a column for the start and one for the end, and perhaps two for its lunch; the days
// stand in a header of their own, or in the names.
func TestPairsOfColumns(t *testing.T) {
	const pairs = "kind: schedule\ndates: DD/MM/YYYY\ncolumns: {agent_id: Id}\n" +
		"grid: {activity: Phones, pairs: [{start: Start, end: End}, {start: Lunch from, end: Lunch to, activity: Lunch}], " +
		"cells: {OFF: nothing}}\n"
	two := "header: 2\n" + pairs
	from := schemas.MakeDate(2026, 11, 16)
	for _, c := range []shapeCase{
		{name: "in the names", profile: pairs, from: from, to: from + 6,
			text: "Id,Mon Start,Mon Lunch from,Mon Lunch to,Mon End,Tue Start,Tue End,End Wed,Start Wed,Team\n" +
				"ana,09:00,12:00,12:30,5pm,OFF,OFF,17:00,09:00,x\nbo,,,,,9:00 AM,5:00 PM,,,\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T09:00 2026-11-16T12:00 · Lunch meal 2026-11-16T12:00 " +
				"2026-11-16T12:30 · Phones 2026-11-16T12:30 2026-11-16T17:00",
				"ana 2026-11-18: Phones 2026-11-18T09:00 2026-11-18T17:00",
				"bo 2026-11-17: Phones 2026-11-17T14:00 2026-11-17T22:00"}},
		{name: "in a header of their own", profile: two, text: ";Mon 16/11/2026;;17/11/2026;\nId;Start;End;Start;End\n" +
			"ana;09:00;17:00;22:00;06:00\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T09:00 2026-11-16T17:00",
				"ana 2026-11-17: Phones 2026-11-17T22:00 2026-11-18T06:00"}},
		{name: "an end without a name", text: "Id;16/11/2026;;17/11/2026;\nana;09:00;17:00;;\n",
			profile: "kind: schedule\ndates: DD/MM/YYYY\ncolumns: {agent_id: Id}\n" +
				"grid: {activity: Phones, pairs: [{start: \"\", end: \"\"}]}\n",
			want: []string{"ana 2026-11-16: Phones 2026-11-16T09:00 2026-11-16T17:00"}},
		{name: "half a pair", profile: pairs, text: "Id,16/11/2026 Start\nana,09:00\n",
			wrong: []string{`f.csv:1:4: date: the day "16/11/2026" has no column for both "Start" and "End"`}},
		{name: "half a stretch", profile: pairs, text: "Id,16/11/2026 Start,16/11/2026 End\nana,09:00,\nbo,,17:00\n",
			wrong: []string{`f.csv:2:5: date: "09:00" is neither a stretch of time`,
				`f.csv:3:4: date: "-17:00" is neither a stretch of time`}},
	} {
		c.check(t)
	}
}

// TestOneCellARow: the date stands in one column, and what a cell of a grid holds in another.
func TestOneCellARow(t *testing.T) {
	const plan = "kind: schedule\ncolumns: {agent_id: Name}\nagent: name\nactivities: {Morning: {code: Phones}}\n" +
		"grid: {activity: Phones, date: Date, cell: Shift, cells: {Night: 22:00-06:00, Off: nothing}}\n"
	weekly := "repeat: weekly\n" + plan
	for _, c := range []shapeCase{
		{name: "shift names", profile: plan, text: "Name,Date,Shift,Role\nAna Ortiz,2026-11-02,Morning (6AM-2PM),Agent\n" +
			"Ana Ortiz,2026-11-03,Night,Agent\nAna Ortiz,2026-11-05,Off,\n",
			want: []string{"ana 2026-11-02: Phones 2026-11-02T06:00 2026-11-02T14:00",
				"ana 2026-11-03: Phones 2026-11-03T22:00 2026-11-04T06:00"}},
		{name: "wrong ones", profile: plan, text: "Name,Date,Shift\nAna Ortiz,2026-13-02,Night\nAna Ortiz,2026-11-02,Day\n",
			wrong: []string{`f.csv:2:11: date: "2026-13-02" is not a date`,
				`f.csv:3:22: date: "Day" is neither a stretch of time`}},
		{name: "every week", profile: weekly, from: schemas.MakeDate(2026, 11, 2), to: schemas.MakeDate(2026, 11, 10),
			text: "Name,Date,Shift\nAna Ortiz,Mon,09:00-17:00\n",
			want: []string{monday, "ana 2026-11-09: Phones 2026-11-09T09:00 2026-11-09T17:00"}},
	} {
		c.check(t)
	}
}

// TestWeeksOfAGrid: a header of days of the week is one week or, if the profile says so, every week; a range of several
// weeks without that is refused.
func TestWeeksOfAGrid(t *testing.T) {
	const grid = "kind: schedule\ncolumns: {agent_id: Id}\ngrid: {activity: Phones}\n"
	from, to := schemas.MakeDate(2026, 11, 2), schemas.MakeDate(2026, 11, 15)
	for _, c := range []shapeCase{
		{name: "every week", profile: "repeat: weekly\n" + grid, from: from, to: to,
			text: "Id,Mon,Sun\nana,09:00-17:00,\nbo,,09:00-10:00\n",
			want: []string{monday, "ana 2026-11-09: Phones 2026-11-09T09:00 2026-11-09T17:00",
				"bo 2026-11-08: Phones 2026-11-08T14:00 2026-11-08T15:00",
				"bo 2026-11-15: Phones 2026-11-15T14:00 2026-11-15T15:00"}},
		{name: "a row's own weeks", profile: "repeat: {from: Since, to: Until}\n" + grid,
			text: "Id,Since,Until,Mon\nana,2026-11-01,2026-11-08,09:00-17:00\n", want: []string{monday}},
		{name: "several weeks", profile: grid, from: from, to: to, text: "Id,Mon,Sun\nana,09:00-17:00,\n",
			wrong: []string{"f.csv:1: date: the header has days of one week, but 2026-11-02 to 2026-11-15 are 14 days"}},
	} {
		c.check(t)
	}
}

// TestJSON: a list inside a document, with names that lead into objects; what an entry lacks is taken from those around
// it; epoch times; an end or a length; NDJSON.
func TestJSON(t *testing.T) {
	const zoom = `
kind: status
items: statuses
columns:
  agent_id: user_id
  at: start_time
  until: {column: end_time, length: duration, in: seconds}
  status: {join: [status_name, sub_status_name], with: "/"}
values: {status: {Ready/: available, Not Ready/Lunch: meal}}
`
	const nested = `
kind: status
items: users.states
instants: unix_ms
columns: {agent_id: id, at: when.from, status: what.name}
values: {status: {Ready: available, Lunch: meal}}
`
	for _, c := range []struct {
		name, profile, text string
		want, wrong, told   []string
	}{
		{name: "zoom", profile: zoom, text: `{"from":"2026-11-02","statuses":[{"user_id":"ana","status_name":"Ready",` +
			`"start_time":"2026-11-02T09:00:00Z","end_time":"2026-11-02T10:00:00Z","duration":3600},` + "\n" +
			`{"user_id":"ana","status_name":"Not Ready","sub_status_name":"Lunch","start_time":"2026-11-02T10:00:00Z",` +
			`"duration":1800}]}`,
			want: []string{"ana 2026-11-02T09:00:00Z available", "ana 2026-11-02T10:00:00Z meal",
				"ana 2026-11-02T10:30:00Z unknown"}},
		{name: "nested", profile: nested, text: `{"users":[{"states":[{"when":{"from":1793610000000},` +
			`"what":{"name":"Ready"}},` +
			`{"when":{"from":1793613600000},"what":{"name":"Lunch"}}],"id":"ana"},{"id":"bo"}]}`,
			want: []string{"ana 2026-11-02T09:00:00Z available", "ana 2026-11-02T10:00:00Z meal"}},
		{name: "lines", profile: strings.ReplaceAll(nested, "items: users.states\n", ""),
			text: `{"id":"ana","when":{"from":1793610000000},"what":{"name":"Ready"}}` + "\n" +
				`{"id":"ana","when":{"from":1793613600000},"what":{"name":"Lunch"}}` + "\n",
			want: []string{"ana 2026-11-02T09:00:00Z available", "ana 2026-11-02T10:00:00Z meal"}},
		{name: "broken off", profile: nested, text: `{"users":[{"id":"ana","states":[{"when":{"from":1793610000000},`,
			wrong: []string{"the JSON ends in the middle"}, told: []string{}},
		{name: "no such list", profile: nested, text: `{"people":[]}`,
			wrong: []string{`f.csv:1:14: the JSON has no "users"; it has people; correct items in the profile`}},
		{name: "not a value", profile: nested, text: `{"users":[{"states":[{"id":"ana","when":{"from":1793610000000},` +
			`"what":"Ready"}]}]}`, wrong: []string{"f.csv:1:"}, told: []string{`no entry of the JSON has "what.name"`}},
	} {
		got, report := changesOf(t, c.text, Options{Profile: ours(t, c.profile)})
		if len(c.wrong) == 0 && !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s", c.name, strings.Join(got, "\n"))
		}
		if list := strings.Split(problems(report), "\n"); report.ProblemCount != len(c.wrong) ||
			!slices.EqualFunc(list[:report.ProblemCount], c.wrong, strings.Contains) {
			t.Errorf("%s: got problems\n%s", c.name, problems(report))
		}
		for i, w := range c.told {
			if i >= len(report.Warnings) || !strings.Contains(report.Warnings[i].String(), w) {
				t.Errorf("%s: got warnings %v", c.name, report.Warnings)
			}
		}
	}
}

// TestNamesInAnyOrder: a file that writes the last name first finds the agents all the same.
func TestNamesInAnyOrder(t *testing.T) {
	c := shapeCase{name: "names", profile: "kind: schedule\nagent: name\ncolumns: {agent_id: Who, " +
		"activity: {value: Phones}, start: From, end: To}\n",
		text: "Who;From;To\n\"Ortiz, Ana\";2026-11-02T09:00Z;2026-11-02T17:00Z\n" +
			"ORTIZ Ana;2026-11-03T09:00Z;2026-11-03T17:00Z\n",
		want: []string{monday, "ana 2026-11-03: Phones 2026-11-03T09:00 2026-11-03T17:00"}}
	c.check(t)
}
