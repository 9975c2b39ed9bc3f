package imports

import (
	"context"
	"fmt"
	"strings"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// ledgerStore is what imports of rosters, requirements and activity codes read and write besides.
type ledgerStore interface {
	Imports(ctx context.Context, knownAt schemas.Instant) ([]schemas.Import, error)
	WriteImport(ctx context.Context, made schemas.Import) error
	Requirements(ctx context.Context, q chstore.RequirementQuery, yield func(*schemas.Requirement) error) error
	WriteRequirements(ctx context.Context, row schemas.JournalRow, made schemas.Import, rows []schemas.Requirement) error
	AgentSources(ctx context.Context, knownAt schemas.Instant) ([]schemas.AgentSource, error)
	DayHeads(ctx context.Context, q chstore.DayQuery, yield func(*chstore.DayHead) error) error
}

// ledger is where an import stands among those of its kind.
type ledger struct {
	// base is the newest import of the kind, NoRevision when there is none.
	base string
	// at is when the one at work becomes known: later than all of them, whatever the clock says.
	at schemas.Instant
}

// ImportConflict says that somebody else imported the same kind of thing after a preview, so that what the preview
// said may no longer be what would happen.
type ImportConflict struct {
	Kind schemas.JournalKind `json:"kind"`
	// IfRevision is the newest import that the preview took into account, Newest the newest one now.
	IfRevision string           `json:"if_revision"`
	Newest     string           `json:"newest_revision"`
	Since      []schemas.Import `json:"since"`
}

func (c *ImportConflict) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "there is a newer import of %s than when it was previewed (%s): ", c.Kind, c.IfRevision)
	for i := range c.Since {
		s := &c.Since[i]
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s, by %s at %s) added %d, changed %d, removed %d", s.ID, s.Origin, s.Actor, s.RecordedAt, s.Added, s.Changed, s.Removed)
	}
	b.WriteString("; preview again, and confirm with the newest import that the preview then names")
	return b.String()
}

// ledger reads what was imported before, and gives an ImportConflict when that is more than the preview knew of.
func (m *Importer) ledger(ctx context.Context, kind schemas.JournalKind, opt *files.Options) (*ledger, error) {
	all, err := m.store.Imports(ctx, 0)
	if err != nil {
		return nil, err
	}
	l := &ledger{base: NoRevision, at: m.now()}
	c := &ImportConflict{Kind: kind, IfRevision: opt.IfRevision}
	found := opt.IfRevision == "" || opt.IfRevision == NoRevision
	for i := range all {
		l.at = max(l.at, all[i].RecordedAt+1)
		if all[i].Kind != kind {
			continue
		}
		l.base = all[i].ID
		c.Since = append(c.Since, all[i])
		if all[i].ID == opt.IfRevision {
			c.Since, found = nil, true
		}
	}
	switch c.Newest = l.base; {
	case !found:
		return nil, &UnknownImportError{Kind: kind, ID: opt.IfRevision}
	case opt.IfRevision != "" && len(c.Since) > 0:
		return nil, c
	}
	return l, nil
}

// UnknownImportError says that there is no import of that id.
type UnknownImportError struct {
	Kind schemas.JournalKind
	ID   string
}

func (e *UnknownImportError) Error() string {
	return fmt.Sprintf("there is no import of %s %.60q; `rollcall import list %s` names all", e.Kind, e.ID, e.Kind)
}

// entry begins the ledger's entry for an import.
func (l *ledger) entry(row *schemas.JournalRow, report *Result) schemas.Import {
	return schemas.Import{ID: row.ID, Kind: row.Kind, RecordedAt: l.at, Actor: row.Actor, Origin: row.Origin, FileHash: report.FileHash,
		Rows: report.Accepted, Unchanged: report.Unchanged}
}

// alone runs an import while no other of the kind is at work, in this process or another. A dry run need not wait.
func (m *Importer) alone(ctx context.Context, kind schemas.JournalKind, opt *files.Options, do func(ctx context.Context) error) error {
	if opt.DryRun {
		return do(ctx)
	}
	return m.store.Exclusive(ctx, string(kind), opt.Waiting, do)
}
