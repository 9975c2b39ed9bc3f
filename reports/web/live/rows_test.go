package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// A stored row reads as if the row were encoded for each reader, whatever the row says and whenever it is read.
func TestALetterIsTheRowAsOfTheReadersLook(t *testing.T) {
	var l rowCache
	rapid.Check(t, func(t *rapid.T) {
		a := &schemas.LiveAgent{AgentID: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id"),
			Name:    rapid.String().Draw(t, "name"),
			Note:    rapid.SampledFrom([]string{"", `"as_of":"`, "\n"}).Draw(t, "note"),
			AsOf:    schemas.Instant(rapid.Int64Range(1, 1e9).Draw(t, "made")),
			Version: rapid.Uint64().Draw(t, "version")}
		for range 2 {
			asOf := schemas.Instant(rapid.Int64Range(1, 1e9).Draw(t, "look"))
			want, err := json.Marshal(view{a, true}.at(asOf))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			w := bufio.NewWriter(&got)
			if err := l.write(w, a, asOf); err != nil || w.Flush() != nil || got.String() != string(want) {
				t.Fatalf("wrote %s, want %s (%v)", &got, want, err)
			}
		}
	})
}

// Readers at different versions write rows of one agent at once; run under -race.
func TestLettersOfManyReaders(t *testing.T) {
	var l rowCache
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			for i := range 200 {
				//nolint:gosec // small
				a := &schemas.LiveAgent{AgentID: "x", Note: fmt.Sprint("note ", (i+r)%50), Version: uint64((i + r) % 50)}
				var got bytes.Buffer
				w := bufio.NewWriter(&got)
				if err := l.write(w, a, 1); err != nil || w.Flush() != nil || !bytes.Contains(got.Bytes(), []byte(a.Note+`"`)) {
					t.Errorf("wrote %s for %s, %v", &got, a.Note, err)
				}
			}
		})
	}
	readers.Wait()
}
