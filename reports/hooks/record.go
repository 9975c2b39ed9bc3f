package hooks

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// message is the body that is sent.
type message struct {
	ID    string             `json:"id"`
	Event Event              `json:"event"`
	At    schemas.Instant    `json:"at"`
	Agent *schemas.LiveAgent `json:"agent,omitempty"`
	Feed  *feedSilent        `json:"feed,omitempty"`
	Alarm *schemas.Alarm     `json:"alarm,omitempty"`
}

// newID returns a UUID of version 7, which grows.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// take makes deliveries of the notices, to be written and then sent. What does not fit is counted and logged once.
func (h *Hooks) take(notices []notice) {
	now := h.now()
	var rows []schemas.WebhookDelivery
	for i := range notices {
		n := &notices[i]
		body, err := json.Marshal(message{newID(), n.event, n.at, n.agent, n.feed, n.alarm})
		if err != nil { // a state that has no word
			h.deps.Log.WithError(err).WithField("event", n.event).Error("a webhook event cannot be written as JSON")
			h.figures.dropped.Add(uint64(len(n.hooks)))
			continue
		}
		for _, k := range n.hooks {
			rows = append(rows, schemas.WebhookDelivery{
				ID:        newID(),
				Hook:      h.cfg.Hooks[k].URL,
				Event:     string(n.event),
				Body:      string(body),
				State:     schemas.WebhookQueued,
				CreatedAt: now,
				UpdatedAt: now,
				Version:   1,
			})
		}
	}
	h.mu.Lock()
	fits := min(len(rows), max(h.cfg.MostWaiting-len(h.fresh), 0))
	h.fresh = append(h.fresh, rows[:fits]...)
	h.mu.Unlock()
	if lost := len(rows) - fits; lost > 0 {
		h.lose(lost, "webhook events are lost: too many wait for the store")
	}
	h.nudge()
}

func (h *Hooks) lose(n int, why string) {
	h.figures.dropped.Add(uint64(n)) //nolint:gosec // a count
	h.deps.Log.WithField("events", n).Warn(why)
}

// mark notes what has become of a delivery, for the store, and returns the noted version.
func (h *Hooks) mark(d schemas.WebhookDelivery) schemas.WebhookDelivery {
	d.Version++
	d.UpdatedAt = h.now()
	h.mu.Lock()
	h.marks[d.ID] = d
	h.mu.Unlock()
	h.nudge()
	return d
}

// nudge wakes the recorder.
func (h *Hooks) nudge() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// mostAtOnce is how many new deliveries one write holds.
const mostAtOnce = 5000

// record writes what waits, once, and hands new deliveries to their queues after that. again says that more waits.
func (h *Hooks) record(ctx context.Context) (again bool, err error) {
	h.mu.Lock()
	fresh := slices.Clone(h.fresh[:min(len(h.fresh), mostAtOnce)])
	rows := slices.Clone(fresh)
	for _, d := range h.marks {
		rows = append(rows, d)
	}
	h.mu.Unlock()
	if len(rows) == 0 {
		return false, nil
	}
	if err := h.deps.Store.WriteWebhookDeliveries(ctx, rows); err != nil {
		return true, err
	}
	h.mu.Lock()
	h.fresh = slices.Delete(h.fresh, 0, len(fresh))
	for _, d := range rows[len(fresh):] {
		if h.marks[d.ID].Version == d.Version {
			delete(h.marks, d.ID)
		}
	}
	again = len(h.fresh) > 0
	h.mu.Unlock()
	for _, d := range fresh {
		h.queues[d.Hook].offer(d)
	}
	return again, nil
}

// recordAll restores what an earlier run has left, then records until ctx ends, and once more after that.
func (h *Hooks) recordAll(ctx context.Context) {
	away := false
	try := func(do func() (bool, error)) bool {
		again, err := do()
		if err != nil && !away && ctx.Err() == nil {
			h.deps.Log.WithError(err).Warn("webhook deliveries cannot be written; events wait in memory")
		}
		if away = err != nil; !away {
			return again
		}
		select {
		case <-ctx.Done():
		case <-time.After(h.cfg.RecordAgain):
		}
		return ctx.Err() == nil
	}
	for try(func() (bool, error) { return false, h.restore(ctx) }) {
	}
	for ctx.Err() == nil {
		for try(func() (bool, error) { return h.record(ctx) }) {
		}
		select { // a store is better served by few writes of many rows
		case <-ctx.Done():
		case <-time.After(h.cfg.LookEvery):
		}
		select {
		case <-ctx.Done():
		case <-h.wake:
		}
	}
}

// recordRest writes what is left at the end; what the store does not take by then is lost, and counted.
func (h *Hooks) recordRest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	for again, err := true, error(nil); again && err == nil; {
		again, err = h.record(ctx)
	}
	h.mu.Lock()
	lost := len(h.fresh)
	h.mu.Unlock()
	if lost > 0 {
		h.lose(lost, "webhook events are lost: the store was away until the stop")
	}
}

// lastWrite bounds the write at the end.
const lastWrite = 2 * time.Second

// remembered is how far back deliveries can be read; the store forgets them after 30 days.
const remembered = 14 * schemas.DayMS

// most is how many deliveries of an earlier run are read.
const most = 1_000_000

// restore queues what an earlier run has left unsent, in the order in which it was made.
func (h *Hooks) restore(ctx context.Context) error {
	rows, err := h.deps.Store.WebhookDeliveries(ctx, schemas.WebhookQueued, "",
		h.now().Add(-remembered), most)
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(rows) {
		if q, ok := h.queues[d.Hook]; ok {
			q.offer(d)
		} else {
			h.bury(d, ErrNoHook)
		}
	}
	close(h.restored)
	return nil
}

// host returns the part of an address that may be logged; the rest may hold a key.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
