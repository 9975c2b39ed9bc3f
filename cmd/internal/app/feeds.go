package app

import (
	"fmt"

	"rollcall/ingest/silence"
	"rollcall/reports/hooks"
	"rollcall/schemas"
)

// makeHooks prepares the webhooks.
func (d *Daemon) makeHooks() error {
	hc := hooks.DefaultConfig()
	hc.Hooks = d.config.Webhooks
	var err error
	if d.hooks, err = hooks.New(hc, hooks.Deps{Board: d.board, Store: d.store, Clock: Clock, Log: d.log}); err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	return nil
}

// makeFeeds prepares the watch over feeds that fall silent.
func (d *Daemon) makeFeeds() error {
	cfg := silence.DefaultConfig()
	cfg.SilentAfter, cfg.Each = d.config.Feeds.SilentAfter, d.config.Feeds.Patience()
	var err error
	d.watch, err = silence.New(cfg, silence.Deps{
		Store:    d.store,
		Accept:   d.spool.Accept,
		Silence:  func(since map[string]schemas.Instant) { d.board.Silence(since) },
		Fell:     func(source string, since schemas.Instant) { d.hooks.FeedSilent(source, since) },
		Supplies: d.supplies,
		Log:      d.log,
		Clock:    Clock,
	})
	return err
}

// supplies says whether a source supplies the state of any agent on the board.
func (d *Daemon) supplies(source string) bool {
	agents, _ := d.board.Reported(source)
	return len(agents) > 0
}
