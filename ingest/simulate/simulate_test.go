package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rollcall/schemas"
)

var files = []string{"roster.csv", "activities.csv", "schedule.csv", "status.csv", "gaps.csv", "truth.csv"}

// written simulates into a new folder.
func written(tb testing.TB, change func(*Config)) (Config, Written) {
	tb.Helper()
	cfg := DefaultConfig()
	cfg.Until, cfg.Dir = schemas.MakeDate(2026, 3, 31), tb.TempDir()
	change(&cfg)
	n, err := Write(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return cfg, n
}

// table reads a file as maps from column to text.
func readTable(tb testing.TB, cfg Config, name string) []map[string]string {
	tb.Helper()
	f, err := os.Open(filepath.Join(cfg.Dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		tb.Fatal(err)
	}
	var out []map[string]string
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			tb.Fatal(err)
		}
		m := map[string]string{}
		for i, h := range header {
			m[h] = rec[i]
		}
		out = append(out, m)
	}
}

func at(tb testing.TB, s string) int64 {
	tb.Helper()
	i, err := schemas.ParseInstant(s)
	if err != nil {
		tb.Fatal(err)
	}
	return int64(i) / 1000
}

// TestTruthIsWhatACountSecondBySecondFinds reads the files as anybody would and recounts each agent-day one second at a
// time. The truth was made without looking at the status rows, so the two agree only if both are right.
func TestTruthIsWhatACountSecondBySecondFinds(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		until schemas.Date // the weeks hold the clock changes of London and Halifax
		days  int
	}{{1, schemas.MakeDate(2026, 3, 31), 7}, {2, schemas.MakeDate(2026, 11, 2), 9}, {3, schemas.MakeDate(2026, 3, 10), 4},
		{4, schemas.MakeDate(2026, 4, 7), 5}, {5, schemas.MakeDate(2026, 7, 1), 12}} {
		t.Run(fmt.Sprint("seed ", c.seed), func(t *testing.T) {
			cfg, _ := written(t, func(cfg *Config) { cfg.Seed, cfg.Until, cfg.Days, cfg.Agents = c.seed, c.until, c.days, 40 })
			want := recount(t, cfg)
			got := map[string]string{}
			for _, row := range readTable(t, cfg, "truth.csv") {
				got[row["agent_id"]+" "+row["day"]] = strings.Join([]string{row["scheduled_s"], row["in_s"], row["out_s"],
					row["adherence_percent"], row["conformance_percent"], row["exception_count"]}, ",")
			}
			if len(want) < cfg.Agents*cfg.Days/2 {
				t.Fatalf("only %d agent-days were recounted", len(want))
			}
			for k, v := range want {
				if got[k] != v {
					t.Errorf("%s: truth.csv says %q, the recount %q", k, got[k], v)
				}
				delete(got, k)
			}
			for k, v := range got {
				t.Errorf("%s: truth.csv says %q, the recount knows no such day", k, v)
			}
		})
	}
}

// TestFilesHoldWhatACentreHas: a simulation that never makes some deviation would prove nothing about it.
func TestFilesHoldWhatACentreHas(t *testing.T) {
	cfg, n := written(t, func(cfg *Config) { cfg.Agents, cfg.Days, cfg.Seed = 400, 10, 9 })
	seen := map[string]int{}
	lastAt := map[string]string{}
	rows := map[string]bool{}
	for _, r := range readTable(t, cfg, "status.csv") {
		id := fmt.Sprint(r)
		if rows[id] {
			seen["duplicate"]++
		}
		rows[id] = true
		if r["at"] < lastAt[r["agent_id"]] {
			seen["out of order"]++
		}
		lastAt[r["agent_id"]] = r["at"]
		seen["routing "+r["routing"]]++
		seen["secondary "+r["secondary"]]++
	}
	for _, r := range readTable(t, cfg, "truth.csv") {
		switch {
		case r["scheduled_s"] == "0":
			seen["no schedule"]++
		case r["adherence_percent"] == "":
			seen["absent"]++
		case r["adherence_percent"] == "100":
			seen["perfect"]++
		}
		if c, err := strconv.ParseFloat(r["conformance_percent"], 64); err == nil && c > 100 {
			seen["overtime"]++
		}
	}
	zones := map[string]bool{}
	for _, r := range readTable(t, cfg, "roster.csv") {
		zones[r["time_zone"]] = true
	}
	for _, r := range readTable(t, cfg, "gaps.csv") {
		seen[fmt.Sprint("gap of all: ", r["agent_id"] == "")]++
	}
	for _, r := range readTable(t, cfg, "schedule.csv") {
		seen["category "+r["category"]]++
		seen[fmt.Sprint("shift id: ", r["shift"] != "")]++
	}
	for _, k := range []string{"duplicate", "out of order", "routing not_responding", "routing communicating",
		"secondary Coaching", "no schedule", "absent", "perfect", "overtime", "gap of all: true", "gap of all: false",
		"category time_off", "category unavailable", "category off_queue_work", "category training", "shift id: true",
		"shift id: false"} {
		if seen[k] == 0 {
			t.Errorf("nothing of the kind %q", k)
		}
	}
	if len(zones) < 3 || n.Roster <= cfg.Agents {
		t.Errorf("%d zones and %d roster rows; want three zones or more, and some movers", len(zones), n.Roster)
	}
	perDay := float64(n.Status) / float64(cfg.Agents*cfg.Days)
	if acts := float64(n.Schedule) / float64(cfg.Agents*cfg.Days); perDay < 37 || perDay > 43 || acts < 9 || acts > 11 {
		t.Errorf("%.1f changes and %.1f activities per agent-day; want about 40 and 10", perDay, acts)
	}
}

