package reports

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"rollcall/schemas"
)

// StaffingBy is what a staffing report sums up.
type StaffingBy string

// What a staffing report can sum up.
const (
	StaffingByTeam StaffingBy = "team"
	StaffingBySite StaffingBy = "site"
	StaffingByAll  StaffingBy = "all"
	// StaffingByPart is each team at each site, the finest: what is stored.
	StaffingByPart StaffingBy = "team_and_site"
)

// parts says whether groups are of a team, and of a site.
func (by StaffingBy) parts() (team, site bool) {
	return by == StaffingByTeam || by == StaffingByPart, by == StaffingBySite || by == StaffingByPart
}

// part returns the part that somebody of a team at a site belongs to.
func (by StaffingBy) part(team, site string) (p StaffingPart) {
	byTeam, bySite := by.parts()
	if byTeam {
		p.Team = team
	}
	if bySite {
		p.Site = site
	}
	return p
}

// StaffingQuery says what a staffing report is about: the days of its Query, cut into intervals on the wall clock of
// its Zone, which has to be named.
type StaffingQuery struct {
	Query
	// LengthMS is the length of an interval: 15, 30 or 60 minutes.
	LengthMS int64
	By       StaffingBy
}

// The bounds of one staffing report, so that its memory is bounded: 200 bytes an interval of a group.
const (
	mostStaffingDays      = 400
	mostStaffingIntervals = 1_000_000
)

// Validate returns everything that is wrong with the query, or nil.
func (q *StaffingQuery) Validate() error {
	errs := []error{q.Query.Validate()}
	if q.Zone == "" {
		errs = append(errs, errors.New(
			"no time zone: name the one on whose wall clock the intervals are cut, such as Europe/London"))
	}
	if !slices.Contains(schemas.RequirementLengths[:], q.LengthMS) {
		errs = append(errs, fmt.Errorf("intervals of %s s are not possible; they last 15, 30 or 60 minutes",
			schemas.Seconds(q.LengthMS).Text()))
	}
	if !slices.Contains([]StaffingBy{StaffingByTeam, StaffingBySite, StaffingByAll, StaffingByPart}, q.By) {
		errs = append(errs, fmt.Errorf("by %q is not one of team, site, all", q.By))
	}
	if q.To-q.From >= mostStaffingDays {
		errs = append(errs, fmt.Errorf("%d days are too many for a staffing report; choose at most %d", q.To-q.From+1,
			mostStaffingDays))
	}
	return errors.Join(errs...)
}

// StaffingReader yields what a staffing report is made of: judged days with their intervals, requirements and activity
// codes.
type StaffingReader interface {
	Reader
	// Requirements yields the requirements that overlap the interval, of the teams or of all, by team and start.
	Requirements(ctx context.Context, teams []string, within schemas.Interval, knownAt schemas.Instant,
		yield func(*schemas.Requirement) error) error
	// ActivityCodes returns the activity codes known at the instant, 0 for now.
	ActivityCodes(ctx context.Context, knownAt schemas.Instant) ([]schemas.ActivityCode, error)
}

// StaffingInterval is one interval of one group (RULES.md section 8). Every length is a sum over heads in milliseconds:
// two heads for a quarter of an hour are 30 minutes.
type StaffingInterval struct {
	schemas.Interval
	// HasRequired says whether anything was imported for the interval: nothing is not the same as zero heads.
	HasRequired bool
	// RequiredMS is what is required on queue; NeededMS what has to be scheduled so that this is left under the
	// requirement's shrinkage, rounded up to whole heads of each requirement.
	RequiredMS, NeededMS int64
	// ScheduledMS is on-queue work that is scheduled, ActualMS time on queue, ContactMS what of it was a contact.
	ScheduledMS, ActualMS, ContactMS int64
	// PlannedMS is all scheduled time, PlannedShrinkMS what of it counts towards shrinkage.
	PlannedMS, PlannedShrinkMS int64
	// PastMS is the time inside shifts of which it is known whether it was on queue, and time off; LostMS what of it was
	// not on queue. UnknownMS is when, but for time off, it is unknown whether those who were scheduled were on queue,
	// whatever a correction makes of it.
	PastMS, LostMS, UnknownMS int64
	// AdheredMS of CountedMS are the two sides of adherence, over the days that have one.
	AdheredMS, CountedMS int64
	// LateMS and AbsentMS are the time of exceptions of these kinds: a shift that began late, and a shift of somebody
	// absent.
	LateMS, AbsentMS int64
}

// Heads returns a length of the interval as heads.
func (v *StaffingInterval) Heads(ms int64) float64 {
	return float64(ms) / float64(v.End.Sub(v.Start))
}

// percentOf returns part / whole in per cent, rounded half away from zero to two decimals on integers.
func percentOf(part, whole int64) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return float64((part*20000+whole)/(2*whole)) / 100, true
}

