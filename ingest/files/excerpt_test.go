package files

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"rollcall/ingest/files/rows"
)

// shown writes an excerpt as one text, the marked field in brackets.
func shown(x Excerpt) string {
	var lines []string
	for _, l := range x {
		mark := ""
		if l.Marked != "" {
			mark = "[" + l.Marked + "]"
		}
		lines = append(lines, fmt.Sprintf("%d:%s%s%s", l.Number, l.Before, mark, l.After))
	}
	return strings.Join(lines, "\n")
}

// wide16 writes a text as UTF-16 with a byte-order mark.
func wide16(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(s)) {
		b = append(b, byte(c), byte(c>>8))
	}
	return b
}

// TestAProblemIsShownOnItsLine: of each problem the line is shown with the field marked, between the lines around it.
func TestAProblemIsShownOnItsLine(t *testing.T) {
	file := "agent_id;name\r\nana;\"Ana; \"\"A\"\"\"\r\nböb;Bob\x00\r\ncarl;\r\n"
	long := "{" + strings.Repeat(`"k":"v",`, 100) + `"wrong": 12,` + strings.Repeat(`"k":"v",`, 10) + "}\n"
	place := strings.Index(long, "12") + 1
	for name, c := range map[string]struct {
		text         string
		line, column int
		want         string
	}{
		"a quoted field":            {file, 2, 5, "1:agent_id;name\n2:ana;[\"Ana; \"\"A\"\"\"]\n3:böb;Bob·"},
		"a field behind letters":    {file, 3, 5, "2:ana;\"Ana; \"\"A\"\"\"\n3:böb;[Bob·]\n4:carl;"},
		"an empty field at the end": {file, 4, 6, "3:böb;Bob·\n4:carl;[ ]"},
		"the first field":           {file, 1, 1, "1:[agent_id];name\n2:ana;\"Ana; \"\"A\"\"\""},
		"no column":                 {file, 4, 0, "3:böb;Bob·\n4:carl;"},
		"a column that is not":      {file, 4, 90, "3:böb;Bob·\n4:carl;"},
		"a line that is not":        {file, 40, 1, ""},
		"the file as a whole":       {file, 0, 0, ""},
		"a long line": {long, 1, place, "1:…" + long[place-excerptLead:place-1] + "[12]" +
			strings.TrimSpace(long[place+1:place-excerptLead+excerptWidth]) + "…"},
	} {
		got, err := Excerpts(context.Background(), BytesInput("x.csv", []byte(c.text)), Options{}, rows.UTF8,
			[]rows.Problem{{Line: c.line, Column: c.column}})
		if err != nil || shown(got[0]) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, shown(got[0]), c.want)
		}
	}
	got, err := Excerpts(context.Background(), BytesInput("x.csv", wide16("agent_id\nzoë\n")), Options{}, rows.UTF16LE,
		[]rows.Problem{{Line: 2, Column: 1}, {Line: 1, Column: 1}})
	if err != nil || shown(got[0]) != "1:agent_id\n2:[zoë]" || shown(got[1]) != "1:[agent_id]\n2:zoë" {
		t.Errorf("UTF-16: %v %v", err, got)
	}
}

// FuzzExcerpts: whatever the file and the places, the parts of a line are what stands there, and none is long.
func FuzzExcerpts(f *testing.F) {
	f.Add([]byte("a,b\n\"c,d\ne,f"), 2, 1)
	f.Add([]byte("\x1f\x8b"), 1, 1)
	f.Add([]byte("PK\x03\x04"), 1, 1)
	f.Add(bytes.Repeat([]byte("é;"), 500), 1, 700)
	f.Fuzz(func(t *testing.T, data []byte, line, column int) {
		for _, e := range []rows.Encoding{rows.UTF8, rows.UTF16BE, rows.Windows1252, rows.Workbook} {
			got, err := Excerpts(context.Background(), BytesInput("x", data), Options{}, e,
				[]rows.Problem{{Line: line, Column: column}})
			if err != nil {
				continue
			}
			for _, l := range got[0] {
				if n := len([]rune(l.Before + l.Marked + l.After)); n > excerptWidth+3 && n > excerptCells*(excerptCell+4) {
					t.Fatalf("line %d has %d characters", l.Number, n)
				}
				if l.Number < line-1 || l.Number > line+1 {
					t.Fatalf("line %d is shown for line %d", l.Number, line)
				}
			}
		}
	})
}
