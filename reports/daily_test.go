package reports

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// dailyMemory is a memory that daily mails can be made of.
type dailyMemory struct {
	memory
	required []schemas.Requirement
}

func (l *dailyMemory) Days(_ context.Context, q Query, yield func(*schemas.DayRow) error) error {
	for _, r := range l.rows {
		if r.Day < q.From || r.Day > q.To {
			continue
		}
		if err := yield(&r); err != nil {
			return err
		}
	}
	return l.fails
}

func (l *dailyMemory) JudgedAt(context.Context, Query) (schemas.Instant, error) {
	return schemas.Instant(int64(monday+1)*schemas.DayMS + 6*schemas.HourMS), nil
}

func (l *dailyMemory) ActivityCodes(context.Context, schemas.Instant) ([]schemas.ActivityCode, error) {
	return nil, nil
}

func (l *dailyMemory) Requirements(_ context.Context, teams []string, in schemas.Interval, _ schemas.Instant,
	yield func(*schemas.Requirement) error) error {
	for i := range l.required {
		if l.required[i].Interval().Overlaps(in) && (len(teams) == 0 || slices.Contains(teams, l.required[i].Team)) {
			if err := yield(&l.required[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func everybody(string, string) bool { return true }

func daily(t *testing.T, l *dailyMemory, teams ...string) *Daily {
	t.Helper()
	b, err := ReadDaily(t.Context(), l, monday, at(t, "2026-03-03T06:30:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	london, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return b.Daily(teams, nil, everybody, london)
}

// withIntervals is the worked day with what its exceptions were made of.
func withIntervals(t *testing.T) schemas.DayRow {
	d := ana(t)
	d.Activities = []schemas.Activity{
		{Start: at(t, "2026-03-02T09:00:00Z"), End: at(t, "2026-03-02T10:30:00Z"), Code: "Phones",
			Category: schemas.CategoryOnQueueWork},
		{Start: at(t, "2026-03-02T10:30:00Z"), End: at(t, "2026-03-02T11:00:00Z"), Code: "Break",
			Category: schemas.CategoryBreak}}
	d.Intervals = []schemas.JudgedInterval{
		{Start: at(t, "2026-03-02T09:00:00Z"), End: at(t, "2026-03-02T10:30:00Z"), Activity: 0, Verdict: schemas.VerdictIn,
			OnQueue: true},
		{Start: at(t, "2026-03-02T10:30:00Z"), End: at(t, "2026-03-02T10:45:00Z"), Activity: 1, Verdict: schemas.VerdictOut,
			OnQueue: true}}
	return d
}

func TestTheWorkedDayInWords(t *testing.T) {
	bo := absent(t, "bo")
	bo.Team = "Sales"
	before := ana(t)
	before.Day -= 7
	before.InMS, before.OutMS = 8_640_000, 2_160_000 // 80 %
	older := before
	older.Day -= 7
	older.InMS, older.OutMS = 5_400_000, 5_400_000 // 50 %, so that both weeks together are 65 %
	tomorrow := ana(t)
	tomorrow.Day++
	d := daily(t, &dailyMemory{memory: memory{rows: []schemas.DayRow{older, before, withIntervals(t), bo, tomorrow}}})
	if len(d.Attention) != 1 || d.Attention[0].Label()+" "+WholePercent(d.Attention[0].Adherence(), nil)+": "+
		d.Attention[0].Words !=
		"Ana Ortiz 58 %: took calls 15 min into the break, still on break during Huddle (60 min)" {
		t.Errorf("the mail says %+v", d.Attention)
	}
	if d.AbsentCount != 1 || d.Absent[0].AgentID != "bo" || d.Absent[0].ScheduledMS != 10_800_000 || !d.Provisional() ||
		d.Empty() {
		t.Errorf("absent: %+v", d.Absent)
	}
	if points, known := d.ByTeam[0].Change(); !known || points != -6.67 || d.ByTeam[0].WeeksBefore != 2 ||
		d.ByTeam[0].Before.Text() != "65" {
		t.Errorf("the weeks before: %v %v of %d, change %v", d.ByTeam[0].Before, known, d.ByTeam[0].WeeksBefore, points)
	}
	if _, known := d.ByTeam[1].Change(); known {
		t.Error("Sales has something to compare with")
	}
	var weeks []string
	for _, w := range d.Weeks {
		weeks = append(weeks, w.Day.String()+" "+w.Adherence.Text())
	}
	if got := strings.Join(weeks, ", "); got != "2026-02-02 , 2026-02-09 , 2026-02-16 50, 2026-02-23 80" {
		t.Errorf("the weeks before are %s", got)
	}
	var hours []string
	for _, s := range d.Heads {
		hours = append(hours, fmt.Sprintf("%s %.2f of %.2f", s.Start.Time().Format("15:04"), s.Heads(s.ActualMS),
			s.Heads(s.ScheduledMS)))
	}
	if got := strings.Join(hours, ", "); got != "09:00 1.00 of 1.00, 10:00 0.75 of 0.50" || len(d.Short) != 0 ||
		d.Required {
		t.Errorf("the heads are %s, the worst %v", got, d.Short)
	}
	west := withIntervals(t) // whose own day is the one before, and who is on queue at nine in London all the same
	west.AgentID, west.Day = "west", west.Day-1
	both := daily(t, &dailyMemory{memory: memory{rows: []schemas.DayRow{west, withIntervals(t)}}})
	if both.Heads[0].ActualMS != 2*schemas.HourMS || both.Total.Days != 1 {
		t.Errorf("with somebody in another zone: %+v", both.Heads)
	}
	if only := daily(t, &dailyMemory{memory: memory{rows: []schemas.DayRow{withIntervals(t), bo}}},
		"Sales"); only.Total.Days != 1 || len(only.Heads) != 0 || len(only.Attention) != 0 {
		t.Errorf("of Sales alone: %+v", only)
	}
}

func TestRequirementsAreWhatHeadsAreMeasuredAgainst(t *testing.T) {
	const three = 3 * schemas.DecimalOne
	l := &dailyMemory{memory: memory{rows: []schemas.DayRow{withIntervals(t)}}, required: []schemas.Requirement{
		{Team: "Billing", Start: at(t, "2026-03-02T10:00:00Z"), LengthMS: schemas.HourMS, Required: three},
		{Team: "Elsewhere", Start: at(t, "2026-03-02T10:00:00Z"), LengthMS: schemas.HourMS, Required: three}}}
	d := daily(t, l, "Billing")
	if !d.Required || d.ShortCount != 1 || len(d.Short[0].Worst) != 2 {
		t.Fatalf("the worst are %+v", d.Short)
	}
	if w := &d.Short[0].Worst[0]; w.Start != at(t, "2026-03-02T10:30:00Z") || d.Short[0].Missing(w) != 2.5 ||
		d.Short[0].UnderMS != 9*schemas.HourMS/4 {
		t.Errorf("the worst is %+v", d.Short[0])
	}
	// A team that nobody is in lacks whatever is required of it; of a team of which some are hidden nothing is.
	if all := daily(t, l); all.ShortCount != 2 || all.Short[0].Team != "Elsewhere" {
		t.Errorf("of everybody: %+v", all.Short)
	}
	bo := withIntervals(t)
	bo.AgentID, bo.Site = "bo", "Hull"
	l.rows = append(l.rows, bo)
	b, err := ReadDaily(t.Context(), l, monday, 0)
	if err != nil {
		t.Fatal(err)
	}
	if part := b.Daily(nil, nil, func(_, site string) bool { return site == "Leeds" }, schemas.UTC); part.Required ||
		len(part.Heads) == 0 {
		t.Errorf("what is required of a team is held against some of it: %+v", part.Short)
	}
}

// The mail's staffing is that of the staffing report, for agents and readers of any zone.
func TestAMailHasTheStaffingOfTheReport(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := &dailyMemory{}
		zones := []string{"UTC", "Europe/London", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Kiritimati",
			"Pacific/Pago_Pago"}
		for day := monday - 3; day <= monday+3; day++ {
			for i := range rapid.IntRange(0, 3).Draw(rt, "agents") {
				d := withIntervals(t)
				zone, err := schemas.LoadZone(rapid.SampledFrom(zones).Draw(rt, "zone"))
				if err != nil {
					rt.Fatal(err)
				}
				d.AgentID, d.Day, d.TimeZone, d.Team = fmt.Sprint(day, i), day, zone.Name(),
					rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "team")
				shift := zone.DayStart(day).Add(rapid.Int64Range(0, 23).Draw(rt, "hour")*schemas.HourMS).Sub(
					d.Activities[0].Start) + rapid.Int64Range(0, 60).Draw(rt, "minute")*schemas.MinuteMS
				for k := range d.Activities {
					d.Activities[k].Start, d.Activities[k].End = d.Activities[k].Start.Add(shift), d.Activities[k].End.Add(shift)
				}
				for k := range d.Intervals {
					d.Intervals[k].Start, d.Intervals[k].End = d.Intervals[k].Start.Add(shift), d.Intervals[k].End.Add(shift)
				}
				d.Exceptions = nil
				l.rows = append(l.rows, d)
			}
		}
		for at := schemas.UTC.DayStart(monday - 1); at < schemas.UTC.DayStart(monday+2); at = at.Add(schemas.HourMS) {
			if heads := rapid.Int64Range(0, 3).Draw(rt, "required"); heads > 0 {
				l.required = append(l.required,
					schemas.Requirement{Team: "A", Start: at, LengthMS: schemas.HourMS,
						Required: schemas.Decimal(heads) * schemas.DecimalOne / 2})
			}
		}
		zone, err := schemas.LoadZone(rapid.SampledFrom(zones).Draw(rt, "reader"))
		if err != nil {
			rt.Fatal(err)
		}
		b, err := ReadDaily(t.Context(), l, monday, 0)
		if err != nil {
			rt.Fatal(err)
		}
		mailed := b.Daily(nil, nil, everybody, zone).Staffing
		q := StaffingQuery{Query: dayQuery(monday), LengthMS: dailyMS, By: StaffingByTeam}
		q.Zone = zone.Name()
		made, err := MakeStaffing(t.Context(), l, q, 0)
		if err != nil {
			rt.Fatal(err)
		}
		if mailed.Hash() != made.Hash() || !reflect.DeepEqual(mailed.SumRow(nil), made.SumRow(nil)) {
			rt.Fatalf("in %s the mail says\n%+v\nthe report\n%+v", zone.Name(), mailed.SumRow(nil), made.SumRow(nil))
		}
	})
}

// The mail's figures are those of the adherence report, whatever the rows are.
func TestAMailSaysWhatTheReportSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []schemas.DayRow
		for i := range rapid.IntRange(0, 12).Draw(rt, "agents") {
			ms := rapid.SliceOfN(rapid.Int64Range(0, 3_600_000), 6, 6).Draw(rt, "ms")
			d := schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: fmt.Sprintf("a%02d", i), Day: monday},
				Team:  rapid.SampledFrom([]string{"", "A", "B"}).Draw(rt, "team"),
				State: schemas.DayFinal}
			d.InMS, d.ToleratedMS, d.OutMS, d.UnknownMS, d.NeutralMS, d.ConformanceActualMS = ms[0], ms[1], ms[2], ms[3], ms[4],
				ms[5]
			d.ScheduledMS = ms[0] + ms[1] + ms[2] + ms[3] + ms[4]
			if d.Absent = rapid.Bool().Draw(rt, "absent"); d.Absent {
				d.AdherenceReason = schemas.ReasonAbsent
			}
			rows = append(rows, d)
		}
		l := &dailyMemory{memory: memory{rows: rows}}
		a, err := WriteAdherence(t.Context(), l, dayQuery(monday), 0, NewCSV(io.Discard))
		if err != nil {
			rt.Fatal(err)
		}
		d := daily(t, l)
		if !reflect.DeepEqual(d.Total.Row(), a.Total.Row()) || len(d.ByTeam) != len(a.Teams) {
			rt.Fatalf("in all the mail says %+v, the report %+v", d.Total.Row(), a.Total.Row())
		}
		for i := range a.Teams {
			if !reflect.DeepEqual(d.ByTeam[i].Row(), a.Teams[i].Row()) {
				rt.Fatalf("of a team the mail says %+v, the report %+v", d.ByTeam[i].Row(), a.Teams[i].Row())
			}
		}
	})
}

