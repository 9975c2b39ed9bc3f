package xlsx

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rollcall/reports"
	"rollcall/schemas"
)

// hostile are names that break reports elsewhere.
func hostile() map[string]string {
	return map[string]string{"formula": "=HYPERLINK(\"http://x\",\"y\")", "plus": "+1+1", "minus": "-2", "at": "@SUM(1)",
		"tab":  "\t=1",
		"long": strings.Repeat("é🦊", 20_000), "right to left": "שלום \u202eabc", "emoji": "👩🏽‍💻🏳️‍🌈",
		"control": "a\x00b\x1fc\u000bd", "broken": "\xff\xfe",
		"markup": "</t></is></c>&amp;<script>", "spaces": "  two  ", "underscore": "_x0041_", "lines": "one\r\ntwo"}
}

// A name may be anything: every format is written, opens again, and says of every agent-day what the report says, so
// that verify finds no difference.
func TestAnyNameComesThroughEveryFormat(t *testing.T) {
	var rows []schemas.DayRow
	for _, name := range []string{"formula", "plus", "minus", "at", "tab", "long", "right to left", "emoji", "control",
		"broken", "markup", "spaces", "underscore", "lines"} {
		d := ana(t)
		d.AgentID, d.Name, d.Team, d.Site = "agent "+name, hostile()[name], hostile()[name], "S"
		d.Exceptions[0].Code = hostile()[name]
		rows = append(rows, d)
	}
	rows = sorted(rows)
	path := filepath.Join(t.TempDir(), "odd.xlsx")
	if _, err := save(t.Context(), withShifts(listed(rows...)), timed(), at(t, "2026-03-03T07:00:00Z"), path,
		DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	c, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "xlsx", c, listed(rows...))
	for format, shape := range map[string]struct {
		write func(io.Writer) reports.Writer
		read  func(io.Reader) (*reports.ReportFile, error)
	}{"csv": {reports.NewCSV, reports.ReadCSV}, "json": {reports.NewJSON, reports.ReadJSON}} {
		var out bytes.Buffer
		if _, err := reports.WriteAdherence(t.Context(), listed(rows...), timed(), at(t, "2026-03-03T07:00:00Z"),
			shape.write(&out)); err != nil {
			t.Fatal(err)
		}
		c, err := shape.read(&out)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		same(t, format, c, listed(rows...))
	}
}

func timed() reports.Query {
	q := week()
	q.Intervals = true
	return q
}

func sorted(rows []schemas.DayRow) []schemas.DayRow {
	for i := range rows {
		for k := i; k > 0 && rows[k].AgentID < rows[k-1].AgentID; k-- {
			rows[k], rows[k-1] = rows[k-1], rows[k]
		}
	}
	return rows
}

func same(t *testing.T, format string, c *reports.ReportFile, s *memory) {
	t.Helper()
	v, err := reports.Verify(t.Context(), c, s, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Equal {
		for _, d := range v.Edited {
			t.Errorf("%s: %s of %s: %.60q in the report, %.60q in the file", format, d.Figure, d.AgentID, d.From, d.To)
		}
		t.Errorf("%s is not equal: hash %s, then %s, now %s", format, c.Hash, v.Then, v.Now)
	}
}

// Days of which nothing is known, a range of ten years, a team with nobody: reports like any other.
func TestReportsOfLittle(t *testing.T) {
	unknown := ana(t)
	unknown.Sums = schemas.Sums{ScheduledMS: schemas.HourMS, UnknownMS: schemas.HourMS}
	unknown.AdherenceReason, unknown.ConformanceReason, unknown.Exceptions = schemas.ReasonNoData,
		schemas.ReasonNothingScheduledOnQueue, nil
	decade := func(yield func(*schemas.DayRow) error) error {
		for day := range 3653 {
			d := ana(t)
			d.Day = monday + schemas.Date(day)
			if err := yield(&d); err != nil {
				return err
			}
		}
		return nil
	}
	long := week()
	long.To = monday + 3652
	nobody := week()
	nobody.Teams = []string{"Nobody"}
	for name, c := range map[string]struct {
		s          *memory
		q          reports.Query
		sheet, has string
	}{
		"only unknown": {listed(unknown), week(), "Days", "no data"},
		"ten years":    {&memory{rows: decade}, long, "Trend", "Trend by week"},
		"nobody":       {listed(), nobody, "Summary", "team Nobody"},
		"empty":        {listed(), timed(), "Trend", "No agent-days in this range."},
	} {
		f := reopen(t, made(t, c.s, c.q, DefaultConfig()))
		found := false
		rows, err := f.GetRows(c.sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				found = found || strings.Contains(cell, c.has)
			}
		}
		if !found {
			t.Errorf("%s: sheet %s does not say %q", name, c.sheet, c.has)
		}
	}
	f := reopen(t, made(t, listed(unknown), week(), DefaultConfig()))
	for ref, want := range map[string]string{"F5": "", "G5": "90.00%", "H5": "", "J5": "0.00%"} {
		if got, err := f.GetCellValue("Days", ref); err != nil || got != want {
			t.Errorf("a day of which nothing is known: %s is %q, want %q (%v)", ref, got, want, err)
		}
	}
}

// room is the environment variable by which the test starts itself with little room for files.
const room = "ROLLCALL_TEST_ROOM"

// A disk that fills up in the middle, be it under the temporary files or under the workbook: an error that says so,
// what was there before is still there, and nothing else is left.
func TestAFullDiskLeavesTheOldReport(t *testing.T) {
	if dir := os.Getenv(room); dir != "" {
		saveWithLittleRoom(t, dir)
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "month.xlsx")
	if err := os.WriteFile(path, []byte("the old report"), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestAFullDiskLeavesTheOldReport$", "-test.v")
	cmd.Env = append(os.Environ(), room+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "the old report" {
		t.Fatalf("the old report is gone: %d bytes, %v", len(text), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Fatalf("the folder holds %v, %v", left, err)
	}
	if temp, err := os.ReadDir(filepath.Join(dir, "temp")); err != nil || len(temp) != 0 {
		t.Fatalf("temporary files are left: %v, %v", temp, err)
	}
}

// saveWithLittleRoom is what the test does in a process of its own: no file there may grow past a limit.
func saveWithLittleRoom(t *testing.T, dir string) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // the write is to fail, as on a full disk, not the process
	cfg := DefaultConfig()
	cfg.TempDir = filepath.Join(dir, "temp")
	if err := os.Mkdir(cfg.TempDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]uint64{"the workbook": 256 << 10, "a temporary file": 8 << 20} {
		var all syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &all); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: all.Max}); err != nil {
			t.Fatal(err)
		}
		agents := 200
		if name == "a temporary file" {
			agents = 1500
		}
		_, err := save(t.Context(), centre(agents, 5), week(), at(t, "2026-03-03T07:00:00Z"),
			filepath.Join(dir, "month.xlsx"), cfg)
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "month.xlsx") {
			t.Errorf("room for %d bytes in %s: got %v", limit, name, err)
		}
	}
}
