package web_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// changesMatrix is the part of the matrix about setting presence and status, written by hand.
var changesMatrix = []call{
	//                                                                          nobody agent super plan mgr feed admin
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/ana/status", [7]int{who, ok, ok, no, no, no, ok}},
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/bob/status", [7]int{who, no, no, no, no, no, ok}},
	// httpin says 404
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/nobody%2Fhere/status", [7]int{who, no, no, no, no, no, ok}},
	// Whose agents they are says the body: package httpin asks about each of them again.
	{"POST /api/v1/status-changes/bulk", "/api/v1/status-changes/bulk", [7]int{who, no, ok, no, no, no, ok}},
	{"POST /api/v1/status-changes/bulk/{id}/undo", "/api/v1/status-changes/bulk/x/undo",
		[7]int{who, no, ok, no, no, no, ok}},
}

// changes stands for the handlers of package httpin: the frame must let nobody through to them.
type changes struct{}

func (changes) PutStatus(w http.ResponseWriter, r *http.Request) { pushes{}.answer(w, r) }

func (changes) PutMany(w http.ResponseWriter, r *http.Request)  { pushes{}.answer(w, r) }
func (changes) UndoMany(w http.ResponseWriter, r *http.Request) { pushes{}.answer(w, r) }

func mountChanges(h *house) error { h.live.Changes = changes{}; return nil }

// The description names every field that the handlers of package httpin read.
func TestTheDescriptionKnowsWhatCanBeSet(t *testing.T) {
	h := newHouse(t, config(), mountChanges, mountPush)
	_, _, body := h.ask(t, "admin", "GET", "/api/v1/openapi.json", "")
	var api struct {
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(body), &api); err != nil {
		t.Fatal(err)
	}
	for schema, fields := range map[string][]string{"StateChange": {"presence", "status", "secondary", "note"},
		"BulkChange":             {"presence", "status", "secondary", "note", "select"},
		"BulkChangeSelectStruct": {"agents", "team", "site", "presence", "status", "adherence_state"}} {
		got := api.Components.Schemas[schema].Properties
		for _, f := range fields {
			if got[f] == nil {
				t.Errorf("%s does not describe %s", schema, f)
			}
		}
		if len(got) != len(fields) {
			t.Errorf("%s describes %v, want %v", schema, got, fields)
		}
	}
	at, _ := api.Components.Schemas["FeedResult"].Properties["complete_up_to"].(map[string]any)
	if at["format"] != "date-time" {
		t.Errorf("complete_up_to of a feed's answer is described as %v", at)
	}
	for path, method := range map[string]string{"/api/v1/agents/{id}/status": "put", "/api/v1/status-changes/bulk": "post",
		"/api/v1/status-changes/bulk/{id}/undo": "post"} {
		if api.Paths[path][method] == nil {
			t.Errorf("%s %s is not described", method, path)
		}
	}
}
