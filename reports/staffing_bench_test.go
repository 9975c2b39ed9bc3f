package reports

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"rollcall/schemas"
)

// month is a memory of agents x days in teams of twenty, whose rows are made as they are read.
type month struct {
	staffMemory
	agents, days int
}

// Days yields the days, whatever is asked.
func (m *month) Days(_ context.Context, _ Query, yield func(*schemas.DayRow) error) error {
	var d schemas.DayRow
	states := []schemas.State{phoning, waiting, resting}
	for day := range m.days {
		for a := range m.agents {
			d.AgentID, d.Team, d.Site, d.TimeZone, d.Day = fmt.Sprintf("agent-%05d", a), fmt.Sprintf("Team %02d", a/20), "Leeds",
				"Europe/London", monday+schemas.Date(day)
			d.Activities, d.Intervals = d.Activities[:0], d.Intervals[:0]
			start := schemas.Instant(int64(d.Day)*schemas.DayMS + int64(6+a%12)*schemas.HourMS)
			for k := range 10 {
				category := schemas.CategoryOnQueueWork
				if k%3 == 2 {
					category = schemas.CategoryBreak
				}
				end := start.Add(48 * schemas.MinuteMS)
				d.Activities = append(d.Activities,
					schemas.Activity{Start: start, End: end, Category: category, Code: category.String(), Shift: "s"})
				for n := range 8 {
					from := start.Add(int64(n) * 6 * schemas.MinuteMS)
					d.Intervals = append(d.Intervals, schemas.JudgedInterval{
						Start:    from,
						End:      from.Add(6 * schemas.MinuteMS),
						Activity: int32(k), //nolint:gosec // below ten
						State:    states[(n+a+k)%3],
						Verdict:  schemas.VerdictIn,
						OnQueue:  (n+a+k)%3 != 2,
					})
				}
				start = end
			}
			if err := yield(&d); err != nil {
				return err
			}
		}
	}
	return nil
}

// grown returns by how many MiB the heap, garbage included, grew at most since the beginning.
func grown(b *testing.B) func() float64 {
	b.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, top, stop, done := m.HeapAlloc, m.HeapAlloc, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				top = max(top, m.HeapAlloc)
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-done
		return float64(top-before) / (1 << 20)
	}
}

// 1,500 agents for a month in quarter hours: 46,500 agent-days, 3.7 million judged intervals, 75 teams.
func BenchmarkStaffingOf1500AgentsForAMonth(b *testing.B) {
	m := &month{agents: 1500, days: 31}
	m.judged = schemas.Instant((int64(monday) + 31) * schemas.DayMS)
	q := StaffingQuery{Query: week(), LengthMS: 15 * schemas.MinuteMS, By: StaffingByTeam}
	q.To, q.Zone = monday+30, "Europe/London"
	for day := range 31 {
		for team := range 75 {
			for k := 24; k < 80; k++ {
				m.required = append(m.required,
					schemas.Requirement{Team: fmt.Sprintf("Team %02d", team), LengthMS: 15 * schemas.MinuteMS, Required: 8_500_000,
						Start: schemas.Instant((int64(monday)+int64(day))*schemas.DayMS + int64(k)*15*schemas.MinuteMS)})
			}
		}
	}
	for name, write := range map[string]func(io.Writer,
		*Staffing) error{"count": func(io.Writer, *Staffing) error { return nil }, "csv": WriteStaffingCSV,
		"json": WriteStaffingJSON, "html": WriteStaffingHTML} {
		b.Run(name, func(b *testing.B) {
			measure := grown(b)
			for b.Loop() {
				s, err := MakeStaffing(b.Context(), m, q, m.judged)
				if err != nil {
					b.Fatal(err)
				}
				if err := write(io.Discard, s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(measure(), "MiB-peak")
		})
	}
}
