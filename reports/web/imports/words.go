package imports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// workWords is the progress of a preview or an import.
type workWords struct {
	File, Doing, Rate string
	Done, Of          int64
}

// working words the progress.
func (p *keptPreview) working(now time.Time) workWords {
	w := workWords{File: p.up.in.Name, Done: p.done, Of: p.of}
	took := now.Sub(p.began)
	left := ""
	if p.done > 0 && p.of > p.done && took > time.Second {
		left = fmt.Sprintf(", about %s left", web.Length(int64(float64(took.Milliseconds())*float64(p.of-p.done)/float64(p.done))))
	}
	switch p.phase {
	case "judging":
		w.Doing, w.Rate = "Working out the effect on adherence", fmt.Sprintf("%s of %s%s", thousands(int(p.done)), counted(int(p.of), "agent"), left)
	case "writing":
		w.Doing, w.Rate = "Writing", fmt.Sprintf("%s of %s%s", thousands(int(p.done)), counted(int(p.of), "agent-day"), left)
	case "waiting":
		w.Doing = "Waiting for another import to end"
	default:
		w.Doing = map[bool]string{true: "Importing: reading the file", false: "Reading and checking the file"}[p.stage == stageApplying]
		switch {
		case p.of == 0:
		case p.done >= p.of:
			w.Doing, w.Rate = "Comparing with what is there", "the file is read"
		default:
			if s := took.Seconds(); s > 0.5 {
				w.Rate = fmt.Sprintf("%.1f MiB/s%s", float64(p.done)/(1<<20)/s, left)
			}
		}
	}
	return w
}

// previewWords is what an import would do, in words.
type previewWords struct {
	Path, File                                    string
	Read, Accepted, Rejected, Duplicates, Written string
	Encoding                                      string
	// Refused says that the file has problems; Partial that its good rows can be imported without the bad ones.
	Refused, Partial bool
	// Nothing says that there would be no change.
	Nothing            bool
	Apply              string
	Problems, Warnings problemsWords
	// Schedule to Unmapped are what the kind of file has.
	Schedule  *scheduleWords
	Changes   *changesWords
	Effect    *effectWords
	Conflict  []conflictRow
	Unmapped  []string
	NoPreview bool
	// Omitted says that the CSV file does not list everything.
	Omitted string
}

// problemsWords are problems or warnings on their lines.
type problemsWords struct {
	Count  int
	Title  string
	List   []problemWords
	More   string
	Hidden int
}

// problemWords is one of them.
type problemWords struct {
	Place, Field, Message, Suggestion string
	Lines                             []lineWords
}

// lineWords is one line of a file.
type lineWords struct {
	files.ExcerptLine
	Own bool
}

// firstProblems is how many problems a preview shows before all of the list are asked for.
const firstProblems = 25

// words puts the preview into words. The caller holds the preview's lock.
func (p *keptPreview) words(all bool) *previewWords {
	w := &previewWords{Path: p.path(), File: p.up.in.Name, Conflict: p.conflict}
	r := p.report
	if r == nil {
		w.NoPreview = true
		return w
	}
	w.Read, w.Accepted, w.Rejected, w.Written = thousands(r.Read), thousands(r.Accepted), thousands(r.Rejected), thousands(r.Written)
	if r.Duplicates > 0 {
		w.Duplicates = counted(r.Duplicates, "duplicate")
	}
	w.Encoding = string(r.Encoding)
	w.Refused = r.Refused
	w.Partial = r.Refused && r.Accepted > 0 && r.Written > 0
	w.Nothing = r.Written == 0
	w.Apply = "Import"
	if r.Schedule != nil {
		w.Apply = "Import " + counted(r.Written, "agent-day")
	}
	w.Problems = problemsOf("problem", r.Problems, r.ProblemCount, p.excerpts, all)
	if p.omitted > 0 {
		w.Omitted = fmt.Sprintf("The CSV file has room for the first %s of problems and warnings.", thousands(p.listed))
	}
	w.Warnings = problemsOf("warning", r.Warnings, r.WarningCount, p.excerpts[min(len(r.Problems), len(p.excerpts)):], all)
	w.Schedule, w.Effect = scheduleChange(r.Schedule, all), effectOf(r.Effect)
	w.Changes = changesOf(&r.Change, nil, all)
	for _, u := range r.Unmapped {
		w.Unmapped = append(w.Unmapped, fmt.Sprintf("%s %q (%s, first in line %d)", u.Field, u.Text, counted(u.Count, "time"), u.Line))
	}
	return w
}

