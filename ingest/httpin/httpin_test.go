package httpin

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"rollcall/ingest"
	"rollcall/ingest/spool"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receipt is the clock of the tests.
const receipt schemas.Instant = 1_772_456_400_000 // 2026-03-02T13:00:00Z

// shelf is a spool that stores batches in memory.
type shelf struct {
	batches []ingest.Batch
	err     error
}

func (s *shelf) Accept(_ context.Context, b ingest.Batch) (ingest.Receipt, error) {
	if s.err != nil {
		return ingest.Receipt{}, s.err
	}
	s.batches = append(s.batches, b)
	return ingest.Receipt{Accepted: len(b.Changes)}, nil
}

func (s *shelf) changes() []schemas.Change {
	var all []schemas.Change
	for _, b := range s.batches {
		all = append(all, b.Changes...)
	}
	return all
}

var feed = access.Principal{Name: "acd-feed", Role: schemas.RoleFeed, Source: "acd"}

// server is the handlers on a mux, as the frame mounts them.
func server(t testing.TB, spool Spool, p access.Principal, change func(*Config)) *http.ServeMux {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	words := ingest.NewMapping([]schemas.SecondaryStatus{{Secondary: "Coaching", Status: schemas.StatusTraining}})
	h, err := New(cfg, Deps{Spool: spool, Clock: func() time.Time { return receipt.Time() },
		Mapping:   func() *ingest.Mapping { return words },
		Principal: func(*http.Request) access.Principal { return p }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/status-changes", h.StatusChanges)
	mux.HandleFunc("POST /api/v1/snapshots", h.Snapshots)
	mux.HandleFunc("POST /api/v1/feeds/{source}/heartbeat", h.Heartbeat)
	mux.HandleFunc("POST /api/v1/feeds/{source}/complete", h.Complete)
	mux.HandleFunc("POST /api/v1/feeds/{source}/gaps", h.Gaps)
	return mux
}

// reply is an answer, read.
type reply struct {
	ChangesResult
	Problem schemas.Problem
	Code    int
	Header  http.Header
	Text    string
}

func post(t testing.TB, mux http.Handler, path string, body io.Reader, header ...string) reply {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/"+path, body)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	out := reply{Code: w.Code, Header: w.Header(), Text: w.Body.String()}
	into := any(&out.ChangesResult)
	if w.Code != http.StatusOK {
		into = &out.Problem
		if got := w.Header().Get("Content-Type"); got != schemas.ProblemType || out.Text == "" {
			t.Errorf("%d as %q: %s", w.Code, got, out.Text)
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Errorf("answer %q: %v", out.Text, err)
	}
	return out
}

const good = `{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available"}`

// One body, each row judged for itself, each reason given with what would be right.
func TestRowsAreJudgedOneByOne(t *testing.T) {
	rows := []struct{ row, field, says string }{
		{good, "", ""},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","presence":"ON_QUEUE","id":null,"note":null}`, "", ""},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","stauts":"available"}`, "stauts", `did you mean "status"?`},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","Status":"available"}`, "Status", `did you mean "status"?`},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available","received_at":"2026-03-02T09:00:00Z"}`,
			"received_at", "not a field"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available","status":"break"}`, "status", "twice"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available","stat\u0075s":"break"}`, "status", "twice"},
		{`{"agent_id":7,"at":"2026-03-02T09:00:00Z","status":"available"}`, "agent_id", "is a number; write a string"},
		{`{"agent_id":"ana","at":1772456400000,"status":"available"}`, "at", "is a number; write a string, such as"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00","status":"available"}`, "at", "with an offset"},
		{`{"agent_id":"ana","at":"2026-03-02T14:00:00.001Z","status":"available"}`, "at", "out of range"},
		{`{"agent_id":"ana","at":"1999-12-31T23:59:59Z","status":"available"}`, "at", "out of range"},
		{`{"agent_id":"ana","status":"available"}`, "at", "is missing"},
		{`{"at":"2026-03-02T09:00:00Z","status":"available"}`, "agent_id", "is missing"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z"}`, "presence", "name at least one"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":{"deep":[1,{"]}":"\"}"}]}}`, "status",
			"is an object; write a string"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available","source":"wfm"}`, "source", "only an admin"},
		{`{"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"available","source":"acd"}`, "", ""},
		{"{\"agent_id\":\"an\xff\",\"at\":\"2026-03-02T09:00:00Z\",\"status\":\"available\"}", "agent_id", "not UTF-8"},
		{`{"agent_id":"an\ud800","at":"2026-03-02T09:00:00Z","status":"available"}`, "agent_id", "surrogate"},
		{`{"agent_id":"an\u0000a","at":"2026-03-02T09:00:00Z","status":"available"}`, "agent_id", "control character"},
		{`{"agent_id":"\ud83d\ude00 ana\"\\","at":"2026-03-02T09:00:00Z","status":"available"}`, "", ""},
		{`{"agent_id":"` + strings.Repeat("a", 129) + `","at":"2026-03-02T09:00:00Z","status":"available"}`, "agent_id",
			"129 bytes"},
		{`{"agent_id":"ana","at":"` + strings.Repeat("9", 5000) + `","status":"available"}`, "at", "is not an instant"},
		{`5`, "", "is a number; write an object"},
		{`[]`, "", "is an array; write an object"},
		{` { } `, "at", "is missing"},
		{`{"":1}`, "", "is not a field"},
	}
	for _, form := range []struct{ name, before, between, after string }{
		{"array", "[\n", " ,\n", "]\n"}, {"NDJSON", "", "\n", "\n"},
	} {
		t.Run(form.name, func(t *testing.T) {
			var texts []string
			for _, r := range rows {
				if form.name == "array" || r.row[0] == '{' || r.row[0] == ' ' {
					texts = append(texts, r.row)
				}
			}
			spool := &shelf{}
			got := post(t, server(t, spool, feed, nil), "status-changes",
				strings.NewReader(form.before+strings.Join(texts, form.between)+form.after))
			if got.Code != http.StatusOK {
				t.Fatalf("%d %s", got.Code, got.Text)
			}
			rejected := map[string]rejection{}
			for _, r := range got.Rejected {
				rejected[texts[r.Index]] = r
			}
			for _, r := range rows {
				if !slices.Contains(texts, r.row) {
					continue
				}
				is, ok := rejected[r.row]
				if ok != (r.says != "") || is.Field != r.field || !strings.Contains(is.Message, r.says) || len(is.Message) > 400 {
					t.Errorf("%.90s\n  is %+v, want field %q, %q", r.row, is, r.field, r.says)
				}
			}
			if got.Accepted != 4 || len(spool.changes()) != 4 || got.Accepted+len(got.Rejected) != len(texts) {
				t.Errorf("accepted %d of %d, rejected %d", got.Accepted, len(texts), len(got.Rejected))
			}
		})
	}
}

