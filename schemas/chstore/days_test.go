package chstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

func at(hhmm string) schemas.Instant {
	v, err := schemas.ParseInstant("2026-03-02T" + hhmm + ":00Z")
	if err != nil {
		panic(err)
	}
	return v
}

// workedDay is the worked day (RULES.md section 13) as the judge gives it.
func workedDay() schemas.DayRow {
	state := func(p schemas.Presence, s schemas.Status, r schemas.Routing) schemas.State {
		return schemas.State{Presence: p, Status: s, Routing: r}
	}
	idle := state(schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle)
	rest := schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak, Routing: schemas.RoutingOffQueue,
		Secondary: "Smoke 'n' coffee"}
	interval := func(from, to string, activity int32, st schemas.State, v schemas.Verdict,
		on bool) schemas.JudgedInterval {
		return schemas.JudgedInterval{
			Start:    at(from),
			End:      at(to),
			Activity: activity,
			State:    st,
			Verdict:  v,
			OnQueue:  on,
		}
	}
	d := schemas.DayRow{
		Name:       "Ana Ortiz",
		Team:       "Billing",
		Site:       "Leeds",
		TimeZone:   "Europe/London",
		State:      schemas.DayFinal,
		Policy:     "p1",
		KnownAt:    t0 + 5,
		ComputedAt: t0 + 6,
		AsOf:       t0 + 5,
	}
	d.AgentID, d.Day = "ana", schemas.MakeDate(2026, 3, 2)
	d.Sums = schemas.Sums{ScheduledMS: 10_800_000, InMS: 6_300_000, OutMS: 4_500_000, ConformanceScheduledMS: 5_400_000,
		ConformanceActualMS: 6_300_000}
	d.Activities = []schemas.Activity{
		{Start: at("09:00"), End: at("10:30"), Code: "Phones", Category: schemas.CategoryOnQueueWork, Shift: "s1", Paid: true,
			Line: 2},
		{Start: at("10:30"), End: at("11:00"), Code: "Break", Category: schemas.CategoryBreak, Shift: "s1", Line: 3},
		{Start: at("11:00"), End: at("12:00"), Code: "Huddle", Category: schemas.CategoryMeeting, Shift: "s1",
			Description: "d", Line: 4}}
	d.Intervals = []schemas.JudgedInterval{interval("08:58", "09:00", -1,
		state(schemas.PresenceAvailable, schemas.StatusOffQueue, schemas.RoutingOffQueue), schemas.VerdictNone, false),
		interval("09:00", "10:30", 0, idle, schemas.VerdictIn, true),
		interval("10:30", "10:45", 1, idle, schemas.VerdictOut, true),
		interval("10:45", "11:00", 1, rest, schemas.VerdictIn, false),
		interval("11:00", "12:00", 2, rest, schemas.VerdictOut, false)}
	d.Exceptions = []schemas.Exception{
		{Start: at("10:30"), End: at("10:45"), Category: schemas.CategoryBreak, Code: "Break", Kind: schemas.KindLateChange,
			MS: 900_000,
			Parts: []schemas.Part{{Start: at("10:30"), End: at("10:40"), State: idle, Impact: schemas.ImpactPositive},
				{Start: at("10:40"), End: at("10:45"), State: rest, Impact: schemas.ImpactNeutral}}},
		{Start: at("11:00"), End: at("12:00"), Category: schemas.CategoryMeeting, Code: "Huddle",
			Kind: schemas.KindLateChange, MS: 3_600_000,
			Parts: []schemas.Part{{Start: at("11:00"), End: at("12:00"), State: rest, Impact: schemas.ImpactNeutral}}}}
	return d
}

func writeAll(t testing.TB, s *Store, rows ...schemas.DayRow) {
	t.Helper()
	w := s.NewDayWriter(ctx, "current")
	for i := range rows {
		check(t, w.Append(&rows[i]))
	}
	check(t, w.Close())
}

func dump(t testing.TB, d any) string {
	t.Helper()
	return fmt.Sprintf("%+v", d)
}

