package mail

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// view is a daily mail in words, as both its parts show it.
type view struct {
	frame
	Provisional, Empty         string
	Total                      teamView
	Teams                      []teamView
	WeeksTitle                 string
	Weeks                      []barView
	Attention, Absent, Unknown peopleView
	HeadsTitle, HeadsKey       string
	HeadsSum                   []string
	Heads                      []headView
	Short                      []shortView
	MoreShort                  string
}

// frame is what every mail has around its contents.
type frame struct {
	Title, Preheader, Heading, Scope       string
	Link, LinkText, Workbook, WorkbookLink string
	Footer                                 []string
}

type teamView struct {
	Name, Link, Adherence, Conformance, Coverage string
	Target, Change, Detail                       string
	Class, ChangeClass                           string
	Bar                                          []segment
	Percent                                      float64
	Known                                        bool
}

type barView struct {
	Label, Figure, Class string
	Bar                  []segment
	Percent              float64
	Known                bool
}

// peopleView is a list of people; More counts those who are not on it.
type peopleView struct {
	Title, Note, More string
	List              []personView
}

type personView struct{ Name, Link, Team, Figure, Words, Class string }

type headView struct {
	Label, Figure, Class          string
	Actual, Planned               []segment
	ActualPercent, PlannedPercent float64
}

// shortView is a team of which heads were missing, and when most.
type shortView struct {
	Name, Link, Hours string
	Worst             []worstView
}

type worstView struct{ Label, Words string }

// segment is one cell of a bar; widths are hundredths of it.
type segment struct {
	Width, Height int
	Class         string
}

// colours are those of the light scheme by class; the classes turn them in the dark one.
var colours = map[string]string{"ink": "#22282b", "soft": "#5d666a", "good": "#2c6e4c", "bad": "#b5590a",
	"b-good": "#2c6e4c", "b-bad": "#b5590a", "b-plain": "#12504f", "b-rest": "#e9e3d6", "b-mark": "#22282b",
	"b-quiet": "#b9bcb6"}

const mostName, mostScopeLen = 60, 160

// Pages are the addresses that a mail links to; empty without a public address.
type Pages struct{ Public string }

// day returns the page of the teams on the day.
func (p Pages) day(d *reports.Daily) string { return p.at("/adherence", d, d.Teams, d.Sites) }

// workbook returns the page where the workbook of the day can be asked for.
func (p Pages) workbook(d *reports.Daily) string { return p.at("/reports", d, d.Teams, d.Sites) }

// team returns the page of a team on the day; there is none for agents of no team, nor for a name that no address
// holds.
func (p Pages) team(d *reports.Daily, team string) string {
	if team == "" || len(team) > mostQuery {
		return ""
	}
	return p.at("/adherence", d, []string{team}, nil)
}

// mostQuery is how long the names in an address may be; beyond that a link leads to all that the reader may see.
const mostQuery = 1000

func (p Pages) at(path string, d *reports.Daily, teams, sites []string) string {
	if p.Public == "" {
		return ""
	}
	q := url.Values{"from": {d.Day.String()}, "to": {d.Day.String()}}
	if len(strings.Join(teams, ""))+len(strings.Join(sites, "")) <= mostQuery {
		q["team"], q["site"] = teams, sites
	}
	return p.Public + path + "?" + q.Encode()
}

// agent returns the page of an agent's day.
func (p Pages) agent(id string, day schemas.Date) string {
	if p.Public == "" || id == "" {
		return ""
	}
	return p.Public + "/adherence/" + url.PathEscape(id) + "/" + day.String()
}

// viewOf puts a day into words. The footer says why the mail comes.
func viewOf(d *reports.Daily, pages Pages, footer []string) *view {
	v := &view{frame: frame{Heading: longDate(d.Day), Scope: scopeLine(d), Footer: footer, Link: pages.day(d),
		LinkText: "Open the day"}}
	v.Title = subjectOf(d)
	if d.Empty() {
		v.Empty = "Nothing was scheduled on this day, and nobody was on queue."
		v.Preheader = v.Empty
		return v
	}
	v.Total = teamOf(&d.Total, "", d)
	for i := range d.ByTeam {
		if len(d.ByTeam) > 1 {
			v.Teams = append(v.Teams, teamOf(&d.ByTeam[i], pages.team(d, d.ByTeam[i].Team), d))
		}
	}
	v.Provisional = provisionalOf(d)
	v.weeks(d)
	v.people(d, pages)
	v.heads(d)
	v.short(d, pages)
	v.Preheader = preheaderOf(d, v)
	return v
}

