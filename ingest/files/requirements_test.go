package files

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// readTeams reads requirements and writes each team as "team length range: start heads[/shrinkage] ...".
func readTeams(t testing.TB, text string, opt Options, members []schemas.Membership) (string, *Report) {
	t.Helper()
	teams, report, err := ReadRequirements(background, BytesInput("f.csv", []byte(text)), opt, Known{Members: members})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, team := range teams {
		line := fmt.Sprintf("%s %d %s:", team.Team, team.LengthMS/schemas.MinuteMS, team.Range)
		for _, r := range team.Rows {
			line += fmt.Sprintf(" %s %s", r.Start.Time().Format("02T15:04"), r.Required)
			if r.Shrinkage != 0 {
				line += "/" + r.Shrinkage.String()
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), report
}

var billingAndSales = []schemas.Membership{
	{AgentID: "ana", Team: "Billing", TimeZone: "Europe/London"},
	{AgentID: "bo", Team: "Sales", TimeZone: "Europe/London"},
	{AgentID: "cy", Team: "Sales", TimeZone: "America/Halifax"}, {AgentID: "ina", Team: "Pune", TimeZone: "Asia/Kolkata"},
}

// TestRequirementsAreRead: the length is the distance of the rows, local times are those of the team's zone, heads and
// shrinkage are read as people write them.
func TestRequirementsAreRead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"team,start,required\nBilling,2026-07-06 09:30,3\nBilling,2026-07-06 09:00,2.5\n",
			"Billing 30 2026-07-06T08:00:00Z–2026-07-06T09:00:00Z: 06T08:00 2.5 06T08:30 3"},
		{"Team;Start;Required;Shrinkage\nBilling;2026-03-02T09:00Z;2,5;30%\nBilling;2026-03-02T09:15Z;0;0,25\n" +
			"Billing;2026-03-02T20:00Z;1;\n",
			"Billing 15 2026-03-02T09:00:00Z–2026-03-02T20:15:00Z: 02T09:00 2.5/0.3 02T09:15 0/0.25 02T20:00 1"},
		{"team,date,start_time,required\nPune,2026-03-02,09:00,4\nPune,2026-03-02,10:00,4\n",
			"Pune 60 2026-03-02T03:30:00Z–2026-03-02T05:30:00Z: 02T03:30 4 02T04:30 4"},
		{"team,start,required,time_zone\nSales,2026-03-02 09:00,4,America/Halifax\nSales,2026-03-02 " +
			"09:15,5,America/Halifax\nBilling,2026-03-02T09:00Z,1,\n",
			"Billing 15 2026-03-02T09:00:00Z–2026-03-02T09:15:00Z: 02T09:00 1\nSales 15 " +
				"2026-03-02T13:00:00Z–2026-03-02T13:30:00Z: 02T13:00 4 02T13:15 5"},
		// The clock goes back in London on 2026-10-25 at 02:00 summer time; the doubled hour is named by its offset.
		{"team,start,required\nBilling,2026-10-25T00:00+01:00,1\nBilling,2026-10-25T01:00+01:00,2\n" +
			"Billing,2026-10-25T01:00+00:00,3\nBilling,2026-10-25 02:00,4\n",
			"Billing 60 2026-10-24T23:00:00Z–2026-10-25T03:00:00Z: 24T23:00 1 25T00:00 2 25T01:00 3 25T02:00 4"},
	} {
		got, report := readTeams(t, c.text, Options{}, billingAndSales)
		if got != c.want || report.ProblemCount > 0 {
			t.Errorf("%s: got\n%s\nwant\n%s\n%s", c.text, got, c.want, problems(report))
		}
	}
}