func TestEveryKindOfExceptionHasItsWords(t *testing.T) {
	state := func(p schemas.Presence, s schemas.Status, r schemas.Routing) schemas.State {
		return schemas.State{Presence: p, Status: s, Routing: r}
	}
	queue := state(schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle)
	pause := state(schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingOffQueue)
	offline := state(schemas.PresenceOffline, schemas.StatusOffQueue, schemas.RoutingOffQueue)
	away := state(schemas.PresenceAway, schemas.StatusOffQueue, schemas.RoutingOffQueue)
	working := state(schemas.PresenceBusy, schemas.StatusOffQueue, schemas.RoutingOffQueue)
	coaching := state(schemas.PresenceBusy, schemas.StatusTraining, schemas.RoutingOffQueue)
	coaching.Secondary = "Coaching"
	meeting := state(schemas.PresenceBusy, schemas.StatusMeeting, schemas.RoutingOffQueue)
	for _, c := range []struct {
		kind     schemas.Kind
		category schemas.Category
		code     string
		is       schemas.State
		want     string
	}{
		{schemas.KindLateChange, schemas.CategoryBreak, "Break", queue, "took calls 12 min into the break"},
		{schemas.KindLateChange, schemas.CategoryMeeting, "Huddle", pause, "still on break during Huddle (12 min)"},
		{schemas.KindLateChange, schemas.CategoryOnQueueWork, "Phones", pause, "back from break 12 min late"},
		{schemas.KindLateChange, schemas.CategoryOnQueueWork, "Phones", meeting, "back from the meeting 12 min late"},
		{schemas.KindLateChange, schemas.CategoryMeeting, "100%s %d", coaching,
			"still in training (Coaching) during 100%s %d (12 min)"},
		{schemas.KindEarlyChange, schemas.CategoryOnQueueWork, "Phones", pause, "went on break 12 min early"},
		{schemas.KindEarlyChange, schemas.CategoryOnQueueWork, "Phones", meeting, "went into a meeting 12 min early"},
		{schemas.KindEarlyChange, schemas.CategoryOnQueueWork, "Phones", offline, "left 12 min early"},
		{schemas.KindEarlyChange, schemas.CategoryMeal, "Lunch", queue, "took calls for the last 12 min of the meal"},
		{schemas.KindEarlyChange, schemas.CategoryBreak, "Break", meeting, "in a meeting already during the break (12 min)"},
		{schemas.KindLateStart, schemas.CategoryOnQueueWork, "Phones", offline, "started 12 min late"},
		{schemas.KindLateStart, schemas.CategoryOnQueueWork, "Phones", meeting, "started 12 min late (in a meeting)"},
		{schemas.KindEarlyEnd, schemas.CategoryOnQueueWork, "Phones", away, "left 12 min early"},
		{schemas.KindEarlyEnd, schemas.CategoryOnQueueWork, "Phones", pause, "stopped 12 min early (on break)"},
		{schemas.KindEarlyEnd, schemas.CategoryTraining, "", queue, "took calls for the last 12 min of the training"},
		{schemas.KindAbsent, schemas.CategoryOnQueueWork, "Phones", offline, "was absent (12 min)"},
		{schemas.KindNotResponding, schemas.CategoryOnQueueWork, "Phones", queue, "did not answer for 12 min at 09:00"},
		{schemas.KindOutsideShift, schemas.CategoryUnscheduled, "", queue, "took calls outside the shift for 12 min"},
		{schemas.KindWrongStatus, schemas.CategoryOnQueueWork, "Phones", working,
			"off queue during Phones at 09:00 (12 min)"},
		{schemas.KindWrongStatus, schemas.CategoryTraining, "", queue, "took calls during the training at 09:00 (12 min)"},
		{schemas.KindWrongStatus, schemas.CategoryOnQueueWork, "Pho\r\nnes\x00", schemas.State{},
			"unknown during Pho nes at 09:00 (12 min)"},
	} {
		e := schemas.Exception{
			Start:    at(t, "2026-03-02T09:00:00Z"),
			End:      at(t, "2026-03-02T09:12:00Z"),
			Kind:     c.kind,
			Category: c.category,
			Code:     c.code,
			MS:       720_000,
		}
		e.Parts = []schemas.Part{{Start: e.Start, End: e.End, State: c.is}}
		if got := exceptionSummary([]schemas.Exception{e}, schemas.UTC, 3); got != c.want {
			t.Errorf("%s: got %q, want %q", c.kind, got, c.want)
		}
	}
}

