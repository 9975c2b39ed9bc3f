package reports

import (
	"encoding/csv"
	"io"
	"strconv"

	"rollcall/schemas"
)

func orNil(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

// Hash returns the hash of the report: SHA-256 over its parameters and, in order, every interval that has anything in
// it, in the canonical form of [hasher]; lengths are those of StaffingInterval, in milliseconds. What has passed since
// is no part of it.
func (s *Staffing) Hash() string {
	q := &s.Query
	h := newHasher(&q.Query)
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

// WriteStaffingJSON writes a staffing report as one JSON object: report, parameters, sums (groups, then all), intervals
// (those with anything in them, one a line), made_at, judged_at and hash.
func WriteStaffingJSON(w io.Writer, s *Staffing) error {
	o := jsonOut{w: w}
	o.text(`{"report":"staffing","parameters":`)
	o.value(struct {
		parametersJSON
		IntervalS schemas.Seconds `json:"interval_s"`
		By        StaffingBy      `json:"by"`
	}{newParametersJSON(&s.Query.Query), schemas.Seconds(s.Query.LengthMS), s.Query.By})
	o.text(`,"sums":[`)
	for i := range s.Groups {
		o.value(s.SumRow(&s.Groups[i]))
		o.text(",\n")
	}
	o.value(s.SumRow(nil))
	o.text(`],"intervals":[`)
	lead, figures := "\n", StaffingFigures()
	s.Each(func(g *StaffingGroup, v *StaffingInterval) {
		o.text(lead)
		o.value(s.row(figures, g, v))
		lead = ",\n"
	})
	o.text(`],"made_at":`)
	o.value(s.MadeAt)
	o.text(`,"judged_at":`)
	o.value(s.JudgedAt)
	o.text(`,"hash":`)
	o.value(s.Hash())
	o.text("}\n")
	return o.err
}

// WriteStaffingCSV writes the intervals of a staffing report as comma-separated values, one table: empty where a figure
// does not exist. The last lines, whose first column is about, name parameters, instants and hash.
func WriteStaffingCSV(w io.Writer, s *Staffing) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	figures := StaffingFigures()
	row := []string{string(s.Query.By), "start", "end"}
	for i := range figures {
		row = append(row, figures[i].Name)
	}
	err := c.Write(row)
	s.Each(func(g *StaffingGroup, v *StaffingInterval) {
		if err == nil {
			row[0], row[1], row[2] = SafeText(g.Name()), s.Zone.Format(v.Start), s.Zone.Format(v.End)
			for i := range figures {
				row[3+i] = number(figures[i].rounded(s.At(v)))
			}
			err = c.Write(row)
		}
	})
	for _, l := range s.About() {
		if err == nil {
			clear(row)
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

// About says, line by line, how the report was made.
func (s *Staffing) About() []AboutLine {
	q := &s.Query
	lines := []AboutLine{{"Report", "staffing"}, {"From", q.From.String()}, {"To", q.To.String()}, {"Time zone", q.Zone},
		{"Interval", schemas.Seconds(q.LengthMS).Text() + " s"}, {"By", string(q.By)}, {"Teams", orAll(q.Teams)},
		{"Sites", orAll(q.Sites)},
		{"Teams as they", map[string]string{TeamsThen: "were", TeamsNow: "are"}[q.TeamsAs]},
		{"Judged against", q.AgainstWords()},
		{"Known up to", s.JudgedAt.String()}, {"Made at", s.MadeAt.String()},
		{"Required", q.requiredWords()},
		{"Scheduled", "scheduled on-queue time / interval length"}, {"Actual", "time on queue / interval length"},
		{"Over and under", "too many and too few heads, summed apart over the intervals of each group, never netted"},
		{"Unknown", "scheduled, and nobody knows whether on queue; never missing: who is missing is so even if all of " +
			"these were there"},
		{"Occupancy", "(interacting + communicating) / time on queue"},
		{"Shrinkage, scheduled", "scheduled time in codes that count towards it / all scheduled time"},
		{"Shrinkage, actual", "(known time inside shifts not on queue + scheduled time off) / (known time inside shifts + " +
			"scheduled time off)"}}
	return append(lines, AboutLine{"Hash", s.Hash()})
}
