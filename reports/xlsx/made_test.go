package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"rollcall/reports"
	"rollcall/schemas"
)

const monday = schemas.Date(20514) // 2026-03-02

// memory is a reader over rows that are made as they are read.
type memory struct {
	rows     func(yield func(*schemas.DayRow) error) error
	policies []schemas.PolicyVersion
	feeds    []schemas.Feed
}

func (s *memory) Days(_ context.Context, _ reports.Query, yield func(*schemas.DayRow) error) error {
	return s.rows(yield)
}

func (s *memory) Policies(context.Context, schemas.Instant) ([]schemas.PolicyVersion, error) {
	return s.policies, nil
}

func (s *memory) Feeds(context.Context, schemas.Instant) ([]schemas.Feed, error) { return s.feeds, nil }

func listed(rows ...schemas.DayRow) *memory {
	return &memory{rows: func(yield func(*schemas.DayRow) error) error {
		for _, r := range rows {
			if err := yield(&r); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (s *memory) JudgedAt(context.Context, reports.Query) (schemas.Instant, error) {
	return schemas.Instant(int64(monday+8) * schemas.DayMS), nil
}

func week() reports.Query {
	return reports.Query{From: monday, To: monday + 6, Against: reports.AgainstCurrent, TeamsAs: reports.TeamsThen}
}

func at(t testing.TB, s string) schemas.Instant {
	t.Helper()
	i, err := schemas.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func exception(start schemas.Instant, minutes int64, c schemas.Category, code string, k schemas.Kind, i schemas.Impact,
	state schemas.State) schemas.Exception {
	e := schemas.Exception{
		Start:    start,
		End:      start.Add(minutes * schemas.MinuteMS),
		Category: c,
		Code:     code,
		Kind:     k,
		MS:       minutes * schemas.MinuteMS,
	}
	e.Parts = []schemas.Part{{Start: e.Start, End: e.End, State: state, Impact: i}}
	return e
}

var (
	onQueue = schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
		Routing: schemas.RoutingIdle}
	onBreak = schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak, Routing: schemas.RoutingOffQueue}
)

// ana is the worked day.
func ana(t testing.TB) schemas.DayRow {
	t.Helper()
	return schemas.DayRow{
		AgentDay: schemas.AgentDay{AgentID: "ana", Day: monday,
			Sums: schemas.Sums{ScheduledMS: 10_800_000, InMS: 6_300_000, OutMS: 4_500_000, ConformanceScheduledMS: 5_400_000,
				ConformanceActualMS: 6_300_000},
			Exceptions: []schemas.Exception{
				exception(at(t, "2026-03-02T10:30:00Z"), 15, schemas.CategoryBreak, "Break", schemas.KindLateChange,
					schemas.ImpactPositive, onQueue),
				exception(at(t, "2026-03-02T11:00:00Z"), 60, schemas.CategoryMeeting, "Huddle", schemas.KindLateChange,
					schemas.ImpactNeutral, onBreak)}},
		Name:     "Ana Ortiz",
		Team:     "Billing",
		Site:     "Leeds",
		TimeZone: "Europe/London",
		State:    schemas.DayFinal,
	}
}

// centre is a made-up contact centre: agents x days, about five exceptions a day, some absent.
func centre(agents, days int) *memory {
	teams := []struct{ team, site, zone string }{{"Billing", "Leeds", "Europe/London"},
		{"Retention", "Leeds", "Europe/London"},
		{"Sales Iberia", "Madrid", "Europe/Madrid"}, {"Technical support", "Manila", "Asia/Manila"}}
	names := []string{"Ana Ortiz", "Bo Larsen", "Chidi Okafor", "Dee Whitfield", "Eszter Kovács", "Farid Haddad",
		"Grace O'Neill", "Hiroshi 田中"}
	s := &memory{feeds: []schemas.Feed{{Source: "genesys",
		CompleteUpTo: schemas.Instant(int64(monday)+int64(days)) * schemas.Instant(schemas.DayMS)}}}
	s.rows = func(yield func(*schemas.DayRow) error) error {
		r := rand.New(rand.NewPCG(1, 2))
		for day := range days {
			for a := range agents {
				team := teams[a%len(teams)]
				d := schemas.DayRow{Name: names[a%len(names)], Team: team.team, Site: team.site, TimeZone: team.zone,
					State: schemas.DayFinal}
				d.AgentID, d.Day = fmt.Sprintf("agent-%05d", a), monday+schemas.Date(day)
				if day == days-1 {
					d.State = schemas.DayProvisional
				}
				fillDay(r, &d)
				if err := yield(&d); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return s
}

func fillDay(r *rand.Rand, d *schemas.DayRow) {
	start := schemas.Instant(int64(d.Day)*schemas.DayMS + 9*schemas.HourMS)
	d.ScheduledMS, d.ConformanceScheduledMS = 8*schemas.HourMS, 6*schemas.HourMS
	if r.IntN(40) == 0 {
		d.Absent, d.AdherenceReason, d.ConformanceReason, d.OutMS = true, schemas.ReasonAbsent, schemas.ReasonAbsent,
			d.ScheduledMS
		d.Exceptions = []schemas.Exception{exception(start, 480, schemas.CategoryOnQueueWork, "Phones", schemas.KindAbsent,
			schemas.ImpactNegative,
			schemas.State{Presence: schemas.PresenceOffline})}
		return
	}
	kinds := []schemas.Kind{schemas.KindLateChange, schemas.KindEarlyChange, schemas.KindWrongStatus,
		schemas.KindLateStart}
	for i := range r.IntN(10) {
		e := exception(start.Add(int64(i)*45*schemas.MinuteMS), 1+r.Int64N(20), schemas.CategoryOnQueueWork, "Phones",
			kinds[r.IntN(4)], schemas.ImpactNegative, onBreak)
		if r.IntN(3) == 0 {
			e = exception(e.Start, 1+r.Int64N(20), schemas.CategoryBreak, "Break", kinds[r.IntN(4)], schemas.ImpactPositive,
				onQueue)
		}
		d.Exceptions = append(d.Exceptions, e)
		d.OutMS += e.MS
	}
	d.ToleratedMS, d.UnknownMS = r.Int64N(300_000), int64(r.IntN(10)/9)*1_200_000
	d.InMS = d.ScheduledMS - d.OutMS - d.ToleratedMS - d.UnknownMS
	d.ConformanceActualMS = d.ConformanceScheduledMS - d.OutMS/2
}

// withShifts adds to every day of a memory what was scheduled and what was done: a timeline needs both.
func withShifts(s *memory) *memory {
	rows := s.rows
	return &memory{policies: s.policies, feeds: s.feeds, rows: func(yield func(*schemas.DayRow) error) error {
		return rows(func(d *schemas.DayRow) error {
			zone, err := schemas.LoadZone(d.TimeZone)
			if err != nil {
				return err
			}
			planDay(d, zone.DayStart(d.Day).Add(9*schemas.HourMS))
			return yield(d)
		})
	}}
}

// planDay makes a shift of eight hours, worked as planned but for the day's exceptions.
func planDay(d *schemas.DayRow, start schemas.Instant) {
	states := map[schemas.Category]schemas.State{schemas.CategoryOnQueueWork: onQueue, schemas.CategoryBreak: onBreak,
		schemas.CategoryMeal:     {Presence: schemas.PresenceAway, Status: schemas.StatusMeal},
		schemas.CategoryMeeting:  {Presence: schemas.PresenceBusy, Status: schemas.StatusMeeting},
		schemas.CategoryTraining: {Presence: schemas.PresenceBusy, Status: schemas.StatusTraining}}
	d.Activities, d.Intervals = nil, nil
	for i, part := range []struct {
		minutes int64
		c       schemas.Category
	}{{90, schemas.CategoryOnQueueWork}, {15, schemas.CategoryBreak}, {105, schemas.CategoryOnQueueWork},
		{30, schemas.CategoryMeal},
		{60, schemas.CategoryMeeting}, {90, schemas.CategoryOnQueueWork}, {30, schemas.CategoryTraining},
		{60, schemas.CategoryOnQueueWork}} {
		end := start.Add(part.minutes * schemas.MinuteMS)
		d.Activities = append(d.Activities, schemas.Activity{Start: start, End: end, Category: part.c, Code: part.c.String()})
		v := schemas.JudgedInterval{
			Start:    start,
			End:      end,
			Activity: int32(i),
			State:    states[part.c],
			Verdict:  schemas.VerdictIn,
			OnQueue:  part.c == schemas.CategoryOnQueueWork,
		}
		late := int64(len(d.Exceptions)*i) % 4 * 10 * schemas.MinuteMS
		switch {
		case d.Absent:
			v.State, v.Verdict, v.OnQueue = schemas.State{Presence: schemas.PresenceOffline}, schemas.VerdictOut, false
		case i > 0 && late < part.minutes*schemas.MinuteMS && late > 0:
			before := v
			before.End, before.State, before.OnQueue, before.Verdict = start.Add(late), d.Intervals[len(d.Intervals)-1].State,
				d.Intervals[len(d.Intervals)-1].OnQueue, schemas.VerdictOut
			v.Start = before.End
			d.Intervals = append(d.Intervals, before)
		}
		d.Intervals = append(d.Intervals, v)
		start = end
	}
}

func makeTo(t testing.TB, out io.Writer, s *memory, q reports.Query, cfg Config) *reports.Adherence {
	t.Helper()
	b, err := New(out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a, err := reports.WriteAdherence(t.Context(), s, q, at(t, "2026-03-03T07:00:00Z"), b)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// save writes an adherence report as a workbook into a file, which appears at path whole or not at all
// (see [reports.ReplaceFile]).
func save(ctx context.Context, r reports.Reader, q reports.Query, madeAt schemas.Instant, path string,
	cfg Config) (*reports.Adherence, error) {
	var made *reports.Adherence
	err := reports.ReplaceFile(path, func(w io.Writer) error {
		b, err := New(w, cfg)
		if err != nil {
			return err
		}
		made, err = reports.WriteAdherence(ctx, r, q, madeAt, b)
		return errors.Join(err, b.Close())
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}
