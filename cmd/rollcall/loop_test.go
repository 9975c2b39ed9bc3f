package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rollcall/adherence"
	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
)

// The made-up centre knows its answer from how the deviations were made. Files, store and judge come to the same, on
// every agent-day; and to the same rows and the same hash again when everything is judged once more.
func TestStoredDaysEqualTheTruth(t *testing.T) {
	for _, c := range []struct{ seed, agents, days int }{{1, 5, 2}, {2, 40, 5}, {3, 90, 3}} {
		t.Run(fmt.Sprintf("seed %d", c.seed), func(t *testing.T) {
			t.Parallel()
			p, dir := newProgram(t), t.TempDir()
			p.ok("simulate", "--agents", strconv.Itoa(c.agents), "--days", strconv.Itoa(c.days), "--seed", strconv.Itoa(c.seed),
				"--until", "2026-03-31", "--dir", dir)
			for _, kind := range []string{"roster", "activities", "schedule", "status", "gaps"} {
				p.ok("import", kind, filepath.Join(dir, kind+".csv"))
			}
			p.ok("compute")
			days, hash := p.ok("adherence", "days", "-o", "csv"),
				reportHash(t, p.ok("report", "adherence", "--file", filepath.Join(dir, "a.csv")))
			sameAsTruth(t, days, filepath.Join(dir, "truth.csv"))
			if again := p.ok("compute"); !strings.HasPrefix(again, "judged 0 agent-days") {
				t.Errorf("nothing had changed, and compute says %s", again)
			}
			if again := p.ok("compute", "--from", "2026-01-01", "--to", "2026-12-31"); !strings.Contains(again,
				": 0 written, ") {
				t.Errorf("judged again, days came out differently: %s", again)
			}
			if again := p.ok("adherence", "days", "-o", "csv"); again != days {
				t.Errorf("the rows differ after judging them again:\n%s\nwant\n%s", again, days)
			}
			if again := reportHash(t, p.ok("report", "adherence", "--file", filepath.Join(dir, "b.json"))); again != hash {
				t.Errorf("hash %s after judging again, %s before", again, hash)
			}
		})
	}
}

func reportHash(t *testing.T, said string) string {
	t.Helper()
	_, hash, ok := strings.Cut(strings.TrimSpace(said), "hash ")
	if !ok || len(hash) != 64 {
		t.Fatalf("the report names no hash: %s", said)
	}
	return hash
}

// sameAsTruth compares the columns that truth.csv has.
func sameAsTruth(t *testing.T, days, truth string) {
	t.Helper()
	text, err := os.ReadFile(truth) //nolint:gosec // made by the test
	if err != nil {
		t.Fatal(err)
	}
	columns, want := table(t, string(text), nil)
	_, got := table(t, days, columns)
	if len(want) == 0 {
		t.Fatal("the truth has no day")
	}
	for key, row := range want {
		if !slices.Equal(got[key], row) {
			t.Errorf("%s: stored %v, in truth %v (%v)", key, got[key], row, columns)
		}
	}
	for key, row := range got {
		if want[key] == nil {
			t.Errorf("%s: stored %v, of which the truth knows nothing", key, row)
		}
	}
}

// table reads CSV into rows by agent and day, with the named columns; all where none is named.
func table(t *testing.T, text string, columns []string) ([]string, map[string][]string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("no table: %v", err)
	}
	if columns == nil {
		columns = lines[0]
	}
	rows := map[string][]string{}
	for _, line := range lines[1:] {
		var row []string
		for _, c := range columns {
			row = append(row, line[slices.Index(lines[0], c)])
		}
		key := line[slices.Index(lines[0], "agent_id")] + " " + line[slices.Index(lines[0], "day")]
		if rows[key] != nil {
			t.Errorf("%s comes twice", key)
		}
		rows[key] = row
	}
	return columns, rows
}

// Every judged case, written as the files that a planner and a feed would send (and, where there is no file for it, as
// the records that decisions leave), is judged through the store as it is on its own.
func TestCasesThroughTheStore(t *testing.T) {
	t.Parallel()
	p, dir := newProgram(t), t.TempDir()
	names, err := filepath.Glob(filepath.Join("..", "..", "adherence", "testdata", "cases", "*.json"))
	if err != nil || len(names) < 17 {
		t.Fatalf("%d cases: %v", len(names), err)
	}
	f := caseFiles{dir: dir, status: map[string][]string{}, lines: map[string][]string{
		"roster":   {"agent_id", "name", "team", "site", "time_zone", "from"},
		"schedule": {"agent_id", "activity", "start", "end", "category", "shift"},
		"gaps":     {"source", "from", "to", "agent_id"}}}
	for kind, header := range f.lines {
		f.lines[kind] = []string{strings.Join(header, ",")}
	}
	for _, name := range names {
		data, err := os.ReadFile(name) //nolint:gosec // a case
		if err != nil {
			t.Fatal(err)
		}
		c, err := adherence.ParseCase(data)
		if err != nil {
			t.Fatal(err)
		}
		f.add(c)
	}
	f.write(t)
	p.ok("import", "roster", filepath.Join(dir, "roster.csv"))
	p.ok("import", "schedule", filepath.Join(dir, "schedule.csv"))
	for i, source := range slices.Sorted(maps.Keys(f.status)) {
		file := filepath.Join(dir, fmt.Sprintf("status%d.csv", i))
		text := "agent_id,at,presence,status,routing,secondary,id\n" + strings.Join(f.status[source], "\n") + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.ok("import", "status", file, "--source", source)
	}
	p.ok("import", "gaps", filepath.Join(dir, "gaps.csv"))
	f.decide(t, p.config)
	p.ok("compute")
	days, exceptions := byAgent(t, p.ok("adherence", "days", "-o", "json")),
		byAgent(t, p.ok("adherence", "exceptions", "-o", "json"))
	for i, name := range names {
		var want struct{ Days []map[string]any }
		if err := json.Unmarshal([]byte(p.ok("adherence", "evaluate", name)), &want); err != nil {
			t.Fatal(err)
		}
		agent := f.cases[i].Name
		var all []map[string]any
		for _, day := range want.Days {
			for _, e := range day["exceptions"].([]any) {
				all = append(all, e.(map[string]any))
			}
			delete(day, "exceptions")
		}
		contain(t, agent+": days", days[agent], want.Days)
		contain(t, agent+": exceptions", exceptions[agent], all)
	}
}

