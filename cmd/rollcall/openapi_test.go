package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// described is the description of the API as a program reads it.
type described struct {
	Paths      map[string]map[string]*operation
	Components struct{ Schemas map[string]schema }
}

type schema = map[string]any

type operation struct {
	OperationID string
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   schema
		Example  any
	}
	RequestBody *struct {
		Required bool
		Content  map[string]content
	}
	Responses map[string]struct{ Content map[string]content }

	method, path string
}

type content struct {
	Schema  schema
	Example any
}

// reference returns what a schema refers to.
func (d *described) reference(s schema) schema {
	for {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		s = d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]]
	}
}

// check returns what of a value the schema does not allow, by JSON Schema as far as the description uses it.
func (d *described) check(s schema, v any, at string) []string {
	s = d.reference(s)
	if of := list(s["oneOf"]); len(of) > 0 {
		var wrong []string
		for _, one := range of {
			w := d.check(one.(schema), v, at)
			if len(w) == 0 {
				return nil
			}
			wrong = append(wrong, w...)
		}
		return wrong
	}
	kinds := list(s["type"])
	if kind, ok := s["type"].(string); ok {
		kinds = []any{kind}
	}
	if len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k any) bool { return isKind(k.(string), v) }) {
		return []string{fmt.Sprintf("%s is %T %v, want %v", at, v, v, kinds)}
	}
	if allowed := list(s["enum"]); len(allowed) > 0 && v != nil && !slices.Contains(allowed, v) {
		return []string{fmt.Sprintf("%s is %v, want one of %v", at, v, allowed)}
	}
	switch v := v.(type) {
	case map[string]any:
		return d.checkObject(s, v, at)
	case []any:
		var wrong []string
		if items, ok := s["items"].(schema); ok {
			for i, e := range v {
				wrong = append(wrong, d.check(items, e, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
		return wrong
	case string:
		if s["format"] == "date-time" {
			if _, err := time.Parse(time.RFC3339Nano, v); err != nil {
				return []string{fmt.Sprintf("%s is %q, no instant", at, v)}
			}
		}
	}
	return nil
}

func (d *described) checkObject(s schema, v map[string]any, at string) []string {
	var wrong []string
	for _, name := range list(s["required"]) {
		if _, ok := v[name.(string)]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s lacks %s", at, name))
		}
	}
	known, _ := s["properties"].(schema)
	for name, value := range v {
		if of, ok := known[name].(schema); ok {
			wrong = append(wrong, d.check(of, value, at+"."+name)...)
			continue
		}
		switch more := s["additionalProperties"].(type) {
		case bool:
			if !more {
				wrong = append(wrong, fmt.Sprintf("%s has %s, which is not described", at, name))
			}
		case schema:
			wrong = append(wrong, d.check(more, value, at+"."+name)...)
		}
	}
	return wrong
}

func list(v any) []any { l, _ := v.([]any); return l }

func isKind(kind string, v any) bool {
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

// request makes the request of the example, and says what it lacks. Values in ids go before the example's.
func (o *operation) request(ids map[string]string) (path, body string, wrong []string) {
	path, q := o.path, url.Values{}
	for _, p := range o.Parameters {
		if p.Example == nil {
			if p.Required {
				wrong = append(wrong, "parameter "+p.Name+" has no example")
			}
			continue
		}
		values := []any{p.Example}
		if many, ok := p.Example.([]any); ok {
			values = many
		}
		for _, v := range values {
			text := fmt.Sprint(v)
			if ids[p.Name] != "" {
				text = ids[p.Name]
			}
			if p.In == "path" {
				path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(text))
			} else {
				q.Add(p.Name, text)
			}
		}
	}
	if o.RequestBody != nil {
		if c, ok := o.RequestBody.Content["application/json"]; ok && c.Example != nil {
			text, err := json.Marshal(c.Example)
			if err != nil {
				wrong = append(wrong, err.Error())
			}
			body = string(text)
		} else if ok && o.RequestBody.Required {
			wrong = append(wrong, "the body has no example")
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path, body, wrong
}

// smallCentre is the centre that the examples are about: ana, of the worked day, and ben.
func smallCentre(t *testing.T) (d *daemon, admin, ana, acd string) {
	t.Helper()
	p := newWorkshop(t)
	p.env = append(p.env, "ROLLCALL_SMTP_ADDRESS=127.0.0.1:1", "ROLLCALL_SMTP_FROM=rollcall@example.org")
	for name, text := range map[string]string{
		"roster.csv": "agent_id,name,team,site,time_zone,from\nana,Ana " +
			"Ortiz,Billing,Leeds,Europe/London,2026-01-01\nben,Ben Berg,Billing,Leeds,Europe/London,2026-01-01\n",
		"schedule.csv": "agent_id,activity,start,end,category,shift\nana,Phones,2026-03-02T09:00:00Z,2026-03-02T10:30:00Z," +
			"on_queue_work,s1\n" +
			"ana,Break,2026-03-02T10:30:00Z,2026-03-02T11:00:00Z,break,s1\nana,Huddle,2026-03-02T11:00:00Z," +
			"2026-03-02T12:00:00Z,meeting,s1\n",
		"status.csv": "agent_id,at,presence,status,routing\nana,2026-03-02T08:58:00Z,available,off_queue,off_queue\nana," +
			"2026-03-02T09:00:00Z,available,available,idle\n" +
			"ana,2026-03-02T10:45:00Z,away,break,off_queue\nana,2026-03-02T12:00:00Z,offline,off_queue,off_queue\n",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := p.command(args...).Output()
		if err != nil {
			t.Fatalf("rollcall %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("import", "roster", "roster.csv")
	run("import", "schedule", "schedule.csv")
	run("import", "status", "status.csv", "--source", "acd")
	run("compute")
	admin = run("token", "create", "--role", "admin", "--name", "op")
	acd = run("token", "create", "--role", "feed", "--name", "acd", "--source", "acd")
	ana = run("token", "create", "--role", "agent", "--name", "ana", "--agent", "ana")
	d = p.serve(t)
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil && code == http.StatusOK
	}); err != nil {
		t.Fatal(err)
	}
	return d, admin, ana, acd
}

// Every operation of the description has an example, every example is answered by a real daemon with a success that is
// described, and the answer is as its schema says. What is described as an error is sent as a problem document.
func TestEveryExampleOfTheDescriptionWorks(t *testing.T) {
	t.Parallel()
	d, admin, ana, acd := smallCentre(t)
	code, text, err := d.call("GET", "/api/v1/openapi.json", "", "")
	if err != nil || code != http.StatusOK {
		t.Fatalf("the description: %d %v %s", code, err, text)
	}
	var api described
	if err := json.Unmarshal([]byte(text), &api); err != nil {
		t.Fatal(err)
	}
	made := func(token, path, body string, keys ...string) map[string]string {
		t.Helper()
		code, text, err := d.call("POST", path, token, body)
		if err != nil || code >= 300 {
			t.Fatalf("%s: %d %s %v", path, code, text, err)
		}
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			v = v.(map[string]any)[k]
		}
		return map[string]string{"id": v.(string)}
	}
	minute := 0
	correction := func(token string) map[string]string {
		minute += 5 // each is about another time
		return made(token, "/api/v1/corrections",
			fmt.Sprintf(`{"agents":["ana"],"from":"2026-03-02T11:%02d:00Z","to":"2026-03-02T11:%02d:00Z",`+
				`"effect":"neutral","reason":"asked"}`, minute, minute+5), "correction", "id")
	}
	// Ids that only this daemon knows.
	ids := map[string]func() map[string]string{
		"grant-correction":  func() map[string]string { return correction(ana) },
		"refuse-correction": func() map[string]string { return correction(ana) },
		"revert-correction": func() map[string]string { return correction(admin) },
		"undo-many-statuses": func() map[string]string {
			return made(admin, "/api/v1/status-changes/bulk", `{"select":{"agents":["ben"]},"presence":"away","status":"meal"}`,
				"id")
		},
	}
	ids["unsubscribe"] = func() map[string]string {
		return made(admin, "/api/v1/subscriptions",
			`{"recipients":["lea@example.org"],"at":"07:00","time_zone":"Europe/London"}`, "id")
	}
	report := func() map[string]string {
		id := made(admin, "/api/v1/reports", `{"kind":"adherence","format":"csv","from":"2026-03-02","to":"2026-03-02"}`,
			"id")
		if err := eventually(func() bool {
			_, text, _ := d.call("GET", "/api/v1/reports/"+id["id"], admin, "")
			return strings.Contains(text, `"state":"done"`)
		}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	ids["get-report"], ids["get-report-file"], ids["drop-report"] = report, report, report
	// Nothing is dead, so that nothing can be sent again.
	elsewise := map[string]int{"replay-dead-webhook": http.StatusNotFound}
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(api.Paths[path])) {
			o := api.Paths[path][method]
			o.method, o.path = strings.ToUpper(method), path
			t.Run(o.OperationID, func(t *testing.T) {
				var own map[string]string
				if make := ids[o.OperationID]; make != nil {
					own = make()
				}
				if strings.Contains(o.path, "/imports/{id}") {
					own = newestImport(t, d, o.path, admin)
				}
				if file := o.file(); file != "" {
					code, text := upload(t, d, o.path, admin, file)
					api.answers(t, o, code, text, 0)
					return
				}
				path, body, wrong := o.request(own)
				if len(wrong) > 0 {
					t.Fatalf("%s %s: %s; add it to examples.go", o.method, o.path, strings.Join(wrong, ", "))
				}
				if o.OperationID == "live-stream" {
					listens(t, d, path, admin)
					return
				}
				token := admin
				if strings.HasPrefix(o.OperationID, "push-") || strings.HasPrefix(o.OperationID, "feed-") {
					token = acd // which speaks for its own source
				}
				code, text, err := d.call(o.method, path, token, body)
				if err != nil {
					t.Fatal(err)
				}
				api.answers(t, o, code, text, elsewise[o.OperationID])
			})
		}
	}
}

// answers checks an answer against its description.
func (d *described) answers(t *testing.T, o *operation, code int, text string, want int) {
	t.Helper()
	if want == 0 && code/100 != 2 || want != 0 && code != want {
		t.Fatalf("%s %s: %d %s", o.method, o.path, code, text)
	}
	r, ok := o.Responses[fmt.Sprint(code)]
	if !ok {
		r, ok = o.Responses["default"]
	}
	if !ok {
		t.Fatalf("%d is not described", code)
	}
	for kind, c := range r.Content {
		if !strings.Contains(kind, "json") {
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("the answer is no JSON: %v %s", err, text)
		}
		if c.Schema == nil {
			t.Errorf("the answer has no schema")
		}
		for _, w := range d.check(c.Schema, v, "answer") {
			t.Errorf("%d: %s", code, w)
		}
	}
}

// listens opens a stream and waits for its first event.
func listens(t *testing.T, d *daemon, path, token string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") || !lines.Scan() {
		t.Errorf("the stream is %d %s", answer.StatusCode, kind)
	}
}

// file returns the file of the example's form, if it has one.
func (o *operation) file() string {
	if o.RequestBody == nil {
		return ""
	}
	form, _ := o.RequestBody.Content["multipart/form-data"].Example.(map[string]any)
	text, _ := form["file"].(string)
	return text
}

// upload sends a form with one file.
func upload(t *testing.T, d *daemon, path, token, file string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "example.csv")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// newestImport returns the id of the import that an earlier example has made.
func newestImport(t *testing.T, d *daemon, path, token string) map[string]string {
	t.Helper()
	kind, _, _ := strings.Cut(path, "/{id}")
	_, text, err := d.call("GET", kind, token, "")
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Items) == 0 {
		t.Fatalf("%s: %v %s", kind, err, text)
	}
	return map[string]string{"id": list.Items[0].ID}
}
