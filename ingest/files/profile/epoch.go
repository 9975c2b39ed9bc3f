package profile

import (
	"regexp"
	"strconv"

	"rollcall/schemas"
)

// epoch is how a file counts instants since 1970-01-01T00:00:00Z: the milliseconds of its unit, 0 where it does not.
type epoch int64

// epochs are their names among the patterns of instants.
var epochs = map[string]epoch{"unix": epoch(schemas.SecondMS), "unix_ms": 1}

var epochForm = regexp.MustCompile(`^(\d{1,14})(?:[.,](\d{1,9}))?$`)

// read reads digits, perhaps with decimals. What is finer than a millisecond is cut off.
func (e epoch) read(s string) (at schemas.Instant, ok bool) {
	if e == 0 {
		return 0, false
	}
	m := epochForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	whole, _ := strconv.ParseInt(m[1], 10, 64)              // at most 14 digits
	part, _ := strconv.ParseInt((m[2] + "000")[:3], 10, 64) // digits, or none
	return schemas.Instant(whole*int64(e) + part*int64(e)/schemas.SecondMS), true
}
