package chstore

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// storedDay is a row of adherence_days_store.
type storedDay struct {
	DayHead
	against    string
	deleted    bool
	before     schemas.DayBefore
	beforeMS   []int64
	parts      []schemas.Part
	partCounts []uint32
}

// fill prepares a day for writing: what lies in it nested or is worked out of it gets fields of its own. Slices are
// used again.
func (d *storedDay) fill(row *schemas.DayRow, against string, deleted bool) {
	d.DayRow, d.Fingerprint, d.against, d.deleted = *row, row.Fingerprint(), against, deleted
	d.before, d.beforeMS = schemas.DayBefore{}, d.beforeMS[:0]
	if row.Before != nil {
		d.before = *row.Before
		for _, v := range d.before.Lengths() {
			d.beforeMS = append(d.beforeMS, *v)
		}
	}
	d.parts, d.partCounts = d.parts[:0], d.partCounts[:0]
	for i := range row.Exceptions {
		d.parts = append(d.parts, row.Exceptions[i].Parts...)
		d.partCounts = append(d.partCounts, uint32(len(row.Exceptions[i].Parts))) //nolint:gosec // an exception has few parts
	}
}

// join is the reverse of fill.
func (d *storedDay) join() {
	d.Before = nil
	if len(d.beforeMS) == len(d.before.Lengths()) {
		b := d.before
		for k, v := range b.Lengths() {
			*v = d.beforeMS[k]
		}
		d.Before = &b
	}
	parts := d.parts
	for i := range d.Exceptions {
		n := min(int(d.partCounts[i]), len(parts))
		d.Exceptions[i].Parts, parts = parts[:n:n], parts[n:]
	}
}

// dayBlock is the columns of judged days while they are written or read.
type dayBlock struct {
	block[storedDay]
	// row is the one that is written, buffer those that are read.
	row    [1]storedDay
	buffer []storedDay
	// intervals counts those that were added.
	intervals int
}

// newDayBlock has the columns of days as a whole and, if asked for, of their intervals and exceptions.
func newDayBlock(intervals, exceptions bool) *dayBlock {
	share := &sharing{}
	b := &dayBlock{block: dayColumns(share)}
	if intervals {
		b.block = append(b.block, nested("activities", func(d *storedDay) *[]schemas.Activity { return &d.Activities },
			activityColumns(share)...)...)
		b.block = append(b.block, nested("intervals", func(d *storedDay) *[]schemas.JudgedInterval { return &d.Intervals },
			intervalColumns(share)...)...)
	}
	if exceptions {
		b.block = append(b.block, nested("exceptions", func(d *storedDay) *[]schemas.Exception { return &d.Exceptions },
			exceptionColumns(share)...)...)
		b.block = append(b.block, nested("exceptions", func(d *storedDay) *[]uint32 { return &d.partCounts },
			number("part_count", new(proto.ColUInt32), itself[uint32]))...)
		b.block = append(b.block, nested("parts", func(d *storedDay) *[]schemas.Part { return &d.parts },
			partColumns(share)...)...)
	}
	return b
}

func (b *dayBlock) add(d *schemas.DayRow, against string, deleted bool) {
	b.row[0].fill(d, against, deleted)
	b.put(b.row[:]...)
	b.intervals += len(d.Intervals)
}

func (b *dayBlock) reset() {
	b.block.reset()
	b.intervals = 0
}

