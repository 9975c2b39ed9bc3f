package files

import (
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
)

// shapeCase is a file that is laid out for people, a profile of it, and what is read.
type shapeCase struct {
	name, profile, text string
	from, to            schemas.Date
	want                []string
	// wrong and told are parts of the problems and the warnings, all of them.
	wrong, told []string
}

func (c *shapeCase) check(t *testing.T) {
	t.Helper()
	lines, report := read(t, Schedule, []byte(c.text), Options{Profile: ours(t, c.profile), From: c.from, To: c.to},
		Known{Members: crew, Codes: []schemas.ActivityCode{{Code: "Phones", Category: schemas.CategoryOnQueueWork},
			{Code: "Lunch", Category: schemas.CategoryMeal}, {Code: "Break", Category: schemas.CategoryBreak},
			{Code: "Annual leave", Category: schemas.CategoryTimeOff}}})
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.HasSuffix(s, "removed true") })
	for i := range lines {
		lines[i] = strings.NewReplacer(" removed false ·", ":", ":00Z", "", " on_queue_work", "").Replace(lines[i])
	}
	if len(c.wrong) == 0 && !slices.Equal(lines, c.want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n%s", c.name, strings.Join(lines, "\n"), strings.Join(c.want, "\n"), problems(report))
	}
	var warnings []string
	for _, w := range report.Warnings {
		warnings = append(warnings, w.String())
	}
	if got := strings.Split(problems(report), "\n"); report.ProblemCount != len(c.wrong) ||
		!slices.EqualFunc(got[:report.ProblemCount], c.wrong, strings.Contains) {
		t.Errorf("%s: got problems\n%s\nwant\n%s", c.name, problems(report), strings.Join(c.wrong, "\n"))
	}
	if !slices.EqualFunc(warnings, c.told, strings.Contains) {
		t.Errorf("%s: got warnings\n%s\nwant\n%s", c.name, strings.Join(warnings, "\n"), strings.Join(c.told, "\n"))
	}
}

const monday = "ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T17:00"

// TestTablesForPeople: titles above the table, two header rows, cells that mean what stands above, totals below.
func TestTablesForPeople(t *testing.T) {
	const blocks = "kind: schedule\nagent: name\nskip: 2\nfill: [Agent, Date]\nends: [Total, Summe]\n" +
		"columns: {agent_id: Agent, activity: What, date: Date, start_time: From, end_time: To}\n"
	for _, c := range []shapeCase{
		{name: "blocks", profile: blocks,
			text: "Rota of November;;;;\n\nAgent;Date;What;From;To\n" +
				"Ana Ortiz;2026-11-02;Phones;09:00;12:00\n;;Lunch;12:00;13:00\n;2026-11-03;Phones;09:00;10:00\n" +
				";;Phones;10:00;11:00\n;;;;\nTotal:;3 h;;;\nprinted by Zoe;;;;\n",
			want: []string{"ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T12:00 · Lunch meal 2026-11-02T12:00 " +
				"2026-11-02T13:00", "ana 2026-11-03: Phones 2026-11-03T09:00 2026-11-03T10:00 · Phones 2026-11-03T10:00 " +
				"2026-11-03T11:00"},
			told: []string{`f.csv:9: the table ends above "Total:", as the profile has it; ` +
				`rows that are passed over from there on: 2`}},
		{name: "a block without its date", profile: blocks, text: "\n\nAgent;Date;What;From;To\n" +
			"Ana Ortiz;2026-11-02;Phones;09:00;17:00\nCleo;;Phones;09:00;17:00\n",
			wrong: []string{`f.csv:5:1: agent_id: the name "Cleo" is not in the roster`}},
		{name: "nobody above", profile: blocks, text: "\n\nAgent;Date;What;From;To\n;2026-11-02;Phones;09:00;17:00\n",
			wrong: []string{`f.csv:4:1: agent_id: is missing`}},
		{name: "a column to fill is missing", profile: blocks, text: "\n\nWho;Date;What;From;To\n",
			wrong: []string{`f.csv:3: the profile ours does not fit the file, which has no column "Agent"`}},
		{name: "two header rows", profile: "kind: schedule\nheader: 2\ncolumns: {agent_id: Agent Id, " +
			"activity: Agent Activity, start: {date: Shift Date, time: Shift From}, end: {date: Shift Date, time: Shift To}}\n",
			text: "Agent,,,Shift,,\nId,Team,Activity,Date,From,To\nana,x,Phones,2026-11-02,09:00,17:00\n",
			want: []string{monday}},
	} {
		c.check(t)
	}
}

// TestTwoHeaderRowsOfAWorkbook: their cells are merged, and so are those of an agent's block.
func TestTwoHeaderRowsOfAWorkbook(t *testing.T) {
	text := func(cell, s string) string { return `<c r="` + cell + `" t="str"><v>` + s + `</v></c>` }
	sheet := `<worksheet><sheetData><row r="2">` + text("A2", "Agent") + text("B2", "Activity") + text("C2", "Shift") +
		`</row><row r="3">` + text("C3", "Date") + text("D3", "From") + text("E3", "To") + `</row><row r="4">` +
		text("A4", "ana") + text("B4", "Phones") + text("C4", "2026-11-02") + text("D4", "09:00") + text("E4", "12:00") +
		`</row><row r="5">` + text("B5", "Lunch") + text("C5", "2026-11-02") + text("D5", "12:00") + text("E5", "12:30") +
		`</row></sheetData><mergeCells count="3"><mergeCell ref="A2:A3"/><mergeCell ref="C2:E2"/><mergeCell ref="A4:A5"/>` +
		`</mergeCells></worksheet>`
	c := shapeCase{name: "workbook", profile: "kind: schedule\nheader: 2\nfill: Agent\ncolumns: {agent_id: Agent, " +
		"activity: Activity, date: Shift Date, start_time: Shift From, end_time: Shift To}\n",
		text: string(book(t, "", map[string]string{"xl/worksheets/sheet1.xml": sheet})),
		want: []string{"ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T12:00 · Lunch meal 2026-11-02T12:00 " +
			"2026-11-02T12:30"}}
	c.check(t)
}

