package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	webimports "rollcall/reports/web/imports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// NewImports makes the ledger of imports. It has a judge of its own, so that a preview does not wait for the batch at
// work.
func NewImports(c config.Config, s *chstore.Store) (*imports.Ledger, error) {
	bc, err := batchConfig(c)
	if err != nil {
		return nil, err
	}
	bc.ChunkAgents = 125 // a preview judges some hundred agents at a time, on all workers
	judge, err := batch.New(bc, s)
	if err != nil {
		return nil, err
	}
	return imports.New(imports.Deps{Store: s, Judge: judge, Clock: Clock}), nil
}

// servedImports is the ledger of imports for the API, pages and watched folders: what was written is read again at
// once.
type servedImports struct {
	*imports.Ledger
	store *chstore.Store
	zone  string
	// written is called after every import or undo that wrote something.
	written func(ctx context.Context) error
}

func (d *Daemon) serveImports() (*servedImports, error) {
	ledger, err := NewImports(d.config, d.store)
	if err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	return &servedImports{ledger, d.store, d.config.TimeZone, d.readTables}, nil
}

// Import previews or applies a file.
func (s *servedImports) Import(ctx context.Context, kind files.Kind, in files.Input,
	opt imports.Options) (*imports.Result, error) {
	opt.StandardZone = s.zone
	r, err := s.Ledger.Import(ctx, kind, in, opt)
	if err == nil && len(r.Journal) > 0 {
		err = s.written(ctx)
	}
	return r, err
}

// Undo takes an import back.
func (s *servedImports) Undo(ctx context.Context, o imports.UndoOrder) (*imports.Undone, error) {
	u, err := s.Ledger.Undo(ctx, o)
	if err == nil && !o.DryRun {
		err = s.written(ctx)
	}
	return u, err
}

// Memberships returns the roster's rows.
func (s *servedImports) Memberships(ctx context.Context) ([]schemas.Membership, error) {
	return s.store.Memberships(ctx, 0)
}

// importTime bounds an import through the API, the sending of the file included.
const importTime = 15 * time.Minute

// mountImports adds the calls and pages about imports.
func (d *Daemon) mountImports() error {
	ledger, err := d.serveImports()
	if err != nil {
		return err
	}
	limits := webimports.Limits{
		Dir:        filepath.Join(d.config.Store.Dir, "uploads"),
		MostBytes:  int64(d.config.Imports.MaxBytes),
		Time:       importTime,
		MostAtOnce: 2,
	}
	return errors.Join(webimports.Mount(d.web, limits, ledger),
		webimports.MountPages(d.web, limits, webimports.DefaultPreviewLimits(limits.MostBytes), ledger))
}
