package web_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

func TestErrorsAreProblemDocuments(t *testing.T) {
	h := newHouse(t, config(), mountPush)
	for _, c := range []struct {
		what, method, path string
		role               schemas.Role
		status             int
		headers            []string
		say                string
	}{
		{"no such path", "GET", "/api/v1/agentz", "admin", 404, nil, "nothing is at /api/v1/agentz"},
		{"no such method", "DELETE", "/api/v1/agents", "admin", 405, nil, "DELETE is not possible here"},
		{"nobody", "GET", "/api/v1/agents", "", 401, nil, "needs a token or a sign-in"},
		{"a token that is none", "GET", "/api/v1/agents", "", 401, []string{"Authorization", "Bearer rc_x"},
			"unknown, revoked or expired"},
		{"another scheme", "GET", "/api/v1/agents", "", 401, []string{"Authorization", "Basic YTpi"},
			"unknown, revoked or expired"},
		{"out of scope", "GET", "/api/v1/agents/bob", "supervisor", 403, nil,
			`may not see the presence of agent \"bob\"; their scope is Billing`},
		{"no such agent", "GET", "/api/v1/agents/zoe", "admin", 404, nil, `agent \"zoe\" is on no roster now`},
		{"a misspelt filter", "GET", "/api/v1/agents?presence=availablee", "admin", 422, nil, `did you mean \"available\"?`},
		{"an unknown filter", "GET", "/api/v1/agents?teams=A", "admin", 422, nil, "query.teams"},
		{"an unknown filter of the stream", "GET", "/api/v1/live/stream?teams=A", "admin", 422, nil, "did you mean team?"},
		{"a bad date", "GET", "/api/v1/adherence/days?from=2026-02-30", "admin", 422, nil, "query.from"},
		{"dates the wrong way round", "GET", "/api/v1/adherence/days?from=2026-03-02&to=2026-03-01", "admin", 422, nil,
			"lies before from"},
		{"a forged cursor", "GET", "/api/v1/adherence/days?after=e30", "admin", 422, nil, "is not the next of a page"},
		{"a limit of nothing", "GET", "/api/v1/adherence/days?limit=0", "admin", 422, nil, "query.limit"},
		{"another host", "GET", "/healthz", "", 421, []string{"Host", "evil.example"}, "set http.public_url"},
		{"a form of another site", "POST", "/api/v1/status-changes?source=acd", "", 403,
			[]string{"Sec-Fetch-Site", "cross-site"}, "another site"},
		{"a page of another origin", "POST", "/api/v1/status-changes", "", 403, []string{"Origin", "https://evil.example"},
			"another site"},
	} {
		status, head, body := h.ask(t, c.role, c.method, c.path, "", c.headers...)
		problem(t, c.what, c.status, status, head, body)
		if !strings.Contains(body, c.say) {
			t.Errorf("%s: %s does not say %q", c.what, body, c.say)
		}
		if c.status == 401 && !strings.HasPrefix(head.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no challenge", c.what)
		}
		if c.status == 405 && !strings.Contains(head.Get("Allow"), "GET") {
			t.Errorf("%s: no Allow", c.what)
		}
	}
}

