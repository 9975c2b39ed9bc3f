package imports

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// words are what the templates call.
var words = template.FuncMap{
	"number":   thousands,
	"count":    counted,
	"hours":    hours,
	"dates":    dates,
	"percent":  percent,
	"sentence": sentence,
	"changes":  changes,
}

// thousands writes a number with its thousands apart.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted returns a number with its noun: 1 agent, 2,000 agents.
func counted(n int, noun string) string {
	if n != 1 {
		if word, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(noun, "day") {
			noun = word + "ie"
		} else if strings.HasSuffix(noun, "s") {
			noun += "e"
		}
		noun += "s"
	}
	return thousands(n) + " " + noun
}

// hours writes seconds as hours.
func hours(s float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", s/3600), "0"), ".0") + " h"
}

// percent writes a percentage, or a dash.
func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", *v)
}

// dates names a range of dates, both included.
func dates(from, to schemas.Date) string {
	a, b := from.Time(), to.Time()
	switch {
	case from == to:
		return a.Format("Mon 2 Jan 2006")
	case a.Year() == b.Year() && a.Month() == b.Month():
		return a.Format("2") + "–" + b.Format("2 Jan 2006")
	case a.Year() == b.Year():
		return a.Format("2 Jan") + " – " + b.Format("2 Jan 2006")
	}
	return a.Format("2 Jan 2006") + " – " + b.Format("2 Jan 2006")
}

// span names the dates from one up to and without another, both of which may be open.
func span(from, to *schemas.Date) string {
	switch {
	case from != nil && to != nil:
		return dates(*from, *to-1)
	case from != nil:
		return "from " + from.String()
	case to != nil:
		return "before " + to.String()
	}
	return "always"
}

// sentence begins with a capital letter.
func sentence(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(c)) + s[n:]
}

// changes says how many were added, changed and removed.
func changes(added, changed, removed int) string {
	var parts []string
	for i, n := range []int{added, changed, removed} {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+[]string{"added", "changed", "removed"}[i])
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing changed")
}

// figures shows a tally; what is added has a word of its own.
func figures(added string, t *imports.Tally) []web.Figure {
	return []web.Figure{{Word: added, Value: thousands(t.Added)}, {Word: "changed", Value: thousands(t.Changed)},
		{Word: "removed", Value: thousands(t.Removed)}, {Word: "unchanged", Value: thousands(t.Unchanged)}}
}

// activityFigures shows what becomes of activities.
func activityFigures(t *schemas.TallyJSON) []web.Figure {
	return []web.Figure{{Word: "added", Value: thousands(t.Added)}, {Word: "removed", Value: thousands(t.Removed)},
		{Word: "moved", Value: thousands(t.Moved)}, {Word: "altered", Value: thousands(t.Altered)},
		{Word: "unchanged", Value: thousands(t.Unchanged)},
		{Word: "on these days", Value: hours(t.ScheduledBeforeS) + " → " + hours(t.ScheduledAfterS)}}
}

// firstRows is how many rows of a table a page shows before all are asked for, and allRows how many then.
const (
	firstRows = 50
	allRows   = 5000
)

// some are the rows of a table that a page shows; Hidden counts the others.
type some[T any] struct {
	Rows   []T
	Hidden int
}

// someOf returns the first rows or, where all are asked for, as many as a page can show.
func someOf[T any](list []T, all bool) some[T] {
	most := firstRows
	if all {
		most = allRows
	}
	most = min(len(list), most)
	return some[T]{list[:most], len(list) - most}
}

// All counts all rows.
func (s some[T]) All() int { return len(s.Rows) + s.Hidden }

// problems are the problems or the warnings of a file.
type problems struct {
	some[problem]
	Count int
	Noun  string
	// Listed counts those that the report has, of which Rows are the first.
	Listed int
}

// problem is one of them, with the lines of the file around it.
type problem struct {
	files.Problem
	Lines files.Excerpt
}

// firstProblems is how many problems a preview shows before all of the list are asked for.
const firstProblems = 25

// problemsOf returns the first problems, or all that the report lists; excerpts belong to the first of them.
func problemsOf(noun string, list []files.Problem, count int, excerpts []files.Excerpt, all bool) problems {
	p := problems{Count: count, Noun: noun, Listed: len(list)}
	for i := range list {
		if i == firstProblems && !all {
			p.Hidden = len(list) - i
			break
		}
		one := problem{Problem: list[i]}
		if i < len(excerpts) {
			one.Lines = excerpts[i]
		}
		p.Rows = append(p.Rows, one)
	}
	return p
}

// scheduleChange is what happens to a schedule, those of whom most changes first.
type scheduleChange struct {
	*imports.ScheduleChange
	Changed some[imports.AgentSchedule]
	// Untouched counts the agents of the file of whom nothing changes, Gone are those whom it does not name.
	Untouched int
	Gone      some[imports.RetainedSchedule]
}

