package adherence_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// storeInput is an input as the store has it: nothing is declared, absence goes by day. Two days from 2026-03-02 with
// on-queue work from 09:00 to 10:00 and a break from 10:00 to 11:00 each.
func storeInput() *adherence.Input {
	monday := schemas.Instant(int64(schemas.MakeDate(2026, 3, 2)) * schemas.DayMS)
	in := &adherence.Input{
		AgentID: "ana",
		Zones:   []adherence.ZoneSpan{{Zone: schemas.UTC}},
		AsOf:    monday.Add(2 * schemas.DayMS),
		Rules:   adherence.Compile(schemas.DefaultPolicy(), nil),
		From:    adherence.FirstDate,
		To:      adherence.LastDate,
	}
	for d := range int64(2) {
		nine := monday.Add(d*schemas.DayMS + 9*schemas.HourMS)
		in.Activities = append(in.Activities,
			schemas.Activity{Start: nine, End: nine.Add(schemas.HourMS), Category: schemas.CategoryOnQueueWork},
			schemas.Activity{Start: nine.Add(schemas.HourMS), End: nine.Add(2 * schemas.HourMS),
				Category: schemas.CategoryBreak})
		in.Facts = append(in.Facts,
			schemas.Fact{At: nine, Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable},
			schemas.Fact{At: nine.Add(schemas.HourMS), Presence: schemas.PresenceAway, Status: schemas.StatusBreak})
	}
	return in
}

// verdicts writes, day by day, the verdicts on scheduled time and their minutes.
func verdicts(t *testing.T, in *adherence.Input) string {
	t.Helper()
	var j adherence.Judge
	days, err := j.Days(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range days {
		out = append(out, fmt.Sprintf("%s in %d out %d unknown %d", d.Day.String()[8:], d.InMS/schemas.MinuteMS,
			d.OutMS/schemas.MinuteMS, d.UnknownMS/schemas.MinuteMS))
	}
	return strings.Join(out, "; ")
}

// A field is absent on a day up to whose end no fact of the agent has named it (RULES.md section 3).
func TestAFieldIsAbsentUntilTheDayOnWhichItIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*adherence.Input)
	}{
		{"never named", "02 in 120 out 0 unknown 0; 03 in 120 out 0 unknown 0", func(*adherence.Input) {}},
		{"named on the second day: unknown on it until then, still absent on the first",
			"02 in 120 out 0 unknown 0; 03 in 90 out 0 unknown 30", func(in *adherence.Input) {
				at := in.Facts[2].At.Add(30 * schemas.MinuteMS)
				in.Facts = append(in.Facts[:3:3], schemas.Fact{At: at, Routing: schemas.RoutingIdle}, in.Facts[3])
			}},
		{"named before, and no longer believed", "02 in 60 out 0 unknown 60; 03 in 60 out 0 unknown 60",
			func(in *adherence.Input) {
				in.NamedBefore = adherence.Named{2: schemas.MinInstant}
			}},
		{"declared by its feed, and never reported", "02 in 60 out 0 unknown 60; 03 in 60 out 0 unknown 60",
			func(in *adherence.Input) {
				in.Declared = schemas.FieldRouting
			}},
		{"a fact after as_of does not exist", "02 in 120 out 0 unknown 0", func(in *adherence.Input) {
			in.AsOf = in.Activities[1].End
			in.Facts[2].Routing = schemas.RoutingOffQueue
		}},
		{"a shift over midnight ends its day: what it names is not absent", "02 in 90 out 0 unknown 90",
			func(in *adherence.Input) {
				a := schemas.Activity{Start: in.Activities[0].Start.Add(14 * schemas.HourMS), Category: schemas.CategoryOnQueueWork}
				a.End = a.Start.Add(2 * schemas.HourMS)
				in.Activities = []schemas.Activity{a,
					{Start: a.End, End: a.End.Add(schemas.HourMS), Category: schemas.CategoryBreak}}
				in.Facts[0].At, in.Facts[1].At, in.Facts[2].At = a.Start, a.End.Add(-30*schemas.MinuteMS), a.End
				in.Facts[1] = schemas.Fact{At: in.Facts[1].At, Routing: schemas.RoutingIdle}
				in.Facts[2].Status = schemas.StatusBreak
				in.Facts = in.Facts[:3]
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := storeInput()
			c.change(in)
			if got := verdicts(t, in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A gap makes the fields unknown that its feed supplies, and no others.
func TestAGapOfOneFeedLeavesTheFieldsOfAnother(t *testing.T) {
	in := storeInput()
	in.Gaps = []schemas.Gap{{Start: in.Activities[0].Start, End: in.Activities[1].End, Fields: schemas.FieldPresence}}
	if got, want := verdicts(t, in), "02 in 60 out 0 unknown 60; 03 in 120 out 0 unknown 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An agent who moves to another zone has shifts on the dates of the zone in force when they start.
func TestDatesAreThoseOfTheRosterRowInForce(t *testing.T) {
	auckland, err := schemas.LoadZone("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	in := storeInput()
	for i := range in.Activities { // 12 hours later: 21:00 UTC, the next date in Auckland
		in.Activities[i].Start, in.Activities[i].End = in.Activities[i].Start.Add(12*schemas.HourMS),
			in.Activities[i].End.Add(12*schemas.HourMS)
		in.Facts[i].At = in.Facts[i].At.Add(12 * schemas.HourMS)
	}
	in.Zones = append(in.Zones, adherence.ZoneSpan{Start: in.Activities[2].Start.Add(-schemas.HourMS), Zone: auckland})
	if got, want := verdicts(t, in), "02 in 120 out 0 unknown 0; 04 in 120 out 0 unknown 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheJudgeAllocatesNothingOnceItHasItsMemory(t *testing.T) {
	in := storeInput()
	var j adherence.Judge
	var days []schemas.AgentDay
	allocations := testing.AllocsPerRun(50, func() {
		var err error
		if days, err = j.Days(in, days[:0]); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 || len(days) != 2 {
		t.Errorf("%v allocations for %d days", allocations, len(days))
	}
}
