package reports

import (
	"strconv"

	"rollcall/schemas"
)

// DayInFull is an agent-day in a JSON report: the row that `adherence days` prints (schemas owns its fields and their
// order), and its exceptions.
type DayInFull struct {
	schemas.DayRowJSON
	TargetPercent *float64          `json:"target_percent"`
	Exceptions    []ExceptionInFull `json:"exceptions"`
}

// ExceptionInFull is an exception with the code of the scheduled activity, and what happened in plain words.
type ExceptionInFull struct {
	schemas.ExceptionJSON
	ScheduledCode string `json:"scheduled_code"`
	Note          string `json:"note"`
}

// ExceptionNote tells one exception in plain words, with clock times of the zone.
func ExceptionNote(e *schemas.Exception, zone schemas.Zone) string {
	one := [1]schemas.Exception{*e}
	return ExceptionWords(one[:], zone, 1)
}

func newDayInFull(d *Day) DayInFull {
	row := DayInFull{DayRowJSON: d.JSON(d.Against), TargetPercent: d.Target, Exceptions: make([]ExceptionInFull, len(d.Exceptions))}
	for i := range d.Exceptions {
		row.Exceptions[i] = ExceptionInFull{d.Exceptions[i].JSON(), d.Exceptions[i].Code, ExceptionNote(&d.Exceptions[i], d.Zone)}
	}
	return row
}

// PercentText writes a percentage with at most two decimals, 58.33 or 100, and nothing when it does not exist.
func PercentText(p schemas.Percent) string {
	v, ok := p.Value()
	if !ok {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// SecondsText writes a length in milliseconds as seconds, exact, with decimals only for milliseconds: 900 or 0.25.
func SecondsText(ms int64) string {
	return strconv.FormatFloat(float64(ms)/float64(schemas.SecondMS), 'f', -1, 64)
}
