package imports

import (
	"context"
	"errors"
	"time"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/schemas"
)

// Judge tells what a supposed schedule would change of the adherence (satisfied by batch.Batch).
type Judge interface {
	WhatIf(ctx context.Context, q batch.WhatIf) (*batch.Outcome, error)
}

// Deps are what a Desk works with.
type Deps struct {
	Store Store
	Judge Judge
	// Clock gives the present.
	Clock func() time.Time
}

// Desk previews, applies, lists, compares and takes back revisions. It may be used by many at once.
type Desk struct {
	Deps
	importer *Importer
	// agentsAtOnce bounds the agents whose supposed schedule is held at the same time.
	agentsAtOnce int
}

// NewDesk makes a Desk; it does nothing yet.
func NewDesk(deps Deps) *Desk {
	return &Desk{Deps: deps, importer: New(deps.Store, deps.Clock), agentsAtOnce: 500}
}

// ErrNoDayToUndo says that of a revision no day is left that an undo could restore.
var ErrNoDayToUndo = errors.New("nothing is left to undo")

func (d *Desk) now() schemas.Instant { return schemas.InstantOf(d.Clock()) }

// Preview is what an import of a file would do.
type Preview struct {
	*Result
	// Effect is what it would do to the adherence of days that have begun; nil where none of those changes.
	Effect *Effect `json:"effect"`
}

// Preview reads and checks the file, compares it with the store, and judges the days that have begun with and without
// it. Nothing is written. A file with problems is previewed too, as far as its good rows go; Refused then says that
// an import would write nothing. judged, which may be nil, is told of the agents judged so far.
func (d *Desk) Preview(ctx context.Context, in files.Input, opt files.Options, judged func(agents, of int)) (*Preview, error) {
	opt.DryRun = true
	draft, err := d.importer.draftSchedule(ctx, in, opt)
	if draft == nil {
		return nil, err
	}
	p := &Preview{Result: draft.Report}
	if err != nil {
		return p, err
	}
	var who []supposed
	for i := range draft.Agents {
		if a := &draft.Agents[i]; a.BegunFrom != 0 {
			who = append(who, supposed{a.AgentID, a.BegunFrom, a.BegunTo, i})
		}
	}
	p.Effect, err = d.effect(ctx, who, func(part []supposed) (days []schemas.ScheduleDay, err error) {
		for _, s := range part {
			days = append(days, draft.Begun(s.number)...)
		}
		return days, nil
	}, judged)
	return p, err
}

// Apply imports the file as a revision. With opt.IfRevision it gives a *Conflict when somebody else has changed the
// same days since. Two at once never interleave: the second sees what the first wrote.
func (d *Desk) Apply(ctx context.Context, in files.Input, opt files.Options) (*Result, error) {
	return d.importer.Import(ctx, files.Schedule, in, opt)
}
