package live

import (
	"container/list"
	"iter"
	"slices"
	"sort"

	"rollcall/adherence"
	"rollcall/schemas"
)

// agent is one person on the board.
type agent struct {
	id         string
	facts      []schemas.Fact     // in order; those before since are condensed
	since      schemas.Instant    // from here on every fact and activity is there
	read       schemas.Instant    // from here on facts were read; of what came before, what still matters
	tidy       schemas.Instant    // when to condense again
	activities []schemas.Activity // of the days around today, in order
	note       string
	noteAt     schemas.Instant
	wake       schemas.Instant // when to judge again without an event

	row      *schemas.LiveAgent
	place    *list.Element // in Board.recent
	notified bool          // readers have been notified of row
}

// insert puts a fact in its place, behind those of the same instant. The same fact twice is one.
func (a *agent) insert(f schemas.Fact) {
	i := sort.Search(len(a.facts), func(i int) bool { return a.facts[i].At > f.At })
	for j := i - 1; j >= 0 && a.facts[j].At == f.At; j-- {
		if a.facts[j] == f {
			return
		}
	}
	a.facts = slices.Insert(a.facts, i, f)
}

// setNote takes the note of the agent's latest change; a later change without one clears it, unless it is a feed that
// only repeats the state.
func (a *agent) setNote(c *schemas.Change) {
	repeats := c.Note == "" && !schemas.OwnSource(c.Source) && a.row != nil &&
		(c.Presence == schemas.PresenceNone || c.Presence == a.row.Presence) &&
		(c.Status == schemas.StatusNone || c.Status == a.row.Status && c.Secondary == a.row.Secondary)
	if c.At >= a.noteAt && !repeats {
		a.note, a.noteAt = c.Note, c.At
	}
}

// around returns the activity of the instant and the first that starts after it; nil where there is none.
func (a *agent) around(now schemas.Instant) (current, next *schemas.LiveActivity) {
	i := sort.Search(len(a.activities), func(i int) bool { return a.activities[i].End > now })
	if i < len(a.activities) && a.activities[i].Start <= now {
		current = shown(&a.activities[i])
		i++
	}
	if i < len(a.activities) {
		next = shown(&a.activities[i])
	}
	return current, next
}

func shown(x *schemas.Activity) *schemas.LiveActivity {
	return &schemas.LiveActivity{Code: x.Code, Category: x.Category, Start: x.Start, End: x.End}
}

// scratch is memory that judging uses again.
type scratch struct {
	input     adherence.Input
	shifts    shiftMemory
	stretches []adherence.Stretch
	days      []schemas.AgentDay
}

// moment is the judge's verdict of one instant.
type moment struct {
	state  schemas.LiveState
	since  schemas.Instant
	severe bool
	// open says that the verdict can change with the length of the run alone.
	open bool
}

// look judges the agent for the instant now and makes a new row if anything that readers see has changed. The caller
// holds the lock.
func (b *Board) look(a *agent, now schemas.Instant) {
	// The interval that ends one millisecond from now holds what is true now.
	at := now + 1
	in, today := b.input(a, at)
	m := b.verdict(in, at)
	member := b.known.Member(a.id, today)
	in.Rules = b.rulesOf(b.known.Policy(member, today))
	state, since, shown := b.judge.Present(in)
	if !shown {
		state, since = b.judge.PresentAt(in, at)
	}
	for f, at := range [3]*schemas.Instant{&since.Presence, &since.Status, &since.Routing} {
		if !b.reach.shows(*at, in.NamedBefore[f], a.read) {
			*at = 0
		}
	}
	row := &schemas.LiveAgent{
		AgentID:        a.id,
		Name:           a.id,
		Presence:       state.Presence,
		Status:         state.Status,
		Routing:        state.Routing,
		Secondary:      state.Secondary,
		Since:          since,
		AdherenceState: m.state,
		AdherenceSince: m.since,
		Severe:         m.severe,
		Note:           a.note,
		AsOf:           now,
		TimeZone:       b.known.Zone(member).Name(),
		Gone:           member == nil && len(a.facts) == 0,
	}
	if member != nil {
		row.Name, row.Team, row.Site = member.Name, member.Team, member.Site
	}
	row.Scheduled, row.Next = a.around(now)
	row.NotRoutableBecause = whyNotRoutable(state)
	row.Routable = row.NotRoutableBecause == ""
	a.wake = b.wakeAt(row, m, in, now)
	b.show(a, row)
}

