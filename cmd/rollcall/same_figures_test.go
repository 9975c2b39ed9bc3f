package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// figures are one agent-day's, or one team's, as texts: adherence, conformance and coverage with two decimals, "" for
// none, and exact seconds where a shape has them.
type figures map[string][3]string

// percentOf writes a percentage from JSON or CSV with two decimals.
func percentOf(v any) string {
	text := fmt.Sprint(v)
	if v == nil || text == "" {
		return ""
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

// The question "how was Tuesday?" has one answer, whoever is asked: the command, the API, the three report files, the
// pages and the mail show the same percentages of every agent and team, in full.
func TestEveryShapeTellsTheSameFigures(t *testing.T) {
	t.Parallel()
	p, dir := newProgram(t), t.TempDir()
	p.ok("simulate", "--agents", "24", "--days", "3", "--seed", "11", "--until", "2026-03-04", "--dir", dir)
	for _, kind := range []string{"roster", "activities", "schedule", "status", "gaps"} {
		p.ok("import", kind, filepath.Join(dir, kind+".csv"))
	}
	p.ok("compute")
	const day = "2026-03-03"
	file := func(suffix string) string { return filepath.Join(dir, "day"+suffix) }
	for _, suffix := range []string{".json", ".csv", ".xlsx"} {
		p.ok("report", "adherence", "--from", day, "--to", day, "--file", file(suffix))
	}
	for _, suffix := range []string{".txt", ".html"} {
		p.ok("report", "daily", "--day", day, "--file", file(suffix))
	}
	agents, teams := ofJSON(t, file(".json"))
	if len(agents) < 10 || len(teams) < 3 {
		t.Fatalf("%d agents in %d teams are too few to compare", len(agents), len(teams))
	}
	sameFigures(t, "adherence days", ofRows(t, p.ok("adherence", "days", "--from", day, "--to", day, "-o", "json")),
		agents)
	sameFigures(t, "the CSV report", ofCSV(t, file(".csv")), agents)
	sameFigures(t, "the workbook's Days", ofSheet(t, file(".xlsx"), "Days", "Agent"), agents)
	sameFigures(t, "the workbook's Summary", ofSheet(t, file(".xlsx"), "Summary", "Team"), teams)
	for _, suffix := range []string{".txt", ".html"} {
		mail := words(t, file(suffix))
		for team, f := range teams {
			figure := strings.TrimSuffix(strings.TrimRight(f[0], "0"), ".") // as a mail writes it
			if !regexp.MustCompile(regexp.QuoteMeta(team) + `[^%]{0,80}?` + regexp.QuoteMeta(figure+" %")).MatchString(mail) {
				t.Errorf("the mail as %s does not say that %s has %s %%: %s", suffix, team, f[0], mail)
			}
		}
	}
	throughTheDaemon(t, p, day, agents, teams)
}

// throughTheDaemon asks API and pages.
func throughTheDaemon(t *testing.T, p program, day string, agents, teams figures) {
	t.Helper()
	token := strings.TrimSpace(p.ok("token", "create", "--role", "admin", "--name", "op"))
	d, err := startDaemon(t.TempDir(),
		append(os.Environ(), "ROLLCALL_CONFIG="+p.config, "ROLLCALL_HTTP_LISTEN=127.0.0.1:0", "ROLLCALL_JOBS_COMPUTE_CRON="))
	if err != nil {
		t.Fatal(err)
	}
	defer d.kill()
	get := func(path string) string {
		var status int
		var body string
		if err := eventually(func() bool {
			status, body, err = d.call(http.MethodGet, path, token, "")
			return err == nil && status != http.StatusUnauthorized && status != http.StatusServiceUnavailable
		}); err != nil || status != http.StatusOK {
			t.Fatalf("%s answers %d %v %s", path, status, err, body)
		}
		return body
	}
	var page struct {
		Items json.RawMessage
		More  bool
	}
	if err := json.Unmarshal([]byte(get("/api/v1/adherence/days?from="+day+"&to="+day+"&limit=1000")),
		&page); err != nil || page.More {
		t.Fatalf("the API's page: %v, more %v", err, page.More)
	}
	sameFigures(t, "the API", ofRows(t, string(page.Items)), agents)
	board := unmarked(get("/adherence?from=" + day + "&to=" + day))
	for team, f := range teams {
		if !regexp.MustCompile(regexp.QuoteMeta(team) + ` \d+ agents? ` + regexp.QuoteMeta(f[0])).MatchString(board) {
			t.Errorf("/adherence does not say that %s has %s %%: %s", team, f[0], board)
		}
	}
	asked := 0
	for agent, f := range agents {
		if asked++; f[0] == "" || asked > 6 {
			continue
		}
		one := unmarked(get("/adherence/" + agent + "/" + day))
		for _, want := range f {
			if want != "" && !strings.Contains(one, want+" %") {
				t.Errorf("/adherence/%s/%s does not show %s %%: %s", agent, day, want, one)
			}
		}
	}
}

func sameFigures(t *testing.T, where string, got, want figures) {
	t.Helper()
	for who, f := range want {
		if got[who] != f {
			t.Errorf("%s: %s has %q, in the JSON report %q", where, who, got[who], f)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s names %d, the JSON report of %d", where, len(got), len(want))
	}
}

// shown is a day or a team in JSON.
type shown struct {
	AgentID     string `json:"agent_id"`
	Team        string `json:"team"`
	Adherence   any    `json:"adherence_percent"`
	Conformance any    `json:"conformance_percent"`
	Coverage    any    `json:"coverage_percent"`
}

func (s *shown) figures() [3]string {
	return [3]string{percentOf(s.Adherence), percentOf(s.Conformance), percentOf(s.Coverage)}
}

func ofRows(t *testing.T, text string) figures {
	t.Helper()
	var rows []shown
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	f := figures{}
	for _, r := range rows {
		f[r.AgentID] = r.figures()
	}
	return f
}

func ofJSON(t *testing.T, file string) (agents, teams figures) {
	t.Helper()
	var doc struct {
		Days  json.RawMessage
		Teams []shown
	}
	text, err := os.ReadFile(file) //nolint:gosec // made by the test
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	teams = figures{}
	for _, r := range doc.Teams {
		teams[r.Team] = r.figures()
	}
	return ofRows(t, string(doc.Days)), teams
}

func ofCSV(t *testing.T, file string) figures {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // made by the test
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for i, line := range strings.Split(string(text), "\r\n") {
		if i == 0 || strings.HasPrefix(line, "day,") {
			days = append(days, line)
		}
	}
	_, rows := table(t, strings.Join(days, "\n"), []string{"adherence_percent", "conformance_percent", "coverage_percent"})
	f := figures{}
	for key, r := range rows {
		agent, _, _ := strings.Cut(key, " ")
		f[agent] = [3]string{percentOf(r[0]), percentOf(r[1]), percentOf(r[2])}
	}
	return f
}

// ofSheet reads a sheet as it is shown, from the row that begins with the key's title.
func ofSheet(t *testing.T, file, sheet, key string) figures {
	t.Helper()
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // it was only read
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	f, at := figures{}, map[string]int{}
	for _, row := range rows {
		cell := func(title string) string {
			if i := at[title]; i < len(row) {
				return strings.TrimSuffix(strings.TrimSuffix(row[i], "%"), " ")
			}
			return ""
		}
		if len(at) == 0 {
			titles := map[string]int{}
			for i, title := range row {
				titles[title] = i
			}
			if _, ok := titles[key]; ok && len(row) > 5 {
				at = titles
			}
			continue
		}
		if who := cell(key); who != "" {
			f[who] = [3]string{percentOf(nullable(cell("Adherence"))), percentOf(nullable(cell("Conformance"))),
				percentOf(nullable(cell("Coverage")))}
		}
	}
	return f
}

// nullable makes nothing of a text that is no number, such as the reason why there is none.
func nullable(s string) any {
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return nil
	}
	return s
}

var (
	tags   = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{a0}]+`)
)

// unmarked returns what a page says, without its markup.
func unmarked(page string) string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " ")
}

func words(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // made by the test
	if err != nil {
		t.Fatal(err)
	}
	return unmarked(string(text))
}
