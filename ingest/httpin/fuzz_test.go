package httpin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"rollcall/schemas"
)

// FuzzStatusChanges posts any bytes at all. encoding/json is the judge: an array that it finds valid is answered row by
// row, one that it does not is refused; and what is accepted says what encoding/json reads.
func FuzzStatusChanges(f *testing.F) {
	for _, seed := range []string{
		"[" + good + "]", good + "\n" + good, "[]", "{}", "[{}]", "\ufeff[]", "[" + good + ",",
		"[1,null,\"a\",[[]],{\"a\":{}}]",
		`[{"agent_id":"a\ud83d\ude00\n\u0041","at":"2026-03-02T09:00:00+01:00","presence":"ON_QUEUE","routing":null,` +
			`"note":"\\\""}]`,
		`[{"agent_id":"\ud800","at":"2026-03-02T09:00:00Z","status":"x"}]`, "[{\"agent_id\" : \"\xff\" , \"at\":1}]",
		`[{"at":"2026-03-02T09:00:00Z","at":"2026-03-02T09:00:00Z"}]`, strings.Repeat("[", 100), `{"a":[{"b":"]}"}]}{"c"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		spool := &shelf{}
		got := post(t, server(t, spool, feed, nil), "status-changes", bytes.NewReader(data))
		if got.Code != http.StatusOK {
			if got.Code != http.StatusBadRequest || len(spool.batches) > 0 {
				t.Fatalf("%d %s with %d batches", got.Code, got.Text, len(spool.batches))
			}
			if at, _ := got.Problem.Errors[0].Value.(float64); at < 0 || at > float64(len(data)) {
				t.Errorf("offset %v of %d bytes", at, len(data))
			}
		}
		array := bytes.TrimPrefix(data, []byte("\ufeff"))
		if text := bytes.TrimLeft(array, " \t\r\n"); len(text) == 0 || text[0] != '[' {
			return
		}
		var rows []json.RawMessage
		if valid := json.Unmarshal(array, &rows) == nil; valid != (got.Code == http.StatusOK) {
			t.Fatalf("valid is %v, the answer %d %s", valid, got.Code, got.Text)
		}
		if got.Code == http.StatusOK {
			compare(t, rows, got.Rejected, spool.changes())
		}
	})
}

// compare looks at the rows that were not rejected.
func compare(t *testing.T, rows []json.RawMessage, rejected []rejection, accepted []schemas.Change) {
	t.Helper()
	if len(rejected)+len(accepted) != len(rows) {
		t.Fatalf("%d rejected and %d accepted of %d", len(rejected), len(accepted), len(rows))
	}
	for i, row := range rows {
		if len(rejected) > 0 && rejected[0].Index == i {
			if !utf8.ValidString(rejected[0].Message) || rejected[0].Message == "" {
				t.Errorf("message %q", rejected[0].Message)
			}
			rejected = rejected[1:]
			continue
		}
		c := accepted[0]
		accepted = accepted[1:]
		var want map[string]*string
		if err := json.Unmarshal(row, &want); err != nil {
			t.Fatalf("%s was accepted: %v", row, err)
		}
		for name, is := range map[string]string{"agent_id": c.AgentID, "note": c.Note, "id": c.ID} {
			if v := want[name]; v == nil && is != "" || v != nil && *v != is {
				t.Errorf("%s of %s became %q", name, row, is)
			}
		}
	}
}

// FuzzFeedCalls posts any bytes to the other calls.
func FuzzFeedCalls(f *testing.F) {
	for _, seed := range []string{`{"up_to":"2026-03-02T00:00:00Z","fields":["routing"]}`, `{"agents":["a",{}]}`,
		`{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:20:00Z","agents":["ana"]}`, ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, call := range []string{"heartbeat", "complete", "gaps"} {
			spool := &shelf{}
			got := post(t, server(t, spool, feed, nil), "feeds/acd/"+call, bytes.NewReader(data))
			if accepted := got.Code == http.StatusOK; accepted != (len(spool.batches) == 1) || accepted &&
				len(bytes.TrimSpace(data)) > 0 && !json.Valid(data) {
				t.Errorf("%s: %d %s, %d batches", call, got.Code, got.Text, len(spool.batches))
			}
		}
	})
}
