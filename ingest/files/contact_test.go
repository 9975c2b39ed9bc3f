package files

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zipOf is a zip file with parts of those names.
func zipOf(tb testing.TB, names ...string) string {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, n := range names {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write([]byte("x"))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// TestAnUnknownFileIsNamedInOneMessage: whatever is brought that no reader knows, one message says what it is and what
// to do next, and no other says anything.
func TestAnUnknownFileIsNamedInOneMessage(t *testing.T) {
	const suggest = "; `rollcall import suggest FILE --kind schedule` proposes how to read it"
	const office = "\xd0\xcf\x11\xe0"
	wide := func(s string) string { return string(wide16(s + "\x00")[2:]) }
	week := zipOf(t, "week.csv")
	entry := strings.LastIndex(week, "PK\x01\x02") + 8
	locked := week[:entry] + string(week[entry]|1) + week[entry+1:]
	other := "Employee_Name,Start_Date_Time,End_Date_Time\nAna,x,y\n"
	for _, c := range []struct{ profile, text, what string }{
		{"", string(field(t, "plan.ics")), "is a calendar file (.ics); export the plan as a table"},
		{"", "\xef\xbb\xbfBegin:VCalendar\n", "is a calendar file (.ics)"},
		{"", "BEGIN:VCARD\r\n", "is a file of contacts (.vcf)"},
		{"", string(field(t, "plan.numbers")), "is an Apple Numbers file (.numbers); in Numbers, choose File, Export To"},
		{"", zipOf(t, "mimetype", "content.xml"), "is an OpenDocument file (.ods); save it as .xlsx or CSV"},
		{"", zipOf(t, "xl/workbook.bin"), "is a binary Excel workbook (.xlsb); save it as .xlsx or CSV"},
		{"", zipOf(t, "week 45.csv", "notes.txt"), `no Excel workbook (it holds "notes.txt, week 45.csv"); unpack it`},
		{"", locked, "the zip file is protected with a password; unpack it"},
		{"", "7z\xbc\xaf\x27\x1c\x00\x04", "is a packed archive (.7z); unpack it"},
		{"", office + wide("Workbook"), "is an old Excel workbook (.xls); save it as .xlsx or CSV"},
		{"", office + wide("EncryptedPackage"), "is protected with a password; open it in Excel"},
		{"", "<html><table>", "is a web page"},
		{"", "%PDF-1.7\n%\xe2\xe3", "is a PDF; export CSV instead"},
		{"", "\x89PNG\r\n\x1a\n\x00\x00", "is a picture"},
		{"", "\x00\x01\x02rows\x00\n\x00", "is neither text nor an Excel workbook"},
		{"", string(field(t, "plan.ndjson")), "is NDJSON, a JSON object a line, which is read for `import status` only"},
		{"", "{\"a\":[1]}\n{\"a\":2}\n", "the file is NDJSON"},
		{"", "{\n \"rows\": [1]\n}", "is JSON, which is only read as Genesys Cloud exports it; export the table as CSV"},
		{"", "[{\"a\":1}]", "the file is JSON"},
		{"", other, "f.csv:1: the columns agent_id, activity, start and end are missing: a file of schedule has the columns"},
		{"", other, suggest},
		{"two-date", other, `the profile two-date does not fit the file, which has no column "Agent", "Activity", "Start ` +
			`date", "Start time", "End date", "End time" ` +
			`(it has "Employee_Name", "Start_Date_Time", "End_Date_Time")` + suggest},
		{"week-grid", "Employee,02/03/2026\nAna Ortiz,09:00-17:00\n", `the profile week-grid does not fit the file, which ` +
			`has no column "Agent" (it has "Employee", "02/03/2026")` + suggest},
	} {
		opt := Options{}
		if c.profile != "" {
			opt.Profile = ready(t, c.profile)
		}
		_, report := read(t, Schedule, []byte(c.text), opt, Known{})
		if got := problems(report); report.ProblemCount != 1 || report.WarningCount > 0 || !strings.Contains(got, c.what) ||
			!report.Blocked(true) {
			t.Errorf("%.30q: %v\n%s\nwant %s", c.text, report.Warnings, got, c.what)
		}
	}
	for name, text := range map[string]string{"a list": "[{\"agent_id\":\"ana\"}]", "nothing flat": "[]"} {
		_, report := read(t, Status, []byte(text), Options{}, Known{})
		const want = "f.csv: the file is JSON, but not one flat object a line; " +
			"write one flat object a line, without a profile"
		if got := problems(report); got != want {
			t.Errorf("status, %s: %s", name, got)
		}
	}
}

// TestEveryTableOfAnotherProgramHasOneMessage: so have the layouts of planning tools.
func TestEveryTableOfAnotherProgramHasOneMessage(t *testing.T) {
	all, err := filepath.Glob("testdata/layouts/*")
	if err != nil || len(all) == 0 {
		t.Fatal(err, all)
	}
	for _, name := range all {
		data, err := os.ReadFile(name) //nolint:gosec // of this test
		if err != nil {
			t.Fatal(err)
		}
		if _, report := read(t, Schedule, data, Options{}, Known{}); report.ProblemCount != 1 {
			t.Errorf("%s: %s", name, problems(report))
		}
	}
}
