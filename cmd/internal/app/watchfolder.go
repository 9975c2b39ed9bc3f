package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"rollcall/cmd/internal/config"
	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/imports"
	"rollcall/ingest/watchfolder"
	"rollcall/schemas"
)

// makeFolders prepares the watched folders.
func (d *Daemon) makeFolders() error {
	ledger, err := d.serveImports()
	if err != nil {
		return err
	}
	c := watchfolder.DefaultConfig()
	for i := range d.config.Imports.Watch {
		w := &d.config.Imports.Watch[i]
		f := watchfolder.Folder{Dir: w.Dir, Kind: files.Kind(w.Kind), Stable: cmp.Or(w.Stable, config.DefaultStable),
			Options: files.Options{TimeZone: w.TimeZone, StandardZone: d.config.TimeZone, Source: w.Source,
				AllowPartial: w.AllowPartial}}
		if f.Options.Encoding, err = rows.ParseEncoding(w.Encoding); err != nil {
			return fmt.Errorf("imports.watch[%d].encoding: %w", i, err)
		}
		if w.Profile != "" {
			f.Options.Profile, err = profile.Load(w.Profile, files.LayoutOf)
			if errors.Is(err, profile.ErrNotReady) {
				f.SavedProfile, err = w.Profile, nil
			}
			if err != nil {
				return fmt.Errorf("imports.watch[%d].profile: %w", i, err)
			}
		}
		c.Folders = append(c.Folders, f)
	}
	d.folders, err = watchfolder.New(c, watchfolder.Deps{
		Import:   ledger.Import,
		Done:     ledger.Holds,
		Rejected: d.recordRejection,
		Log:      d.log,
		Clock:    Clock,
	})
	return err
}

// recordRejection writes a row of the journal that says who had a file rejected and why. It makes no judged day dirty.
func (d *Daemon) recordRejection(ctx context.Context, id uuid.UUID, actor string, r *imports.Result) error {
	detail := fmt.Sprintf("rejected, nothing was imported: %d problems", r.ProblemCount)
	if why := r.RemovalsRefusal(); why != "" {
		detail = "rejected, nothing was imported: " + why
	} else if len(r.Problems) > 0 {
		detail += "; the first: " + r.Problems[0].String()
	}
	return d.store.WriteJournal(ctx, schemas.JournalRow{
		ID:         id.String(),
		RecordedAt: Now(),
		Actor:      actor,
		Origin:     r.File,
		Kind:       imports.JournalOf(r.Kind),
		Detail:     detail,
	})
}