func TestATokenPassesWhereACookieWouldNotAndOtherSitesNever(t *testing.T) {
	h := newHouse(t, config(), mountPush)
	if status, _, body := h.ask(t, "feed", "POST", "/api/v1/status-changes?source=acd", "", "Sec-Fetch-Site",
		"cross-site"); status != 200 {
		t.Errorf("a token sent from a page gives %d %s", status, body)
	}
	c := h.browser(t, "admin")
	for _, from := range []struct {
		site   string
		status int
	}{{"same-origin", 303}, {"cross-site", 403}} {
		r, _ := http.NewRequestWithContext(t.Context(), "POST", h.url+"/logout", nil)
		r.Header.Set("Sec-Fetch-Site", from.site)
		if from.site == "cross-site" {
			r.Header.Set("Accept", "text/html")
		}
		if status, _, _ := send(t, h.browser(t, "admin"), r); status != from.status {
			t.Errorf("signing out from %s gives %d", from.site, status)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+"/api/v1/agents", nil)
	r.Header.Set("Authorization", "Bearer rc_wrong")
	if status, _, _ := send(t, c, r); status != 401 {
		t.Errorf("a bad token beside a good session gives %d", status)
	}
}

func TestEveryAnswerHasTheHeadersThatGuardIt(t *testing.T) {
	h := newHouse(t, config())
	for _, path := range []string{"/", "/login", "/api/v1/agents", "/static/board.js", "/nothing", "/readyz"} {
		_, head, _ := h.ask(t, "admin", "GET", path, "")
		csp := head.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", path, head)
		}
		if cache := head.Get("Cache-Control"); !strings.HasPrefix(path, "/static") && !strings.Contains(cache, "no-store") {
			t.Errorf("%s may be kept by caches: %q", path, cache)
		}
	}
	for _, path := range []string{"/", "/login"} {
		_, _, page := h.ask(t, "admin", "GET", path, "")
		for _, inline := range []string{"style=", "onclick", "<style", "javascript:"} {
			if strings.Contains(page, inline) {
				t.Errorf("%s holds %s, which its policy forbids", path, inline)
			}
		}
	}
}

func TestAPanicIsAnAnswerWithoutItsStack(t *testing.T) {
	h := newHouse(t, config(), func(h *house) error {
		return h.Mount(web.Route{Method: "GET", Pattern: "/boom", Action: access.ActionPublic,
			Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("the secret plan") })})
	})
	status, head, body := h.ask(t, "", "GET", "/boom", "")
	problem(t, "a panic", 500, status, head, body)
	if strings.Contains(body, "secret plan") || strings.Contains(body, "goroutine") {
		t.Errorf("the answer tells %s", body)
	}
	h.stop(t)
	if log := h.log.String(); !strings.Contains(log, "the secret plan") || !strings.Contains(log, "frame_test.go") {
		t.Errorf("the log does not tell where: %s", log)
	}
}

func TestBodiesHaveALimit(t *testing.T) {
	h := newHouse(t, config(), func(h *house) error {
		return h.Mount(web.Route{Method: "POST", Pattern: "/swallow", Action: access.ActionPublic, MostBodyBytes: 10,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.ReadAll(r.Body); err != nil {
					w.WriteHeader(http.StatusRequestEntityTooLarge)
				}
			})})
	})
	for body, want := range map[string]int{"0123456789": 200, "0123456789x": 413} {
		if status, _, _ := h.ask(t, "", "POST", "/swallow", body); status != want {
			t.Errorf("%d bytes give %d", len(body), status)
		}
	}
}

func TestMountRefusesWhatCouldNotBeGuarded(t *testing.T) {
	h := newHouse(t, config())
	handler := http.NotFoundHandler()
	for _, r := range []web.Route{{Method: "GET", Pattern: "/x", Handler: handler},
		{Method: "GET", Pattern: "/x", Action: "fly", Handler: handler},
		{Pattern: "/x", Action: access.ActionPublic, Handler: handler},
		{Method: "GET", Pattern: "/x", Action: access.ActionPublic},
		{Method: "GET", Pattern: "x", Action: access.ActionPublic, Handler: handler}} {
		if h.Mount(r) == nil {
			t.Errorf("%+v is mounted", r)
		}
	}
}