// TestIntervalsThatAFileLeavesOut: a night without rows has no requirement, and the answer says so; said otherwise, the
// intervals need nobody, or as many as the one before; a hole within the hour is asked about, and one of a month is
// never filled.
func TestIntervalsThatAFileLeavesOut(t *testing.T) {
	const head = "team,start,required,shrinkage\nBilling,2026-07-06T08:00Z,3,0.2\nBilling,2026-07-06T08:30Z,2,\n"
	const night, hole = head + "Billing,2026-07-06T10:00Z,4,\n", head + "Billing,2026-07-06T09:30Z,4,\n"
	const month = head + "Billing,2026-09-06T08:00Z,4,\n"
	const range10 = "Billing 30 2026-07-06T08:00:00Z–2026-07-06T10:30:00Z: 06T08:00 3/0.2 06T08:30 2 "
	const remark = "f.csv:4:9: start: intervals of Billing that the file leaves out "
	for _, c := range []struct {
		text          string
		missing       Missing
		teams, remark string
	}{
		{night, "", range10 + "06T10:00 4", remark + "are left without a requirement"},
		{night, MissingZero, range10 + "06T09:00 0 06T09:30 0 06T10:00 4", remark + "need 0 heads: 2"},
		{night, MissingSame, range10 + "06T09:00 2 06T09:30 2 06T10:00 4", remark + "need as many heads as the one before"},
		{night, MissingError, "", "follows 90 minutes after line 3"},
		{hole, "", "", "write the rows between them, or say with --missing what is needed"},
		{hole, MissingZero, strings.Replace(range10, "10:30", "10:00", 1) + "06T09:00 0 06T09:30 4",
			remark + "need 0 heads: 1"},
		{month, MissingSame, "", "follows 61 days after line 3"},
	} {
		teams, report := readTeams(t, c.text, Options{Missing: c.missing}, billingAndSales)
		said := problems(report)
		for _, w := range report.Warnings {
			said += w.String()
		}
		if !strings.Contains(said, c.remark) || (report.ProblemCount > 0) != (c.teams == "") ||
			c.teams != "" && teams != c.teams {
			t.Errorf("%q of\n%sgot\n%s\n%s", c.missing, c.text, teams, said)
		}
	}
}

// TestRequirementsOfAWorkbook: dates, times and shares are read as a spreadsheet has them, merged cells and formulas'
// errors are reported with their cell, and the same rows as CSV read as the same.
func TestRequirementsOfAWorkbook(t *testing.T) {
	text := func(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }
	head := "<row>" + text("Team") + text("Date") + text("Start time") + text("Required") + text("Shrinkage") + "</row>"
	// 46083 is 2026-03-02; 0.375 is 09:00, 9.5/24 is 09:30; style 1 is a date, 2 a time, 7 a share.
	row := func(time, required, shrinkage string) string {
		return "<row>" + text("Billing") + `<c s="1"><v>46083</v></c><c s="2"><v>` + time + `</v></c><c>` + required +
			`</c><c s="7">` + shrinkage + `</c></row>`
	}
	good := row("0.375", "<v>2.5</v>", "<v>0.3</v>") + row("0.39583333333333331", "<f>1+2</f><v>3</v>", "<v>0.3</v>")
	read := func(data []byte) (string, *Report) {
		teams, report, err := ReadRequirements(background, BytesInput("f.xlsx", data), Options{},
			Known{Members: billingAndSales})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(teams), report
	}
	got, report := read(book(t, head+good, nil))
	want, _ := read([]byte("team,date,start_time,required,shrinkage\nBilling,2026-03-02,09:00,2.5,30%\n" +
		"Billing,2026-03-02,09:30,3,0.3\n"))
	if got != want || report.ProblemCount > 0 || report.Accepted != 2 {
		t.Errorf("got  %s\nwant %s\n%s", got, want, problems(report))
	}
	bad := `<row>` + text("Billing") +
		`<c s="1"><v>46083</v></c><c s="2"><v>0.41666666666666669</v></c><c t="e"><f>A1/0</f><v>#DIV/0!</v></c><c/></row>`
	if _, report = read(book(t, head+good+bad, nil)); report.Rejected != 1 ||
		!strings.Contains(problems(report), "#DIV/0!") || !strings.Contains(problems(report), "D4") {
		t.Errorf("an error of a formula: %s", problems(report))
	}
}

