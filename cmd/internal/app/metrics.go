package app

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"rollcall/ingest/watchfolder"
	"rollcall/schemas"
)

// figures registers what components measure; values are read when somebody asks for the metrics.
type figures struct{ *prometheus.Registry }

// figure registers a number, which only grows where its name ends in _total; labels are pairs of name and value.
func figure[N int | int64 | uint64 | float64](f figures, name, help string, value func() N, labels ...string) {
	opts := prometheus.Opts{Name: name, Help: help, ConstLabels: prometheus.Labels{}}
	for pair := range slices.Chunk(labels, 2) {
		opts.ConstLabels[pair[0]] = pair[1]
	}
	float := func() float64 { return float64(value()) }
	if strings.HasSuffix(name, "_total") {
		f.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts(opts), float))
	} else {
		f.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts(opts), float))
	}
}

func (d *Daemon) measureReadiness(f figures) {
	f.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	figure(f, "rollcall_ready", "1 when every part is ready", func() int { return 1 - min(1, len(d.state.reasons())) })
}

func (d *Daemon) measureSpool(f figures) {
	stats := d.spool.Stats
	figure(f, "rollcall_spool_pending_changes", "changes on disk that the store does not have yet",
		func() int64 { return stats().PendingChanges })
	figure(f, "rollcall_spool_pending_bytes", "bytes of the spool on disk", func() int64 { return stats().PendingBytes })
	figure(f, "rollcall_spool_oldest_seconds", "age of the oldest batch that the store does not have yet",
		func() float64 {
			oldest := stats().OldestReceivedAt
			if oldest == 0 {
				return 0
			}
			return float64(Now().Sub(oldest)) / 1000
		})
	figure(f, "rollcall_changes_accepted_total", "status changes accepted since the start",
		func() int64 { return stats().Accepted })
	figure(f, "rollcall_changes_duplicate_total", "status changes that were known already",
		func() int64 { return stats().Duplicates })
	figure(f, "rollcall_changes_written_total", "status changes written to the store",
		func() int64 { return stats().Written })
}

func (d *Daemon) measureJournal(f figures) {
	figure(f, "rollcall_journal_lost_total", "sign-ins and other notes that never reached the journal",
		d.journal.lost.Load)
}

func (d *Daemon) measureHooks(f figures) {
	stats := d.hooks.Stats
	figure(f, "rollcall_webhook_delivered_total", "webhook deliveries that a receiver has accepted",
		func() uint64 { return stats().Delivered })
	figure(f, "rollcall_webhook_failed_attempts_total", "attempts that failed and are followed by another",
		func() uint64 { return stats().FailedAttempts })
	figure(f, "rollcall_webhook_dead_total", "webhook deliveries that were given up",
		func() uint64 { return stats().Dead })
	figure(f, "rollcall_webhook_dropped_total", "webhook events lost because the store was away too long",
		func() uint64 { return stats().Dropped })
	figure(f, "rollcall_webhook_queued", "webhook deliveries that are to be sent",
		func() int { return stats().Queued })
	figure(f, "rollcall_webhook_waiting", "webhook deliveries that the store does not have yet",
		func() int { return stats().Waiting })
}

func (d *Daemon) measureMail(f figures) {
	stats := d.mail.Stats
	figure(f, "rollcall_mail_sent_total", "mails that the mail server has accepted",
		func() uint64 { return stats().Sent })
	figure(f, "rollcall_mail_failed_attempts_total", "attempts that failed and are followed by another",
		func() uint64 { return stats().FailedAttempts })
	figure(f, "rollcall_mail_refused_total", "mails that the mail server refuses for good",
		func() uint64 { return stats().Refused })
	figure(f, "rollcall_mail_in_doubt_total", "mails that may or may not have been accepted",
		func() uint64 { return stats().InDoubt })
	figure(f, "rollcall_mail_given_up_total", "mails that were tried for too long",
		func() uint64 { return stats().GivenUp })
	figure(f, "rollcall_mail_alarms", "mails that were due and did not go out", func() int { return stats().Alarms })
}

func (d *Daemon) measureFolders(f figures) {
	for result, count := range map[string]func(watchfolder.Stats) uint64{
		"done":     func(s watchfolder.Stats) uint64 { return s.Done },
		"rejected": func(s watchfolder.Stats) uint64 { return s.Rejected },
		"failed":   func(s watchfolder.Stats) uint64 { return s.Failed },
	} {
		figure(f, "rollcall_watched_files_total", "Files of watched folders by result.",
			func() uint64 { return count(d.folders.Stats()) }, "result", result)
	}
}

func (d *Daemon) measureAlarms(f figures) {
	figure(f, "rollcall_alarms", "what an admin has to know now: overdue jobs, reports that could not be made or sent, "+
		"files that could not be imported, silent feeds", func() int { return len(d.alarms()) })
}

func (d *Daemon) measureFeeds(f figures) {
	labels := []string{"source"}
	f.MustRegister(&feedCollector{d.watch.Feeds,
		prometheus.NewDesc("rollcall_feed_silent", "1 while the feed is silent and its agents are unknown", labels, nil),
		prometheus.NewDesc("rollcall_feed_last_seen_seconds", "time since the last sign of life of the feed", labels, nil)})
}

// feedCollector reports the signs of life of every feed.
type feedCollector struct {
	signs        func() []schemas.FeedHealth
	silent, seen *prometheus.Desc
}

// Describe lists the figures.
func (f *feedCollector) Describe(out chan<- *prometheus.Desc) { out <- f.silent; out <- f.seen }

// Collect reports the figures of this moment.
func (f *feedCollector) Collect(out chan<- prometheus.Metric) {
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