// names lists the columns for the text of a query.
func (b *dayBlock) names() string {
	var names []string
	for _, c := range b.block {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

func dayColumns(share *sharing) []column[storedDay] {
	type row = storedDay
	list := []column[row]{
		text("agent_id", share, func(d *row) *string { return &d.AgentID }),
		text("agent_name", share, func(d *row) *string { return &d.Name }),
		date("day", func(d *row) *schemas.Date { return &d.Day }),
		lowText("against", share, func(d *row) *string { return &d.against }),
		lowText("policy", share, func(d *row) *string { return &d.Policy }),
		lowText("team", share, func(d *row) *string { return &d.Team }),
		lowText("site", share, func(d *row) *string { return &d.Site }),
		lowText("time_zone", share, func(d *row) *string { return &d.TimeZone }),
		instant("known_at", func(d *row) *schemas.Instant { return &d.KnownAt }),
		instant("computed_at", func(d *row) *schemas.Instant { return &d.ComputedAt }),
		instant("as_of", func(d *row) *schemas.Instant { return &d.AsOf }),
		instant("before_known_at", func(d *row) *schemas.Instant { return &d.before.KnownAt }),
		flag("deleted", func(d *row) *bool { return &d.deleted }),
		flag("absent", func(d *row) *bool { return &d.Absent }),
		flag("before_absent", func(d *row) *bool { return &d.before.Absent }),
		enum("state", typeDayState, func(d *row) *schemas.DayState { return &d.State }),
		enum("adherence_reason", typeReason, func(d *row) *schemas.Reason { return &d.AdherenceReason }),
		enum("conformance_reason", typeReason, func(d *row) *schemas.Reason { return &d.ConformanceReason }),
		enum("before_adherence_reason", typeReason, func(d *row) *schemas.Reason { return &d.before.AdherenceReason }),
		number("fingerprint", new(proto.ColUInt64), func(d *row) *uint64 { return &d.Fingerprint }),
	}
	for k, f := range schemas.FiguresOf(schemas.FigureLength) {
		name := strings.TrimSuffix(f.Name, "_s") + "_ms"
		list = append(list, number(name, new(proto.ColInt64), func(d *row) *int64 { return d.Lengths()[k] }))
	}
	list = append(list, nested("overruled", func(d *row) *[]schemas.Overruled { return &d.Overruled },
		lowText("source", share, func(o *schemas.Overruled) *string { return &o.Source }),
		number("changes", new(proto.ColUInt32), func(o *schemas.Overruled) *uint32 { return &o.Changes }))...)
	return append(list, listOf("before_ms", func(d *row) *[]int64 { return &d.beforeMS },
		number("", new(proto.ColInt64), itself[int64]), true))
}

func intervalColumns(share *sharing) []column[schemas.JudgedInterval] {
	type interval = schemas.JudgedInterval
	return []column[interval]{
		instant("start_at", func(v *interval) *schemas.Instant { return &v.Start }),
		instant("end_at", func(v *interval) *schemas.Instant { return &v.End }),
		number("activity", new(proto.ColInt32), func(v *interval) *int32 { return &v.Activity }),
		enum("presence", typePresence, func(v *interval) *schemas.Presence { return &v.State.Presence }),
		enum("status", typeStatus, func(v *interval) *schemas.Status { return &v.State.Status }),
		enum("routing", typeRouting, func(v *interval) *schemas.Routing { return &v.State.Routing }),
		lowText("secondary", share, func(v *interval) *string { return &v.State.Secondary }),
		enum("verdict", typeVerdict, func(v *interval) *schemas.Verdict { return &v.Verdict }),
		flag("on_queue", func(v *interval) *bool { return &v.OnQueue }),
	}
}

func exceptionColumns(share *sharing) []column[schemas.Exception] {
	type exception = schemas.Exception
	return []column[exception]{
		instant("start_at", func(v *exception) *schemas.Instant { return &v.Start }),
		instant("end_at", func(v *exception) *schemas.Instant { return &v.End }),
		enum("category", typeCategory, func(v *exception) *schemas.Category { return &v.Category }),
		lowText("code", share, func(v *exception) *string { return &v.Code }),
		enum("kind", typeKind, func(v *exception) *schemas.Kind { return &v.Kind }),
		number("ms", new(proto.ColInt64), func(v *exception) *int64 { return &v.MS }),
	}
}

func partColumns(share *sharing) []column[schemas.Part] {
	type part = schemas.Part
	return []column[part]{
		instant("start_at", func(v *part) *schemas.Instant { return &v.Start }),
		instant("end_at", func(v *part) *schemas.Instant { return &v.End }),
		enum("presence", typePresence, func(v *part) *schemas.Presence { return &v.State.Presence }),
		enum("status", typeStatus, func(v *part) *schemas.Status { return &v.State.Status }),
		enum("routing", typeRouting, func(v *part) *schemas.Routing { return &v.State.Routing }),
		lowText("secondary", share, func(v *part) *string { return &v.State.Secondary }),
		enum("impact", typeImpact, func(v *part) *schemas.Impact { return &v.Impact }),
	}
}