// TestWrongRequirementsAreReported: each wrong row has its place and says what would be right.
func TestWrongRequirementsAreReported(t *testing.T) {
	const two = "Billing,2026-03-02T09:00Z,1,\nBilling,2026-03-02T09:15Z,1,\n"
	for rows, want := range map[string]string{
		two + "Biling,2026-03-02T09:30Z,1,\n": `f.csv:4:1: team: no agent of the roster is in a team "Biling"; ` +
			`did you mean "Billing"?`,
		two + "Billing,2026-03-02T09:37Z,1,\n": "f.csv:4:9: start: 2026-03-02T09:37:00Z is on no " +
			"quarter of an hour; intervals start at :00, :15, :30 or :45, such as 2026-03-02T09:30:00Z",
		two + "Billing,2026-03-02T09:45Z,1,\n": "f.csv:4:9: start: 2026-03-02T09:45:00Z follows 30 " +
			"minutes after line 3, but the intervals of Billing last 15",
		two + "Billing,2026-03-02T09:15Z,2,\n": "f.csv:4:9: start: the interval at " +
			"2026-03-02T09:15:00Z of Billing comes in line 3 already, with 1 heads",
		two + "Billing,2026-03-02T09:30Z,-1,\n": "f.csv:4:27: required: -1 heads are fewer than " +
			"none; write 0 or more",
		two + "Billing,2026-03-02T09:30Z,,\n": "required: is missing; write the heads that are " +
			"needed",
		two + "Billing,2026-03-02T09:30Z,\"1,234\",\n": `required: "1,234" is not a number`,
		two + "Billing,2026-03-02T09:30Z,1,30\n": "f.csv:4:29: shrinkage: 30 is no share of 1; write " +
			"0.3 or 30%",
		two + "Billing,2026-03-02T09:30Z,1,100%\n": `shrinkage: "100%" is not possible; write 0 or more and less than 1`,
		two + "Sales,2026-03-02 09:00,1,\n": "start: is a local time (2026-03-02 09:00), but " +
			"agents of Sales work in America/Halifax and Europe/London",
		"Billing,2026-03-29 00:45,1,\nBilling,2026-03-29 01:00,1,\n": "2026-03-29 01:00 does not exist in Europe/London",
		"Billing,2026-10-25 00:45,1,\nBilling,2026-10-25 01:00,1,\n": "2026-10-25 01:00 comes twice in Europe/London",
		"Billing,2026-03-02T09:00Z,1,\n": "Billing has a single interval, which does not " +
			"tell how long it is",
		"Billing,2026-03-02T09:00Z,1,\nBilling,2026-03-03T09:00Z,1,\n": "no two intervals of Billing follow each other " +
			"within an hour",
		"Billing,2026-03-02T09:00Z,1,\nBilling,2026-03-02T09:45Z,1,\n": "intervals of Billing are 45 minutes apart; they " +
			"last 15, 30 or 60 minutes",
		"Billing,2026-03-02T09:15Z,1,\nBilling,2026-03-02T10:15Z,1,\n": "2026-03-02T09:15:00Z is on no 60 minutes of the " +
			"local clock, which are the length of the intervals of Billing; start at 2026-03-02T09:00:00Z or " +
			"2026-03-02T10:00:00Z",
		"Pune,2026-03-02T09:00Z,1,\nPune,2026-03-02T10:00Z,1,\n": "2026-03-02T09:00:00Z is on no 60 minutes of the " +
			"local clock",
	} {
		_, report := readTeams(t, "team,start,required,shrinkage\n"+rows, Options{}, billingAndSales)
		if !strings.Contains(problems(report), want) {
			t.Errorf("%sgot\n%s\nwant\n%s", rows, problems(report), want)
		}
		if report.Accepted+report.Rejected+report.Duplicates != report.Read {
			t.Errorf("%s%d rows read, %d accepted, %d rejected", rows, report.Read, report.Accepted, report.Rejected)
		}
	}
	_, report := readTeams(t, "team,start,required\nBilling,2026-03-02T09:00Z,1\n", Options{}, []schemas.Membership{})
	if !strings.Contains(problems(report), "import the roster first") {
		t.Errorf("an empty roster: %s", problems(report))
	}
	day := schemas.MakeDate(2026, 7, 6)
	_, report = readTeams(t, "team,start,required\nBilling,2026-07-06 00:00,1\nBilling,2026-07-05 23:30,1\n",
		Options{From: day, To: day}, billingAndSales)
	if !strings.Contains(problems(report),
		"f.csv:3:9: start: 2026-07-05T22:30:00Z lies outside --from and --to, 2026-07-05T23:00:00Z–2026-07-06T23:00:00Z") {
		t.Errorf("out of scope: %s", problems(report))
	}
}

