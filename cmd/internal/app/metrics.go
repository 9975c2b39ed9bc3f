package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"rollcall/ingest/watchfolder"
	"rollcall/schemas"
)

// figures registers what components measure; values are read when somebody asks for the metrics.
type figures struct{ *prometheus.Registry }

func (f figures) gauge(name, help string, value func() float64) {
	f.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// counter registers a number that only grows; labels are pairs of name and value.
func counter[N int64 | uint64](f figures, name, help string, value func() N, labels ...string) {
	opts := prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{}}
	for i := 0; i+1 < len(labels); i += 2 {
		opts.ConstLabels[labels[i]] = labels[i+1]
	}
	f.MustRegister(prometheus.NewCounterFunc(opts, func() float64 { return float64(value()) }))
}

func (d *Daemon) measureReadiness(f figures) {
	f.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f.gauge("rollcall_ready", "1 when every part is ready", func() float64 {
		if len(d.state.reasons()) == 0 {
			return 1
		}
		return 0
	})
}

func (d *Daemon) measureSpool(f figures) {
	stats := d.spool.Stats
	f.gauge("rollcall_spool_pending_changes", "changes on disk that the store does not have yet",
		func() float64 { return float64(stats().PendingChanges) })
	f.gauge("rollcall_spool_pending_bytes", "bytes of the spool on disk",
		func() float64 { return float64(stats().PendingBytes) })
	f.gauge("rollcall_spool_oldest_seconds", "age of the oldest batch that the store does not have yet", func() float64 {
		oldest := stats().OldestReceivedAt
		if oldest == 0 {
			return 0
		}
		return float64(Now().Sub(oldest)) / 1000
	})
	counter(f, "rollcall_changes_accepted_total", "status changes accepted since the start",
		func() int64 { return stats().Accepted })
	counter(f, "rollcall_changes_duplicate_total", "status changes that were known already",
		func() int64 { return stats().Duplicates })
	counter(f, "rollcall_changes_written_total", "status changes written to the store",
		func() int64 { return stats().Written })
}

func (d *Daemon) measureJournal(f figures) {
	counter(f, "rollcall_journal_lost_total", "sign-ins and other notes that never reached the journal",
		d.journal.lost.Load)
}

func (d *Daemon) measureHooks(f figures) {
	stats := d.hooks.Stats
	counter(f, "rollcall_webhook_delivered_total", "webhook deliveries that a receiver has accepted",
		func() uint64 { return stats().Delivered })
	counter(f, "rollcall_webhook_failed_attempts_total", "attempts that failed and are followed by another",
		func() uint64 { return stats().FailedAttempts })
	counter(f, "rollcall_webhook_dead_total", "webhook deliveries that were given up",
		func() uint64 { return stats().Dead })
	counter(f, "rollcall_webhook_dropped_total", "webhook events lost because the store was away too long",
		func() uint64 { return stats().Dropped })
	f.gauge("rollcall_webhook_queued", "webhook deliveries that are to be sent",
		func() float64 { return float64(stats().Queued) })
	f.gauge("rollcall_webhook_waiting", "webhook deliveries that the store does not have yet",
		func() float64 { return float64(stats().Waiting) })
}

func (d *Daemon) measureMail(f figures) {
	stats := d.mail.Stats
	counter(f, "rollcall_mail_sent_total", "mails that the mail server has accepted",
		func() uint64 { return stats().Sent })
	counter(f, "rollcall_mail_failed_attempts_total", "attempts that failed and are followed by another",
		func() uint64 { return stats().FailedAttempts })
	counter(f, "rollcall_mail_refused_total", "mails that the mail server refuses for good",
		func() uint64 { return stats().Refused })
	counter(f, "rollcall_mail_in_doubt_total", "mails that may or may not have been accepted",
		func() uint64 { return stats().InDoubt })
	counter(f, "rollcall_mail_given_up_total", "mails that were tried for too long",
		func() uint64 { return stats().GivenUp })
	f.gauge("rollcall_mail_alarms", "mails that were due and did not go out",
		func() float64 { return float64(stats().Alarms) })
}

func (d *Daemon) measureFolders(f figures) {
	for result, count := range map[string]func(watchfolder.Stats) uint64{
		"done":     func(s watchfolder.Stats) uint64 { return s.Done },
		"rejected": func(s watchfolder.Stats) uint64 { return s.Rejected },
		"failed":   func(s watchfolder.Stats) uint64 { return s.Failed },
	} {
		counter(f, "rollcall_watched_files_total", "Files of watched folders by result.",
			func() uint64 { return count(d.folders.Stats()) }, "result", result)
	}
}

func (d *Daemon) measureAlarms(f figures) {
	f.gauge("rollcall_alarms", "what an admin has to know now: overdue jobs, reports that could not be made or sent, "+
		"files that could not be imported, silent feeds", func() float64 { return float64(len(d.alarms())) })
}

func (d *Daemon) measureFeeds(f figures) {
	labels := []string{"source"}
	f.MustRegister(&feedCollector{d.watch.Feeds,
		prometheus.NewDesc("rollcall_feed_silent", "1 while the feed is silent and its agents are unknown", labels, nil),
		prometheus.NewDesc("rollcall_feed_last_seen_seconds", "time since the last sign of life of the feed", labels, nil)})
}

// feedCollector reports the signs of life of every feed.
type feedCollector struct {
	signs        func() []schemas.FeedSign
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
