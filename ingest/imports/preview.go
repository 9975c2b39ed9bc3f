// Package revisions previews, lists, compares and takes back the revisions of the schedule (RULES.md section 4).
//
// The nouns: a revision is one import of a schedule, or the undo of one; a [Preview] is what an import would do, with its
// [Effect] on the adherence of days that have begun; a [Diff] is what became of each activity between two states of the
// schedule; an [Undone] is what an undo did or would do; a [Shown] is one scheduled activity. A [Desk] answers for all of them.
//
// It keeps nothing of its own. It reads the store and writes one thing, the revision of an undo, one at a time over all
// processes together with imports. Instants are milliseconds since the Unix epoch, UTC; dates are local dates of each agent.
//
// Guarantees: a preview writes nothing and says what an import of the same file then does, unless somebody changes the
// schedule in between, which the import can be made to notice; an undo restores whole days whose content still comes from the
// revision, exactly as they were before it, names every other day with the reason, and can itself be undone. Memory grows with
// the agents and days that change, not with the activities.
//
// # Why
//
// A planner who cannot see what an import will do, and cannot take it back, does not dare to import. Nothing is ever
// overwritten in the store, so that all of this is only reading: what was there before a revision is still there.
package imports

import (
	"context"
	"errors"
	"iter"
	"time"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/schemas"
)

// Store is what this package reads and writes (satisfied by chstore.Store).
type Store interface {
	files.Store
	RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error)
	WriteSchedule(ctx context.Context, row schemas.JournalRow, rev schemas.Revision, days iter.Seq2[*schemas.ScheduleDay, error]) error
}

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
	importer *files.Importer
	// agentsAtOnce bounds the agents whose supposed schedule is held at the same time.
	agentsAtOnce int
}

// New makes a Desk; it does nothing yet.
func New(deps Deps) *Desk {
	return &Desk{Deps: deps, importer: files.New(deps.Store, deps.Clock), agentsAtOnce: 500}
}

// ErrNothingToUndo says that of a revision no day is left that an undo could restore.
var ErrNothingToUndo = errors.New("nothing is left to undo")

func (d *Desk) now() schemas.Instant { return schemas.InstantOf(d.Clock()) }

// Preview is what an import of a file would do.
type Preview struct {
	*files.Report
	// Effect is what it would do to the adherence of days that have begun; nil where none of those changes.
	Effect *Effect `json:"effect"`
}

// Preview reads and checks the file, compares it with the store, and judges the days that have begun with and without it.
// Nothing is written. A file with problems is previewed too, as far as its good rows go; Refused then says that an import would
// write nothing. judged, which may be nil, is told of the agents judged so far.
func (d *Desk) Preview(ctx context.Context, in files.Input, opt files.Options, judged func(agents, of int)) (*Preview, error) {
	opt.DryRun = true
	draft, err := d.importer.DraftSchedule(ctx, in, opt)
	if draft == nil {
		return nil, err
	}
	p := &Preview{Report: draft.Report}
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

// Apply imports the file as a revision. With opt.IfRevision it gives a *files.Conflict when somebody else has changed the same
// days since. Two at once never interleave: the second sees what the first wrote.
func (d *Desk) Apply(ctx context.Context, in files.Input, opt files.Options) (*files.Report, error) {
	return d.importer.Import(ctx, files.Schedule, in, opt)
}
