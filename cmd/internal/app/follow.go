package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// pollEvery is how often the journal is looked at for what others have written, which shows within two seconds (issue
// 4, "Live store"), on a busy machine too.
const pollEvery = 500 * time.Millisecond

// settleWithin is how long the board waits at the start for what has come in but is not written yet.
const settleWithin = time.Second

// follow brings the store up, then follows the journal until ctx ends. Whenever the store goes away it starts over;
// what was missed meanwhile is in the journal.
func (d *Daemon) follow(ctx context.Context) error {
	tail := d.store.Tail()
	for up, first := false, true; ; {
		var err error
		if !up {
			err = d.bringUp(ctx, tail)
		} else {
			err = d.poll(ctx, tail)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, chstore.ErrSchema), errors.Is(err, chstore.ErrLogOn) && first:
			return err
		case err != nil:
			d.state.set("store", whyNoStore(err))
			if up {
				d.log.WithError(err).Warn("the store cannot be used; what comes in waits on disk")
			}
			up = false
		case !up:
			up = true
			if first {
				d.hooks.Begin()
			}
			d.state.set("store", "")
			d.log.Info("ready")
			if first {
				close(d.ready)
				first = false
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pauseAfter(err)):
		}
	}
}

// whyNoStore says in one sentence why the store cannot be used.
func whyNoStore(err error) string {
	if errors.Is(err, schemas.ErrUnavailable) {
		return "the store is away: " + err.Error()
	}
	return err.Error()
}

// pauseAfter is how long to wait after a poll. A password that is refused is rarely tried, or the account may be
// locked.
func pauseAfter(err error) time.Duration {
	if errors.Is(err, chstore.ErrLogOn) {
		return time.Minute
	}
	return pollEvery
}

// bringUp migrates the schema and reads users, the mapping of state texts and the live board. The place in the journal
// is marked before they are read, so that the next poll finds what others write meanwhile.
func (d *Daemon) bringUp(ctx context.Context, tail *chstore.Tail) error {
	if d.engine != nil {
		if _, err := d.engine.Ready(ctx); err != nil {
			return err
		}
	}
	applied, err := d.store.Migrate(ctx)
	if err != nil {
		return fmt.Errorf("bringing the schema up to date: %w", err)
	}
	if len(applied) > 0 {
		d.log.WithField("migrations", len(applied)).Info("the schema is up to date")
	}
	if err := tail.Poll(ctx, func(*schemas.JournalRow) error { return nil }); err != nil {
		return fmt.Errorf("finding the end of the journal: %w", err)
	}
	if err := d.readTables(ctx); err != nil {
		return err
	}
	d.settle(ctx)
	if err := d.board.Rebuild(ctx); err != nil {
		return err
	}
	debug.FreeOSMemory() // what was read is on the board now; the buffers it came through go back
	return nil
}

// settle waits a moment for the spool to write what waits, so that the board begins with it; what takes longer comes
// through the journal.
func (d *Daemon) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	if err := d.spool.Flush(ctx); err != nil {
		d.log.WithField("pending_changes",
			d.spool.Stats().PendingChanges).Debug("the board begins without what still waits on disk")
	}
}

// readTables reads the small tables that are in memory besides the board's.
func (d *Daemon) readTables(ctx context.Context) error {
	if err := d.register.Refresh(ctx); err != nil {
		return err
	}
	statuses, err := d.store.Statuses(ctx, 0)
	if err != nil {
		return fmt.Errorf("reading the secondary statuses: %w", err)
	}
	decided, err := d.store.Meanings(ctx, 0)
	if err != nil {
		return fmt.Errorf("reading the meanings of state texts: %w", err)
	}
	d.mapping.Store(ingest.NewMapping(statuses, decided...))
	return nil
}

// changes is what the journal rows of one poll ask for.
type changes struct {
	agents        []string
	everybody     bool
	circumstances bool
	tables        bool
}

// poll reads the journal rows that have appeared and brings the memory up to date.
func (d *Daemon) poll(ctx context.Context, tail *chstore.Tail) error {
	var n changes
	if err := tail.Poll(ctx, func(row *schemas.JournalRow) error { d.note(&n, row); return nil }); err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	if n.tables {
		if err := d.readTables(ctx); err != nil {
			return err
		}
	}
	slices.Sort(n.agents)
	n.agents = slices.Compact(n.agents)
	switch {
	case n.everybody:
		return d.board.Rebuild(ctx)
	case len(n.agents) > 0 || n.circumstances:
		return d.board.Refresh(ctx, append([]string{}, n.agents...), n.circumstances)
	}
	return nil
}

// manyAgents is from how many changed agents on the whole board is read again at once.
const manyAgents = 2000

// note adds what one journal row asks for.
func (d *Daemon) note(n *changes, row *schemas.JournalRow) {
	switch row.Kind {
	case schemas.JournalChanges:
		if !d.board.Written(row.ID) {
			n.agents = append(n.agents, row.Agents...)
		}
	case schemas.JournalSchedule:
		n.agents = append(n.agents, row.Agents...)
		n.everybody = n.everybody || len(row.Agents) == 0
	case schemas.JournalRoster:
		n.everybody = true
	case schemas.JournalErasure:
		n.everybody, n.tables = true, true
	case schemas.JournalGaps, schemas.JournalComplete, schemas.JournalPolicy, schemas.JournalCorrection:
		n.circumstances = true
	case schemas.JournalAccess, schemas.JournalActivities:
		n.tables = true
	case schemas.JournalReport, schemas.JournalRequirement, schemas.JournalJob, schemas.JournalProfile:
	}
	n.everybody = n.everybody || len(n.agents) > manyAgents
}
