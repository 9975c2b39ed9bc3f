package chstore

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/ClickHouse/ch-go"

	"rollcall/schemas"
)

const (
	// daysPerBlock and intervalsPerBlock bound a block of results; a writer holds two blocks.
	daysPerBlock      = 4096
	intervalsPerBlock = 1 << 17
)

// bulkInsert is how big rows that come sorted and once are inserted: in parts of at most 64 MB, because gathering the
// default of 256 MB takes several times that from the server's memory for every writer; and without merging the block
// with itself first, which took 0.8 of 1.2 s of the server's user time for 140,000 days and would find nothing.
var bulkInsert = []ch.Setting{
	{Key: "min_insert_block_size_bytes", Value: "67108864", Important: true},
	{Key: "optimize_on_insert", Value: "0", Important: true},
}

// DayWriter writes judged days. Rows are gathered in a block while the one before is on its way, so that the caller
// computes while the server stores. It is for one goroutine; several writers may be at work. Days become visible in
// blocks as the server takes them, each day as a whole.
type DayWriter struct {
	s       *Store
	ctx     context.Context //nolint:containedctx // lives from NewDayWriter to Close
	against string

	filling *dayBlock
	months  monthSet
	ready   chan *dayBlock
	empty   chan *dayBlock
	done    chan struct{}
	open    bool
	// err is the first error of an insert; while one is open it may be read once done is closed.
	err error
}

// NewDayWriter returns a writer of days judged against the schedule named: current or as_published. It connects with
// the first full block.
func (s *Store) NewDayWriter(ctx context.Context, against string) *DayWriter {
	w := &DayWriter{s: s, ctx: ctx, against: against, filling: newDayBlock(true, true), empty: make(chan *dayBlock, 1)}
	w.empty <- newDayBlock(true, true)
	return w
}

// Append takes a judged day; it copies what it needs.
func (w *DayWriter) Append(d *schemas.DayRow) error { return w.add(d, false) }

// Delete records that the day does not exist any more, as known at known.
func (w *DayWriter) Delete(agent string, day schemas.Date, known schemas.Instant) error {
	return w.add(&schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: agent, Day: day}, KnownAt: known}, true)
}

func (w *DayWriter) add(d *schemas.DayRow, deleted bool) error {
	if w.filling == nil {
		return errClosed
	}
	if !w.months.takeDay(d.Day) {
		if err := w.Flush(); err != nil {
			return err
		}
		w.months.takeDay(d.Day)
	}
	w.filling.add(d, w.against, deleted)
	if w.filling.rows() < daysPerBlock && w.filling.intervals < intervalsPerBlock {
		return nil
	}
	return w.send()
}

var errClosed = errors.New("the writer of days is closed")

// send hands the block to the goroutine that sends and takes the other one.
func (w *DayWriter) send() error {
	if !w.open {
		if w.err != nil {
			return w.err
		}
		w.open, w.ready, w.done = true, make(chan *dayBlock), make(chan struct{})
		go w.run(w.ready, w.done)
	}
	select {
	case w.ready <- w.filling:
	case <-w.done:
		return w.err
	}
	select {
	case w.filling = <-w.empty:
	case <-w.done:
		w.filling = newDayBlock(true, true)
		return w.err
	}
	return nil
}

// run is one insert: it sends blocks until ready is closed.
func (w *DayWriter) run(ready <-chan *dayBlock, done chan<- struct{}) {
	defer close(done)
	var sending *dayBlock
	input := newDayBlock(true, true).input()
	// take hands back the block that was sent and points the insert to the next one.
	take := func(ctx context.Context) error {
		if sending != nil {
			sending.reset()
			w.empty <- sending
			sending = nil
		}
		select {
		case b, ok := <-ready:
			if !ok {
				return io.EOF
			}
			sending = b
			copy(input, b.input())
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := w.s.do(w.ctx, ch.Query{Body: input.Into("adherence_days_store"), Input: input, OnInput: take,
		Settings: bulkInsert})
	w.err = wrap("insert agent-days", err)
}

// Flush waits until everything that was appended is confirmed by the server.
func (w *DayWriter) Flush() error {
	if w.filling == nil {
		return errClosed
	}
	var err error
	if w.filling.rows() > 0 {
		err = w.send()
	}
	if w.open {
		close(w.ready)
		<-w.done
		w.open = false
	}
	w.months = monthSet{}
	return cmp.Or(err, w.err)
}

// Close flushes and ends the writer. Closing a writer twice does nothing.
func (w *DayWriter) Close() error {
	if w.filling == nil {
		return nil
	}
	err := w.Flush()
	w.filling = nil
	return err
}
