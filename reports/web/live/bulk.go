package live

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// bulkPath is where the page of bulk changes is.
const bulkPath = "/bulk"

// bulkPage is what the page of bulk changes shows.
type bulkPage struct {
	web.Frame
	// Teams and Sites are those to choose from; the lists after them the words.
	Teams, Sites                []string
	Presences, Statuses, States []web.Choice
	// Team to State are what is chosen.
	Team, Site, Presence, Status, State string
	Secondaries                         []schemas.SecondaryStatus
	Rows                                []boardRow
	// All counts the agents before the filter.
	All int
}

// showBulk shows the page on which supervisors change many agents at once: who can be chosen. What a change would mean,
// the change itself and its undo are calls of the API (changes.go), which its script makes.
func (s *routes) showBulk(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter, bad := ParseFilter(q)
	if len(bad) > 0 {
		s.Problem(w, r, badQuery(bad))
		return
	}
	p := web.PrincipalOf(r.Context())
	page := bulkPage{
		Frame:       s.Frame(p, "Change several", "/"),
		Presences:   web.PresenceChoices(),
		Statuses:    web.StatusChoices(),
		States:      stateChoices(),
		Team:        q.Get("team"),
		Site:        q.Get("site"),
		Presence:    q.Get("presence"),
		Status:      q.Get("status"),
		State:       q.Get("adherence_state"),
		Secondaries: s.deps.Secondaries(),
	}
	page.Script = "bulk"
	c := s.deps.Board.Changes(0)
	board := boardPage{AsOf: c.AsOf}
	theirs := slices.DeleteFunc(views(p, &Filter{}, c.Rows), func(v view) bool { return !mayChangeMany(p, v.LiveAgent) })
	board.choices(theirs)
	page.Teams, page.Sites, page.All = board.Teams, board.Sites, len(theirs)
	for _, v := range theirs {
		if filter.Matches(v.LiveAgent) {
			page.Rows = append(page.Rows, board.row(v))
		}
	}
	slices.SortFunc(page.Rows, func(x, y boardRow) int {
		return cmp.Or(strings.Compare(x.Team, y.Team), strings.Compare(x.Name, y.Name), strings.Compare(x.AgentID, y.AgentID))
	})
	s.pages.Show(w, http.StatusOK, "bulk", page)
}

func mayChangeMany(p access.Principal, a *schemas.LiveAgent) bool {
	return access.Allow(p, access.ActionChangeMany, access.Target{AgentID: a.AgentID, Team: a.Team, Site: a.Site}) == nil
}

// stateChoices lists the adherence states as the board words them.
func stateChoices() []web.Choice {
	var list []web.Choice
	for _, g := range adherenceGroups() {
		if g.Key != "severe" { // which is a degree of being out
			list = append(list, web.Choice{Value: g.Key, Label: g.Label})
		}
	}
	return list
}

// BulkLink returns the page of bulk changes for what the board shows, or nothing for a reader who may not.
func (b boardPage) BulkLink() string {
	if !b.MayBulk {
		return ""
	}
	shown := strings.Replace(b.Show, "severe", "out_of_adherence", 1)
	return bulkPath + strings.TrimSuffix(web.WithQuery(nil, "team", b.Team, "site", b.Site, "adherence_state", shown), "?")
}