// problemsOf words the first problems, or all that the report lists.
func problemsOf(noun string, list []files.Problem, count int, excerpts []files.Excerpt, all bool) problemsWords {
	w := problemsWords{Count: count, Title: counted(count, noun)}
	for i := range list {
		if i == firstProblems && !all {
			w.Hidden = len(list) - i
			break
		}
		one := problemOf(&list[i])
		if i < len(excerpts) {
			for _, l := range excerpts[i] {
				one.Lines = append(one.Lines, lineWords{l, l.Number == list[i].Line})
			}
		}
		w.List = append(w.List, one)
	}
	if count > len(list) {
		w.More = fmt.Sprintf("The first %s of %s are listed here; the CSV file has the others.", thousands(len(list)), thousands(count))
	}
	return w
}

// problemOf words one problem.
func problemOf(p *files.Problem) problemWords {
	w := problemWords{Field: p.Field, Message: p.Message, Suggestion: sentence(p.Remedy), Place: "the file"}
	if p.Line > 0 {
		w.Place = fmt.Sprintf("line %s", thousands(p.Line))
	}
	return w
}

// scheduleWords is what happens to the schedule.
type scheduleWords struct {
	Range                                   string
	Added, Removed, Moved, Altered, Same    string
	Before, After, Days, DaysRemoved        string
	Agents                                  []agentWords
	Changed, Untouched, Hidden              int
	Gone                                    []goneWords
	GoneHidden                              int
	AddedH, RemovedH, MovedH, AlteredH, SmH string
}

// agentWords is what happens to the schedule of one agent.
type agentWords struct {
	ID, Name, Team, Days                 string
	Added, Removed, Moved, Altered, Same int
	Before, After                        string
}

// goneWords is an agent who is not in the file.
type goneWords struct{ ID, Name, Team, Keeps string }

// firstRows is how many rows of a table a page shows before all are asked for, and allRows how many then.
const (
	firstRows = 50
	allRows   = 5000
)

// hoursWords writes seconds as hours.
func hoursWords(s float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", s/3600), "0"), ".0") + " h"
}

// scheduleChange words the change of a schedule, those of whom most changes first.
func scheduleChange(c *imports.ScheduleChange, all bool) *scheduleWords {
	if c == nil {
		return nil
	}
	t := &c.Totals
	w := &scheduleWords{Range: datesWords(c.From, c.To), Added: thousands(t.Added), Removed: thousands(t.Removed), Moved: thousands(t.Moved),
		Altered: thousands(t.Altered), Same: thousands(t.Unchanged), Before: hoursWords(t.ScheduledBeforeS), After: hoursWords(t.ScheduledAfterS),
		Days: counted(t.DaysChanged, "agent-day"), AddedH: hoursWords(t.AddedS), RemovedH: hoursWords(t.RemovedS), MovedH: hoursWords(t.MovedS),
		AlteredH: hoursWords(t.AlteredS), SmH: hoursWords(t.UnchangedS)}
	if t.DaysRemoved > 0 {
		w.DaysRemoved = counted(t.DaysRemoved, "agent-day")
	}
	list := slices.DeleteFunc(slices.Clone(c.Agents), func(a imports.AgentSchedule) bool { return a.DaysChanged+a.DaysRemoved == 0 })
	w.Changed, w.Untouched = len(list), len(c.Agents)-len(list)
	slices.SortStableFunc(list, func(a, b imports.AgentSchedule) int {
		return cmp.Or(cmp.Compare(b.DaysRemoved, a.DaysRemoved), cmp.Compare(b.Removed+b.Added+b.Moved+b.Altered, a.Removed+a.Added+a.Moved+a.Altered))
	})
	for i := range list[:shownOf(len(list), all, &w.Hidden)] {
		a := &list[i]
		row := agentWords{ID: a.AgentID, Name: cmp.Or(a.Name, a.AgentID), Team: a.Team, Added: a.Added, Removed: a.Removed, Moved: a.Moved, Altered: a.Altered,
			Same: a.Unchanged, Before: hoursWords(a.ScheduledBeforeS), After: hoursWords(a.ScheduledAfterS), Days: fmt.Sprintf("%d changed", a.DaysChanged)}
		if a.DaysRemoved > 0 {
			row.Days = strings.TrimPrefix(row.Days+fmt.Sprintf(", %d removed", a.DaysRemoved), "0 changed, ")
		}
		w.Agents = append(w.Agents, row)
	}
	for _, k := range c.NotInFile[:shownOf(len(c.NotInFile), all, &w.GoneHidden)] {
		w.Gone = append(w.Gone, goneWords{k.AgentID, cmp.Or(k.Name, k.AgentID), k.Team, fmt.Sprintf("%s, %s", counted(k.Days, "day"), hoursWords(float64(k.ScheduledS)))})
	}
	return w
}

