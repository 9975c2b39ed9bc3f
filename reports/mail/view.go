package mail

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// view is a daily mail in words, as both its parts show it.
type view struct {
	frame
	Provisional, Empty      string
	Total                   teamView
	Teams                   []teamView
	WeeksTitle              string
	Weeks                   []barView
	PeopleTitle, MorePeople string
	People                  []personView
	AbsentTitle, MoreAbsent string
	Absent                  []personView
	MoreUnknown             string
	Unknown                 []personView
	HeadsTitle, HeadsKey    string
	HeadsSum                []string
	Heads                   []headView
	Short                   []shortView
	MoreShort               string
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
	Class, Colour, ChangeClass, ChangeColour     string
	Bar                                          []segment
	Percent                                      float64
	Known                                        bool
}

type barView struct {
	Label, Figure, Class, Ink string
	Bar                       []segment
	Percent                   float64
	Known                     bool
}

type personView struct{ Name, Link, Team, Figure, Words, Class, Colour string }

type headView struct {
	Label, Figure, Class, Ink string
	Actual, Planned           []segment
	ActualHeads, PlannedHeads float64
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
	Class, Colour string
}

// The colours of the light scheme; their classes turn them in the dark one.
const (
	inkColour, softColour  = "#22282b", "#5d666a"
	goodColour, badColour  = "#2c6e4c", "#b5590a"
	plainColour, restTone  = "#12504f", "#e9e3d6"
	markColour, quietTone  = "#22282b", "#b9bcb6"
	mostName, mostScopeLen = 60, 160
)

// Pages are the addresses that a mail links to; empty without a public address.
type Pages struct{ Public string }

// day returns the page of the teams on the day.
func (p Pages) day(d *reports.Daily) string {
	return p.at("/adherence", d, url.Values{"from": {d.Day.String()}, "to": {d.Day.String()}})
}

// workbook returns the page where the workbook of the day can be asked for.
func (p Pages) workbook(d *reports.Daily) string {
	return p.at("/reports", d, url.Values{"from": {d.Day.String()}, "to": {d.Day.String()}})
}

func (p Pages) team(d *reports.Daily, team string) string {
	if p.Public == "" || team == "" || len(team) > mostQuery {
		return ""
	}
	return p.Public + "/adherence?" + url.Values{"from": {d.Day.String()}, "to": {d.Day.String()}, "team": {team}}.Encode()
}

// mostQuery is how long the names in an address may be; beyond that a link leads to all that the reader may see.
const mostQuery = 1000

