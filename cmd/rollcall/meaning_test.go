package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
)

// A feed sends states that nobody has mapped: the time is unknown. An administrator says on /admin what they stand for,
// and the facts that hold the texts are read again: the live board shows them, and the day is judged anew.
func TestATextGetsItsMeaningAndItsDaysAreJudgedAgain(t *testing.T) {
	t.Parallel()
	p := newWorkshop(t)
	now := app.Now()
	for name, text := range map[string]string{
		"roster.csv": "agent_id,name,team,time_zone,from\nana,Ana Ortiz,Billing,UTC,2026-01-01\n",
		"schedule.csv": fmt.Sprintf("agent_id,activity,start,end,category\nana,Phones,%s,%s,on_queue_work\n",
			now.Add(-schemas.HourMS), now.Add(schemas.HourMS)),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(stdin string, args ...string) string {
		t.Helper()
		cmd := p.command(args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("rollcall %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("", "import", "roster", "roster.csv")
	run("", "import", "schedule", "schedule.csv")
	run("correct horse battery\n", "user", "add", "--role", "admin", "--name", "root")
	feed := run("", "token", "create", "--role", "feed", "--name", "acd", "--source", "acd")
	d := p.serve(t)
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil &&
			code == 200
	}); err != nil {
		t.Fatal(err)
	}
	code, text, err := d.call("POST", "/api/v1/status-changes", feed, fmt.Sprintf(
		`[{"agent_id":"ana","at":%q,"presence":"In space","status":"available","routing":"Ringing"}]`,
		now.Add(-30*schemas.MinuteMS)))
	if err != nil || code != 200 {
		t.Fatalf("the push: %d %s %v", code, text, err)
	}
	b := newBrowser(t, d)
	if code, _ := b.signIn("root", "correct horse battery"); code != http.StatusOK {
		t.Fatalf("signing in: %d", code)
	}
	// judged returns the seconds that are in adherence and unknown, once the store has the half hour.
	judged := func() (in, unknown float64) {
		t.Helper()
		run("", "compute")
		var rows []struct {
			InS      float64 `json:"in_s"`
			UnknownS float64 `json:"unknown_s"`
		}
		if err := json.Unmarshal([]byte(run("", "adherence", "days", "-o", "json")), &rows); err != nil || len(rows) == 0 {
			t.Fatalf("days: %v %v", rows, err)
		}
		for _, r := range rows {
			in, unknown = in+r.InS, unknown+r.UnknownS
		}
		return in, unknown
	}
	live := func(says string) {
		t.Helper()
		if eventually(func() bool {
			answer, err := b.Get(d.url + "/api/v1/agents/ana") //nolint:noctx // has a time limit
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			var row struct{ Presence, Routing string }
			return json.NewDecoder(answer.Body).Decode(&row) == nil && row.Presence+" "+row.Routing == says
		}) != nil {
			t.Fatalf("the board never says %s", says)
		}
	}
	live("unknown unknown")
	if in, unknown := judged(); in > 0 || unknown < 3500 {
		t.Errorf("before: %v s in, %v s unknown", in, unknown)
	}
	mean := func(form url.Values) {
		t.Helper()
		answer, err := b.PostForm(d.url+"/admin/unmapped/state", form) //nolint:noctx // has a time limit
		if err != nil {
			t.Fatal(err)
		}
		if path := pathOf(t, answer); answer.StatusCode != http.StatusOK || path != "/admin/unmapped" {
			t.Fatalf("%v answers %d %s", form, answer.StatusCode, path)
		}
	}
	mean(url.Values{"field": {"presence"}, "text": {"In space"}, "presence": {"busy"}})
	live("busy unknown")
	mean(url.Values{"field": {"routing"}, "text": {"ringing"}, "routing": {"interacting"}})
	live("busy interacting")
	if in, unknown := judged(); in < 1790 || unknown > 1900 {
		t.Errorf("after: %v s in, %v s unknown", in, unknown)
	}
	// A meaning that was wrong is decided anew: the later one counts.
	mean(url.Values{"field": {"routing"}, "text": {"Ringing"}, "routing": {"not_responding"}})
	live("busy not_responding")
	if in, _ := judged(); in > 0 {
		t.Errorf("after the second thought %v s are in", in)
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
}
