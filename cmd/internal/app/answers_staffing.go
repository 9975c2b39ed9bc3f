package app

import (
	"context"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Requirements yields the requirements that overlap the interval, of the teams or of all.
func (a *Answers) Requirements(ctx context.Context, teams []string, within schemas.Interval, knownAt schemas.Instant, yield func(*schemas.Requirement) error) error {
	return a.Store.Requirements(ctx, chstore.RequirementQuery{Teams: teams, Within: within, KnownAt: a.knownAt(knownAt)}, yield)
}

// ActivityCodes gives the activity codes known at the instant.
func (a *Answers) ActivityCodes(ctx context.Context, knownAt schemas.Instant) ([]schemas.ActivityCode, error) {
	return a.Store.ActivityCodes(ctx, a.knownAt(knownAt))
}
