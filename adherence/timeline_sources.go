package adherence

import (
	"cmp"
	"math"
	"slices"

	"rollcall/schemas"
)

// This file is the part of RULES.md section 3 that asks who said something: preferred sources, and the silence of a
// complete feed about somebody who is away.

// Source is what the judge knows of a source of facts.
type Source struct {
	Name string
	// CompleteUpTo is the instant up to which the source has last said that it is complete, 0 if it never has.
	CompleteUpTo schemas.Instant
}

// Sources lists the sources that names numbers, as the judge wants them, in the place of list. completeUpTo says how
// far one is complete.
func Sources(names *schemas.FactNames, completeUpTo func(source string) schemas.Instant, list []Source) []Source {
	list = list[:0]
	for n := range min(names.Sources.Len(), schemas.MostSources) + 1 {
		name := names.Sources.Text(uint32(n)) //nolint:gosec // at most 255
		list = append(list, Source{name, completeUpTo(name)})
	}
	return list
}

// anyComplete reports whether a source has said how far it is complete.
func (in *Input) anyComplete() bool {
	return slices.ContainsFunc(in.Sources, func(s Source) bool { return s.CompleteUpTo != 0 })
}

// numberOf returns the number by which facts name a source, noSource for one that is not among them.
func (in *Input) numberOf(source string) int {
	return slices.IndexFunc(in.Sources, func(s Source) bool { return s.Name == source })
}

// track is what one source has said: for each field the place of its latest fact among the facts, counted from 1, and
// how many gaps silence it.
type track struct {
	latest [3]int
	gaps   [3]int32
	rank   [3]int         // by field, its place in the list; that of all others is behind
	listed schemas.Fields // fields for which it is preferred
	own    bool           // it stands for people who set their state in Rollcall
}

// Ranks behind every list: of the sources that are not listed, of nobody where nothing counts, of what never counts.
const (
	rankOfOthers = math.MaxInt - 2 + iota
	rankOfNobody
	rankOfNone
)

// tracks are the sources side by side, by their numbers.
type tracks struct {
	of        []track
	preferred [3][]int // by field, the numbers of the sources listed of which there are facts
	prefers   [3]bool
	// latest and gaps are those of all sources together.
	latest  [3]int
	gaps    [3]int32
	carryMS int64
	facts   []schemas.Fact
	sources []Source
	// wake is the next instant at which a field can change by the clock alone; it may be too early.
	wake schemas.Instant
	// counting are the places of the facts that count, 0 for a field that is unknown, and rank is that of their sources.
	// doubtful are the fields of which that has to be looked up.
	counting [3]int
	rank     [3]int
	doubtful schemas.Fields
	// weighed is how many facts were looked at for whether they count, overruled are those that do not.
	weighed   int
	overruled []overruled
}

// overruled is a change of a source that did not count by an instant.
type overruled struct {
	at     schemas.Instant
	source uint8
}

// reset makes the tracks ready for the sources of an agent.
func (t *tracks) reset(in *Input, p *schemas.Policy) {
	*t = tracks{
		of:        append(t.of[:0], make([]track, max(len(in.Sources), 1))...),
		preferred: [3][]int{t.preferred[0][:0], t.preferred[1][:0], t.preferred[2][:0]},
		carryMS:   p.CarryForwardMS,
		facts:     in.Facts,
		sources:   in.Sources,
		wake:      -forever,
		overruled: t.overruled[:0],
	}
	for field, names := range p.Prefer {
		t.prefers[field] = len(names) > 0
	}
	for n, s := range in.Sources {
		t.of[n].own = schemas.OwnSource(s.Name)
		for field, names := range p.Prefer {
			switch rank := slices.Index(names, s.Name); {
			case rank >= 0:
				t.of[n].rank[field] = rank
				t.of[n].listed |= 1 << field
			case t.prefers[field] && t.of[n].own:
				t.of[n].rank[field] = rankOfNone
			case t.prefers[field]:
				t.of[n].rank[field] = rankOfOthers
			}
		}
	}
	for field, names := range p.Prefer {
		for _, name := range names {
			if n := in.numberOf(name); n != noSource {
				t.preferred[field] = append(t.preferred[field], n)
			}
		}
	}
}

// take makes the fact at a place, counted from 1, the latest of its source, and returns the fields for which it counts.
func (t *tracks) take(place int) (changed schemas.Fields) {
	f := &t.facts[place-1]
	tr := &t.of[f.Source]
	if f.Presence != 0 {
		if p := tr.latest[0]; t.completeUpTo(f.Source) != 0 &&
			(f.Presence == schemas.PresenceOffline) != (p > 0 && t.facts[p-1].Presence == schemas.PresenceOffline) {
			t.wake = f.At // what the source said of the other fields is believed for longer, or no longer
		}
		changed = t.name(0, tr, place, f.Presence == schemas.PresenceUnknown)
	}
	if f.Status != 0 {
		changed |= t.name(1, tr, place, f.Status == schemas.StatusUnknown)
	}
	if f.Routing != 0 {
		changed |= t.name(2, tr, place, f.Routing == schemas.RoutingUnknown)
	}
	t.wake = min(t.wake, f.At.Add(t.carryMS))
	return changed
}

