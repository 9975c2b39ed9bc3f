package imports

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// diffPage is what an import changed.
type diffPage struct {
	Import importRow
	// MayUndo says that whoever reads may take it back.
	MayUndo       bool
	Totals        []web.Figure
	Agents, Days  int
	Beyond        int // agent-days that are not the reader's
	Find          string
	People        []personDiff
	From, To      int // agent-days shown, from 1
	Earlier, Next string
	Changes       *change
	Legend        []schemas.Category
}

// personDiff is an agent with the pictures of their days.
type personDiff struct {
	ID, Name, Team, Zone string
	Days                 []dayDiff
}

// dayDiff is one agent-day as a picture, and the same in words.
type dayDiff struct {
	Date, Label   string
	Ticks         []web.Tick
	Before, After []diffBand
	Changes       []activityChange
	Hours         string
}

// diffBand is one activity in a picture. Mark is what became of it.
type diffBand struct {
	Change, Mark string
	web.Band
}

// activityChange is what became of one activity.
type activityChange struct{ Change, Mark, Text string }

// daysShown is how many agent-days one page of a diff has.
const daysShown = 40

// showDiff does GET /schedules/{kind}/{id}: what an import changed.
func (pl *planning) showDiff(w http.ResponseWriter, r *http.Request, k kind) error {
	id := r.PathValue("id")
	one, err := pl.plans.Find(r.Context(), k.Kind, id)
	if err != nil {
		return err
	}
	reader, err := pl.reader(r.Context())
	if err != nil {
		return err
	}
	page := pl.page(r, k, "diff", k.Label)
	page.Done = pl.Flash(r)
	row := rowOf(k, one)
	page.Diff = &diffPage{Import: row, MayUndo: page.MayImport && !row.Nothing,
		Find: strings.TrimSpace(r.URL.Query().Get("agent"))}
	if k.Kind == files.Schedule {
		err = pl.scheduleDiff(r, id, reader, page.Diff)
	} else {
		var d *imports.Diff
		if d, err = pl.plans.Diff(r.Context(), k.Kind, id); err == nil {
			page.Diff.Changes = changeOf(&d.Change, reader.sees, r.URL.Query().Has("all"))
		}
	}
	if err != nil {
		return err
	}
	return pl.show(w, http.StatusOK, page)
}

// reader is who looks at a page: whose plans they may see, and who those are.
type reader struct {
	access.Principal
	rows  map[string][]schemas.Membership
	today schemas.Date
	seen  map[string]bool
}

// reader reads the roster for the one who asks.
func (pl *planning) reader(ctx context.Context) (*reader, error) {
	rows, err := pl.plans.Memberships(ctx)
	return &reader{web.PrincipalOf(ctx), schemas.MembershipsByAgent(rows), schemas.UTC.Date(schemas.InstantOf(pl.Now())),
		map[string]bool{}}, err
}

// sees says whether an agent's, or a team's, plans may be seen.
func (e *reader) sees(agent, team string) bool {
	if agent == "" {
		return access.Allow(e.Principal, access.ActionSeePlans, access.Target{Team: team}) == nil
	}
	may, known := e.seen[agent]
	if !known {
		m := e.of(agent)
		may = access.Allow(e.Principal, access.ActionSeePlans,
			access.Target{AgentID: agent, Team: m.Team, Site: m.Site}) == nil
		e.seen[agent] = may
	}
	return may
}

// of returns an agent's row of today or, of one who is on no roster today, the last one without team and site.
func (e *reader) of(agent string) schemas.Membership {
	rows := e.rows[agent]
	m, ok := schemas.MembershipOn(rows, e.today)
	if !ok && len(rows) > 0 {
		m = rows[len(rows)-1]
		m.Team, m.Site = "", ""
	}
	return m
}

// name returns an agent's name, or the id where there is none.
func (e *reader) name(agent string) string { return cmp.Or(e.of(agent).Name, agent) }

