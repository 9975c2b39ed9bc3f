package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzJSON: what we read as JSON is what encoding/json reads, and nothing that it reads is refused, but for depth.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"result":{"agentSchedules":[{"user":{"id":"u1"},"shifts":[{"activities":[]}]}]},"status":"Complete"}`, `[]`,
		`{"a":[1,-2.5e+3,true,false,null,"\u00e9\n"]}`, `[1,]`, `{"a":1,}`, `{"a"}`, "\"a\nb\"", `01`, `NaN`,
		`"\x"`, `[[[[]]]] 1`, "", `"` + strings.Repeat("é", 40000) + `"`, `{"a":1 "b":2}`, "\"\x7f\"", `"a\`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) || len(data) > MaxRecord || bytes.Count(data, []byte{'['})+
			bytes.Count(data, []byte{'{'}) > maxJSONDepth {
			return
		}
		j := NewJSON(&trickle{data, 1})
		err := j.Skip()
		if err == nil {
			err = j.Finish()
		}
		if valid := json.Valid(data); valid != (err == nil) {
			t.Fatalf("%q: encoding/json says %t, we say %v", data, valid, err)
		}
		var m *Problem
		if err != nil && (!errors.As(err, &m) || m.Line < 1 || m.Line > bytes.Count(data, []byte{'\n'})+1 || m.Column < 1 ||
			m.Column > len(data)+1) {
			t.Fatalf("%q: %v has no place in the text", data, err)
		}
	})
}

// trickle reads a text a few bytes at a time, ever more.
type trickle struct {
	rest []byte
	n    int
}

func (r *trickle) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, r.rest[:min(len(r.rest), r.n)])
	r.rest = r.rest[n:]
	r.n = r.n%1000 + 1
	return n, nil
}