// name makes a fact the latest of its source for a field, and returns the field if it counts. Whether it does is plain
// where another source counts before its own, or where its own has counted; else it is doubtful.
func (t *tracks) name(field int, tr *track, place int, unknown bool) schemas.Fields {
	tr.latest[field], t.latest[field] = place, place
	switch rank := tr.rank[field]; {
	case rank > t.rank[field] || tr.gaps[field] > 0:
		return 0
	case rank < t.rank[field] || unknown:
		t.doubtful |= 1 << field
		return 0
	}
	t.counting[field] = place
	return 1 << field
}

// settle looks up what counts for the doubtful fields, and returns them.
func (t *tracks) settle(at schemas.Instant) (changed schemas.Fields) {
	for field := 0; field < 3 && t.doubtful != 0; field++ {
		if t.doubtful>>field&1 == 0 {
			continue
		}
		t.counting[field], t.rank[field] = t.counts(field, at), rankOfNobody
		if place := t.counting[field]; place > 0 {
			t.rank[field] = t.of[t.facts[place-1].Source].rank[field]
		}
	}
	changed, t.doubtful = t.doubtful, 0
	return changed
}

func (t *tracks) completeUpTo(source uint8) schemas.Instant {
	if len(t.sources) == 0 {
		return 0
	}
	return t.sources[source].CompleteUpTo
}

// cross counts a gap that begins or ends.
func (t *tracks) cross(e *gapEdge) {
	for i := range t.gaps {
		if e.fields>>i&1 == 0 {
			continue
		}
		t.gaps[i] += e.step
		for n := range t.of {
			if e.source == everySource || n == e.source {
				t.of[n].gaps[i] += e.step
			}
		}
	}
}

// believedUntil returns the instant from which a fact is no longer believed as long as nothing newer is said.
func (t *tracks) believedUntil(f *schemas.Fact) schemas.Instant {
	until := f.At.Add(t.carryMS)
	upTo := t.completeUpTo(f.Source)
	if upTo == 0 {
		return until
	}
	if p := t.of[f.Source].latest[0]; p == 0 || t.facts[p-1].Presence != schemas.PresenceOffline {
		return until
	}
	return max(until, min(upTo.Add(t.carryMS), f.At.Add(schemas.LongestAbsenceMS)))
}

// counts returns the place of the fact whose value counts for a field, 0 where it is unknown.
func (t *tracks) counts(field int, at schemas.Instant) (place int) {
	if !t.prefers[field] {
		if t.gaps[field] > 0 {
			return 0
		}
		return t.believed(t.latest[field], at)
	}
	for _, n := range t.preferred[field] {
		if tr := &t.of[n]; tr.gaps[field] == 0 {
			if place = t.believed(tr.latest[field], at); place > 0 && value(&t.facts[place-1], field) != unknownValue {
				return place
			}
		}
	}
	latest := 0
	for n := range t.of {
		if tr := &t.of[n]; tr.gaps[field] == 0 && tr.listed>>field&1 == 0 && !tr.own {
			latest = max(latest, tr.latest[field])
		}
	}
	return t.believed(latest, at)
}

// unknownValue is the number of unknown in all three fields.
const unknownValue = code(schemas.PresenceUnknown)

// believed returns the place of a fact while it is believed, else 0.
func (t *tracks) believed(place int, at schemas.Instant) int {
	if place == 0 || at >= t.believedUntil(&t.facts[place-1]) {
		return 0
	}
	return place
}

// rest sets the next instant after at at which a fact can cease to be believed.
func (t *tracks) rest(at schemas.Instant) {
	t.wake = forever
	for n := range t.of {
		for _, place := range t.of[n].latest {
			if place == 0 {
				continue
			}
			f := &t.facts[place-1]
			for _, until := range [2]schemas.Instant{f.At.Add(t.carryMS), t.believedUntil(f)} {
				if until > at {
					t.wake = min(t.wake, until)
				}
			}
		}
	}
}