// input gathers what the judge needs for the days around the instant, and returns the local date of the moment before
// it. It is valid until the next call, as are the stretches to judge, which are in the scratch. The caller holds the
// lock.
func (b *Board) input(a *agent, at schemas.Instant) (*adherence.Input, schemas.Date) {
	s := &b.scratch
	in := &s.input
	b.known.Describe(a.id, &b.names, in)
	in.Gaps = b.silences(a.id, at, in.Gaps)
	zone := in.Zones[len(in.Zones)-1].Zone
	b.tidy(a, zone, at)
	today := zone.Date(at - 1)
	s.stretches = b.known.Stretches(a.id, today-1, today+1, s.stretches[:0])
	in.AsOf, in.Activities, in.Facts = at, a.activities, a.facts
	return in, today
}

// tidy condenses once a day what has become old. The caller holds the lock.
func (b *Board) tidy(a *agent, zone schemas.Zone, at schemas.Instant) {
	if at < a.tidy {
		return
	}
	a.tidy = at.Add(schemas.DayMS)
	if from := b.reach.horizon(zone, a.activities, at, &b.scratch.shifts); from > a.since {
		a.facts, a.since = b.reach.condensed(a.facts, from), from
	}
}

func (b *Board) rulesOf(p *schemas.PolicyVersion) *adherence.Rules {
	if p == nil {
		return b.rules[""]
	}
	return b.rules[p.ID]
}

// judged yields the days around the instant of the input, valid until the next one. The second result is true for an
// input that cannot be judged (a stored schedule that overlaps); the nightly run reports it.
func (b *Board) judged(in *adherence.Input) iter.Seq2[*schemas.AgentDay, bool] {
	return func(yield func(*schemas.AgentDay, bool) bool) {
		for _, st := range b.scratch.stretches {
			in.Rules, in.From, in.To = b.rulesOf(st.Policy), st.From, st.To
			days, err := b.judge.Days(in, b.scratch.days[:0])
			b.scratch.days = days
			if err != nil {
				yield(nil, true)
				return
			}
			for i := range days {
				if !yield(&days[i], false) {
					return
				}
			}
		}
	}
}

// verdict judges the days around at and returns what they say of the interval that ends at it.
func (b *Board) verdict(in *adherence.Input, at schemas.Instant) moment {
	for d, failed := range b.judged(in) {
		if failed {
			return moment{state: schemas.LiveUnknown}
		}
		if m, ok := last(d.Intervals, at); ok {
			m.severe = m.state == schemas.LiveOutOfAdherence && at.Sub(m.since) > in.Rules.Policy().SevereAfterMS
			return m
		}
	}
	return moment{state: schemas.LiveUnscheduled}
}

// last returns the verdict of the interval that ends at the instant, and since when the live state has been the same.
func last(intervals []schemas.JudgedInterval, at schemas.Instant) (moment, bool) {
	n := sort.Search(len(intervals), func(i int) bool { return intervals[i].End >= at })
	if n == len(intervals) || intervals[n].End != at {
		return moment{}, false
	}
	m := moment{state: schemas.LiveStateOf(intervals[n].Verdict), since: intervals[n].Start,
		open: intervals[n].Verdict == schemas.VerdictTolerated}
	for i := n - 1; i >= 0 && intervals[i].End == m.since && schemas.LiveStateOf(intervals[i].Verdict) == m.state; i-- {
		m.since = intervals[i].Start
	}
	return m, true
}

// spread is over how many turns the looks without an event are shared out, in the second half of LookAgain: after a
// start everybody has been looked at in the same moment.
const spread = 128

