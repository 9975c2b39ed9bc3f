package rows

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Source yields the rows of a file one by one.
type Source interface {
	// Header returns the names of the columns. It is called once, before Next.
	Header() (*Record, error)
	// Next returns the next record, which is valid until the call after. The error is io.EOF at the end, a *Problem for a
	// record that cannot be read while others can, an *Unusable, or what reading failed with.
	Next() (*Record, error)
}

// Record is one row. The fields are in the order of the header.
type Record struct {
	// Line is where the record begins, from 1.
	Line   int
	Fields []Field
	// Raw is the text that the fields' places refer to; nil where Start of a field counts columns.
	Raw []byte
	// Unended says that the file ends with this record, without the end of a line.
	Unended bool
	// Flaws are fields that could not be read, which only matters where the field is used.
	Flaws []Flaw
	// Problems are what is wrong with the record besides, each with its own place.
	Problems []Problem
	// Path names a field in problems, where a column's name does not say where it stands; it may be nil.
	Path func(field int) string
	// Free says that nothing is scheduled for the record's agent on its date.
	Free bool
}

// Flaw is what is wrong with the field of that number, and what to do about it.
type Flaw struct {
	Field           int
	Message, Remedy string
}

// Flawf makes the flaw of a field whose number is set later; the message is formatted.
func Flawf(remedy, format string, args ...any) *Flaw {
	return &Flaw{Message: fmt.Sprintf(format, args...), Remedy: remedy}
}

// Field is one value and its place: its line begins at Raw[LineStart], the field at Raw[Start]. Without Raw, Start is
// the number of columns before it.
type Field struct {
	Text             []byte
	Line             int
	LineStart, Start int
	// Dated says that the text is a date or a time in our own form, because the file stores it as one and not as a text.
	Dated bool
}

// Column counts characters, or the columns of a record without Raw, from 1.
func (r *Record) Column(f *Field) int {
	if r.Raw == nil {
		return f.Start + 1
	}
	return utf8.RuneCount(r.Raw[f.LineStart:f.Start]) + 1
}

// AddFlaw adds what is wrong with the field of that number, if anything is.
func (r *Record) AddFlaw(field int, w *Flaw) {
	if w != nil {
		r.Flaws = append(r.Flaws, Flaw{field, w.Message, w.Remedy})
	}
}

// MaxRecord is how long a record of a text may be, in bytes of UTF-8.
const MaxRecord = 1 << 16

// Quoted shows the texts of a header, shortened.
func (r *Record) Quoted() string {
	var names []string
	for i := range r.Fields {
		names = append(names, fmt.Sprintf("%.40q", r.Fields[i].Text))
		if i == 20 {
			names = append(names, "…")
			break
		}
	}
	return strings.Join(names, ", ")
}

// Blank says that every field is empty or of spaces: the row says nothing.
func (r *Record) Blank() bool {
	for i := range r.Fields {
		text := r.Fields[i].Text
		if len(text) > 0 && (text[0] > ' ' && text[0] < utf8.RuneSelf || len(bytes.TrimSpace(text)) > 0) {
			return false
		}
	}
	return len(r.Flaws) == 0
}

// Named is how many fields the header has up to its last name.
func (r *Record) Named() int {
	n := len(r.Fields)
	for n > 0 && len(bytes.TrimSpace(r.Fields[n-1].Text)) == 0 {
		n--
	}
	return n
}

// Fit lets the record have as many fields as the header: empty ones behind the last are cut off, and fields of columns
// behind the last that has a name may be missing. It returns the problem of a record with another number of fields.
func (r *Record) Fit(width, named int) *Problem {
	for len(r.Fields) > width && len(bytes.TrimSpace(r.Fields[len(r.Fields)-1].Text)) == 0 {
		r.Fields = r.Fields[:len(r.Fields)-1]
	}
	n := len(r.Fields)
	if n == width {
		return nil
	}
	if named <= n && n < width && n > 0 {
		end := r.Fields[n-1]
		end.Text = nil
		r.Fields = append(r.Fields, slices.Repeat([]Field{end}, width-n)...)
		return nil
	}
	p := &Problem{Line: r.Line, Message: fmt.Sprintf("the row has %d fields", n),
		Remedy: fmt.Sprintf("the header has %d", named)}
	if r.Unended && n < named {
		p.Remedy += " (the file ends here without an end of line: was it cut off?)"
	}
	return p
}

// Bare returns the text of a field that is written as a formula so that a spreadsheet leaves it alone, ="000123"; any
// other stays as it is.
func Bare(text []byte) []byte {
	if n := len(text); n >= 3 && text[0] == '=' && text[1] == '"' && bytes.IndexByte(text[2:], '"') == n-3 {
		return text[2 : n-1]
	}
	return text
}