// layTimelineBySource fills j.spans for the window, whoever is preferred, and however long a silence is believed.
func (j *Judge) layTimelineBySource() {
	t := &j.tracks
	t.reset(j.in, &j.rules.policy)
	j.spans = j.spans[:0]
	facts, edges := j.in.Facts, j.edges
	state, secondary, taken := allUnknown, uint32(0), 0
	for at := j.win.Start; at < j.win.End; {
		changed := schemas.Fields(0)
		for taken < len(facts) && facts[taken].At <= at {
			taken++
			changed |= t.take(taken)
		}
		for len(edges) > 0 && edges[0].at <= at {
			t.cross(&edges[0])
			edges, t.doubtful = edges[1:], schemas.AllFields
		}
		if t.wake <= at {
			t.rest(at)
			t.doubtful = schemas.AllFields
		}
		changed |= t.settle(at)
		for i := range fieldBits {
			if changed>>i&1 == 0 {
				continue
			}
			bits, label := allUnknown&fieldBits[i], uint32(0)
			if place := t.counting[i]; place > 0 {
				f := &facts[place-1]
				bits, label = value(f, i)<<(i*statusShift), secondaryOf(f)
			}
			state = state&^fieldBits[i] | bits
			if i == 1 {
				secondary = label
			}
		}
		j.pushSpan(at, state, secondary)
		at = t.wake
		if len(edges) > 0 {
			at = min(at, edges[0].at)
		}
		if taken < len(facts) {
			at = min(at, facts[taken].At)
		}
		if j.rules.prefers {
			t.weigh(schemas.Interval{Start: j.win.Start, End: min(at, j.win.End)}, taken, state)
		}
	}
}

// secondThoughtMS is how long after a change it is decided whether it counts: what several sources say of one thing
// they say by clocks of their own.
const secondThoughtMS = schemas.MinuteMS

// weigh notes of the facts taken whose time has come in v, and before its end, whether they are overruled: a source
// that is preferred says something else, by the state and what counts, and the source of the fact has not
// spoken again.
func (t *tracks) weigh(v schemas.Interval, taken int, state code) {
	for ; t.weighed < taken; t.weighed++ {
		f := &t.facts[t.weighed]
		at := f.At.Add(secondThoughtMS)
		if at >= v.End {
			return
		}
		if at >= v.Start && t.overrules(f, t.weighed+1, state) {
			t.overruled = append(t.overruled, overruled{at, f.Source})
		}
	}
}

// overrules reports whether a fact does not count for a field that it names, because of what counts.
func (t *tracks) overrules(f *schemas.Fact, place int, state code) bool {
	tr := &t.of[f.Source]
	for i := range fieldBits {
		v := value(f, i)
		if !t.prefers[i] || v == 0 || v == unknownValue || tr.latest[i] != place || tr.gaps[i] > 0 ||
			state&fieldBits[i] == v<<(i*statusShift) {
			continue
		}
		preferred := t.counting[i] > 0 && t.of[t.facts[t.counting[i]-1].Source].listed>>i&1 == 1
		if preferred || tr.own && tr.listed>>i&1 == 0 {
			return true
		}
	}
	return false
}

// listOverruled sorts what was overruled by day and source.
func (j *Judge) listOverruled() {
	l := &j.overruled
	l.reset()
	plots := j.plots
	for _, o := range j.tracks.overruled {
		for len(plots) > 0 && plots[0].end <= o.at {
			plots = plots[1:]
		}
		if len(plots) == 0 || plots[0].start > o.at || plots[0].slot == 0 {
			continue
		}
		source := j.in.sourceOf(int(o.source)).Name
		i := len(l.items) - 1
		for i >= 0 && (l.slots[i] != plots[0].slot || l.items[i].Source != source) {
			i--
		}
		if i < 0 {
			*l.add(plots[0].slot) = schemas.Overruled{Source: source}
			i = len(l.items) - 1
		}
		l.items[i].Changes++
	}
	l.sortByDay(len(j.slots))
}

// trackTo returns what each source has said by an instant.
func (j *Judge) trackTo(at schemas.Instant) *tracks {
	t := &j.tracks
	t.reset(j.in, &j.rules.policy)
	for i := range j.in.Facts {
		if j.in.Facts[i].At > at {
			break
		}
		t.take(i + 1)
	}
	for i := range j.edges {
		if j.edges[i].at <= at {
			t.cross(&j.edges[i])
		}
	}
	return t
}

// factsBehind returns, in order, the places among the facts of those that make the state at an instant, or where
// nothing counts said something last; and of those that came later and do not count, because another source is
// preferred.
func (j *Judge) factsBehind(at schemas.Instant) (counting, overruled []int) {
	t := j.trackTo(at)
	for field, latest := range t.latest {
		place := cmp.Or(t.counts(field, at), latest)
		if place > 0 {
			counting = append(counting, place-1)
		}
		if place != latest && t.believed(latest, at) > 0 && t.of[t.facts[latest-1].Source].gaps[field] == 0 {
			overruled = append(overruled, latest-1)
		}
	}
	slices.Sort(counting)
	slices.Sort(overruled)
	return slices.Compact(counting), slices.Compact(overruled)
}

// Counting returns the instants of the facts that the presence and the status before an instant come from, 0 where
// there is none.
func (j *Judge) Counting(in *Input, at schemas.Instant) (presence, status schemas.Instant) {
	j.PresentAt(in, at)
	j.factsBehind(at - 1)
	for field, into := range [2]*schemas.Instant{&presence, &status} {
		if place := cmp.Or(j.tracks.counts(field, at-1), j.tracks.latest[field]); place > 0 {
			*into = in.Facts[place-1].At
		}
	}
	return presence, status
}