func TestPeopleSignInSeeTheBoardAndSignOut(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "Supervisor ")
	get := func(path string) (int, http.Header, string) {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+path, nil)
		return send(t, c, r)
	}
	status, head, page := get("/?show=severe")
	if status != 200 || !strings.Contains(page, "Ana Ortiz") || !strings.Contains(page, "<b>supervisor</b>") {
		t.Errorf("the board is %d %s", status, page)
	}
	if cookies := head.Values("Set-Cookie"); len(cookies) != 0 {
		t.Errorf("a page view sets %v", cookies)
	}
	if status, _, body := get("/api/v1/agents/ana"); status != 200 || !strings.Contains(body, `"severe":true`) {
		t.Errorf("with a session the API gives %d %s", status, body)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "POST", h.url+"/logout", nil)
	if status, _, _ := send(t, c, r); status != 303 {
		t.Errorf("signing out gives %d", status)
	}
	if status, head, _ := get("/?show=severe"); status != 303 ||
		head.Get("Location") != "/login?next=%2F%3Fshow%3Dsevere" {
		t.Errorf("signed out, the board gives %d %s", status, head.Get("Location"))
	}
}

func TestASessionDoesNotOutliveItsAccount(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "manager")
	if err := h.access.SetDisabled(t.Context(), "manager", true, access.Operator("root")); err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+"/", nil)
	if status, _, _ := send(t, c, r); status != 303 {
		t.Errorf("a disabled account gets %d", status)
	}
}

func TestTheSessionCookieIsNewAndKeptFromScripts(t *testing.T) {
	h := newHouse(t, config())
	form := url.Values{"name": {"agent"}, "password": {password}, "next": {"https://evil.example/"}}.Encode()
	status, head, _ := h.ask(t, "", "POST", "/login", form, "Content-Type", "application/x-www-form-urlencoded", "Cookie",
		"rollcall_session=planted")
	cookie := head.Get("Set-Cookie")
	if status != 303 || head.Get("Location") != "/me" || strings.Contains(cookie, "planted") ||
		!strings.Contains(cookie, "HttpOnly") ||
		!strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("got %d to %s with %s", status, head.Get("Location"), cookie)
	}
}

func TestNextNeverLeadsToAnotherSite(t *testing.T) {
	h := newHouse(t, config())
	for next, want := range map[string]string{"/?team=A": "/?team=A", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example": "/",
		"javascript:alert(1)":  "/", "": "/", "/login": "/", "/%2f/evil": "/", "/\tx": "/",
		"/adherence?x=//y": "/adherence?x=//y"} {
		form := url.Values{"name": {"manager"}, "password": {password}, "next": {next}}.Encode()
		if _, head, _ := h.ask(t, "", "POST", "/login", form, "Content-Type",
			"application/x-www-form-urlencoded"); head.Get("Location") != want {
			t.Errorf("next %q leads to %q, want %q", next, head.Get("Location"), want)
		}
	}
}

func TestGuessingAPasswordIsSlowedDown(t *testing.T) {
	h := newHouse(t, config())
	form := url.Values{"name": {"agent"}, "password": {"a wrong guess"}}.Encode()
	for i := range 12 {
		status, head, page := h.ask(t, "", "POST", "/login", form, "Content-Type", "application/x-www-form-urlencoded")
		if i < 10 && (status != 401 || !strings.Contains(page, "Name or password is wrong")) {
			t.Errorf("guess %d gives %d %s", i, status, page)
		}
		if i >= 10 && (status != 429 || head.Get("Retry-After") == "") {
			t.Errorf("guess %d gives %d", i, status)
		}
	}
	h.stop(t)
	if log := h.log.String(); strings.Contains(log, "wrong guess") || strings.Contains(log, password) {
		t.Error("a password is in the log")
	}
}

func TestProbesSayHowItStands(t *testing.T) {
	h := newHouse(t, config())
	if status, _, body := h.ask(t, "", "GET", "/readyz", ""); status != 200 || body != "{\"ready\":true}\n" {
		t.Errorf("ready: %d %s", status, body)
	}
	h.ready = []string{"the store is away"}
	if status, _, body := h.ask(t, "", "GET", "/readyz", ""); status != 503 ||
		!strings.Contains(body, "the store is away") {
		t.Errorf("not ready: %d %s", status, body)
	}
	if status, _, _ := h.ask(t, "", "GET", "/healthz", ""); status != 200 {
		t.Errorf("healthy: %d", status)
	}
	status, _, body := h.ask(t, "", "GET", "/metrics", "")
	if status != 200 || !strings.Contains(body,
		`rollcall_http_requests_total{method="GET",route="/readyz",status="503"} 1`) {
		t.Errorf("metrics on this machine: %d %s", status, body)
	}
}