const requirementsHead = "team,start,required\n"

// TestRequirementsRoundTrip: what is written as a file is read back, in any order and with the length found; importing
// it over anything leaves exactly that.
func TestRequirementsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.SampledFrom(schemas.RequirementLengths[:]).Draw(t, "length")
		start := schemas.Instant(1_772_409_600_000).Add(rapid.Int64Range(0, 200).Draw(t, "first") * schemas.HourMS)
		var lines, want []string
		for i := range rapid.IntRange(2, 40).Draw(t, "rows") {
			at := start.Add(int64(i) * length)
			heads := schemas.Decimal(rapid.Int64Range(0, 99_000_000).Draw(t, "heads"))
			lines = append(lines, fmt.Sprintf("Pune,%s,%s", written(t, at), heads))
			want = append(want, fmt.Sprintf("%s %s", at.Time().Format("02T15:04"), heads))
		}
		text := requirementsHead + strings.Join(rapid.Permutation(lines).Draw(t, "order"), "\n")
		members := []schemas.Membership{{AgentID: "a", Team: "Pune", TimeZone: "UTC"}}
		teams, report, err := ReadRequirements(background, BytesInput("f.csv", []byte(text)), Options{},
			Known{Members: members})
		if err != nil || report.ProblemCount > 0 || len(teams) != 1 || teams[0].LengthMS != length {
			t.Fatal(err, problems(report), text)
		}
		for i, r := range teams[0].Rows {
			if got := fmt.Sprintf("%s %s", r.Start.Time().Format("02T15:04"), r.Required); got != want[i] {
				t.Fatalf("row %d: got %s, want %s", i, got, want[i])
			}
		}
	})
}

// FuzzReadRequirements: whatever a file says, what is read can be stored and never overlaps.
func FuzzReadRequirements(f *testing.F) {
	f.Add([]byte("team,start,required,shrinkage\nBilling,2026-03-02T09:00Z,1,\nBilling,2026-03-02T09:15Z,1.5,30%\n"))
	f.Add([]byte("team;date;start_time;required\nPune;2026-03-02;24:00;\"1,5\"\nPune;2026-03-03;00:30;2"))
	f.Add([]byte("team,start,required\nSales,2026-03-29 01:00,1\nSales,2026-10-25 01:00,1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		teams, report, err := ReadRequirements(background, BytesInput("f.csv", data), Options{},
			Known{Members: billingAndSales})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, team := range teams {
			rows += len(team.Rows)
			for i := range team.Rows {
				r := &team.Rows[i]
				if e := r.Check(); e != nil || i > 0 && team.Rows[i-1].Interval().End > r.Start || r.Start < team.Range.Start ||
					r.Interval().End > team.Range.End {
					t.Fatalf("row %d of %s cannot be: %+v %v", i, team.Team, *r, e)
				}
			}
		}
		if rows != report.Accepted || report.Accepted+report.Rejected+report.Duplicates != report.Read {
			t.Fatalf("%d rows given; %d read, %d accepted, %d rejected, %d duplicate", rows, report.Read, report.Accepted,
				report.Rejected, report.Duplicates)
		}
	})
}

// TestMissingBesideRejectedRows: nothing is filled in behind a row that was rejected for its start.
func TestMissingBesideRejectedRows(t *testing.T) {
	const text = "team,start,required\nBilling,2026-03-02T09:00Z,2\nBilling,2026-03-02T10:00Z,2\n" +
		"Billing,2026-03-02T11:30Z,3\nBilling,2026-03-02T13:00Z,4\n"
	teams, report := readTeams(t, text, Options{Missing: MissingSame, AllowPartial: true}, billingAndSales)
	if report.ProblemCount != 1 || !strings.HasSuffix(teams, "02T09:00 2 02T10:00 2 02T13:00 4") {
		t.Errorf("got\n%s\n%s", teams, problems(report))
	}
}