func (p Pages) at(path string, d *reports.Daily, q url.Values) string {
	if p.Public == "" {
		return ""
	}
	if len(strings.Join(d.Teams, ""))+len(strings.Join(d.Sites, "")) <= mostQuery {
		q["team"], q["site"] = d.Teams, d.Sites
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

// viewOf puts a day into words. workbook says what has become of the workbook, footer why the mail comes.
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
	names := append(append([]string{}, d.Teams...), d.Sites...)
	switch len(names) {
	case 0:
		return "all teams"
	case 1, 2, 3:
		for i := range names {
			names[i] = reports.Shown(names[i], mostName)
		}
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", reports.Shown(names[0], mostName), len(names)-1)
}

func scopeLine(d *reports.Daily) string {
	names := append(append([]string{}, d.Teams...), d.Sites...)
	text := "All teams"
	if len(names) > 0 {
		text = reports.Shown(strings.Join(names, ", "), mostScopeLen)
	}
	return fmt.Sprintf("%s · %s", text, counted(d.Total.Agents, "agent"))
}

// counted writes 1 agent, 2 agents.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

func percentText(p schemas.Percent) string {
	if s := p.Text(); s != "" {
		return s + " %"
	}
	return "–"
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func teamOf(t *reports.TeamDay, link string, d *reports.Daily) teamView {
	v := teamView{Name: reports.Shown(t.Team, mostName), Link: link, Adherence: percentText(t.Adherence()),
		Conformance: percentText(t.Conformance()),
		Coverage:    percentText(t.Coverage())}
	if v.Name == "" {
		v.Name = "no team"
	}
	v.Percent, v.Known = t.Adherence().Value()
	v.Class, v.Colour = "ink", inkColour
	if met, known := reports.TargetMet(t.Adherence(), t.Target); known {
		v.Class, v.Colour = "bad", badColour
		v.Target = fmt.Sprintf("%s below the target of %s %%", number(round2(*t.Target-v.Percent)), number(*t.Target))
		if met {
			v.Class, v.Colour, v.Target = "good", goodColour, fmt.Sprintf("Target of %s %% met", number(*t.Target))
		}
	}
	v.Bar = targetBar(v.Percent, v.Known, t.Target, v.Class, 8)
	if points, known := t.Change(); known {
		v.Change, v.ChangeClass, v.ChangeColour = changeText(points, t, d.Day)
	}
	v.Detail = detailOf(t)
	return v
}

func round2(v float64) float64 {
	s, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 2, 64), 64)
	if err != nil {
		return v
	}
	return s
}

// changeText compares with the same weekdays before.
func changeText(points float64, t *reports.TeamDay, day schemas.Date) (text, class, colour string) {
	before := fmt.Sprintf("the %s before", weekdays(t.WeeksBefore, day))
	if t.Team == "" {
		before += " (" + percentText(t.Before) + ")"
	}
	switch {
	case points > 0:
		return fmt.Sprintf("▲ %s against %s", number(points), before), "good", goodColour
	case points < 0:
		return fmt.Sprintf("▼ %s against %s", number(-points), before), "bad", badColour
	}
	return "as on " + before, "soft", softColour
}

func weekdays(n int, day schemas.Date) string {
	name := day.Time().Weekday().String()
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%d %ss", n, name)
}

func detailOf(t *reports.TeamDay) string {
	parts := []string{counted(t.Agents, "agent")}
	if t.Team != "" {
		parts = append(parts, "conformance "+percentText(t.Conformance()), "coverage "+percentText(t.Coverage()))
	} else {
		parts = []string{reports.LengthText(t.ScheduledMS) + " scheduled", reports.LengthText(t.CountedMS-t.AdheredMS) +
			" out", counted(t.Exceptions, "exception")}
	}
	if t.Absent > 0 {
		parts = append(parts, strconv.Itoa(t.Absent)+" absent")
	}
	if t.UnknownMS > 0 {
		parts = append(parts, reports.LengthText(t.UnknownMS)+" unknown")
	}
	return strings.Join(parts, " · ")
}

// targetBar draws a percentage with a mark where the target lies. Every width is at least 1 and they add up to 100.
func targetBar(percent float64, known bool, target *float64, class string, height int) []segment {
	fill := min(int(percent+0.5), 100)
	if !known {
		fill = 0
	}
	bar := "b-plain"
	if class == "good" || class == "bad" {
		bar = "b-" + class
	}
	mark := -1
	if target != nil && *target > 0 && *target < 100 {
		mark = min(int(*target+0.5), 99)
	}
	var out []segment
	at := 0
	put := func(to int, class string) {
		if to > at {
			out = append(out, segment{to - at, height, class, colourOf(class)})
			at = to
		}
	}
	if mark >= 0 {
		put(min(fill, mark), bar)
		put(mark, "b-rest")
		put(mark+1, "b-mark")
	}
	put(fill, bar)
	put(100, "b-rest")
	return out
}

func colourOf(class string) string {
	return map[string]string{"b-good": goodColour, "b-bad": badColour, "b-plain": plainColour, "b-rest": restTone,
		"b-mark": markColour, "b-quiet": quietTone}[class]
}

func provisionalOf(d *reports.Daily) string {
	if !d.Provisional() {
		return ""
	}
	text := fmt.Sprintf("%d of %s may still change", d.Total.Provisional, counted(d.Total.Days, "agent-day"))
	if n := len(d.FeedsBehind); n > 0 && n <= 3 {
		text += ": not everything has come in from " + reports.Shown(strings.Join(d.FeedsBehind, ", "), mostScopeLen)
	} else if n > 3 {
		text += fmt.Sprintf(": not everything has come in from %d feeds", n)
	}
	return text + ". If it does, you will get another mail."
}

func (v *view) weeks(d *reports.Daily) {
	known := false
	for _, w := range d.Weeks {
		p, ok := w.Adherence.Value()
		known = known || ok
		v.Weeks = append(v.Weeks, barView{
			Label:   w.Day.Time().Format("2 Jan"),
			Figure:  percentText(w.Adherence),
			Class:   "soft",
			Ink:     softColour,
			Percent: p,
			Known:   ok,
			Bar:     plainBar(p, "b-quiet", 8),
		})
	}
	if !known {
		v.Weeks = nil
		return
	}
	v.WeeksTitle = "Beside the " + d.Day.Time().Weekday().String() + "s before"
	bar := "b-plain"
	if v.Total.Class != "ink" {
		bar = "b-" + v.Total.Class
	}
	v.Weeks = append(v.Weeks, barView{
		Label:   d.Day.Time().Format("2 Jan"),
		Figure:  v.Total.Adherence,
		Class:   "ink",
		Ink:     inkColour,
		Percent: v.Total.Percent,
		Known:   v.Total.Known,
		Bar:     plainBar(v.Total.Percent, bar, 8),
	})
}

func plainBar(percent float64, class string, height int) []segment {
	fill := max(min(int(percent+0.5), 100), 0)
	var out []segment
	if fill > 0 {
		out = append(out, segment{fill, height, class, colourOf(class)})
	}
	if fill < 100 {
		out = append(out, segment{100 - fill, height, "b-rest", restTone})
	}
	return out
}

func (v *view) people(d *reports.Daily, pages Pages) {
	teams := len(d.ByTeam) > 1
	view := func(p *reports.Person, figure, words, class, colour string) personView {
		out := personView{
			Name:   p.Label(),
			Link:   pages.agent(p.AgentID, p.Day),
			Figure: figure,
			Words:  words,
			Class:  class,
			Colour: colour,
		}
		if teams {
			out.Team = reports.Shown(p.Team, mostName)
		}
		return out
	}
	v.PeopleTitle, v.AbsentTitle = "Needs attention", "Absent"
	for i := range d.Attention {
		p := &d.Attention[i]
		v.People = append(v.People, view(p, reports.WholePercent(p.Adherence, p.Target), p.Words, "bad", badColour))
	}
	for i := range d.Absent {
		p := &d.Absent[i]
		v.Absent = append(v.Absent, view(p, reports.LengthText(p.ScheduledMS)+" scheduled", "", "soft", softColour))
	}
	for i := range d.Unknown {
		p := &d.Unknown[i]
		v.Unknown = append(v.Unknown,
			view(p, reports.LengthText(p.UnknownMS)+" of "+reports.LengthText(p.ScheduledMS), "", "soft", softColour))
	}
	v.MorePeople = more(d.AttentionCount-len(v.People), "below target", "who lost less time")
	v.MoreAbsent = more(d.AbsentCount-len(v.Absent), "absent", "")
	v.MoreUnknown = more(d.UnknownCount-len(v.Unknown), "with unknown time", "")
}

func more(n int, what, how string) string {
	if n <= 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("and %d more %s %s", n, what, how))
}

