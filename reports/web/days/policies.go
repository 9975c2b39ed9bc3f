package days

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// policyBody is what POST /policies reads.
type policyBody struct {
	Team  string         `json:"team,omitempty" doc:"for this team; without team and site for everybody"`
	Site  string         `json:"site,omitempty" doc:"for this site"`
	From  string         `json:"from" format:"date" doc:"the local date from which the rules are in force" example:"2026-03-02"`
	Rules map[string]any `json:"rules" doc:"the policy document; what it does not set has its default"`
}

// order reads the body.
func (b *policyBody) order() (decisions.PolicyDraft, error) {
	o := decisions.PolicyDraft{Team: b.Team, Site: b.Site}
	var err error
	if o.From, err = schemas.ParseDate(b.From); err != nil {
		return o, &decisions.InvalidError{Problems: []*schemas.FieldError{{Field: "from", Message: err.Error()}}}
	}
	o.Document, err = json.Marshal(b.Rules)
	return o, err
}

type policySetOutput struct {
	Body struct {
		Policy    decisions.PolicyView `json:"policy"`
		Unchanged bool                 `json:"unchanged" doc:"these rules were in force from that date already"`
		Warnings  []string             `json:"warnings"`
	}
}

type whatIfInput struct {
	Body struct {
		Team  string         `json:"team,omitempty" doc:"this team; without team and site everybody"`
		Site  string         `json:"site,omitempty" doc:"this site"`
		From  string         `json:"from" format:"date" doc:"the first local date to judge" example:"2026-03-02"`
		To    string         `json:"to" format:"date" doc:"the last local date to judge, included" example:"2026-03-08"`
		Rules map[string]any `json:"rules" doc:"the policy document; what it does not set has its default"`
	}
	AllAgents bool `query:"all_agents" doc:"list every agent, not only those who cross the target"`
}

func (r *routes) mountPolicies() {
	web.Call(r.Server, "GET /api/v1/policies", "list-policies",
		web.Route{Action: access.ActionSeePolicies, Target: web.Everywhere}, r.listPolicies)
	web.Call(r.Server, "POST /api/v1/policies", "set-policy",
		web.Route{Action: access.ActionSetPolicy, Target: web.Everywhere}, r.setPolicy)
	web.Call(r.Server, "POST /api/v1/policies/what-if", "policy-what-if", web.Route{Action: access.ActionTryPolicy},
		r.whatIf)
}

func (r *routes) listPolicies(ctx context.Context, _ *struct{}) (*web.List[decisions.PolicyView], error) {
	views, err := r.deps.Decisions.Policies(ctx)
	return web.ListOf(views), r.answer(err)
}

func (r *routes) setPolicy(ctx context.Context, in *struct{ Body policyBody }) (*policySetOutput, error) {
	o, err := in.Body.order()
	if err != nil {
		return nil, r.answer(err)
	}
	set, err := r.deps.Decisions.SetPolicy(ctx, o, by(web.PrincipalOf(ctx)))
	if err != nil {
		return nil, r.answer(err)
	}
	view, err := decisions.ViewPolicy(&set.Version)
	if err != nil {
		return nil, r.answer(err)
	}
	out := &policySetOutput{}
	out.Body.Policy, out.Body.Unchanged = view, set.Unchanged
	out.Body.Warnings = append([]string{}, set.Warnings...)
	return out, nil
}

func (r *routes) whatIf(ctx context.Context, in *whatIfInput) (*web.List[batch.DifferenceJSON], error) {
	if err := access.Allow(web.PrincipalOf(ctx), access.ActionTryPolicy,
		access.Target{Team: in.Body.Team, Site: in.Body.Site}); err != nil {
		return nil, web.Forbidden(err)
	}
	o, err := (&policyBody{in.Body.Team, in.Body.Site, in.Body.From, in.Body.Rules}).order()
	if err != nil {
		return nil, r.answer(err)
	}
	to, err := schemas.ParseDate(in.Body.To)
	if err != nil {
		return nil, r.answer(&decisions.InvalidError{Problems: []*schemas.FieldError{{Field: "to", Message: err.Error()}}})
	}
	if _, err = o.Version(); err != nil {
		return nil, r.answer(err)
	}
	var rows []batch.DifferenceJSON
	err = r.judge(func() error {
		outcome, err := r.deps.Decisions.PolicyWhatIf(ctx, o, to)
		if err == nil {
			rows = outcome.Rows(in.AllAgents)
		}
		return err
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity,
			"judging these days takes longer than a request may; ask for fewer days or a team, or use `rollcall policy what-if`")
	}
	return web.ListOf(rows), r.answer(err)
}
