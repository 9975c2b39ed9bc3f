package live

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// boardPage is what the live board shows. Its script (static/board.js) goes on from it, row by row.
type boardPage struct {
	web.Frame
	AsOf schemas.Instant
	// StreamPath is where the script listens; it begins after this page.
	StreamPath string
	// Presence says that the reader sees colleagues' presence, not adherence.
	Presence bool
	Groups   []boardGroup
	// Rows are the first rows of Total; of Shown rows the group is shown. RestPath is where the script finds all of them,
	// empty when the page has them.
	Rows         []boardRow
	Total, Shown int
	RestPath     string
	// All is asked for where there is no script: the page has every row.
	All bool
	// Teams and Sites are those to choose from; Team, Site and Show what is chosen.
	Teams, Sites     []string
	Team, Site, Show string
	Blank            boardRow
	// Silent are the feeds that are silent now.
	Silent []silentFeed
	// MayBulk says that the reader may change many agents at once.
	MayBulk bool
	// zones keeps those looked up: reading one from the database takes longer than a row.
	zones map[string]schemas.Zone
}

// boardGroup is one count above the table: how many rows have one state. X and Width place it on the strip, of 1000.
type boardGroup struct {
	Key, Label string
	Count      int
	X, Width   int
}

// boardRow is one row with its words; times are milliseconds for the script.
type boardRow struct {
	view
	Group, Word   string
	GroupMS       schemas.Instant
	Hidden        bool
	For           string
	Doing, Fine   string
	HeldMS        schemas.Instant
	Held          string
	Plan, PlanFor string
	PlanFrom      schemas.Instant
	PlanTo        schemas.Instant
	Done          int64
	Next, NextAt  string
	// Day is the page that explains the agent's day; empty for a colleague.
	Day string
}

// adherenceGroups and presenceGroups list the groups, the worst first.
func adherenceGroups() []boardGroup {
	return groupsOf("severe", "out_of_adherence", "unknown", "in_adherence", "excused", "ignored", "unscheduled")
}

func presenceGroups() []boardGroup {
	return groupsOf("available", "busy", "away", "offline", "unknown")
}

func groupsOf(keys ...string) []boardGroup {
	out := make([]boardGroup, len(keys))
	for i, key := range keys {
		out[i] = boardGroup{Key: key, Label: web.Label(key)}
	}
	return out
}

// showBoard shows the front page, the live board.
func (s *routes) showBoard(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter, bad := ParseFilter(q, "show", "all")
	if len(bad) > 0 {
		s.Problem(w, r, badQuery(bad))
		return
	}
	p := web.PrincipalOf(r.Context())
	c := s.deps.Board.Changes(0)
	page := boardPage{
		Frame:  s.Frame(p, "Live board", "/"),
		AsOf:   c.AsOf,
		Groups: adherenceGroups(),
		Show:   q.Get("show"),
		Team:   q.Get("team"),
		Site:   q.Get("site"),
		All:    q.Get("all") != "",
	}
	page.Script = "board"
	page.Silent = s.silentWords()
	page.MayBulk = access.Allow(p, access.ActionChangeMany, access.Somewhere()) == nil
	all := views(p, &Filter{}, c.Rows)
	page.Presence = slices.ContainsFunc(all, func(v view) bool { return !v.whole })
	if page.Presence {
		page.Groups = presenceGroups()
	}
	page.choices(all)
	page.fill(slices.DeleteFunc(all, func(v view) bool { return !filter.Matches(v.LiveAgent) }))
	q.Del("show")
	q.Del("all")
	if len(page.Rows) < page.Total {
		page.RestPath = "/api/v1/agents?" + q.Encode()
	}
	q.Set("last_event_id", eventID(c.Life, c.Version))
	page.StreamPath = "/api/v1/live/stream?" + q.Encode()
	s.pages.Show(w, http.StatusOK, "board", page)
}

// choices collects the teams and sites that the reader has in scope.
func (b *boardPage) choices(all []view) {
	teams, sites := map[string]bool{}, map[string]bool{}
	for _, v := range all {
		teams[v.Team], sites[v.Site] = true, true
	}
	b.Teams, b.Sites = sorted(teams), sorted(sites)
}

// mostRows is how many rows the page has; the script brings the others when somebody scrolls to them or looks for them.
// All ten thousand would be nine megabytes of markup that nobody reads.
const mostRows = 250

// placed is a row with what it is sorted and counted by.
type placed struct {
	view
	rank  int
	since schemas.Instant
}

// fill counts the rows and words the first of them, the worst first.
func (b *boardPage) fill(rows []view) {
	rank := map[string]int{}
	for i, g := range b.Groups {
		rank[g.Key] = i
	}
	shown, chosen := rank[b.Show]
	if !chosen {
		b.Show = ""
	}
	list := make([]placed, len(rows))
	for i, v := range rows {
		group, since := groupOf(v, b.Presence)
		list[i] = placed{v, rank[group], since}
		b.Groups[list[i].rank].Count++
	}
	slices.SortFunc(list, func(x, y placed) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.since, y.since), strings.Compare(x.Name, y.Name),
			strings.Compare(x.AgentID, y.AgentID))
	})
	b.Total, b.Shown = len(list), len(list)
	if chosen {
		b.Shown = b.Groups[shown].Count
	}
	if len(list) > mostRows && !b.All {
		list = slices.DeleteFunc(list, func(x placed) bool { return chosen && x.rank != shown })
		list = list[:min(len(list), mostRows)]
	}
	for _, x := range list {
		b.Rows = append(b.Rows, b.row(x.view))
	}
	b.strip()
	b.Blank = b.row(view{&schemas.LiveAgent{}, true})
	b.Blank.Hidden = false
}