// What arrives in the spool is what was sent, in our words, as the token's source.
func TestChangeBecomesAFact(t *testing.T) {
	spool := &shelf{}
	mux := server(t, spool, feed, nil)
	post(t, mux, "status-changes",
		strings.NewReader("\ufeff \n"+
			`{"agent_id":"ana","at":"2026-03-02T10:00:00.250+01:00","presence":"On Queue","routing":"IDLE",`+
			`"note":"a\nb","id":"e1"}{"agent_id":"ben","at":"2026-03-02T09:00:00Z","status":"Lunch","secondary":"x"}`))
	want := []schemas.Change{
		{ID: "e1", Source: "acd", AgentID: "ana", At: 1_772_442_000_250, Presence: schemas.PresenceAvailable,
			Status:  schemas.StatusAvailable,
			Routing: schemas.RoutingIdle, Note: "a\nb"},
		{Source: "acd", AgentID: "ben", At: 1_772_442_000_000, Status: schemas.StatusUnknown, Secondary: "x",
			Raw: "status=Lunch"},
	}
	if got := spool.changes(); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	b := spool.batches[0]
	if b.Actor != "acd-feed" || b.Origin != "api" || len(b.Findings) != 1 ||
		b.Findings[0].Kind != schemas.FindingUnmapped {
		t.Errorf("batch of %q by %q with %+v", b.Actor, b.Origin, b.Findings)
	}
}