// TestSeveralRowsOfOne: a row of the file makes one of ours for each part of the shift; a part that is empty makes
// none, and neither does one whose conditions do not hold.
func TestSeveralRowsOfOne(t *testing.T) {
	const parts = `
kind: schedule
columns: {agent_id: Id, date: Day}
rows:
  - {activity: {value: Phones}, start_time: In, end_time: Lunch out, when: {not: {Lunch out: [""]}}}
  - {activity: {value: Lunch}, start_time: Lunch out, end_time: Lunch in}
  - {activity: {value: Phones}, start_time: Lunch in, end_time: Out, when: {not: {Lunch out: [""]}}}
  - {activity: {value: Phones}, start_time: In, end_time: Out, when: {Lunch out: [""]}}
`
	const head = "Id,Day,In,Lunch out,Lunch in,Out\n"
	for _, c := range []shapeCase{
		{name: "parts", profile: parts, text: head + "ana,2026-11-02,09:00,12:00,12:30,17:00\n" +
			"ana,2026-11-03,09:00,,,17:00\nana,2026-11-04,,,,\n",
			want: []string{"ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T12:00 · Lunch meal 2026-11-02T12:00 " +
				"2026-11-02T12:30 · Phones 2026-11-02T12:30 2026-11-02T17:00",
				"ana 2026-11-03: Phones 2026-11-03T09:00 2026-11-03T17:00"},
			told: []string{"f.csv:4: rows that are passed over, of which this is the first: 1; none of the profile's rows"}},
		{name: "an unknown agent is told once", profile: parts, text: head + "zoe,2026-11-02,09:00,12:00,12:30,17:00\n",
			wrong: []string{`f.csv:2:1: agent_id: "zoe" is not in the roster`}},
		{name: "ignored", profile: parts + "ignore: [{column: Id, is: [ana]}]\n",
			text: head + "ana,2026-11-02,09:00,12:00,12:30,17:00\nana,2026-11-03,09:00,12:00,12:30,17:00\n",
			told: []string{"f.csv:2: rows that are passed over, of which this is the first: 2; the profile says so (ignore)",
				"the file holds no rows"}},
	} {
		c.check(t)
	}
}

// TestWeeklyRepeats: a row for days of the week stands for each of them between its own dates and those of the import.
func TestWeeklyRepeats(t *testing.T) {
	const weekly = "kind: schedule\ndates: DD/MM/YYYY\nrepeat: {from: Valid from, to: Valid to}\ncolumns: " +
		"{agent_id: Id, activity: {value: Phones}, date: {weekday: Days}, start_time: In, end_time: Out}\n"
	const always = "kind: schedule\nrepeat: weekly\ncolumns: {agent_id: Id, " +
		"activity: {value: Phones}, date: {weekday: Days}, start_time: In, end_time: Out}\n"
	const head = "Id,Days,In,Out,Valid from,Valid to\n"
	on := func(day string) string { return "ana " + day + ": Phones " + day + "T09:00 " + day + "T17:00" }
	for _, c := range []shapeCase{
		{name: "its own dates", profile: weekly, text: head + "ana,Mon-Tue,09:00,17:00,02/11/2026,16/11/2026\n" +
			"ana,\"Sat, Sunday\",09:00,17:00,02/11/2026,08/11/2026\n",
			want: []string{on("2026-11-02"), on("2026-11-03"), on("2026-11-07"), on("2026-11-08"), on("2026-11-09"),
				on("2026-11-10"), on("2026-11-16")}},
		{name: "inside those of the import", profile: weekly, from: schemas.MakeDate(2026, 11, 3),
			to:   schemas.MakeDate(2026, 11, 10),
			text: head + "ana,Mon,09:00,17:00,02/11/2026,\nana,Fri,09:00,17:00,,\n",
			want: []string{on("2026-11-06"), on("2026-11-09")},
			told: []string{"f.csv:2: date: every date of the file can be read with day and month exchanged too"}},
		{name: "of the import", profile: always, from: schemas.MakeDate(2026, 11, 2), to: schemas.MakeDate(2026, 11, 9),
			text: "Id,Days,In,Out\nana,Fri–Mon,09:00,17:00\n",
			want: []string{on("2026-11-02"), on("2026-11-06"), on("2026-11-07"), on("2026-11-08"), on("2026-11-09")}},
		{name: "nobody says when", profile: always, text: "Id,Days,In,Out\nana,Mon,09:00,17:00\n",
			wrong: []string{"f.csv:2:5: date: it repeats every week, but nothing says from when until when; give the dates"}},
		{name: "no day, an open end, too long", profile: weekly, text: head + "ana,Mo1,09:00,17:00,02/11/2026,16/11/2026\n" +
			"ana,Mon,09:00,17:00,02/11/2026,\nana,Mon,09:00,17:00,02/11/2026,02/11/2028\n",
			wrong: []string{`f.csv:2:5: date: "Mo1" is no day of the week`, "f.csv:3:5: date: it repeats every week, but",
				"f.csv:4:5: date: it would be repeated for longer than 400 days"},
			told: []string{"is the pattern right?"}},
	} {
		c.check(t)
	}
}
