package httpin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// centre takes snapshots of a feed that has reported Ana, Ben (routing only) and Cleo before.
type centre struct {
	http.Handler
	shelf
	ready bool
	heard []string
}

func newCentre(t testing.TB, p access.Principal, most int) *centre {
	c := &centre{ready: true}
	cfg := DefaultConfig()
	cfg.MaxSnapshotAgents, cfg.MaxSnapshotBytes = most, 64<<10
	h, err := New(cfg, Deps{
		Spool:     &c.shelf,
		Clock:     func() time.Time { return receipt.Time() },
		Mapping:   func() *ingest.Mapping { return nil },
		Principal: func(*http.Request) access.Principal { return p },
		Seen: func(source string, upTo schemas.Instant) {
			c.heard = append(c.heard, fmt.Sprintf("%s %d", source, upTo))
		},
		Supplied: func(source string) (map[string]schemas.Fields, bool) {
			if source != "acd" {
				return nil, c.ready
			}
			return map[string]schemas.Fields{"ana": schemas.AllFields, "ben": schemas.FieldRouting, "cleo": schemas.AllFields},
				c.ready
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/snapshots", h.Snapshots)
	mux.HandleFunc("POST /api/v1/feeds/{source}/complete", h.Complete)
	mux.HandleFunc("POST /api/v1/feeds/{source}/heartbeat", h.Heartbeat)
	c.Handler = mux
	return c
}

func (c *centre) send(t testing.TB, body string) (SnapshotResult, int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/snapshots", strings.NewReader(body))
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	var out SnapshotResult
	if err := json.Unmarshal(w.Body.Bytes(), &out); w.Code == http.StatusOK && err != nil {
		t.Fatal(err)
	}
	return out, w.Code, w.Body.String()
}

// lines says what was stored, without the instant, which is that of the snapshot.
func (c *centre) lines(t testing.TB, at string) []string {
	t.Helper()
	var out []string
	for _, x := range c.changes() {
		if x.At.String() != at {
			t.Errorf("stored at %s, not %s", x.At, at)
		}
		out = append(out, strings.Join([]string{x.Source, x.AgentID, x.Presence.String(), x.Status.String(),
			x.Routing.String()}, " "))
	}
	return out
}

const nine = "2026-03-02T09:00:00Z"

// Who is listed has that state at the instant; who is not stays, or becomes unknown or offline in what the feed
// supplies.
func TestASnapshotSaysEverybodysState(t *testing.T) {
	listed := `"agents":[{"agent_id":"ana","presence":"busy","status":"meeting"},{"agent_id":"dan","routing":"idle"}]`
	for absent, more := range map[string][]string{
		"": nil, `,"absent":"keep"`: nil, `,"absent":null`: nil,
		`,"absent":"unknown"`: {"acd ben   unknown", "acd cleo unknown unknown unknown"},
		`,"absent":"offline"`: {"acd ben offline  off_queue", "acd cleo offline off_queue off_queue"},
	} {
		c := newCentre(t, feed, 10)
		// The instant may come after the agents.
		got, code, text := c.send(t, "{"+listed+absent+`,"at":"`+nine+`"}`)
		want := append([]string{"acd ana busy meeting ", "acd dan   idle"}, more...)
		if lines := c.lines(t, nine); code != http.StatusOK || !slices.Equal(lines, want) || got.Accepted != 2 ||
			got.Absent != len(more) {
			t.Errorf("%s: %d %s stored %q, want %q", absent, code, text, lines, want)
		}
		if !slices.Equal(c.heard, []string{"acd 0"}) {
			t.Errorf("heard of %v", c.heard)
		}
	}
}

// One bad row does not hold up the others, and nobody whose row was bad is taken for absent.
func TestRowsOfASnapshotAreJudgedOneByOne(t *testing.T) {
	c := newCentre(t, feed, 10)
	got, _, text := c.send(t, `{"at":"`+nine+`","absent":"offline","agents":[{"agent_id":"ana"},`+
		`{"agent_id":"dan","status":"break"},
		{"agent_id":"dan","status":"meal"},{"agent_id":"cleo","status":7},{"agent_id":"eve","stats":"break"}]}`)
	var where []string
	for _, r := range got.Rejected {
		where = append(where, fmt.Sprint(r.Index, " ", r.Field))
	}
	if !slices.Equal(where, []string{"0 presence", "2 agent_id", "3 status", "4 stats"}) ||
		!strings.Contains(text, "did you mean") {
		t.Errorf("rejected %s", text)
	}
	if lines := c.lines(t, nine); !slices.Equal(lines, []string{"acd dan  break ", "acd ben offline  off_queue"}) {
		t.Errorf("stored %q", lines)
	}
	// A row that does not say whose it is could be anybody's.
	c = newCentre(t, feed, 10)
	if got, _, text := c.send(t, `{"at":"`+nine+
		`","absent":"offline","agents":[{"agent":"ana","status":"break"}]}`); got.Absent != 0 || len(c.changes()) != 0 {
		t.Errorf("somebody was called absent: %s", text)
	}
}

func TestSnapshotsThatAreRefusedStoreNothing(t *testing.T) {
	admin := access.Principal{Name: "op", Role: schemas.RoleAdmin}
	some := `"agents":[{"agent_id":"ana","status":"break"}]`
	for _, x := range []struct {
		name string
		p    access.Principal
		body string
		code int
		want string
	}{
		{"nothing", feed, " ", 400, "body is empty"},
		{"an array", feed, "[]", 400, "begins no object"},
		{"torn", feed, `{"at":"` + nine + `","agents":[{"agent_id":"ana"`, 400, "middle of a value"},
		{"torn between", feed, `{"at":"` + nine + `",` + some, 400, "middle of a value"},
		{"not JSON", feed, `{"at":"` + nine + `","agents":[{}} `, 400, "at byte"},
		{"two", feed, `{"at":"` + nine + `",` + some + `}{}`, 400, "something follows the object at byte"},
		{"twice", feed, `{"at":"` + nine + `","at":"` + nine + `",` + some + `}`, 422, "at: is given twice"},
		{"misspelled", feed, `{"at":"` + nine + `","agnets":[]}`, 422, `did you mean \"agents\"`},
		{"no instant", feed, `{` + some + `}`, 422, "at: is missing"},
		{"no agents", feed, `{"at":"` + nine + `"}`, 422, "agents: is missing"},
		{"agents of no kind", feed, `{"at":"` + nine + `","agents":{}}`, 422, "is no array"},
		{"the future", feed, `{"at":"2026-03-02T13:01:01Z",` + some + `}`, 422, "out of range"},
		{"long ago", feed, `{"at":"1999-03-02T13:01:01Z",` + some + `}`, 422, "out of range"},
		{"a choice of its own", feed, `{"at":"` + nine + `","absent":"gone",` + some + `}`, 422,
			"none of keep, unknown, offline"},
		{"somebody else", feed, `{"at":"` + nine + `","source":"wfm",` + some + `}`, 422, "not the source of this token"},
		{"nobody", admin, `{"at":"` + nine + `",` + some + `}`, 422, "source: is missing"},
		{"one of ours", admin, `{"at":"` + nine + `","source":"self",` + some + `}`, 422, "people set in Rollcall itself"},
		{"too many", feed, `{"at":"` + nine + `","agents":[{},{},{}]}`, 413, "more than 2 agents"},
		{"too long", feed, `{"at":"` + nine + `","agents":[` + strings.Repeat(" ", 70_000) + `]}`, 413,
			"more than 65536 bytes"},
	} {
		c := newCentre(t, x.p, 2)
		if _, code, text := c.send(t, x.body); code != x.code || !strings.Contains(text, x.want) || len(c.batches) > 0 ||
			len(c.heard) > 0 {
			t.Errorf("%s: %d %s with %d batches, heard of %v; want %d %q", x.name, code, text, len(c.batches), c.heard, x.code,
				x.want)
		}
	}
	c := newCentre(t, feed, 2)
	c.ready = false
	if _, code, _ := c.send(t, `{"at":"`+nine+`","absent":"offline",`+some+`}`); code != 503 || len(c.batches) > 0 {
		t.Errorf("absentees were found on a board that is not there: %d", code)
	}
	if _, code, _ := c.send(t, `{"at":"`+nine+`",`+some+`}`); code != 200 || len(c.changes()) != 1 {
		t.Errorf("a snapshot that keeps absentees needs no board: %d", code)
	}
	c.err = ingest.ErrFull
	if _, code, text := c.send(t, `{"at":"`+nine+`",`+some+`}`); code != 503 || !strings.Contains(text, "full") ||
		len(c.heard) != 1 {
		t.Errorf("a full spool: %d %s, heard %v", code, text, c.heard)
	}
}

// A large snapshot goes to the spool in parts; through the real spool, the same again is all duplicates, and at another
// instant none is.
func TestASnapshotAgainChangesNothing(t *testing.T) {
	spool := realSpool(t)
	h, err := New(DefaultConfig(),
		Deps{Spool: spool, Clock: func() time.Time { return receipt.Time() }, Mapping: func() *ingest.Mapping { return nil },
			Principal: func(*http.Request) access.Principal { return feed }})
	if err != nil {
		t.Fatal(err)
	}
	c := &centre{Handler: http.HandlerFunc(h.Snapshots)}
	const n = 2*partChanges + 1
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf(
			`{"agent_id":"agent-%d","presence":"available","status":"available","routing":"idle"}`, i))
	}
	agents := `"agents":[` + strings.Join(rows, ",") + "]}"
	for _, x := range []struct {
		at              string
		accepted, again int
	}{{nine, n, 0}, {nine, 0, n}, {"2026-03-02T09:01:00Z", n, 0}} {
		if got, code, text := c.send(t, `{"at":"`+x.at+`",`+agents); code != 200 || got.Accepted != x.accepted ||
			got.Duplicates != x.again {
			t.Errorf("%s: %d %s", x.at, code, text)
		}
	}
}

// A completion says how far, a heartbeat only that the feed is there.
func TestSignsOfLife(t *testing.T) {
	c := newCentre(t, feed, 2)
	for _, x := range []struct{ path, body string }{{"heartbeat", `{"up_to":"` + nine + `"}`},
		{"complete", `{"up_to":"` + nine + `"}`},
		{"complete", `{"up_to":"noon"}`}} {
		c.ServeHTTP(httptest.NewRecorder(),
			httptest.NewRequest(http.MethodPost, "/api/v1/feeds/acd/"+x.path, strings.NewReader(x.body)))
	}
	if !slices.Equal(c.heard, []string{"acd 0", "acd 1772442000000"}) {
		t.Errorf("heard of %v", c.heard)
	}
}
