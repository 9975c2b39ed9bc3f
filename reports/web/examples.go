package web

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// example is a request that works in a small centre: the agents ana and ben of team Billing in Leeds, the feed acd, and
// the worked day 2026-03-02. A test sends every one of them to a real server.
type example struct {
	// Params are the values of parameters by name, those of the path and of the query.
	Params map[string]any
	// Body is the JSON of the body; empty for none.
	Body string
	// File is the file of a form; empty for none.
	File string
}

// examples are the requests by operation. An operation that is described with examples of its own needs no entry.
func examples() map[string]example {
	day := map[string]any{"from": "2026-03-02", "to": "2026-03-02"}
	id := map[string]any{"id": "0197c0de-0000-7000-8000-000000000001"}
	acd := map[string]any{"source": "acd"}
	all := map[string]example{
		"list-days":       {Params: day},
		"list-exceptions": {Params: day},
		"explain-day":     {Params: map[string]any{"agent": "ana", "day": "2026-03-02"}},
		"list-agents":     {Params: map[string]any{"team": []string{"Billing"}}},
		"get-agent":       {Params: map[string]any{"id": "ana"}},
		"live-at":         {Params: map[string]any{"at": "2026-03-02T10:40:00Z"}},
		"live-stream":     {Params: map[string]any{"team": []string{"Billing"}}},
		"list-feeds":      {},
		"put-agent-status": {Params: map[string]any{"id": "ana"},
			Body: `{"presence":"away","status":"break","note":"back at 11"}`},
		"put-many-statuses": {Params: map[string]any{"dry_run": true},
			Body: `{"select":{"team":["Billing"]},"presence":"busy","status":"meeting","note":"all hands"}`},
		"undo-many-statuses": {Params: id},
		"push-status-changes": {Body: `[{"id":"evt-4711","agent_id":"ana","at":"2026-03-02T09:00:00Z","presence":"available","status":"available",` +
			`"routing":"idle"}]`},
		"push-snapshot": {Body: `{"at":"2026-03-02T09:05:00Z","absent":"keep","agents":[{"agent_id":"ana","presence":"available",` +
			`"status":"available","routing":"interacting"}]}`},
		"feed-heartbeat": {Params: acd, Body: `{"fields":["presence","status","routing"]}`},
		"feed-complete":  {Params: acd, Body: `{"up_to":"2026-03-02T09:00:00Z"}`},
		"feed-gaps": {Params: acd,
			Body: `{"from":"2026-03-01T09:00:00Z","to":"2026-03-01T09:10:00Z","agents":["ana"]}`},
		"list-corrections": {Params: map[string]any{"status": "granted"}},
		"add-correction": {Body: `{"agents":["ana"],"from":"2026-03-02T10:30","to":"2026-03-02T10:45","time_zone":"Europe/London",` +
			`"effect":"neutral","reason":"telephone outage"}`},
		"grant-correction":  {Params: id, Body: `{"note":"seen on the board"}`},
		"refuse-correction": {Params: id, Body: `{"note":"no outage is known"}`},
		"revert-correction": {Params: id, Body: `{"note":"wrong day"}`},
		"list-policies":     {},
		"set-policy":        {Body: `{"team":"Billing","from":"2026-03-02","rules":{"exception_threshold":"2m"}}`},
		"policy-what-if": {
			Body: `{"team":"Billing","from":"2026-03-02","to":"2026-03-02","rules":{"off_queue_equivalent":true}}`},
		"list-dead-webhooks":  {Params: map[string]any{"limit": 20}},
		"replay-dead-webhook": {Params: id},
		"run-job":             {Params: map[string]any{"name": "compute"}},
		"list-job-runs":       {Params: map[string]any{"name": "compute"}},
		"subscribe": {
			Body: `{"recipients":["kim@example.org"],"teams":["Billing"],"at":"06:30","time_zone":"Europe/London"}`},
		"unsubscribe": {Params: id},
		"make-report": {
			Body: `{"kind":"adherence","format":"csv","from":"2026-03-02","to":"2026-03-08","teams":["Billing"]}`},
		"get-report":           {Params: id},
		"drop-report":          {Params: id},
		"get-report-file":      {Params: id},
		"stream-adherence-csv": {Params: day}, "stream-adherence-json": {Params: day},
		"stream-staffing-csv": {Params: day}, "stream-staffing-json": {Params: day},
	}
	for path, file := range map[string]string{
		"rosters": "agent_id,name,team,site,time_zone,from\ncleo,Cleo Cole,Billing,Leeds,Europe/London,2026-01-01\n",
		"schedules": "agent_id,activity,start,end,category\nben,Phones,2026-03-02T09:00:00Z,2026-03-02T12:00:00Z," +
			"on_queue_work\n",
		"activities":   "code,category\nPhones,on_queue_work\n",
		"requirements": "team,start,required\nBilling,2026-03-02T09:00:00Z,2\nBilling,2026-03-02T09:30:00Z,3\n",
	} {
		all["import-"+path+"-import"] = example{File: file}
		for _, verb := range []string{"get", "diff", "undo"} {
			all[verb+"-"+path+"-import"] = example{Params: id}
		}
	}
	return all
}

// illustrate puts the examples into the description. A misspelt parameter is an error, so that none is lost.
func illustrate(api *huma.OpenAPI) error {
	all := examples()
	for _, path := range api.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete, path.Patch} {
			if op == nil {
				continue
			}
			x, ok := all[op.OperationID]
			if !ok {
				continue
			}
			if err := x.into(op); err != nil {
				return fmt.Errorf("example of %s: %w", op.OperationID, err)
			}
		}
	}
	return nil
}

// into puts one example into its operation.
func (x example) into(op *huma.Operation) error {
	for name, value := range x.Params {
		found := false
		for _, p := range op.Parameters {
			if p.Name == name {
				p.Example, found = value, true
			}
		}
		if !found {
			return fmt.Errorf("there is no parameter %s", name)
		}
	}
	if x.File != "" {
		if op.RequestBody == nil || op.RequestBody.Content["multipart/form-data"] == nil {
			return errors.New("there is no form")
		}
		op.RequestBody.Content["multipart/form-data"].Example = map[string]any{"file": x.File}
	}
	if x.Body == "" {
		return nil
	}
	var body any
	if err := json.Unmarshal([]byte(x.Body), &body); err != nil {
		return err
	}
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return errors.New("there is no JSON body")
	}
	op.RequestBody.Content["application/json"].Example = body
	return nil
}
