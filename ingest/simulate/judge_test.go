package simulate_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"rollcall/adherence"
	"rollcall/ingest/files"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
)

// TestTruthIsWhatTheJudgeFinds: the files, read as an import reads them and judged, give truth.csv on every agent-day.
func TestTruthIsWhatTheJudgeFinds(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			cfg := simulate.DefaultConfig()
			cfg.Agents, cfg.Days, cfg.Seed, cfg.Until, cfg.Dir = 120, 9, 100+seed, schemas.MakeDate(2026, 3, 31), t.TempDir()
			if seed%2 == 1 {
				cfg.Until = schemas.MakeDate(2026, 11, 3)
			}
			if _, err := simulate.Write(context.Background(), cfg); err != nil {
				t.Fatal(err)
			}
			got, want := judged(t, cfg), truth(t, cfg)
			for k, v := range want {
				if got[k] != v {
					t.Errorf("%s: truth.csv says %s, the judge %s", k, v, got[k])
				}
			}
			if len(got) != len(want) {
				t.Errorf("truth.csv has %d agent-days, the judge %d", len(want), len(got))
			}
		})
	}
}

func input(t *testing.T, cfg simulate.Config, name string) files.Input {
	t.Helper()
	in, err := files.FileInput(filepath.Join(cfg.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func truth(t *testing.T, cfg simulate.Config) map[string]string {
	f, err := os.Open(filepath.Join(cfg.Dir, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows[1:] {
		out[r[0]+" "+r[1]] = fmt.Sprint(r[2:])
	}
	return out
}

// judged reads everything and judges every agent.
func judged(t *testing.T, cfg simulate.Config) map[string]string {
	ctx := context.Background()
	roster, _, err := files.ReadRoster(ctx, input(t, cfg, "roster.csv"), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	plan, _, err := files.ReadSchedule(ctx, input(t, cfg, "schedule.csv"), files.Options{}, files.Known{Members: roster})
	if err != nil {
		t.Fatal(err)
	}
	gaps, _, err := files.ReadGaps(ctx, input(t, cfg, "gaps.csv"), files.Options{}, files.Known{})
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string][]schemas.Fact{}
	asOf := schemas.UTC.DayStart(cfg.Until + 3)
	status, _, err := files.CheckStatus(ctx, input(t, cfg, "status.csv"), files.Options{}, roster, nil, asOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := status.Changes(ctx, func(batch []schemas.Change) error {
		for _, c := range batch {
			facts[c.AgentID] = append(facts[c.AgentID], c.Fact(nil))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	acts := map[string][]schemas.Activity{}
	for i := range plan.Agents() {
		for _, d := range plan.AgentDays(i, &files.PlannedDays{}) {
			acts[d.AgentID] = append(acts[d.AgentID], d.Activities...)
		}
	}
	out := map[string]string{}
	var judge adherence.Judge
	rules := adherence.Compile(schemas.DefaultPolicy(), &schemas.Names{})
	for i := range roster {
		m := &roster[i]
		zone, err := schemas.LoadZone(m.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		in := adherence.Input{
			AgentID:    m.AgentID,
			Zones:      []adherence.ZoneSpan{{Zone: zone}},
			AsOf:       asOf,
			Rules:      rules,
			Activities: acts[m.AgentID],
			Facts:      facts[m.AgentID],
			Declared:   schemas.AllFields,
			From:       adherence.FirstDate,
			To:         adherence.LastDate,
		}
		slices.SortFunc(in.Facts, func(a, b schemas.Fact) int { return cmp.Compare(a.At, b.At) })
		for _, g := range gaps {
			if g.AgentID == "" || g.AgentID == m.AgentID {
				in.Gaps = append(in.Gaps, g)
			}
		}
		days, err := judge.Days(&in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range days {
			out[m.AgentID+" "+days[i].Day.String()] = row(&days[i])
		}
	}
	return out
}

func row(d *schemas.AgentDay) string {
	s := func(ms int64) string { return strconv.FormatInt(ms/1000, 10) }
	return fmt.Sprint([]string{s(d.ScheduledMS), s(d.InMS + d.ToleratedMS), s(d.OutMS), shown(d.Adherence()),
		shown(d.Conformance()),
		strconv.Itoa(len(d.Exceptions))})
}

func shown(p schemas.Percent) string {
	v, ok := p.Value()
	if !ok || math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
