package watchfolder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"rollcall/ingest/files"
)

// mostFoundBytes bounds what the findings of one file may take on disk: some 500,000 lines.
const mostFoundBytes = 64 << 20

// findings hold every problem and warning of a file as lines of a temporary file, for the report beside it: there may
// be far more than the report holds in memory.
type findings struct {
	file *os.File
	out  *bufio.Writer
	size int
	// found counts all, written those in the file.
	found, written int
	err            error
}

// newFindings makes the temporary file, hidden, in the folder.
func newFindings(dir string) (*findings, error) {
	file, err := os.CreateTemp(dir, ".report-*")
	if err != nil {
		return &findings{}, err
	}
	return &findings{file: file, out: bufio.NewWriter(file)}, nil
}

// add takes one; it is the Problem of files.Options.
func (f *findings) add(p files.Problem, warning bool) {
	f.found++
	if f.size >= mostFoundBytes || f.err != nil {
		return
	}
	lead := ""
	if warning {
		lead = "warning: "
	}
	n, err := fmt.Fprintf(f.out, "%s%s\n", lead, p)
	f.size, f.err = f.size+n, err
	f.written++
}

// copyTo writes the lines, in the order in which they were found.
func (f *findings) copyTo(w io.Writer) error {
	if err := errors.Join(f.err, f.out.Flush()); err != nil {
		return err
	}
	_, err := f.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(w, f.file)
	}
	return err
}

// remove takes the temporary file away.
func (f *findings) remove() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.file.Close(), os.Remove(f.file.Name()))
}
