package days

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// HeadQuery asks for the sums of judged days.
type HeadQuery struct {
	// Scope is what the asker may see, by the team and site of each day's own roster row.
	Scope access.Scope
	// Agents, Teams and Sites narrow that down; an empty list does not.
	Agents, Teams, Sites []string
	// From and To are local dates, both included; 0 is open.
	From, To schemas.Date
}

// Sums reads what judged days say as a whole, without their insides (satisfied in cmd/internal/app).
type Sums interface {
	// DayHeads yields the days in order of agent and day: who, where, state, policy, sums and reasons. A row is valid only
	// during the call.
	DayHeads(ctx context.Context, q HeadQuery, yield func(*schemas.DayRow)) error
	// Targets returns the target_percent of each version of the rules that has one; the default rules have the empty id.
	Targets(ctx context.Context) (map[string]float64, error)
}

// mountPages adds the pages that show judged days: teams and agents by day, and one day of one agent.
func (r *routes) mountPages() error {
	return errors.Join(
		r.MountPage("GET /adherence", access.ActionSeeAdherence, r.showDays),
		r.MountPage("GET /adherence/{agent}", access.ActionSeeAdherence, r.toDay),
		r.MountPage("GET /adherence/{agent}/{day}", access.ActionSeeAdherence,
			func(w http.ResponseWriter, req *http.Request) {
				r.showDay(w, req, http.StatusOK, dayAsk{})
			}),
		r.MountPage("POST /adherence/{agent}/{day}/corrections", access.ActionAskCorrection, r.askCorrection),
		r.MountPage("POST /adherence/{agent}/{day}/corrections/{id}", access.ActionDecideCorrection, r.decideCorrection),
	)
}

// The bounds of the page: days side by side, and agents below each other.
const (
	mostColumns   = 62
	usualColumns  = 14
	mostAgentRows = 500
)

// heatPage is what /adherence shows: teams by day, or the agents of a team by day.
type heatPage struct {
	web.Frame
	From, To, Team, Sort string
	Sites                []string
	Presets              []web.Preset
	Columns              []heatColumn
	Total                heatRow
	Rows                 []heatRow
	// Agents says that the rows are agents; More how many are left out.
	Agents bool
	More   int
	// Back leads from agents to all teams, Other to the other order, Report to a report of the same days.
	Back, Other, Report string
	Target, Known       string
	HasPartial, HasOpen bool
	Wrong               string
}

// heatColumn is a day of the head.
type heatColumn struct {
	Weekday, Day, Month string
	Weekend, Today      bool
}

// heatRow is a team or an agent.
type heatRow struct {
	Name, ID, Href string
	Agents         int
	Cells          []heatCell
	Sum            heatCell
	worst          float64
}

// heatCell is the figure of a row on a day, or over all days.
type heatCell struct {
	// Text is the percentage, or in a word why there is none; Class its colour.
	Text, Class string
	// Part says how much of the scheduled time is known where that is not all; Open that days are provisional.
	Part        string
	Open        bool
	Title, Href string
}

// cellOf words the sums of some days.
func cellOf(g *reports.Group) heatCell {
	if g.Days == 0 {
		return heatCell{Class: "none"}
	}
	c := heatCell{Open: g.Provisional > 0}
	var said []string
	if v, ok := g.Adherence().Value(); ok {
		c.Text, c.Class = fmt.Sprintf("%.2f", v), colour(v, g.Target)
		said = append(said, fmt.Sprintf("adherence %.2f %%", v))
	} else {
		word, sentence := reasonTexts(g.Adherence().Reason)
		c.Text, c.Class = word, "without "+g.Adherence().Reason.String()
		said = append(said, "no adherence: "+sentence)
	}
	if p := g.Coverage(); p.Den > 0 && p.Num < p.Den {
		if v, ok := p.Value(); ok {
			c.Part = fmt.Sprintf("%.2f %% known", v)
			said = append(said, "coverage "+fmt.Sprintf("%.2f %%", v))
		}
	}
	if g.Days > 1 {
		said = append(said, fmt.Sprintf("%d days", g.Days))
	}
	for _, n := range []struct {
		n    int
		word string
	}{{g.LeftOut(), "without a figure"}, {g.Absent, "absent"}, {g.Provisional, "provisional"}, {g.Restated, "restated"}} {
		if n.n > 0 && g.Days > 1 {
			said = append(said, fmt.Sprintf("%d %s", n.n, n.word))
		} else if n.n > 0 && n.word != "without a figure" && n.word != "absent" {
			said = append(said, n.word)
		}
	}
	c.Title = strings.Join(said, ", ")
	return c
}