func TestLikeThingsAreSaidTogetherAndTheShortestLeftOut(t *testing.T) {
	var list []schemas.Exception
	add := func(kind schemas.Kind, minutes int64, is schemas.State) {
		e := schemas.Exception{Start: at(t, "2026-03-02T09:00:00Z"), Kind: kind, Category: schemas.CategoryOnQueueWork,
			MS: minutes * schemas.MinuteMS}
		e.Parts = []schemas.Part{{Start: e.Start, End: e.Start.Add(e.MS), State: is}}
		list = append(list, e)
	}
	offline := schemas.State{Presence: schemas.PresenceOffline}
	add(schemas.KindLateStart, 5, offline)
	add(schemas.KindNotResponding, 4, offline)
	add(schemas.KindWrongStatus, 1, offline)
	add(schemas.KindNotResponding, 8, offline)
	add(schemas.KindEarlyEnd, 130, offline)
	if got, want := exceptionSummary(list, schemas.UTC, 3),
		"started 5 min late, did not answer 2 times (12 min), left 2 h 10 min early, and 1 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAPercentageHidesNoTarget(t *testing.T) {
	target := 90.0
	for _, c := range []struct {
		num    int64
		target *float64
		want   string
	}{{5833, nil, "58 %"}, {5850, nil, "59 %"}, {8960, &target, "89.6 %"}, {9000, &target, "90 %"},
		{8940, &target, "89 %"}, {9996, nil, "99.96 %"}, {10000, nil, "100 %"}} {
		if got := WholePercent(schemas.Percent{Num: c.num, Den: 10000}, c.target); got != c.want {
			t.Errorf("%d: got %s, want %s", c.num, got, c.want)
		}
	}
	if got := WholePercent(schemas.Percent{Reason: schemas.ReasonAbsent}, nil); got != "–" {
		t.Errorf("no percentage is %s", got)
	}
}