// TestSameFlagsSameBytes: two runs agree, another seed does not.
func TestSameFlagsSameBytes(t *testing.T) {
	one, _ := written(t, func(*Config) {})
	two, _ := written(t, func(*Config) {})
	other, _ := written(t, func(cfg *Config) { cfg.Seed = 77 })
	for _, name := range files {
		if hash(t, one, name) != hash(t, two, name) {
			t.Errorf("%s differs between two runs with the same flags", name)
		}
		if name != "activities.csv" && hash(t, one, name) == hash(t, other, name) {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

func hash(tb testing.TB, cfg Config, name string) [32]byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(cfg.Dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return sha256.Sum256(b)
}

// TestNothingIsWrittenAheadOfTheClock: at no hour does yesterday, which lasts longer in the west, hold anything to
// come; and once it is over everywhere, the files are those of a centre that has no clock.
func TestNothingIsWrittenAheadOfTheClock(t *testing.T) {
	until := schemas.MakeDate(2026, 3, 30)
	midnight := schemas.UTC.DayStart(until + 1)
	for _, minutes := range []int64{10, 12 * 60, 23*60 + 50} {
		now := midnight.Add(minutes * schemas.MinuteMS)
		cfg, _ := written(t, func(cfg *Config) { cfg.Until, cfg.Now, cfg.Days = until, now, 3 })
		for _, file := range []struct{ name, column string }{{"status.csv", "at"}, {"gaps.csv", "to"}} {
			for _, r := range readTable(t, cfg, file.name) {
				if at(t, r[file.column])*1000 > int64(now) {
					t.Errorf("at %s %s says %v", now, file.name, r)
				}
			}
		}
	}
	over, _ := written(t, func(cfg *Config) { cfg.Until, cfg.Now, cfg.Days = until, midnight.Add(2*schemas.DayMS), 3 })
	whole, _ := written(t, func(cfg *Config) { cfg.Until, cfg.Days = until, 3 })
	for _, name := range files {
		if hash(t, over, name) != hash(t, whole, name) {
			t.Errorf("%s differs although everything is over", name)
		}
	}
}

// TestLiveGoesOnWhereHistoryStopped: history until now and the live stream from now on are together the whole story.
func TestLiveGoesOnWhereHistoryStopped(t *testing.T) {
	until := schemas.MakeDate(2026, 3, 30)
	now, err := schemas.ParseInstant("2026-03-29T12:34:56Z")
	if err != nil {
		t.Fatal(err)
	}
	cut := func(cfg *Config) { cfg.Until, cfg.Now, cfg.Days = until, now, 6 }
	cfg, _ := written(t, cut)
	known := map[string]bool{}
	for _, r := range readTable(t, cfg, "status.csv") {
		if at(t, r["at"])*1000 > int64(now) {
			t.Fatalf("a row lies in the future: %v", r)
		}
		known[r["agent_id"]+" "+r["at"]] = true
	}
	for _, r := range readTable(t, cfg, "truth.csv") {
		if r["day"] > "2026-03-29" || r["day"] == "2026-03-29" && r["agent_id"] == "a00001" {
			t.Errorf("truth lists a day that is not over: %v", r)
		}
	}
	for _, r := range readTable(t, cfg, "gaps.csv") {
		if at(t, r["to"])*1000 > int64(now) {
			t.Errorf("a gap lies in the future: %v", r)
		}
	}
	centre, err := NewCentre(cfg)
	if err != nil {
		t.Fatal(err)
	}
	live, last := centre.Live(now), now
	for {
		change, due := live.Next()
		if due < last || due <= now || due != change.At {
			t.Fatalf("change %v comes after %s", change, last)
		}
		if e := change.Check(due); e != nil {
			t.Fatal(e)
		}
		if last = due; due > now.Add(12*schemas.HourMS) {
			break
		}
		known[change.AgentID+" "+due.String()] = true
	}
	whole, _ := written(t, func(cfg *Config) { cut(cfg); cfg.Now = last + 1 })
	missing := 0
	for _, r := range readTable(t, whole, "status.csv") {
		if !known[r["agent_id"]+" "+r["at"]] && at(t, r["at"])*1000 <= int64(now.Add(12*schemas.HourMS)) {
			missing++
		}
	}
	// A gap that ended after now is only known to the second run: it repeats a state at its end.
	if missing > cfg.Agents {
		t.Errorf("%d changes are in neither history nor live stream", missing)
	}
}

// TestBadFlagsAreNamed: nothing is written for a configuration that makes no sense.
func TestBadFlagsAreNamed(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"agents: 0":  func(c *Config) { c.Agents = 0 },
		"days: -1":   func(c *Config) { c.Days = -1 },
		"until":      func(c *Config) { c.Until = 0 },
		"source":     func(c *Config) { c.Source = "" },
		"no folder":  func(c *Config) { c.Dir = "" },
		"not a dire": func(c *Config) { c.Dir = filepath.Join(c.Dir, "file", "below") },
	} {
		cfg := DefaultConfig()
		cfg.Until, cfg.Dir = schemas.MakeDate(2026, 3, 31), t.TempDir()
		if err := os.WriteFile(filepath.Join(cfg.Dir, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if _, err := Write(context.Background(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// BenchmarkWrite makes the centre of issue 2's benchmark: 20,000 agents, 7 days.
func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		_, n := written(b, func(cfg *Config) { cfg.Agents = 20_000 })
		b.ReportMetric(float64(n.Status), "changes/op")
		b.ReportMetric(float64(n.Schedule), "activities/op")
	}
}
