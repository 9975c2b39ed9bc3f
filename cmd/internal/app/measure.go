package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// measure registers the figures of the way in and of readiness; the web registers its own.
func (d *Daemon) measure(r *prometheus.Registry) {
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
	}
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge("rollcall_ready", "1 when every part is ready", func() float64 {
		if len(d.state.reasons()) == 0 {
			return 1
		}
		return 0
	})
	gauge("rollcall_spool_pending_changes", "changes on disk that the store does not have yet",
		func() float64 { return float64(d.spool.Stats().PendingChanges) })
	gauge("rollcall_spool_pending_bytes", "bytes of the spool on disk", func() float64 { return float64(d.spool.Stats().PendingBytes) })
	gauge("rollcall_spool_oldest_seconds", "age of the oldest batch that the store does not have yet", func() float64 {
		oldest := d.spool.Stats().OldestReceivedAt
		if oldest == 0 {
			return 0
		}
		return float64(Now().Sub(oldest)) / 1000
	})
	counter("rollcall_changes_accepted_total", "status changes accepted since the start", func() float64 { return float64(d.spool.Stats().Accepted) })
	counter("rollcall_changes_duplicate_total", "status changes that were known already", func() float64 { return float64(d.spool.Stats().Duplicates) })
	counter("rollcall_changes_written_total", "status changes written to the store", func() float64 { return float64(d.spool.Stats().Written) })
	counter("rollcall_journal_lost_total", "sign-ins and other notes that never reached the journal", func() float64 { return float64(d.notes.lost.Load()) })
}
