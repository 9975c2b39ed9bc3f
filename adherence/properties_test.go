package adherence_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rollcall/adherence"
	"rollcall/schemas"
)

// randomCase draws a random valid case and a source of more chance.
func randomCase(t *rapid.T) (*adherence.Case, *rand.Rand) {
	seed := rapid.Uint64().Draw(t, "seed")
	r := rand.New(rand.NewPCG(seed, 7))
	data, err := json.Marshal(genCase(r))
	if err != nil {
		t.Fatal(err)
	}
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return c, r
}

// line judges an input and returns the result as JSON with every interval, for comparing.
func line(t *rapid.T, in *adherence.Input) string {
	var j adherence.Judge
	return lineOf(t, &j, in)
}

func lineOf(t *rapid.T, j *adherence.Judge, in *adherence.Input) string {
	days, err := j.Days(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(days)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestScheduledTimeIsPartitionedExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := randomCase(t)
		result, err := c.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		var scheduled int64
		for i := range result.Days {
			checkDay(t, &result.Days[i])
			scheduled += result.Days[i].ScheduledMS
		}
		var planned int64
		for _, a := range c.Activities {
			planned += max(min(a.End, c.AsOf).Sub(a.Start), 0)
		}
		if planned != scheduled {
			t.Fatalf("%d ms are scheduled up to as_of, the days have %d", planned, scheduled)
		}
	})
}

func checkDay(t *rapid.T, d *schemas.AgentDay) {
	if d.ScheduledMS != d.InMS+d.ToleratedMS+d.OutMS+d.NeutralMS+d.IgnoredMS+d.UnknownMS {
		t.Fatalf("%s: %+v is no partition", d.Day, d.Sums)
	}
	var scheduled, exceptions int64
	var last schemas.Instant
	for _, v := range d.Intervals {
		if v.Start < last || v.End <= v.Start {
			t.Fatalf("%s: interval %+v starts before %s or is empty", d.Day, v, last)
		}
		last = v.End
		if v.Activity >= 0 {
			a := d.Activities[v.Activity]
			if v.Start < a.Start || v.End > a.End {
				t.Fatalf("%s: interval %+v lies outside its activity %+v", d.Day, v, a)
			}
			scheduled += v.End.Sub(v.Start)
		}
	}
	for _, e := range d.Exceptions {
		exceptions += e.MS
		at := e.Start
		for _, p := range e.Parts {
			if p.Start != at || p.End <= p.Start {
				t.Fatalf("%s: part %+v does not follow at %s", d.Day, p, at)
			}
			at = p.End
		}
		if at != e.End || e.MS != e.End.Sub(e.Start) {
			t.Fatalf("%s: parts of %+v end at %s", d.Day, e, at)
		}
	}
	if scheduled != d.ScheduledMS || exceptions != d.OutMS+d.OutsideMS {
		t.Fatalf("%s: intervals hold %d of %d ms scheduled, exceptions %d of %d ms", d.Day, scheduled, d.ScheduledMS,
			exceptions,
			d.OutMS+d.OutsideMS)
	}
	for name, p := range map[string]schemas.Percent{"adherence": d.Adherence(), "coverage": d.Coverage()} {
		if v, ok := p.Value(); ok && !(v >= 0 && v <= 100) {
			t.Fatalf("%s: %s is %v %%", d.Day, name, v)
		}
	}
}

func TestOrderOfLinesAndRepeatedLinesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, r := randomCase(t)
		want := line(t, c.Input())
		groups := map[schemas.Instant][]schemas.Change{} // at one instant the order of receipt does matter
		var order []schemas.Instant
		for _, f := range c.Changes {
			if groups[f.At] == nil {
				order = append(order, f.At)
			}
			groups[f.At] = append(groups[f.At], f)
		}
		r.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
		c.Changes = nil
		for _, at := range order {
			c.Changes = append(c.Changes, groups[at]...)
		}
		for range 3 {
			if len(c.Changes) > 0 { // the first receipt counts: a copy may come anywhere after it
				i := r.IntN(len(c.Changes))
				c.Changes = slices.Insert(c.Changes, i+1+r.IntN(len(c.Changes)-i), c.Changes[i])
			}
		}
		if got := line(t, c.Input()); got != want {
			t.Fatalf("\n got %s\nwant %s", got, want)
		}
	})
}

// Days one at a time, by one Judge that is used again, with no more context than Context asks for, equal days together.
func TestDaysOneAtATimeEqualDaysTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, r := randomCase(t)
		in := c.Input()
		var all, one adherence.Judge
		days, err := all.Days(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(days) == 0 {
			return
		}
		byDate := map[schemas.Date]string{}
		for i := range days {
			data, _ := json.Marshal(days[i : i+1])
			byDate[days[i].Day] = string(data)
		}
		for d := days[0].Day - 1; d <= days[len(days)-1].Day+1; d++ {
			want := byDate[d]
			if want == "" {
				want = "null"
			}
			if got := lineOf(t, &one, narrowed(c, in, d, d, r)); got != want {
				t.Fatalf("day %s alone\n got %s\nwant %s", d, got, want)
			}
		}
	})
}

// narrowed returns the input for some dates with a random amount of context, at least what Context asks for.
func narrowed(c *adherence.Case, in *adherence.Input, from, to schemas.Date, r *rand.Rand) *adherence.Input {
	part := *in
	part.From, part.To = from, to
	before, after := in.Rules.Context()
	more := r.Int64N(3) * schemas.DayMS
	start, end := c.Zone.DayStart(from).Add(-before-more), c.Zone.DayStart(to+1).Add(after+more)
	if c.Policy.CreditContact {
		start = schemas.MinInstant // a credited contact may be as old as you like
	}
	part.Facts, part.Activities = newestBefore(in.Facts, start), nil
	for _, f := range in.Facts {
		if f.At >= start && f.At < end {
			part.Facts = append(part.Facts, f)
		}
	}
	for _, a := range in.Activities {
		if a.End > start && a.Start < end {
			part.Activities = append(part.Activities, a)
		}
	}
	return &part
}