// colour returns the class of a figure: its distance from the target, or how high it is where there is no one target.
func colour(v float64, target *float64) string {
	if target == nil {
		return fmt.Sprintf("h%d", min(9, int(v/10)))
	}
	switch short := *target - v; {
	case short <= 0:
		return "met"
	case short <= 5:
		return "near"
	case short <= 15:
		return "below"
	}
	return "far"
}

// reasonTexts says why there is no figure: in a word, for a cell, and in a sentence.
func reasonTexts(r schemas.Reason) (word, sentence string) {
	switch r {
	case schemas.ReasonAbsent:
		return "absent", "offline throughout what was scheduled"
	case schemas.ReasonNoData:
		return "unknown", "no feed reported what was done"
	case schemas.ReasonTimeOff:
		return "on leave", "all that was scheduled is time off"
	case schemas.ReasonNothingJudged:
		return "excused", "all of it is excused or not judged"
	case schemas.ReasonNotPublished:
		return "not publ.", "no schedule was published before the day began"
	default:
		return "no plan", "nothing was scheduled"
	}
}

// showDays shows /adherence.
func (r *routes) showDays(w http.ResponseWriter, req *http.Request) {
	p := web.PrincipalOf(req.Context())
	now := schemas.InstantOf(r.Now())
	today := schemas.UTC.Date(now)
	v := req.URL.Query()
	page := heatPage{Frame: r.Frame(p, "Adherence", "/adherence"), Team: v.Get("team"), Sort: v.Get("sort")}
	page.Style = "reports"
	q := HeadQuery{Scope: access.ScopeOf(p, access.ActionSeeAdherence), From: today - usualColumns + 1, To: today,
		Sites: web.NonEmpty(v["site"])}
	page.Sites = q.Sites
	if page.Team != "" {
		q.Teams = []string{page.Team}
	}
	status := http.StatusOK
	if err := readRange(v, &q.From, &q.To, mostColumns); err != nil {
		page.Wrong, status = err.Error(), http.StatusUnprocessableEntity
		q.From, q.To = today-usualColumns+1, today
		page.From, page.To = v.Get("from"), v.Get("to")
	} else {
		page.From, page.To = q.From.String(), q.To.String()
	}
	page.Presets = web.Presets(v, today)
	if page.Wrong == "" {
		if err := r.fillHeat(req.Context(), &page, q, today); err != nil {
			r.StoreAway(w, req, err)
			return
		}
	}
	r.pages.Show(w, status, "adherence", page)
}

// readRange reads from and to where they are set: one of them alone is one day.
func readRange(v url.Values, from, to *schemas.Date, most int) error {
	first, last := cmp.Or(v.Get("from"), v.Get("to")), cmp.Or(v.Get("to"), v.Get("from"))
	if first == "" {
		return nil
	}
	var err, err2 error
	*from, err = schemas.ParseDate(first)
	*to, err2 = schemas.ParseDate(last)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	switch days := int(*to-*from) + 1; {
	case days < 1:
		return fmt.Errorf("the range is empty: its first day %s lies after its last day %s; turn the two round", *from, *to)
	case days > most:
		return fmt.Errorf("%d days do not fit beside each other; choose at most %d, or ask for a report", days, most)
	}
	return nil
}

// heatSums are the sums of a team or an agent, by day and of all days.
type heatSums struct {
	key, name string
	all       reports.Group
	days      []reports.Group
	agents    int
	last      string
}

func (h *heatSums) add(d *schemas.DayRow, from schemas.Date, target *float64) {
	if h.last != d.AgentID { // rows come by agent
		h.last = d.AgentID
		h.agents++
	}
	h.all.Add(d, target)
	h.days[d.Day-from].Add(d, target)
}

// finish settles the sums once all days are in.
func (h *heatSums) finish() {
	h.all.Finish()
	for i := range h.days {
		h.days[i].Finish()
	}
}

// heat holds the sums of the days of a query: by team, by agent where it is about one team or agent, and in all.
type heat struct {
	teams, agents map[string]*heatSums
	total         *heatSums
	known         schemas.Instant
}

