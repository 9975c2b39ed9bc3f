package files

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// field returns a file as planners sent it.
func field(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "field", name)) //nolint:gosec // of this test
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// fieldKnown is the centre that the files of the field are of.
func fieldKnown(tb testing.TB) Known {
	tb.Helper()
	members, roster, err := ReadRoster(background, BytesInput("roster.csv", field(tb, "roster.csv")), Options{})
	if err != nil || roster.ProblemCount+roster.WarningCount > 0 {
		tb.Fatal(err, problems(roster))
	}
	codes, report, err := ReadActivityCodes(background, BytesInput("activities.csv", field(tb, "activities.csv")),
		Options{})
	if err != nil || report.ProblemCount > 0 {
		tb.Fatal(err, problems(report))
	}
	return Known{Members: members, Codes: codes}
}

// workDays returns what a schedule file says, a line for each day on which somebody works: the agent, the date, and
// each activity from when until when, in UTC.
func workDays(tb testing.TB, data []byte, opt Options) ([]string, *Report) {
	tb.Helper()
	lines, report := read(tb, Schedule, data, opt, fieldKnown(tb))
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.HasSuffix(s, "removed true") })
	short := strings.NewReplacer(" removed false ·", ":", ":00Z", "", " on_queue_work", "", " meal", "", " break", "")
	for i := range lines {
		lines[i] = short.Replace(lines[i])
	}
	return lines, report
}

// anaDay is the Monday of Ana as several files of the field have it.
const anaDay = "ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T12:00 · Lunch 2026-11-02T12:00 2026-11-02T13:00 · " +
	"Phones 2026-11-02T13:00 2026-11-02T17:00"

// TestWhatProgramsLeaveInAFileIsPassedOver: rows of delimiters, delimiters at the ends of rows, the ends of lines of
// old Macs, the end of a file of DOS and digits that a spreadsheet must not touch change nothing about what a file
// says.
func TestWhatProgramsLeaveInAFileIsPassedOver(t *testing.T) {
	text := string(field(t, "blank-rows.csv"))
	bare := strings.TrimRight(text, ",\n") + "\n"
	wide := strings.ReplaceAll(bare, "\n", ",,\n")
	for name, data := range map[string]string{
		"rows of delimiters":                text,
		"rows of delimiters before":         ",,,,\n , \n" + bare,
		"rows of more and fewer delimiters": bare + ",,,,,,,,\n,\n",
		"rows of quotes":                    bare + "\"\",\"\",\"\",\"\",\"\"\n",
		"CR alone":                          string(field(t, "cr-only.csv")),
		"CR alone without an end":           strings.TrimRight(string(field(t, "cr-only.csv")), "\r"),
		"CR twice and LF":                   strings.ReplaceAll(bare, "\n", "\r\r\n"),
		"CR here and LF there":              strings.Replace(bare, "\n", "\r", 2),
		"delimiters behind header and rows": wide,
		"delimiters behind the header":      strings.Replace(bare, "\n", ",,\n", 1),
		"delimiters behind rows":            strings.Replace(wide, ",,\n", "\n", 1),
		"delimiters behind one row":         strings.Replace(bare, "12:00\n", "12:00,,,,\n", 1),
		"Ctrl-Z":                            bare + "\x1a",
		"Ctrl-Z and an end of line":         bare + "\x1a\r\n",
		"Ctrl-Z behind the last row":        strings.TrimRight(bare, "\n") + "\x1a",
		"Ctrl-Z up to a block":              bare + strings.Repeat("\x1a", 128),
		"protected digits":                  strings.ReplaceAll(bare, "ana,", `="ana",`),
		"protected digits in quotes":        strings.ReplaceAll(bare, "ana,", `"=""ana""",`),
		"semicolons of a spreadsheet": "sep=;\r\n" +
			strings.NewReplacer(",", ";", "\n", ";;\r\n").Replace(bare) + ";;;;;;\r\n",
		"UTF-16": string(wide16(strings.ReplaceAll(wide, "\n", "\r") + "\x1a")),
	} {
		got, report := workDays(t, []byte(data), Options{})
		if !slices.Equal(got, []string{anaDay}) || report.ProblemCount+report.WarningCount > 0 || report.Read != 3 {
			t.Errorf("%s: %d rows, got %q\n%s %v", name, report.Read, got, problems(report), report.Warnings)
		}
	}
	grid, report := workDays(t, field(t, "cr-only-grid.csv"), Options{Profile: withoutBreaks(t)})
	if want := []string{"ana 2026-11-02: Phones 2026-11-02T09:00 2026-11-02T17:00"}; !slices.Equal(grid, want) {
		t.Errorf("grid: got %q\n%s", grid, problems(report))
	}
	status := `{"agent_id":"=\"ana\"","at":"2026-11-02T09:00:00Z","status":"break"}` + "\r\r" + "\x1a"
	lines, report := read(t, Status, []byte(status), Options{}, Known{})
	if want := []string{"ana 2026-11-02T09:00:00Z /break/  "}; !slices.Equal(lines, want) {
		t.Errorf("NDJSON: got %q\n%s", lines, problems(report))
	}
}