func scheduleChangeOf(c *imports.ScheduleChange, all bool) *scheduleChange {
	if c == nil {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(c.Agents),
		func(a imports.AgentSchedule) bool { return a.DaysChanged+a.DaysRemoved == 0 })
	slices.SortStableFunc(list, func(a, b imports.AgentSchedule) int {
		return cmp.Or(cmp.Compare(b.DaysRemoved, a.DaysRemoved),
			cmp.Compare(b.Removed+b.Added+b.Moved+b.Altered, a.Removed+a.Added+a.Moved+a.Altered))
	})
	return &scheduleChange{c, someOf(list, all), len(c.Agents) - len(list), someOf(c.NotInFile, all)}
}

// effect is what happens to adherence: everybody, the teams, those who cross their target, then others of whom anything
// changes.
type effect struct {
	*imports.Effect
	Rows []batch.DifferenceJSON
	// Up and Down count the agents who cross their target.
	Up, Down int
}

func effectOf(e *imports.Effect) *effect {
	if e == nil {
		return nil
	}
	out := &effect{Effect: e}
	var others []batch.DifferenceJSON
	for _, d := range e.Rows {
		switch {
		case d.Level == "agent" && d.Crosses == batch.CrossesNot:
			others = append(others, d)
			continue
		case d.Level == "all":
			out.Up, out.Down = d.AgentsUp, d.AgentsDown
		}
		out.Rows = append(out.Rows, d)
	}
	out.Rows = append(out.Rows, others[:min(len(others), max(0, 2*firstRows-len(out.Rows)))]...)
	return out
}

// change is what happens to a roster, to requirements or to codes.
type change struct {
	Totals []web.Figure
	// Notes say what else there is to know. Heads are those of the table.
	Notes, Heads []string
	some[changeRow]
	// Gone are agents whom the file does not name.
	Gone []string
}

// changeRow is a line of a change, with its dates or its time.
type changeRow struct {
	imports.Line
	When string
}

// fieldNames says what columns of files are called on a page.
var fieldNames = strings.NewReplacer("time_zone: ", "time zone: ", "counts_as_shrinkage: ", "counts as shrinkage: ")

// changeOf returns a change other than that of a schedule; mine, which may be nil, says which agents and teams are
// shown.
func changeOf(c *imports.Change, mine func(agent, team string) bool, all bool) *change {
	var out *change
	var rows []changeRow
	when := func(l *imports.Line) string { return "" }
	switch {
	case c.Roster != nil:
		out = rosterChange(c.Roster)
		when = func(l *imports.Line) string { return span(l.From, l.To) }
	case c.Requirements != nil:
		t := &c.Requirements.Totals
		out = &change{Heads: []string{"Team", "What", "When", "How"}, Totals: append(figures("new intervals", &t.Tally),
			web.Figure{Word: "head-hours", Value: headHours(t)})}
		when = func(l *imports.Line) string { return web.Stamp(*l.Start) }
		rows = teamRows(c.Requirements.Teams)
	case c.Codes != nil:
		out = &change{Heads: []string{"Code", "What", "How"}, Totals: figures("new", &c.Codes.Totals)}
	default:
		return nil
	}
	for _, l := range c.Lines() {
		l.What = fieldNames.Replace(l.What)
		rows = append(rows, changeRow{l, when(&l)})
	}
	if mine != nil && c.Codes == nil {
		rows = slices.DeleteFunc(rows, func(l changeRow) bool {
			return (l.Team == "" || !mine("", l.Team)) && (c.Roster == nil || !mine(l.Subject, ""))
		})
	}
	out.some = someOf(rows, all)
	return out
}

func rosterChange(c *imports.RosterChange) *change {
	t := &c.Totals
	out := &change{Heads: []string{"Agent", "What", "When", "How"}, Totals: figures("new", &t.Tally),
		Gone: c.NotInFile[:min(len(c.NotInFile), firstRows)]}
	for _, n := range []struct {
		n    int
		noun string
		text string
	}{
		{t.Moved, "agent", "to another team or site"}, {t.Ended, "agent", "leaving"},
		{t.ZoneChanged, "agent", "to another time zone"}, {t.Joins, "agent", "with facts that were there before"},
		{t.Days, "day", fmt.Sprintf("judged again, %d of them final", t.FinalDays)},
		{c.NotInFileCount, "agent", "not in the file: they stay as they are"},
	} {
		if n.n > 0 {
			out.Notes = append(out.Notes, counted(n.n, n.noun)+" "+n.text)
		}
	}
	return out
}

// teamRows say what becomes of the requirements of each team as a whole.
func teamRows(teams []imports.TeamChange) (out []changeRow) {
	for i := range teams {
		t := &teams[i]
		out = append(out, changeRow{When: web.Stamp(t.From) + " to " + web.Stamp(t.To), Line: imports.Line{
			Subject: t.Team,
			Team:    t.Team,
			What:    changes(t.Added, t.Changed, t.Removed) + ", " + headHours(&t.RequirementTally) + " head-hours",
		}})
	}
	return out
}

func headHours(t *imports.RequirementTally) string {
	return fmt.Sprintf("%.2f → %.2f", t.Before.Hours(), t.After.Hours())
}