// shownOf returns how many of so many rows are shown, and notes how many are not.
func shownOf(n int, all bool, hidden *int) int {
	most := firstRows
	if all {
		most = allRows
	}
	*hidden = max(0, n-most)
	return min(n, most)
}

// effectWords is what happens to adherence.
type effectWords struct {
	Range, Agents string
	Rows          []effectRow
	Up, Down      int
}

// effectRow is everybody, a team or an agent.
type effectRow struct {
	Who, Team, Level, Before, After, Target, Crosses, Class string
	Days                                                    int
}

// effectOf words an effect: everybody, the teams, those who cross their target, then the others of whom anything changes.
func effectOf(e *imports.Effect) *effectWords {
	if e == nil {
		return nil
	}
	w := &effectWords{Range: datesWords(e.From, e.To), Agents: counted(e.Agents, "agent")}
	var others []effectRow
	for i := range e.Rows {
		d := &e.Rows[i]
		row := effectRow{Who: cmp.Or(d.AgentName, d.AgentID), Team: d.Team, Level: d.Level, Before: rateWords(d.AdherenceBefore), After: rateWords(d.AdherenceAfter),
			Target: rateWords(d.TargetAfter), Days: d.ChangedDays}
		switch d.Level {
		case "all":
			row.Who, row.Team, w.Up, w.Down = "Everybody", "", d.AgentsUp, d.AgentsDown
		case "team":
			row.Who, row.Team = cmp.Or(d.Team, "unassigned"), ""
		}
		switch d.Crosses {
		case batch.CrossesUp:
			row.Crosses, row.Class = "now reaches the target", "up"
		case batch.CrossesDown:
			row.Crosses, row.Class = "now misses the target", "down"
		case batch.CrossesNot:
		}
		if d.Level == "agent" && row.Crosses == "" {
			others = append(others, row)
			continue
		}
		w.Rows = append(w.Rows, row)
	}
	w.Rows = append(w.Rows, others[:min(len(others), max(0, 2*firstRows-len(w.Rows)))]...)
	return w
}

// rateWords writes a percentage, or a dash.
func rateWords(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", *v)
}

// changesWords is what happens to a roster, to requirements or to codes.
type changesWords struct {
	// Totals are numbers with what they count; Notes what else there is to know.
	Totals []web.Figure
	Notes  []string
	Heads  []string
	Rows   []changeRow
	Hidden int
	Gone   []string
}

// changeRow is one agent, interval or code.
type changeRow struct {
	Name, ID, Change string
	What             []string
}

// changesOf words a change other than that of a schedule; mine, which may be nil, says which agents and teams are shown.
func changesOf(c *imports.Change, mine func(agent, team string) bool, all bool) *changesWords {
	switch {
	case c.Roster != nil:
		return rosterWords(c.Roster, mine, all)
	case c.Requirements != nil:
		return requirementWords(c.Requirements, mine, all)
	case c.Codes != nil:
		return codesWords(c.Codes, all)
	}
	return nil
}

func rosterWords(c *imports.RosterChange, mine func(agent, team string) bool, all bool) *changesWords {
	t := &c.Totals
	w := &changesWords{Heads: []string{"Agent", "What", "When and how"}, Totals: tallies([]string{"new", "changed", "removed", "unchanged"}, t.Added, t.Changed, t.Removed, t.Unchanged)}
	for _, n := range []struct {
		n    int
		text string
	}{{t.Moved, "to another team or site"}, {t.Ended, "leave"}, {t.ZoneChanged, "to another time zone"}, {t.Joins, "with facts that were there before"}} {
		if n.n > 0 {
			w.Notes = append(w.Notes, fmt.Sprintf("%s %s", counted(n.n, "agent"), n.text))
		}
	}
	if t.Days > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s judged again, %d of them final", counted(t.Days, "day"), t.FinalDays))
	}
	list := slices.DeleteFunc(slices.Clone(c.Agents), func(a imports.AgentChange) bool {
		return mine != nil && !mine(a.AgentID, "") && !slices.ContainsFunc(a.Spans, func(s imports.SpanChange) bool { return s.Team != "" && mine("", s.Team) })
	})
	for i := range list[:shownOf(len(list), all, &w.Hidden)] {
		a := &list[i]
		row := changeRow{Name: cmp.Or(a.Name, a.AgentID), ID: a.AgentID, Change: string(a.Change)}
		for _, s := range a.Spans {
			row.What = append(row.What, spanWords(&s))
		}
		w.Rows = append(w.Rows, row)
	}
	if c.NotInFileCount > 0 {
		w.Gone = c.NotInFile[:min(len(c.NotInFile), firstRows)]
		w.Notes = append(w.Notes, fmt.Sprintf("%s not in the file: they stay as they are", counted(c.NotInFileCount, "agent")))
	}
	return w
}

