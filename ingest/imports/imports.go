package imports

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Store is what imports read and write (satisfied by chstore.Store).
type Store interface {
	Memberships(ctx context.Context, knownAt schemas.Instant) ([]schemas.Membership, error)
	ActivityCodes(ctx context.Context, knownAt schemas.Instant) ([]schemas.ActivityCode, error)
	Statuses(ctx context.Context, knownAt schemas.Instant) ([]schemas.SecondaryStatus, error)
	Meanings(ctx context.Context, knownAt schemas.Instant) ([]schemas.Meaning, error)
	Gaps(ctx context.Context, within schemas.Interval, knownAt schemas.Instant) ([]schemas.Gap, error)
	Feeds(ctx context.Context, knownAt schemas.Instant) ([]schemas.Feed, error)
	Policies(ctx context.Context, knownAt schemas.Instant) ([]schemas.PolicyVersion, error)
	Revisions(ctx context.Context, knownAt schemas.Instant) ([]schemas.Revision, error)
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery,
		yield func(agent string, days []schemas.ScheduleDay) error) error
	RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error)
	Exclusive(ctx context.Context, name string, waiting func(), do func(ctx context.Context) error) error

	WriteRoster(ctx context.Context, row schemas.JournalRow, rows []schemas.Membership) error
	WriteActivityCodes(ctx context.Context, row schemas.JournalRow, codes []schemas.ActivityCode) error
	WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error
	WriteSchedule(ctx context.Context, row schemas.JournalRow, rev schemas.Revision,
		days iter.Seq2[*schemas.ScheduleDay, error]) error
	WriteChanges(ctx context.Context, row schemas.JournalRow, changes []schemas.Change) error
	WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error
	WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error
	WriteFindings(ctx context.Context, findings []schemas.Finding) error

	Imports(ctx context.Context, knownAt schemas.Instant) ([]schemas.Import, error)
	WriteImport(ctx context.Context, made schemas.Import) error
	Requirements(ctx context.Context, q chstore.RequirementQuery, yield func(*schemas.Requirement) error) error
	WriteRequirements(ctx context.Context, row schemas.JournalRow, made schemas.Import, rows []schemas.Requirement) error
	AgentSources(ctx context.Context, knownAt schemas.Instant) ([]schemas.AgentSource, error)
	DayHeads(ctx context.Context, q chstore.DayQuery, yield func(*chstore.DayHead) error) error
	Profiles(ctx context.Context) ([]schemas.SavedProfile, error)
	WriteProfile(ctx context.Context, row schemas.JournalRow, p schemas.SavedProfile) error
}

// Judge works out what a supposed schedule would change of the adherence (satisfied by batch.Batch).
type Judge interface {
	WhatIf(ctx context.Context, q batch.WhatIf) (*batch.Outcome, error)
}

// Deps are what a Ledger works with.
type Deps struct {
	Store Store
	// Judge works out the effect of a schedule on adherence; without one there is none in a preview.
	Judge Judge
	// Clock returns the present, at which what is written becomes known.
	Clock func() time.Time
}

// Options say how a file is read, and what may be done with it. The zero value detects everything and writes only a
// file without problems.
type Options struct {
	files.Options
	// SavedProfile names a profile that somebody has saved, where Profile is nil. Where both are left out, a saved one is
	// used whose columns the file has.
	SavedProfile string
	// Actor is who imports, for the journal.
	Actor string
	// CompleteTo says that the source has said everything up to then; 0 leaves that open.
	CompleteTo schemas.Instant
	// IfRevision is the newest import that a preview took into account, "none" where there was none: when another has
	// changed the same things since, the import is a conflict. Empty does not check.
	IfRevision string
	// AllowRemovals lets an import of a schedule leave more agent-days with nothing than it gives activities.
	AllowRemovals bool
	// DryRun does everything but write.
	DryRun bool
	// Waiting is called once when another import of the kind has to end first, Wrote with the agent-days of a schedule
	// written so far, Judged, by a preview that judges days, with the agents judged so far. All may be nil.
	Waiting func()
	Wrote   func(days, of int)
	Judged  func(agents, of int)
}

// Validate says which option cannot be used at an instant.
func (o *Options) Validate(now schemas.Instant) error {
	if o.CompleteTo > now.Add(schemas.MinuteMS) { // clocks differ
		return fmt.Errorf("complete-to: %s lies ahead, it is %s; a source can be complete up to now", o.CompleteTo, now)
	}
	return o.Options.Validate()
}

// Ledger imports files, and lists, compares and takes back what was imported. It holds nothing between imports and
// may be used by many at once. Imports of one kind with a ledger are compared and written one after the other,
// whoever imports them.
type Ledger struct {
	store Store
	judge Judge
	clock func() time.Time
	// agentsAtOnce bounds the agents whose supposed schedule is held at the same time.
	agentsAtOnce int
}

// New makes a ledger; it does nothing yet.
func New(d Deps) *Ledger {
	return &Ledger{store: d.Store, judge: d.Judge, clock: d.Clock, agentsAtOnce: 500}
}

