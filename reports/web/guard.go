package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// info is what is found out about a request on its way in, for the log.
type info struct {
	address   string
	route     *Route
	principal access.Principal
}

type infoKey struct{}

func infoOf(ctx context.Context) *info {
	if i, ok := ctx.Value(infoKey{}).(*info); ok {
		return i
	}
	return &info{}
}

// ServeHTTP is the frame around every request, known route or not.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.deps.Now()
	in := &info{address: s.clientOf(r).String()}
	r = r.WithContext(context.WithValue(r.Context(), infoKey{}, in))
	rec := &recorder{ResponseWriter: w}
	defer func() {
		s.note(r, rec, in, s.deps.Now().Sub(began))
	}()
	defer s.catch(rec)
	s.headers(rec.Header())
	if p := s.unfit(r); p != nil {
		s.Problem(rec, r, p)
		return
	}
	if s.overAddress(rec, r) {
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.nowhere(rec, r)
		return
	}
	s.sessions.LoadAndSave(s.mux).ServeHTTP(rec, r)
}

// headers are on every answer. No page has a script or style of its own, so none is allowed to.
func (s *Server) headers(h http.Header) {
	h.Set("Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if s.config.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// unfit says why a request is not looked at: it did not come through the proxy, it is for another host, or another
// site's page made it.
func (s *Server) unfit(r *http.Request) *schemas.Problem {
	peer := peerOf(r)
	if s.config.exposed() && !s.config.trusts(peer) && !peer.IsLoopback() {
		return schemas.NewProblem(http.StatusForbidden, "this address is served without TLS, for its trusted proxies only")
	}
	if !s.knowsHost(r.Host) {
		return schemas.NewProblem(http.StatusMisdirectedRequest,
			fmt.Sprintf("this server is not known as %q; set http.public_url to the address that people use", r.Host))
	}
	if r.Header.Get("Authorization") != "" {
		return nil // a token is not sent by a browser on its own
	}
	if err := s.cross.Check(r); err != nil {
		return schemas.NewProblem(http.StatusForbidden, "the request was made by a page of another site: "+err.Error())
	}
	return nil
}

// hostNames returns the names that the configuration has for this server.
func hostNames(c *Config) map[string]bool {
	names := map[string]bool{"localhost": true}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Hostname() != "" {
		names[strings.ToLower(u.Hostname())] = true
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != "" {
		names[strings.ToLower(host)] = true
	}
	return names
}

// knowsHost says whether a request may be for the host: a configured name, a name of the certificate, or any address. A
// page of another site that points its own name at this machine (DNS rebinding) is none of these.
func (s *Server) knowsHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || s.names[host] {
		return true
	}
	return s.leaf != nil && s.leaf.VerifyHostname(host) == nil
}

// crossOrigin refuses unsafe requests that pages of other sites make.
func crossOrigin(c *Config) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" {
		return p, err
	}
	return p, p.AddTrustedOrigin(u.Scheme + "://" + u.Host)
}

// catch turns a panic into an answer; the stack goes to the log only.
func (s *Server) catch(w *recorder) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.deps.Log.WithFields(logrus.Fields{"panic": fmt.Sprint(v), "stack": string(debug.Stack())}).Error("request panicked")
	if w.status == 0 {
		sendProblem(w, schemas.NewProblem(http.StatusInternalServerError,
			"something went wrong here; the log of the server says what"))
	}
}

// nowhere answers a request for what is no route; the page for a person who is signed in leads on to the pages they
// have.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	if !readsPages(r, nil) {
		s.unrouted(w, r)
		return
	}
	s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, err := s.credential(r); err == nil {
			infoOf(r.Context()).principal = p
		}
		s.unrouted(w, r)
	})).ServeHTTP(w, r)
}

// unrouted answers 404 and 405 in the form of every other error.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request) {
	probe := &discarding{header: http.Header{}}
	s.mux.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		s.Problem(w, r, schemas.NewProblem(probe.status,
			fmt.Sprintf("%s is not possible here; %s is", r.Method, probe.header.Get("Allow"))))
		return
	}
	s.Problem(w, r, schemas.NewProblem(http.StatusNotFound, fmt.Sprintf("nothing is at %s", r.URL.Path)))
}

// discarding keeps status and headers of an answer and drops the rest.
type discarding struct {
	header http.Header
	status int
}

func (d *discarding) Header() http.Header         { return d.header }
func (d *discarding) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarding) WriteHeader(status int)      { d.status = status }

// retryAfterSeconds is when to ask again what this server cannot answer now, unless an answer has a time of its own.
const retryAfterSeconds = "5"

// recorder counts what is sent.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if status == http.StatusServiceUnavailable && r.Header().Get("Retry-After") == "" {
		r.Header().Set("Retry-After", retryAfterSeconds)
	}
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