func dayRows(t testing.TB, s *Store, q DayQuery) (out []string) {
	t.Helper()
	check(t, s.DayRows(ctx, q, func(d *schemas.DayRow) error {
		line := fmt.Sprint(d.Day, " ", d.AgentID, " ", d.InMS)
		if d.Before != nil {
			line += fmt.Sprint(" before ", d.Before.InMS)
		}
		out = append(out, line)
		return nil
	}))
	return out
}

func march(d int) schemas.Date { return schemas.MakeDate(2026, 3, d) }

func TestADayComesBackWhole(t *testing.T) {
	s := newStore(t)
	want := workedDay()
	bare := schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: "bo", Day: march(2), Absent: true,
		AdherenceReason:   schemas.ReasonAbsent,
		ConformanceReason: schemas.ReasonAbsent}, State: schemas.DayRestated, KnownAt: t0,
		Before: &schemas.DayBefore{Sums: want.Sums, AdherenceReason: schemas.ReasonNoData, KnownAt: t0 - 1, Absent: true}}
	writeAll(t, s, want, bare)
	for _, byAgent := range []bool{false, true} {
		q := DayQuery{From: march(1), To: march(2), Intervals: true, Exceptions: true, ByAgent: byAgent}
		var got []string
		check(t, s.DayRows(ctx, q, func(d *schemas.DayRow) error {
			before := "no before"
			if d.Before != nil {
				before = dump(t, *d.Before)
			}
			d.Before = nil
			got = append(got, dump(t, *d)+before)
			return nil
		}))
		plain := bare
		plain.Before = nil
		wantLines(t, got, dump(t, want)+"no before", dump(t, plain)+dump(t, *bare.Before))
	}
	var heads []DayHead
	check(t, s.DayHeads(ctx, DayQuery{From: march(2), To: march(2)},
		func(h *DayHead) error { heads = append(heads, *h); return nil }))
	if len(heads) != 2 || heads[0].Fingerprint != want.Fingerprint() || heads[0].Sums != want.Sums ||
		heads[0].Team != "Billing" ||
		heads[1].Before == nil || *heads[1].Before != *bare.Before || heads[1].AdherenceReason != schemas.ReasonAbsent {
		t.Errorf("heads: %+v", heads)
	}
}

func TestLatestKnowledgeOfADayCounts(t *testing.T) {
	s := newStore(t)
	exec(t, s, "SYSTEM STOP MERGES adherence_days_store")
	day := func(known schemas.Instant, in int64, team string) schemas.DayRow {
		d := workedDay()
		d.KnownAt, d.InMS, d.Team = known, in, team
		return d
	}
	writeAll(t, s, day(t0+9, 9, "Sales"))
	writeAll(t, s, day(t0+5, 5, "Billing")) // a slow older run ends last
	q := DayQuery{From: march(2), To: march(2)}
	wantLines(t, dayRows(t, s, q), "2026-03-02 ana 9")
	wantLines(t, rowsOf(t, s, "SELECT toString(in_s) AS line FROM adherence_days"), "0.009")
	q.Teams = []string{"Billing"}
	wantLines(t, dayRows(t, s, q))
	q.KnownAt = t0 + 8
	wantLines(t, dayRows(t, s, q), "2026-03-02 ana 5")
	q.Sites = []string{"York"}
	wantLines(t, dayRows(t, s, q))
	w := s.NewDayWriter(ctx, "current")
	check(t, w.Delete("ana", march(2), t0+10))
	check(t, w.Close())
	wantLines(t, dayRows(t, s, DayQuery{From: march(2), To: march(2)}))
	wantLines(t, dayRows(t, s, DayQuery{From: march(2), To: march(2), KnownAt: t0 + 9}), "2026-03-02 ana 9")
	for _, view := range []string{"adherence_days", "adherence_intervals", "adherence_exceptions"} {
		wantLines(t, rowsOf(t, s, "SELECT agent_id AS line FROM "+view))
	}
	exec(t, s, "SYSTEM START MERGES adherence_days_store")
	exec(t, s, "OPTIMIZE TABLE adherence_days_store FINAL")
	wantLines(t, dayRows(t, s, DayQuery{From: march(2), To: march(2)}))
}

