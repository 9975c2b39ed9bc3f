package days

import (
	"context"
	"errors"
	"net/http"

	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Decisions decides rules and corrections, and asks the judge what they change and why a
// day was judged as it was (satisfied in cmd/internal/app).
type Decisions interface {
	Policies(ctx context.Context) ([]decisions.PolicyView, error)
	SetPolicy(ctx context.Context, o decisions.PolicyDraft, by decisions.By) (*decisions.PolicyResult, error)
	PolicyWhatIf(ctx context.Context, o decisions.PolicyDraft, to schemas.Date) (*batch.Outcome, error)
	PlanCorrections(ctx context.Context, o decisions.CorrectionDraft) (*decisions.CorrectionPlan, error)
	CorrectionWhatIf(ctx context.Context, p *decisions.CorrectionPlan) ([]batch.DifferenceJSON, error)
	WriteCorrections(ctx context.Context, p *decisions.CorrectionPlan, by decisions.By,
		status schemas.CorrectionStatus) error
	Corrections(ctx context.Context, f decisions.CorrectionFilter) ([]*decisions.CorrectionUnit, error)
	Decide(ctx context.Context, unit string, to schemas.CorrectionStatus, by decisions.By,
		note string) (*decisions.CorrectionUnit, error)
	Explain(ctx context.Context, agent string, day schemas.Date) (*batch.Explanation, error)
}

// by says who decides.
func by(p access.Principal) decisions.By { return decisions.By{Actor: p.Name, Origin: p.Origin} }

// judge runs a what-if unless another is under way.
func (r *routes) judge(run func() error) error {
	select {
	case r.judging <- struct{}{}:
		defer func() { <-r.judging }()
		return run()
	default:
		return schemas.NewProblem(http.StatusTooManyRequests,
			"another what-if or dry run is being judged; try again in a moment")
	}
}

// answer turns what a decision failed of into a problem document: 422 for what is wrong with the request, 404 and 409
// for what it is about, 503 for the store.
func (r *routes) answer(err error) error {
	var invalid *decisions.InvalidError
	var problem *schemas.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &invalid):
		var details []schemas.ProblemDetail
		for _, p := range invalid.Problems {
			details = append(details, schemas.ProblemDetail{Message: p.Message, Location: "body." + p.Field})
		}
		return schemas.NewProblem(http.StatusUnprocessableEntity, err.Error(), details...)
	case errors.Is(err, batch.ErrBadQuestion):
		return schemas.NewProblem(http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, decisions.ErrNotFound), errors.Is(err, batch.ErrNoDay):
		return schemas.NewProblem(http.StatusNotFound, err.Error())
	case errors.Is(err, decisions.ErrDecided):
		return schemas.NewProblem(http.StatusConflict, err.Error())
	}
	return r.Unavailable(err, "a decision could not be read, judged or written")
}

// targets lists what a decision about these agents touches.
func targets(agents []string, members map[string]schemas.Membership) []access.Target {
	var out []access.Target
	for _, a := range agents {
		m := members[a]
		out = append(out, access.Target{AgentID: a, Team: m.Team, Site: m.Site})
	}
	return out
}
