package chstore

import (
	"context"
	"slices"

	"rollcall/schemas"
)

func subscriptionColumns() []column[schemas.Subscription] {
	type row = schemas.Subscription
	return []column[row]{
		text("id", func(s *row) *string { return &s.ID }),
		fewText("kind", func(s *row) *schemas.SubscriptionKind { return &s.Kind }),
		text("owner_id", func(s *row) *string { return &s.OwnerID }),
		text("owner", func(s *row) *string { return &s.Owner }),
		textList("recipients", func(s *row) *[]string { return &s.Recipients }),
		textList("teams", func(s *row) *[]string { return &s.Teams }),
		textList("sites", func(s *row) *[]string { return &s.Sites }),
		count("at_minute", func(s *row) *int { return &s.At }),
		count("until_minute", func(s *row) *int { return &s.Until }),
		count("every", func(s *row) *int { return &s.Every }),
		fewText("time_zone", func(s *row) *string { return &s.TimeZone }),
		flag("skip_empty", func(s *row) *bool { return &s.SkipEmpty }),
		flag("no_workbook", func(s *row) *bool { return &s.NoWorkbook }),
		flag("ended", func(s *row) *bool { return &s.Ended }),
		instant("created_at", func(s *row) *schemas.Instant { return &s.CreatedAt }),
		instant("recorded_at", func(s *row) *schemas.Instant { return &s.RecordedAt }),
	}
}

// WriteSubscriptions adds subscriptions, or newer versions of them, and then the journal row of the write, which changes no
// judged day.
func (s *Store) WriteSubscriptions(ctx context.Context, row schemas.JournalRow, list []schemas.Subscription) error {
	if err := insert(ctx, s, "subscriptions_store", subscriptionColumns(), list); err != nil {
		return err
	}
	return s.WriteJournal(ctx, row)
}

// Subscriptions gives every subscription that has not ended, the oldest first.
func (s *Store) Subscriptions(ctx context.Context) ([]schemas.Subscription, error) {
	rows, err := all(ctx, s, query("subscriptions"), nil, subscriptionColumns())
	return rows, wrap("read subscriptions", err)
}

func deliveryColumns(told bool) []column[schemas.Delivery] {
	type row = schemas.Delivery
	list := []column[row]{
		instant("due_at", func(d *row) *schemas.Instant { return &d.DueAt }),
		text("id", func(d *row) *string { return &d.ID }),
		fewText("kind", func(d *row) *schemas.DeliveryKind { return &d.Kind }),
		text("subscription", func(d *row) *string { return &d.Subscription }),
		date("day", func(d *row) *schemas.Date { return &d.Day }),
		text("recipient", func(d *row) *string { return &d.Recipient }),
		text("subject", func(d *row) *string { return &d.Subject }),
		text("message_id", func(d *row) *string { return &d.MessageID }),
		text("hash", func(d *row) *string { return &d.Hash }),
		count("size", func(d *row) *int { return &d.Size }),
		fewText("state", func(d *row) *schemas.DeliveryState { return &d.State }),
		count("attempts", func(d *row) *int { return &d.Attempts }),
		instant("next_at", func(d *row) *schemas.Instant { return &d.NextAt }),
		text("last_error", func(d *row) *string { return &d.LastError }),
		text("told", func(d *row) *string { return &d.Told }),
		instant("created_at", func(d *row) *schemas.Instant { return &d.CreatedAt }),
		instant("updated_at", func(d *row) *schemas.Instant { return &d.UpdatedAt }),
		count("version", func(d *row) *int { return &d.Version }),
	}
	if !told {
		list = slices.DeleteFunc(list, func(c column[row]) bool { return c().name == "told" })
	}
	return list
}

// WriteDeliveries adds deliveries, or newer versions of them (same ID and DueAt). They change no judged day and need no
// journal row.
func (s *Store) WriteDeliveries(ctx context.Context, rows []schemas.Delivery) error {
	return insert(ctx, s, "deliveries_store", deliveryColumns(true), rows)
}

// Deliveries gives the deliveries of the query, those that were due last first.
func (s *Store) Deliveries(ctx context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error) {
	p := params{}.number("since", int64(q.Since)).number("limit", int64(q.Limit))
	conditions := []string{"due_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"}
	for _, c := range []struct{ column, value string }{{"id", q.ID}, {"subscription", q.Subscription}, {"state", string(q.State)}, {"kind", string(q.Kind)}} {
		if c.value != "" {
			p.text(c.column, c.value)
			conditions = append(conditions, c.column+" = unhex({"+c.column+":String})")
		}
	}
	if q.Day != 0 {
		p.number("day", int64(q.Day))
		conditions = append(conditions, "day = toDate32({day:Int32})")
	}
	told := ""
	if q.Told {
		told = "told,"
	}
	rows, err := all(ctx, s, withColumns(query("deliveries", conditions...), told), p, deliveryColumns(q.Told))
	return rows, wrap("read deliveries", err)
}

// JournalTouching gives the journal rows written after since whose range overlaps the interval, oldest first, at most limit:
// why results of that time may have changed.
func (s *Store) JournalTouching(ctx context.Context, since schemas.Instant, in schemas.Interval, limit int) ([]schemas.JournalRow, error) {
	p := params{}.number("since", int64(since)).number("from", int64(in.Start)).number("to", int64(in.End)).number("limit", int64(limit))
	rows, err := all(ctx, s, query("journal_touching"), p, journalColumns())
	return rows, wrap("read the journal", err)
}

// judgedDay is a day with the instant at which its last result was written.
type judgedDay struct {
	day schemas.Date
	at  schemas.Instant
}

// DaysJudged gives the days from the first on of which a result of the current schedule was written after an instant, each
// with the instant of the last one.
func (s *Store) DaysJudged(ctx context.Context, from schemas.Date, after schemas.Instant) (map[schemas.Date]schemas.Instant, error) {
	columns := []column[judgedDay]{date("judged_day", func(d *judgedDay) *schemas.Date { return &d.day }),
		instant("judged_at", func(d *judgedDay) *schemas.Instant { return &d.at })}
	rows, err := all(ctx, s, query("days_judged"), params{}.number("from", int64(from)).number("after", int64(after)), columns)
	out := map[schemas.Date]schemas.Instant{}
	for _, d := range rows {
		out[d.day] = d.at
	}
	return out, wrap("read which days were judged", err)
}