// StaffingSum is what intervals add up to. Over- and understaffing are summed apart and never netted (RULES.md section
// 8).
type StaffingSum struct {
	StaffingInterval
	// Intervals counts those with anything in them, Judged those that are over, Required those with a requirement.
	Intervals, Judged, Required int
	// OverMS and UnderMS are the nets of time on queue to the requirement, OverPlanMS and UnderPlanMS those to the
	// schedule, and PlannedOverMS and PlannedUnderMS compare the schedule with the requirement. The first four are over
	// judged intervals only.
	OverMS, UnderMS, OverPlanMS, UnderPlanMS, PlannedOverMS, PlannedUnderMS int64
	// SoFar are the lengths of the judged intervals alone: what time on queue can be held against on a day under way.
	SoFar struct{ RequiredMS, ScheduledMS, ActualMS int64 }
}

// add adds an interval; over says whether it is over.
func (s *StaffingSum) add(v *StaffingInterval, over bool) {
	s.Intervals++
	s.plus(v)
	if v.HasRequired {
		s.Required++
		split(v.ScheduledMS-v.RequiredMS, true, &s.PlannedOverMS, &s.PlannedUnderMS)
	}
	if !over {
		return
	}
	s.Judged++
	s.SoFar.RequiredMS += v.RequiredMS
	s.SoFar.ScheduledMS += v.ScheduledMS
	s.SoFar.ActualMS += v.ActualMS
	net, known := v.netScheduled()
	split(net, known, &s.OverPlanMS, &s.UnderPlanMS)
	net, known = v.NetRequired()
	split(net, known, &s.OverMS, &s.UnderMS)
}

// UnderOver returns the hours that were missing and those that were too many, in milliseconds: of what was required,
// else of what was scheduled.
func (s *StaffingSum) UnderOver(required bool) (under, over int64) {
	if required {
		return s.UnderMS, s.OverMS
	}
	return s.UnderPlanMS, s.OverPlanMS
}

// split adds a net to one of the two sides.
func split(net int64, known bool, above, below *int64) {
	switch {
	case !known:
	case net > 0:
		*above += net
	default:
		*below -= net
	}
}

// NetRequired returns the time on queue less what was required; false without a requirement, and where what is unknown
// may make up for what seems to be missing: unknown is never missing. So many are too many, or too few, at least.
func (v *StaffingInterval) NetRequired() (ms int64, known bool) {
	ms, known = v.net(v.RequiredMS)
	return ms, known && v.HasRequired
}

// netScheduled returns the time on queue less what was scheduled, in the same way.
func (v *StaffingInterval) netScheduled() (ms int64, known bool) { return v.net(v.ScheduledMS) }

// Against returns what the time on queue is held against, what was required or else scheduled, and the net to it.
func (v *StaffingInterval) Against(required bool) (want, net int64, known bool) {
	if required {
		net, known = v.NetRequired()
		return v.RequiredMS, net, known
	}
	net, known = v.netScheduled()
	return v.ScheduledMS, net, known
}

func (v *StaffingInterval) net(want int64) (ms int64, known bool) {
	switch {
	case v.ActualMS >= want:
		return v.ActualMS - want, v.ActualMS > want || !v.Unknown()
	case v.ActualMS+v.UnknownMS < want:
		return v.ActualMS + v.UnknownMS - want, true
	}
	return 0, false
}

// lengths lists the lengths, for code that treats them alike.
func (v *StaffingInterval) lengths() [14]*int64 {
	return [14]*int64{&v.RequiredMS, &v.NeededMS, &v.ScheduledMS, &v.ActualMS, &v.ContactMS, &v.PlannedMS,
		&v.PlannedShrinkMS, &v.PastMS,
		&v.LostMS, &v.UnknownMS, &v.AdheredMS, &v.CountedMS, &v.LateMS, &v.AbsentMS}
}

// plus adds the lengths of another interval.
func (v *StaffingInterval) plus(o *StaffingInterval) {
	v.HasRequired = v.HasRequired || o.HasRequired
	from := o.lengths()
	for i, ms := range v.lengths() {
		*ms += *from[i]
	}
}

// Empty says that nothing was required, scheduled or done.
func (v *StaffingInterval) Empty() bool {
	return !v.HasRequired && v.PlannedMS == 0 && v.ActualMS == 0 && v.PastMS == 0
}

// StaffingPart says whom a group is of: what it is not summed up by is empty, and so is the team or site of agents of
// none.
type StaffingPart struct{ Team, Site string }

// Name returns what people call the part.
func (p StaffingPart) Name() string {
	switch {
	case p.Team != "" && p.Site != "":
		return p.Team + ", " + p.Site
	case p.Team != "":
		return p.Team
	}
	return p.Site
}

