package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// A session that this server did not begin is nobody's: made up, of another server, ended, or too long.
func TestForgedSessionsAreNobody(t *testing.T) {
	h, other := newHouse(t, config()), newHouse(t, config())
	of := func(h *house) string {
		at, err := url.Parse(h.url)
		if err != nil {
			t.Fatal(err)
		}
		return h.browser(t, "admin").Jar.Cookies(at)[0].Value
	}
	ended := of(h)
	if status, _, _ := h.ask(t, "", "GET", "/admin/users", "", "Cookie", "rollcall_session="+ended); status != ok {
		t.Fatalf("a good session gives %d", status)
	}
	if status, _, _ := h.ask(t, "", "POST", "/logout", "", "Cookie", "rollcall_session="+ended); status != in {
		t.Fatalf("signing out gives %d", status)
	}
	for name, value := range map[string]string{"made up": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "empty": "",
		"of another server": of(other), "ended": ended,
		"long": strings.Repeat("x", 8000), "odd": "../../etc/passwd%00"} {
		status, head, body := h.ask(t, "", "GET", "/admin/users", "", "Cookie", "rollcall_session="+value)
		if status != in || !strings.HasPrefix(head.Get("Location"), "/login") || strings.Contains(body, "supervisor") {
			t.Errorf("a session that is %s gives %d %s", name, status, body)
		}
		if status, _, _ := h.ask(t, "", "GET", "/api/v1/agents", "", "Cookie", "rollcall_session="+value); status != who {
			t.Errorf("the API with a session that is %s gives %d", name, status)
		}
	}
}

// Ids may hold quotes, slashes, emoji and markup up to 128 bytes: they are found, shown as text and never as a path or
// markup.
func TestIdsOfAnyKind(t *testing.T) {
	h := newHouse(t, config())
	long := strings.Repeat("é", 64)
	for _, id := range []string{`it's "A"/📞<b>`, `../admin/users`, `%2e%2e%2f`, `a?b=c&d#e`, long} {
		row := agents()[0]
		row.AgentID, row.Name = id, id
		h.board.set(row)
		status, _, body := h.ask(t, "supervisor", "GET", "/api/v1/agents/"+url.PathEscape(id), "")
		var got struct {
			AgentID string `json:"agent_id"`
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != ok || got.AgentID != id {
			t.Errorf("%q gives %d %s", id, status, body)
		}
	}
	for _, path := range []string{"/", "/bulk"} {
		if _, _, page := h.ask(t, "supervisor", "GET", path, ""); strings.Contains(page, "📞<b>") ||
			!strings.Contains(page, "📞&lt;b&gt;") {
			t.Errorf("an id is markup on %s", path)
		}
	}
	for _, id := range []string{long + "x", "no\x00body", "\xff\xfe"} {
		status, head, body := h.ask(t, "admin", "GET", "/api/v1/agents/"+url.PathEscape(id), "")
		if status/100 != 4 || head.Get("Content-Type") != schemas.ProblemType || strings.Contains(body, "goroutine") {
			t.Errorf("%q gives %d %s", id, status, body)
		}
	}
}

// A client that sends its request or its body a byte at a time is cut off, and others are served meanwhile.
func TestASlowClientIsCutOff(t *testing.T) {
	c := config()
	c.RequestTime = 300 * time.Millisecond
	h := newHouse(t, c, func(h *house) error {
		return h.Mount(web.Route{Method: "POST", Pattern: "/swallow", Action: access.ActionPublic,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.ReadAll(r.Body); err != nil {
					w.WriteHeader(http.StatusRequestTimeout)
				}
			})})
	})
	address := strings.TrimPrefix(h.url, "http://")
	for name, begin := range map[string]string{
		"in the head": "POST /swallow HTTP/1.1\r\nHost: " + address + "\r\nX-Slow: ",
		"in the body": "POST /swallow HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 1000000\r\n\r\n{",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := fmt.Fprint(conn, begin); err != nil {
			t.Fatal(err)
		}
		if status, _, _ := h.ask(t, "", "GET", "/healthz", ""); status != ok {
			t.Errorf("slow %s: others get %d", name, status)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode < 400 {
				t.Errorf("slow %s: answered by %d", name, answer.StatusCode)
			}
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("slow %s: held for %s", name, took)
		}
		_ = conn.Close()
	}
}
