//go:build office

package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rollcall/reports"
	"rollcall/schemas"
)

// pagesDir is where the pages are left to be looked at; without it they go with the test.
const pagesDir = "ROLLCALL_PAGES_DIR"

// office runs LibreOffice without a screen, with a profile of its own.
func office(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "soffice",
		append([]string{"--headless", "--norestore", "-env:UserInstallation=file://" + t.TempDir()}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// withoutValues takes the values of all formulas out, so that LibreOffice has to work them out itself.
func withoutValues(t *testing.T, workbook []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	values := regexp.MustCompile(`</f><v>[^<]*</v>`)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(values.ReplaceAll(text, []byte("</f>"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// allSheets exports every sheet as comma-separated values, unformatted.
const allSheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

func sheetRows(t *testing.T, dir, sheet string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "book-"+sheet+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// under returns the numbers of the total above a header and of the rows below it.
func under(t *testing.T, rows [][]string, title string) (total float64, values []float64) {
	t.Helper()
	for i, row := range rows {
		for k, cell := range row {
			if cell != title || i == 0 || row[0] == "" {
				continue
			}
			total = float(t, rows[i-1][k])
			for _, r := range rows[i+1:] {
				if len(r) > k && r[0] != "" {
					values = append(values, float(t, r[k]))
				}
			}
			return total, values
		}
	}
	t.Fatalf("no column %s", title)
	return 0, nil
}

// float reads a number as LibreOffice writes it: lengths as h:mm:ss, those below a day as if they were clock times.
func float(t *testing.T, s string) float64 {
	t.Helper()
	if s == "" {
		return 0
	}
	if clock, ok := strings.CutSuffix(s, " AM"); ok {
		return math.Mod(float(t, clock), 0.5)
	}
	if clock, ok := strings.CutSuffix(s, " PM"); ok {
		return math.Mod(float(t, clock), 0.5) + 0.5
	}
	if strings.Count(s, ":") == 1 {
		s = "0:" + s
	}
	if parts := strings.Split(s, ":"); len(parts) == 3 {
		return float(t, parts[0])/24 + float(t, parts[1])/1440 + float(t, parts[2])/86400
	}
	if p, ok := strings.CutSuffix(s, "%"); ok {
		return float(t, p) / 100
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return v
}

// LibreOffice opens what we write, works out the totals that we wrote, and prints pages.
func TestOfficeOpensPrintsAndAddsUp(t *testing.T) {
	target := `{"target_percent":85}`
	s := withShifts(centre(24, 14))
	s.policies = []schemas.PolicyVersion{{ID: "p1", From: monday, Rules: target}}
	rows := s.rows
	s.rows = func(yield func(*schemas.DayRow) error) error {
		return rows(func(d *schemas.DayRow) error { d.Policy = "p1"; return yield(d) })
	}
	q := week()
	q.To, q.Intervals = monday+13, true
	var out bytes.Buffer
	a := makeTo(t, &out, s, q, DefaultConfig())
	dir := t.TempDir()
	if to := os.Getenv(pagesDir); to != "" {
		dir = to
	}
	book := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(book, withoutValues(t, out.Bytes()), 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, "--convert-to", allSheets, "--outdir", dir, book)
	addsUp(t, dir, a)
	if err := os.WriteFile(book, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, "--convert-to", "pdf", "--outdir", dir, book)
	page := exec.CommandContext(t.Context(), "pdftoppm", "-r", "70", "-png", filepath.Join(dir, "book.pdf"),
		filepath.Join(dir, "page"))
	if text, err := page.CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, text)
	}
	if pages, err := filepath.Glob(filepath.Join(dir, "page-*.png")); err != nil || len(pages) < 7 {
		t.Errorf("%d pages for seven sheets, %v", len(pages), err)
	}
}

// addsUp compares the totals that LibreOffice worked out with ours, and with the sum of the rows.
func addsUp(t *testing.T, dir string, a *reports.Adherence) {
	t.Helper()
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1.0/86400 { // what is shown is cut to the second
			t.Errorf("%s: LibreOffice says %v, we say %v", what, got, want)
		}
	}
	for _, sheet := range []string{"Summary", "Agents", "Days", "Trend"} {
		rows := sheetRows(t, dir, sheet)
		for title, ms := range map[string]int64{"Scheduled": a.Total.ScheduledMS, "In": a.Total.InMS,
			"Tolerated": a.Total.ToleratedMS,
			"Out":       a.Total.OutMS, "Unknown": a.Total.UnknownMS, "Counted": a.Total.CountedMS,
			"On queue": a.Total.OnQueueMS} {
			total, _ := under(t, rows, title)
			near(sheet+" "+title, total, length(ms))
		}
		total, _ := under(t, rows, "Adherence")
		if want := float64(a.Total.AdheredMS) / float64(a.Total.CountedMS); math.Abs(total-want) > 0.0001 {
			t.Errorf("%s: adherence %v, we say %v", sheet, total, want)
		}
	}
	total, durations := under(t, sheetRows(t, dir, "Exceptions"), "Duration")
	sum := 0.0
	for _, d := range durations {
		sum += d
	}
	near("the sum of durations", sum, total)
	if len(durations) != a.Total.Exceptions {
		t.Errorf("%d exceptions, we say %d", len(durations), a.Total.Exceptions)
	}
}

// LibreOffice works out the totals of a staffing workbook as we do, and prints its pages: the heat map across one.
func TestOfficeStaffing(t *testing.T) {
	p := withRequirements(centre(24, 7), 7, fourTeams...)
	p.judged = at(t, "2026-03-06T12:10:00Z")
	s := staffing(t, p, "Europe/London", 30*schemas.MinuteMS, monday, monday+6, reports.StaffingByTeam)
	book := staffingWorkbook(t, s)
	dir := t.TempDir()
	if to := os.Getenv(pagesDir); to != "" {
		if dir = filepath.Join(to, "staffing"); os.MkdirAll(dir, 0o750) != nil {
			t.Fatal(dir)
		}
	}
	path := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(path, withoutValues(t, book), 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, "--convert-to", allSheets, "--outdir", dir, path)
	for _, sum := range []struct {
		sheet, title string
		want         float64
	}{{"Summary", "Required", length(s.Total.RequiredMS)}, {"Summary", "On queue", length(s.Total.ActualMS)},
		{"Summary", "Under", length(s.Total.UnderMS)},
		{"Summary", "Over", length(s.Total.OverMS)}, {"Summary", "Planned under", length(s.Total.PlannedUnderMS)},
		{"Summary", "Absent", length(s.Total.AbsentMS)},
		{"Intervals", "Required time", length(s.Total.RequiredMS)},
		{"Intervals", "Scheduled time", length(s.Total.ScheduledMS)},
		{"Intervals", "Time on queue", length(s.Total.ActualMS)}, {"Intervals", "Lost", length(s.Total.LostMS)}} {
		total, values := under(t, sheetRows(t, dir, sum.sheet), sum.title)
		rows := 0.0
		for _, v := range values {
			rows += v
		}
		if math.Abs(total-sum.want) > 1.0/86400 || math.Abs(rows-sum.want) > float64(len(values)+1)/86400 {
			t.Errorf("%s %s: LibreOffice says %v, its rows %v, we say %v", sum.sheet, sum.title, total, rows, sum.want)
		}
	}
	share, _ := under(t, sheetRows(t, dir, "Summary"), "Shrinkage actual")
	if want := float64(s.Total.LostMS) / float64(s.Total.PastMS); math.Abs(share-want) > 0.0001 {
		t.Errorf("shrinkage is %v, we say %v", share, want)
	}
	if err := os.WriteFile(path, book, 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, "--convert-to", "pdf", "--outdir", dir, path)
	page := exec.CommandContext(t.Context(), "pdftoppm", "-r", "70", "-png", filepath.Join(dir, "book.pdf"),
		filepath.Join(dir, "page"))
	if text, err := page.CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, text)
	}
	if pages, err := filepath.Glob(filepath.Join(dir, "page-*.png")); err != nil || len(pages) < 5 {
		t.Errorf("%d pages for five sheets, %v", len(pages), err)
	}
}
