package batch_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/schemas"
)

// supposition is an overlay of everything at once: rules from a date on, a correction, one taken back, a schedule day
// replaced and another of an agent whom nothing stored names.
func (c *centre) supposition() *batch.Overlay {
	p := schemas.DefaultPolicy()
	p.OnQueueRule, p.ExceptionThresholdMS = schemas.OnQueueEither, 7*schemas.MinuteMS
	rules, err := p.MarshalJSON()
	must(c.t, err)
	o := &batch.Overlay{
		Policies: []schemas.PolicyVersion{{ID: uuid.NewString(), Team: "T", From: monday + 2, Rules: string(rules),
			RecordedAt: c.now}},
		Corrections: []schemas.Correction{{ID: uuid.NewString(), AgentID: agent(1), Start: c.at(3),
			Effect: schemas.EffectNeutral, RecordedAt: c.now}},
	}
	o.Corrections[0].End = o.Corrections[0].Start.Add(20 * schemas.HourMS)
	stored, err := c.s.Corrections(c.t.Context(), schemas.Interval{}, 0)
	must(c.t, err)
	for _, x := range stored {
		x.Effect, x.RecordedAt = schemas.EffectNone, c.now
		o.Corrections = append(o.Corrections, x)
	}
	for _, who := range []string{agent(2), "new", "New"} { // in byte order one comes after all others, one before
		start := schemas.UTC.DayStart(monday + 9).Add(9 * schemas.HourMS)
		o.Schedule = append(o.Schedule, schemas.ScheduleDay{AgentID: who, Day: monday + 9, Activities: []schemas.Activity{
			{Start: start, End: start.Add(8 * schemas.HourMS), Category: schemas.CategoryOnQueueWork, Shift: "n"}}})
	}
	for d := range schemas.Date(6) {
		o.Schedule = append(o.Schedule, schemas.ScheduleDay{AgentID: agent(0), Day: monday + d, Removed: true})
	}
	return o
}

// write puts the overlay into the store.
func (c *centre) write(o *batch.Overlay) {
	ctx := c.t.Context()
	versions, err := c.s.Policies(ctx, 0)
	must(c.t, err)
	policies := slices.Clone(o.Policies)
	for _, v := range versions { // later versions of the scope give way too
		if v.From > o.Policies[0].From {
			v.ID, v.Rules, v.RecordedAt = uuid.NewString(), o.Policies[0].Rules, c.now
			policies = append(policies, v)
		}
	}
	must(c.t, c.s.WritePolicies(ctx, c.row(schemas.JournalPolicy), policies))
	must(c.t, c.s.WriteCorrections(ctx, c.row(schemas.JournalCorrection), o.Corrections))
	must(c.t, c.s.WriteSchedule(ctx, c.row(schemas.JournalSchedule),
		schemas.Revision{ID: uuid.NewString(), RecordedAt: c.now},
		func(yield func(*schemas.ScheduleDay, error) bool) {
			for i := range o.Schedule {
				if !yield(&o.Schedule[i], nil) {
					return
				}
			}
		}))
}

// Agents whom only a schedule names are judged, also before anybody is in a roster or a fact, and count as agents.
func TestAScheduleAloneIsJudged(t *testing.T) {
	s := newStore(t)
	c := centre{t: t, s: s, now: schemas.UTC.DayStart(monday + 2)}
	c.plan("new", monday, c.now, 9, 17)
	b, err := batch.New(batch.DefaultConfig(), s)
	must(t, err)
	m := &memory{}
	_, err = b.Judge(t.Context(), batch.Request{From: monday, To: monday, AsOf: c.now, Version: c.now},
		func() batch.Sink { return m }, func(agents, of int) {
			if agents != 1 || of != 1 {
				t.Errorf("%d of %d agents are judged", agents, of)
			}
		})
	must(t, err)
	if len(m.rows) != 1 || m.rows[0].AgentID != "new" {
		t.Errorf("got %+v", m.rows)
	}
}

func (c *centre) lines(m *memory) (out []string) {
	for i := range m.rows {
		out = append(out, text(c.t, &m.rows[i].AgentDay)+m.rows[i].AgentID)
	}
	slices.Sort(out)
	return out
}

