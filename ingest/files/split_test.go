package files

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"rollcall/ingest/files/rows"
)

// split returns all records of a text, and "!" followed by the place for each that cannot be read.
func split(text string, delimiter byte, slowly bool) [][]string {
	r := io.Reader(strings.NewReader(text))
	if slowly {
		r = iotest.OneByteReader(r)
	}
	s := newSplitter(r, delimiter, 0)
	var out [][]string
	for {
		rec, err := s.Next()
		m := (*rows.Problem)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return out
		case errors.As(err, &m):
			out = append(out, []string{"!" + m.Error()})
			continue
		case err != nil:
			return append(out, []string{"!!" + err.Error()})
		}
		var fields []string
		for _, f := range rec.Fields {
			fields = append(fields, string(f.Text))
		}
		out = append(out, fields)
	}
}

// TestSplit: what planners' files look like, and how broken ones are reported.
func TestSplit(t *testing.T) {
	long := strings.Repeat("x", rows.MaxRecord+1)
	for _, c := range []struct {
		name, text string
		want       [][]string
	}{
		{"plain", "a,b\nc,d\n", [][]string{{"a", "b"}, {"c", "d"}}},
		{"windows ends and empty lines", "a,b\r\n\r\n\nc,\r\n", [][]string{{"a", "b"}, {"c", ""}}},
		{"no end of line", "a,b\nc,d", [][]string{{"a", "b"}, {"c", "d"}}},
		{"quotes", "\"a,1\",\"say \"\"hi\"\"\",b\n", [][]string{{"a,1", `say "hi"`, "b"}}},
		{"line inside quotes", "a,\"b\r\nc\",d\ne,f,g\n", [][]string{{"a", "b\r\nc", "d"}, {"e", "f", "g"}}},
		{"quote in the middle", "a,5\" pipe\nb,c\n",
			[][]string{{"!1:4: a quote stands inside a field without quotes; put the field in quotes and write the quote twice"},
				{"b", "c"}}},
		{"text behind quote", "\"a\"b,c\nd,e\n",
			[][]string{{"!1:4: text stands behind a closing quote; write a quote inside a field twice"}, {"d", "e"}}},
		{"rows of delimiters and spaces", ",\n , \na,\n\"\",\" \"\n,,,\n", [][]string{{"a", ""}}},
		{"as a spreadsheet protects digits", "=\"000123\",b\n\"=\"\"007\"\"\",=1\n",
			[][]string{{"000123", "b"}, {"007", "=1"}}},
		{"never closed", "a,b\né,\"c\nd,e\n",
			[][]string{{"a", "b"}, {"!2:3: the quote that opens here is never closed; close it, or was the file cut off?"},
				{"d", "e"}}},
		{"endless line", long + "\na,b\n",
			[][]string{{"!1:1: the line is longer than 65536 bytes; is it a line of a table?"}, {"a", "b"}}},
		{"endless quote", "\"" + long + "\na,b\n",
			[][]string{{"!1:1: the line is longer than 65536 bytes; is it a line of a table?"}, {"a", "b"}}},
	} {
		for _, slowly := range []bool{false, true} {
			if got := split(c.text, ',', slowly); !slices.EqualFunc(got, c.want, slices.Equal) {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
		}
	}
}

// TestDelimiterIsFound by the header line, or by Excel's line in front of it.
func TestDelimiterIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"a,b;c,d\n": "a|b;c|d", "a;b;c\n": "a|b|c", "a\tb\n": "a|b", "a|b\n": "a|b", "sep=;\na,b;c\n": "a,b|c",
		"\"x;y;z\",b\n": "x;y;z|b", "one\n": "one",
	} {
		head, err := newSplitter(strings.NewReader(text), 0, 0).Header()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range head.Fields {
			names = append(names, string(f.Text))
		}
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// FuzzSplit: whatever encoding/csv reads without complaint, we read the same, at the same places, and however the bytes
// arrive. On everything else we neither crash nor hang.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a,b\nc,d\n", "\"a\"\"b\",c\r\n\r\nd", "a,\"b\nc\"\n", "\"", "a,\"b\"x\n", "\r\r\n,",
		"x\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := split(text, ',', false)
		if slow := split(text, ',', true); !slices.EqualFunc(got, slow, slices.Equal) {
			t.Fatalf("at once %q, byte by byte %q", got, slow)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil || len(text) > rows.MaxRecord {
			return
		}
		for i := range got {
			for j := range got[i] {
				got[i][j] = strings.ReplaceAll(got[i][j], "\r\n", "\n") // encoding/csv does so inside quotes
			}
		}
		want = slices.DeleteFunc(want, blankRow)
		for i := range want {
			for j := range want[i] {
				want[i][j] = string(rows.Bare([]byte(want[i][j])))
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
		samePlaces(t, text)
	})
}

// blankRow says that nothing is in the row, so that it is passed over.
func blankRow(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// samePlaces compares lines and columns with those of encoding/csv, which counts columns in bytes.
func samePlaces(t *testing.T, text string) {
	if strings.IndexFunc(text, func(r rune) bool { return r > 127 }) >= 0 {
		return
	}
	s, r := newSplitter(strings.NewReader(text), ',', 0), csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if err != nil {
			return
		}
		if blankRow(row) {
			continue
		}
		rec, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		for i := range rec.Fields {
			line, column := r.FieldPos(i)
			quoted := 0
			if f := &rec.Fields[i]; f.Start < len(rec.Raw) && rec.Raw[f.Start] == '"' {
				quoted = 1 // encoding/csv counts from behind the quote
			}
			if f := &rec.Fields[i]; f.Line != line || rec.Column(f) != column && rec.Column(f)+quoted != column {
				t.Fatalf("%q: field %d stands at %d:%d, not %d:%d", text, i, line, column, f.Line, rec.Column(f))
			}
		}
	}
}

// TestQuotedRowsTakeNoMemory: reading a row with quotes takes no memory, as reading one without takes none.
func TestQuotedRowsTakeNoMemory(t *testing.T) {
	s := newSplitter(strings.NewReader(strings.Repeat("\"a\",\"b \"\"c\"\", d\",e\n", 2000)), ',', 0)
	perRow := testing.AllocsPerRun(1000, func() {
		if rec, err := s.Next(); err != nil || len(rec.Fields) != 3 || string(rec.Fields[1].Text) != `b "c", d` {
			t.Fatal(rec, err)
		}
	})
	if perRow > 0 {
		t.Errorf("%v allocations a row", perRow)
	}
}
