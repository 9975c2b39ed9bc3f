package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteSubscriptions adds subscriptions, or newer versions of them, and then the journal row of the write, which
// changes no judged day.
func (s *Store) WriteSubscriptions(ctx context.Context, row schemas.JournalRow, list []schemas.Subscription) error {
	if err := insert(ctx, s, "subscriptions_store", fieldsOf, list); err != nil {
		return err
	}
	return s.WriteJournal(ctx, row)
}

// Subscriptions returns every subscription that has not ended, the oldest first.
func (s *Store) Subscriptions(ctx context.Context) ([]schemas.Subscription, error) {
	return all(ctx, s, "read subscriptions", query("subscriptions"), fieldsOf[schemas.Subscription])
}

// WriteDeliveries adds deliveries, or newer versions of them (same ID and DueAt). They change no judged day and need no
// journal row.
func (s *Store) WriteDeliveries(ctx context.Context, rows []schemas.Delivery) error {
	return insert(ctx, s, "deliveries_store", fieldsOf, rows)
}

// Deliveries returns the deliveries of the query, those that were due last first.
func (s *Store) Deliveries(ctx context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error) {
	conditions := []string{"due_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"}
	texts := map[string]string{"id": q.ID, "subscription": q.Subscription, "state": string(q.State),
		"kind": string(q.Kind)}
	for column, value := range texts {
		if value != "" {
			conditions = append(conditions, column+" = unhex({"+column+":String})")
		}
	}
	if q.Day != 0 {
		conditions = append(conditions, "day = toDate32({day:Int32})")
	}
	figures := ""
	if q.Figures {
		figures = "told,"
	}
	sql := query("deliveries", conditions...).put("columns", figures).
		number("since", int64(q.Since)).number("limit", int64(q.Limit)).number("day", int64(q.Day))
	for column, value := range texts {
		sql.text(column, value)
	}
	return all(ctx, s, "read deliveries", sql, fieldsOf[schemas.Delivery])
}

// JournalTouching returns the journal rows written after since whose range overlaps the interval, oldest first, at most
// limit: why results of that time may have changed. Both since and now are by the caller's clock, from which the
// server's may differ.
func (s *Store) JournalTouching(ctx context.Context, since, now schemas.Instant, in schemas.Interval,
	limit int) ([]schemas.JournalRow, error) {
	q := query("journal_touching").number("ago_ms", now.Sub(since)).number("from", int64(in.Start)).
		number("to", int64(in.End)).number("limit", int64(limit))
	return all(ctx, s, "read the journal", q, fieldsOf[schemas.JournalRow])
}

// judgedDay is a day with the instant at which its last result was written.
type judgedDay struct {
	JudgedDay schemas.Date
	JudgedAt  schemas.Instant
}

// DaysJudged returns the days from the first on of which a result of the current schedule was written after an instant,
// each with the instant of the last one.
func (s *Store) DaysJudged(ctx context.Context, from schemas.Date,
	after schemas.Instant) (map[schemas.Date]schemas.Instant, error) {
	q := query("days_judged").number("from", int64(from)).number("after", int64(after))
	rows, err := all(ctx, s, "read which days were judged", q, fieldsOf[judgedDay])
	out := map[schemas.Date]schemas.Instant{}
	for _, d := range rows {
		out[d.JudgedDay] = d.JudgedAt
	}
	return out, err
}
