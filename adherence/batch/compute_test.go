package batch_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// centre is a small organisation whose history is written bit by bit.
type centre struct {
	t     *testing.T
	s     *chstore.Store
	r     *rand.Rand
	now   schemas.Instant
	batch *batch.Batch
}

var monday = schemas.MakeDate(2026, 3, 2)

func newCentre(t *testing.T, seed uint64) *centre {
	t.Helper()
	b, err := batch.New(batch.DefaultConfig(), nil)
	must(t, err)
	c := &centre{t: t, s: newStore(t), r: rand.New(rand.NewPCG(seed, 1)), now: schemas.UTC.DayStart(monday), batch: b}
	c.batch, err = batch.New(batch.DefaultConfig(), c.s)
	must(t, err)
	for i := range 4 {
		zone := []string{"Europe/London", "America/New_York"}[i%2]
		must(t, c.s.WriteRoster(t.Context(), c.row(schemas.JournalRoster),
			[]schemas.Membership{{AgentID: agent(i), Name: agent(i),
				Team: "T", TimeZone: zone, From: monday - 30, RecordedAt: c.now}}))
	}
	return c
}

func agent(i int) string { return fmt.Sprintf("a%d", i) }

func (c *centre) row(kind schemas.JournalKind) schemas.JournalRow { return row(kind, c.now) }

func (c *centre) at(days int) schemas.Instant {
	return schemas.UTC.DayStart(monday).Add(c.r.Int64N(int64(days)*24*12) * 5 * schemas.MinuteMS)
}

// step writes something at random: facts new, late or repeated, a schedule day, a gap, a correction, a policy, how far
// a feed is complete, which may take an earlier statement back, or lets time pass.
func (c *centre) step() string {
	ctx := c.t.Context()
	who := agent(c.r.IntN(4))
	source := []string{"acd", "crm"}[c.r.IntN(2)]
	switch c.r.IntN(9) {
	case 0, 1, 2:
		var changes []schemas.Change
		for range 1 + c.r.IntN(4) {
			ch := schemas.Change{Source: source, AgentID: who, At: c.at(6), ReceivedAt: c.now}
			if c.r.IntN(3) > 0 {
				ch.Presence = schemas.Presence(2 + c.r.IntN(4))
			}
			ch.Status = schemas.Status(2 + c.r.IntN(6))
			if c.r.IntN(3) > 0 {
				ch.Routing = schemas.Routing(2 + c.r.IntN(5))
			}
			ch.ID = ch.ContentID()
			changes = append(changes, ch)
		}
		must(c.t, c.s.WriteChanges(ctx, c.row(schemas.JournalChanges), changes))
		return "facts of " + who
	case 3:
		return c.schedule(who)
	case 4:
		start := c.at(5)
		g := schemas.Gap{ID: uuid.NewString(), Source: source, Start: start, End: start.Add(schemas.HourMS),
			RecordedAt: c.now}
		r := c.row(schemas.JournalGaps)
		r.Range = schemas.Interval{Start: g.Start, End: g.End}
		must(c.t, c.s.WriteGaps(ctx, r, []schemas.Gap{g}))
		return "a gap"
	case 5:
		p := schemas.DefaultPolicy()
		p.OffQueueEquivalent = c.r.IntN(2) == 0
		p.ExceptionThresholdMS = c.r.Int64N(20) * schemas.MinuteMS
		p.CarryForwardMS = []int64{2, 12, 168}[c.r.IntN(3)] * schemas.HourMS
		p.Day = []schemas.DayRule{schemas.DayShiftStart, schemas.DayMidnight}[c.r.IntN(2)]
		p.Prefer[c.r.IntN(3)] = [][]string{nil, {"acd"}, {"crm", "acd"}}[c.r.IntN(3)]
		rules, err := p.MarshalJSON()
		must(c.t, err)
		v := schemas.PolicyVersion{ID: uuid.NewString(), Team: "T", From: monday + schemas.Date(c.r.IntN(6)),
			Rules: string(rules), RecordedAt: c.now}
		r := c.row(schemas.JournalPolicy)
		r.Range = schemas.Interval{Start: schemas.UTC.DayStart(v.From - 1), End: schemas.UTC.DayStart(monday + 20)}
		must(c.t, c.s.WritePolicies(ctx, r, []schemas.PolicyVersion{v}))
		return "a policy"
	case 6, 7:
		f := schemas.Feed{Source: source, CompleteUpTo: c.at(6), LastSeen: c.now, RecordedAt: c.now}
		must(c.t, c.s.WriteFeeds(ctx, c.row(schemas.JournalComplete), []schemas.Feed{f}))
		return source + " is complete up to " + f.CompleteUpTo.String()
	default:
		c.now = c.now.Add(c.r.Int64N(30) * schemas.HourMS)
		return "time passes"
	}
}