// contain checks that the stored rows are the wanted ones; they may have more fields.
func contain(t *testing.T, what string, got, want []map[string]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d are stored, want %d: %v", what, len(got), len(want), got)
		return
	}
	for i, row := range want {
		for field, v := range row {
			if !reflect.DeepEqual(got[i][field], v) {
				t.Errorf("%s %d: %s is %v in the store, want %v", what, i, field, got[i][field], v)
			}
		}
	}
}

func byAgent(t *testing.T, text string) map[string][]map[string]any {
	t.Helper()
	var rows []map[string]any
	if err := json.NewDecoder(bytes.NewBufferString(text)).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	out := map[string][]map[string]any{}
	for _, r := range rows {
		out[r["agent_id"].(string)] = append(out[r["agent_id"].(string)], r)
	}
	return out
}

// caseFiles are cases as files: each has an agent and a team of its own, both named after it.
type caseFiles struct {
	dir         string
	lines       map[string][]string
	status      map[string][]string // by source
	feeds       []schemas.Feed
	cases       []*adherence.Case
	policies    []schemas.PolicyVersion
	corrections []schemas.Correction
}

func (f *caseFiles) add(c *adherence.Case) {
	f.cases = append(f.cases, c)
	line := func(kind string, cells ...any) {
		texts := make([]string, len(cells))
		for i, v := range cells {
			texts[i] = fmt.Sprint(v)
		}
		f.lines[kind] = append(f.lines[kind], strings.Join(texts, ","))
	}
	line("roster", c.Name, c.Name, c.Name, "Leeds", c.Zone.Name(), "2026-01-01")
	for _, a := range c.Activities {
		line("schedule", c.Name, a.Code, a.Start, a.End, a.Category, a.Shift)
	}
	source := func(name string) string { return "feed " + name + " of " + c.Name }
	for _, s := range c.Changes {
		f.status[source(s.Source)] = append(f.status[source(s.Source)], fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s", c.Name, s.At,
			s.Presence, s.Status, s.Routing, s.Secondary, s.ID))
	}
	for _, g := range c.Gaps {
		line("gaps", source(g.Source), g.Start, g.End, c.Name)
	}
	for _, s := range c.Complete {
		f.feeds = append(f.feeds, schemas.Feed{Source: source(s.Name), CompleteUpTo: s.CompleteUpTo})
	}
	policy := c.Policy
	for i, names := range policy.Prefer {
		policy.Prefer[i] = nil
		for _, name := range names {
			policy.Prefer[i] = append(policy.Prefer[i], source(name))
		}
	}
	rules, _ := json.Marshal(policy) // a policy that was parsed can be written
	f.policies = append(f.policies,
		schemas.PolicyVersion{ID: uuid.NewString(), Team: c.Name, From: schemas.MakeDate(2026, 1, 1), Rules: string(rules)})
	for _, k := range c.Corrections {
		k.ID, k.AgentID = uuid.NewString(), c.Name
		f.corrections = append(f.corrections, k)
	}
}

func (f *caseFiles) write(t *testing.T) {
	t.Helper()
	for kind, lines := range f.lines {
		if err := os.WriteFile(filepath.Join(f.dir, kind+".csv"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// decide stores what no file can say yet: policies and corrections.
func (f *caseFiles) decide(t *testing.T, configFile string) {
	t.Helper()
	c, err := config.Load(configFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, err := app.OpenStore(ctx, c, quiet(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := app.Now()
	for i := range f.policies {
		f.policies[i].RecordedAt = now
	}
	for i := range f.corrections {
		f.corrections[i].RecordedAt = now
	}
	for i := range f.feeds {
		f.feeds[i].RecordedAt = now
	}
	row := func() schemas.JournalRow {
		return schemas.JournalRow{ID: uuid.NewString(), RecordedAt: now, Actor: "test"}
	}
	if err := s.WritePolicies(ctx, row(), f.policies); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteCorrections(ctx, row(), f.corrections); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFeeds(ctx, row(), f.feeds); err != nil {
		t.Fatal(err)
	}
}