func longDate(day schemas.Date) string { return day.Time().Format("Monday 2 January 2006") }

// subjectOf returns the subject: the day, whom it is about, and the figure that counts.
func subjectOf(d *reports.Daily) string {
	what := "adherence " + percentText(d.Total.Adherence())
	if d.Empty() {
		what = "nothing was scheduled"
	}
	text := fmt.Sprintf("%s, %s: %s", d.Day.Time().Format("Mon 2 January"), scopeName(d), what)
	if _, known := d.Total.Adherence().Value(); known && d.Total.Target != nil {
		text += fmt.Sprintf(" (target %s)", number(*d.Total.Target)+" %")
	}
	if d.Provisional() {
		text += ", provisional"
	}
	return text
}

// scopeName says in a few words whom the mail is about.
func scopeName(d *reports.Daily) string {
	names := slices.Concat(d.Teams, d.Sites)
	for i := range names {
		names[i] = reports.Shown(names[i], mostName)
	}
	switch len(names) {
	case 0:
		return "all teams"
	case 1, 2, 3:
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

func scopeLine(d *reports.Daily) string {
	names := slices.Concat(d.Teams, d.Sites)
	text := "All teams"
	if len(names) > 0 {
		text = reports.Shown(strings.Join(names, ", "), mostScopeLen)
	}
	return fmt.Sprintf("%s · %s", text, reports.Counted(d.Total.Agents, "agent"))
}

func percentText(p schemas.Percent) string {
	if s := p.Text(); s != "" {
		return s + " %"
	}
	return "–"
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// teamName returns the name of a team, fit to be shown.
func teamName(team string) string { return cmp.Or(reports.Shown(team, mostName), "no team") }

func teamOf(t *reports.TeamDay, link string, d *reports.Daily) teamView {
	v := teamView{
		Name:        teamName(t.Team),
		Link:        link,
		Adherence:   percentText(t.Adherence()),
		Conformance: percentText(t.Conformance()),
		Coverage:    percentText(t.Coverage()),
		Class:       "ink",
		Detail:      detailOf(t),
	}
	v.Percent, v.Known = t.Adherence().Value()
	if met, known := reports.TargetMet(t.Adherence(), t.Target); met {
		v.Class, v.Target = "good", fmt.Sprintf("Target of %s %% met", number(*t.Target))
	} else if known {
		v.Class = "bad"
		v.Target = fmt.Sprintf("%s below the target of %s %%", number(round2(*t.Target-v.Percent)), number(*t.Target))
	}
	v.Bar = bar(v.Percent, t.Target, barClass(v.Class), 8)
	if points, known := t.Change(); known {
		v.Change, v.ChangeClass = changeText(points, t, d.Day)
	}
	return v
}

func round2(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'f', 2, 64), 64) // what was just written can be read
	return v
}

// changeText compares with the same weekdays before.
func changeText(points float64, t *reports.TeamDay, day schemas.Date) (text, class string) {
	before := fmt.Sprintf("the %s before", weekdays(t.WeeksBefore, day))
	if t.Team == "" {
		before += " (" + percentText(t.Before) + ")"
	}
	switch {
	case points > 0:
		return fmt.Sprintf("▲ %s against %s", number(points), before), "good"
	case points < 0:
		return fmt.Sprintf("▼ %s against %s", number(-points), before), "bad"
	}
	return "as on " + before, "soft"
}

func weekdays(n int, day schemas.Date) string {
	name := day.Time().Weekday().String()
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%d %ss", n, name)
}

func detailOf(t *reports.TeamDay) string {
	parts := []string{reports.Counted(t.Agents, "agent")}
	if t.Team != "" {
		parts = append(parts, "conformance "+percentText(t.Conformance()), "coverage "+percentText(t.Coverage()))
	} else {
		parts = []string{reports.LengthText(t.ScheduledMS) + " scheduled", reports.LengthText(t.CountedMS-t.AdheredMS) +
			" out", reports.Counted(t.Exceptions, "exception")}
	}
	if t.Absent > 0 {
		parts = append(parts, strconv.Itoa(t.Absent)+" absent")
	}
	if t.UnknownMS > 0 {
		parts = append(parts, reports.LengthText(t.UnknownMS)+" unknown")
	}
	return strings.Join(parts, " · ")
}

// barClass returns the class of a bar beside a figure of the class.
func barClass(class string) string {
	if class == "ink" {
		return "b-plain"
	}
	return "b-" + class
}

// bar draws a percentage, with a mark where a target lies. Every width is at least 1 and they add up to 100.
func bar(percent float64, target *float64, class string, height int) (out []segment) {
	at := 0
	put := func(to int, class string) {
		if to > at {
			out = append(out, segment{to - at, height, class})
			at = to
		}
	}
	fill := max(min(int(percent+0.5), 100), 0)
	if target != nil && *target > 0 && *target < 100 {
		mark := min(int(*target+0.5), 99)
		put(min(fill, mark), class)
		put(mark, "b-rest")
		put(mark+1, "b-mark")
	}
	put(fill, class)
	put(100, "b-rest")
	return out
}

func provisionalOf(d *reports.Daily) string {
	if !d.Provisional() {
		return ""
	}
	text := fmt.Sprintf("%d of %s may still change", d.Total.Provisional, reports.Counted(d.Total.Days, "agent-day"))
	if n := len(d.FeedsBehind); n > 0 && n <= 3 {
		text += ": not everything has come in from " + reports.Shown(strings.Join(d.FeedsBehind, ", "), mostScopeLen)
	} else if n > 3 {
		text += fmt.Sprintf(": not everything has come in from %d feeds", n)
	}
	return text + ". If it does, you will get another mail."
}

func (v *view) weeks(d *reports.Daily) {
	add := func(day schemas.Date, figure, class, barClass string, percent float64, known bool) {
		v.Weeks = append(v.Weeks, barView{
			Label:   day.Time().Format("2 Jan"),
			Figure:  figure,
			Class:   class,
			Bar:     bar(percent, nil, barClass, 8),
			Percent: percent,
			Known:   known,
		})
	}
	some := false
	for _, w := range d.Weeks {
		p, known := w.Adherence.Value()
		some = some || known
		add(w.Day, percentText(w.Adherence), "soft", "b-quiet", p, known)
	}
	if !some {
		v.Weeks = nil
		return
	}
	v.WeeksTitle = "Beside the " + d.Day.Time().Weekday().String() + "s before"
	add(d.Day, v.Total.Adherence, "ink", barClass(v.Total.Class), v.Total.Percent, v.Total.Known)
}

func (v *view) people(d *reports.Daily, pages Pages) {
	list := func(title string, people []reports.Person, class string, figure func(*reports.Person) string) peopleView {
		out := peopleView{Title: title}
		for i := range people {
			p := &people[i]
			who := personView{
				Name:   p.Label(),
				Link:   pages.agent(p.AgentID, p.Day),
				Figure: figure(p),
				Words:  p.Words,
				Class:  class,
			}
			if len(d.ByTeam) > 1 {
				who.Team = reports.Shown(p.Team, mostName)
			}
			out.List = append(out.List, who)
		}
		return out
	}
	v.Attention = list("Needs attention", d.Attention, "bad",
		func(p *reports.Person) string { return reports.WholePercent(p.Adherence(), p.Target) })
	if len(d.Attention) > 1 {
		v.Attention.Note = "Most time lost first."
	}
	v.Absent = list("Absent", d.Absent, "soft",
		func(p *reports.Person) string { return reports.LengthText(p.ScheduledMS) + " scheduled" })
	v.Unknown = list("Time unknown", d.Unknown, "soft", func(p *reports.Person) string {
		return reports.LengthText(p.UnknownMS) + " of " + reports.LengthText(p.ScheduledMS)
	})
	v.Attention.More = more(d.AttentionCount-len(d.Attention), "below target", "who lost less time")
	v.Absent.More = more(d.AbsentCount-len(d.Absent), "absent", "")
	v.Unknown.More = more(d.UnknownCount-len(d.Unknown), "with unknown time", "")
}

func more(n int, what, how string) string {
	if n <= 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("and %d more %s %s", n, what, how))
}