// TestATextInAColumnWithoutANameIsTold, once for each such column; a text that no column has is a problem.
func TestATextInAColumnWithoutANameIsTold(t *testing.T) {
	_, report := read(t, Activities, []byte("code,,category,,\nPhones,,on_queue_work,,\nLunch,x,meal,,late\n"+
		"Break,y,break,,\nMeeting,,meeting,,,spare\n"), Options{}, Known{})
	want := `f.csv:5: the row has 6 fields; the header has 3`
	if got := problems(report); got != want || len(report.Warnings) != 2 {
		t.Fatalf("got %s\n%v", got, report.Warnings)
	}
	for i, want := range []string{`f.csv:3:7: the column has no name in the header and is not used ("x")`,
		`f.csv:3:15: the column has no name in the header and is not used ("late")`} {
		if got := report.Warnings[i].String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestTextIsComparedComposed: a Mac writes é as two characters; names and codes are found all the same, in text, in
// workbooks and in JSON.
func TestTextIsComparedComposed(t *testing.T) {
	members := []schemas.Membership{{AgentID: "zoé", Name: norm.NFD.String("Zoé Brück"), TimeZone: "Europe/Paris"}}
	known := Known{Members: members, Codes: []schemas.ActivityCode{{Code: "Café", Category: schemas.CategoryBreak}}}
	day := "zoé 2026-11-02 removed false · Café break 2026-11-02T08:00:00Z 2026-11-02T08:15:00Z"
	text := norm.NFD.String("agent_id,activity,date,start_time,end_time\nzoé,Café,2026-11-02,09:00,09:15\n")
	if got, report := read(t, Schedule, []byte(text), Options{}, known); !slices.Equal(got, []string{day}) {
		t.Errorf("CSV: got %q\n%s", got, problems(report))
	}
	sheet := book(t, `<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c>`+
		`</row>`+
		`<row r="2"><c t="s"><v>4</v></c><c t="inlineStr"><is><t>`+norm.NFD.String("Café")+`</t></is></c>`+
		`<c t="str"><v>2026-11-02 09:00</v></c><c t="str"><v>2026-11-02 09:15</v></c></row>`,
		map[string]string{"xl/sharedStrings.xml": "<sst><si><t>agent_id</t></si><si><t>activity</t></si><si><t>start</t>" +
			"</si><si><t>end</t></si><si><t>" + norm.NFD.String(`="zoé"`) + "</t></si></sst>"})
	if got, report := read(t, Schedule, sheet, Options{}, known); !slices.Equal(got, []string{day}) {
		t.Errorf("XLSX: got %q\n%s", got, problems(report))
	}
	grid := norm.NFD.String("Agent,02/11/2026\nZoé Brück,09:00-10:00\n")
	if got, report := read(t, Schedule, []byte(grid), Options{Profile: withoutBreaks(t)}, known); len(got) != 1 {
		t.Errorf("by name: got %q\n%s", got, problems(report))
	}
	json := `{"agent_id":"zoe\u0301","at":"2026-11-02T09:00:00Z","status":"break"}`
	if got, _ := read(t, Status, []byte(json), Options{}, known); !slices.Equal(got,
		[]string{"zoé 2026-11-02T09:00:00Z /break/  "}) {
		t.Errorf("NDJSON: got %q", got)
	}
}

// FuzzLines: whatever the text and however it arrives, no line ends with CR alone, nothing but the end of the file is
// lost, and every character keeps its place.
func FuzzLines(f *testing.F) {
	for _, s := range []string{"a\rb\r\nc\n\r", "a\x1a", "a\x1a\r\n\x1a", "\x1ab", "\r", "", "\r\r\n", "\x1a\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var texts [2][]byte
		for i, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
			text, err := textOf(r, &inspection{encoding: rows.UTF8, ascii: true})
			if err != nil {
				return
			}
			if texts[i], err = io.ReadAll(text); err != nil {
				return
			}
		}
		got := texts[0]
		if !bytes.Equal(got, texts[1]) {
			t.Fatalf("at once %q, byte by byte %q", got, texts[1])
		}
		want := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			return
		}
		lost := want[min(len(got), len(want)):]
		if len(bytes.Trim(lost, "\x1a\r\n")) > 0 || len(lost) > 0 && lost[0] != ctrlZ {
			t.Fatalf("%q: lost %q", data, lost)
		}
		for i, c := range got {
			if c == '\r' && (i+1 == len(got) || got[i+1] != '\n') || c != want[i] && (c != '\n' || want[i] != '\r') {
				t.Fatalf("%q: got %q", data, got)
			}
		}
	})
}
