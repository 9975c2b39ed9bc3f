package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"strconv"
	"strings"
)

// lateBase is the first number that stands for a value which is known only after the rows below it. No report holds a
// number near it.
const lateBase int64 = 7_000_000_000_000_000_000

// lateWithin is how much of the beginning of a sheet can hold such numbers: title, totals and header.
const lateWithin = 64 << 10

// lateValues are values that are put into a sheet while it is written into the zip. The number of a value is its index.
type lateValues struct{ values []string }

// add makes room for a value and returns the number that holds its place.
func (l *lateValues) add() int64 {
	l.values = append(l.values, "")
	return lateBase + int64(len(l.values)) - 1
}

// set decides a value; an empty text leaves the cell without one.
func (l *lateValues) set(place int64, value string) { l.values[place-lateBase] = value }

// fill puts the values into the beginning of a sheet.
func (l *lateValues) fill(head []byte) []byte {
	for i, v := range l.values {
		place := []byte("<v>" + strconv.FormatInt(lateBase+int64(i), 10) + "</v>")
		value := []byte("<v>" + v + "</v>")
		if v == "" {
			value = nil
		}
		head = bytes.Replace(head, place, value, 1)
	}
	return head
}

// zipper is the zip writer that excelize fills. It writes to the target at once, fills in late values, and keeps the
// first error, some of which excelize drops.
type zipper struct {
	*zip.Writer
	late *lateValues
	open *lateWriter
	err  error
}

func newZipper(w io.Writer, late *lateValues) *zipper {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate,
		func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return &zipper{Writer: z, late: late}
}

// Create begins a part of the workbook.
func (z *zipper) Create(name string) (io.Writer, error) {
	z.finish()
	w, err := z.Writer.Create(name)
	if err != nil {
		z.record(err)
		return nil, err
	}
	z.open = &lateWriter{zipper: z, w: w, done: !strings.HasPrefix(name, "xl/worksheets/")}
	return z.open, nil
}

// Close ends the last part and the zip.
func (z *zipper) Close() error {
	z.finish()
	z.record(z.Writer.Close())
	return z.err
}

func (z *zipper) finish() {
	if z.open != nil {
		z.open.flush()
		z.open = nil
	}
}

func (z *zipper) record(err error) {
	if z.err == nil {
		z.err = err
	}
}

// lateWriter holds the first lateWithin bytes of a sheet back until they are whole and have their values filled in.
type lateWriter struct {
	zipper *zipper
	w      io.Writer
	head   []byte
	done   bool
}

// Write takes the next bytes of the part.
func (l *lateWriter) Write(p []byte) (int, error) {
	n := 0
	if !l.done {
		n = min(len(p), lateWithin-len(l.head))
		if l.head = append(l.head, p[:n]...); len(l.head) < lateWithin {
			return n, l.zipper.err
		}
		l.flush()
	}
	_, err := l.w.Write(p[n:])
	l.zipper.record(err)
	return len(p), l.zipper.err
}

func (l *lateWriter) flush() {
	if !l.done {
		_, err := l.w.Write(l.zipper.late.fill(l.head))
		l.zipper.record(err)
		l.head, l.done = nil, true
	}
}