// read adds up the days of the query.
func (r *routes) read(ctx context.Context, q HeadQuery) (*heat, error) {
	targets, err := r.deps.Sums.Targets(ctx)
	if err != nil {
		return nil, err
	}
	sums := func(key, name string) *heatSums {
		return &heatSums{key: key, name: name, days: make([]reports.Group, q.To-q.From+1)}
	}
	h := &heat{map[string]*heatSums{}, map[string]*heatSums{}, sums("", "All"), 0}
	row := func(rows map[string]*heatSums, key, name string) *heatSums {
		if rows[key] == nil {
			rows[key] = sums(key, name)
		}
		return rows[key]
	}
	one := len(q.Teams) == 1 || q.Scope.AgentID != "" || len(q.Scope.Teams) == 1
	err = r.deps.Sums.DayHeads(ctx, q, func(d *schemas.DayRow) {
		var target *float64
		if v := targets[d.Policy]; v > 0 {
			target = &v
		}
		h.known = max(h.known, d.KnownAt)
		h.total.add(d, q.From, target)
		row(h.teams, d.Team, d.Team).add(d, q.From, target)
		if one {
			row(h.agents, d.AgentID, d.Name).add(d, q.From, target)
		}
	})
	h.total.finish()
	return h, err
}

// fillHeat fills the table.
func (r *routes) fillHeat(ctx context.Context, page *heatPage, q HeadQuery, today schemas.Date) error {
	h, err := r.read(ctx, q)
	if err != nil {
		return err
	}
	for d := q.From; d <= q.To; d++ {
		t := d.Time()
		page.Columns = append(page.Columns,
			heatColumn{t.Format("Mon"), t.Format("2"), t.Format("Jan"), (int(d)+3)%7 >= 5, d == today})
	}
	span := url.Values{"from": {q.From.String()}, "to": {q.To.String()}}
	if len(q.Sites) > 0 {
		span["site"] = q.Sites
	}
	page.Agents = len(h.agents) > 0
	shown, href := h.teams, func(s *heatSums, d schemas.Date) string { return teamHref(span, s.key, d) }
	if page.Agents {
		shown, href = h.agents, func(s *heatSums, d schemas.Date) string { return web.DayPath(s.key, d) }
	}
	for _, s := range shown {
		s.finish()
		page.Rows = append(page.Rows, rowOf(s, q, href, page.Agents))
	}
	slices.SortFunc(page.Rows, func(a, b heatRow) int {
		if page.Sort == "worst" {
			return cmp.Or(cmp.Compare(a.worst, b.worst), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	if len(page.Rows) > mostAgentRows {
		page.More = len(page.Rows) - mostAgentRows
		page.Rows = page.Rows[:mostAgentRows]
	}
	page.Total = rowOf(h.total, q, func(*heatSums, schemas.Date) string { return "" }, false)
	page.links(span)
	page.marks(&h.total.all, h.known)
	return nil
}

// links fills the addresses that go on from the page.
func (p *heatPage) links(span url.Values) {
	if p.Team != "" {
		p.Back = "/adherence?" + span.Encode()
	}
	p.Report = "/reports" + web.WithQuery(span, "team", p.Team)
	other := ""
	if p.Sort != "worst" {
		other = "worst"
	}
	p.Other = "/adherence" + web.WithQuery(span, "team", p.Team, "sort", other)
}

// marks says what the marks of the table mean, as far as it has them.
func (p *heatPage) marks(g *reports.Group, known schemas.Instant) {
	if g.Target != nil {
		p.Target = fmt.Sprintf("%g %%", *g.Target)
	}
	p.HasPartial, p.HasOpen = g.UnknownMS > 0, g.Provisional > 0
	if known > 0 {
		p.Known = web.Stamp(known)[:16] + " UTC"
	}
}

func teamHref(span url.Values, team string, d schemas.Date) string {
	if team == "" {
		return ""
	}
	pairs := []string{"team", team}
	if d != 0 {
		pairs = append(pairs, "from", d.String(), "to", d.String())
	}
	return "/adherence" + web.WithQuery(span, pairs...)
}

func rowOf(s *heatSums, q HeadQuery, href func(*heatSums, schemas.Date) string, agents bool) heatRow {
	row := heatRow{Name: cmp.Or(s.name, "no team"), Href: href(s, 0), Agents: s.agents, Sum: cellOf(&s.all), worst: 101}
	if agents {
		row.ID, row.Href = s.key, web.DayPath(s.key, q.To)
	}
	if s.all.CountedMS > 0 {
		row.worst = float64(s.all.AdheredMS) * 100 / float64(s.all.CountedMS)
	}
	for i := range s.days {
		c := cellOf(&s.days[i])
		if c.Text != "" {
			c.Href = href(s, q.From+schemas.Date(i))
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

// toDay leads from an agent to their day of today.
func (r *routes) toDay(w http.ResponseWriter, req *http.Request) {
	agent, zone := req.PathValue("agent"), schemas.UTC
	if a, ok := r.deps.Agents.Agent(agent); ok {
		zone = web.Zone(a.TimeZone)
	}
	//nolint:gosec // always a page of this server
	http.Redirect(w, req, web.DayPath(agent, zone.Date(schemas.InstantOf(r.Now()))), http.StatusSeeOther)
}
