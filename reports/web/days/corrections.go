package days

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// correctionBody asks for a correction.
type correctionBody struct {
	Agents   []string         `json:"agents,omitempty" doc:"these agents, by id"`
	Teams    []string         `json:"teams,omitempty" doc:"everybody who belongs to these teams on the local date of from"`
	From     string           `json:"from,omitempty" doc:"an instant, or a local time" example:"2026-03-02T09:00"`
	To       string           `json:"to,omitempty" doc:"the end, no longer part of it" example:"2026-03-02T09:30"`
	TimeZone string           `json:"time_zone,omitempty" doc:"the zone of local times; without it each agent's own"`
	Items    []correctionItem `json:"items,omitempty" doc:"agents with times of their own"`
	Effect   string           `json:"effect" doc:"neutral: leaves the sums; in: counts as adhering" example:"neutral"`
	Reason   string           `json:"reason" doc:"why" example:"telephone outage"`
}

type correctionItem struct {
	AgentID string `json:"agent_id"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

func (b *correctionBody) order() decisions.CorrectionDraft {
	o := decisions.CorrectionDraft{
		Agents:   b.Agents,
		Teams:    b.Teams,
		From:     b.From,
		To:       b.To,
		TimeZone: b.TimeZone,
		Effect:   b.Effect,
		Reason:   b.Reason,
	}
	for _, i := range b.Items {
		o.Items = append(o.Items, decisions.CorrectionItem{AgentID: i.AgentID, From: i.From, To: i.To})
	}
	return o
}

type addCorrectionInput struct {
	DryRun bool `query:"dry_run" doc:"write nothing; say whose percentage would change and how"`
	Body   correctionBody
}

// addCorrectionOutput has the unit, or in a dry run the effect that it would have.
type addCorrectionOutput struct {
	Body struct {
		Correction *decisions.CorrectionUnit `json:"correction" doc:"null in a dry run"`
		Affected   []batch.DifferenceJSON    `json:"affected" doc:"in a dry run every agent, with the figures of the days that change"`
		Warnings   []string                  `json:"warnings"`
	}
}

type correctionsInput struct {
	Status string   `query:"status" doc:"only requested, granted, refused or reverted ones"`
	Agent  []string `query:"agent,explode" doc:"only those of this agent; may be given several times"`
	Team   []string `query:"team,explode" doc:"only those of agents who belong to this team now"`
	From   string   `query:"from" format:"date" doc:"only those that reach into this date (UTC) or a later one"`
	To     string   `query:"to" format:"date" doc:"only those that begin by this date (UTC)"`
}

type correctionsOutput struct {
	Body struct {
		Items []*decisions.CorrectionUnit `json:"items" doc:"the newest decision first; of each, the agents in scope"`
	}
}

type decideInput struct {
	ID   string `path:"id" maxLength:"128" doc:"the correction"`
	Body *struct {
		Note string `json:"note,omitempty" doc:"why, for who asked"`
	}
}

type decideOutput struct{ Body *decisions.CorrectionUnit }

func (r *routes) mountCorrections() {
	web.Serve(r.Server, web.Route{Action: access.ActionAskCorrection}, huma.Operation{
		Method:        http.MethodPost,
		Path:          "/api/v1/corrections",
		OperationID:   "add-correction",
		Summary:       "Correct time of agents, or ask for it",
		Tags:          []string{"decisions"},
		DefaultStatus: http.StatusOK,
		Description: "A supervisor's correction of their own agents counts at once. An agent's is a request, which counts " +
			"once a supervisor " +
			"of theirs grants it.",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	},
		r.addCorrection)
	web.Serve(r.Server, web.Route{Action: access.ActionSeeAdherence},
		huma.Operation{Method: http.MethodGet, Path: "/api/v1/corrections", OperationID: "list-corrections",
			Summary: "Corrections and requests", Tags: []string{"decisions"}},
		r.listCorrections)
	for _, verb := range []struct {
		name, summary string
		to            schemas.CorrectionStatus
	}{{"grant", "Grant a request: it counts from now on", schemas.CorrectionGranted},
		{"refuse", "Refuse a request", schemas.CorrectionRefused},
		{"revert", "Take a granted correction back, for all its agents", schemas.CorrectionReverted}} {
		web.Serve(r.Server, web.Route{Action: access.ActionDecideCorrection}, huma.Operation{
			Method:        http.MethodPost,
			Path:          "/api/v1/corrections/{id}/" + verb.name,
			OperationID:   verb.name + "-correction",
			Summary:       verb.summary,
			Tags:          []string{"decisions"},
			DefaultStatus: http.StatusOK,
			Errors:        []int{http.StatusNotFound, http.StatusConflict},
		},
			func(ctx context.Context, in *decideInput) (*decideOutput, error) { return r.decide(ctx, in, verb.to) })
	}
}

func (r *routes) addCorrection(ctx context.Context, in *addCorrectionInput) (*addCorrectionOutput, error) {
	p := web.PrincipalOf(ctx)
	order := in.Body.order()
	if p.Role == schemas.RoleAgent { // one's own is all that an agent may name; whether others exist is not theirs to know
		for _, a := range namedAgents(&order) {
			if err := access.Allow(p, access.ActionAskCorrection, access.Target{AgentID: a}); err != nil {
				return nil, web.Forbidden(err)
			}
		}
	}
	plan, err := r.deps.Decisions.PlanCorrections(ctx, order)
	if err != nil {
		return nil, r.answer(err)
	}
	list := targets(plan.Agents(), plan.Members)
	if err = web.AllowAll(p, access.ActionAskCorrection, list); err != nil {
		return nil, web.Forbidden(err)
	}
	out := &addCorrectionOutput{}
	out.Body.Affected, out.Body.Warnings = []batch.DifferenceJSON{}, append([]string{}, plan.Warnings...)
	if in.DryRun {
		err = r.judge(func() error {
			rows, err := r.deps.Decisions.CorrectionWhatIf(ctx, plan)
			out.Body.Affected = append(out.Body.Affected, rows...)
			return err
		})
		return out, r.answer(err)
	}
	status := schemas.CorrectionGranted
	if web.AllowAll(p, access.ActionDecideCorrection, list) != nil {
		status = schemas.CorrectionRequested
	}
	if err = r.deps.Decisions.WriteCorrections(ctx, plan, by(p), status); err != nil {
		return nil, r.answer(err)
	}
	units, err := r.deps.Decisions.Corrections(ctx, decisions.CorrectionFilter{Unit: plan.Unit})
	if err != nil || len(units) == 0 {
		return nil, r.answer(err)
	}
	out.Body.Correction = units[0]
	return out, nil
}

// namedAgents lists the agents that an order names, and every team as an agent of no name.
func namedAgents(o *decisions.CorrectionDraft) []string {
	names := slices.Clone(o.Agents)
	for _, i := range o.Items {
		names = append(names, i.AgentID)
	}
	if len(o.Teams) > 0 {
		names = append(names, "")
	}
	return names
}

func (r *routes) listCorrections(ctx context.Context, in *correctionsInput) (*correctionsOutput, error) {
	f := decisions.CorrectionFilter{Agents: in.Agent, Teams: in.Team}
	if in.Status != "" {
		status, err := schemas.ParseCorrectionStatus(in.Status)
		if err != nil {
			return nil, schemas.NewProblem(http.StatusUnprocessableEntity, err.Error(),
				schemas.ProblemDetail{Message: err.Error(), Location: "query.status", Value: in.Status})
		}
		f.Status = &status
	}
	from, err := parseOpenDate(in.From)
	to, err2 := parseOpenDate(in.To)
	if err != nil || err2 != nil {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity, "from and to are dates such as 2026-03-02")
	}
	if from != 0 || to != 0 {
		f.Between = schemas.Interval{Start: max(schemas.MinInstant, schemas.UTC.DayStart(from)), End: schemas.MaxInstant}
		if to != 0 {
			f.Between.End = schemas.UTC.DayStart(to + 1)
		}
	}
	units, err := r.deps.Decisions.Corrections(ctx, f)
	if err != nil {
		return nil, r.answer(err)
	}
	out := &correctionsOutput{}
	out.Body.Items = []*decisions.CorrectionUnit{}
	p := web.PrincipalOf(ctx)
	for _, u := range units {
		u.Agents = slices.DeleteFunc(u.Agents, func(a string) bool {
			return web.AllowAll(p, access.ActionSeeAdherence, targets([]string{a}, u.Members)) != nil
		})
		if len(u.Agents) > 0 {
			out.Body.Items = append(out.Body.Items, u)
		}
	}
	return out, nil
}

func (r *routes) decide(ctx context.Context, in *decideInput, to schemas.CorrectionStatus) (*decideOutput, error) {
	p := web.PrincipalOf(ctx)
	units, err := r.deps.Decisions.Corrections(ctx, decisions.CorrectionFilter{Unit: in.ID})
	if err != nil {
		return nil, r.answer(err)
	}
	for _, u := range units {
		if err = web.AllowAll(p, access.ActionDecideCorrection, targets(u.Agents, u.Members)); err != nil {
			return nil, web.Forbidden(err)
		}
	}
	note := ""
	if in.Body != nil {
		note = in.Body.Note
	}
	unit, err := r.deps.Decisions.Decide(ctx, in.ID, to, by(p), note)
	return &decideOutput{unit}, r.answer(err)
}
