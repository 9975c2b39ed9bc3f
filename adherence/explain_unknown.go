package adherence

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// This file says why something is unknown, in words for people.

// whyUnknown says of the fields that the rule needs why they are not known, and notes the gaps that are a reason.
func (j *Judge) whyUnknown(s *Step, a *atom, act int32) string {
	x := ignorance{j, j.trackTo(s.Start), s}
	var reasons, absent []string
	fields := map[string][]string{} // by reason
	for f, mentioned := range j.acts[act].line.mentions() {
		switch value, name := a.state&fieldBits[f], schemas.FieldNames[f]; {
		case !mentioned:
		case value == 0:
			absent = append(absent, name)
		case value == allUnknown&fieldBits[f]:
			why := x.ofField(f)
			if fields[why] == nil {
				reasons = append(reasons, why)
			}
			fields[why] = append(fields[why], name)
		}
	}
	var out []string
	for _, why := range reasons {
		out = append(out, fmt.Sprintf("%s unknown: %s", withVerb(fields[why], "is", "are"), why))
	}
	if absent != nil {
		out = append(out, "no feed supplies "+listed(absent))
	}
	if out == nil {
		return "the secondary status is unknown"
	}
	return strings.Join(out, "; ")
}

// listed joins names for a sentence.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}

// withVerb joins names for a sentence, with the verb that goes with so many.
func withVerb(names []string, one, several string) string {
	if len(names) > 1 {
		one = several
	}
	return listed(names) + " " + one
}

// ignorance is what the sources had said where a step is unknown.
type ignorance struct {
	j    *Judge
	t    *tracks
	step *Step
}

// ofField says why a field is unknown at the start of the step.
func (x *ignorance) ofField(f int) string {
	if x.t.prefers[f] {
		return x.ofSources(f)
	}
	if gap := x.gap(f, everySource); gap != "" {
		return gap
	}
	return x.ofFact(x.t.latest[f], f)
}

// ofSources says why no source knows a field for which some are preferred: of each preferred one, and then of the
// others, which count together.
func (x *ignorance) ofSources(f int) string {
	var why []string
	for _, name := range x.j.rules.policy.Prefer[f] {
		place, gap := 0, ""
		if n := x.j.in.numberOf(name); n != noSource {
			place, gap = x.t.of[n].latest[f], x.gap(f, n)
		}
		switch {
		case gap != "":
			why = append(why, gap)
		case place == 0:
			why = append(why, schemas.SourceWords(name)+" has not reported it yet")
		default:
			why = append(why, x.ofFact(place, f))
		}
	}
	latest, own := 0, false
	for n := range x.t.of {
		tr := &x.t.of[n]
		if tr.latest[f] == 0 || tr.listed>>f&1 == 1 {
			continue
		}
		own = own || tr.own
		if gap := x.gap(f, n); gap != "" && !tr.own {
			why = append(why, gap)
		} else if !tr.own {
			latest = max(latest, tr.latest[f])
		}
	}
	if latest > 0 {
		why = append(why, x.ofFact(latest, f))
	}
	if own {
		why = append(why, "what was chosen in Rollcall does not count, because other sources are preferred")
	}
	return strings.Join(why, ", and ")
}

// gap names the gaps of a source, or of every source, that make a field unknown, and notes them; empty for none.
func (x *ignorance) gap(f, source int) string {
	var names []string
	for i := range x.j.in.Gaps {
		g := &x.j.in.Gaps[i]
		if silencedAt(g, x.step.Start)>>f&1 == 0 ||
			source != everySource && g.Source != "" && g.Source != x.j.in.sourceOf(source).Name {
			continue
		}
		if !slices.Contains(x.step.Gaps, *g) {
			x.step.Gaps = append(x.step.Gaps, *g)
		}
		if name := schemas.SourceWords(g.Source); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return ""
	}
	return withVerb(names, "has a gap here", "have gaps here")
}

// sourceOf returns what is known of a source by its number.
func (in *Input) sourceOf(number int) (s Source) {
	if len(in.Sources) > 0 {
		s = in.Sources[number]
	}
	return s
}

// silencedAt returns the fields that a gap makes unknown at an instant.
func silencedAt(g *schemas.Gap, at schemas.Instant) schemas.Fields {
	if at < g.Start || g.End <= at {
		return 0
	}
	return fieldsOf(g)
}

// ofFact says why the fact at a place, the latest of its source to name a field, does not tell it; 0 is for none.
func (x *ignorance) ofFact(place, f int) string {
	j, at := x.j, x.step.Start
	carryMS := j.rules.policy.CarryForwardMS
	if place == 0 && j.in.NamedBefore[f] != 0 && j.in.NamedBefore[f] < at {
		return "what was reported is too old to be believed"
	}
	if place == 0 {
		return "nothing was reported yet"
	}
	fact := &j.in.Facts[place-1]
	source := j.in.sourceOf(int(fact.Source))
	name := schemas.SourceWords(source.Name)
	if x.t.believed(place, at) > 0 {
		return name + " reported it as unknown"
	}
	why := fmt.Sprintf("%s last reported it at %s, which is believed for %s", name, j.clock(fact.At, at),
		lengthWords(carryMS))
	p := x.t.of[fact.Source].latest[0]
	switch upTo := source.CompleteUpTo; {
	case p == 0 || j.in.Facts[p-1].Presence != schemas.PresenceOffline:
	case upTo == 0:
		why += "; an absence would be believed for longer if the feed said that it is complete"
	case upTo.Add(carryMS) <= at:
		why += fmt.Sprintf("; it is complete up to %s, and its silence is believed for as long after that", j.clock(upTo, at))
	default:
		why += fmt.Sprintf("; the silence of a complete feed is believed for %s at most",
			lengthWords(schemas.LongestAbsenceMS))
	}
	return why
}

// clock writes an instant on the clock of the agent, with the date unless it is that of a moment.
func (j *Judge) clock(t, moment schemas.Instant) string {
	cal, _ := j.zoneAt(t)
	local := t.Time().In(cal.zone.Location())
	text := local.Format("15:04")
	if int64(t)%schemas.MinuteMS != 0 {
		text = local.Format("15:04:05")
	}
	if day := cal.dateOf(t); day != cal.dateOf(moment) {
		text += local.Format(" on 2 January 2006")
	}
	return text
}

// lengthWords writes a length of time: 7 days, 1h30m.
func lengthWords(ms int64) string {
	if ms >= 2*schemas.DayMS && ms%schemas.DayMS == 0 {
		return fmt.Sprintf("%d days", ms/schemas.DayMS)
	}
	return schemas.FormatLength(ms)
}
