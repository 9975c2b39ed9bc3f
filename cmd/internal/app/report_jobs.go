package app

import (
	"cmp"
	"context"
	"io"
	"slices"

	"rollcall/cmd/internal/config"
	"rollcall/reports"
	webdays "rollcall/reports/web/days"
	webreports "rollcall/reports/web/reports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// reportMaker makes the reports that people ask for by API and page.
type reportMaker struct {
	config config.Config
	store  *chstore.Store
}

// Formats returns the suffixes that a kind can be written as.
func (d reportMaker) Formats(kind webreports.Kind) []string {
	formats := []string{"xlsx", "csv", "json"}
	if kind == webreports.Staffing {
		formats = append(formats, "html")
	}
	return formats
}

// answers returns what answers the order: no day beyond the scope of who asked, and progress as it goes.
func (d reportMaker) answers(o *webreports.Order, done func(done, of int)) (*Answers, error) {
	a, err := NewAnswers(d.config, d.store)
	if err != nil {
		return nil, err
	}
	a.Covers = o.Covers
	if done == nil {
		return a, nil
	}
	judging := false
	a.Done = func(agents, of int) {
		judging = true
		done(agents, of)
	}
	var last schemas.Date
	of := int(o.Query.To-o.Query.From) + 1
	a.Passed = func(day *schemas.DayRow) { // stored days come in their order
		if !judging && day.Day != last && day.Day >= o.Query.From {
			last = day.Day
			done(int(last-o.Query.From), of)
		}
	}
	return a, nil
}

// Save writes the report of the order to the file, whole or not at all.
func (d reportMaker) Save(ctx context.Context, o webreports.Order, file string,
	done func(done, of int)) (webreports.Made, error) {
	a, err := d.answers(&o, done)
	if err != nil {
		return webreports.Made{}, err
	}
	if o.Kind == webreports.Staffing {
		made, err := reports.MakeStaffing(ctx, a, o.Query, a.Now)
		if err != nil {
			return webreports.Made{}, err
		}
		return webreports.Made{Days: made.Days}, SaveStaffing(made, file)
	}
	made, err := SaveReport(ctx, a, o.Query.Query, file)
	if err != nil {
		return webreports.Made{}, err
	}
	return webreports.Made{Days: made.Total.Days, Hash: made.Hash}, nil
}

// Stream writes the report of the order as it is read.
func (d reportMaker) Stream(ctx context.Context, o webreports.Order, w io.Writer) error {
	a, err := d.answers(&o, nil)
	if err != nil {
		return err
	}
	if o.Kind == webreports.Staffing {
		made, err := reports.MakeStaffing(ctx, a, o.Query, a.Now)
		if err != nil {
			return err
		}
		return staffingShapes["."+o.Format](w, made)
	}
	shape := reports.NewCSV
	if o.Format == "json" {
		shape = reports.NewJSON
	}
	_, err = reports.WriteAdherence(ctx, a, o.Query.Query, a.Now, shape(w))
	return err
}

// Parts returns the teams and sites that the roster has ever named.
func (d reportMaker) Parts(ctx context.Context) (teams, sites []string, err error) {
	members, err := d.store.Memberships(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	for i := range members {
		teams, sites = append(teams, members[i].Team), append(sites, members[i].Site)
	}
	return sortedNames(teams), sortedNames(sites), nil
}

// sortedNames returns each name once, in order, without the empty one.
func sortedNames(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

// heads is the store as the page of adherence reads sums.
type heads struct{ *chstore.Store }

// DayHeads yields the sums of the days that the query asks for and its scope covers, in order of agent and day.
func (h heads) DayHeads(ctx context.Context, q webdays.HeadQuery, yield func(*schemas.DayRow)) error {
	dq := chstore.DayQuery{
		Selection: chstore.Selection{Agents: q.Agents},
		From:      q.From,
		To:        q.To,
		Teams:     q.Teams,
		Sites:     q.Sites,
	}
	if len(dq.Agents) == 0 && q.Scope.AgentID != "" {
		dq.Agents = []string{q.Scope.AgentID}
	}
	if len(dq.Teams) == 0 && len(q.Scope.Sites) == 0 {
		dq.Teams = q.Scope.Teams
	}
	return h.Store.DayHeads(ctx, dq, func(d *chstore.DayHead) error {
		if q.Scope.Covers(d.AgentID, d.Team, d.Site) {
			d.Name = cmp.Or(d.Name, d.AgentID)
			yield(&d.DayRow)
		}
		return nil
	})
}

// Targets returns the target_percent of every version of the rules that has one.
func (h heads) Targets(ctx context.Context) (map[string]float64, error) {
	versions, err := h.Policies(ctx, 0)
	if err != nil {
		return nil, err
	}
	targets := map[string]float64{}
	for _, v := range append(versions, schemas.PolicyVersion{Rules: "{}"}) {
		p, err := schemas.ParsePolicy([]byte(v.Rules))
		if err != nil {
			return nil, err
		}
		if p.TargetPercent != 0 {
			targets[v.ID] = p.TargetPercent
		}
	}
	return targets, nil
}
