package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// By is who does something, for the journal.
type By struct{ Actor, Origin string }

// ErrInvalid is wrapped by the error of a subscription that is not possible; ErrNoSubscription says that there is none
// with an id.
var (
	ErrInvalid        = errors.New("the subscription is not possible")
	ErrNoSubscription = errors.New("there is no such subscription")
)

// Subscriptions returns every subscription that has not ended, the oldest first.
func (p *Mailer) Subscriptions(ctx context.Context) ([]schemas.Subscription, error) {
	return p.deps.Store.Subscriptions(ctx)
}

// Subscribe begins a subscription. Its id and instants are given here. The first mail comes when it is due next.
func (p *Mailer) Subscribe(ctx context.Context, s schemas.Subscription, by By) (schemas.Subscription, error) {
	if s.Kind == "" {
		s.Kind = schemas.SubscriptionDaily
	}
	errs := []error{s.Validate()}
	for _, r := range s.Recipients {
		errs = append(errs, p.cfg.Allows(r))
	}
	if err := errors.Join(errs...); err != nil {
		return s, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	now := p.now()
	s.ID, s.CreatedAt, s.RecordedAt, s.Ended = uuid.Must(uuid.NewV7()).String(), now, now, false
	row := p.journal(by, fmt.Sprintf("subscribed %d recipients to the %s mail: subscription %s of %q", len(s.Recipients),
		s.Kind, s.ID, s.Owner))
	return s, p.deps.Store.WriteSubscriptions(ctx, row, []schemas.Subscription{s})
}

// Unsubscribe ends a subscription. Mails that are on their way still go out.
func (p *Mailer) Unsubscribe(ctx context.Context, id string, by By) error {
	all, err := p.deps.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s schemas.Subscription) bool { return s.ID == id })
	if i < 0 {
		return fmt.Errorf("subscription %q: %w", id, ErrNoSubscription)
	}
	s := all[i]
	s.Ended, s.RecordedAt = true, max(p.now(), s.RecordedAt+1)
	return p.deps.Store.WriteSubscriptions(ctx, p.journal(by, fmt.Sprintf("ended subscription %s of %q", s.ID, s.Owner)),
		[]schemas.Subscription{s})
}

func (p *Mailer) journal(by By, detail string) schemas.JournalRow {
	return schemas.JournalRow{
		ID:         uuid.Must(uuid.NewV7()).String(),
		RecordedAt: p.now(),
		Actor:      by.Actor,
		Origin:     by.Origin,
		Kind:       schemas.JournalReport,
		Detail:     detail,
	}
}

// DeliveryList returns the deliveries of the last days, the newest first.
func (p *Mailer) DeliveryList(ctx context.Context, days int) ([]schemas.Delivery, error) {
	return p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(int64(days) * schemas.DayMS)})
}

// deliverFor is how long Deliver waits for another process to send.
const deliverFor = 2 * time.Minute

// Deliver sends the deliveries now, once each, and returns what became of them. Where another process owns the outbox,
// such as the daemon, it waits for that one to try.
func (p *Mailer) Deliver(ctx context.Context, ids []string) ([]schemas.Delivery, error) {
	release, err := p.deps.Outbox.take()
	switch {
	case errors.Is(err, errTaken):
		err = p.await(ctx, ids)
	case err == nil:
		if err = p.recover(ctx); err == nil {
			_, err = p.Send(ctx)
		}
		err = errors.Join(err, release())
	}
	if err != nil {
		return nil, err
	}
	return p.deliveries(ctx, ids)
}

func (p *Mailer) deliveries(ctx context.Context, ids []string) ([]schemas.Delivery, error) {
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(remembered)})
	return slices.DeleteFunc(rows, func(d schemas.Delivery) bool { return !slices.Contains(ids, d.ID) }), err
}

// await waits until each delivery was tried.
func (p *Mailer) await(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(ctx, deliverFor)
	defer cancel()
	for {
		rows, err := p.deliveries(ctx, ids)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rows,
			func(d schemas.Delivery) bool { return d.State == schemas.DeliveryQueued && d.Attempts == 0 }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the process that owns the outbox has not tried to send yet: %w", ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

// SubscriptionRow is a subscription as people and programs see it: times of day as 06:30.
type SubscriptionRow struct {
	ID         string                   `json:"id"`
	Kind       schemas.SubscriptionKind `json:"kind"`
	Owner      string                   `json:"owner"`
	Recipients []string                 `json:"recipients"`
	Teams      []string                 `json:"teams"`
	Sites      []string                 `json:"sites"`
	At         string                   `json:"at"`
	TimeZone   string                   `json:"time_zone"`
	// Until and EveryMinutes are those of a digest; null otherwise.
	Until        *string         `json:"until"`
	EveryMinutes *int            `json:"every_minutes"`
	SkipEmpty    bool            `json:"skip_empty"`
	Workbook     bool            `json:"workbook"`
	CreatedAt    schemas.Instant `json:"created_at"`
}

// RowOf returns the subscription as people see it.
func RowOf(s *schemas.Subscription) SubscriptionRow {
	r := SubscriptionRow{
		ID:         s.ID,
		Kind:       s.Kind,
		Owner:      s.Owner,
		Recipients: s.Recipients,
		Teams:      append([]string{}, s.Teams...), // JSON writes no null
		Sites:      append([]string{}, s.Sites...),
		At:         schemas.ClockText(s.At),
		TimeZone:   s.TimeZone,
		SkipEmpty:  s.SkipEmpty,
		Workbook:   !s.NoWorkbook,
		CreatedAt:  s.CreatedAt,
	}
	if s.Kind == schemas.SubscriptionDigest {
		until := schemas.ClockText(s.Until)
		r.Until, r.EveryMinutes = &until, &s.Every
	}
	return r
}

// Enabled says whether there is a mail server, so that mails are made and sent.
func (p *Mailer) Enabled() bool { return p.cfg.Enabled() }