// heads draws the heads on queue by the hour.
func (v *view) heads(d *reports.Daily) {
	most := 1.0
	for i := range d.Heads {
		h := &d.Heads[i]
		want, _, _ := h.Against(d.Required)
		most = max(most, h.Heads(h.ActualMS), h.Heads(want))
	}
	v.HeadsTitle = "Heads on queue by the hour"
	v.HeadsKey = "Upper bar: on queue. Lower bar: " + plannedWord(d.Required) + "."
	v.HeadsSum = headsSum(d)
	for i := range d.Heads {
		s := &d.Heads[i]
		want, net, known := s.Against(d.Required)
		h := headView{Label: clock(s.Start, d.Zone), Class: "soft"}
		wanted := " of " + heads(s.Heads(want))
		if d.Required && !s.HasRequired {
			wanted = "" // nothing required is not zero required
		}
		h.Figure = heads(s.Heads(s.ActualMS)) + wanted
		class := "b-plain"
		switch {
		case !d.Staffing.Over(s):
			h.Figure = "–" + wanted
		case s.Unknown():
			h.Figure = "?" + wanted
		case known && s.Heads(net) <= -0.5:
			h.Class, class = "bad", "b-bad"
		}
		h.ActualPercent, h.PlannedPercent = s.Heads(s.ActualMS)/most*100, s.Heads(want)/most*100
		h.Actual, h.Planned = bar(h.ActualPercent, nil, class, 6), bar(h.PlannedPercent, nil, "b-quiet", 4)
		v.Heads = append(v.Heads, h)
	}
}

