package imports

import (
	"cmp"
	"context"
	"fmt"
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

// diffWords is what an import changed.
type diffWords struct {
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
	Changes       *changesWords
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
	Changes       []changeWords
	Hours         string
}

// diffBand is one activity in a picture. Mark is what became of it.
type diffBand struct {
	web.Band
	Change, Mark string
}

// changeWords is what became of one activity.
type changeWords struct{ Change, Mark, Text string }

// daysShown is how many agent-days one page of a diff has.
const daysShown = 40

// showDiff does GET /schedules/{kind}/{id}: what an import changed.
func (pl *planning) showDiff(w http.ResponseWriter, r *http.Request) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	one, err := pl.plans.Find(r.Context(), kind.Kind, id)
	if err != nil {
		return err
	}
	page := pl.page(r, kind, "diff", kind.Label)
	page.Done = pl.Flash(r)
	page.Diff = &diffWords{Import: rowOf(kind, one), Find: strings.TrimSpace(r.URL.Query().Get("agent"))}
	eyes, err := pl.eyes(r.Context())
	if err != nil {
		return err
	}
	page.Diff.MayUndo = page.MayImport && !page.Diff.Import.Nothing
	if kind.Kind == files.Schedule {
		err = pl.scheduleDiff(r, id, eyes, page.Diff)
	} else {
		var d *imports.Diff
		if d, err = pl.plans.Diff(r.Context(), kind.Kind, id); err == nil {
			page.Diff.Changes = changesOf(&d.Change, eyes.sees, r.URL.Query().Has("all"))
		}
	}
	if err != nil {
		return err
	}
	pl.pages.Show(w, http.StatusOK, "schedules", page)
	return nil
}

// planEyes know whose plans somebody may see, and who they are.
type planEyes struct {
	who   access.Principal
	rows  map[string][]schemas.Membership
	today schemas.Date
	seen  map[string]bool
}

// eyes reads the roster for the one who asks.
func (pl *planning) eyes(ctx context.Context) (*planEyes, error) {
	rows, err := pl.plans.Memberships(ctx)
	return &planEyes{web.PrincipalOf(ctx), schemas.MembershipsByAgent(rows), schemas.UTC.Date(schemas.InstantOf(pl.Now())), map[string]bool{}}, err
}

// sees says whether an agent's, or a team's, plans may be seen.
func (e *planEyes) sees(agent, team string) bool {
	if agent == "" {
		return access.Allow(e.who, access.ActionSeePlans, access.Target{Team: team}) == nil
	}
	may, known := e.seen[agent]
	if !known {
		m := e.of(agent)
		may = access.Allow(e.who, access.ActionSeePlans, access.Target{AgentID: agent, Team: m.Team, Site: m.Site}) == nil
		e.seen[agent] = may
	}
	return may
}

// of returns an agent's row of today or, of one who is on no roster today, the last one.
func (e *planEyes) of(agent string) schemas.Membership {
	rows := e.rows[agent]
	if m, ok := schemas.MembershipOn(rows, e.today); ok {
		return m
	}
	if len(rows) > 0 {
		m := rows[len(rows)-1]
		m.Team, m.Site = "", ""
		return m
	}
	return schemas.Membership{AgentID: agent}
}

