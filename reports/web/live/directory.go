package live

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// directoryPage is what /directory shows. Its script (static/directory.js) goes on from it.
type directoryPage struct {
	web.Frame
	AsOf       schemas.Instant
	StreamPath string
	Team       string
	Names      []string
	Teams      []directoryTeam
	Total      int
	Blank      person
}

// directoryTeam is a team with its people.
type directoryTeam struct {
	Name      string
	Available int
	People    []person
}

// person is a colleague in words.
type person struct {
	AgentID, Name, Team, Zone, Note string
	Presence, Word                  string
	Since                           schemas.Instant
	For, Clock                      string
}

// showDirectory shows the page of colleagues: presence, note and local time, never more.
func (s *routes) showDirectory(w http.ResponseWriter, r *http.Request) {
	filter, bad := ParseFilter(r.URL.Query())
	if len(bad) > 0 {
		s.Problem(w, r, badQuery(bad))
		return
	}
	p := web.PrincipalOf(r.Context())
	c := s.deps.Board.Changes(0)
	page := directoryPage{Frame: s.Frame(p, "Directory", "/directory"), AsOf: c.AsOf, Team: r.URL.Query().Get("team")}
	page.Script = "directory"
	q := r.URL.Query()
	q.Set("last_event_id", eventID(c.Life, c.Version))
	page.StreamPath = "/api/v1/live/stream?" + q.Encode()
	clocks := boardPage{}
	teams := map[string]bool{}
	var list []person
	for _, v := range views(p, &Filter{}, c.Rows) {
		teams[v.Team] = true
		if presenceOnly(&filter).Matches(v.LiveAgent) {
			list = append(list, personOf(v.LiveAgent, c.AsOf, clocks.zone(v.TimeZone)))
		}
	}
	page.Names, page.Total = sorted(teams), len(list)
	page.Teams = byTeam(list)
	page.Blank = personOf(&schemas.LiveAgent{}, c.AsOf, schemas.UTC)
	s.pages.Show(w, http.StatusOK, "directory", page)
}

// presenceOnly keeps of a filter what colleagues see: by other fields nobody is found here.
func presenceOnly(f *Filter) *Filter {
	return &Filter{Agents: f.Agents, Teams: f.Teams, Sites: f.Sites, Presences: f.Presences}
}

func personOf(a *schemas.LiveAgent, now schemas.Instant, zone schemas.Zone) person {
	group, since := groupOf(view{a, false}, true)
	return person{
		AgentID:  a.AgentID,
		Name:     a.Name,
		Team:     a.Team,
		Zone:     zone.Name(),
		Note:     a.Note,
		Presence: group,
		Word:     web.Label(group),
		Since:    since,
		For:      coarse(since, now),
		Clock:    web.Clock(zone, now),
	}
}

// byTeam groups people, by name in each team.
func byTeam(list []person) []directoryTeam {
	slices.SortFunc(list, func(a, b person) int {
		return cmp.Or(strings.Compare(a.Team, b.Team), strings.Compare(a.Name, b.Name), strings.Compare(a.AgentID, b.AgentID))
	})
	var out []directoryTeam
	for _, p := range list {
		if n := len(out); n == 0 || out[n-1].Name != p.Team {
			out = append(out, directoryTeam{Name: p.Team})
		}
		t := &out[len(out)-1]
		t.People = append(t.People, p)
		if p.Presence == schemas.PresenceAvailable.String() {
			t.Available++
		}
	}
	return out
}

// coarse returns the time from since to now in its largest unit: people look for colleagues, they do not time them.
func coarse(since, now schemas.Instant) string {
	if since == 0 {
		return ""
	}
	minutes := max(now.Sub(since), 0) / schemas.MinuteMS
	switch {
	case minutes < 1:
		return "just now"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d days", minutes/60/24)
}
