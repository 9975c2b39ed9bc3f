package app

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"rollcall/reports/hooks"
)

// makeHooks prepares the webhooks.
func (d *Daemon) makeHooks() error {
	hc := hooks.DefaultConfig()
	hc.Hooks = d.config.Hooks()
	var err error
	if d.hooks, err = hooks.New(hc, hooks.Deps{Board: d.board, Store: d.store, Clock: Clock, Log: d.log}); err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	return nil
}

// runHooks tells of what happens from when the board has been read for the first time.
func (d *Daemon) runHooks(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.ready:
		return d.hooks.Run(ctx)
	}
}

// measureHooks registers the figures of webhooks.
func (d *Daemon) measureHooks(r *prometheus.Registry) {
	counter := func(name, help string, value func(hooks.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(d.hooks.Stats())) }))
	}
	gauge := func(name, help string, value func(hooks.Stats) int) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value(d.hooks.Stats())) }))
	}
	counter("rollcall_webhook_delivered_total", "webhook deliveries that a receiver has taken", func(s hooks.Stats) uint64 { return s.Delivered })
	counter("rollcall_webhook_failed_attempts_total", "attempts that failed and are followed by another", func(s hooks.Stats) uint64 { return s.FailedAttempts })
	counter("rollcall_webhook_dead_total", "webhook deliveries that were given up", func(s hooks.Stats) uint64 { return s.Dead })
	counter("rollcall_webhook_dropped_total", "webhook events lost because the store was away too long", func(s hooks.Stats) uint64 { return s.Dropped })
	gauge("rollcall_webhook_queued", "webhook deliveries that are to be sent", func(s hooks.Stats) int { return s.Queued })
	gauge("rollcall_webhook_waiting", "webhook deliveries that the store does not have yet", func(s hooks.Stats) int { return s.Waiting })
}
