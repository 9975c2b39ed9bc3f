package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// upload posts a file as a form and returns the status and the JSON of the answer.
func (d *daemon) upload(t *testing.T, path, token, name, text string, fields map[string]string) (int, map[string]any) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url+path, &b)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", w.FormDataContentType())
	answer, err := (&http.Client{Timeout: guard}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	var v map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, v
}

// at walks into JSON by names and numbers.
func at(t *testing.T, v any, path string) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	text, err := lookUp(string(b), path)
	if err != nil {
		t.Fatalf("%s: %v in %s", path, err, b)
	}
	return text
}

// A planner imports through the API, for the own teams only, previews, sees a conflict, and takes an import
// back; meanwhile a program drops files into a watched folder, and a bad one is an alarm that an admin sees.
func TestImportsThroughTheAPIAndAFolder(t *testing.T) {
	t.Parallel()
	p := newWorkshop(t)
	drop := filepath.Join(p.dir, "drop")
	yaml := "imports:\n  watch:\n    - dir: " + drop + "\n      kind: requirements\n      stable: 1s\n"
	if err := os.WriteFile(filepath.Join(p.dir, "rollcall.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	token := func(args ...string) string {
		t.Helper()
		out, err := p.command(append([]string{"token", "create"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	if err := os.Mkdir(drop, 0o750); err != nil {
		t.Fatal(err)
	}
	admin, planner := token("--role", "admin", "--name", "root"),
		token("--role", "planner", "--name", "pia", "--team", "Billing")
	d := p.serve(t)
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil &&
			code == 200
	}); err != nil {
		t.Fatal(err, d.said.String())
	}
	const head = "agent_id,team,time_zone,from\n"
	code, v := d.upload(t, "/api/v1/rosters/imports", admin, "roster.csv", head+
		"ana,Billing,UTC,2026-01-01\nbob,Sales,UTC,2026-01-01\n", nil)
	if code != 200 || at(t, v, "roster.totals.added") != "2" || at(t, v, "base_revision") != "none" {
		t.Fatalf("%d %v", code, v)
	}
	first := at(t, v, "import.id")
	code, v = d.upload(t, "/api/v1/rosters/imports", planner, "roster.csv", head+"bob,Billing,UTC,2026-02-01\n", nil)
	if code != 403 || !strings.Contains(at(t, v, "detail"), `may not import data of agent "bob"; their scope is Billing`) {
		t.Errorf("a planner took bob from another team: %d %v", code, v)
	}
	code, v = d.upload(t, "/api/v1/rosters/imports", planner, "roster.csv", head+"ana,Sales,UTC,2026-02-01\n", nil)
	if code != 403 {
		t.Errorf("a planner gave ana to another team: %d %v", code, v)
	}
	code, v = d.upload(t, "/api/v1/statuses/imports", admin, "statuses.csv", "secondary,status\nCoaching,training\n", nil)
	if code != 200 || at(t, v, "written") != "1" {
		t.Errorf("statuses: %d %v", code, v)
	}
	schedule := "agent_id,activity,start,end,category\nana,Phones,2026-03-02 09:00,2026-03-02 17:00,on_queue_work\n"
	code, v = d.upload(t, "/api/v1/schedules/imports?dry_run=true", planner, "week.csv", schedule, nil)
	if code != 200 || at(t, v, "schedule.totals.added") != "1" || at(t, v, "dry_run") != "true" {
		t.Fatalf("%d %v", code, v)
	}
	base := at(t, v, "base_revision")
	code, v = d.upload(t, "/api/v1/schedules/imports", planner, "week.csv", schedule,
		map[string]string{"if_revision": base})
	if code != 200 {
		t.Fatalf("%d %v", code, v)
	}
	revision := at(t, v, "revision.id")
	code, v = d.upload(t, "/api/v1/schedules/imports", planner, "week.csv", strings.ReplaceAll(schedule, "17:00", "16:00"),
		map[string]string{"if_revision": base})
	if code != 409 || at(t, v, "conflict.newest_revision") != revision {
		t.Errorf("the second planner does not see the conflict: %d %v", code, v)
	}
	code, v = d.upload(t, "/api/v1/schedules/imports", planner, "week.csv",
		"agent_id,activity,start,end,category\nanna,Phones,9,10,on_queue_work\n", nil)
	if code != 422 || !strings.Contains(at(t, v, "errors.0.message"), `week.csv:2:1: agent_id: `) {
		t.Errorf("the problems are not listed: %d %v", code, v)
	}
	for _, path := range []string{"schedules/imports/" + revision, "schedules/imports/" + revision + "/diff",
		"rosters/imports", "schedules/imports"} {
		if code, text, err := d.call("GET", "/api/v1/"+path, planner, ""); code != 200 || err != nil ||
			!strings.Contains(text, "{") {
			t.Errorf("%s: %d %s %v", path, code, text, err)
		}
	}
	if code, text, _ := d.call("GET", "/api/v1/rosters/imports/"+first+"/diff", planner, ""); code != 403 {
		t.Errorf("a planner sees what changed for bob: %d %s", code, text)
	}
	if code, text, _ := d.call("POST", "/api/v1/schedules/imports/"+revision+"/undo", planner, ""); code != 200 ||
		!strings.Contains(text, `"restored":[{"agent_id":"ana","day":"2026-03-02","removed":true}]`) {
		t.Errorf("the undo: %d %s", code, text)
	}

	week := "agent_id,activity,date,start_time,end_time,category\n"
	for day := 2; day < 6; day++ {
		week += fmt.Sprintf("ana,Phones,2026-03-%02d,09:00,17:00,on_queue_work\n", day)
	}
	if code, v = d.upload(t, "/api/v1/schedules/imports", planner, "week.csv", week, nil); code != 200 {
		t.Fatalf("%d %v", code, v)
	}
	narrow := map[string]string{"from": "2026-03-01", "to": "2026-03-31"}
	code, v = d.upload(t, "/api/v1/schedules/imports", planner, "day.csv", schedule, narrow)
	if code != 409 || at(t, v, "type") != "urn:rollcall:problem:removals" ||
		at(t, v, "report.schedule.removals.days") != "3" ||
		!strings.Contains(at(t, v, "detail"), "would leave 3 with nothing") {
		t.Errorf("removals that are not allowed: %d %v", code, v)
	}
	narrow["allow_removals"] = "true"
	code, v = d.upload(t, "/api/v1/schedules/imports", planner, "day.csv", schedule, narrow)
	if code != 200 || at(t, v, "schedule.removals.last") != "2026-03-05" || at(t, v, "revision.days_removed") != "3" {
		t.Errorf("removals that are allowed: %d %v", code, v)
	}

	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(drop, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("good.csv", "team,start,required\nBilling,2026-03-02T09:00:00Z,2\nBilling,2026-03-02T09:15:00Z,2.5\n")
	put("bad.csv", "team,start,required\nBiling,2026-03-02T09:00:00Z,2\n")
	if err := eventually(func() bool {
		_, text, err := d.call("GET", "/api/v1/requirements/imports", planner, "")
		return err == nil && strings.Contains(text, `"actor":"folder:`+drop+`"`) &&
			strings.Contains(text, `"origin":"good.csv"`)
	}); err != nil {
		t.Fatal(err, d.said.String())
	}
	if err := eventually(func() bool {
		_, text, err := d.call("GET", "/metrics", admin, "")
		return err == nil && strings.Contains(text, `rollcall_watched_files_total{result="rejected"} 1`) &&
			strings.Contains(text, `rollcall_watched_files_total{result="done"} 1`)
	}); err != nil {
		t.Error(err, d.said.String())
	}
	if found, err := filepath.Glob(filepath.Join(drop, "rejected", "*-bad.csv.report.txt")); err != nil ||
		len(found) != 1 {
		t.Errorf("no report lies beside the rejected file: %v %v", found, err)
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
}