// Import reads the file, checks it and writes what differs from the store, or only says so in a dry run, which of a
// schedule also judges the days that have begun with and without it. The result says what was found, also when
// nothing was written because of it (Refused). With opt.IfRevision it is a Conflict when somebody else has imported
// since. A file of secondary statuses may be given as one of activities: its header tells them apart, and the
// result's kind says what it was. The error is about what has nothing to do with the file's rows: an option that
// makes no sense, a file that cannot be opened, a store that fails; the import can then be repeated.
func (m *Ledger) Import(ctx context.Context, name files.Kind, in files.Input, opt Options) (*Result, error) {
	if _, err := files.ParseKind(string(name)); err != nil {
		return nil, err
	}
	if err := opt.Validate(m.now()); err != nil {
		return nil, err
	}
	if name == files.Activities && files.HoldsStatuses(ctx, in, &opt.Options) {
		name = files.Statuses
	}
	recognised, err := m.readAs(ctx, name, in, &opt)
	if err != nil {
		return nil, fmt.Errorf("import %s %s: %w", name, in.Name, err)
	}
	result, err := kindNamed(name).write(m, ctx, in, &opt)
	if err != nil {
		return result, fmt.Errorf("import %s %s: %w", name, in.Name, err)
	}
	if result.Profile = recognised; recognised != "" {
		result.Warn(files.Problem{Message: fmt.Sprintf("the file has the columns of the saved profile %s and is read with it",
			recognised), Remedy: "name another one if it is not meant"})
	}
	return result, nil
}

// now is the clock's instant.
func (m *Ledger) now() schemas.Instant { return schemas.InstantOf(m.clock()) }

// journalRow begins the row of a write.
func journalRow(k schemas.JournalKind, origin, actor string, at schemas.Instant) schemas.JournalRow {
	return schemas.JournalRow{
		ID:         uuid.Must(uuid.NewV7()).String(),
		RecordedAt: at,
		Actor:      actor,
		Origin:     origin,
		Kind:       k,
	}
}

// members reads the roster. It is not nil where nobody is on it, which tells the readers of files that nobody is known.
func (m *Ledger) members(ctx context.Context) ([]schemas.Membership, error) {
	rows, err := m.store.Memberships(ctx, 0)
	if rows == nil {
		rows = []schemas.Membership{}
	}
	return rows, err
}

// Change is what an import, or the undo of one, does; the part of its kind is set.
type Change struct {
	Schedule     *ScheduleChange    `json:"schedule,omitempty"`
	Requirements *RequirementChange `json:"requirements,omitempty"`
	Roster       *RosterChange      `json:"roster,omitempty"`
	Codes        *CodesChange       `json:"codes,omitempty"`
}

// Result is what an import of a file did or, in a dry run, would do.
type Result struct {
	*files.Report
	// Revision is that of a schedule import that changed something.
	Revision *schemas.Revision `json:"revision,omitempty"`
	// Import is the ledger's entry of an import of a roster, of requirements or of codes that changed something.
	Import *schemas.Import `json:"import,omitempty"`
	// Profile is the saved profile whose columns the file has, so that it was read with it; empty for none.
	Profile string `json:"profile,omitempty"`
	// BaseRevision is the newest import of the kind before this one, "none" where there was none.
	BaseRevision string `json:"base_revision,omitempty"`
	Change
	// Journal are the ids of the journal rows, none when nothing was written.
	Journal []string `json:"journal,omitempty"`
	DryRun  bool     `json:"dry_run"`
	// Refused says that nothing was written because of problems or, where RemovalsRefused says so, because more
	// agent-days would be left with nothing than the file schedules; the latter can be allowed.
	Refused         bool `json:"refused"`
	RemovalsRefused bool `json:"removals_refused,omitempty"`
	// Effect is what a dry run of a schedule would do to the adherence of days that have begun; nil where none of
	// those changes.
	Effect *Effect `json:"-"`
}

// ID is that of the import in the ledger, or of its journal row; empty when nothing was written.
func (r *Result) ID() string {
	if len(r.Journal) == 0 {
		return ""
	}
	return r.Journal[0]
}

// resultOf begins the result of an import whose file was read; nil for one that could not be.
func resultOf(report *files.Report, opt *Options) *Result {
	if report == nil {
		return nil
	}
	return &Result{Report: report, DryRun: opt.DryRun}
}

// refuse decides whether problems or removals forbid to write.
func (r *Result) refuse(opt *Options) bool {
	blocked := r.Blocked(opt.AllowPartial)
	r.RemovalsRefused = !blocked && !opt.AllowRemovals && r.Schedule.Removing()
	r.Refused = blocked || r.RemovalsRefused
	return r.Refused
}

// RemovalsRefusal says, for people, what an import would remove that is refused for it; empty where none is.
func (r *Result) RemovalsRefusal() string {
	if !r.RemovalsRefused {
		return ""
	}
	n := &r.Schedule.Totals
	return fmt.Sprintf("it schedules %s and would leave %d with nothing: %s",
		counted(n.DaysChanged+n.DaysUnchanged, "agent-day"), n.DaysRemoved, r.Schedule.Removals.Text())
}

// write does the write unless it is a dry run, there is nothing to write, or problems forbid it.
func (r *Result) write(opt *Options, row schemas.JournalRow, do func() error) error {
	if r.refuse(opt) || opt.DryRun || r.Written == 0 {
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	r.Journal = append(r.Journal, row.ID)
	return nil
}