func tallies(names []string, counts ...int) []web.Figure {
	var out []web.Figure
	for i, n := range counts {
		out = append(out, web.Figure{Word: names[i], Value: thousands(n)})
	}
	return out
}

// spanWords says what happens to an agent on some dates.
func spanWords(s *imports.SpanChange) string {
	span := "always"
	switch {
	case s.From != nil && s.To != nil:
		span = datesWords(*s.From, *s.To-1)
	case s.From != nil:
		span = "from " + s.From.String()
	case s.To != nil:
		span = "before " + s.To.String()
	}
	where := strings.Trim(s.Team+", "+s.Site, ", ")
	switch s.Change {
	case imports.Added:
		return span + ": joins " + cmp.Or(where, "no team")
	case imports.Removed:
		return span + ": no longer in " + cmp.Or(where, "any team")
	case imports.Changed:
	}
	return span + ": " + fieldsChanged(s.Fields)
}

func fieldsChanged(fields []imports.FieldChange) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, fmt.Sprintf("%s %s → %s", strings.ReplaceAll(f.Field, "_", " "), cmp.Or(f.Before, "none"), cmp.Or(f.After, "none")))
	}
	return strings.Join(parts, ", ")
}

func requirementWords(c *imports.RequirementChange, mine func(agent, team string) bool, all bool) *changesWords {
	t := &c.Totals
	w := &changesWords{Heads: []string{"Team", "Intervals", "What"}, Totals: tallies([]string{"new intervals", "changed", "removed", "unchanged"}, t.Added, t.Changed, t.Removed, t.Unchanged)}
	w.Totals = append(w.Totals, web.Figure{Word: "head-hours", Value: fmt.Sprintf("%.2f → %.2f", t.Before.Hours(), t.After.Hours())})
	for _, x := range c.Teams {
		if mine == nil || mine("", x.Team) {
			w.Rows = append(w.Rows, changeRow{Name: x.Team, Change: changedWords(x.Added, x.Changed, x.Removed),
				What: []string{fmt.Sprintf("%s to %s, %.2f → %.2f head-hours", x.From, x.To, x.Before.Hours(), x.After.Hours())}})
		}
	}
	list := slices.DeleteFunc(slices.Clone(c.Intervals), func(i imports.IntervalChange) bool { return mine != nil && !mine("", i.Team) })
	for _, i := range list[:shownOf(len(list), all, &w.Hidden)] {
		w.Rows = append(w.Rows, changeRow{Name: i.Team, ID: i.Start.String(), Change: string(i.Change), What: []string{headsWords(i.Before) + " → " + headsWords(i.After)}})
	}
	return w
}

// headsWords says what an interval requires.
func headsWords(h *imports.RequiredHeads) string {
	if h == nil {
		return "nothing"
	}
	text := fmt.Sprintf("%s heads for %s", h.Required, web.Length(h.IntervalS*schemas.SecondMS))
	if h.Shrinkage != 0 {
		text += fmt.Sprintf(", shrinkage %s", h.Shrinkage)
	}
	return text
}

func codesWords(c *imports.CodesChange, all bool) *changesWords {
	t := &c.Totals
	w := &changesWords{Heads: []string{"Code", "What", "How"}, Totals: tallies([]string{"new", "changed", "removed", "unchanged"}, t.Added, t.Changed, t.Removed, t.Unchanged)}
	for _, x := range c.Codes[:shownOf(len(c.Codes), all, &w.Hidden)] {
		w.Rows = append(w.Rows, changeRow{Name: x.Code, Change: string(x.Change), What: []string{fieldsChanged(x.Fields)}})
	}
	return w
}
