package web_test

import "net/http"

// deskMatrix is the part of the matrix about setting presence and status, written by hand from interfaces.md.
var deskMatrix = []call{
	//                                                                          nobody agent super plan mgr feed admin
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/ana/status", [7]int{who, ok, ok, no, no, no, ok}},
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/bob/status", [7]int{who, no, no, no, no, no, ok}},
	{"PUT /api/v1/agents/{id}/status", "/api/v1/agents/nobody%2Fhere/status", [7]int{who, no, no, no, no, no, ok}}, // httpin says 404
	// Whose agents they are says the body: package httpin asks about each of them again.
	{"POST /api/v1/status-changes/bulk", "/api/v1/status-changes/bulk", [7]int{who, no, ok, no, no, no, ok}},
	{"POST /api/v1/status-changes/bulk/{id}/undo", "/api/v1/status-changes/bulk/x/undo", [7]int{who, no, ok, no, no, no, ok}},
}

// desk stands for the handlers of package httpin: the frame must let nobody through to them.
type desk struct{}

func (desk) PutStatus(w http.ResponseWriter, r *http.Request) { pushes{}.answer(w, r) }

func (desk) PutMany(w http.ResponseWriter, r *http.Request)  { pushes{}.answer(w, r) }
func (desk) UndoMany(w http.ResponseWriter, r *http.Request) { pushes{}.answer(w, r) }

func mountDesk(h *house) error { return h.MountDesk(desk{}) }