// What would be is exactly what is once it has been written, and supposing changes nothing that is stored.
func TestAnOverlayIsWhatWritingItWouldGive(t *testing.T) {
	c := newCentre(t, 8)
	start := c.at(2)
	must(t, c.s.WriteCorrections(t.Context(), c.row(schemas.JournalCorrection),
		[]schemas.Correction{{ID: "old", AgentID: agent(3), Start: start,
			End: start.Add(30 * schemas.HourMS), Effect: schemas.EffectIn, RecordedAt: c.now}}))
	for range 60 {
		c.step()
		c.now++
	}
	c.now = max(c.now, schemas.UTC.DayStart(monday+12))
	o := c.supposition()
	req := batch.Request{From: monday - 5, To: monday + 12, AsOf: c.now, Version: c.now, Fresh: true}
	asIs := judge(t, c.s, req)
	with := req
	with.Overlay = o
	supposed := judge(t, c.s, with)
	var before, after, changed []string
	must(t, c.batch.Compare(t.Context(), req, o, func(pairs []batch.Pair) error {
		for _, p := range pairs {
			if p.Before != nil {
				before = append(before, p.Before.AgentID+p.Before.Day.String()+fmt.Sprint(p.Before.Sums, p.Before.ExceptionCount))
			}
			if p.After != nil {
				after = append(after, p.After.AgentID+p.After.Day.String()+fmt.Sprint(p.After.Sums, p.After.ExceptionCount))
			}
			if p.Changed() {
				changed = append(changed, cmp.Or(p.After, p.Before).AgentID)
			}
		}
		return nil
	}, nil))
	for name, side := range map[string]struct {
		got  []string
		want *memory
	}{"as it is": {before, asIs}, "with the overlay": {after, supposed}} {
		var want []string
		for i := range side.want.rows {
			r := &side.want.rows[i]
			want = append(want, r.AgentID+r.Day.String()+fmt.Sprint(r.Sums, len(r.Exceptions)))
		}
		slices.Sort(want)
		slices.Sort(side.got)
		if !slices.Equal(side.got, want) {
			t.Errorf("compared %s: %d days, judged %d", name, len(side.got), len(want))
		}
	}
	if !slices.Contains(changed, agent(0)) || !slices.Contains(changed, "new") ||
		!slices.Contains(changed, "New") {
		t.Errorf("the overlay changed days of %v only", changed)
	}
	if again := judge(t, c.s, req); !slices.Equal(c.lines(again), c.lines(asIs)) {
		t.Error("supposing changed what is stored")
	}
	c.write(o)
	if really := judge(t, c.s, req); !slices.Equal(c.lines(really), c.lines(supposed)) {
		t.Errorf("written it is\n%v\nsupposed it was\n%v", c.lines(really), c.lines(supposed))
	}
}

// worked writes a day on which the agent works ms of eight hours, and one like it of another team.
func (c *centre) worked(who, team string, ms int64) {
	c.t.Helper()
	ctx := c.t.Context()
	start := schemas.UTC.DayStart(monday).Add(9 * schemas.HourMS)
	end := start.Add(8 * schemas.HourMS)
	must(c.t, c.s.WriteRoster(ctx, c.row(schemas.JournalRoster),
		[]schemas.Membership{{AgentID: who, Name: strings.ToUpper(who), Team: team, TimeZone: "UTC", RecordedAt: c.now}}))
	must(c.t, c.s.WriteSchedule(ctx, c.row(schemas.JournalSchedule),
		schemas.Revision{ID: uuid.NewString(), RecordedAt: c.now}, func(yield func(*schemas.ScheduleDay, error) bool) {
			yield(&schemas.ScheduleDay{AgentID: who, Day: monday,
				Activities: []schemas.Activity{{Start: start, End: end, Category: schemas.CategoryOnQueueWork, Shift: "s"}}}, nil)
		}))
	on := schemas.Change{
		Source:     "acd",
		AgentID:    who,
		At:         start,
		Presence:   schemas.PresenceAvailable,
		Status:     schemas.StatusAvailable,
		Routing:    schemas.RoutingIdle,
		ReceivedAt: c.now,
		ID:         "on",
	}
	off := schemas.Change{
		Source:     "acd",
		AgentID:    who,
		At:         start.Add(ms),
		Presence:   schemas.PresenceAway,
		Status:     schemas.StatusBreak,
		Routing:    schemas.RoutingOffQueue,
		ReceivedAt: c.now,
		ID:         "off",
	}
	must(c.t, c.s.WriteChanges(ctx, c.row(schemas.JournalChanges), []schemas.Change{on, off}))
}

