package reports

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"rollcall/schemas"
)

// StaffingRow is an interval as programs read it. Heads are rounded to two decimals; the _s fields are exact.
type StaffingRow struct {
	Team  *string `json:"team,omitempty"`
	Site  *string `json:"site,omitempty"`
	Start string  `json:"start"`
	End   string  `json:"end"`
	// Required and Needed are null where nothing was imported; Actual and the nets to it before the interval is over,
	// Actual where nothing is known of it and the nets where what is unknown may make up for what seems to be missing.
	Required  *float64 `json:"required"`
	Needed    *float64 `json:"needed"`
	Scheduled float64  `json:"scheduled"`
	Actual    *float64 `json:"actual"`
	// NetPlanned is scheduled less required, NetRequired actual less required, NetScheduled actual less scheduled; of the last
	// two what is missing is so for certain, unknown heads taken off.
	NetPlanned   *float64 `json:"net_planned"`
	NetRequired  *float64 `json:"net_required"`
	NetScheduled *float64 `json:"net_scheduled"`

	OccupancyPercent          *float64 `json:"occupancy_percent"`
	ShrinkageScheduledPercent *float64 `json:"shrinkage_scheduled_percent"`
	ShrinkageActualPercent    *float64 `json:"shrinkage_actual_percent"`
	AdherencePercent          *float64 `json:"adherence_percent"`
	// Late, Absent and Unknown are heads too.
	Late    *float64 `json:"late"`
	Absent  *float64 `json:"absent"`
	Unknown *float64 `json:"unknown"`

	ScheduledOnQueueS schemas.Seconds `json:"scheduled_on_queue_s"`
	OnQueueS          schemas.Seconds `json:"on_queue_s"`
	ContactS          schemas.Seconds `json:"contact_s"`
	ScheduledS        schemas.Seconds `json:"scheduled_s"`
}

// Row gives an interval of a group as programs read it.
func (s *Staffing) Row(g *StaffingGroup, v *StaffingInterval) StaffingRow {
	over := s.Over(v)
	known := over && !v.Unknown()
	heads := func(exists bool, ms int64) *float64 {
		if !exists {
			return nil
		}
		h := math.Round(v.Heads(ms)*100) / 100
		return &h
	}
	netRequired, isRequired := v.NetRequired()
	netScheduled, isScheduled := v.NetScheduled()
	r := StaffingRow{Start: s.Zone.Format(v.Start), End: s.Zone.Format(v.End), Required: heads(v.HasRequired, v.RequiredMS),
		Needed: heads(v.HasRequired, v.NeededMS), Scheduled: *heads(true, v.ScheduledMS), Actual: heads(known, v.ActualMS),
		NetPlanned: heads(v.HasRequired, v.ScheduledMS-v.RequiredMS), NetRequired: heads(over && isRequired, netRequired),
		NetScheduled: heads(over && isScheduled, netScheduled), OccupancyPercent: orNil(v.Occupancy()),
		ShrinkageScheduledPercent: orNil(v.PlannedShrinkage()), ShrinkageActualPercent: orNil(v.ActualShrinkage()), AdherencePercent: orNil(v.Adherence()),
		Late: heads(over, v.LateMS), Absent: heads(over, v.AbsentMS), Unknown: heads(over, v.UnknownMS),
		ScheduledOnQueueS: schemas.Seconds(v.ScheduledMS), OnQueueS: schemas.Seconds(v.ActualMS), ContactS: schemas.Seconds(v.ContactMS),
		ScheduledS: schemas.Seconds(v.PlannedMS)}
	r.Team, r.Site = s.named(g)
	return r
}

// named gives team and site of a group, nil for what the report is not summed up by.
func (s *Staffing) named(g *StaffingGroup) (team, site *string) {
	if s.Query.By == StaffingByTeam || s.Query.By == StaffingByPart {
		team = &g.Team
	}
	if s.Query.By == StaffingBySite || s.Query.By == StaffingByPart {
		site = &g.Site
	}
	return team, site
}

