package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	webimports "rollcall/reports/web/imports"
	"time"

	"rollcall/cmd/internal/config"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
)

// importDesk does imports for the API and for watched folders.
type importDesk struct {
	store    *chstore.Store
	zone     string
	importer *imports.Importer
	desk     *imports.Desk
	// done is told of every import that wrote something.
	done func(ctx context.Context) error
}

// newImportDesk makes the desk at which files are imported.
func newImportDesk(c config.Config, s *chstore.Store, done func(context.Context) error) (*importDesk, error) {
	desk, err := NewRevisions(c, s)
	if err != nil {
		return nil, err
	}
	return &importDesk{store: s, zone: c.TimeZone, importer: imports.New(s, Clock), desk: desk, done: done}, nil
}

// journalKinds are the kinds that have a ledger of imports.
var journalKinds = map[files.Kind]schemas.JournalKind{files.Roster: schemas.JournalRoster, files.Requirements: schemas.JournalRequirement,
	files.Activities: schemas.JournalActivities, files.Statuses: schemas.JournalActivities}

// Import previews or applies a file.
func (d *importDesk) Import(ctx context.Context, kind files.Kind, in files.Input, opt files.Options) (*imports.Result, any, error) {
	opt.StandardZone = d.zone
	if kind == files.Schedule && opt.DryRun {
		p, err := d.desk.Preview(ctx, in, opt, opt.Judged)
		if err != nil {
			return nil, nil, err
		}
		return p.Result, p, nil
	}
	report, err := d.importer.Import(ctx, kind, in, opt)
	if err != nil {
		return report, report, err
	}
	if len(report.Journal) > 0 && d.done != nil {
		err = d.done(ctx)
	}
	return report, report, err
}

// Touched gives what an import changes: agents by the teams that they are in now or, by a roster, before and after;
// teams whose requirements change; everything for codes.
func (d *importDesk) Touched(ctx context.Context, r *imports.Result) ([]access.Target, error) {
	return d.touched(ctx, r.Roster, r.Requirements, agentsOf(r.Schedule), r.Codes != nil && len(r.Codes.Codes) > 0)
}

func agentsOf(c *imports.ScheduleChange) []string {
	if c == nil {
		return nil
	}
	out := make([]string, len(c.Agents))
	for i := range c.Agents {
		out[i] = c.Agents[i].AgentID
	}
	return out
}

func (d *importDesk) touched(ctx context.Context, roster *imports.RosterChange, required *imports.RequirementChange, agents []string, all bool) ([]access.Target, error) {
	var out []access.Target
	if all {
		out = append(out, access.Target{})
	}
	if required != nil {
		for _, t := range required.Teams {
			out = append(out, access.Target{Team: t.Team})
		}
	}
	if roster != nil {
		for i := range roster.Agents {
			out = append(out, spanTargets(&roster.Agents[i])...)
		}
	}
	if len(agents) == 0 {
		return out, nil
	}
	held, err := d.store.Memberships(ctx, 0)
	if err != nil {
		return nil, err
	}
	rows, today := schemas.MembershipsByAgent(held), schemas.UTC.Date(Now())
	for _, a := range agents {
		m, _ := schemas.MembershipOn(rows[a], today)
		out = append(out, access.Target{AgentID: a, Team: m.Team, Site: m.Site})
	}
	return out, nil
}

// spanTargets gives the teams that an agent is in before and after each part of a change of the roster, on whatever
// dates.
func spanTargets(a *imports.AgentChange) []access.Target {
	var out []access.Target
	for _, s := range a.Spans {
		at := access.Target{AgentID: a.AgentID, Team: s.Team, Site: s.Site}
		out = append(out, at)
		for _, f := range s.Fields {
			switch f.Field {
			case "team":
				at.Team = f.After
			case "site":
				at.Site = f.After
			}
		}
		out = append(out, at)
	}
	return out
}

// List gives the imports of a kind, newest first.
func (d *importDesk) List(ctx context.Context, kind files.Kind, limit int) (any, error) {
	if kind == files.Schedule {
		return d.desk.List(ctx, imports.ListQuery{Limit: limit})
	}
	return d.importer.Imports(ctx, journalKinds[kind], limit)
}

// Find gives one import.
func (d *importDesk) Find(ctx context.Context, kind files.Kind, id string) (any, error) {
	if kind == files.Schedule {
		return d.desk.Revision(ctx, id)
	}
	return d.importer.FindImport(ctx, journalKinds[kind], id)
}

// mostDiffDays bounds the days that a diff of a schedule shows; its totals are those of all.
const mostDiffDays = 10_000

// Diff tells what an import changed.
func (d *importDesk) Diff(ctx context.Context, kind files.Kind, id string) (any, []access.Target, error) {
	if kind == files.Schedule {
		diff, err := d.desk.Diff(ctx, imports.DiffQuery{Revision: id, Limit: mostDiffDays})
		if err != nil {
			return nil, nil, err
		}
		var agents []string
		for i := range diff.Days {
			if a := diff.Days[i].AgentID; len(agents) == 0 || agents[len(agents)-1] != a {
				agents = append(agents, a)
			}
		}
		touched, err := d.touched(ctx, nil, nil, agents, diff.DayCount > len(diff.Days))
		return diff, touched, err
	}
	diff, err := d.importer.DiffImport(ctx, journalKinds[kind], id)
	if err != nil {
		return nil, nil, err
	}
	touched, err := d.touched(ctx, diff.Roster, diff.Requirements, nil, diff.Codes != nil)
	return diff, touched, err
}

// Undo takes an import back.
func (d *importDesk) Undo(ctx context.Context, kind files.Kind, o webimports.Undo) (any, []access.Target, error) {
	if kind == files.Schedule {
		u, err := d.desk.Undo(ctx, imports.ScheduleUndoOrder{Revision: o.ID, IfRevision: o.IfRevision, Actor: o.Actor, DryRun: o.DryRun}, nil)
		if err != nil {
			return nil, nil, err
		}
		var agents []string
		for _, r := range u.Restored {
			agents = append(agents, r.AgentID)
		}
		for _, r := range u.NotRestored {
			agents = append(agents, r.AgentID)
		}
		if !o.DryRun && d.done != nil {
			if err := d.done(ctx); err != nil {
				return u, nil, err
			}
		}
		touched, err := d.touched(ctx, nil, nil, agents, false)
		return u, touched, err
	}
	u, err := d.importer.UndoImport(ctx, imports.UndoOrder{Kind: journalKinds[kind], Import: o.ID, IfRevision: o.IfRevision, Actor: o.Actor, DryRun: o.DryRun})
	if err != nil {
		return nil, nil, err
	}
	if !o.DryRun && d.done != nil {
		if err := d.done(ctx); err != nil {
			return u, nil, err
		}
	}
	touched, err := d.touched(ctx, u.Roster, u.Requirement, nil, u.Codes != nil && len(u.Codes.Codes) > 0)
	return u, touched, err
}

// importTime bounds an import through the API, the sending of the file included.
const importTime = 15 * time.Minute

// mountImports adds the calls and pages about imports.
func (d *Daemon) mountImports() error {
	desk, err := newImportDesk(d.config, d.store, d.readTables)
	if err != nil {
		return fmt.Errorf("imports: %w", err)
	}
	limits := webimports.Limits{Dir: filepath.Join(d.config.Store.Dir, "uploads"), MostBytes: int64(d.config.Imports.MaxBytes), Time: importTime, MostAtOnce: 2}
	return errors.Join(webimports.Mount(d.web, limits, desk), webimports.MountPages(d.web, limits, webimports.DefaultPreviewLimits(limits.MostBytes), desk))
}
