package watchfolder

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// putAway writes the report and then moves the file beside it, so that a file in done or rejected always has one.
func (w *Watch) putAway(f *Folder, taken, path string, report *imports.Result, found *findings) error {
	dir := filepath.Join(f.Dir, doneDir)
	if report.Refused {
		dir = filepath.Join(f.Dir, rejectedDir)
	}
	to := filepath.Join(dir, taken)
	b, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	err = errors.Join(
		writeWhole(to+".report.json", func(out io.Writer) error { _, err := out.Write(append(b, '\n')); return err }),
		writeWhole(to+".report.txt", func(out io.Writer) error { return text(out, report, found) }))
	if err != nil {
		return err
	}
	return os.Rename(path, to)
}

// writeWhole writes a file so that it is there as a whole or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o640), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// text writes a report for people: what became of the file, then every problem and warning, one a line.
func text(out io.Writer, r *imports.Result, found *findings) error {
	w := bufio.NewWriter(out) // it remembers its first error
	fmt.Fprintf(w, "%s (%s): %d rows read, %d accepted, %d rejected, %d duplicate; ", r.File, r.Kind, r.Read, r.Accepted,
		r.Rejected, r.Duplicates)
	if r.Refused {
		fmt.Fprintln(w, "nothing was imported")
	} else {
		fmt.Fprintf(w, "%d written, %d were there already\n", r.Written, r.Unchanged)
	}
	if r.Import != nil {
		fmt.Fprintf(w, "import %s\n", r.Import.ID)
	}
	if r.Revision != nil {
		fmt.Fprintf(w, "revision %s\n", r.Revision.ID)
	}
	if why := r.RemovalsRefusal(); why != "" {
		fmt.Fprintf(w, "refused: %s; are the dates right? If it is meant, import the file by hand and allow the removals\n",
			why)
	} else if r.Schedule != nil && !r.Refused {
		if text := r.Schedule.Removals.Text(); text != "" {
			fmt.Fprintln(w, "taken away:", text)
		}
	}
	if err := found.copyTo(w); err != nil {
		return err
	}
	if found.found == 0 { // the report was not made by an import
		for _, p := range slices.Concat(r.Problems, r.Warnings) {
			fmt.Fprintln(w, p)
		}
	}
	if more := found.found - found.written; more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	for _, u := range r.Unmapped {
		fmt.Fprintf(w, "warning: %s:%d: %s %q is no state that rollcall knows; it counts as unknown (%d rows)\n", r.File,
			u.Line, u.Field, u.Text, u.Count)
	}
	return w.Flush()
}

// mostAlarms bounds how many rejected files of a folder are alarms of their own.
const mostAlarms = 20

// rejected returns an alarm for each file that lies in rejected.
func (w *Watch) rejected(f *Folder) []schemas.Alarm {
	list, err := regular(filepath.Join(f.Dir, rejectedDir), true)
	if err != nil {
		return nil // the next look reports a folder that cannot be read
	}
	var out []schemas.Alarm
	for _, info := range list {
		if strings.HasSuffix(info.Name(), ".report.json") || strings.HasSuffix(info.Name(), ".report.txt") {
			continue
		}
		if len(out) == mostAlarms {
			break
		}
		path := filepath.Join(f.Dir, rejectedDir, info.Name())
		at, name := unstamped(info.Name())
		a := w.alarm(path, fmt.Sprintf("%s was rejected, nothing of it was imported; %s.report.txt says why: put a "+
			"corrected file into %s and take this one away", name, path, f.Dir))
		a.Since = at
		out = append(out, a)
	}
	return out
}