func orNil(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

// StaffingSumRow is what a group's intervals add up to, in hours of heads.
type StaffingSumRow struct {
	Team           *string `json:"team,omitempty"`
	Site           *string `json:"site,omitempty"`
	Intervals      int     `json:"intervals"`
	RequiredHours  float64 `json:"required_hours"`
	ScheduledHours float64 `json:"scheduled_hours"`
	ActualHours    float64 `json:"actual_hours"`
	// Over and under are of time on queue against the requirement, and apart: an hour too many does not make up for one that is
	// missing. The plan's are of the schedule against the requirement.
	OverHours         float64 `json:"over_hours"`
	UnderHours        float64 `json:"under_hours"`
	PlannedOverHours  float64 `json:"planned_over_hours"`
	PlannedUnderHours float64 `json:"planned_under_hours"`
	OverPlanHours     float64 `json:"over_schedule_hours"`
	UnderPlanHours    float64 `json:"under_schedule_hours"`
	// What is so far is of the intervals that are over.
	RequiredSoFarHours  float64 `json:"required_so_far_hours"`
	ScheduledSoFarHours float64 `json:"scheduled_so_far_hours"`
	ActualSoFarHours    float64 `json:"actual_so_far_hours"`

	OccupancyPercent          *float64 `json:"occupancy_percent"`
	ShrinkageScheduledPercent *float64 `json:"shrinkage_scheduled_percent"`
	ShrinkageActualPercent    *float64 `json:"shrinkage_actual_percent"`
	AdherencePercent          *float64 `json:"adherence_percent"`
	LateHours                 float64  `json:"late_hours"`
	AbsentHours               float64  `json:"absent_hours"`
	UnknownHours              float64  `json:"unknown_hours"`
}

// SumRow gives the sum of a group, or of all with nil, as programs read it.
func (s *Staffing) SumRow(g *StaffingGroup) StaffingSumRow {
	sum := &s.Total
	r := StaffingSumRow{}
	if g != nil {
		sum = &g.Sum
		r.Team, r.Site = s.named(g)
	}
	hours := func(ms int64) float64 { return math.Round(float64(ms)/float64(schemas.HourMS)*100) / 100 }
	r.Intervals, r.RequiredHours, r.ScheduledHours, r.ActualHours = sum.Intervals, hours(sum.RequiredMS), hours(sum.ScheduledMS), hours(sum.ActualMS)
	r.OverHours, r.UnderHours, r.PlannedOverHours, r.PlannedUnderHours = hours(sum.OverMS), hours(sum.UnderMS), hours(sum.PlannedOverMS), hours(sum.PlannedUnderMS)
	r.OverPlanHours, r.UnderPlanHours = hours(sum.OverPlanMS), hours(sum.UnderPlanMS)
	r.RequiredSoFarHours, r.ScheduledSoFarHours, r.ActualSoFarHours = hours(sum.SoFar.RequiredMS), hours(sum.SoFar.ScheduledMS), hours(sum.SoFar.ActualMS)
	r.OccupancyPercent, r.AdherencePercent = orNil(sum.Occupancy()), orNil(sum.Adherence())
	r.ShrinkageScheduledPercent, r.ShrinkageActualPercent = orNil(sum.PlannedShrinkage()), orNil(sum.ActualShrinkage())
	r.LateHours, r.AbsentHours, r.UnknownHours = hours(sum.LateMS), hours(sum.AbsentMS), hours(sum.UnknownMS)
	return r
}

// Hash gives the hash of the report: SHA-256 over its parameters and, in order, every interval that has anything in it, in the
// canonical form of [Hasher]; lengths are those of StaffingInterval, in milliseconds. What has passed since is no part of it.
func (s *Staffing) Hash() string {
	q := &s.Query
	h := NewHasher(&q.Query)
	h.word("staffing").number(q.LengthMS).field(string(q.By)).line()
	for i := range s.Groups {
		g := &s.Groups[i]
		for k := range g.Intervals {
			v := &g.Intervals[k]
			if v.Empty() {
				continue
			}
			h.word("interval").text(g.Name()).number(int64(v.Start)).number(int64(v.End))
			if h.field("-"); v.HasRequired {
				h.field("required")
			}
			for _, ms := range v.lengths() {
				h.number(*ms)
			}
			h.line()
		}
	}
	return h.Sum()
}

// WriteStaffingJSON writes a staffing report as one JSON object: report, parameters, sums (groups, then all), intervals (those
// with anything in them, one a line), made_at, judged_at and hash.
func WriteStaffingJSON(w io.Writer, s *Staffing) error {
	var err error
	put := func(v any) {
		if err == nil {
			var b []byte
			if b, err = json.Marshal(v); err == nil {
				_, err = w.Write(b)
			}
		}
	}
	text := func(t string) {
		if err == nil {
			_, err = io.WriteString(w, t)
		}
	}
	text(`{"report":"staffing","parameters":`)
	put(struct {
		parametersJSON
		IntervalS schemas.Seconds `json:"interval_s"`
		By        StaffingBy      `json:"by"`
	}{newParametersJSON(&s.Query.Query), schemas.Seconds(s.Query.LengthMS), s.Query.By})
	text(`,"sums":[`)
	for i := range s.Groups {
		put(s.SumRow(&s.Groups[i]))
		text(",\n")
	}
	put(s.SumRow(nil))
	text(`],"intervals":[`)
	lead := "\n"
	s.Each(func(g *StaffingGroup, v *StaffingInterval) {
		text(lead)
		put(s.Row(g, v))
		lead = ",\n"
	})
	text(`],"made_at":`)
	put(s.MadeAt)
	text(`,"judged_at":`)
	put(s.JudgedAt)
	text(`,"hash":`)
	put(s.Hash())
	text("}\n")
	return err
}

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

// WriteStaffingCSV writes the intervals of a staffing report as comma-separated values, one table: empty where a figure does
// not exist. The last lines, whose first column is about, name parameters, instants and hash.
func WriteStaffingCSV(w io.Writer, s *Staffing) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write([]string{string(s.Query.By), "start", "end", "required", "needed", "scheduled", "actual", "net_planned", "net_required",
		"net_scheduled", "occupancy_percent", "shrinkage_scheduled_percent", "shrinkage_actual_percent", "adherence_percent", "late", "absent",
		"unknown"}); err != nil {
		return err
	}
	var err error
	s.Each(func(g *StaffingGroup, v *StaffingInterval) {
		if err == nil {
			r := s.Row(g, v)
			err = c.Write([]string{SafeText(g.Name()), r.Start, r.End, number(r.Required), number(r.Needed), number(&r.Scheduled), number(r.Actual),
				number(r.NetPlanned), number(r.NetRequired), number(r.NetScheduled), number(r.OccupancyPercent), number(r.ShrinkageScheduledPercent),
				number(r.ShrinkageActualPercent), number(r.AdherencePercent), number(r.Late), number(r.Absent), number(r.Unknown)})
		}
	})
	for _, l := range s.About() {
		if err == nil {
			row := make([]string, 17)
			row[0], row[1], row[2] = "about", SafeText(l.Name), SafeText(l.Value)
			err = c.Write(row)
		}
	}
	if c.Flush(); err == nil {
		err = c.Error()
	}
	return err
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func (q *StaffingQuery) requiredWords() string {
	if !q.Requires() {
		return "left out: what is required of a team is not required of its agents at one site, nor of some of them"
	}
	return "heads on queue, as imported; needed = required / (1 - shrinkage), rounded up"
}

// About tells, line by line, how the report was made.
func (s *Staffing) About() []AboutLine {
	q := &s.Query
	lines := []AboutLine{{"Report", "staffing"}, {"From", q.From.String()}, {"To", q.To.String()}, {"Time zone", q.Zone},
		{"Interval", schemas.Seconds(q.LengthMS).Text() + " s"}, {"By", string(q.By)}, {"Teams", orAll(q.Teams)}, {"Sites", orAll(q.Sites)},
		{"Teams as they", map[string]string{TeamsThen: "were", TeamsNow: "are"}[q.TeamsAs]}, {"Judged against", q.AgainstWords()},
		{"Known up to", s.JudgedAt.String()}, {"Made at", s.MadeAt.String()},
		{"Required", q.requiredWords()},
		{"Scheduled", "scheduled on-queue time / interval length"}, {"Actual", "time on queue / interval length"},
		{"Over and under", "too many and too few heads, summed apart over the intervals of each group, never netted"},
		{"Unknown", "scheduled, and nobody knows whether on queue; never missing: who is missing is so even if all of these were there"},
		{"Occupancy", "(interacting + communicating) / time on queue"},
		{"Shrinkage, scheduled", "scheduled time in codes that count towards it / all scheduled time"},
		{"Shrinkage, actual", "(known time inside shifts not on queue + scheduled time off) / scheduled time"}}
	return append(lines, AboutLine{"Hash", s.Hash()})
}
