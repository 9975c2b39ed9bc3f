package simulate

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"time"

	"rollcall/schemas"
)

// table is one CSV file that is being written. After the first failure it does nothing; close returns it.
type table struct {
	file *os.File
	w    *bufio.Writer
	rows int
	err  error
	// day and date keep the last date that was written out.
	day  int64
	date string
}

// create begins a file with its header line.
func create(path, header string) *table {
	f, err := os.Create(path) //nolint:gosec // the folder is the user's choice
	t := &table{file: f, err: err, day: -1}
	if err == nil {
		t.w = bufio.NewWriterSize(f, 1<<18)
		t.put([]byte(header + "\n"))
		t.rows = 0
	}
	return t
}

func (t *table) put(line []byte) {
	if t.err == nil {
		_, t.err = t.w.Write(line)
		t.rows++
	}
}

func (t *table) close() error {
	if t.file == nil {
		return t.err
	}
	if t.err == nil {
		t.err = t.w.Flush()
	}
	if err := t.file.Close(); t.err == nil {
		t.err = err
	}
	return t.err
}

// instant appends RFC 3339 in UTC, in whole seconds.
func (t *table) instant(b []byte, i schemas.Instant) []byte {
	s := int64(i) / 1000
	day := s / 86_400
	if day != t.day {
		t.day, t.date = day, time.Unix(s, 0).UTC().Format("2006-01-02T")
	}
	s -= day * 86_400
	b = append(b, t.date...)
	b = append(two(b, s/3600), ':')
	b = append(two(b, s/60%60), ':')
	return append(two(b, s%60), 'Z')
}

func two(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) } //nolint:gosec // n is below 100

// text appends a field, in quotes where it needs them (RFC 4180).
func text(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\n\r") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// fields appends the fields with commas between them and ends the line.
func fields(b []byte, all ...string) []byte {
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = text(b, s)
	}
	return append(b, '\n')
}

// seconds appends whole seconds.
func seconds(b []byte, ms int64) []byte { return strconv.AppendInt(b, ms/1000, 10) }

// percent appends hundredths with two decimals, without trailing zeros; nothing where the percentage does not exist.
func percent(b []byte, hundredths int64, exists bool) []byte {
	if !exists {
		return b
	}
	b = strconv.AppendInt(b, hundredths/100, 10)
	switch rest := hundredths % 100; {
	case rest == 0:
		return b
	case rest%10 == 0:
		return append(b, '.', byte('0'+rest/10))
	default:
		return two(append(b, '.'), rest)
	}
}
