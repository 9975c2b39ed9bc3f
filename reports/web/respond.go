package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/schemas"
)

// Problem sends a problem document, or its page where people read.
func (s *Server) Problem(w http.ResponseWriter, r *http.Request, p *schemas.Problem) {
	if in := infoOf(r.Context()); readsPages(r, in.route) {
		s.pages.problem(w, s.Frame(in.principal, p.Title, ""), p)
		return
	}
	sendProblem(w, p)
}

// sendProblem sends a problem document.
func sendProblem(w http.ResponseWriter, p *schemas.Problem) {
	w.Header().Set("Content-Type", schemas.ProblemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader is gone
}

// readsPages says whether the answer is for a person: a page was asked for, or a browser asks for what is no route.
func readsPages(r *http.Request, route *Route) bool {
	if route != nil {
		return route.Page
	}
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// Fail answers an error that is not the asker's: they learn that it happened, the log learns what. A store that is away
// comes back: asking again later helps.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, schemas.ErrUnavailable) {
		s.StoreAway(w, r, err)
		return
	}
	s.deps.Log.WithError(err).WithField("route", r.Pattern).Error("request failed")
	s.Problem(w, r, schemas.NewProblem(http.StatusInternalServerError,
		"something went wrong here; the log of the server says what"))
}

// note writes the request's line in the log and counts it. Neither knows the query: it may name people.
func (s *Server) note(r *http.Request, w *recorder, in *info, took time.Duration) {
	pattern, method := "none", "other"
	if in.route != nil {
		pattern, method = in.route.Pattern, in.route.Method
	}
	s.figures.count(pattern, method, w.status, took)
	entry := s.deps.Log.WithFields(logrus.Fields{"method": r.Method, "route": pattern, "status": w.status,
		"bytes": w.bytes,
		"ms":    took.Milliseconds(), "actor": in.principal.Name, "address": in.address})
	switch {
	case w.status >= http.StatusInternalServerError && w.status != http.StatusServiceUnavailable:
		entry.Warn("request")
	case strings.HasSuffix(pattern, "z") || pattern == "/metrics" || strings.HasPrefix(pattern, "/static/"):
		entry.Debug("request")
	default:
		entry.Info("request")
	}
}

// figures are the server's own metrics.
type figures struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newFigures(reg *prometheus.Registry) (*figures, error) {
	f := &figures{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rollcall_http_requests_total",
			Help: "Requests answered, by route, method and status."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rollcall_http_request_seconds",
			Help:    "Time to answer a request; of streams, how long they were open.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8)},
			[]string{"route"}),
	}
	for _, c := range []prometheus.Collector{f.requests, f.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *figures) count(route, method string, status int, took time.Duration) {
	f.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	f.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// newZip returns what compresses the answers of a handler whose type is text, where the reader understands gzip.
func newZip() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.MinSize(1), gzhttp.ContentTypeFilter(func(kind string) bool {
		return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "application/json") ||
			strings.HasPrefix(kind, "application/openapi")
	}))
}
