package imports

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

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
	Revisions(ctx context.Context, knownAt schemas.Instant) ([]schemas.Revision, error)
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery, yield func(agent string, days []schemas.ScheduleDay) error) error
	RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error)
	Exclusive(ctx context.Context, name string, waiting func(), do func(ctx context.Context) error) error

	WriteRoster(ctx context.Context, row schemas.JournalRow, rows []schemas.Membership) error
	WriteActivityCodes(ctx context.Context, row schemas.JournalRow, codes []schemas.ActivityCode) error
	WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error
	WriteSchedule(ctx context.Context, row schemas.JournalRow, rev schemas.Revision, days iter.Seq2[*schemas.ScheduleDay, error]) error
	WriteChanges(ctx context.Context, row schemas.JournalRow, changes []schemas.Change) error
	WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error
	WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error
	WriteFindings(ctx context.Context, findings []schemas.Finding) error

	ledgerStore
}

// Importer imports files into a store. It holds nothing between imports and may be used by many at once. Schedules
// are compared and written one after the other, whoever imports them; two imports of another kind at the same time
// are written one over the other.
type Importer struct {
	store Store
	clock func() time.Time
}

// New makes an importer. The clock gives the instant at which what is written becomes known.
func New(store Store, clock func() time.Time) *Importer { return &Importer{store: store, clock: clock} }

// Import reads the file, checks it and writes what differs from the store. The report tells what was found, also when
// nothing was written because of it (Refused). A file of secondary statuses may be given as one of activities: its
// header tells them apart, and the report's kind says what it was. The error tells what has nothing to do with the
// file's rows: an option that makes no sense, a file that cannot be opened, a store that fails; the import can then
// be repeated.
func (m *Importer) Import(ctx context.Context, kind files.Kind, in files.Input, opt files.Options) (*Result, error) {
	imports := map[files.Kind]func(context.Context, files.Input, *files.Options) (*Result, error){
		files.Roster: m.roster, files.Activities: m.activities, files.Statuses: m.statuses, files.Schedule: m.schedule,
		files.Status: m.status, files.Gaps: m.gaps, files.Requirements: m.requirements,
	}
	do, ok := imports[kind]
	if !ok {
		_, err := files.ParseKind(string(kind))
		return nil, err
	}
	if kind == files.Activities && files.HoldsStatuses(ctx, in, &opt) {
		kind, do = files.Statuses, m.statuses
	}
	report, err := do(ctx, in, &opt)
	if err != nil {
		return report, fmt.Errorf("import %s %s: %w", kind, in.Name, err)
	}
	return report, nil
}

// now is the clock's instant.
func (m *Importer) now() schemas.Instant { return schemas.InstantOf(m.clock()) }

// journal begins the row of a write.
func (m *Importer) journal(k schemas.JournalKind, in files.Input, opt *files.Options, at schemas.Instant, detail string) schemas.JournalRow {
	return schemas.JournalRow{ID: uuid.Must(uuid.NewV7()).String(), RecordedAt: at, Actor: opt.Actor, Origin: in.Name, Kind: k,
		Detail: detail}
}

// span widens the row by what may have changed for an agent.
func span(row *schemas.JournalRow, agent string, v schemas.Interval) {
	row.Agents, row.Ranges = append(row.Agents, agent), append(row.Ranges, v)
	row.Range = row.Range.Hull(v)
}

// Result is what an import of a file did or, in a dry run, would do.
type Result struct {
	*files.Report
	// Revision is that of a schedule import that changed something.
	Revision *schemas.Revision `json:"revision,omitempty"`
	// Import is the ledger's entry of an import of a roster, of requirements or of codes that changed something.
	Import *schemas.Import `json:"import,omitempty"`
	// BaseRevision is the newest import of the kind before this one, NoRevision where there was none.
	BaseRevision string `json:"base_revision,omitempty"`
	// Schedule, Requirements, Roster and Codes tell what the import changes or, in a dry run, would change.
	Schedule     *ScheduleChange    `json:"schedule,omitempty"`
	Requirements *RequirementChange `json:"requirements,omitempty"`
	Roster       *RosterChange      `json:"roster,omitempty"`
	Codes        *CodesChange       `json:"codes,omitempty"`
	// Journal are the ids of the journal rows, none when nothing was written.
	Journal []string `json:"journal,omitempty"`
	DryRun  bool     `json:"dry_run"`
	// Refused says that nothing was written because of problems.
	Refused bool `json:"refused"`
}

// resultOf begins the result of an import whose file was read; nil for one that could not be.
func resultOf(report *files.Report, opt *files.Options) *Result {
	if report == nil {
		return nil
	}
	return &Result{Report: report, DryRun: opt.DryRun}
}

// refuse decides whether the problems forbid to write.
func (r *Result) refuse(allowPartial bool) bool {
	r.Refused = r.Blocked(allowPartial)
	return r.Refused
}

// write does the write unless it is a dry run, there is nothing to write, or problems forbid it.
func (r *Result) write(opt *files.Options, row schemas.JournalRow, do func() error) error {
	if r.refuse(opt.AllowPartial) || opt.DryRun || r.Written == 0 {
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	r.Journal = append(r.Journal, row.ID)
	return nil
}
