package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// staffMemory is a memory with requirements and activity codes.
type staffMemory struct {
	memory
	required []schemas.Requirement
	codes    []schemas.ActivityCode
	judged   schemas.Instant
}

func (d *staffMemory) JudgedAt(context.Context, Query) (schemas.Instant, error) { return d.judged, nil }

func (d *staffMemory) Requirements(_ context.Context, teams []string, _ schemas.Interval, _ schemas.Instant,
	yield func(*schemas.Requirement) error) error {
	for _, r := range d.required {
		if len(teams) == 0 || slices.Contains(teams, r.Team) {
			if err := yield(&r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *staffMemory) ActivityCodes(context.Context, schemas.Instant) ([]schemas.ActivityCode, error) {
	return d.codes, nil
}

var (
	phoning = schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
		Routing: schemas.RoutingInteracting}
	waiting = schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
		Routing: schemas.RoutingIdle}
	resting = schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak, Routing: schemas.RoutingOffQueue}
	hazy    = schemas.State{Presence: schemas.PresenceUnknown, Status: schemas.StatusUnknown,
		Routing: schemas.RoutingUnknown}
)

// oneTeam is the worked day (RULES.md section 13) with a few contacts, a colleague who is absent, and requirements.
func oneTeam(t *testing.T) *staffMemory {
	t.Helper()
	w := func(hhmm string) schemas.Instant { return at(t, "2026-03-02T"+hhmm+":00Z") }
	plan := []schemas.Activity{{Start: w("09:00"), End: w("10:30"), Code: "Phones", Category: schemas.CategoryOnQueueWork,
		Shift: "s1"},
		{Start: w("10:30"), End: w("11:00"), Code: "Break", Category: schemas.CategoryBreak, Shift: "s1"},
		{Start: w("11:00"), End: w("12:00"), Code: "Huddle", Category: schemas.CategoryMeeting, Shift: "s1"}}
	interval := func(from, to string, act int32, s schemas.State, v schemas.Verdict, on bool) schemas.JudgedInterval {
		return schemas.JudgedInterval{
			Start:    w(from),
			End:      w(to),
			Activity: act,
			State:    s,
			Verdict:  v,
			OnQueue:  on,
		}
	}
	ana := schemas.DayRow{Name: "Ana Ortiz", Team: "Billing", TimeZone: "Europe/London"}
	ana.AgentID, ana.Day, ana.Activities = "ana", monday, plan
	ana.Intervals = []schemas.JudgedInterval{interval("09:00", "10:00", 0, phoning, schemas.VerdictIn, true),
		interval("10:00", "10:30", 0, waiting, schemas.VerdictIn, true),
		interval("10:30", "10:45", 1, waiting, schemas.VerdictOut, true),
		interval("10:45", "11:00", 1, resting, schemas.VerdictIn, false),
		interval("11:00", "12:00", 2, resting, schemas.VerdictOut, false)}
	bo := schemas.DayRow{Name: "Bo", Team: "Billing", TimeZone: "Europe/London"}
	bo.AgentID, bo.Day, bo.Activities, bo.Absent, bo.AdherenceReason = "bo", monday, plan[:1], true, schemas.ReasonAbsent
	away := schemas.State{Presence: schemas.PresenceOffline, Status: schemas.StatusOffQueue,
		Routing: schemas.RoutingOffQueue}
	bo.Intervals = []schemas.JudgedInterval{interval("09:00", "10:30", 0, away, schemas.VerdictOut, false)}
	bo.Exceptions = []schemas.Exception{{Start: w("09:00"), End: w("10:30"), Kind: schemas.KindAbsent,
		Parts: []schemas.Part{{Start: w("09:00"), End: w("10:30"), State: away}}}}
	d := &staffMemory{memory: memory{rows: []schemas.DayRow{ana, bo}}, judged: w("11:30")}
	for h := w("09:00"); h < w("12:00"); h = h.Add(30 * schemas.MinuteMS) {
		d.required = append(d.required,
			schemas.Requirement{Team: "Billing", Start: h, LengthMS: 30 * schemas.MinuteMS, Required: 1_500_000,
				Shrinkage: 300_000})
	}
	return d
}

