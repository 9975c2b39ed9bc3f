package httpin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// FuzzSnapshots posts any bytes at all, with encoding/json as the judge: what is taken is one valid object, of which
// every row is accepted or rejected and nobody stored twice; what is refused stores nothing.
func FuzzSnapshots(f *testing.F) {
	row := `{"agent_id":"ana","status":"break"}`
	for _, seed := range []string{"", "{}", "[]", `{"at":"` + nine + `","agents":[` + row + `]}`, `{"agents":[` + row +
		`,` + row + `,{"agent_id":"ben"}],"at":"` + nine + `","absent":"offline"}`,
		`{"at":"` + nine + `","absent":"unknown","agents":[{"agent_id":"\ud800","status":"break"},1,null,[[]]]}`, `{"at":"` +
			nine + `","agents":[]}x`,
		`{"at":"` + nine + `","agents":[}`, `{"at"}`, `{"\u0061t":"` + nine + `","agents":[],"agents":[]}`, `{"agents":null}`,
		"\ufeff{\"at\":1}", strings.Repeat(`{"agents":[`, 20)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newCentre(t, feed, 100)
		got, code, text := c.send(t, string(data))
		if code != http.StatusOK {
			if code != http.StatusBadRequest && code != http.StatusUnprocessableEntity &&
				code != http.StatusRequestEntityTooLarge || len(c.batches)+len(c.heard) > 0 {
				t.Fatalf("%d %s with %d batches", code, text, len(c.batches))
			}
			return
		}
		var body struct{ Agents []json.RawMessage }
		if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &body); err != nil {
			t.Fatalf("%s is taken: %v", data, err)
		}
		if got.Accepted+len(got.Rejected) != len(body.Agents) {
			t.Errorf("%d rows, the answer %s", len(body.Agents), text)
		}
		stored := map[string]bool{}
		for _, x := range c.changes() {
			if err := x.Check(receipt); err != nil || stored[x.AgentID] || x.Source != "acd" {
				t.Errorf("stored %+v: %v", x, err)
			}
			stored[x.AgentID] = true
		}
		if len(stored) != got.Accepted+got.Absent {
			t.Errorf("%d agents stored, the answer %s", len(stored), text)
		}
	})
}
