package main

import (
	"testing"
	"time"
)

// BenchmarkRestart is issue 4's restart: from the start of `rollcall serve` on a store with 30 days of 10,000 agents
// until /readyz says that it is ready, the engine's own start included; one op is one start. ROLLCALL_LOAD_AGENTS and
// ROLLCALL_RESTART_DAYS change the size.
func BenchmarkRestart(b *testing.B) {
	p := newWorkshop(b)
	p.furnish(b, envInt(b, "ROLLCALL_LOAD_AGENTS", 10_000), envInt(b, "ROLLCALL_RESTART_DAYS", 30))
	var ready time.Duration
	peak, n := 0.0, 0
	for b.Loop() {
		began := time.Now()
		d := p.serve(b)
		d.ready(b)
		ready += time.Since(began)
		peak = max(peak, peakMiB(b, d.cmd.Process.Pid))
		n++
		if err := d.stop(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(ready.Seconds()/float64(n), "ready-s")
	b.ReportMetric(peak, "daemon-MiB")
}
