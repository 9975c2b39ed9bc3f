package hooks

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"

	"rollcall/schemas"
)

// queue holds the deliveries of one hook in order, and sends them.
type queue struct {
	hooks  *Hooks
	hook   *Hook
	client *http.Client
	rows   chan schemas.WebhookDelivery
}

func newQueue(h *Hooks, hook *Hook) *queue {
	return &queue{h, hook, newClient(hook, h.cfg.Timeout), make(chan schemas.WebhookDelivery, h.cfg.MostQueued)}
}

// offer puts a recorded delivery at the end; one that does not fit is dead.
func (q *queue) offer(d schemas.WebhookDelivery) {
	select {
	case q.rows <- d:
	default:
		q.hooks.bury(d, errFull)
	}
}

var errFull = errors.New("too many deliveries waited for this webhook; see to its receiver, then replay")

// run sends until ctx ends.
func (q *queue) run(ctx context.Context) {
	defer q.client.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			return
		case d := <-q.rows:
			q.deliver(ctx, d)
		}
	}
}

// deliver tries until the receiver has taken the delivery or it is given up. One that ctx cuts off stays queued.
func (q *queue) deliver(ctx context.Context, d schemas.WebhookDelivery) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval, pause.Multiplier = q.hooks.cfg.FirstWait, q.hooks.cfg.LongestWait, 2
	pause.Reset()
	for {
		err := q.send(ctx, &d, q.hooks.deps.Clock())
		if err != nil && ctx.Err() != nil {
			return
		}
		d.Attempts++
		var permanent *backoff.PermanentError
		switch {
		case err == nil:
			q.hooks.figures.delivered.Add(1)
			d.State, d.LastError = schemas.WebhookDelivered, ""
			q.hooks.mark(d)
			return
		case errors.As(err, &permanent), d.Attempts >= q.hooks.cfg.Attempts:
			q.hooks.bury(d, err)
			return
		}
		q.hooks.figures.failed.Add(1)
		d.LastError = err.Error()
		d = q.hooks.mark(d)
		next := min(pause.NextBackOff(), q.hooks.cfg.LongestWait)
		var asked *later
		if errors.As(err, &asked) {
			next = min(max(next, asked.after), q.hooks.cfg.LongestWait)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// bury makes a delivery a dead letter.
func (h *Hooks) bury(d schemas.WebhookDelivery, why error) {
	h.figures.dead.Add(1)
	d.State, d.LastError = schemas.WebhookDead, why.Error()
	h.mark(d)
	h.deps.Log.WithField("webhook", host(d.Hook)).WithField("delivery", d.ID).WithField("event",
		d.Event).WithField("attempts", d.Attempts).
		WithField("reason", d.LastError).Warn("a webhook delivery is given up; it can be replayed")
}
