package imports

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// benchAgents is how many agents the benchmark has: 5,000 is the size that the issue names; ROLLCALL_TEST_AGENTS sets
// another.
func benchAgents(b *testing.B) int {
	text := os.Getenv("ROLLCALL_TEST_AGENTS")
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchDays is six weeks.
const benchDays = 42

// bigSchedule writes six weeks of shifts of eight activities; in those of every agent and day that late picks, the
// break is later.
func bigSchedule(b *testing.B, agents int, late func(agent, day int) bool) files.Input {
	b.Helper()
	path := filepath.Join(b.TempDir(), "schedule.csv")
	f, err := os.Create(path) //nolint:gosec // a folder of the test
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "agent_id,activity,start,end,category,shift")
	codes := []string{"Phones", "Break", "Phones", "Meal", "Mail", "Break", "Phones", "Huddle"}
	categories := []string{"on_queue_work", "break", "on_queue_work", "meal", "off_queue_work", "break", "on_queue_work",
		"meeting"}
	for agent := range agents {
		for day := range benchDays {
			start := schemas.UTC.DayStart(schemas.MakeDate(2026, 5, 4) + schemas.Date(day)).Add(8 * schemas.HourMS)
			edges := []int64{0, 90, 105, 225, 270, 330, 345, 480, 510}
			if late(agent, day) {
				edges[1], edges[2] = 100, 115
			}
			for i := range codes {
				fmt.Fprintf(w, "agent-%05d,%s,%s,%s,%s,s%05d-%02d\n", agent, codes[i], start.Add(edges[i]*schemas.MinuteMS),
					start.Add(edges[i+1]*schemas.MinuteMS), categories[i], agent, day)
			}
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	in, err := files.FileInput(path)
	if err != nil {
		b.Fatal(err)
	}
	return in
}

// peak returns the most memory that this process has held since it was last asked, in MiB; 0 where the system does not
// say.
func peak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) //nolint:gosec // resets the peak where that is allowed
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return float64(kib) / 1024
		}
	}
	return 0
}

// BenchmarkSixWeeks previews and applies six weeks of 5,000 agents (1.7 million activities) over the same six weeks,
// of which every tenth agent-day is different; then the same file comes again. One op is all of it; the metrics say
// the parts.
func BenchmarkSixWeeks(b *testing.B) {
	agents := benchAgents(b)
	before := bigSchedule(b, agents, func(int, int) bool { return false })
	after := bigSchedule(b, agents, func(agent, day int) bool { return (agent+day)%10 == 0 })
	var roster strings.Builder
	for agent := range agents {
		fmt.Fprintf(&roster, "agent-%05d,Agent %d,Team %d,UTC\n", agent, agent, agent/20)
	}
	for b.Loop() {
		c := newPlanned(b)
		c.roster(roster.String())
		measured := func(what string, do func() *Result, days int) {
			peak()
			start := time.Now()
			r := do()
			b.ReportMetric(time.Since(start).Seconds(), what+"-s")
			b.ReportMetric(peak(), what+"-MiB")
			if r.Written != days {
				b.Fatalf("%s: %d agent-days, want %d", what, r.Written, days)
			}
		}
		apply := func(in files.Input) func() *Result {
			return func() *Result {
				r, err := c.ledger.Import(background, files.Schedule, in, Options{})
				if err != nil {
					b.Fatal(err)
				}
				return r
			}
		}
		measured("first", apply(before), agents*benchDays)
		measured("preview", func() *Result {
			p, err := c.ledger.Import(background, files.Schedule, after, Options{DryRun: true})
			if err != nil {
				b.Fatal(err)
			}
			return p
		}, agents*benchDays/10)
		measured("apply", apply(after), agents*benchDays/10)
		measured("again", apply(after), 0)
	}
}
