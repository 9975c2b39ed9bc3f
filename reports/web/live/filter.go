package live

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Filter says which agents a reader wants to see. An empty list admits every value; between lists all must hold.
type Filter struct {
	Agents, Teams, Sites []string
	Presences            []schemas.Presence
	Statuses             []schemas.Status
	States               []schemas.LiveState
}

// mostFilterValues bounds the values of one query.
const mostFilterValues = 500

// ParseFilter reads agent, team, site, presence, status and adherence_state, each possibly several times; an empty
// value admits everything. Other keys are wrong unless they are listed as known.
func ParseFilter(q url.Values, known ...string) (Filter, []schemas.ProblemDetail) {
	var f Filter
	var bad []schemas.ProblemDetail
	fail := func(key, value, message string) {
		bad = append(bad, schemas.ProblemDetail{Location: "query." + key, Value: value, Message: message})
	}
	read := map[string]func(string) error{
		"agent":           addText(&f.Agents, "agent"),
		"team":            addText(&f.Teams, "team"),
		"site":            addText(&f.Sites, "site"),
		"presence":        addWord(&f.Presences, schemas.ParsePresence),
		"status":          addWord(&f.Statuses, schemas.ParseStatus),
		"adherence_state": addWord(&f.States, schemas.ParseLiveState),
	}
	names := append(slices.Sorted(maps.Keys(read)), known...)
	count := 0
	for _, key := range slices.Sorted(maps.Keys(q)) {
		add, filters := read[key]
		if !filters && !slices.Contains(known, key) {
			fail(key, "", "is not known here; "+web.Suggest(key, names))
		}
		for _, value := range q[key] {
			if count++; count > mostFilterValues {
				fail(key, "", fmt.Sprintf("has more than %d values; name fewer", mostFilterValues))
				return f, bad
			}
			if !filters || value == "" {
				continue
			}
			if err := add(value); err != nil {
				fail(key, value, err.Error())
			}
		}
	}
	return f, bad
}

// addText reads a name.
func addText(to *[]string, field string) func(string) error {
	return func(s string) error {
		if e := schemas.CheckID(field, s); e != nil {
			return e
		}
		*to = append(*to, s)
		return nil
	}
}

// addWord reads one of the domain's words.
func addWord[T any](to *[]T, parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		v, err := parse(s)
		if err == nil {
			*to = append(*to, v)
		}
		return err
	}
}

// Matches says whether the filter admits the row, as the reader sees it: a field that was taken out matches nothing.
func (f *Filter) Matches(a *schemas.LiveAgent) bool {
	return admits(f.Agents, a.AgentID) && admits(f.Teams, a.Team) && admits(f.Sites, a.Site) &&
		admits(f.Presences, a.Presence) &&
		admits(f.Statuses, a.Status) && admits(f.States, a.AdherenceState)
}

func admits[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// view is a row as one principal may see it: whole, or as a colleague sees it.
type view struct {
	*schemas.LiveAgent
	whole bool
}

// viewer are what a principal may see, worked out once for many rows.
type viewer struct{ live, presence access.Scope }

func viewerOf(p access.Principal) viewer {
	return viewer{access.ScopeOf(p, access.ActionSeeLive), access.ScopeOf(p, access.ActionSeePresence)}
}

// view returns the row as the principal may see it, or false.
func (e *viewer) view(a *schemas.LiveAgent) (view, bool) {
	if e.live.Covers(a.AgentID, a.Team, a.Site) {
		return view{a, true}, true
	}
	if !e.presence.Covers(a.AgentID, a.Team, a.Site) {
		return view{}, false
	}
	return view{&schemas.LiveAgent{
		AgentID:  a.AgentID,
		Name:     a.Name,
		Team:     a.Team,
		Site:     a.Site,
		TimeZone: a.TimeZone,
		Presence: a.Presence,
		Since:    schemas.LiveSince{Presence: a.Since.Presence},
		Note:     a.Note,
		AsOf:     a.AsOf,
		Version:  a.Version,
		Moved:    a.Moved,
		Gone:     a.Gone,
	}, false}, true
}

// views returns what the principal may see of the rows and the filter admits, in no particular order.
func views(p access.Principal, f *Filter, rows []*schemas.LiveAgent) []view {
	e := viewerOf(p)
	out := make([]view, 0, len(rows))
	for _, a := range rows {
		if v, ok := e.view(a); ok && !a.Gone && f.Matches(v.LiveAgent) {
			out = append(out, v)
		}
	}
	return out
}

// errorsOf lists what is wrong with a query for huma.
func errorsOf(bad []schemas.ProblemDetail) []error {
	var errs []error
	for _, b := range bad {
		errs = append(errs, &huma.ErrorDetail{Message: b.Message, Location: b.Location, Value: b.Value})
	}
	return errs
}

// badQuery makes the problem of a query that cannot be read.
func badQuery(bad []schemas.ProblemDetail) *schemas.Problem {
	return schemas.NewProblem(http.StatusUnprocessableEntity,
		fmt.Sprintf("%s %s", strings.TrimPrefix(bad[0].Location, "query."),
			bad[0].Message), bad...)
}