// Bodies that do not parse are refused as a whole, and the place is named.
func TestBrokenBodies(t *testing.T) {
	for _, c := range []struct {
		name, body string
		offset     int
	}{
		{"empty", "", 0},
		{"space", " \n ", 3},
		{"text", "hello", 0},
		{"null", " null", 1},
		{"array cut off", "[" + good, len(good) + 1},
		{"object cut off", "[" + good + `,{"agent_id":"a`, len(good) + 16},
		{"array without an end", "[" + good + ",", len(good) + 2},
		{"line cut off", good + "\n" + good[:20], len(good) + 21},
		{"no comma", "[" + good + good + "]", len(good) + 1},
		{"wrong letter", "[" + good + `,{"agent_id":ana}]`, len(good) + 14},
		{"wrong letter in a line", good + "\n" + `{"agent_id":ana}`, len(good) + 13},
		{"something after", "[" + good + "] x", len(good) + 3},
		{"another array after", "[" + good + "][]", len(good) + 2},
		{"control character in a string", "[{\"agent_id\":\"a\n\"}]", 15},
		{"comma at the end", "[" + good + ",]", len(good) + 2},
		{"too deep", "[" + strings.Repeat("[", 20_000), -1},
		{"mark and wrong letter", "\ufeff[x]", 4},
	} {
		spool := &shelf{}
		got := post(t, server(t, spool, feed, nil), "status-changes", strings.NewReader(c.body))
		if got.Code != http.StatusBadRequest || len(spool.batches) > 0 || len(got.Problem.Errors) != 1 {
			t.Errorf("%s: %d %s, %d batches", c.name, got.Code, got.Text, len(spool.batches))
			continue
		}
		if at := got.Problem.Errors[0].Value; c.offset >= 0 && at != float64(c.offset) {
			t.Errorf("%s: offset %v, want %d: %s", c.name, at, c.offset, got.Problem.Detail)
		}
	}
}

