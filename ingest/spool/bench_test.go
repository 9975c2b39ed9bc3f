package spool

import (
	"fmt"
	"sync/atomic"
	"testing"

	"rollcall/schemas"
)

// BenchmarkAccept takes batches on a real disk, from one caller and from eight at once.
func BenchmarkAccept(b *testing.B) {
	for _, size := range []int{1, 1000} {
		for _, callers := range []int{1, 8} {
			b.Run(fmt.Sprintf("batch=%d/callers=%d", size, callers), func(b *testing.B) {
				s := openSpool(b, &shelf{}, folder(b.TempDir()), func(c *Config) { c.MaxPendingBytes = 8 << 30 })
				var at atomic.Int64
				batch := func() []schemas.Change {
					changes := make([]schemas.Change, size)
					for i := range changes {
						changes[i] = ana(schemas.Instant(at.Add(1)), schemas.StatusBreak)
					}
					return changes
				}
				b.SetParallelism(callers / 2) // of two processors
				if callers == 1 {
					for b.Loop() {
						mustAccept(b, s, batch()...)
					}
				} else {
					b.RunParallel(func(p *testing.PB) {
						for p.Next() {
							mustAccept(b, s, batch()...)
						}
					})
				}
				b.ReportMetric(float64(s.Stats().Accepted)/b.Elapsed().Seconds(), "changes/s")
				b.ReportMetric(float64(s.Stats().Syncs)/b.Elapsed().Seconds(), "fsyncs/s")
			})
		}
	}
}
