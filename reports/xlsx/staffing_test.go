package xlsx

import (
	"bytes"
	"context"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// staffMemory is a memory with what a staffing report needs besides.
type staffMemory struct {
	*memory
	required []schemas.Requirement
	judged   schemas.Instant
}

func (p *staffMemory) JudgedAt(context.Context, reports.Query) (schemas.Instant, error) {
	return p.judged, nil
}

func (p *staffMemory) ActivityCodes(context.Context, schemas.Instant) ([]schemas.ActivityCode, error) {
	return nil, nil
}

func (p *staffMemory) Requirements(_ context.Context, _ []string, _ schemas.Interval, _ schemas.Instant,
	yield func(*schemas.Requirement) error) error {
	for _, r := range p.required {
		if err := yield(&r); err != nil {
			return err
		}
	}
	return nil
}

// withRequirements adds requirements of the teams from eight to six, UTC, of the days.
func withRequirements(s *memory, days int, teams ...string) *staffMemory {
	p := &staffMemory{memory: withShifts(s),
		judged: schemas.Instant(int64(monday)+int64(days)) * schemas.Instant(schemas.DayMS)}
	for _, team := range teams {
		for day := range days {
			for half := 16; half < 36; half++ {
				p.required = append(p.required, schemas.Requirement{Team: team, LengthMS: 30 * schemas.MinuteMS, Shrinkage: 250_000,
					Start:    schemas.Instant((int64(monday)+int64(day))*schemas.DayMS + int64(half)*30*schemas.MinuteMS),
					Required: schemas.Decimal(1_000_000 * (1 + half%5))})
			}
		}
	}
	return p
}

func staffing(t testing.TB, p *staffMemory, zone string, lengthMS int64, from, to schemas.Date,
	by reports.StaffingBy) *reports.Staffing {
	t.Helper()
	q := reports.StaffingQuery{Query: week(), LengthMS: lengthMS, By: by}
	q.From, q.To, q.Zone = from, to, zone
	s, err := reports.MakeStaffing(t.Context(), p, q, p.judged.Add(schemas.MinuteMS))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func staffingWorkbook(t testing.TB, s *reports.Staffing) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteStaffing(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var fourTeams = []string{"Billing", "Retention", "Sales Iberia", "Technical support"}

// The workbook has the report's figures: totals, hours of groups and heads of intervals, numbers that a program can add
// up.
func TestStaffingWorkbookSaysWhatTheReportSays(t *testing.T) {
	p := withRequirements(centre(24, 3), 3, fourTeams...)
	p.judged = at(t, "2026-03-04T12:10:00Z") // the third day is half over
	s := staffing(t, p, "Europe/London", 30*schemas.MinuteMS, monday, monday+2, reports.StaffingByTeam)
	f := reopen(t, staffingWorkbook(t, s))
	if got := f.GetSheetList(); !slices.Equal(got,
		[]string{"Summary", "Intervals", "Heat map", "Through the day", "About"}) {
		t.Fatalf("the sheets are %q", got)
	}
	value := func(sheet, at string) float64 {
		text, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%s %s holds %q, which is no number", sheet, at, text)
		}
		return v
	}
	columns := func(sheet string, row int) map[string]int {
		list := map[string]int{}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, title := range rows[row-1] {
			list[title] = i + 1
		}
		return list
	}
	summary := columns("Summary", 5)
	for title, ms := range map[string]int64{"Required": s.Total.RequiredMS, "Scheduled": s.Total.ScheduledMS,
		"On queue": s.Total.ActualMS, "Under": s.Total.UnderMS,
		"Over": s.Total.OverMS, "Planned under": s.Total.PlannedUnderMS, "Over schedule": s.Total.OverPlanMS,
		"Late": s.Total.LateMS, "Absent": s.Total.AbsentMS,
		"Unknown": s.Total.UnknownMS, "On queue so far": s.Total.SoFar.ActualMS} {
		total, rows := value("Summary", cell(summary[title], 4)), 0.0
		for row := 6; row < 10; row++ {
			rows += value("Summary", cell(summary[title], row))
		}
		if math.Abs(total-length(ms)) > 1e-9 || math.Abs(rows-total) > 1e-9 {
			t.Errorf("%s: %v above, %v below, the report says %v", title, total, rows, length(ms))
		}
	}
	if got, want := value("Summary", cell(summary["Occupancy"], 4)),
		float64(s.Total.ContactMS)/float64(s.Total.ActualMS); math.Abs(got-want) > 1e-9 {
		t.Errorf("occupancy %v, want %v", got, want)
	}
	heads := columns("Intervals", 4)
	row := 4
	s.Each(func(g *reports.StaffingGroup, v *reports.StaffingInterval) {
		row++
		r := s.Row(g, v)
		for title, name := range map[string]string{"Required": "required", "Scheduled": "scheduled", "Actual": "actual",
			"Net to required": "net_required", "Net to scheduled": "net_scheduled", "Unknown": "unknown"} {
			want := r.Number(name)
			text, err := f.GetCellValue("Intervals", cell(heads[title], row), excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				if text != "" {
					t.Errorf("%s of %s %s is %q, but does not exist", title, g.Team, v.Start, text)
				}
			} else if got := value("Intervals", cell(heads[title], row)); math.Abs(got-*want) > 0.0051 {
				t.Errorf("%s of %s %s is %v, want %v", title, g.Team, v.Start, got, *want)
			}
		}
		if start := value("Intervals", cell(heads["Start"], row)); math.Abs(start-clock(v.Start, s.Zone)) > 1e-9 {
			t.Errorf("start of row %d is %v", row, start)
		}
	})
	notice, err := f.GetCellValue("Summary", "A3")
	if err != nil || !strings.HasPrefix(notice, "So far: on queue as it was known at 2026-03-04T12:10") {
		t.Errorf("a report that goes on says %q, %v", notice, err)
	}
}

// Heads through the day are averaged in one order: two runs come to the same figures, to the last digit.
func TestHeadsThroughTheDayAreTheSameEveryTime(t *testing.T) {
	p := withRequirements(centre(24, 31), 31, fourTeams...)
	s := staffing(t, p, "Europe/London", 30*schemas.MinuteMS, monday, monday+30, reports.StaffingByTeam)
	first := clockRows(s)
	for range 20 {
		if again := clockRows(s); !slices.Equal(first, again) {
			t.Fatalf("first %v, then %v", first, again)
		}
	}
}

// Unknown is neither missing nor nought: no net, no colour of few, a question mark on the map.
func TestUnknownIsAQuestionMarkOnTheHeatMap(t *testing.T) {
	s := centre(8, 1)
	p := withRequirements(s, 1)
	rows := p.rows
	p.rows = func(yield func(*schemas.DayRow) error) error {
		return rows(func(d *schemas.DayRow) error {
			for i := range d.Intervals {
				d.Intervals[i].State, d.Intervals[i].OnQueue = schemas.State{Presence: schemas.PresenceUnknown,
					Status: schemas.StatusUnknown, Routing: schemas.RoutingUnknown}, false
			}
			d.Exceptions = nil
			return yield(d)
		})
	}
	f := reopen(t, staffingWorkbook(t, staffing(t, p, "UTC", schemas.HourMS, monday, monday, reports.StaffingByTeam)))
	rowsOf, err := f.GetRows("Heat map")
	if err != nil {
		t.Fatal(err)
	}
	marks := 0
	for _, row := range rowsOf[5:] {
		for _, c := range row[5:] {
			if c == "?" {
				marks++
			} else if strings.HasPrefix(c, "-") {
				t.Errorf("%q heads are missing though nothing is known", c)
			}
		}
	}
	if marks < 8 {
		t.Errorf("%d question marks", marks)
	}
}

// formulas finds the formulas of cells.
var formulas = regexp.MustCompile(`<f>([^<]*)</f>`)

// Names that break reports elsewhere, a team that nobody is in, nothing at all, days of 23 and 25 hours and of half an
// hour more: workbooks like any other.
func TestStaffingWorkbooksOfAnything(t *testing.T) {
	d := ana(t)
	planDay(&d, at(t, "2026-03-02T09:00:00Z"))
	var rows []schemas.DayRow
	for id, name := range hostile() {
		d := d
		d.AgentID, d.Team, d.Site = id, name, name
		rows = append(rows, d)
	}
	p := &staffMemory{memory: listed(rows...), judged: at(t, "2026-03-03T00:00:00Z"),
		required: []schemas.Requirement{{Team: "=nobody()", Start: at(t, "2026-03-02T09:00:00Z"), LengthMS: schemas.HourMS,
			Required: 2_000_000}}}
	for _, by := range []reports.StaffingBy{reports.StaffingByTeam, reports.StaffingBySite, reports.StaffingByAll,
		reports.StaffingByPart} {
		s := staffing(t, p, "Europe/London", schemas.HourMS, monday, monday, by)
		book := staffingWorkbook(t, s)
		reopen(t, book)
		for name, text := range parts(t, book) {
			if !strings.HasPrefix(name, "xl/worksheets/") {
				continue
			}
			for _, formula := range formulas.FindAllStringSubmatch(text, -1) {
				if !strings.HasPrefix(formula[1], "SUBTOTAL(") && !strings.HasPrefix(formula[1], "IF((") {
					t.Errorf("%s holds the formula %q", name, formula[1])
				}
			}
		}
	}
	for zone, day := range map[string]schemas.Date{"Europe/London": schemas.MakeDate(2026, 10, 25),
		"America/New_York": schemas.MakeDate(2026, 3, 8), "Australia/Lord_Howe": schemas.MakeDate(2026, 4, 5)} {
		z, err := schemas.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		d := d
		d.Day, d.TimeZone = day, zone
		planDay(&d, z.DayStart(day))
		p := &staffMemory{memory: listed(d), judged: z.DayStart(day + 1)}
		s := staffing(t, p, zone, schemas.HourMS, day, day, reports.StaffingByTeam)
		if s.Total.ScheduledMS != 345*schemas.MinuteMS {
			t.Errorf("%s: scheduled are %d minutes", zone, s.Total.ScheduledMS/schemas.MinuteMS)
		}
		if f := reopen(t, staffingWorkbook(t, s)); f == nil {
			t.Error("no workbook")
		}
	}
	empty := &staffMemory{memory: listed()}
	f := reopen(t, staffingWorkbook(t, staffing(t, empty, "UTC", schemas.HourMS, monday, monday, reports.StaffingByTeam)))
	if text, err := f.GetCellValue("Heat map", "A6"); err != nil || !strings.HasPrefix(text, "Nothing was required") {
		t.Errorf("an empty map says %q, %v", text, err)
	}
}

// A month of 1,500 agents in quarter hours: a row for each of 75 teams and 2,976 intervals that has anything in it.
func BenchmarkStaffingMonthOf1500Agents(b *testing.B) {
	s := centre(1500, 31)
	rows := s.rows
	s.rows = func(yield func(*schemas.DayRow) error) error {
		return rows(func(d *schemas.DayRow) error {
			n, err := strconv.Atoi(strings.TrimPrefix(d.AgentID, "agent-"))
			if err != nil {
				return err
			}
			d.Team = "Team " + strconv.Itoa(n/20)
			return yield(d)
		})
	}
	p := withRequirements(s, 31)
	made := staffing(b, p, "Europe/London", 15*schemas.MinuteMS, monday, monday+30, reports.StaffingByTeam)
	measure, before := peak(b), processor(b)
	for b.Loop() {
		var size counter
		if err := WriteStaffing(&size, made); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size)/(1<<20), "MiB")
	}
	b.ReportMetric((processor(b)-before)/float64(b.N), "cpu-s/op")
	b.ReportMetric(measure(), "MiB-peak")
	b.ReportMetric(float64(made.Total.Intervals), "rows")
}
