package xlsx

import (
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"rollcall/schemas"
)

// processor returns the seconds of processor time that the process has used: on a machine that is shared, wall time
// says little.
func processor(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peak watches the heap while a benchmark runs and returns its highest size in MiB, garbage included.
func peak(b *testing.B) func() float64 {
	b.Helper()
	runtime.GC()
	stop := make(chan struct{})
	var top uint64
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.Sys-m.HeapReleased)
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() float64 {
		close(stop)
		done.Wait()
		return float64(top) / (1 << 20)
	}
}

// 1,500 agents for a month: 46,500 agent-days and about 200,000 exceptions.
func BenchmarkMonthOf1500Agents(b *testing.B) {
	measure, before := peak(b), processor(b)
	for b.Loop() {
		var size counter
		a := makeTo(b, &size, centre(1500, 31), week(), DefaultConfig())
		b.ReportMetric(float64(a.Total.Exceptions), "exceptions")
		b.ReportMetric(float64(size)/(1<<20), "MiB")
	}
	b.ReportMetric((processor(b)-before)/float64(b.N), "cpu-s/op")
	b.ReportMetric(measure(), "peak-MiB")
}

// A million exceptions on 46,500 agent-days.
func BenchmarkMillionExceptions(b *testing.B) {
	s := centre(1500, 31)
	rows := s.rows
	s.rows = func(yield func(*schemas.DayRow) error) error {
		return rows(func(d *schemas.DayRow) error {
			one := exception(schemas.Instant(int64(d.Day)*schemas.DayMS), 3, schemas.CategoryBreak, "Break",
				schemas.KindLateChange, schemas.ImpactPositive, onQueue)
			for d.Exceptions = d.Exceptions[:0]; len(d.Exceptions) < 22; {
				d.Exceptions = append(d.Exceptions, one)
			}
			return yield(d)
		})
	}
	measure, before := peak(b), processor(b)
	for b.Loop() {
		var size counter
		a := makeTo(b, &size, s, week(), DefaultConfig())
		b.ReportMetric(float64(a.Total.Exceptions), "exceptions")
		b.ReportMetric(float64(size)/(1<<20), "MiB")
	}
	b.ReportMetric((processor(b)-before)/float64(b.N), "cpu-s/op")
	b.ReportMetric(measure(), "peak-MiB")
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
