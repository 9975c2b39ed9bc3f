package reports

import (
	"rollcall/schemas"
)

// dayInFull is an agent-day in a JSON report: the row that `adherence days` prints (schemas owns its fields and their
// order), and its exceptions.
type dayInFull struct {
	schemas.DayRowJSON
	TargetPercent *float64          `json:"target_percent"`
	Exceptions    []exceptionInFull `json:"exceptions"`
}

// exceptionInFull is an exception with the code of the scheduled activity, and what happened in a sentence.
type exceptionInFull struct {
	schemas.ExceptionJSON
	ScheduledCode string `json:"scheduled_code"`
	Note          string `json:"note"`
}

func newDayInFull(d *Day) dayInFull {
	row := dayInFull{DayRowJSON: d.JSON(d.Against), TargetPercent: d.Target,
		Exceptions: make([]exceptionInFull, len(d.Exceptions))}
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		row.Exceptions[i] = exceptionInFull{e.JSON(), e.Code, ExceptionSentence(e, d.Zone)}
	}
	return row
}

// ExceptionColumn is one column of a table of exceptions.
type ExceptionColumn struct {
	// Name is the column's name in CSV, Title its heading in a workbook.
	Name, Title string
	// Text returns what a CSV file says of an exception of the day: times in the day's zone, a length in seconds, words of
	// the schema by their names.
	Text func(d *Day, e *schemas.Exception) string
}

// ExceptionColumns returns the columns of an exception, in the order of CSV files.
func ExceptionColumns() []ExceptionColumn {
	return []ExceptionColumn{
		{"start", "Start", func(d *Day, e *schemas.Exception) string { return d.Zone.Format(e.Start) }},
		{"end", "End", func(d *Day, e *schemas.Exception) string { return d.Zone.Format(e.End) }},
		{"scheduled_category", "Scheduled", func(_ *Day, e *schemas.Exception) string { return e.Category.String() }},
		{"scheduled_code", "Activity", func(_ *Day, e *schemas.Exception) string { return e.Code }},
		{"kind", "Kind", func(_ *Day, e *schemas.Exception) string { return e.Kind.String() }},
		{"seconds", "Duration", func(_ *Day, e *schemas.Exception) string { return schemas.Seconds(e.MS).Text() }},
		{"actual", "Actual", func(_ *Day, e *schemas.Exception) string { return actualWords(e.Parts) }},
		{"impact", "Impact", func(_ *Day, e *schemas.Exception) string { return ImpactWords(e.Parts) }},
		{"note", "Note", func(d *Day, e *schemas.Exception) string { return ExceptionSentence(e, d.Zone) }},
	}
}
