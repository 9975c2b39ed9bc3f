package imports

import (
	"context"
	"fmt"
	"slices"

	"rollcall/ingest"
	"rollcall/ingest/files"
	"rollcall/schemas"
)

// status reads the file twice: once to find every problem, once to write. What was not understood is written as
// findings.
func (m *Ledger) status(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	members, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return nil, err
	}
	statuses, err := m.store.Statuses(ctx, 0)
	if err != nil {
		return nil, err
	}
	decided, err := m.store.Meanings(ctx, 0)
	if err != nil {
		return nil, err
	}
	file, found, err := files.CheckStatus(ctx, in, opt.Options, members, ingest.NewMapping(statuses, decided...), m.now())
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	report.Written = file.Count()
	if report.refuse(opt) || opt.DryRun {
		return report, nil
	}
	if all := file.Findings(m.now()); len(all) > 0 {
		if err := m.store.WriteFindings(ctx, all); err != nil {
			return report, err
		}
	}
	if err := m.writeChanges(ctx, file, in, opt, report); err != nil {
		return report, err
	}
	return report, m.complete(ctx, in, opt, report)
}

// writeChanges reads the file again and writes batch after batch: one is written while the next is read.
func (m *Ledger) writeChanges(ctx context.Context, file *files.StatusFile, in files.Input, opt *Options,
	report *Result) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan []schemas.Change)
	written := make(chan error, 1)
	go func() {
		written <- m.writeBatches(ctx, in, opt, report, batches)
		cancel() // after a failure no more batches are taken
	}()
	receipts := receipts{clock: m.now}
	err := file.Changes(ctx, func(batch []schemas.Change) error {
		receipts.stamp(batch)
		select {
		case batches <- batch:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(batches)
	if failed := <-written; failed != nil {
		return failed
	}
	return err
}

func (m *Ledger) writeBatches(ctx context.Context, in files.Input, opt *Options, report *Result,
	batches <-chan []schemas.Change) error {
	for batch := range batches {
		row := journalRow(schemas.JournalChanges, in.Name, opt.Actor, batch[len(batch)-1].ReceivedAt)
		row.Detail = fmt.Sprintf("%d status changes", len(batch))
		if err := m.store.WriteChanges(ctx, row, batch); err != nil {
			return err
		}
		report.Journal = append(report.Journal, row.ID)
	}
	return nil
}

// complete notes how far the source has reported everything, never less far than before.
func (m *Ledger) complete(ctx context.Context, in files.Input, opt *Options, report *Result) error {
	if opt.CompleteTo == 0 {
		return nil
	}
	feeds, err := m.store.Feeds(ctx, 0)
	if err != nil {
		return err
	}
	feed := schemas.Feed{Source: opt.Feed()}
	if n := slices.IndexFunc(feeds, func(f schemas.Feed) bool { return f.Source == feed.Source }); n >= 0 {
		feed = feeds[n]
	}
	row := journalRow(schemas.JournalComplete, in.Name, opt.Actor, m.now())
	// A file is no sign of life: LastSeen stays what the feed itself has said, and one that was only imported is
	// never silent.
	feed.CompleteUpTo, feed.RecordedAt = max(feed.CompleteUpTo, opt.CompleteTo), row.RecordedAt
	row.Detail = fmt.Sprintf("%s is complete up to %s", feed.Source, feed.CompleteUpTo)
	if err := m.store.WriteFeeds(ctx, row, []schemas.Feed{feed}); err != nil {
		return err
	}
	report.Journal = append(report.Journal, row.ID)
	return nil
}

// receipts hands out received_at: ever later from batch to batch, and of two changes of one agent at one instant the
// later row has the later one, because received_at decides between them (RULES.md section 3).
type receipts struct {
	clock func() schemas.Instant
	last  schemas.Instant
	given map[agentAt]struct{}
}

type agentAt struct {
	agent string
	at    schemas.Instant
}

// stamp sets ReceivedAt of a batch.
func (r *receipts) stamp(batch []schemas.Change) {
	r.next(r.clock())
	for i := range batch {
		c := &batch[i]
		k := agentAt{c.AgentID, c.At}
		if _, again := r.given[k]; again {
			r.next(0)
		}
		r.given[k] = struct{}{}
		c.ReceivedAt = r.last
	}
}

// next moves to the instant, or a millisecond on when that is not later.
func (r *receipts) next(at schemas.Instant) {
	r.last = max(r.last+1, at)
	r.given = map[agentAt]struct{}{}
}