// schedule replaces one day of an agent, or takes it away.
func (c *centre) schedule(who string) string {
	day := monday + schemas.Date(c.r.IntN(6))
	start := schemas.UTC.DayStart(day).Add(c.r.Int64N(23) * schemas.HourMS)
	d := schemas.ScheduleDay{AgentID: who, Day: day, Removed: c.r.IntN(5) == 0}
	if !d.Removed {
		d.Activities = []schemas.Activity{
			{Start: start, End: start.Add(2 * schemas.HourMS), Category: schemas.CategoryOnQueueWork, Code: "Phones",
				Shift: "s"},
			{Start: start.Add(2 * schemas.HourMS), End: start.Add(150 * schemas.MinuteMS), Category: schemas.CategoryBreak,
				Code: "Break", Shift: "s"},
			{Start: start.Add(150 * schemas.MinuteMS), End: start.Add(5 * schemas.HourMS), Category: schemas.CategoryOnQueueWork,
				Code: "Phones", Shift: "s"},
		}
	}
	r := c.row(schemas.JournalSchedule)
	span := schemas.Interval{Start: schemas.UTC.DayStart(day), End: schemas.UTC.DayStart(day + 3)}
	r.Agents, r.Ranges, r.Range = []string{who}, []schemas.Interval{span}, span
	// Another revision may have put an overlapping shift on the day before: leave such a day alone.
	if c.overlaps(who, day, d.Activities) {
		return "nothing"
	}
	must(c.t, c.s.WriteSchedule(c.t.Context(), r, schemas.Revision{ID: uuid.NewString(), RecordedAt: c.now},
		func(yield func(*schemas.ScheduleDay, error) bool) {
			yield(&d, nil)
		}))
	return "a schedule of " + who
}

func (c *centre) overlaps(who string, day schemas.Date, acts []schemas.Activity) bool {
	found := false
	must(c.t, c.s.ScheduleDays(c.t.Context(),
		chstore.ScheduleQuery{Selection: chstore.Selection{Agents: []string{who}}, From: day - 2, To: day + 2},
		func(_ string, days []schemas.ScheduleDay) error {
			for _, d := range days {
				for _, old := range d.Activities {
					found = found || d.Day != day &&
						slices.ContainsFunc(acts, func(a schemas.Activity) bool { return a.Interval().Overlaps(old.Interval()) })
				}
			}
			return nil
		}))
	return found
}

func (c *centre) compute() batch.Summary {
	c.t.Helper()
	sum, err := c.batch.Compute(c.t.Context(), batch.Run{ID: uuid.NewString(), Now: c.now},
		func() batch.Sink { return c.s.NewDayWriter(c.t.Context(), batch.Against) })
	must(c.t, err)
	return sum
}

// stored lists what the store holds, by agent and day.
func (c *centre) stored() []string {
	var out []string
	q := chstore.DayQuery{From: monday - 10, To: monday + 30, Exceptions: true, ByAgent: true}
	must(c.t, c.s.DayRows(c.t.Context(), q, func(d *schemas.DayRow) error {
		out = append(out, d.AgentID+" "+d.Policy+" "+text(c.t, &d.AgentDay))
		return nil
	}))
	return out
}

// fresh lists what a judgement of everything says.
func (c *centre) fresh() []string {
	var out []string
	m := judge(c.t, c.s, batch.Request{From: monday - 10, To: monday + 30, AsOf: c.now, Version: c.now, Fresh: true})
	for i := range m.rows {
		out = append(out, m.rows[i].AgentID+" "+m.rows[i].Policy+" "+text(c.t, &m.rows[i].AgentDay))
	}
	return out
}

// Whatever is written in whatever order, judging only what the journal says is dirty comes to exactly what judging
// everything comes to; and a second run finds nothing to do.
func TestIncrementalEqualsRecompute(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := newCentre(t, seed)
			var steps []string
			for range 8 {
				for range 1 + c.r.IntN(4) {
					steps = append(steps, c.step())
					c.now++
				}
				c.compute()
				if got, want := c.stored(), c.fresh(); !slices.Equal(got, want) {
					t.Fatalf("after %v at %s\nstored %v\nfresh  %v", steps, c.now, got, want)
				}
			}
			if again := c.compute(); again.Written+again.Deleted+again.Days > 0 {
				t.Errorf("a second run with nothing new judged %+v", again)
			}
		})
	}
}

// While an agent is erased nothing is judged, and nothing that is dirty is forgotten.
func TestComputeWaitsForAnErasure(t *testing.T) {
	c := newCentre(t, 1)
	for range 30 {
		c.step()
		c.now++
	}
	if _, err := c.s.Pseudonym(t.Context(), agent(0), "erased-7"); err != nil {
		t.Fatal(err)
	}
	none := func() batch.Sink { t.Error("something is written"); return nil }
	if _, err := c.batch.Compute(t.Context(), batch.Run{ID: uuid.NewString(), Now: c.now}, none); !errors.Is(err,
		batch.ErrErasing) {
		t.Errorf("the error is %v", err)
	}
	must(t, c.s.ErasureEnded(t.Context(), agent(0)))
	if c.compute(); len(c.stored()) == 0 || !slices.Equal(c.stored(), c.fresh()) {
		t.Errorf("after the erasure is stored %v, want %v", c.stored(), c.fresh())
	}
}
