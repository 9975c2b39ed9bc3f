package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rollcall/schemas/access"
)

// mountProbes adds what machines ask about the program itself.
func (s *Server) mountProbes() error {
	figures := promhttp.HandlerFor(s.deps.Metrics, promhttp.HandlerOpts{DisableCompression: true})
	return errors.Join(
		s.Mount(Route{Method: http.MethodGet, Pattern: "/healthz", Action: access.ActionPublic,
			Handler: http.HandlerFunc(healthy)}),
		s.Mount(Route{Method: http.MethodGet, Pattern: "/readyz", Action: access.ActionPublic,
			Handler: http.HandlerFunc(s.ready)}),
		s.Mount(Route{Method: http.MethodGet, Pattern: "/metrics", Action: access.ActionSeeMetrics, Local: true,
			Handler: figures}),
	)
}

// healthy says that the program answers.
func healthy(w http.ResponseWriter, _ *http.Request) {
	sendJSON(w, http.StatusOK, map[string]bool{"healthy": true})
}

// ready says whether everything works; ingest goes on meanwhile in any case.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	reasons := s.deps.Ready()
	answer := struct {
		Ready   bool     `json:"ready"`
		Reasons []string `json:"reasons,omitempty"`
		// Warnings do not keep the program from being ready.
		Warnings []string `json:"warnings,omitempty"`
	}{len(reasons) == 0, reasons, nil}
	if n := len(s.SilentFeeds()); n > 0 { // everybody may ask; which they are is for those who may see feeds
		answer.Warnings = []string{fmt.Sprintf("silent feeds: %d; their agents are unknown", n)}
	}
	if n := len(s.Alarms()); n > 0 {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("alarms: %d; the administration says which", n))
	}
	status := http.StatusOK
	if !answer.Ready {
		status = http.StatusServiceUnavailable
	}
	sendJSON(w, status, answer)
}

// sendJSON writes one value.
func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader is gone
}
