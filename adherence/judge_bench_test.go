package adherence_test

import (
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// benchWeek makes a week of an agent as the judge meets it in a night's run: 40 changes and 9 activities a day, and the
// week before as context.
func benchWeek(b *testing.B) *adherence.Input {
	b.Helper()
	zone, err := schemas.LoadZone("Europe/London")
	if err != nil {
		b.Fatal(err)
	}
	from := schemas.MakeDate(2026, 3, 2)
	in := &adherence.Input{
		AgentID: "ana",
		Zones:   []adherence.ZoneSpan{{Zone: zone}},
		AsOf:    zone.DayStart(from + 8),
		Rules:   adherence.Compile(schemas.DefaultPolicy(), nil),
		From:    from,
		To:      from + 6,
	}
	for d := from - 1; d < from+8; d++ {
		addBenchDay(in, zone.DayStart(d))
	}
	return in
}

// addBenchDay adds a shift from 09:00 to 17:00 and changes that mostly follow it, some minutes late.
func addBenchDay(in *adherence.Input, midnight schemas.Instant) {
	shift := []schemas.Category{schemas.CategoryOnQueueWork, schemas.CategoryBreak, schemas.CategoryOnQueueWork,
		schemas.CategoryMeeting, schemas.CategoryOnQueueWork, schemas.CategoryMeal, schemas.CategoryOnQueueWork,
		schemas.CategoryBreak, schemas.CategoryOnQueueWork}
	statuses := []schemas.Status{schemas.StatusAvailable, schemas.StatusBreak, schemas.StatusAvailable,
		schemas.StatusMeeting, schemas.StatusAvailable, schemas.StatusMeal, schemas.StatusAvailable, schemas.StatusBreak,
		schemas.StatusAvailable}
	at := midnight.Add(9 * schemas.HourMS)
	for i, c := range shift {
		length := 80 * schemas.MinuteMS
		if c != schemas.CategoryOnQueueWork {
			length = 20 * schemas.MinuteMS
		}
		in.Activities = append(in.Activities,
			schemas.Activity{Start: at, End: at.Add(length), Category: c, Shift: "s", Code: "code"})
		addBenchChanges(in, at.Add(int64(i)*20*schemas.SecondMS), length, statuses[i])
		at = at.Add(length)
	}
	in.Facts = append(in.Facts, schemas.Fact{At: at, Presence: schemas.PresenceOffline, Status: schemas.StatusOffQueue,
		Routing: schemas.RoutingOffQueue})
}

func addBenchChanges(in *adherence.Input, at schemas.Instant, length int64, status schemas.Status) {
	if status != schemas.StatusAvailable {
		in.Facts = append(in.Facts, schemas.Fact{At: at, Presence: schemas.PresenceAway, Status: status,
			Routing: schemas.RoutingOffQueue})
		return
	}
	for k := range int64(7) {
		routing := schemas.RoutingIdle
		if k%2 == 1 {
			routing = schemas.RoutingInteracting
		}
		in.Facts = append(in.Facts,
			schemas.Fact{At: at.Add(k * length / 8), Presence: schemas.PresenceAvailable, Status: status,
				Routing: routing})
	}
}

// BenchmarkJudgeWeek says how many changes a second one core judges, and that no memory is allocated once the Judge has
// its own.
func BenchmarkJudgeWeek(b *testing.B) { judgeWeek(b, benchWeek(b)) }

// BenchmarkJudgeWeekBySource does so with three sources of which every third change comes from another one: by the
// latest change, and with preferred sources for each field.
func BenchmarkJudgeWeekBySource(b *testing.B) {
	preferred := schemas.DefaultPolicy()
	preferred.Prefer = [3][]string{{"acd", "crm"}, {"acd", "crm"}, {"acd"}}
	for _, c := range []struct {
		name   string
		policy schemas.Policy
	}{{"latest", schemas.DefaultPolicy()}, {"preferred", preferred}} {
		b.Run(c.name, func(b *testing.B) {
			in := benchWeek(b)
			in.Sources = []adherence.Source{{}, {Name: "acd"}, {Name: "crm"}, {Name: "self"}}
			in.Rules = adherence.Compile(c.policy, nil)
			for i := range in.Facts {
				in.Facts[i].Source = []uint8{1, 1, 2, 1, 1, 3}[i%6]
			}
			judgeWeek(b, in)
		})
	}
}

func judgeWeek(b *testing.B, in *adherence.Input) {
	b.Helper()
	var j adherence.Judge
	var days []schemas.AgentDay
	var err error
	b.ReportAllocs()
	for b.Loop() {
		if days, err = j.Days(in, days[:0]); err != nil || len(days) != 7 {
			b.Fatalf("%d days, %v", len(days), err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(in.Facts))/b.Elapsed().Seconds(), "changes/s")
}
