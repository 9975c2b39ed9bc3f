package days

import (
	"context"
	"net/http"
	"slices"

	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

type addCorrectionInput struct {
	DryRun bool `query:"dry_run" doc:"write nothing; say whose percentage would change and how"`
	Body   decisions.CorrectionDraft
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

type decideInput struct {
	ID   string `path:"id" maxLength:"128" doc:"the correction"`
	Body *struct {
		Note string `json:"note,omitempty" doc:"why, for who asked"`
	}
}

// note returns why it was decided so; empty where nobody said it.
func (in *decideInput) note() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Note
}

func (r *routes) mountCorrections() {
	web.Call(r.Server, "POST /api/v1/corrections", "add-correction", web.Route{Action: access.ActionAskCorrection},
		r.addCorrection)
	web.Call(r.Server, "GET /api/v1/corrections", "list-corrections", web.Route{Action: access.ActionSeeAdherence},
		r.listCorrections)
	for verb, to := range verdicts {
		web.Call(r.Server, "POST /api/v1/corrections/{id}/"+verb, verb+"-correction",
			web.Route{Action: access.ActionDecideCorrection},
			func(ctx context.Context, in *decideInput) (*web.One[*decisions.CorrectionUnit], error) {
				return r.decide(ctx, in.ID, to.status, in.note())
			})
	}
}

// verdicts are what can be decided on a correction: what becomes of it, and what the page says then.
var verdicts = map[string]struct {
	status schemas.CorrectionStatus
	done   string
}{
	"grant":  {schemas.CorrectionGranted, "Granted: it counts from now on."},
	"refuse": {schemas.CorrectionRefused, "Refused."},
	"revert": {schemas.CorrectionReverted, "Taken back: it counts no longer."},
}

func (r *routes) addCorrection(ctx context.Context, in *addCorrectionInput) (*addCorrectionOutput, error) {
	p := web.PrincipalOf(ctx)
	if p.Role == schemas.RoleAgent { // one's own is all that an agent may name; whether others exist is not theirs to know
		for _, a := range namedAgents(&in.Body) {
			if err := access.Allow(p, access.ActionAskCorrection, access.Target{AgentID: a}); err != nil {
				return nil, web.Forbidden(err)
			}
		}
	}
	plan, err := r.deps.Decisions.PlanCorrections(ctx, in.Body)
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

func (r *routes) listCorrections(
	ctx context.Context, in *correctionsInput,
) (*web.List[*decisions.CorrectionUnit], error) {
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
	p := web.PrincipalOf(ctx)
	return web.ListOf(slices.DeleteFunc(units, func(u *decisions.CorrectionUnit) bool {
		u.Agents = slices.DeleteFunc(u.Agents, func(a string) bool {
			return web.AllowAll(p, access.ActionSeeAdherence, targets([]string{a}, u.Members)) != nil
		})
		return len(u.Agents) == 0
	})), nil
}

func (r *routes) decide(ctx context.Context, id string, to schemas.CorrectionStatus,
	note string) (*web.One[*decisions.CorrectionUnit], error) {
	p := web.PrincipalOf(ctx)
	units, err := r.deps.Decisions.Corrections(ctx, decisions.CorrectionFilter{Unit: id})
	if err != nil {
		return nil, r.answer(err)
	}
	for _, u := range units {
		if err = web.AllowAll(p, access.ActionDecideCorrection, targets(u.Agents, u.Members)); err != nil {
			return nil, web.Forbidden(err)
		}
	}
	unit, err := r.deps.Decisions.Decide(ctx, id, to, by(p), note)
	return &web.One[*decisions.CorrectionUnit]{Body: unit}, r.answer(err)
}