// A name can neither break a line nor turn the text around it.
func TestShownIsOneLine(t *testing.T) {
	for in, want := range map[string]string{"Ana\r\nBcc: all@example.org": "Ana Bcc: all@example.org",
		"\u202egnp.exe": "gnp.exe", "  a\t b  ": "a b",
		"שָׁלוֹם": "שָׁלוֹם", "🙂": "🙂", strings.Repeat("x", 40_000): strings.Repeat("x", 59) + "…",
		strings.Repeat("é", 60): strings.Repeat("é", 60)} {
		if got := Shown(in, 60); got != want {
			t.Errorf("%.30q: got %q, want %q", in, got, want)
		}
	}
}

func TestWhatHasChangedSinceItWasMailed(t *testing.T) {
	p := func(v float64) *float64 { return &v }
	was := SentFigures{Teams: map[string]*float64{"A": p(90), "B": p(80), "C": p(70)},
		Agents: map[string]SentAgent{"ana": {"Ana", "A", p(58.33)}, "bo": {"Bo", "A", p(90)}, "cy": {"Cy", "A", nil},
			"di": {"Di", "A", p(50)}, "ed": {"Ed", "A", nil}}}
	is := SentFigures{Teams: map[string]*float64{"A": p(90.5), "B": p(80.51), "C": p(69.49)},
		Agents: map[string]SentAgent{"ana": {"Ana", "A", p(88.89)}, "bo": {"Bo", "A", p(88)}, "cy": {"Cy", "A", p(10)},
			"ed": {"Ed", "A", nil}}}
	teams, agents := Restatements(&was, &is, DefaultRestateAbove())
	var got []string
	for _, r := range teams {
		got = append(got, r.Team)
	}
	for _, r := range agents {
		got = append(got, r.AgentID)
	}
	if s := strings.Join(got, " "); s != "B C cy di ana" || agents[2].points() != 30.56 {
		t.Errorf("got %s (%v)", s, agents)
	}
}