// wakeAt returns the next instant at which the row can change by the clock alone: an activity, gap or correction begins
// or ends, a fact of the future comes due or one is no longer believed, a run becomes severe or outgrows what is
// tolerated.
func (b *Board) wakeAt(row *schemas.LiveAgent, m moment, in *adherence.Input, now schemas.Instant) schemas.Instant {
	b.turn++
	again := b.cfg.LookAgain.Milliseconds()
	wake := now.Add(again - again*(b.turn%spread)/(2*spread))
	sooner := func(t schemas.Instant) {
		if t > now && t < wake {
			wake = t
		}
	}
	if m.open {
		sooner(now.Add(schemas.SecondMS))
	}
	if row.Scheduled != nil {
		sooner(row.Scheduled.End)
	}
	if row.Next != nil {
		sooner(row.Next.Start)
	}
	if m.state == schemas.LiveOutOfAdherence && !m.severe {
		sooner(m.since.Add(in.Rules.Policy().SevereAfterMS))
	}
	for _, g := range in.Gaps {
		sooner(g.Start)
		sooner(g.End)
	}
	for _, c := range in.Corrections {
		sooner(c.Start)
		sooner(c.End)
	}
	factEdges(in, now, sooner)
	return wake
}

// factEdges reports when facts of the future come due, and when the last fact of each field is no longer believed: of
// each source where some are preferred, else of all together.
func factEdges(in *adherence.Input, now schemas.Instant, report func(schemas.Instant)) {
	carry, apart := in.Rules.Policy().CarryForwardMS, in.Rules.Prefers()
	var named [schemas.MostSources + 1]schemas.Fields
	for i := len(in.Facts) - 1; i >= 0 && (apart || named[0] != schemas.AllFields); i-- {
		f := &in.Facts[i]
		if f.At > now {
			report(f.At)
			continue
		}
		source := uint8(0)
		if apart {
			source = f.Source
		}
		c := schemas.Change{Presence: f.Presence, Status: f.Status, Routing: f.Routing}
		if fields := c.Fields(); fields&^named[source] != 0 {
			named[source] |= fields
			report(f.At.Add(carry + 1))
			report(f.At.Add(schemas.LongestAbsenceMS + 1))
		}
	}
	for _, s := range in.Sources {
		report(s.CompleteUpTo.Add(carry + 1))
	}
}

// show makes the row the agent's newest if readers would see a difference.
func (b *Board) show(a *agent, row *schemas.LiveAgent) {
	old := a.row
	if old == nil && row.Gone {
		return
	}
	if old != nil && sameToReaders(old, row) {
		return
	}
	b.version++
	row.Version, row.Moved = b.version, b.version
	if old != nil && old.Team == row.Team && old.Site == row.Site && old.Gone == row.Gone {
		row.Moved = old.Moved
	}
	a.row, a.notified = row, false
	if a.place == nil {
		a.place = b.recent.PushFront(a)
	} else {
		b.recent.MoveToFront(a.place)
	}
}

// sameToReaders compares everything but the instant and the numbers of the change.
func sameToReaders(x, y *schemas.LiveAgent) bool {
	p, q := *x, *y
	if !sameActivity(p.Scheduled, q.Scheduled) || !sameActivity(p.Next, q.Next) {
		return false
	}
	p.Scheduled, p.Next, q.Scheduled, q.Next = nil, nil, nil, nil
	p.AsOf, p.Version, p.Moved, q.AsOf, q.Version, q.Moved = 0, 0, 0, 0, 0, 0
	return p == q
}

func sameActivity(x, y *schemas.LiveActivity) bool {
	return x == y || x != nil && y != nil && *x == *y
}

// whyNotRoutable says why no work may be offered in the state, or "" (RULES.md section 1, "routable"; capacity 1,
// routable set available). A routing that no feed supplies is left out. Who changes during a contact may finish it
// (issue 4, scenario 2), and the reason says so.
func whyNotRoutable(s schemas.State) string {
	contact := s.Routing == schemas.RoutingInteracting || s.Routing == schemas.RoutingCommunicating
	finish := ""
	if contact {
		finish = "; the contact may be finished"
	}
	switch {
	case s.Presence != schemas.PresenceAvailable:
		return "presence is " + orUnknown(s.Presence.String()) + finish
	case s.Status != schemas.StatusAvailable:
		return "status is " + orUnknown(s.Status.String()) + finish
	case s.Routing == schemas.RoutingNotResponding:
		return "not responding to the last offer"
	case contact:
		return "on a contact"
	}
	return ""
}

func orUnknown(word string) string {
	if word == "" {
		return "unknown"
	}
	return word
}
