package days

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Key is the place of a judged day in the order of agent id, then day.
type Key struct {
	AgentID string       `json:"a"`
	Day     schemas.Date `json:"d"`
}

// Query asks for judged days, in the order of [Key].
type Query struct {
	HeadQuery
	// After is the last day of the page before; the zero key begins.
	After Key
	// WithExceptions leaves out days without exceptions.
	WithExceptions bool
	// Limit is how many days are wanted at most.
	Limit int
}

// Results are the judged days in the store.
type Results interface {
	// Days returns the days of one page, their exceptions with them; their intervals may be left out.
	Days(ctx context.Context, q Query) ([]schemas.DayRow, error)
	// Completeness returns, for any agent, how far each of their feeds is complete; nil for a feed that never said.
	Completeness(ctx context.Context) (func(agent string) map[string]*schemas.Instant, error)
}

// against names what results are judged against: the schedule as it is now.
const against = "current"

// daysInput are the query parameters of both lists.
type daysInput struct {
	From  string   `query:"from" format:"date" doc:"first local date"`
	To    string   `query:"to" format:"date" doc:"last local date, included"`
	Agent []string `query:"agent,explode" doc:"only this agent; may be given several times"`
	Team  []string `query:"team,explode" doc:"only days that happened in this team"`
	Site  []string `query:"site,explode" doc:"only days that happened at this site"`
	After string   `query:"after" maxLength:"400" doc:"the next of the page before"`
	Limit int      `query:"limit" minimum:"1" maximum:"5000" default:"500" doc:"rows wanted at most"`
	query Query
}

// Resolve reads dates and the place to go on from.
func (in *daysInput) Resolve(huma.Context) []error {
	q := Query{HeadQuery: HeadQuery{Agents: in.Agent, Teams: in.Team, Sites: in.Site}, Limit: in.Limit}
	var errs []error
	bad := func(key, value string, err error) {
		errs = append(errs, &huma.ErrorDetail{Location: "query." + key, Message: err.Error(), Value: value})
	}
	var err error
	if q.From, err = parseOpenDate(in.From); err != nil {
		bad("from", in.From, err)
	}
	if q.To, err = parseOpenDate(in.To); err != nil {
		bad("to", in.To, err)
	}
	if len(errs) == 0 && q.To != 0 && q.To < q.From {
		bad("to", in.To, fmt.Errorf("lies before from (%s); turn the two round", in.From))
	}
	if q.After, err = parseAfter(in.After); err != nil {
		bad("after", in.After, err)
	}
	in.query = q
	return errs
}

func parseOpenDate(s string) (schemas.Date, error) {
	if s == "" {
		return 0, nil
	}
	return schemas.ParseDate(s)
}

// next returns the text of a key that the asker sends back.
func (k Key) next() (string, error) {
	b, err := json.Marshal(k)
	return base64.RawURLEncoding.EncodeToString(b), err
}

func parseAfter(s string) (Key, error) {
	var k Key
	if s == "" {
		return k, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err != nil || k.AgentID == "" {
		return Key{}, errors.New("is not the next of a page; leave it out to begin")
	}
	return k, nil
}

// page is a list of rows and whether there is more.
type page[T any] struct {
	Body struct {
		Items []T    `json:"items" doc:"the rows, by agent id and day"`
		More  bool   `json:"more" doc:"whether there is a next page"`
		Next  string `json:"next,omitempty" doc:"sent as after it returns the next page"`
	}
}

// mountResults adds the stored results.
func (s *routes) mountResults() {
	see := web.Route{Action: access.ActionSeeAdherence}
	web.Call(s.Server, "GET /api/v1/adherence/days", "list-days", see, s.listDays)
	web.Call(s.Server, "GET /api/v1/adherence/exceptions", "list-exceptions", see, s.listExceptions)
}

func (s *routes) listDays(ctx context.Context, in *daysInput) (*page[schemas.DayHistoryJSON], error) {
	days, err := s.days(ctx, in.query)
	if err != nil {
		return nil, err
	}
	complete, err := s.deps.Results.Completeness(ctx)
	if err != nil {
		return nil, s.Unavailable(err, "the feeds cannot be read")
	}
	out := &page[schemas.DayHistoryJSON]{}
	out.Body.Items = []schemas.DayHistoryJSON{}
	for i := range days {
		if i == in.Limit {
			return out, out.goOn(&days[i-1])
		}
		d := &days[i]
		out.Body.Items = append(out.Body.Items,
			schemas.DayHistoryJSON{DayRowJSON: d.JSON(against), Before: d.Before.JSON(), CompleteUpTo: complete(d.AgentID)})
	}
	return out, nil
}

func (s *routes) listExceptions(ctx context.Context, in *daysInput) (*page[schemas.ExceptionRowJSON], error) {
	in.query.WithExceptions = true
	days, err := s.days(ctx, in.query)
	if err != nil {
		return nil, err
	}
	out := &page[schemas.ExceptionRowJSON]{}
	out.Body.Items = []schemas.ExceptionRowJSON{}
	for i := range days {
		if i > 0 && len(out.Body.Items) >= in.Limit {
			return out, out.goOn(&days[i-1])
		}
		out.Body.Items = append(out.Body.Items, days[i].ExceptionsJSON(against)...)
	}
	return out, nil
}

// goOn says that there is more after the day.
func (p *page[T]) goOn(last *schemas.DayRow) (err error) {
	p.Body.More = true
	p.Body.Next, err = Key{last.AgentID, last.Day}.next()
	return err
}

// days reads one day more than the page holds, and lets nothing through that the asker may not see, whatever the store
// took the scope to mean.
func (s *routes) days(ctx context.Context, q Query) ([]schemas.DayRow, error) {
	p := web.PrincipalOf(ctx)
	q.Scope = access.ScopeOf(p, access.ActionSeeAdherence)
	q.Limit++
	days, err := s.deps.Results.Days(ctx, q)
	if err != nil {
		return nil, s.Unavailable(err, "judged days cannot be read")
	}
	for i := range days {
		d := &days[i]
		if err := access.Allow(p, access.ActionSeeAdherence,
			access.Target{AgentID: d.AgentID, Team: d.Team, Site: d.Site}); err != nil {
			s.Log().WithError(err).Error("the store returned a day out of scope")
			return nil, schemas.NewProblem(http.StatusInternalServerError,
				"something went wrong here; the log of the server says what")
		}
	}
	return days, nil
}
