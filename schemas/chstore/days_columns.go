package chstore

import (
	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// dayBlock is the columns of adherence_days_store while they are written.
type dayBlock struct {
	agent, name                                 proto.ColStr
	day                                         days
	against, policy, team, site, zone           fewTexts
	known, computed, asOf, beforeKnown          instants
	deleted, absent, beforeAbsent               flags
	state, adherence, conformance, beforeReason words
	lengths                                     [11]proto.ColInt64
	fingerprint                                 proto.ColUInt64
	before                                      *list[*proto.ColInt64]
	activities                                  activityLists
	intervals                                   intervalLists
	exceptions                                  exceptionLists
	parts                                       partLists
}

// lengthNames are the columns of the lengths in the order of schemas.Sums.Lengths.
var lengthNames = [11]string{"scheduled_ms", "in_ms", "tolerated_ms", "out_ms", "neutral_ms", "ignored_ms", "unknown_ms",
	"outside_ms", "unscheduled_on_queue_ms", "conformance_scheduled_ms", "conformance_actual_ms"}

func newDayBlock() *dayBlock {
	b := &dayBlock{before: newList(&proto.ColInt64{}), activities: newActivityLists(), intervals: newIntervalLists(),
		exceptions: newExceptionLists(), parts: newPartLists()}
	b.state.of, b.adherence.of, b.conformance.of, b.beforeReason.of = typeDayState, typeReason, typeReason, typeReason
	return b
}

func (b *dayBlock) input() proto.Input {
	in := proto.Input{
		{Name: "agent_id", Data: &b.agent}, {Name: "agent_name", Data: &b.name}, {Name: "day", Data: &b.day},
		{Name: "against", Data: &b.against}, {Name: "policy", Data: &b.policy}, {Name: "team", Data: &b.team},
		{Name: "site", Data: &b.site}, {Name: "time_zone", Data: &b.zone}, {Name: "known_at", Data: &b.known},
		{Name: "computed_at", Data: &b.computed}, {Name: "as_of", Data: &b.asOf},
		{Name: "before_known_at", Data: &b.beforeKnown}, {Name: "deleted", Data: &b.deleted},
		{Name: "absent", Data: &b.absent}, {Name: "before_absent", Data: &b.beforeAbsent}, {Name: "state", Data: &b.state},
		{Name: "adherence_reason", Data: &b.adherence}, {Name: "conformance_reason", Data: &b.conformance},
		{Name: "before_adherence_reason", Data: &b.beforeReason}, {Name: "fingerprint", Data: &b.fingerprint},
		{Name: "before_ms", Data: b.before},
	}
	for i := range b.lengths {
		in = append(in, proto.InputColumn{Name: lengthNames[i], Data: &b.lengths[i]})
	}
	in = append(in, b.activities.input()...)
	in = append(in, b.intervals.input()...)
	in = append(in, b.exceptions.input()...)
	return append(in, b.parts.input()...)
}

func (b *dayBlock) reset() {
	for _, c := range b.input() {
		c.Data.(proto.Resettable).Reset() //nolint:forcetypeassert // every column of the block can be emptied
	}
}

func (b *dayBlock) add(d *schemas.DayRow, against string, deleted bool) {
	b.agent.Append(d.AgentID)
	b.name.Append(d.Name)
	b.day.add(d.Day)
	b.against.add(against)
	b.policy.add(d.Policy)
	b.team.add(d.Team)
	b.site.add(d.Site)
	b.zone.add(d.TimeZone)
	b.known.add(d.KnownAt)
	b.computed.add(d.ComputedAt)
	b.asOf.add(d.AsOf)
	b.deleted.add(deleted)
	b.absent.add(d.Absent)
	b.state.add(uint8(d.State))
	b.adherence.add(uint8(d.AdherenceReason))
	b.conformance.add(uint8(d.ConformanceReason))
	b.fingerprint.Append(d.Fingerprint())
	for i, v := range d.Lengths() {
		b.lengths[i] = append(b.lengths[i], *v)
	}
	b.addBefore(d.Before)
	b.activities.add(d.Activities)
	b.intervals.add(d.Intervals)
	b.exceptions.add(d.Exceptions)
	b.parts.add(d.Exceptions)
}

func (b *dayBlock) addBefore(before *schemas.DayBefore) {
	if before == nil {
		before = &schemas.DayBefore{}
	} else {
		for _, v := range before.Lengths() {
			b.before.data.Append(*v)
		}
	}
	b.before.end()
	b.beforeKnown.add(before.KnownAt)
	b.beforeAbsent.add(before.Absent)
	b.beforeReason.add(uint8(before.AdherenceReason))
}

// intervalLists are the nested columns of intervals, written or read.
type intervalLists struct {
	start, end                         *list[*instants]
	activity                           *list[*proto.ColInt32]
	presence, status, routing, verdict *list[*words]
	secondary                          *list[*fewTexts]
	secondaryRead                      *list[*fewTextsRead]
	onQueue                            *list[*flags]
}

func newIntervalLists() intervalLists {
	return intervalLists{
		start: newList(&instants{}), end: newList(&instants{}), activity: newList(&proto.ColInt32{}),
		presence: newList(&words{of: typePresence}), status: newList(&words{of: typeStatus}),
		routing: newList(&words{of: typeRouting}), verdict: newList(&words{of: typeVerdict}),
		secondary: newList(&fewTexts{}), onQueue: newList(&flags{}),
	}
}

func (v *intervalLists) input() proto.Input {
	return proto.Input{
		{Name: "intervals.start_at", Data: v.start}, {Name: "intervals.end_at", Data: v.end},
		{Name: "intervals.activity", Data: v.activity}, {Name: "intervals.presence", Data: v.presence},
		{Name: "intervals.status", Data: v.status}, {Name: "intervals.routing", Data: v.routing},
		{Name: "intervals.secondary", Data: v.secondary}, {Name: "intervals.verdict", Data: v.verdict},
		{Name: "intervals.on_queue", Data: v.onQueue},
	}
}

func (v *intervalLists) add(in []schemas.JudgedInterval) {
	for i := range in {
		j := &in[i]
		v.start.data.add(j.Start)
		v.end.data.add(j.End)
		v.activity.data.Append(j.Activity)
		v.presence.data.add(uint8(j.State.Presence))
		v.status.data.add(uint8(j.State.Status))
		v.routing.data.add(uint8(j.State.Routing))
		v.secondary.data.add(j.State.Secondary)
		v.verdict.data.add(uint8(j.Verdict))
		v.onQueue.data.add(j.OnQueue)
	}
	v.start.end()
	v.end.end()
	v.activity.end()
	v.presence.end()
	v.status.end()
	v.routing.end()
	v.secondary.end()
	v.verdict.end()
	v.onQueue.end()
}

func newIntervalListsRead(share *sharing) intervalLists {
	v := newIntervalLists()
	v.secondaryRead = newList(newFewTextsRead(share))
	return v
}

func (v *intervalLists) results() proto.Results {
	return proto.Results{
		{Name: "intervals.start_at", Data: v.start}, {Name: "intervals.end_at", Data: v.end},
		{Name: "intervals.activity", Data: v.activity}, {Name: "intervals.presence", Data: v.presence},
		{Name: "intervals.status", Data: v.status}, {Name: "intervals.routing", Data: v.routing},
		{Name: "intervals.secondary", Data: v.secondaryRead}, {Name: "intervals.verdict", Data: v.verdict},
		{Name: "intervals.on_queue", Data: v.onQueue},
	}
}

func (v *intervalLists) read(i int, out []schemas.JudgedInterval) []schemas.JudgedInterval {
	from, to := v.start.bounds(i)
	for k := from; k < to; k++ {
		out = append(out, schemas.JudgedInterval{
			Start: v.start.data.at(k), End: v.end.data.at(k), Activity: v.activity.data.Row(k),
			State: schemas.State{Presence: schemas.Presence(v.presence.data.at(k)), Status: schemas.Status(v.status.data.at(k)),
				Routing: schemas.Routing(v.routing.data.at(k)), Secondary: v.secondaryRead.data.text(k)},
			Verdict: schemas.Verdict(v.verdict.data.at(k)), OnQueue: v.onQueue.data.at(k),
		})
	}
	return out
}

// exceptionLists are the nested columns of exceptions, written or read.
type exceptionLists struct {
	start, end     *list[*instants]
	category, kind *list[*words]
	code           *list[*fewTexts]
	codeRead       *list[*fewTextsRead]
	ms             *list[*proto.ColInt64]
	parts          *list[*proto.ColUInt32]
}

func newExceptionLists() exceptionLists {
	return exceptionLists{
		start: newList(&instants{}), end: newList(&instants{}), category: newList(&words{of: typeCategory}),
		kind: newList(&words{of: typeKind}), code: newList(&fewTexts{}), ms: newList(&proto.ColInt64{}),
		parts: newList(&proto.ColUInt32{}),
	}
}

func (v *exceptionLists) input() proto.Input {
	return proto.Input{
		{Name: "exceptions.start_at", Data: v.start}, {Name: "exceptions.end_at", Data: v.end},
		{Name: "exceptions.category", Data: v.category}, {Name: "exceptions.code", Data: v.code},
		{Name: "exceptions.kind", Data: v.kind}, {Name: "exceptions.ms", Data: v.ms},
		{Name: "exceptions.part_count", Data: v.parts},
	}
}

func (v *exceptionLists) add(in []schemas.Exception) {
	for i := range in {
		e := &in[i]
		v.start.data.add(e.Start)
		v.end.data.add(e.End)
		v.category.data.add(uint8(e.Category))
		v.code.data.add(e.Code)
		v.kind.data.add(uint8(e.Kind))
		v.ms.data.Append(e.MS)
		v.parts.data.Append(uint32(len(e.Parts))) //nolint:gosec // an exception has few parts
	}
	v.start.end()
	v.end.end()
	v.category.end()
	v.code.end()
	v.kind.end()
	v.ms.end()
	v.parts.end()
}

func newExceptionListsRead(share *sharing) exceptionLists {
	v := newExceptionLists()
	v.codeRead = newList(newFewTextsRead(share))
	return v
}

func (v *exceptionLists) results() proto.Results {
	return proto.Results{
		{Name: "exceptions.start_at", Data: v.start}, {Name: "exceptions.end_at", Data: v.end},
		{Name: "exceptions.category", Data: v.category}, {Name: "exceptions.code", Data: v.codeRead},
		{Name: "exceptions.kind", Data: v.kind}, {Name: "exceptions.ms", Data: v.ms},
		{Name: "exceptions.part_count", Data: v.parts},
	}
}

// read appends the exceptions of row i with their shares of the row's parts.
func (v *exceptionLists) read(i int, parts []schemas.Part, out []schemas.Exception) []schemas.Exception {
	from, to := v.start.bounds(i)
	for k := from; k < to; k++ {
		n := min(int(v.parts.data.Row(k)), len(parts))
		out = append(out, schemas.Exception{
			Start: v.start.data.at(k), End: v.end.data.at(k), Category: schemas.Category(v.category.data.at(k)),
			Code: v.codeRead.data.text(k), Kind: schemas.Kind(v.kind.data.at(k)), MS: v.ms.data.Row(k), Parts: parts[:n:n],
		})
		parts = parts[n:]
	}
	return out
}

// partLists are the nested columns of the parts of all exceptions of a day, written or read.
type partLists struct {
	start, end                        *list[*instants]
	presence, status, routing, impact *list[*words]
	secondary                         *list[*fewTexts]
	secondaryRead                     *list[*fewTextsRead]
}

func newPartLists() partLists {
	return partLists{
		start: newList(&instants{}), end: newList(&instants{}), presence: newList(&words{of: typePresence}),
		status: newList(&words{of: typeStatus}), routing: newList(&words{of: typeRouting}),
		impact: newList(&words{of: typeImpact}), secondary: newList(&fewTexts{}),
	}
}

func (v *partLists) input() proto.Input {
	return proto.Input{
		{Name: "parts.start_at", Data: v.start}, {Name: "parts.end_at", Data: v.end},
		{Name: "parts.presence", Data: v.presence}, {Name: "parts.status", Data: v.status},
		{Name: "parts.routing", Data: v.routing}, {Name: "parts.secondary", Data: v.secondary},
		{Name: "parts.impact", Data: v.impact},
	}
}

func (v *partLists) add(in []schemas.Exception) {
	for i := range in {
		for k := range in[i].Parts {
			p := &in[i].Parts[k]
			v.start.data.add(p.Start)
			v.end.data.add(p.End)
			v.presence.data.add(uint8(p.State.Presence))
			v.status.data.add(uint8(p.State.Status))
			v.routing.data.add(uint8(p.State.Routing))
			v.secondary.data.add(p.State.Secondary)
			v.impact.data.add(uint8(p.Impact))
		}
	}
	v.start.end()
	v.end.end()
	v.presence.end()
	v.status.end()
	v.routing.end()
	v.secondary.end()
	v.impact.end()
}

func newPartListsRead(share *sharing) partLists {
	v := newPartLists()
	v.secondaryRead = newList(newFewTextsRead(share))
	return v
}

func (v *partLists) results() proto.Results {
	return proto.Results{
		{Name: "parts.start_at", Data: v.start}, {Name: "parts.end_at", Data: v.end},
		{Name: "parts.presence", Data: v.presence}, {Name: "parts.status", Data: v.status},
		{Name: "parts.routing", Data: v.routing}, {Name: "parts.secondary", Data: v.secondaryRead},
		{Name: "parts.impact", Data: v.impact},
	}
}

func (v *partLists) read(i int, out []schemas.Part) []schemas.Part {
	from, to := v.start.bounds(i)
	for k := from; k < to; k++ {
		out = append(out, schemas.Part{
			Start: v.start.data.at(k), End: v.end.data.at(k), Impact: schemas.Impact(v.impact.data.at(k)),
			State: schemas.State{Presence: schemas.Presence(v.presence.data.at(k)), Status: schemas.Status(v.status.data.at(k)),
				Routing: schemas.Routing(v.routing.data.at(k)), Secondary: v.secondaryRead.data.text(k)},
		})
	}
	return out
}
