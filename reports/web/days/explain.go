package days

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"rollcall/adherence/batch"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

type explainInput struct {
	Agent string `query:"agent" required:"true" maxLength:"128" doc:"the agent"`
	Day   string `query:"day" required:"true" format:"date" doc:"the local date on which the shift starts"`
}

func (r *routes) mountExplain() {
	web.Call(r.Server, "GET /api/v1/adherence/explain", "explain-day", web.Route{Action: access.ActionSeeAdherence},
		func(ctx context.Context, in *explainInput) (*web.One[*batch.Explained], error) {
			e, err := r.explanation(ctx, in.Agent, in.Day)
			if err != nil {
				return nil, err
			}
			return &web.One[*batch.Explained]{Body: e.JSON()}, nil
		})
}

// explanation explains a day for the asker.
func (r *routes) explanation(ctx context.Context, agent, date string) (*batch.Explanation, error) {
	day, err := schemas.ParseDate(date)
	if err != nil {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity, err.Error(),
			schemas.ProblemDetail{Message: err.Error(), Location: "query.day", Value: date})
	}
	e, err := r.deps.Decisions.Explain(ctx, agent, day)
	missing := errors.Is(err, batch.ErrNoDay)
	if err != nil && !missing {
		return nil, r.answer(fmt.Errorf("explain: %w", err))
	}
	// A day belongs to the team in which it happened; one that does not exist, to the agent's team of today.
	target := access.Target{AgentID: agent}
	if a, ok := r.deps.Agents.Agent(agent); missing && ok {
		target.Team, target.Site = a.Team, a.Site
	} else if !missing && e.Member != nil {
		target.Team, target.Site = e.Member.Team, e.Member.Site
	}
	if refused := access.Allow(web.PrincipalOf(ctx), access.ActionSeeAdherence, target); refused != nil {
		return nil, web.Forbidden(refused)
	}
	if missing {
		return nil, r.answer(fmt.Errorf("explain: %w", err))
	}
	return e, nil
}
