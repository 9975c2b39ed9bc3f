package story

import (
	"fmt"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// figure is one figure of a day: how it is written, and how it is read.
type figure struct {
	name string
	show func(*schemas.AgentDay) string
	read func(string) (string, error)
}

// figures lists the figures of a day in the order in which they are written, under their names in words: unscheduled on
// queue for unscheduled_on_queue_s.
func figures() []figure {
	var all []figure
	for _, f := range schemas.DayFigures() {
		name := func(suffix string) string { return strings.ReplaceAll(strings.TrimSuffix(f.Name, suffix), "_", " ") }
		switch f.Unit {
		case schemas.FigurePercent:
			all = append(all, figure{name("_percent"),
				func(d *schemas.AgentDay) string { return showPercent(f.Percent(d)) }, readPercent})
		case schemas.FigureLength:
			all = append(all, figure{name("_s"),
				func(d *schemas.AgentDay) string { return sayLength(f.MS(&d.Sums)) }, readLength})
		case schemas.FigureReason, schemas.FigureCount:
		}
	}
	return all
}

func showPercent(p schemas.Percent) string {
	if v, ok := p.Value(); ok {
		return sayPercent(v)
	}
	return sayNone(p.Reason)
}

func sayPercent(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + " %" }

func sayNone(r schemas.Reason) string {
	if r == schemas.ReasonNone {
		return "none"
	}
	return "none (" + spaced(r) + ")"
}

// sayLength writes milliseconds as hours:minutes:seconds, with decimals only where there are any.
func sayLength(ms int64) string {
	text := fmt.Sprintf("%d:%02d:%02d", ms/schemas.HourMS, ms/schemas.MinuteMS%60, ms/schemas.SecondMS%60)
	if rest := ms % schemas.SecondMS; rest != 0 {
		text += strings.TrimRight(fmt.Sprintf(".%03d", rest), "0")
	}
	return text
}

// row is one row of the exceptions or verdicts of a day. loose leaves out the code, as a story may.
type row struct{ exact, loose string }

// makeRow joins the columns; scheduled is written with and without its code.
func makeRow(times, code string, c schemas.Category, rest ...string) row {
	exact, loose := sayActivity(code, c), sayActivity("", c)
	if c == schemas.CategoryNone {
		exact, loose = free, free
	}
	tail := " | " + strings.Join(rest, " | ")
	return row{times + " | " + exact + tail, times + " | " + loose + tail}
}

func (s *Story) dayCalendar(d *schemas.AgentDay) calendar {
	return calendar{zone: s.Case.Zone, date: d.Day, dated: true}
}

// exceptionRows writes the exceptions of a day: times | activity | kind | impacts of its parts.
func (s *Story) exceptionRows(d *schemas.AgentDay) []row {
	rows := make([]row, len(d.Exceptions))
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		impacts := make([]string, len(e.Parts))
		for k := range e.Parts {
			impacts[k] = spaced(e.Parts[k].Impact)
		}
		times := s.dayCalendar(d).writeTwo(schemas.Interval{Start: e.Start, End: e.End})
		rows[i] = makeRow(times, e.Code, e.Category, spaced(e.Kind), strings.Join(impacts, ", "))
	}
	return rows
}

// verdictRows writes the day line by line: times | activity | what the agent does | verdict. Neighbours that read equal
// are joined; outside the schedule only on-queue time is a row.
func (s *Story) verdictRows(d *schemas.AgentDay) []row {
	var rows []row
	var last schemas.JudgedInterval
	for _, v := range d.Intervals {
		if v.Activity < 0 && !v.OnQueue {
			continue
		}
		if n := len(rows); n > 0 && last.End == v.Start && last.Activity == v.Activity && last.State == v.State &&
			last.Verdict == v.Verdict {
			v.Start = last.Start
			rows = rows[:n-1]
		}
		rows = append(rows, s.verdictRow(d, &v))
		last = v
	}
	return rows
}

func (s *Story) verdictRow(d *schemas.AgentDay, v *schemas.JudgedInterval) row {
	code, category, verdict := "", schemas.CategoryNone, free
	if v.Activity >= 0 {
		code, category = d.Activities[v.Activity].Code, d.Activities[v.Activity].Category
	}
	if v.Verdict != schemas.VerdictNone {
		verdict = spaced(v.Verdict)
	}
	times := s.dayCalendar(d).writeTwo(schemas.Interval{Start: v.Start, End: v.End})
	return makeRow(times, code, category, sayState(v.State), verdict)
}