// strip shares the width of the strip out.
func (b *boardPage) strip() {
	seen, at := 0, 0
	for i := range b.Groups {
		seen += b.Groups[i].Count
		end := seen * 1000 / max(b.Total, 1)
		b.Groups[i].X, b.Groups[i].Width = at, end-at
		at = end
	}
}

// row words one row.
func (b *boardPage) row(v view) boardRow {
	row := boardRow{view: v}
	if !b.Presence {
		row.Day = web.DayPath(v.AgentID, 0)
	}
	row.Group, row.GroupMS = groupOf(v, b.Presence)
	row.Word = wordOf(row.Group)
	row.Hidden = b.Show != "" && b.Show != row.Group
	row.For = lasting(row.GroupMS, b.AsOf)
	row.Doing, row.Fine, row.HeldMS = doing(v.LiveAgent)
	row.Held = lasting(row.HeldMS, b.AsOf)
	zone := b.zone(v.TimeZone)
	if a := v.Scheduled; a != nil {
		row.Plan, row.PlanFrom, row.PlanTo = planName(a), a.Start, a.End
		row.PlanFor = web.Clock(zone, a.Start) + "–" + web.Clock(zone, a.End)
		row.Done = min(max(b.AsOf.Sub(a.Start)*100/max(a.End.Sub(a.Start), 1), 0), 100)
	}
	if a := v.Next; a != nil {
		row.Next, row.NextAt = planName(a), clockOn(zone, a.Start, b.AsOf)
	}
	return row
}

// zone finds a zone; UTC stands for one that is not known.
func (b *boardPage) zone(name string) schemas.Zone {
	z, ok := b.zones[name]
	if !ok {
		if z = web.Zone(name); b.zones == nil {
			b.zones = map[string]schemas.Zone{}
		}
		b.zones[name] = z
	}
	return z
}

// groupOf returns the group that a row counts to and since when. What has no group of its own is unknown.
func groupOf(v view, presence bool) (string, schemas.Instant) {
	switch {
	case presence && v.Presence == schemas.PresenceNone:
		return "unknown", v.Since.Presence
	case presence:
		return v.Presence.String(), v.Since.Presence
	case v.AdherenceState == schemas.LiveNone:
		return "unknown", v.AdherenceSince
	case v.Severe && v.AdherenceState == schemas.LiveOutOfAdherence:
		return "severe", v.AdherenceSince
	}
	return v.AdherenceState.String(), v.AdherenceSince
}

// wordOf returns the short word of a group, for a cell.
func wordOf(group string) string {
	switch group {
	case "severe", "out_of_adherence":
		return "Out"
	case "in_adherence":
		return "In"
	}
	return web.Label(group)
}

// doing words the actual state: on queue by the domain's definition, else what the agent says of itself.
func doing(a *schemas.LiveAgent) (what, fine string, since schemas.Instant) {
	what, since = web.Label(a.Status), a.Since.Status
	var others []string
	switch {
	case a.Presence == schemas.PresenceOffline:
		return "Offline", "", a.Since.Presence
	case a.Routing == schemas.RoutingNotResponding:
		what, since = "Not responding", a.Since.Routing
	case a.Status == schemas.StatusAvailable && working(a.Routing):
		what, others = "On queue", append(others, web.Label(a.Routing))
	case a.Status == schemas.StatusNone:
		what, since = web.Label(a.Presence), a.Since.Presence
	case a.Secondary != "":
		what, others = a.Secondary, append(others, web.Label(a.Status))
	}
	if a.Presence != schemas.PresenceNone && what != web.Label(a.Presence) {
		others = append(others, web.Label(a.Presence))
	}
	return cmp.Or(what, "Unknown"), strings.ToLower(strings.Join(others, " · ")), since
}

// working says whether the routing engine counts the agent in.
func working(r schemas.Routing) bool {
	return r == schemas.RoutingIdle || r == schemas.RoutingInteracting || r == schemas.RoutingCommunicating
}

// planName returns an activity's name, or its category where it has none.
func planName(a *schemas.LiveActivity) string { return cmp.Or(a.Code, web.Label(a.Category)) }

// clockOn returns the time of day, with the weekday where that is not the one of now.
func clockOn(z schemas.Zone, t, now schemas.Instant) string {
	if z.Date(t) == z.Date(now) {
		return web.Clock(z, t)
	}
	return t.Time().In(z.Location()).Format("Mon 15:04")
}

// lasting returns the time from since to now as 4:05 or 1:04:05; nothing when since is not known.
func lasting(since, now schemas.Instant) string {
	if since == 0 {
		return ""
	}
	s := max(now.Sub(since), 0) / schemas.SecondMS
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Link returns the address of the page with another group shown.
func (b boardPage) Link(show string) string {
	return "/" + strings.TrimSuffix(web.WithQuery(nil, "team", b.Team, "site", b.Site, "show", show), "?")
}

// LinkAll returns the address of the page with every row.
func (b boardPage) LinkAll() string {
	at := b.Link(b.Show)
	if strings.Contains(at, "?") {
		return at + "&all=1"
	}
	return at + "?all=1"
}

// sorted lists a set in order, without the empty text.
func sorted(set map[string]bool) []string {
	return web.NonEmpty(slices.Sorted(maps.Keys(set)))
}