// heads draws the heads on queue by the hour.
func (v *view) heads(d *reports.Daily) {
	planned, most := plannedWord(d.Required), 1.0
	of := func(s *reports.StaffingInterval) float64 {
		if d.Required {
			return s.Heads(s.RequiredMS)
		}
		return s.Heads(s.ScheduledMS)
	}
	for i := range d.Heads {
		most = max(most, d.Heads[i].Heads(d.Heads[i].ActualMS), of(&d.Heads[i]))
	}
	v.HeadsTitle, v.HeadsKey = "Heads on queue by the hour", "Upper bar: on queue. Lower bar: "+planned+"."
	v.HeadsSum = headsSum(d)
	for i := range d.Heads {
		s := &d.Heads[i]
		h := headView{Label: clock(s.Start, d.Zone), ActualHeads: s.Heads(s.ActualMS), PlannedHeads: of(s), Class: "soft",
			Ink: softColour}
		wanted := " of " + heads(h.PlannedHeads)
		if d.Required && !s.HasRequired {
			wanted = "" // nothing required is not zero required
		}
		h.Figure = heads(h.ActualHeads) + wanted
		net, known := s.NetScheduled()
		if d.Required {
			net, known = s.NetRequired()
		}
		bar := "b-plain"
		switch {
		case !d.Staffing.Over(s):
			h.Figure = "–" + wanted
		case s.Unknown():
			h.Figure = "?" + wanted
		case known && s.Heads(net) <= -0.5:
			h.Class, h.Ink, bar = "bad", badColour, "b-bad"
		}
		h.Actual, h.Planned = plainBar(h.ActualHeads/most*100, bar, 6), plainBar(h.PlannedHeads/most*100, "b-quiet", 4)
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
	sum := &d.Staffing.Total
	under, over := sum.UnderPlanMS, sum.OverPlanMS
	if d.Required {
		under, over = sum.UnderMS, sum.OverMS
	}
	lines := []string{fmt.Sprintf(
		"%s h missing and %s h too many against what was %s, half hour by half hour of each team; one does not make up for "+
			"the other.",
		number(hours(under)), number(hours(over)), plannedWord(d.Required))}
	if unknown := hours(sum.UnknownMS); unknown > 0 {
		lines = append(lines, number(unknown)+" h are unknown and not taken for missing.")
	}
	if left := withoutRequirements(d); left > 0 && d.Required {
		lines = append(lines, "Left out: "+counted(left, "team")+" without requirements.")
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
		s := shortView{Name: reports.Shown(t.Team, mostName), Link: pages.team(d, t.Team)}
		if s.Name == "" {
			s.Name = "no team"
		}
		s.Hours = fmt.Sprintf("%s h missing, %s h too many", number(hours(t.UnderMS)), number(hours(t.OverMS)))
		for k := range t.Worst {
			w := &t.Worst[k]
			want := w.ScheduledMS
			if t.Required {
				want = w.RequiredMS
			}
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
		v.MoreShort = "and " + counted(left, "more team") + " in which fewer were missing"
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
		p := v.People[0]
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
