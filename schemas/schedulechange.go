package schemas

import "slices"

// ChangeKind is what became of a scheduled activity between two versions of an agent-day.
type ChangeKind string

// The kinds of change. An activity is known again by its code: one that has another time is moved; one that has the
// same time and another category, pay, shift or description is altered.
const (
	ActivityAdded     ChangeKind = "added"
	ActivityRemoved   ChangeKind = "removed"
	ActivityMoved     ChangeKind = "moved"
	ActivityAltered   ChangeKind = "altered"
	ActivityUnchanged ChangeKind = "unchanged"
)

// ActivityChange is one activity before and after; one side is nil for what was added or removed.
type ActivityChange struct {
	Change ChangeKind `json:"change"`
	Before *Activity  `json:"before"`
	After  *Activity  `json:"after"`
}

// Begun reports whether something changes that had begun at now, so that judging may come out otherwise.
func (c *ActivityChange) Begun(now Instant) bool {
	return c.Change != ActivityUnchanged &&
		(c.Before != nil && c.Before.Start < now || c.After != nil && c.After.Start < now)
}

// sameActivity reports whether two activities differ in nothing but the line that they came from.
func sameActivity(a, b *Activity) bool {
	x := *b
	x.Line = a.Line
	return *a == x
}

// SameActivities reports whether two lists of activities differ in nothing but the lines that they came from.
func SameActivities(a, b []Activity) bool {
	return slices.EqualFunc(a, b, func(x, y Activity) bool { return sameActivity(&x, &y) })
}

// CompareActivities appends to out what became of each activity of an agent-day, in order of start; both lists are
// sorted by start and live as long as the result is used. Activities of one code and time are the same one; of those
// left over, the first before of a code goes with the first after of it, the second with the second.
func CompareActivities(before, after []Activity, out []ActivityChange) []ActivityChange {
	c := dayComparison{before: before, after: after, wentTo: slices.Repeat([]int{none}, len(before)),
		cameFrom: slices.Repeat([]int{none}, len(after))}
	c.pair(func(b, a *Activity) bool { return b.Code == a.Code && b.Start == a.Start && b.End == a.End })
	c.pair(func(b, a *Activity) bool { return b.Code == a.Code })
	return c.list(out)
}

// none marks an activity without a partner.
const none = -1

// dayComparison pairs the activities of two versions of a day.
type dayComparison struct {
	before, after    []Activity
	wentTo, cameFrom []int
}

// pair finds partners that fit for those that have none yet.
func (c *dayComparison) pair(fits func(b, a *Activity) bool) {
	for i := range c.before {
		for k := range c.after {
			if c.wentTo[i] == none && c.cameFrom[k] == none && fits(&c.before[i], &c.after[k]) {
				c.wentTo[i], c.cameFrom[k] = k, i
			}
		}
	}
}

// list appends the pairs and those left over, in order of start.
func (c *dayComparison) list(out []ActivityChange) []ActivityChange {
	i, k := 0, 0
	for i < len(c.before) || k < len(c.after) {
		switch {
		case i < len(c.before) && c.wentTo[i] != none:
			i++ // it is listed where it went
		case k == len(c.after) || i < len(c.before) && c.before[i].Start <= c.after[k].Start:
			out = append(out, ActivityChange{Change: ActivityRemoved, Before: &c.before[i]})
			i++
		case c.cameFrom[k] == none:
			out = append(out, ActivityChange{Change: ActivityAdded, After: &c.after[k]})
			k++
		default:
			out = append(out, changeOf(&c.before[c.cameFrom[k]], &c.after[k]))
			k++
		}
	}
	return out
}

func changeOf(b, a *Activity) ActivityChange {
	v := ActivityChange{Change: ActivityAltered, Before: b, After: a}
	switch {
	case b.Start != a.Start || b.End != a.End:
		v.Change = ActivityMoved
	case sameActivity(b, a):
		v.Change = ActivityUnchanged
	}
	return v
}

// changeKinds are the kinds in the order of a tally.
var changeKinds = [...]ChangeKind{ActivityAdded, ActivityRemoved, ActivityMoved, ActivityAltered, ActivityUnchanged}

// ScheduleTally counts what became of activities, and adds up their time: that of a removed one as it was, that of
// every other as it is now.
type ScheduleTally struct {
	counts [len(changeKinds)]int
	ms     [len(changeKinds)]int64
	// beforeMS and afterMS are all scheduled time of the two versions.
	beforeMS, afterMS int64
}

// Count adds one change.
func (t *ScheduleTally) Count(c ActivityChange) {
	var ms int64
	if c.Before != nil {
		ms = c.Before.Interval().MS()
		t.beforeMS += ms
	}
	if c.After != nil {
		ms = c.After.Interval().MS()
		t.afterMS += ms
	}
	kind := slices.Index(changeKinds[:], c.Change)
	t.counts[kind]++
	t.ms[kind] += ms
}

// CountSame adds activities of a day that has not changed.
func (t *ScheduleTally) CountSame(acts []Activity) {
	for i := range acts {
		t.Count(ActivityChange{Change: ActivityUnchanged, Before: &acts[i], After: &acts[i]})
	}
}

// Add adds another tally.
func (t *ScheduleTally) Add(o ScheduleTally) {
	for kind := range changeKinds {
		t.counts[kind] += o.counts[kind]
		t.ms[kind] += o.ms[kind]
	}
	t.beforeMS, t.afterMS = t.beforeMS+o.beforeMS, t.afterMS+o.afterMS
}

// TallyJSON is a ScheduleTally as programs read it, with lengths in seconds; it is meant to be embedded.
type TallyJSON struct {
	Added            int     `json:"added" doc:"activities"`
	Removed          int     `json:"removed"`
	Moved            int     `json:"moved" doc:"same code, another time"`
	Altered          int     `json:"altered" doc:"same code and time; another category, pay, shift or description"`
	Unchanged        int     `json:"unchanged"`
	AddedS           float64 `json:"added_s"`
	RemovedS         float64 `json:"removed_s"`
	MovedS           float64 `json:"moved_s"`
	AlteredS         float64 `json:"altered_s"`
	UnchangedS       float64 `json:"unchanged_s"`
	ScheduledBeforeS float64 `json:"scheduled_before_s" doc:"all scheduled time as it is"`
	ScheduledAfterS  float64 `json:"scheduled_after_s" doc:"all scheduled time as it would be"`
}

// JSON returns the tally as programs read it.
func (t *ScheduleTally) JSON() TallyJSON {
	s := func(ms int64) float64 { return float64(ms) / float64(SecondMS) }
	return TallyJSON{
		Added:            t.counts[0],
		Removed:          t.counts[1],
		Moved:            t.counts[2],
		Altered:          t.counts[3],
		Unchanged:        t.counts[4],
		AddedS:           s(t.ms[0]),
		RemovedS:         s(t.ms[1]),
		MovedS:           s(t.ms[2]),
		AlteredS:         s(t.ms[3]),
		UnchangedS:       s(t.ms[4]),
		ScheduledBeforeS: s(t.beforeMS),
		ScheduledAfterS:  s(t.afterMS),
	}
}
