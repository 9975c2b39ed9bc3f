package schemas

import "strconv"

// FigureUnit is what a figure of a day is measured in.
type FigureUnit uint8

// The values of FigureUnit.
const (
	FigurePercent FigureUnit = iota + 1 // a percentage, which may not exist
	FigureReason                        // why a percentage does not exist
	FigureLength                        // a length of time
	FigureCount                         // a whole number
)

// DayFigure is one figure of a judged day: what it is called, and how to get it. The lengths are those of [Sums].
type DayFigure struct {
	// Name is its name in JSON, CSV and comparisons of reports, such as in_s. It is part of the formats and never changes.
	Name string
	// Title heads its column in a workbook: In. Label is what people call it beside a number: as scheduled.
	Title, Label string
	Unit         FigureUnit

	percent func(*AgentDay) Percent // of a FigurePercent, and of the percentage that a FigureReason belongs to
	length  func(*Sums) *int64      // of a FigureLength
}

// dayFigures is the table of figures. Hashes, stored days and CSV files have them in this order.
var dayFigures = [...]DayFigure{
	percentFigure("adherence_percent", "Adherence", "adherence", (*AgentDay).Adherence),
	reasonFigure("adherence_reason", "Left out as", "no adherence", (*AgentDay).Adherence),
	percentFigure("conformance_percent", "Conformance", "conformance", (*AgentDay).Conformance),
	reasonFigure("conformance_reason", "No conformance", "no conformance", (*AgentDay).Conformance),
	percentFigure("coverage_percent", "Coverage", "coverage", (*AgentDay).Coverage),
	lengthFigure("scheduled_s", "Scheduled", "scheduled", func(s *Sums) *int64 { return &s.ScheduledMS }),
	lengthFigure("in_s", "In", "as scheduled", func(s *Sums) *int64 { return &s.InMS }),
	lengthFigure("tolerated_s", "Tolerated", "tolerated", func(s *Sums) *int64 { return &s.ToleratedMS }),
	lengthFigure("out_s", "Out", "out", func(s *Sums) *int64 { return &s.OutMS }),
	lengthFigure("neutral_s", "Neutral", "excused", func(s *Sums) *int64 { return &s.NeutralMS }),
	lengthFigure("ignored_s", "Ignored", "not judged", func(s *Sums) *int64 { return &s.IgnoredMS }),
	lengthFigure("unknown_s", "Unknown", "unknown", func(s *Sums) *int64 { return &s.UnknownMS }),
	lengthFigure("outside_s", "Outside", "outside the schedule", func(s *Sums) *int64 { return &s.OutsideMS }),
	lengthFigure("unscheduled_on_queue_s", "On queue unscheduled", "on queue unscheduled",
		func(s *Sums) *int64 { return &s.UnscheduledOnQueueMS }),
	lengthFigure("conformance_scheduled_s", "On queue due", "scheduled on queue",
		func(s *Sums) *int64 { return &s.ConformanceScheduledMS }),
	lengthFigure("conformance_actual_s", "On queue", "on queue", func(s *Sums) *int64 { return &s.ConformanceActualMS }),
	{Name: "exception_count", Title: "Exceptions", Label: "exceptions", Unit: FigureCount},
}

func percentFigure(name, title, label string, of func(*AgentDay) Percent) DayFigure {
	return DayFigure{Name: name, Title: title, Label: label, Unit: FigurePercent, percent: of}
}

func reasonFigure(name, title, label string, of func(*AgentDay) Percent) DayFigure {
	return DayFigure{Name: name, Title: title, Label: label, Unit: FigureReason, percent: of}
}

func lengthFigure(name, title, label string, of func(*Sums) *int64) DayFigure {
	return DayFigure{Name: name, Title: title, Label: label, Unit: FigureLength, length: of}
}

// DayFigures returns every figure of a day, in the order of the formats.
func DayFigures() []DayFigure { return dayFigures[:] }

// FiguresOf returns the figures of one unit, in the same order.
func FiguresOf(unit FigureUnit) []DayFigure {
	var list []DayFigure
	for _, f := range dayFigures {
		if f.Unit == unit {
			list = append(list, f)
		}
	}
	return list
}

// Percent returns the value of a FigurePercent, and of a FigureReason the percentage that it belongs to.
func (f *DayFigure) Percent(d *AgentDay) Percent { return f.percent(d) }

// MS returns the value of a FigureLength in milliseconds.
func (f *DayFigure) MS(s *Sums) int64 { return *f.length(s) }

// Text writes the figure as CSV files do: a percentage with at most two decimals, a length in seconds, a reason by its
// name; empty where a percentage or reason does not exist.
func (f *DayFigure) Text(d *AgentDay) string {
	switch f.Unit {
	case FigurePercent:
		return f.Percent(d).Text()
	case FigureReason:
		return f.percent(d).Reason.String()
	case FigureLength:
		return Seconds(f.MS(&d.Sums)).Text()
	case FigureCount:
	}
	return strconv.Itoa(len(d.Exceptions))
}

// Lengths returns pointers to the eleven lengths in the order of [DayFigures], for code that treats them alike:
// storing, adding up, comparing.
func (s *Sums) Lengths() (all [11]*int64) {
	i := 0
	for k := range dayFigures {
		if dayFigures[k].length != nil {
			all[i] = dayFigures[k].length(s)
			i++
		}
	}
	return all
}

// Text writes the percentage with at most two decimals, 58.33 or 100, and nothing when it does not exist.
func (p Percent) Text() string {
	v, ok := p.Value()
	if !ok {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Text writes the seconds exactly, with decimals only for milliseconds: 900 or 0.25.
func (s Seconds) Text() string { return strconv.FormatFloat(float64(s)/1000, 'f', -1, 64) }
