package files

import (
	"fmt"
	"unicode/utf8"
)

// source gives the records of a file one by one.
type source interface {
	// header names the columns. It is called once, before next.
	header() (*record, error)
	// next gives the next record, good until the call after. The error is io.EOF at the end, a *malformed for a record
	// that cannot be read while others can, or what reading failed with.
	next() (*record, error)
}

// record is one row. The fields are in the order of the header.
type record struct {
	// line is where the record begins.
	line   int
	fields []field
	// raw are the bytes that the places of the fields count in.
	raw []byte
	// unended says that the file ends with this record, without the end of a line.
	unended bool
	// flaws are fields that could not be read, which only matters where the field is used.
	flaws []flaw
	// nothing says that the record only tells that its agent has nothing on its date.
	nothing bool
}

// flaw is what is wrong with the field of that number.
type flaw struct {
	field   int
	message string
}

// field is one value and where it stands: its line begins at raw[lineStart], the field at raw[start].
type field struct {
	text             []byte
	line             int
	lineStart, start int
	// dated says that the text is a date or a time in our own form, because the file has it as one and not as a text.
	dated bool
}

// column counts characters from 1.
func (r *record) column(f *field) int { return utf8.RuneCount(r.raw[f.lineStart:f.start]) + 1 }

// malformed is what is wrong with a record as a whole.
type malformed struct {
	line, column int
	message      string
}

func (m *malformed) Error() string { return fmt.Sprintf("%d:%d: %s", m.line, m.column, m.message) }
