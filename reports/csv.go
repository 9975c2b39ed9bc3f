package reports

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// DayColumns are the columns of a day in CSV and tables: those of schemas.DayRowJSON, in another order: who first.
func DayColumns() []string {
	return []string{"day", "agent_id", "agent_name", "team", "site", "state", "adherence_percent", "adherence_reason",
		"conformance_percent", "conformance_reason", "coverage_percent", "scheduled_s", "in_s", "tolerated_s", "out_s",
		"neutral_s", "ignored_s", "unknown_s", "outside_s", "unscheduled_on_queue_s", "conformance_scheduled_s",
		"conformance_actual_s", "exception_count", "against", "policy", "known_at", "computed_at"}
}

// DayCells are the values of [DayColumns], safe to be opened by a spreadsheet program.
func DayCells(d *schemas.DayRow, against string) []string {
	return append([]string{d.Day.String(), SafeText(d.AgentID), SafeText(d.Name), SafeText(d.Team), SafeText(d.Site),
		d.State.String(), PercentText(d.Adherence()), d.AdherenceReason.String(),
		PercentText(d.Conformance()), d.ConformanceReason.String(), PercentText(d.Coverage())},
		append(sumCells(&d.Sums), strconv.Itoa(len(d.Exceptions)), against, SafeText(d.Policy), d.KnownAt.String(),
			d.ComputedAt.String())...)
}

func sumCells(s *schemas.Sums) []string {
	var cells []string
	for _, ms := range []int64{s.ScheduledMS, s.InMS, s.ToleratedMS, s.OutMS, s.NeutralMS, s.IgnoredMS, s.UnknownMS,
		s.OutsideMS, s.UnscheduledOnQueueMS, s.ConformanceScheduledMS, s.ConformanceActualMS} {
		cells = append(cells, SecondsText(ms))
	}
	return cells
}

// ExceptionColumns are the columns of an exception in CSV and tables: what it was, after whose it was.
func ExceptionColumns() []string {
	return append([]string{"day", "agent_id", "agent_name", "team", "site", "state"}, exceptionOnly()...)
}

func exceptionOnly() []string {
	return []string{"start", "end", "scheduled_category", "scheduled_code", "kind", "seconds", "actual", "impact", "note"}
}

// ExceptionCells are the values of [ExceptionColumns] for one exception of a day; start and end are local times of the
// zone with their offset.
func ExceptionCells(d *schemas.DayRow, e *schemas.Exception, zone schemas.Zone) []string {
	return []string{d.Day.String(), SafeText(d.AgentID), SafeText(d.Name), SafeText(d.Team), SafeText(d.Site),
		d.State.String(), zone.Format(e.Start), zone.Format(e.End), e.Category.String(), SafeText(e.Code), e.Kind.String(),
		SecondsText(e.MS), SafeText(ActualWords(e.Parts)), ImpactWords(e.Parts), SafeText(ExceptionNote(e, zone))}
}

// SafeText puts an apostrophe before a text that a spreadsheet program would take for a formula: one that begins with
// = + - @, a tab or a carriage return.
func SafeText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// csvWriter writes one table of three kinds of records, told apart by the first column. Columns of one kind are empty in
// the others, so that no sum over a column counts anything twice.
type csvWriter struct{ w *csv.Writer }

// NewCSV writes a report as comma-separated values (RFC 4180, UTF-8): a "day" record per agent-day, after it an
// "exception" record for each of its exceptions, at the end "about" records with name and value: parameters, sums,
// rules, watermarks and hash.
func NewCSV(w io.Writer) Writer {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvWriter{c}
}

const dayLead = 6 // the columns that days and exceptions share

func (c *csvWriter) Begin(*Head) error {
	header := append([]string{"record"}, DayColumns()...)
	if err := c.w.Write(append(append(header, exceptionOnly()...), "name", "value")); err != nil {
		return err
	}
	c.w.Flush() // who waits for the first row knows that it is coming
	return c.w.Error()
}

func (c *csvWriter) Day(d *Day) error {
	after := make([]string, len(exceptionOnly())+2)
	if err := c.w.Write(append(append([]string{"day"}, DayCells(d.DayRow, d.Against)...), after...)); err != nil {
		return err
	}
	between := make([]string, len(DayColumns())-dayLead)
	for i := range d.Exceptions {
		cells := ExceptionCells(d.DayRow, &d.Exceptions[i], d.Zone)
		row := append(append([]string{"exception"}, cells[:dayLead]...), between...)
		if err := c.w.Write(append(append(row, cells[dayLead:]...), "", "")); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) End(a *Adherence) error {
	before := make([]string, len(DayColumns())+len(exceptionOnly()))
	for _, l := range a.About() {
		if err := c.w.Write(append(append([]string{"about"}, before...), SafeText(l.Name), SafeText(l.Value))); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}
