package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"rollcall/ingest/silence"
	"rollcall/schemas"
)

// makeWatch prepares the watch over feeds that fall silent.
func (d *Daemon) makeWatch() error {
	cfg := silence.DefaultConfig()
	cfg.SilentAfter, cfg.Each = d.config.Feeds.SilentAfter, d.config.Feeds.Patience()
	var err error
	d.watch, err = silence.New(cfg, silence.Deps{Store: d.store, Accept: d.spool.Accept, Silence: func(since map[string]schemas.Instant) { d.board.Silence(since) },
		Fallen: func(source string, since schemas.Instant) { d.hooks.FeedSilent(source, since) },
		Told:   d.told, Log: d.log, Clock: Clock})
	return err
}

// told says whether a source has told of any agent on the board.
func (d *Daemon) told(source string) bool {
	agents, _ := d.board.Told(source)
	return len(agents) > 0
}

// runWatch watches the feeds from when the daemon is ready.
func (d *Daemon) runWatch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.ready:
		return d.watch.Run(ctx)
	}
}

// feedFigures gives the signs of life of each feed as metrics.
type feedFigures struct {
	signs        func() []schemas.FeedSign
	silent, seen *prometheus.Desc
}

func (d *Daemon) measureFeeds(r *prometheus.Registry) {
	labels := []string{"source"}
	r.MustRegister(&feedFigures{d.watch.Feeds,
		prometheus.NewDesc("rollcall_feed_silent", "1 while the feed is silent and its agents are unknown", labels, nil),
		prometheus.NewDesc("rollcall_feed_last_seen_seconds", "time since the last sign of life of the feed", labels, nil)})
}

// Describe lists the figures.
func (f *feedFigures) Describe(out chan<- *prometheus.Desc) { out <- f.silent; out <- f.seen }

// Collect gives the figures of this moment.
func (f *feedFigures) Collect(out chan<- prometheus.Metric) {
	now := Now()
	for _, sign := range f.signs() {
		silent := 0.0
		if sign.SilentSince != 0 {
			silent = 1
		}
		out <- prometheus.MustNewConstMetric(f.silent, prometheus.GaugeValue, silent, sign.Source)
		out <- prometheus.MustNewConstMetric(f.seen, prometheus.GaugeValue, float64(now.Sub(sign.LastSeen))/1000, sign.Source)
	}
}