func plannedWord(required bool) string {
	if required {
		return "required"
	}
	return "scheduled"
}

// headsSum says the hours that were missing and too many, which are the figures of the staffing report.
func headsSum(d *reports.Daily) []string {
	if len(d.Heads) == 0 {
		return nil
	}
	under, over := d.Staffing.Total.UnderOver(d.Required)
	lines := []string{fmt.Sprintf(
		"%s h missing and %s h too many against what was %s, half hour by half hour of each team; one does not make up for "+
			"the other.",
		number(hours(under)), number(hours(over)), plannedWord(d.Required))}
	if unknown := hours(d.Staffing.Total.UnknownMS); unknown > 0 {
		lines = append(lines, number(unknown)+" h are unknown and not taken for missing.")
	}
	if left := withoutRequirements(d); left > 0 && d.Required {
		lines = append(lines, "Left out: "+reports.Counted(left, "team")+" without requirements.")
	}
	return lines
}

func withoutRequirements(d *reports.Daily) (n int) {
	for i := range d.Staffing.Groups {
		if g := &d.Staffing.Groups[i]; !g.Sum.HasRequired && g.Sum.Intervals > 0 {
			n++
		}
	}
	return n
}

// short says, team by team, when most heads were missing.
func (v *view) short(d *reports.Daily, pages Pages) {
	for i := range d.Short {
		t := &d.Short[i]
		s := shortView{Name: teamName(t.Team), Link: pages.team(d, t.Team),
			Hours: fmt.Sprintf("%s h missing, %s h too many", number(hours(t.UnderMS)), number(hours(t.OverMS)))}
		for k := range t.Worst {
			w := &t.Worst[k]
			want, _, _ := w.Against(t.Required)
			words := fmt.Sprintf("%s missing: %s of %s %s", heads(t.Missing(w)), heads(w.Heads(w.ActualMS)),
				heads(w.Heads(want)), plannedWord(t.Required))
			if w.UnknownMS > 0 {
				words += ", " + heads(w.Heads(w.UnknownMS)) + " unknown"
			}
			s.Worst = append(s.Worst, worstView{clock(w.Start, d.Zone) + "–" + clock(w.End, d.Zone), words})
		}
		v.Short = append(v.Short, s)
	}
	if left := d.ShortCount - len(d.Short); left > 0 {
		v.MoreShort = "and " + reports.Counted(left, "more team") + " in which fewer were missing"
	}
}

func hours(ms int64) float64 { return round2(float64(ms) / float64(schemas.HourMS)) }

func clock(t schemas.Instant, z schemas.Zone) string {
	return t.Time().In(z.Location()).Format("15:04")
}

func heads(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// preheaderOf is what a list of mails shows beside the subject.
func preheaderOf(d *reports.Daily, v *view) string {
	var parts []string
	if d.AttentionCount > 0 {
		p := v.Attention.List[0]
		parts = append(parts, p.Name+" "+p.Figure+": "+p.Words)
		if d.AttentionCount > 1 {
			parts = append(parts, fmt.Sprintf("%d more need attention", d.AttentionCount-1))
		}
	} else {
		parts = append(parts, "Nobody needs attention")
	}
	if d.AbsentCount > 0 {
		parts = append(parts, fmt.Sprintf("%d absent", d.AbsentCount))
	}
	return reports.Shown(strings.Join(parts, ". "), 200)
}