// named finds the agents whose id or name holds the text, among those that may be seen.
func (e *reader) named(text string) []string {
	holds := func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(text)) }
	var out []string
	for id := range e.rows {
		if e.sees(id, "") && (holds(id) || holds(e.of(id).Name)) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// scheduleDiff says what a revision of the schedule changed, with pictures of some agent-days.
func (pl *planning) scheduleDiff(r *http.Request, id string, reader *reader, d *diffPage) error {
	q := imports.DiffQuery{Revision: id}
	if d.Find != "" {
		if q.Agents = reader.named(d.Find); len(q.Agents) == 0 {
			return nil
		}
	}
	skip := 0
	if text := r.URL.Query().Get("from"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return web.BadParameter("from", text, "is no number from 1 on")
		}
		skip = n - 1
	}
	var days []imports.ComparedDay
	var sum schemas.TallyJSON
	last := ""
	_, err := pl.plans.EachDay(r.Context(), q, func(day *imports.ComparedDay) error {
		if !reader.sees(day.AgentID, "") {
			d.Beyond++
			return nil
		}
		if day.AgentID != last {
			last = day.AgentID
			d.Agents++
		}
		d.Days++
		sum.Added, sum.Removed, sum.Moved = sum.Added+day.Added, sum.Removed+day.Removed, sum.Moved+day.Moved
		sum.Altered, sum.Unchanged = sum.Altered+day.Altered, sum.Unchanged+day.Unchanged
		sum.ScheduledBeforeS += day.ScheduledBeforeS
		sum.ScheduledAfterS += day.ScheduledAfterS
		if d.Days > skip && len(days) < daysShown {
			days = append(days, day.Clone())
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.Totals = activityFigures(&sum)
	d.From, d.To = min(skip+1, d.Days), skip+len(days)
	d.Earlier, d.Next = d.beside(skip, len(days))
	d.People = peopleOf(days, reader)
	for a := range activitiesOf(days) {
		d.Legend = append(d.Legend, a.Category)
	}
	slices.Sort(d.Legend)
	d.Legend = slices.Compact(d.Legend)
	return nil
}

// beside returns the links to the agent-days before and after those shown.
func (d *diffPage) beside(skip, n int) (earlier, next string) {
	link := func(from int) string {
		q := url.Values{"from": {strconv.Itoa(from)}}
		if d.Find != "" {
			q.Set("agent", d.Find)
		}
		return "?" + q.Encode()
	}
	if skip > 0 {
		earlier = link(max(1, skip+1-daysShown))
	}
	if skip+n < d.Days {
		next = link(skip + n + 1)
	}
	return earlier, next
}

// peopleOf draws the days of each agent, all of them to one scale.
func peopleOf(days []imports.ComparedDay, reader *reader) []personDiff {
	var out []personDiff
	for len(days) > 0 {
		n := 1
		for n < len(days) && days[n].AgentID == days[0].AgentID {
			n++
		}
		id, m := days[0].AgentID, reader.of(days[0].AgentID)
		zone, err := schemas.LoadZone(m.TimeZone)
		if err != nil || m.TimeZone == "" {
			zone = schemas.UTC
		}
		one := personDiff{ID: id, Name: reader.name(id), Team: cmp.Or(m.Team, "unassigned"), Zone: zone.Name()}
		from, to := scaleOf(days[:n], zone)
		for i := range days[:n] {
			one.Days = append(one.Days, dayDiffOf(&days[i], zone, from, to))
		}
		out, days = append(out, one), days[n:]
	}
	return out
}

// activitiesOf yields every activity of the days, before and after, with the day.
func activitiesOf(days []imports.ComparedDay) iter.Seq2[*schemas.Activity, schemas.Date] {
	return func(yield func(*schemas.Activity, schemas.Date) bool) {
		for i := range days {
			for _, c := range days[i].Activities {
				for _, a := range []*schemas.Activity{c.Before, c.After} {
					if a != nil && !yield(a, days[i].Day) {
						return
					}
				}
			}
		}
	}
}

// scaleOf returns the whole hours of the clock, as milliseconds from the beginning of a date, that hold all activities
// of the days.
func scaleOf(days []imports.ComparedDay, zone schemas.Zone) (from, to int64) {
	from, to = math.MaxInt64, math.MinInt64
	for a, day := range activitiesOf(days) {
		begin := zone.DayStart(day)
		from, to = min(from, a.Start.Sub(begin)), max(to, a.End.Sub(begin))
	}
	const hour = schemas.HourMS
	down := func(x int64) int64 { return x - ((x%hour)+hour)%hour }
	return down(from), -down(-to)
}

// dayDiffOf draws one agent-day from one time of its date to another.
func dayDiffOf(day *imports.ComparedDay, zone schemas.Zone, from, to int64) dayDiff {
	begin := zone.DayStart(day.Day)
	p := picture{web.Canvas{Span: schemas.Interval{Start: begin.Add(from), End: begin.Add(to)}, Zone: zone}}
	d := dayDiff{Date: day.Day.Time().Format("Mon 2 Jan"), Ticks: p.Ticks(),
		Hours: hours(day.ScheduledBeforeS) + " → " + hours(day.ScheduledAfterS)}
	if day.ScheduledBeforeS == day.ScheduledAfterS {
		d.Hours = hours(day.ScheduledAfterS)
	}
	for _, c := range day.Activities {
		if c.Before != nil {
			d.Before = append(d.Before, p.band(c.Before, c.Change))
		}
		if c.After != nil {
			d.After = append(d.After, p.band(c.After, c.Change))
		}
		if c.Change != schemas.ActivityUnchanged {
			d.Changes = append(d.Changes, activityChange{string(c.Change), marks[c.Change], p.text(&c)})
		}
	}
	d.Label = fmt.Sprintf("%s: before %s, after %s, from %s to %s; the list below says the same",
		day.Day.Time().Format("Monday, 2 January"), counted(len(d.Before), "activity"), counted(len(d.After), "activity"),
		web.Clock(zone, p.Span.Start), web.Clock(zone, p.Span.End))
	return d
}

// marks are the signs of changes in a picture.
var marks = map[schemas.ChangeKind]string{schemas.ActivityAdded: "+", schemas.ActivityRemoved: "−",
	schemas.ActivityMoved: "↔", schemas.ActivityAltered: "≠"}

// picture is that of an agent-day.
type picture struct{ web.Canvas }

// band draws an activity.
func (p *picture) band(a *schemas.Activity, c schemas.ChangeKind) diffBand {
	const wide = web.WidePicture - 160
	x, mark := p.Scale(a.Start), marks[c]
	width := p.Scale(a.End) - x
	label := strings.TrimSpace(mark + " " + cmp.Or(a.Code, web.Label(a.Category)))
	title := p.activity(a)
	if c != schemas.ActivityUnchanged {
		title += ": " + string(c)
	}
	narrow := !web.Fits(label, width, web.NarrowPicture-60)
	if !web.Fits(label, width, wide) {
		label = mark
		if !web.Fits(mark, width, wide) {
			label = ""
		}
	}
	return diffBand{string(c), mark, web.Band{
		X:      web.Coordinate(x),
		Width:  web.Coordinate(width),
		Class:  a.Category.String(),
		Label:  label,
		Title:  title,
		Narrow: narrow,
	}}
}

// activity names an activity with its time.
func (p *picture) activity(a *schemas.Activity) string {
	return cmp.Or(a.Code, web.Label(a.Category)) + " " + p.clock(a)
}

func (p *picture) clock(a *schemas.Activity) string {
	return web.Clock(p.Zone, a.Start) + "–" + web.Clock(p.Zone, a.End)
}

// text says what became of an activity.
func (p *picture) text(c *schemas.ActivityChange) string {
	text := string(c.Change) + " "
	switch c.Change {
	case schemas.ActivityRemoved:
		return text + p.activity(c.Before)
	case schemas.ActivityMoved:
		text += p.activity(c.Before) + " to " + p.clock(c.After)
		if a, b := c.Before.Interval().MS(), c.After.Interval().MS(); a != b {
			text += fmt.Sprintf(" (%s → %s)", web.Length(a), web.Length(b))
		}
		return text
	case schemas.ActivityAltered:
		return text + p.activity(c.After) + ": " + altered(c.Before, c.After)
	case schemas.ActivityAdded, schemas.ActivityUnchanged:
	}
	return text + p.activity(c.After)
}

// altered says what differs of two activities of one code and time.
func altered(b, a *schemas.Activity) string {
	yesNo := map[bool]string{true: "yes", false: "no"}
	var parts []string
	for _, f := range []struct{ what, before, after string }{
		{"category", web.Label(b.Category), web.Label(a.Category)}, {"paid", yesNo[b.Paid], yesNo[a.Paid]},
		{"shift", b.Shift, a.Shift}, {"description", b.Description, a.Description},
	} {
		if f.before != f.after {
			parts = append(parts, fmt.Sprintf("%s %s → %s", f.what, cmp.Or(f.before, "none"), cmp.Or(f.after, "none")))
		}
	}
	return strings.Join(parts, ", ")
}
