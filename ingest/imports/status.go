package imports

import (
	"context"
	"fmt"

	"rollcall/ingest"
	"rollcall/schemas"
)

// status reads the file twice: once to find every problem, once to write. What was not understood is written as findings.
func (m *Importer) status(ctx context.Context, in Input, opt *Options) (*Report, error) {
	s, err := m.statusReader(ctx, opt)
	if err != nil {
		return nil, err
	}
	p := &pass{total: 3 * in.Size, tell: opt.Progress}
	report := newReport(Status, in, opt)
	v, err := look(ctx, in, opt, report, p)
	if err != nil {
		return report, err
	}
	if v != nil {
		if err := s.readAll(ctx, in, v, opt, report, p); err != nil {
			return report, err
		}
	}
	s.tell(report)
	report.Written = report.Accepted
	if report.refuse(opt.AllowPartial) || opt.DryRun {
		return report, nil
	}
	if err := m.writeFindings(ctx, s, in); err != nil {
		return report, err
	}
	if err := m.writeChanges(ctx, s, in, v, opt, report, p); err != nil {
		return report, err
	}
	return report, m.complete(ctx, in, opt, report)
}

func (m *Importer) statusReader(ctx context.Context, opt *Options) (*statusReader, error) {
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
	return newStatusReader(opt, members, ingest.NewWords(statuses, decided...), m.now()), nil
}

// readAll reads every row once more.
func (s *statusReader) readAll(ctx context.Context, in Input, v *inspection, opt *Options, report *Report, p *pass) error {
	t, err := open(in, v, opt, report, p.read)
	if err != nil {
		return err
	}
	return t.each(ctx, s.again(t))
}

func (m *Importer) writeFindings(ctx context.Context, s *statusReader, in Input) error {
	if all := s.findings(in.Name, m.now()); len(all) > 0 {
		return m.store.WriteFindings(ctx, all)
	}
	return nil
}

// writeChanges reads the file again and writes batch after batch: one is written while the next is read.
func (m *Importer) writeChanges(ctx context.Context, s *statusReader, in Input, v *inspection, opt *Options, report *Report, p *pass) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan []schemas.Change)
	written := make(chan error, 1)
	go func() {
		written <- m.writeBatches(ctx, in, opt, report, batches)
		cancel() // after a failure nobody takes batches any more
	}()
	receipts := receipts{clock: m.now}
	b := &batching{yield: func(batch []schemas.Change) error {
		receipts.stamp(batch)
		select {
		case batches <- batch:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	second := newReport(Status, in, opt)
	second.found = nil // told before
	s.yield = func(c schemas.Change) { s.failure = b.add(c) }
	err := s.readAll(ctx, in, v, opt, second, p)
	if err == nil {
		err = b.flush()
	}
	close(batches)
	if failed := <-written; failed != nil {
		return failed
	}
	if err == nil && second.Accepted != report.Accepted {
		err = fmt.Errorf("%s changed while it was imported: %d rows were good at first, then %d; import it again", in.Name,
			report.Accepted, second.Accepted)
	}
	return err
}

func (m *Importer) writeBatches(ctx context.Context, in Input, opt *Options, report *Report, batches <-chan []schemas.Change) error {
	for batch := range batches {
		row := m.journal(schemas.JournalChanges, in, opt, batch[len(batch)-1].ReceivedAt, fmt.Sprintf("%d status changes", len(batch)))
		if err := m.store.WriteChanges(ctx, row, batch); err != nil {
			return err
		}
		report.Journal = append(report.Journal, row.ID)
	}
	return nil
}

// complete notes how far the source has told everything, never less far than before.
func (m *Importer) complete(ctx context.Context, in Input, opt *Options, report *Report) error {
	if opt.CompleteTo == 0 {
		return nil
	}
	feeds, err := m.store.Feeds(ctx, 0)
	if err != nil {
		return err
	}
	at := m.now()
	feed := schemas.Feed{Source: opt.source()}
	for _, f := range feeds {
		if f.Source == feed.Source {
			feed = f
		}
	}
	// A file is no sign of life: LastSeen stays what the feed itself has said, and one that was only imported is never silent.
	feed.CompleteUpTo, feed.RecordedAt = max(feed.CompleteUpTo, opt.CompleteTo), at
	row := m.journal(schemas.JournalComplete, in, opt, at, fmt.Sprintf("%s is complete up to %s", feed.Source, feed.CompleteUpTo))
	if err := m.store.WriteFeeds(ctx, row, []schemas.Feed{feed}); err != nil {
		return err
	}
	report.Journal = append(report.Journal, row.ID)
	return nil
}

// receipts gives out received_at: ever later from batch to batch, and of two changes of one agent at one instant the
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