func TestLogsNameRouteAndActorAndNoSecret(t *testing.T) {
	h := newHouse(t, config())
	h.ask(t, "manager", "GET", "/api/v1/agents?team=Secret+Team", "", "Accept-Encoding", "gzip")
	h.stop(t)
	log := h.log.String()
	if strings.Contains(log, h.tokens["manager"][3:]) || strings.Contains(log, "Secret") ||
		!strings.Contains(log, "route=/api/v1/agents ") ||
		!strings.Contains(log, "actor=manager") {
		t.Errorf("the log says %s", log)
	}
}

func TestAnswersAreCompressedForThoseWhoAsk(t *testing.T) {
	h := newHouse(t, config())
	_, head, body := h.ask(t, "admin", "GET", "/", "", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil || head.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v %v", head, err)
	}
	if page, err := io.ReadAll(z); err != nil || !strings.HasSuffix(strings.TrimSpace(string(page)), "</html>") {
		t.Errorf("the page ends with %q, %v", page[max(len(page)-20, 0):], err)
	}
}

func TestTheDescriptionOfTheAPINamesEveryRouteOfIt(t *testing.T) {
	h := newHouse(t, config())
	_, head, body := h.ask(t, "", "GET", "/api/v1/openapi.json", "")
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || doc.OpenAPI != "3.1.0" ||
		head.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("%s %v %s", head.Get("Content-Type"), err, body)
	}
	for _, r := range h.Routes() {
		if strings.HasPrefix(r.Pattern, "/api/v1/") && r.Pattern != "/api/v1/openapi.json" &&
			doc.Paths[r.Pattern][strings.ToLower(r.Method)] == nil {
			t.Errorf("%s %s is not described", r.Method, r.Pattern)
		}
	}
	for _, field := range []string{`"not_routable_because"`, `"adherence_since"`, `"ErrorModel"`, `"Colleague"`} {
		if !strings.Contains(body, field) {
			t.Errorf("%s is not described", field)
		}
	}
}

func TestPagesOfDaysAndExceptionsFitTogether(t *testing.T) {
	h := newHouse(t, config())
	for _, c := range []struct {
		path  string
		rows  int
		first string
	}{{"days?limit=2", 6, `"adherence_percent":58.33`}, {"days?limit=3&agent=ana", 5, `"agent_id":"ana"`},
		{"days?limit=5000", 6, `"state":"final"`},
		{"exceptions?limit=3", 8, `"kind":"late_change"`},
		{"exceptions?limit=1&from=2026-03-04&to=2026-03-05", 2, `"day":"2026-03-05"`},
		{"days?team=Nowhere", 0, ""}} {
		seen, after := 0, ""
		for range 10 {
			_, _, body := h.ask(t, "admin", "GET", "/api/v1/adherence/"+c.path+after, "")
			var p struct {
				Items []json.RawMessage `json:"items"`
				More  bool              `json:"more"`
				Next  string            `json:"next"`
			}
			if err := json.Unmarshal([]byte(body), &p); err != nil || p.Items == nil || p.More != (p.Next != "") {
				t.Fatalf("%s: %v %s", c.path, err, body)
			}
			if seen == 0 && c.rows > 0 && !strings.Contains(string(p.Items[0]), c.first) {
				t.Errorf("%s begins with %s", c.path, p.Items[0])
			}
			seen += len(p.Items)
			if after = "&after=" + p.Next; !p.More {
				break
			}
		}
		if seen != c.rows {
			t.Errorf("%s gives %d rows over all pages, want %d", c.path, seen, c.rows)
		}
	}
}

