package days

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"rollcall/reports/web"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/adherence/batch"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

type explainInput struct {
	Agent string `query:"agent" required:"true" maxLength:"128" doc:"the agent"`
	Day   string `query:"day" required:"true" format:"date" doc:"the local date on which the shift starts"`
}

type explainOutput struct{ Body *batch.Explained }

func (r *routes) mountExplain() {
	web.Serve(r.Server, web.Route{Action: access.ActionSeeAdherence}, huma.Operation{Method: http.MethodGet, Path: "/api/v1/adherence/explain", OperationID: "explain-day",
		Summary: "Why a day was judged as it was", Tags: []string{"adherence"}, Description: "Every stretch of the day with the rule that " +
			"decided, its facts, its line of the schedule, its policy and its correction; the stretches add up to the figures.",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity}},
		r.explain)
}

func (r *routes) explain(ctx context.Context, in *explainInput) (*explainOutput, error) {
	p := web.PrincipalOf(ctx)
	day, err := schemas.ParseDate(in.Day)
	if err != nil {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity, err.Error(), schemas.ProblemDetail{Message: err.Error(), Location: "query.day", Value: in.Day})
	}
	e, err := r.deps.Decisions.Explain(ctx, in.Agent, day)
	// A day belongs to the team in which it happened; one that does not exist, to the agent's team of today.
	target := access.Target{AgentID: in.Agent}
	if errors.Is(err, batch.ErrNoDay) {
		if a, ok := r.deps.Agents.Agent(in.Agent); ok {
			target.Team, target.Site = a.Team, a.Site
		}
	} else if err == nil {
		target.Team, target.Site = e.Team, e.Site
	}
	if refused := access.Allow(p, access.ActionSeeAdherence, target); refused != nil && (err == nil || errors.Is(err, batch.ErrNoDay)) {
		return nil, web.Forbidden(refused)
	}
	if err != nil {
		return nil, r.answer(fmt.Errorf("explain: %w", err))
	}
	return &explainOutput{e}, nil
}