// named finds the agents whose id or name holds the text, among those that may be seen.
func (e *planEyes) named(text string) []string {
	var out []string
	text = strings.ToLower(text)
	for id := range e.rows {
		if e.sees(id, "") && (strings.Contains(strings.ToLower(id), text) || strings.Contains(strings.ToLower(e.of(id).Name), text)) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// scheduleDiff says what a revision of the schedule changed, with pictures of some agent-days.
func (pl *planning) scheduleDiff(r *http.Request, id string, eyes *planEyes, d *diffWords) error {
	q := imports.DiffQuery{Revision: id}
	if d.Find != "" {
		if q.Agents = eyes.named(d.Find); len(q.Agents) == 0 {
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
	var sum [5]int
	last, hours := "", [2]float64{}
	_, err := pl.plans.EachDay(r.Context(), q, func(day *imports.ComparedDay) error {
		if !eyes.sees(day.AgentID, "") {
			d.Beyond++
			return nil
		}
		if day.AgentID != last {
			last = day.AgentID
			d.Agents++
		}
		d.Days++
		for i, n := range []int{day.Added, day.Removed, day.Moved, day.Altered, day.Unchanged} {
			sum[i] += n
		}
		hours[0], hours[1] = hours[0]+day.ScheduledBeforeS, hours[1]+day.ScheduledAfterS
		if d.Days > skip && len(days) < daysShown {
			days = append(days, day.Clone())
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.Totals = append(tallies([]string{"added", "removed", "moved", "altered", "unchanged"}, sum[:]...), web.Figure{Word: "on these days", Value: hoursWords(hours[0]) + " → " + hoursWords(hours[1])})
	d.From, d.To = min(skip+1, d.Days), skip+len(days)
	d.Earlier, d.Next = d.beside(skip, len(days))
	d.People = peopleOf(days, eyes)
	d.Legend = categoriesOf(days)
	return nil
}

// beside returns the links to the agent-days before and after those shown.
func (d *diffWords) beside(skip, n int) (earlier, next string) {
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
func peopleOf(days []imports.ComparedDay, eyes *planEyes) []personDiff {
	var out []personDiff
	for len(days) > 0 {
		n := 1
		for n < len(days) && days[n].AgentID == days[0].AgentID {
			n++
		}
		m := eyes.of(days[0].AgentID)
		zone, err := schemas.LoadZone(m.TimeZone)
		if err != nil || m.TimeZone == "" {
			zone = schemas.UTC
		}
		one := personDiff{ID: days[0].AgentID, Name: cmp.Or(m.Name, days[0].AgentID), Team: cmp.Or(m.Team, "unassigned"), Zone: zone.Name()}
		from, to := scaleOf(days[:n], zone)
		for i := range days[:n] {
			one.Days = append(one.Days, dayDiffOf(&days[i], zone, from, to))
		}
		out, days = append(out, one), days[n:]
	}
	return out
}

// scaleOf returns the whole hours of the clock, as milliseconds from the beginning of a date, that hold all activities of the days.
func scaleOf(days []imports.ComparedDay, zone schemas.Zone) (from, to int64) {
	first := true
	for i := range days {
		begin := zone.DayStart(days[i].Day)
		for _, c := range days[i].Activities {
			for _, a := range []*schemas.Activity{c.Before, c.After} {
				if a == nil {
					continue
				}
				if x := a.Start.Sub(begin); first || x < from {
					from = x
				}
				if x := a.End.Sub(begin); first || x > to {
					to = x
				}
				first = false
			}
		}
	}
	const hour = schemas.HourMS
	down := func(x int64) int64 { return x - ((x%hour)+hour)%hour }
	return down(from), -down(-to)
}

// categoriesOf lists the categories that the days show, in the order of the domain.
func categoriesOf(days []imports.ComparedDay) []schemas.Category {
	var out []schemas.Category
	for i := range days {
		for _, c := range days[i].Activities {
			for _, a := range []*schemas.Activity{c.Before, c.After} {
				if a != nil && !slices.Contains(out, a.Category) {
					out = append(out, a.Category)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// dayDiffOf draws one agent-day from one time of its date to another.
func dayDiffOf(day *imports.ComparedDay, zone schemas.Zone, from, to int64) dayDiff {
	begin := zone.DayStart(day.Day)
	span := schemas.Interval{Start: begin.Add(from), End: begin.Add(to)}
	scale := func(at schemas.Instant) float64 { return float64(at.Sub(span.Start)) * 100 / float64(span.MS()) }
	d := dayDiff{Date: day.Day.Time().Format("Mon 2 Jan"), Ticks: web.Ticks(span, zone, scale),
		Hours: hoursWords(day.ScheduledBeforeS) + " → " + hoursWords(day.ScheduledAfterS)}
	if day.ScheduledBeforeS == day.ScheduledAfterS {
		d.Hours = hoursWords(day.ScheduledAfterS)
	}
	draw := func(a *schemas.Activity, c schemas.ChangeKind) diffBand {
		x, w := scale(a.Start), scale(a.End)-scale(a.Start)
		name, mark := cmp.Or(a.Code, web.Label(a.Category)), changeMark(c)
		label := strings.TrimSpace(mark + " " + name)
		b := diffBand{Band: web.Band{X: web.Coordinate(x), Width: web.Coordinate(w), Class: a.Category.String(), Label: label,
			Title: activityWords(a, zone) + changeTitle(c), Narrow: !web.Fits(label, w, web.NarrowPicture-60)}, Change: string(c), Mark: mark}
		if !web.Fits(label, w, web.WidePicture-160) {
			b.Label = ""
			if web.Fits(mark, w, web.WidePicture-160) {
				b.Label = mark
			}
		}
		return b
	}
	for _, c := range day.Activities {
		if c.Before != nil {
			d.Before = append(d.Before, draw(c.Before, c.Change))
		}
		if c.After != nil {
			d.After = append(d.After, draw(c.After, c.Change))
		}
		if c.Change != schemas.ActivityUnchanged {
			d.Changes = append(d.Changes, changeWords{string(c.Change), changeMark(c.Change), changeText(&c, zone)})
		}
	}
	d.Label = fmt.Sprintf("%s: before %s, after %s, from %s to %s; the list below says the same", day.Day.Time().Format("Monday, 2 January"),
		counted(len(d.Before), "activity"), counted(len(d.After), "activity"), web.Clock(zone, span.Start), web.Clock(zone, span.End))
	return d
}

// changeMark is the sign of a change in a picture.
func changeMark(c schemas.ChangeKind) string {
	return map[schemas.ChangeKind]string{schemas.ActivityAdded: "+", schemas.ActivityRemoved: "−", schemas.ActivityMoved: "↔", schemas.ActivityAltered: "≠"}[c]
}

func changeTitle(c schemas.ChangeKind) string {
	if c == schemas.ActivityUnchanged {
		return ""
	}
	return ": " + string(c)
}

// activityWords names an activity with its time.
func activityWords(a *schemas.Activity, zone schemas.Zone) string {
	return fmt.Sprintf("%s %s–%s", cmp.Or(a.Code, web.Label(a.Category)), web.Clock(zone, a.Start), web.Clock(zone, a.End))
}

// changeText says what became of an activity.
func changeText(c *schemas.ActivityChange, zone schemas.Zone) string {
	switch c.Change {
	case schemas.ActivityAdded:
		return "added " + activityWords(c.After, zone)
	case schemas.ActivityRemoved:
		return "removed " + activityWords(c.Before, zone)
	case schemas.ActivityMoved:
		text := fmt.Sprintf("moved %s to %s–%s", activityWords(c.Before, zone), web.Clock(zone, c.After.Start), web.Clock(zone, c.After.End))
		if a, b := c.Before.Interval().MS(), c.After.Interval().MS(); a != b {
			text += fmt.Sprintf(" (%s → %s)", web.Length(a), web.Length(b))
		}
		return text
	case schemas.ActivityAltered:
		return "altered " + activityWords(c.After, zone) + ": " + alteredWords(c.Before, c.After)
	case schemas.ActivityUnchanged:
	}
	return ""
}

// alteredWords says what differs of two activities of one code and time.
func alteredWords(b, a *schemas.Activity) string {
	var parts []string
	for _, f := range []struct{ what, before, after string }{
		{"category", web.Label(b.Category), web.Label(a.Category)}, {"paid", yesNo(b.Paid), yesNo(a.Paid)}, {"shift", b.Shift, a.Shift}, {"description", b.Description, a.Description},
	} {
		if f.before != f.after {
			parts = append(parts, fmt.Sprintf("%s %s → %s", f.what, cmp.Or(f.before, "none"), cmp.Or(f.after, "none")))
		}
	}
	return strings.Join(parts, ", ")
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