func halfHours() StaffingQuery {
	q := week()
	q.To, q.Zone = monday, "Europe/London"
	return StaffingQuery{Query: q, LengthMS: 30 * schemas.MinuteMS, By: StaffingByTeam}
}

func staffed(t *testing.T, d *staffMemory, q StaffingQuery) *Staffing {
	t.Helper()
	s, err := MakeStaffing(context.Background(), d, q, at(t, "2026-03-02T11:35:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStaffingOfTheWorkedDay(t *testing.T) {
	s := staffed(t, oneTeam(t), halfHours())
	if len(s.Groups) != 1 || s.Groups[0].Name() != "Billing" || s.Days != 2 {
		t.Fatalf("%d groups of %d days", len(s.Groups), s.Days)
	}
	var got []string
	s.Each(func(g *StaffingGroup, v *StaffingInterval) {
		r := s.Row(g, v)
		got = append(got, fmt.Sprintf(
			"%s required %s needed %s scheduled %s actual %s net %s late %s absent %s occupancy %s shrinkage %s %s",
			s.Zone.Format(v.Start)[11:16], number(r.Number("required")), number(r.Number("needed")),
			number(r.Number("scheduled")), number(r.Number("actual")), number(r.Number("net_required")),
			number(r.Number("late")), number(r.Number("absent")),
			number(r.Number("occupancy_percent")), number(r.Number("shrinkage_scheduled_percent")),
			number(r.Number("shrinkage_actual_percent"))))
	})
	want := []string{
		"09:00 required 1.5 needed 3 scheduled 2 actual 1 net -0.5 late 0 absent 1 occupancy 100 shrinkage 0 50",
		"09:30 required 1.5 needed 3 scheduled 2 actual 1 net -0.5 late 0 absent 1 occupancy 100 shrinkage 0 50",
		"10:00 required 1.5 needed 3 scheduled 2 actual 1 net -0.5 late 0 absent 1 occupancy 0 shrinkage 0 50",
		"10:30 required 1.5 needed 3 scheduled 0 actual 0.5 net -1 late 0 absent 0 occupancy 0 shrinkage 100 50",
		"11:00 required 1.5 needed 3 scheduled 0 actual 0 net -1.5 late 0 absent 0 occupancy  shrinkage 100 100",
		"11:30 required 1.5 needed 3 scheduled 0 actual  net  late  absent  occupancy  shrinkage 100 100",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	sum := s.SumRow(&s.Groups[0])
	// Under: 3 x half an hour of 0.5, one of 1, one of 1.5; the schedule is 0.5 over three times, 1.5 under three times.
	if *sum.Number("under_hours") != 2 || *sum.Number("over_hours") != 0 || *sum.Number("planned_over_hours") != 0.75 ||
		*sum.Number("planned_under_hours") != 2.25 || *sum.Number("absent_hours") != 1.5 {
		t.Errorf("the sum is %+v", sum)
	}
	if p := sum.Number("adherence_percent"); p == nil || *p != 58.33 {
		t.Errorf("adherence is %v: the absent day is left out, so it is Ana's 58.33", p)
	}
}

func TestNothingRequiredIsNotZero(t *testing.T) {
	d := oneTeam(t)
	d.required = nil
	s := staffed(t, d, halfHours())
	if r := s.Row(&s.Groups[0], &s.Groups[0].Intervals[18]); r.Number("required") != nil ||
		r.Number("net_required") != nil || r.Number("net_scheduled") == nil {
		t.Errorf("got %+v", r)
	}
	q := halfHours()
	q.By = StaffingBySite
	if s = staffed(t, oneTeam(t), q); s.Total.HasRequired {
		t.Error("a site has the requirement of a team")
	}
}

// A day half over: on queue until now, scheduled and required for the rest, and sums of what is over beside those of
// the day.
func TestADayUnderWay(t *testing.T) {
	d := oneTeam(t)
	d.judged = at(t, "2026-03-02T10:10:00Z")
	for i := range d.rows {
		d.rows[i].Intervals = slices.DeleteFunc(slices.Clone(d.rows[i].Intervals),
			func(v schemas.JudgedInterval) bool { return v.Start >= d.judged })
		d.rows[i].Intervals[len(d.rows[i].Intervals)-1].End = d.judged
	}
	s := staffed(t, d, halfHours())
	sum := s.SumRow(nil)
	if *sum.Number("required_hours") != 4.5 || *sum.Number("required_so_far_hours") != 1.5 ||
		*sum.Number("scheduled_so_far_hours") != 2 || *sum.Number("actual_so_far_hours") != 1 ||
		*sum.Number("under_hours") != 0.5 || *sum.Number("planned_under_hours") != 2.25 {
		t.Errorf("the sums are %+v", sum)
	}
	v := &s.Groups[0].Intervals[20] // 10:00, which is under way
	if r := s.Row(&s.Groups[0], v); r.Number("actual") != nil || r.Number("net_required") != nil ||
		r.Number("absent") != nil || *r.Number("scheduled") != 2 {
		t.Errorf("an interval that is under way says %+v", r)
	}
	if heads, c := s.Cell(v); heads != 0.5 || c.Level != 3 || !strings.Contains(c.Title, "2.00 scheduled, 1.50 required") {
		t.Errorf("ahead is what is scheduled, not %v %+v", heads, c)
	}
	var page bytes.Buffer
	if err := WriteStaffingHTML(&page, s); err != nil ||
		!strings.Contains(page.String(),
			"<b>So far</b>, as it was known at 2026-03-02T10:10: in the intervals that are over 1.00 h on queue of 2.00 h "+
				"scheduled and 1.50 h required.") {
		t.Errorf("the page does not say how far it is: %v", err)
	}
}

// A shift cut at midnight is listed, whole, on both days, and counted once.
func TestAShiftOverMidnightIsCountedOnce(t *testing.T) {
	night := []schemas.Activity{{Start: at(t, "2026-03-02T22:00:00Z"), End: at(t, "2026-03-03T02:00:00Z"), Code: "Phones",
		Category: schemas.CategoryOnQueueWork}}
	d := &staffMemory{}
	for k := range 2 {
		row := schemas.DayRow{Team: "Night"}
		row.AgentID, row.Day, row.Activities = "ana", monday+schemas.Date(k), night
		d.rows = append(d.rows, row)
	}
	q := halfHours()
	q.To++
	if s := staffed(t, d, q); s.Total.ScheduledMS != 4*schemas.HourMS {
		t.Errorf("scheduled are %d h, want 4", s.Total.ScheduledMS/schemas.HourMS)
	}
}

// Minute by minute, the plain way, it comes to the same.
func TestStaffingEqualsANaiveCount(t *testing.T) {
	start := schemas.Instant(int64(monday) * schemas.DayMS)
	states := []schemas.State{phoning, waiting, resting, hazy}
	rapid.Check(t, func(t *rapid.T) {
		d := &staffMemory{judged: start.Add(schemas.DayMS)}
		type minute struct{ scheduled, actual, contact, planned, shrunk, past, lost, unknown, counted, adhered int64 }
		naive := map[string][]minute{"A": make([]minute, 1440), "B": make([]minute, 1440)}
		for i := range rapid.IntRange(0, 6).Draw(t, "agents") {
			row := schemas.DayRow{Team: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "team")}
			row.AgentID, row.Day = fmt.Sprint(i), monday
			m := 0
			for m < 1400 && rapid.Bool().Draw(t, "more") {
				m += rapid.SampledFrom([]int{0, 0, 7, 60}).Draw(t, "gap")
				length := min(rapid.IntRange(1, 300).Draw(t, "length"), 1440-m)
				if length <= 0 {
					break
				}
				category := rapid.SampledFrom([]schemas.Category{schemas.CategoryOnQueueWork, schemas.CategoryMeal,
					schemas.CategoryTimeOff}).Draw(t, "category")
				row.Activities = append(row.Activities,
					schemas.Activity{Start: start.Add(int64(m) * schemas.MinuteMS), End: start.Add(int64(m+length) * schemas.MinuteMS),
						Category: category, Code: category.String(), Shift: "s"})
				split := m + rapid.IntRange(0, length).Draw(t, "split")
				for _, part := range [][2]int{{m, split}, {split, m + length}} {
					if part[0] == part[1] {
						continue
					}
					st := rapid.SampledFrom(states).Draw(t, "state")
					on := st == phoning || st == waiting
					v := rapid.SampledFrom([]schemas.Verdict{schemas.VerdictIn, schemas.VerdictOut, schemas.VerdictTolerated,
						schemas.VerdictUnknown}).Draw(t, "verdict")
					row.Intervals = append(row.Intervals, schemas.JudgedInterval{
						Start:    start.Add(int64(part[0]) * schemas.MinuteMS),
						End:      start.Add(int64(part[1]) * schemas.MinuteMS),
						Activity: int32(len(row.Activities) - 1),
						State:    st,
						Verdict:  v,
						OnQueue:  on,
					})
					for k := part[0]; k < part[1]; k++ {
						n := &naive[row.Team][k]
						n.planned++
						yes := func(b bool) int64 {
							if b {
								return 1
							}
							return 0
						}
						n.scheduled += yes(category == schemas.CategoryOnQueueWork)
						n.shrunk += yes(category != schemas.CategoryOnQueueWork)
						n.actual += yes(on)
						n.contact += yes(st == phoning)
						n.past += yes(category == schemas.CategoryTimeOff || st != hazy)
						n.lost += yes(category == schemas.CategoryTimeOff || st == resting)
						n.unknown += yes(category != schemas.CategoryTimeOff && st == hazy)
						n.adhered += yes(v == schemas.VerdictIn || v == schemas.VerdictTolerated)
						n.counted += yes(v != schemas.VerdictUnknown)
					}
				}
				m += length
			}
			d.rows = append(d.rows, row)
		}
		q := halfHours()
		q.Zone, q.LengthMS = "UTC", rapid.SampledFrom(schemas.RequirementLengths[:]).Draw(t, "interval")
		s, err := MakeStaffing(context.Background(), d, q, d.judged)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range s.Groups {
			for _, v := range g.Intervals {
				var n minute
				for k := int(v.Start.Sub(start) / schemas.MinuteMS); k < int(v.End.Sub(start)/schemas.MinuteMS); k++ {
					m := naive[g.Team][k]
					n.scheduled, n.actual, n.contact, n.planned, n.shrunk = n.scheduled+m.scheduled, n.actual+m.actual, n.contact+
						m.contact, n.planned+m.planned, n.shrunk+m.shrunk
					n.past, n.lost, n.unknown, n.counted, n.adhered = n.past+m.past, n.lost+m.lost, n.unknown+m.unknown, n.counted+
						m.counted, n.adhered+m.adhered
				}
				got := minute{v.ScheduledMS, v.ActualMS, v.ContactMS, v.PlannedMS, v.PlannedShrinkMS, v.PastMS, v.LostMS,
					v.UnknownMS, v.CountedMS, v.AdheredMS}
				want := minute{n.scheduled * schemas.MinuteMS, n.actual * schemas.MinuteMS, n.contact * schemas.MinuteMS,
					n.planned * schemas.MinuteMS, n.shrunk * schemas.MinuteMS,
					n.past * schemas.MinuteMS, n.lost * schemas.MinuteMS, n.unknown * schemas.MinuteMS, n.counted * schemas.MinuteMS,
					n.adhered * schemas.MinuteMS}
				if got != want {
					t.Fatalf("%s %s: got %+v, want %+v", g.Team, v.Start, got, want)
				}
			}
		}
	})
}

func TestStaffingAsFiles(t *testing.T) {
	s := staffed(t, oneTeam(t), halfHours())
	s.Groups[0].Team = "=cmd()"
	var out bytes.Buffer
	if err := WriteStaffingCSV(&out, s); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) < 8 || rows[1][0] != "'=cmd()" || rows[6][6] != "" || rows[1][6] != "1" {
		t.Errorf("%v %v", rows, err)
	}
	out.Reset()
	if err := WriteStaffingJSON(&out, s); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Parameters map[string]any
		Sums       []map[string]any
		Intervals  []map[string]any
		Hash       string
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil || len(doc.Intervals) != 6 || len(doc.Sums) != 2 ||
		doc.Hash != s.Hash() || doc.Parameters["interval_s"] != 1800.0 {
		t.Errorf("%v %s", err, out.String())
	}
	if math.Abs(doc.Sums[1]["under_hours"].(float64)-2) > 1e-9 {
		t.Errorf("the sum of all is %+v", doc.Sums[1])
	}
}

func TestStaffingQuestionsThatCannotBeAnswered(t *testing.T) {
	for name, spoil := range map[string]func(*StaffingQuery){
		"no time zone":       func(q *StaffingQuery) { q.Zone = "" },
		"15, 30 or 60":       func(q *StaffingQuery) { q.LengthMS = schemas.MinuteMS },
		"not one of team":    func(q *StaffingQuery) { q.By = "colour" },
		"are too many":       func(q *StaffingQuery) { q.To = q.From + 3650 },
		"the range is empty": func(q *StaffingQuery) { q.To = q.From - 1 },
	} {
		q := halfHours()
		spoil(&q)
		if _, err := MakeStaffing(context.Background(), oneTeam(t), q, 0); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStaffingAsAPage(t *testing.T) {
	d := oneTeam(t)
	for i := range d.rows {
		d.rows[i].Team = `<script>alert(1)</script>`
	}
	s := staffed(t, d, halfHours())
	var out bytes.Buffer
	if err := WriteStaffingHTML(&out, s); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, say := range []string{"&lt;script&gt;", "10:30 0.50 on queue, 0.00 scheduled", "58.33 %", s.Hash(),
		"up to 2 heads", `stroke-dasharray="2 3"`} {
		if !strings.Contains(page, say) {
			t.Errorf("the page does not say %s", say)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "ZgotmplZ") {
		t.Errorf("the page holds a script, or what a template refused")
	}
	if level(1, 2) != -4 || level(2, 2) != 0 || level(0.6, 1) != -1 || level(30, 20) != 4 || level(21.4, 20) != 1 {
		t.Error("the grades are not what they say")
	}
}

// What is unknown is never missing: not in the sums, not in the rows, not in the colours.
func TestUnknownIsNeverMissing(t *testing.T) {
	d := oneTeam(t)
	for i := range d.rows {
		for k := range d.rows[i].Intervals {
			v := &d.rows[i].Intervals[k]
			v.State, v.Verdict, v.OnQueue = schemas.State{}, schemas.VerdictUnknown, false
		}
		d.rows[i].Exceptions = nil
	}
	s := staffed(t, d, halfHours())
	r := s.Row(&s.Groups[0], &s.Groups[0].Intervals[18])
	if r.Number("actual") != nil || r.Number("net_required") != nil || r.Number("net_scheduled") != nil ||
		r.Number("unknown") == nil || *r.Number("unknown") != 2 {
		t.Errorf("the row is %+v", r)
	}
	if sum := s.SumRow(nil); *sum.Number("under_hours") != 0.5 || *sum.Number("under_schedule_hours") != 0 ||
		sum.Number("shrinkage_actual_percent") != nil {
		t.Errorf("the sum is %+v; heads are missing for certain only beyond what is unknown", sum)
	}
	if _, c := s.Cell(&s.Groups[0].Intervals[18]); !c.Unknown {
		t.Errorf("the cell is %+v", c)
	}
}

// A correction decides how a stretch is judged, not what is known of it: an outage that was taken out of adherence
// still has nobody missing. Somebody on leave is not on queue, whatever the feed says.
func TestACorrectedOutageIsUnknownAndLeaveIsNot(t *testing.T) {
	d := oneTeam(t)
	for k := range d.rows[0].Intervals {
		d.rows[0].Intervals[k].State, d.rows[0].Intervals[k].Verdict, d.rows[0].Intervals[k].OnQueue = hazy,
			schemas.VerdictNeutral, false
	}
	d.rows[1].Activities = slices.Clone(d.rows[1].Activities)
	d.rows[1].Activities[0].Category, d.rows[1].Intervals[0].State,
		d.rows[1].Intervals[0].Verdict = schemas.CategoryTimeOff, hazy, schemas.VerdictUnknown
	d.rows[1].Exceptions = nil
	s := staffed(t, d, halfHours())
	v := &s.Groups[0].Intervals[18]
	half := 30 * schemas.MinuteMS
	if v.UnknownMS != half || v.LostMS != half || v.PastMS != half {
		t.Errorf("unknown %d, lost %d of %d: one is unknown, one is on leave", v.UnknownMS, v.LostMS, v.PastMS)
	}
	if net, known := v.NetRequired(); !known || net != -half/2 {
		t.Errorf("of 1.5 heads required one may have been there: half a head is missing for certain, not %d, %v", net, known)
	}
	if net, known := v.netScheduled(); known {
		t.Errorf("the one that was scheduled may have been there, but %d is missing", -net)
	}
}

// Rows and sums are the same figures: what is over and under in the rows adds up to the sums.
func TestNetsOfRowsAddUpToTheSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := StaffingInterval{Interval: schemas.Interval{End: 1000}, HasRequired: true}
		for _, ms := range []*int64{&v.RequiredMS, &v.ScheduledMS, &v.ActualMS, &v.UnknownMS} {
			*ms = rapid.Int64Range(0, 3).Draw(t, "ms")
		}
		v.PastMS = v.UnknownMS + v.ActualMS
		var sum StaffingSum
		sum.add(&v, true)
		net, known := v.NetRequired()
		if !known {
			net = 0
		}
		if sum.OverMS-sum.UnderMS != net || sum.OverMS != 0 && sum.UnderMS != 0 {
			t.Fatalf("over %d, under %d, net %d", sum.OverMS, sum.UnderMS, net)
		}
		if worst, best := v.ActualMS, v.ActualMS+v.UnknownMS; sum.UnderMS > max(v.RequiredMS-best, 0) ||
			sum.OverMS > max(worst-v.RequiredMS, 0) {
			t.Fatalf("%+v: under %d, over %d are not certain", v, sum.UnderMS, sum.OverMS)
		}
	})
}

func TestAPartOfATeamHasNoRequirement(t *testing.T) {
	d := oneTeam(t)
	q := halfHours()
	q.Sites = []string{"Leeds"}
	if s := staffed(t, d, q); s.Total.HasRequired ||
		!slices.ContainsFunc(s.About(),
			func(l AboutLine) bool { return l.Name == "Required" && strings.HasPrefix(l.Value, "left out") }) {
		t.Error("agents of one site are held against what is required of the team, or nothing says that they are not")
	}
}

// Days of clock changes have all their intervals, on the wall clock: on Lord Howe Island, which moves by half an hour,
// the hour of the change is a short one and the next begins on the hour.
func TestIntervalsOfClockChanges(t *testing.T) {
	for _, c := range []struct {
		zone        string
		day         schemas.Date
		length      int64
		count, mins int
		starts      string
	}{
		{"Europe/London", schemas.MakeDate(2026, 10, 25), schemas.HourMS, 25, 25 * 60, "00:00 01:00 01:00 02:00"},
		{"Europe/London", schemas.MakeDate(2026, 3, 29), schemas.HourMS, 23, 23 * 60, "00:00 02:00 03:00 04:00"},
		{"Australia/Lord_Howe", schemas.MakeDate(2026, 4, 5), schemas.HourMS, 25, 24*60 + 30, "00:00 01:00 01:30 02:00"},
		{"Australia/Lord_Howe", schemas.MakeDate(2026, 10, 4), schemas.HourMS, 24, 23*60 + 30, "00:00 01:00 02:30 03:00"},
		{"Australia/Lord_Howe", schemas.MakeDate(2026, 4, 5), 30 * schemas.MinuteMS, 49, 24*60 + 30,
			"00:00 00:30 01:00 01:30"},
		{"Asia/Kathmandu", schemas.MakeDate(2026, 4, 5), schemas.HourMS, 24, 24 * 60, "00:00 01:00 02:00 03:00"},
	} {
		zone, err := schemas.LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		grid := staffingGrid(zone, c.day, c.day, c.length)
		var starts []string
		total := int64(0)
		for i, v := range grid {
			if i < 4 {
				starts = append(starts, zone.Format(v.Start)[11:16])
			}
			total += v.End.Sub(v.Start)
			if i > 0 && grid[i-1].End != v.Start {
				t.Errorf("%s %s: a hole before %s", c.zone, c.day, v.Start)
			}
		}
		if len(grid) != c.count || total != int64(c.mins)*schemas.MinuteMS || strings.Join(starts, " ") != c.starts {
			t.Errorf("%s %s: %d intervals of %d minutes from %v", c.zone, c.day, len(grid), total/schemas.MinuteMS, starts)
		}
	}
}

// Names that break reports elsewhere, a team that no roster knows, days of clock changes, and nothing at all come
// through every format.
func TestAnyStaffingComesThroughEveryFormat(t *testing.T) {
	d := oneTeam(t)
	for i, name := range []string{"=cmd()", "+1", "@x", strings.Repeat("é🦊", 20_000), "\u202eabc",
		"a\x00b\r\n</td><script>", "\xff\xfe", ""} {
		row := d.rows[0]
		row.AgentID, row.Team, row.Site = fmt.Sprint("odd", i), name, name
		d.rows = append(d.rows, row)
	}
	d.required = append(d.required,
		schemas.Requirement{Team: "=nobody()", Start: at(t, "2026-03-02T09:00:00Z"), LengthMS: schemas.HourMS,
			Required: 2_000_000})
	ask := func(zone string, day schemas.Date, by StaffingBy) StaffingQuery {
		q := halfHours()
		q.From, q.To, q.Zone, q.By, q.LengthMS = day, day, zone, by, schemas.HourMS
		return q
	}
	odd := ask("Europe/London", monday, StaffingByTeam)
	for name, c := range map[string]struct {
		from      *staffMemory
		q         StaffingQuery
		intervals int
	}{
		"odd names": {d, odd, 9*3 + 1},
		"parts":     {d, ask("Europe/London", monday, StaffingByPart), 0},
		"everybody": {d, ask("Europe/London", monday, StaffingByAll), 3},
		"nothing":   {&staffMemory{}, odd, 0},
		"25 hours": {allDay(t, "Europe/London", schemas.MakeDate(2026, 10, 25)),
			ask("Europe/London", schemas.MakeDate(2026, 10, 25), StaffingByTeam), 25},
		"23 hours": {allDay(t, "Europe/London", schemas.MakeDate(2026, 3, 29)),
			ask("Europe/London", schemas.MakeDate(2026, 3, 29), StaffingByTeam), 23},
		"half longer": {allDay(t, "Australia/Lord_Howe", schemas.MakeDate(2026, 4, 5)),
			ask("Australia/Lord_Howe", schemas.MakeDate(2026, 4, 5), StaffingByTeam), 25},
	} {
		s := staffed(t, c.from, c.q)
		var page, table, doc bytes.Buffer
		if err := errors.Join(WriteStaffingHTML(&page, s), WriteStaffingCSV(&table, s),
			WriteStaffingJSON(&doc, s)); err != nil {
			t.Fatal(name, err)
		}
		if text := page.String(); strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") ||
			strings.Contains(text, "NaN") || len(text) > 1<<20 {
			t.Errorf("%s: the page of %d bytes holds a script, a refusal or no number", name, len(text))
		}
		rows, err := csv.NewReader(&table).ReadAll()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		hours := 0
		for _, r := range rows[1:] {
			if r[0] == "about" {
				break
			}
			hours++
			for _, cell := range r {
				if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) {
					t.Errorf("%s: the cell %.20q is a formula", name, cell)
				}
			}
		}
		var read struct{ Intervals []map[string]any }
		if err := json.Unmarshal(doc.Bytes(), &read); err != nil || len(read.Intervals) != hours {
			t.Errorf("%s: %d intervals in JSON, %d in CSV, %v", name, len(read.Intervals), hours, err)
		}
		if c.intervals != 0 && hours != c.intervals {
			t.Errorf("%s: %d intervals, want %d", name, hours, c.intervals)
		}
	}
}

// allDay is a memory with somebody who is scheduled and on queue through a whole local date.
func allDay(t *testing.T, zone string, day schemas.Date) *staffMemory {
	t.Helper()
	z, err := schemas.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	all := z.Day(day)
	row := schemas.DayRow{Team: "Billing", TimeZone: zone}
	row.AgentID, row.Day = "ana", day
	row.Activities = []schemas.Activity{{Start: all.Start, End: all.End, Code: "Phones",
		Category: schemas.CategoryOnQueueWork}}
	row.Intervals = []schemas.JudgedInterval{{Start: all.Start, End: all.End, State: phoning, Verdict: schemas.VerdictIn,
		OnQueue: true}}
	return &staffMemory{memory: memory{rows: []schemas.DayRow{row}}, judged: all.End}
}
