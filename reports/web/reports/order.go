package reports

import (
	"cmp"
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

// Kind is what a report is about.
type Kind string

// The kinds of reports.
const (
	Adherence Kind = "adherence"
	Staffing  Kind = "staffing"
)

// Order is a checked question for one report.
type Order struct {
	Kind Kind
	// Format is the suffix of the file, such as xlsx.
	Format string
	// Query is what is asked; its Query is all of it for a report of adherence.
	Query reports.StaffingQuery
	// Covers says whether a day of the team and site may be in the report, by the scope of who asked.
	Covers func(agent, team, site string) bool
}

// File returns the name under which the report is kept by whoever asked for it.
func (o *Order) File() string {
	span := o.Query.From.String()
	if o.Query.To != o.Query.From {
		span += "_" + o.Query.To.String()
	}
	return fmt.Sprintf("%s-%s.%s", o.Kind, span, o.Format)
}

// reportRequest is a report as somebody asks for it, by API or form. Empty fields have their defaults.
type reportRequest struct {
	Kind            Kind     `json:"kind" enum:"adherence,staffing" doc:"what it is about" example:"adherence"`
	Format          string   `json:"format,omitempty" enum:"xlsx,csv,json,html" doc:"of the file; html is for staffing" example:"xlsx"`
	From            string   `json:"from" format:"date" doc:"first local date" example:"2026-03-02"`
	To              string   `json:"to" format:"date" doc:"last local date, included" example:"2026-03-08"`
	Teams           []string `json:"teams,omitempty" maxItems:"500" doc:"only these teams; none means all that one may see"`
	Sites           []string `json:"sites,omitempty" maxItems:"500" doc:"only these sites"`
	Agents          []string `json:"agents,omitempty" maxItems:"500" doc:"only these agents, by id"`
	TimeZone        string   `json:"time_zone,omitempty" doc:"the zone in which times are shown; of adherence each agent's own where none is named, of staffing UTC" example:"Europe/London"`
	Against         string   `json:"against,omitempty" enum:"current,as_published" doc:"the schedule judged against; current where nothing is said"`
	KnownAt         string   `json:"known_at,omitempty" format:"date-time" doc:"only what was recorded by then"`
	TeamsAs         string   `json:"teams_as,omitempty" enum:"then,now" doc:"teams as they were, or as they are; as they were where nothing is said"`
	IntervalMinutes int      `json:"interval_minutes,omitempty" enum:"15,30,60" doc:"of staffing: the length of an interval; 30 where nothing is said"`
	By              string   `json:"by,omitempty" enum:"team,site,all" doc:"of staffing: what is summed up; team where nothing is said"`
}

// order checks a request and narrows it to what the asker may see. Everything that is wrong is in one problem.
func (w *reportRequest) order(p access.Principal, formats []string) (Order, error) {
	o := Order{Kind: w.Kind, Format: cmp.Or(w.Format, "xlsx")}
	var bad []schemas.ProblemDetail
	fail := func(field, value string, err error) {
		if err != nil {
			bad = append(bad, schemas.ProblemDetail{Location: field, Value: value, Message: err.Error()})
		}
	}
	q := &o.Query
	var err error
	q.From, err = schemas.ParseDate(w.From)
	fail("from", w.From, err)
	q.To, err = schemas.ParseDate(w.To)
	fail("to", w.To, err)
	if w.KnownAt != "" {
		q.KnownAt, err = schemas.ParseInstant(w.KnownAt)
		fail("known_at", w.KnownAt, err)
	}
	if !slices.Contains(formats, o.Format) {
		fail("format", o.Format, fmt.Errorf("%q is no format of a %s report; choose one of %s", o.Format, o.Kind,
			strings.Join(formats, ", ")))
	}
	q.Teams, q.Sites, q.Agents, q.Zone = w.Teams, w.Sites, w.Agents, w.TimeZone
	q.Against, q.TeamsAs = cmp.Or(w.Against, reports.AgainstCurrent), cmp.Or(w.TeamsAs, reports.TeamsThen)
	q.LengthMS, q.By = int64(cmp.Or(w.IntervalMinutes, 30))*schemas.MinuteMS,
		reports.StaffingBy(cmp.Or(w.By, string(reports.StaffingByTeam)))
	if len(bad) == 0 {
		fail("from", w.From, o.validate())
	}
	if len(bad) > 0 {
		return o, schemas.NewProblem(http.StatusUnprocessableEntity, bad[0].Message, bad...)
	}
	return o, o.narrow(p)
}

// validate returns what is wrong with the question as a whole.
func (o *Order) validate() error {
	if o.Kind == Staffing {
		o.Query.Zone = cmp.Or(o.Query.Zone, "UTC")
		return o.Query.Validate()
	}
	return o.Query.Query.Validate()
}

// narrow binds the question to the scope of who asks: what they name must be theirs, and where they name nothing it is
// all of theirs. So the report says of itself what it holds.
func (o *Order) narrow(p access.Principal) error {
	scope := access.ScopeOf(p, access.ActionReport)
	o.Covers = scope.Covers
	if scope.All {
		return nil
	}
	q := &o.Query
	allow := func(teams, sites []string) error { return allowNames(p, access.ActionReport, teams, sites) }
	switch {
	case len(scope.Sites) == 0:
		if len(q.Teams) == 0 {
			q.Teams = slices.Clone(scope.Teams)
		}
		return allow(q.Teams, nil)
	case len(scope.Teams) == 0:
		if len(q.Sites) == 0 {
			q.Sites = slices.Clone(scope.Sites)
		}
		return allow(nil, q.Sites)
	case len(q.Teams) > 0 && allow(q.Teams, nil) == nil, len(q.Sites) > 0 && allow(nil, q.Sites) == nil:
		return nil
	case len(q.Teams)+len(q.Sites) == 0:
		return schemas.NewProblem(http.StatusUnprocessableEntity,
			fmt.Sprintf("name teams or sites; yours are the teams %s and the sites %s",
				strings.Join(scope.Teams, ", "), strings.Join(scope.Sites, ", ")))
	}
	return allow(q.Teams, q.Sites)
}

// allowNames asks whether the principal may do the action to each of the teams and sites.
func allowNames(p access.Principal, a access.Action, teams, sites []string) error {
	var list []access.Target
	for _, n := range teams {
		list = append(list, access.Target{Team: n})
	}
	for _, n := range sites {
		list = append(list, access.Target{Site: n})
	}
	if err := web.AllowAll(p, a, list); err != nil {
		return web.Forbidden(err)
	}
	return nil
}

// parameters are the parameters of a report that is asked for by GET.
var parameters = []string{"from", "to", "team", "site", "agent", "time_zone", "against", "known_at", "teams_as",
	"interval_minutes", "by"}

// requestOf reads a request from parameters or fields of a form; an empty value is none.
func requestOf(kind Kind, format string, v url.Values) reportRequest {
	list := func(key string) []string {
		return slices.DeleteFunc(slices.Clone(v[key]), func(s string) bool { return s == "" })
	}
	w := reportRequest{
		Kind:     kind,
		Format:   format,
		From:     v.Get("from"),
		To:       v.Get("to"),
		Teams:    list("team"),
		Sites:    list("site"),
		Agents:   list("agent"),
		TimeZone: v.Get("time_zone"),
		Against:  v.Get("against"),
		KnownAt:  v.Get("known_at"),
		TeamsAs:  v.Get("teams_as"),
		By:       v.Get("by"),
	}
	switch v.Get("interval_minutes") {
	case "15":
		w.IntervalMinutes = 15
	case "30", "":
		w.IntervalMinutes = 30
	case "60":
		w.IntervalMinutes = 60
	default:
		w.IntervalMinutes = -1 // the check says what is possible
	}
	return w
}

// asked returns the question again as an address of the page.
func (o *Order) asked() url.Values {
	q := &o.Query
	v := url.Values{"kind": {string(o.Kind)}, "format": {o.Format}, "from": {q.From.String()}, "to": {q.To.String()},
		"against": {q.Against}, "teams_as": {q.TeamsAs}}
	for key, list := range map[string][]string{"team": q.Teams, "site": q.Sites, "agent": q.Agents} {
		if len(list) > 0 {
			v[key] = list
		}
	}
	if q.Zone != "" {
		v.Set("time_zone", q.Zone)
	}
	if q.KnownAt != 0 {
		v.Set("known_at", q.KnownAt.String())
	}
	return v
}

// about words the question for a list: who, and against what where that is not the current schedule.
func (o *Order) about() string {
	q := &o.Query
	who := slices.Concat(q.Teams, q.Sites, q.Agents)
	text := "everybody"
	if len(who) > 3 {
		text = fmt.Sprintf("%s and %d more", strings.Join(who[:3], ", "), len(who)-3)
	} else if len(who) > 0 {
		text = strings.Join(who, ", ")
	}
	if q.Against != reports.AgainstCurrent || q.KnownAt != 0 {
		text += "; against " + q.AgainstWords()
	}
	if q.TeamsAs == reports.TeamsNow {
		text += "; teams as they are"
	}
	return text
}