// newestBefore returns, in order, the facts before an instant that are for their source the newest to name a field.
func newestBefore(facts []schemas.Fact, start schemas.Instant) (newest []schemas.Fact) {
	type key struct {
		source uint8
		field  int
	}
	seen := map[key]bool{}
	for _, f := range slices.Backward(facts) {
		names := [3]bool{f.Presence != 0, f.Status != 0, f.Routing != 0}
		first := false
		for field := range names {
			k := key{f.Source, field}
			if f.At < start && names[field] && !seen[k] {
				seen[k], first = true, true
			}
		}
		if first {
			newest = append(newest, f)
		}
	}
	slices.Reverse(newest)
	return newest
}

func TestAWholeWeekLaterTheFiguresAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := randomCase(t)
		c.Zone = schemas.UTC // other zones may change their clocks in between
		before, err := c.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		later := *c
		later.AsOf = c.AsOf.Add(7 * schemas.DayMS)
		later.Activities = slices.Clone(c.Activities)
		for i := range later.Activities {
			later.Activities[i].Start, later.Activities[i].End = c.Activities[i].Start.Add(7*schemas.DayMS),
				c.Activities[i].End.Add(7*schemas.DayMS)
		}
		later.Changes = slices.Clone(c.Changes)
		for i := range later.Changes {
			later.Changes[i].At = c.Changes[i].At.Add(7 * schemas.DayMS)
		}
		later.Gaps = slices.Clone(c.Gaps)
		for i := range later.Gaps {
			later.Gaps[i].Start, later.Gaps[i].End = c.Gaps[i].Start.Add(7*schemas.DayMS), c.Gaps[i].End.Add(7*schemas.DayMS)
		}
		later.Complete = slices.Clone(c.Complete)
		for i := range later.Complete {
			later.Complete[i].CompleteUpTo = c.Complete[i].CompleteUpTo.Add(7 * schemas.DayMS)
		}
		later.Corrections = slices.Clone(c.Corrections)
		for i := range later.Corrections {
			later.Corrections[i].Start, later.Corrections[i].End = c.Corrections[i].Start.Add(7*schemas.DayMS),
				c.Corrections[i].End.Add(7*schemas.DayMS)
		}
		after, err := later.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		if len(before.Days) != len(after.Days) {
			t.Fatalf("%d days, a week later %d", len(before.Days), len(after.Days))
		}
		for i := range before.Days {
			b, a := &before.Days[i], &after.Days[i]
			if a.Day != b.Day+7 || a.Sums != b.Sums || a.AdherenceReason != b.AdherenceReason ||
				len(a.Exceptions) != len(b.Exceptions) {
				t.Fatalf("%+v\na week later %+v", b, a)
			}
		}
	})
}

func TestWiderToleranceNeverLowersAdherence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, r := randomCase(t)
		before, err := c.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		wider := *c
		wider.Policy.Tolerance = map[schemas.Category]schemas.Edges{}
		more := r.Int64N(40) * schemas.MinuteMS
		for category := schemas.CategoryOnQueueWork; category < schemas.CategoryUnscheduled; category++ {
			e := c.Policy.EdgesOf(category)
			wider.Policy.Tolerance[category] = schemas.Edges{StartEarlyMS: e.StartEarlyMS + more, StartLateMS: e.StartLateMS +
				more,
				EndEarlyMS: e.EndEarlyMS + more, EndLateMS: e.EndLateMS + more}
		}
		after, err := wider.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		for i := range before.Days {
			b, a := &before.Days[i], &after.Days[i]
			if a.OutMS > b.OutMS || a.InMS != b.InMS || a.OutMS+a.ToleratedMS != b.OutMS+b.ToleratedMS {
				t.Fatalf("%s: %+v became %+v", b.Day, b.Sums, a.Sums)
			}
		}
	})
}

// Section 7: the final verdict of a minute differs from the one judged "so far" only through tolerance and threshold.
func TestSoFarDiffersOnlyThroughToleranceAndThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, r := randomCase(t)
		final, err := c.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		if len(final.Days) == 0 || len(final.Days[0].Intervals) == 0 {
			return
		}
		last := final.Days[len(final.Days)-1].Intervals
		first := final.Days[0].Intervals[0].Start
		early := *c
		early.AsOf = min(c.AsOf, first.Add(r.Int64N(last[len(last)-1].End.Sub(first)+1)))
		soFar, err := early.Evaluate()
		if err != nil {
			t.Fatal(err)
		}
		ended := intervalsOf(final)
		for _, v := range intervalsOf(soFar) {
			f := ended[slices.IndexFunc(ended,
				func(o schemas.JudgedInterval) bool { return o.Start <= v.Start && v.Start < o.End })]
			if f.State != v.State || f.OnQueue != v.OnQueue || settled(f.Verdict) != settled(v.Verdict) {
				t.Fatalf("as of %s %+v, finally %+v", early.AsOf, v, f)
			}
		}
	})
}

func intervalsOf(r adherence.CaseResult) []schemas.JudgedInterval {
	var all []schemas.JudgedInterval
	for i := range r.Days {
		all = append(all, r.Days[i].Intervals...)
	}
	return all
}

// settled takes out what tolerance and threshold may still change.
func settled(v schemas.Verdict) schemas.Verdict {
	switch v {
	case schemas.VerdictTolerated:
		return schemas.VerdictOut
	case schemas.VerdictOutside:
		return schemas.VerdictNone
	default:
		return v
	}
}