// A tolerance lifts who was just below the target, a higher target drops who was just above it, and the team's figure
// is the quotient of the sums.
func TestWhatIfTellsWhoCrossesTheTarget(t *testing.T) {
	c := newCentre(t, 1)
	c.worked("low", "B", 7*schemas.HourMS)                      // 87.5 %
	c.worked("high", "B", 7*schemas.HourMS+50*schemas.MinuteMS) // 97.92 %
	c.worked("other", "C", 4*schemas.HourMS)
	c.now = schemas.UTC.DayStart(monday + 3)
	ask := func(document string) *batch.Outcome {
		t.Helper()
		p, err := schemas.ParsePolicy([]byte(document))
		must(t, err)
		rules, err := p.MarshalJSON()
		must(t, err)
		out, err := c.batch.WhatIf(t.Context(), batch.WhatIf{From: monday, To: monday + 2, Teams: []string{"B"}, AsOf: c.now,
			Overlay: &batch.Overlay{Policies: []schemas.PolicyVersion{{ID: "supposed", Team: "B", From: monday,
				Rules: string(rules)}}}})
		must(t, err)
		return out
	}
	crossing := func(o *batch.Outcome) (out []string) {
		for _, d := range o.Agents {
			if d.Crosses != batch.CrossesNot {
				out = append(out, d.AgentID+" "+string(d.Crosses))
			}
		}
		return out
	}
	lenient := ask("tolerance: {default: {end_early: 1h}}")
	if got := crossing(lenient); !slices.Equal(got, []string{"low up"}) {
		t.Errorf("a tolerance makes %v cross", got)
	}
	j := lenient.Teams[0].JSON()
	if len(lenient.Teams) != 1 || j.Team != "B" || j.Days != 2 || *j.AdherenceBefore != 92.71 ||
		*j.AdherenceAfter != 100 || j.ExceptionsBefore != 2 || j.ExceptionsAfter != 0 || j.AgentsUp != 1 {
		t.Errorf("the team comes out as %+v", j)
	}
	strict := ask("target_percent: 98")
	if got := crossing(strict); !slices.Equal(got, []string{"high down"}) || strict.All.Changed != 0 ||
		strict.All.Crosses != batch.CrossesDown {
		t.Errorf("a higher target makes %v cross, %+v", got, strict.All)
	}
	for name, q := range map[string]batch.WhatIf{
		"ten years":  {From: monday - 3650, To: monday},
		"backwards":  {From: monday, To: monday - 1},
		"the future": {From: monday + 30, To: monday + 31},
		"nobody":     {From: monday, To: monday, Teams: []string{"Z"}},
	} {
		q.AsOf = c.now
		if _, err := c.batch.WhatIf(t.Context(), q); !errors.Is(err, batch.ErrBadQuestion) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkWhatIf judges every day of a simulated centre twice; one op is the whole of it.
func BenchmarkWhatIf(b *testing.B) {
	s, w := simulated(b, benchAgents(b))
	judge, err := batch.New(batch.DefaultConfig(), s)
	must(b, err)
	p := schemas.DefaultPolicy()
	p.ExceptionThresholdMS = schemas.MinuteMS
	rules, err := p.MarshalJSON()
	must(b, err)
	q := batch.WhatIf{From: benchUntil - 7, To: benchUntil + 1, AsOf: schemas.UTC.DayStart(benchUntil + 3),
		Overlay: &batch.Overlay{Policies: []schemas.PolicyVersion{{ID: "supposed", From: benchUntil - 7,
			Rules: string(rules)}}}}
	b.ReportAllocs()
	for b.Loop() {
		out, err := judge.WhatIf(b.Context(), q)
		must(b, err)
		if out.All.Changed == 0 {
			b.Fatal("a threshold changes nothing")
		}
	}
	b.ReportMetric(2*float64(w.Status)*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}