func TestConfigurationsThatExposeTheServerAreRefused(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		spoil func(*web.Config)
		say   string
	}{
		{func(c *web.Config) {}, ""},
		{func(c *web.Config) { c.Listen = "[::1]:8080" }, ""},
		{func(c *web.Config) { c.Listen = "localhost:0" }, ""},
		{func(c *web.Config) { c.Listen = "0.0.0.0:8080" }, "can be reached from other machines"},
		{func(c *web.Config) { c.Listen = ":8080" }, "can be reached from other machines"},
		{func(c *web.Config) { c.Listen = "rollcall.example.org:80" }, "can be reached from other machines"},
		{func(c *web.Config) { c.Listen, c.TrustedProxies = ":8080", proxy }, ""},
		{func(c *web.Config) { c.Listen, c.TLSCert, c.TLSKey = ":8080", "a", "b" }, ""},
		{func(c *web.Config) { c.TLSCert = "a" }, "belong together"},
		{func(c *web.Config) { c.Listen = "8080" }, "is not host:port"},
		{func(c *web.Config) { c.PublicURL = "rollcall.example.org" }, "is not a web address"},
		{func(c *web.Config) { c.MostStreams = 0 }, "must be positive"},
		{func(c *web.Config) { c.KeepAlive = 0 }, "must be positive"},
	} {
		conf := web.DefaultConfig()
		c.spoil(&conf)
		err := conf.Validate()
		if (err == nil) != (c.say == "") || (err != nil && !strings.Contains(err.Error(), c.say)) {
			t.Errorf("%+v: got %v, want %q", conf, err, c.say)
		}
	}
	if _, err := web.ParseProxies([]string{"10.0.0.1", "fd00::/8"}); err != nil {
		t.Error(err)
	}
	if _, err := web.ParseProxies([]string{"proxy.example"}); err == nil {
		t.Error("a name is a proxy's address")
	}
}

// bare gives a server that does not run, with what it logs.
func bare(t *testing.T, c web.Config, log ...io.Writer) *web.Server {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.MultiWriter(log...))
	r, err := access.New(access.DefaultConfig(), access.Deps{Now: func() schemas.Instant { return morning }})
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(c, web.Deps{Access: r, Ready: func() []string { return nil }, Now: time.Now,
		Log: logger, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Behind a proxy the client is who the proxy says; who comes past the proxy is not served, and says nothing about
// itself.
func TestOnlyATrustedProxySaysWhoTheClientIs(t *testing.T) {
	c := config()
	c.Listen, c.TrustedProxies = "0.0.0.0:0", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	c.PublicURL = "https://rollcall.example.org"
	log := &strings.Builder{}
	s := bare(t, c, log)
	for _, c := range []struct {
		peer, forwarded string
		path            string
		status          int
		address         string
	}{
		{"10.1.2.3:55", "203.0.113.9", "/login", 200, "203.0.113.9"},
		{"10.1.2.3:55", "6.6.6.6, 203.0.113.9, 10.9.9.9", "/login", 200, "203.0.113.9"},
		{"198.51.100.4:55", "10.1.2.3", "/login", 403, "198.51.100.4"},
		{"127.0.0.1:55", "", "/metrics", 401, "127.0.0.1"}, // the proxy may run here: this machine is no privilege
		{"10.1.2.3:55", "nonsense", "/login", 200, "10.1.2.3"},
	} {
		log.Reset()
		req := httptest.NewRequest("GET", "http://rollcall.example.org"+c.path, nil)
		req.RemoteAddr = c.peer
		req.Header.Set("X-Forwarded-For", c.forwarded)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		if rec.Code != c.status || (c.path == "/login" && !strings.Contains(log.String(), "address="+c.address+" ")) {
			t.Errorf("from %s for %s: got %d, log %s", c.peer, c.forwarded, rec.Code, log)
		}
	}
}
