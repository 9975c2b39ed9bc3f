package watchfolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// putAway writes the report and then moves the file beside it, so that a file in done or rejected always has one.
func (w *Watch) putAway(f *Folder, taken, path string, report *files.Report) error {
	dir := filepath.Join(f.Dir, doneDir)
	if report.Refused {
		dir = filepath.Join(f.Dir, rejectedDir)
	}
	to := filepath.Join(dir, taken)
	b, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(writeWhole(to+".report.json", append(b, '\n')), writeWhole(to+".report.txt", []byte(Text(report)))); err != nil {
		return err
	}
	return os.Rename(path, to)
}

// writeWhole writes a file so that it is there as a whole or not at all.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Text is a report for people: what became of the file, then every problem and warning, one a line.
func Text(r *files.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %d rows read, %d accepted, %d rejected, %d duplicate; ", r.File, r.Kind, r.Read, r.Accepted, r.Rejected, r.Duplicates)
	if r.Refused {
		b.WriteString("nothing was imported\n")
	} else {
		fmt.Fprintf(&b, "%d written, %d were there already\n", r.Written, r.Unchanged)
	}
	if r.Import != nil {
		fmt.Fprintf(&b, "import %s\n", r.Import.ID)
	}
	if r.Revision != nil {
		fmt.Fprintf(&b, "revision %s\n", r.Revision.ID)
	}
	list := func(lead string, problems []files.Problem, count int) {
		for _, p := range problems {
			fmt.Fprintf(&b, "%s%s\n", lead, p)
		}
		if more := count - len(problems); more > 0 {
			fmt.Fprintf(&b, "%sand %d more\n", lead, more)
		}
	}
	list("", r.Problems, r.ProblemCount)
	list("warning: ", r.Warnings, r.WarningCount)
	for _, u := range r.Unmapped {
		fmt.Fprintf(&b, "warning: %s:%d: %s %q is no state that rollcall knows; it counts as unknown (%d rows)\n", r.File, u.Line, u.Field, u.Text, u.Count)
	}
	return b.String()
}

// mostAlarms bounds how many rejected files of a folder are alarms of their own.
const mostAlarms = 20

// rejected gives an alarm for each file that lies in rejected.
func (w *Watch) rejected(f *Folder) []schemas.Alarm {
	list, err := regular(filepath.Join(f.Dir, rejectedDir), true)
	if err != nil {
		return nil // the next look tells of a folder that cannot be read
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
		text := fmt.Sprintf("%s was rejected, nothing of it was imported; %s says why: put a corrected file into %s and take this one away",
			name, path+".report.txt", f.Dir)
		out = append(out, schemas.Alarm{Kind: "import", Subject: path, Text: text, Since: at})
	}
	return out
}