// StaffingGroup is a team, a site or everybody, with all intervals of the report in order.
type StaffingGroup struct {
	StaffingPart
	Intervals []StaffingInterval
	Sum       StaffingSum
}

// Staffing is a staffing report.
type Staffing struct {
	Query  StaffingQuery
	Zone   schemas.Zone
	MadeAt schemas.Instant
	// JudgedAt is the instant up to which time on queue is known: intervals that end later are not over.
	JudgedAt schemas.Instant
	// Groups are in order of their names; Total is over all of them.
	Groups []StaffingGroup
	Total  StaffingSum
	// Days counts the agent-days.
	Days int
}

// Unknown says that nobody is known to have been on queue, and that half of the scheduled time or more is unknown.
func (v *StaffingInterval) Unknown() bool {
	return v.ActualMS == 0 && v.UnknownMS > 0 && 2*v.UnknownMS >= v.PastMS
}

// Over says whether the interval is over, so that what was done in it can be compared.
func (s *Staffing) Over(v *StaffingInterval) bool { return v.End <= s.JudgedAt }

// Each goes through the intervals that have anything in them.
func (s *Staffing) Each(do func(g *StaffingGroup, v *StaffingInterval)) {
	for i := range s.Groups {
		for k := range s.Groups[i].Intervals {
			if v := &s.Groups[i].Intervals[k]; !v.Empty() {
				do(&s.Groups[i], v)
			}
		}
	}
}

// Dates goes through the local dates on which a group has anything, each with its intervals.
func (s *Staffing) Dates(g *StaffingGroup) iter.Seq2[schemas.Date, []StaffingInterval] {
	return func(yield func(schemas.Date, []StaffingInterval) bool) {
		for rest := g.Intervals; len(rest) > 0; {
			date, n := s.Zone.Date(rest[0].Start), 1
			for n < len(rest) && s.Zone.Date(rest[n].Start) == date {
				n++
			}
			some := slices.ContainsFunc(rest[:n], func(v StaffingInterval) bool { return !v.Empty() })
			if some && !yield(date, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Together adds the groups up, interval by interval, and returns those that have anything in them, in order.
func (s *Staffing) Together() []StaffingInterval {
	var all []StaffingInterval
	for k := range s.Groups {
		for i := range s.Groups[k].Intervals {
			v := &s.Groups[k].Intervals[i]
			if i == len(all) {
				all = append(all, StaffingInterval{Interval: v.Interval})
			}
			all[i].plus(v)
		}
	}
	return slices.DeleteFunc(all, func(v StaffingInterval) bool { return v.Empty() })
}

// Requires says whether requirements are held against what the report is about: what is required of a team is not
// required of its agents at one site, nor of some of its agents.
func (q *StaffingQuery) Requires() bool {
	return (q.By == StaffingByTeam || q.By == StaffingByAll) && len(q.Sites) == 0 && len(q.Agents) == 0
}

// MakeStaffing works a staffing report out of stored results and requirements.
func MakeStaffing(ctx context.Context, r StaffingReader, q StaffingQuery, madeAt schemas.Instant) (*Staffing, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("staffing report: %w", err)
	}
	zone, err := schemas.LoadZone(q.Zone)
	if err != nil {
		return nil, fmt.Errorf("staffing report: %w", err)
	}
	c := newStaffingCount(&q, zone, madeAt, staffingGrid(zone, q.From, q.To, q.LengthMS))
	if err := c.read(ctx, r); err != nil {
		return nil, fmt.Errorf("staffing report from %s to %s: %w", q.From, q.To, err)
	}
	c.finish()
	return c.made, nil
}

// staffingGrid cuts local dates into intervals on the wall clock. Where a clock change leaves no whole one, as on Lord
// Howe Island with its half hour, one is shorter.
func staffingGrid(zone schemas.Zone, from, to schemas.Date, lengthMS int64) []schemas.Interval {
	var grid []schemas.Interval
	for d := from; d <= to; d++ {
		day := zone.Day(d)
		for at := day.Start; at < day.End; {
			end := min(clockEnd(zone, at, lengthMS), day.End)
			grid = append(grid, schemas.Interval{Start: at, End: end})
			at = end
		}
	}
	return grid
}

// clockEnd returns the first instant after at where the wall clock shows a multiple of the length, or is changed.
func clockEnd(zone schemas.Zone, at schemas.Instant, lengthMS int64) schemas.Instant {
	local := at.Time().In(zone.Location())
	_, offset := local.Zone()
	end := at.Add(lengthMS - (int64(at)+int64(offset)*schemas.SecondMS)%lengthMS)
	if _, change := local.ZoneBounds(); !change.IsZero() {
		end = min(end, schemas.InstantOf(change))
	}
	return end
}