func zip(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Limits hold on what is sent and on what it unpacks to; nothing of a refused body is accepted.
func TestLimits(t *testing.T) {
	small := func(c *Config) { c.MaxBodyBytes, c.MaxChanges = 1000, 5 }
	many := "[" + strings.Repeat(good+",", 5)
	packed := zip(t, "["+good+"]")
	for _, c := range []struct {
		name   string
		body   []byte
		coding string
		code   int
		says   string
	}{
		{"as many as may be", []byte(many[:len(many)-1] + "]"), "", 200, ""},
		{"one more", []byte(many + good + "]"), "", 413, "more than 5 changes"},
		{"as long as may be", []byte("[" + good + strings.Repeat(" ", 998-len(good)) + "]"), "", 200, ""},
		{"a byte more", []byte("[" + good + strings.Repeat(" ", 999-len(good)) + "]"), "", 413, "more than 1000 bytes"},
		{"gzip", packed, "gzip", 200, ""},
		{"gzip, said loudly", packed, "GZIP", 200, ""},
		{"a bomb", zip(t, "["+strings.Repeat(" ", 1<<20)+good+"]"), "gzip", 413, "more than 1000 bytes"},
		{"no gzip", []byte(good), "gzip", 400, "gzip"},
		{"gzip that breaks off", packed[:len(packed)/2], "gzip", 400, "broke off"},
		{"gzip with a wrong sum", slices.Concat(packed[:len(packed)-8], make([]byte, 8)), "gzip", 400, "gzip"},
		{"another coding", packed, "br", 415, "send gzip"},
	} {
		spool := &shelf{}
		got := post(t, server(t, spool, feed, small), "status-changes", bytes.NewReader(c.body), "Content-Encoding", c.coding)
		if got.Code != c.code || !strings.Contains(got.Problem.Detail, c.says) ||
			(len(spool.batches) > 0) != (c.code == 200) {
			t.Errorf("%s: %d %s, %d batches", c.name, got.Code, got.Text, len(spool.batches))
		}
	}
}

// Who calls decides what may be said; what the spool says becomes a status that a feed understands.
func TestCallersAndFailures(t *testing.T) {
	admin := access.Principal{Name: "root", Role: schemas.RoleAdmin}
	named := strings.Replace(good, "{", `{"source":"wfm",`, 1)
	for _, c := range []struct {
		name   string
		caller access.Principal
		spool  shelf
		body   string
		code   int
		header string
	}{
		{"nobody", access.Principal{}, shelf{}, good, 401, "Www-Authenticate"},
		{"an agent", access.Principal{Name: "ana", Role: schemas.RoleAgent}, shelf{}, good, 403, ""},
		{"a full spool", feed, shelf{err: fmt.Errorf("spool x: %w", ingest.ErrFull)}, good, 503, "Retry-After"},
		{"a broken disk", feed, shelf{err: errors.New("input/output error")}, good, 503, "Retry-After"},
		{"an admin for another source", admin, shelf{}, named, 200, ""},
	} {
		got := post(t, server(t, &c.spool, c.caller, nil), "status-changes", strings.NewReader(c.body))
		if got.Code != c.code || c.header != "" && got.Header.Get(c.header) == "" ||
			strings.Contains(got.Text, "input/output") {
			t.Errorf("%s: %d %v %s", c.name, got.Code, got.Header, got.Text)
		}
		if c.code == 200 && c.spool.changes()[0].Source != "wfm" {
			t.Errorf("%s: %+v", c.name, c.spool.changes())
		}
	}
	if got := post(t, server(t, &shelf{}, admin, nil), "status-changes",
		strings.NewReader(good)); len(got.Rejected) != 1 || got.Rejected[0].Field != "source" {
		t.Errorf("an admin who names no source: %s", got.Text)
	}
}

// What a feed says of itself.
func TestFeedCalls(t *testing.T) {
	at := func(text string) schemas.Instant {
		i, err := schemas.ParseInstant(text)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for _, c := range []struct {
		path, body string
		code       int
		says       string
		feed       schemas.Feed
		gaps       int
	}{
		{"acd/heartbeat", "", 200, "", schemas.Feed{Source: "acd", CompleteUpTo: receipt, LastSeen: receipt}, 0},
		{"acd/heartbeat", `{"up_to":"2026-03-02T12:59:00Z","fields":["routing","status"]}`, 200, "",
			schemas.Feed{Source: "acd", CompleteUpTo: at("2026-03-02T12:59:00Z"),
				Fields: schemas.FieldRouting | schemas.FieldStatus, LastSeen: receipt}, 0},
		{"acd/heartbeat", `{"from":"2026-03-02T12:59:00Z"}`, 422, "does not belong", schemas.Feed{}, 0},
		{"acd/complete", `{"up_to":"2026-03-02T00:00:00+01:00"}`, 200, "",
			schemas.Feed{Source: "acd", CompleteUpTo: at("2026-03-01T23:00:00Z")}, 0},
		{"acd/complete", `{"up_to":"2026-03-02T13:02:00Z"}`, 422, "out of range", schemas.Feed{}, 0},
		{"acd/complete", `{}`, 422, "up_to: is missing", schemas.Feed{}, 0},
		{"acd/complete", ``, 400, "ends in the middle", schemas.Feed{}, 0},
		{"acd/complete", `{"up_to":"2026-03-02"}`, 422, "offset", schemas.Feed{}, 0},
		{"acd/complete", `{"upto":"2026-03-02T00:00:00Z"}`, 422, `did you mean "up_to"?`, schemas.Feed{}, 0},
		{"acd/complete", `{"up_to":"2026-03-02T00:00:00Z"}x`, 400, "at byte 32", schemas.Feed{}, 0},
		{"acd/complete", `[]`, 422, "is an array", schemas.Feed{}, 0},
		{"wfm/complete", `{"up_to":"2026-03-02T00:00:00Z"}`, 403, `not for "wfm"`, schemas.Feed{}, 0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z"}`, 200, "", schemas.Feed{}, 1},
		{"acd/gaps",
			`{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":["ana","ben"],"fields":["presence"]}`, 200, "",
			schemas.Feed{}, 2},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":[]}`, 422, "leave it out",
			schemas.Feed{}, 0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":["ana",7]}`, 422,
			"agents[1]: is a number", schemas.Feed{}, 0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:00:00Z"}`, 422, "is not after from", schemas.Feed{},
			0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z"}`, 422, "to: is missing", schemas.Feed{}, 0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","fields":["note"]}`, 422, "none of presence",
			schemas.Feed{}, 0},
		{"acd/gaps", `{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T19:20:00Z"}`, 422, "out of range", schemas.Feed{}, 0},
	} {
		spool := &shelf{}
		got := post(t, server(t, spool, feed, nil), "feeds/"+c.path, strings.NewReader(c.body))
		if got.Code != c.code || !strings.Contains(got.Problem.Detail, c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, got.Code, got.Text)
			continue
		}
		if (len(spool.batches) == 1) != (c.code == 200) {
			t.Errorf("%s %s: %d batches", c.path, c.body, len(spool.batches))
			continue
		}
		if c.code != 200 {
			continue
		}
		b := spool.batches[0]
		if len(b.Gaps) != c.gaps || c.gaps == 0 && b.Feeds[0] != c.feed {
			t.Errorf("%s %s: %+v", c.path, c.body, b)
		}
	}
}

// The same gap has the same id, another gap another.
func TestGapIDs(t *testing.T) {
	spool := &shelf{}
	mux := server(t, spool, feed, nil)
	for _, body := range []string{
		`{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":["ana","ben"]}`,
		`{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":["ben"]}`,
		`{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:21:00Z","agents":["ben"]}`,
	} {
		post(t, mux, "feeds/acd/gaps", strings.NewReader(body))
	}
	g := slices.Concat(spool.batches[0].Gaps, spool.batches[1].Gaps, spool.batches[2].Gaps)
	if g[0].ID == g[1].ID || g[1].ID != g[2].ID || g[2].ID == g[3].ID {
		t.Errorf("ids %q %q %q %q", g[0].ID, g[1].ID, g[2].ID, g[3].ID)
	}
}

// The examples of the wire formats are accepted, and the formats name the fields that the code reads.
func TestWireFormats(t *testing.T) {
	for _, c := range []struct {
		file, path string
		fields     []string
	}{
		{"status-changes", "status-changes", changeFields()},
		{"feed-heartbeat", "feeds/acd/heartbeat", []string{"up_to", "fields"}},
		{"feed-complete", "feeds/acd/complete", []string{"up_to", "fields"}},
		{"snapshot", "snapshots", snapshotFields()},
		{"feed-gaps", "feeds/acd/gaps", []string{"from", "to", "agents", "fields"}},
	} {
		text, err := os.ReadFile("../../schemas/wire/" + c.file + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		type object struct{ Properties map[string]any }
		var format struct {
			object
			Defs     struct{ Change object } `json:"$defs"`
			Examples []json.RawMessage
		}
		if err := json.Unmarshal(text, &format); err != nil {
			t.Fatal(err)
		}
		named := format.Properties
		if named == nil {
			named = format.Defs.Change.Properties
		}
		for _, f := range c.fields {
			if named[f] == nil || len(named) != len(c.fields) {
				t.Errorf("%s: field %s is not described, or another is: %v", c.file, f, named)
			}
		}
		mux := server(t, &shelf{}, feed, nil)
		for _, example := range format.Examples {
			if got := post(t, mux, c.path, bytes.NewReader(example)); got.Code != http.StatusOK || len(got.Rejected) > 0 {
				t.Errorf("%s: %s answers %d %s", c.file, example, got.Code, got.Text)
			}
		}
		if len(format.Examples) < 2 {
			t.Errorf("%s has %d examples", c.file, len(format.Examples))
		}
	}
}

// Through a real spool on a real disk: the second time, everything is a duplicate.
func TestThroughTheSpool(t *testing.T) {
	spool := realSpool(t)
	mux := server(t, spool, feed, nil)
	body := "[" + good + "," + good + `,{"agent_id":"ben"}]`
	first, second := post(t, mux, "status-changes", strings.NewReader(body)),
		post(t, mux, "status-changes", strings.NewReader(body))
	if first.Accepted != 1 || first.Duplicates != 1 || len(first.Rejected) != 1 || second.Accepted != 0 ||
		second.Duplicates != 2 {
		t.Errorf("first %s second %s", first.Text, second.Text)
	}
	if err := spool.Close(); err != nil {
		t.Fatal(err)
	}
	if got := post(t, mux, "status-changes", strings.NewReader(body)); got.Code != http.StatusServiceUnavailable {
		t.Errorf("a closed spool: %d %s", got.Code, got.Text)
	}
}

// nowhere is a store that is away.
type nowhere struct{}

func (nowhere) WriteChanges(context.Context, schemas.JournalRow, []schemas.Change) error {
	return io.ErrClosedPipe
}
func (nowhere) WriteGaps(context.Context, schemas.JournalRow, []schemas.Gap) error {
	return io.ErrClosedPipe
}
func (nowhere) WriteFeeds(context.Context, schemas.JournalRow, []schemas.Feed) error {
	return io.ErrClosedPipe
}
func (nowhere) WriteFindings(context.Context, []schemas.Finding) error { return io.ErrClosedPipe }

func realSpool(t testing.TB) *spool.Spool {
	t.Helper()
	cfg := spool.DefaultConfig(t.TempDir())
	cfg.MaxPendingBytes = 8 << 30
	spool, err := spool.New(cfg, spool.Deps{Sink: nowhere{}, Log: logrus.New(), Clock: time.Now})
	if err == nil {
		err = spool.Open()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { spool.Close() })
	return spool
}