func TestWhatADayIsJudgedAgainstKeepsApart(t *testing.T) {
	s := newStore(t)
	writeAll(t, s, workedDay())
	w := s.NewDayWriter(ctx, "as_published")
	d := workedDay()
	d.InMS = 1
	check(t, w.Append(&d))
	check(t, w.Close())
	wantLines(t, dayRows(t, s, DayQuery{From: march(2), To: march(2)}), "2026-03-02 ana 6300000")
	wantLines(t, dayRows(t, s, DayQuery{From: march(2), To: march(2), Against: "as_published"}), "2026-03-02 ana 1")
}

// TestManyDays writes more than a few blocks from two writers and reads them in both orders.
func TestManyDays(t *testing.T) {
	s := newStore(t)
	write := func(from, to int) error {
		w := s.NewDayWriter(ctx, "current")
		d := workedDay()
		for a := from; a < to; a++ {
			for k := range 90 {
				d.AgentID, d.Day, d.InMS = fmt.Sprintf("a%03d", a), march(2)-schemas.Date(k), int64(k)
				if err := w.Append(&d); err != nil {
					return err
				}
			}
		}
		return w.Close()
	}
	done := make(chan error)
	go func() { done <- write(100, 200) }()
	check(t, write(0, 100))
	check(t, <-done)
	all := dayRows(t, s, DayQuery{From: march(2) - 100, To: march(2), Exceptions: true})
	if len(all) != 18_000 {
		t.Fatalf("%d days, want 18,000", len(all))
	}
	wantLines(t, all[17_998:], "2026-03-02 a198 0", "2026-03-02 a199 0")
	few := DayQuery{From: march(1), To: march(2), ByAgent: true, Selection: Selection{Agents: []string{"a150", "a050"}}}
	wantLines(t, dayRows(t, s, few), "2026-03-01 a050 1", "2026-03-02 a050 0", "2026-03-01 a150 1", "2026-03-02 a150 0")
	n := 0
	check(t, s.DayRows(ctx, few, func(*schemas.DayRow) error { n++; return ErrStop }))
	if n != 1 {
		t.Errorf("%d days after ErrStop", n)
	}
}

func TestDaysOver130Months(t *testing.T) {
	s := newStore(t)
	w := s.NewDayWriter(ctx, "current")
	d := workedDay()
	for k := range 130 {
		d.Day = march(2) - schemas.Date(k*31)
		check(t, w.Append(&d))
	}
	check(t, w.Close())
	if n := len(dayRows(t, s, DayQuery{From: march(2) - 5_000, To: march(2)})); n != 130 {
		t.Errorf("%d of 130 days came back", n)
	}
}

func TestAWriterThatFailsSaysSo(t *testing.T) {
	s := newStore(t)
	exec(t, s, "DROP TABLE adherence_days_store")
	w := s.NewDayWriter(ctx, "current")
	d := workedDay()
	var err error
	for k := 0; err == nil && k < 50_000; k++ {
		err = w.Append(&d)
	}
	if err == nil || !strings.Contains(err.Error(), "insert agent-days") {
		t.Errorf("appending gives %v", err)
	}
	if err := w.Close(); err == nil {
		t.Error("closing a failed writer says that all is well")
	}
	if err := w.Append(&d); err == nil {
		t.Error("a closed writer takes days")
	}
}

