package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
)

// journalQueue holds journal rows on their way into the store, such as sign-ins, which must not wait for it. A bounded
// number waits in memory while the store is away; what does not fit is counted, and is in the log all the same.
type journalQueue struct {
	write func(context.Context, schemas.JournalRow) error
	log   logrus.FieldLogger
	rows  chan schemas.JournalRow
	lost  atomic.Uint64
}

// mostJournalRows is how many rows wait at most.
const mostJournalRows = 4096

// add puts a row into the queue, or counts it as lost.
func (q *journalQueue) add(row schemas.JournalRow) {
	select {
	case q.rows <- row:
	default:
		q.drop(&row, "a journal row is lost: too many wait for the store")
	}
}

// run writes the rows until ctx ends. A row is tried again every second until the store has it; twice is once, by its
// id.
func (q *journalQueue) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case row := <-q.rows:
			for q.write(ctx, row) != nil {
				select {
				case <-ctx.Done():
					q.add(row)
					return nil
				case <-time.After(time.Second):
				}
			}
		}
	}
}

// drain writes what is left at the end, once, and counts what the store does not take.
func (q *journalQueue) drain(ctx context.Context) {
	for {
		select {
		case row := <-q.rows:
			if err := q.write(ctx, row); err != nil {
				q.drop(&row, "a journal row is lost: the store was away until the stop")
			}
		default:
			return
		}
	}
}

// drop counts a row as lost and leaves it in the log.
func (q *journalQueue) drop(row *schemas.JournalRow, why string) {
	q.lost.Add(1)
	q.log.WithField("actor", row.Actor).WithField("origin", row.Origin).WithField("detail", row.Detail).Warn(why)
}