func TestViewsGiveTheWorkedDay(t *testing.T) {
	s := newStore(t)
	d := workedDay()
	d.Intervals = d.Intervals[1:]
	writeAll(t, s, d)
	wantLines(t, rowsOf(t, s, `SELECT toString(tuple(agent_name, team, day, state, against, policy, adherence_percent,
		adherence_reason, conformance_percent, coverage_percent, scheduled_s, in_s, tolerated_s, out_s, exception_count)) AS line 
		FROM adherence_days`),
		"('Ana Ortiz','Billing','2026-03-02','final','current','p1',58.33,NULL,116.67,100,10800,6300,0,4500,2)")
	wantLines(t, rowsOf(t, s,
		"SELECT toString(tuple(start, `end`, scheduled_category, scheduled_code, kind, seconds, parts.impact, parts.status,"+
			" arrayMap(p -> dateDiff('second', p.1, p.2), parts))) AS line FROM adherence_exceptions ORDER BY start"),
		"('2026-03-02 10:30:00.000','2026-03-02 10:45:00.000','break','Break','late_change',900,['positive','neutral'],"+
			"['available','break'],[600,300])",
		"('2026-03-02 11:00:00.000','2026-03-02 12:00:00.000','meeting','Huddle','late_change',3600,['neutral'],['break'],"+
			"[3600])")
	wantLines(t, rowsOf(t, s,
		"SELECT toString(tuple(start, seconds, scheduled_category, scheduled_code, status, secondary, verdict, on_queue)) "+
			"AS line FROM adherence_intervals ORDER BY start LIMIT 3"),
		"('2026-03-02 09:00:00.000',5400,'on_queue_work','Phones','available','','in',true)",
		"('2026-03-02 10:30:00.000',900,'break','Break','available','','out',true)",
		`('2026-03-02 10:45:00.000',900,'break','Break','break','Smoke \'n\' coffee','in',false)`)
}

// An absent day that counts has an adherence of 0 in the view too, though none of it could be judged.
func TestAnAbsentDayThatCountsIsZeroInTheView(t *testing.T) {
	s := newStore(t)
	d := schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: "ana", Day: march(2), Absent: true,
		Sums: schemas.Sums{ScheduledMS: 1000, UnknownMS: 1000}}}
	writeAll(t, s, d)
	wantLines(t, rowsOf(t, s, "SELECT ifNull(toString(adherence_percent), 'null') AS line FROM adherence_days"),
		d.Adherence().Text())
}

// TestViewsAndGoAgreeOnPercentages compares the SQL of the view with package schemas on random days.
func TestViewsAndGoAgreeOnPercentages(t *testing.T) {
	s := newStore(t)
	var days []schemas.DayRow
	want := map[string]string{}
	percent := func(p schemas.Percent) *float64 {
		if v, ok := p.Value(); ok {
			return &v
		}
		return nil
	}
	rapid.Check(t, func(r *rapid.T) {
		ms := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 90_000_000))
		d := schemas.DayRow{}
		d.AgentID = fmt.Sprintf("a%03d", len(days))
		for _, v := range d.Lengths() {
			*v = ms.Draw(r, "ms")
		}
		d.ScheduledMS = d.InMS + d.ToleratedMS + d.OutMS + d.NeutralMS + d.IgnoredMS + d.UnknownMS
		d.Absent = rapid.Bool().Draw(r, "absent")
		d.AdherenceReason = schemas.Reason(rapid.Uint8Range(0, 2).Draw(r, "reason"))
		d.ConformanceReason = schemas.Reason(rapid.Uint8Range(0, 2).Draw(r, "reason2"))
		days = append(days, d)
		b, err := json.Marshal([]any{percent(d.Adherence()), percent(d.Conformance()), percent(d.Coverage()),
			float64(d.InMS) / 1000})
		if err != nil {
			r.Fatal(err)
		}
		want[d.AgentID] = string(b)
	})
	writeAll(t, s, days...)
	for _, line := range rowsOf(t, s, `SELECT concat(agent_id, ' ', '[', ifNull(toString(adherence_percent), 'null'), ',',
		ifNull(toString(conformance_percent), 'null'),
		',', ifNull(toString(coverage_percent), 'null'), ',', toString(in_s), ']') AS line FROM adherence_days`) {
		agent, got, _ := strings.Cut(line, " ")
		if got != want[agent] {
			t.Errorf("%s: the view says %s, package schemas %s", agent, got, want[agent])
		}
		delete(want, agent)
	}
	if len(want) > 0 {
		t.Errorf("%d days are missing", len(want))
	}
}
