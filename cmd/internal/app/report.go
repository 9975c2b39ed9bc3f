package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/reports/xlsx"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// reportSuffixes are the formats of an adherence report; staffingShapes has those of a staffing report.
var reportSuffixes = []string{".xlsx", ".csv", ".json"}

// CheckReportFile refuses a file whose suffix names no format of a report.
func CheckReportFile(file string) error { return checkSuffix(file, reportSuffixes) }

// CheckStaffingFile refuses a file whose suffix names no format of a staffing report.
func CheckStaffingFile(file string) error {
	return checkSuffix(file, append(slices.Clone(reportSuffixes), ".html"))
}

func checkSuffix(file string, known []string) error {
	if slices.Contains(known, suffixOf(file)) {
		return nil
	}
	return fmt.Errorf("%q ends in none of %s; the suffix picks the format", file, strings.Join(known, ", "))
}

func suffixOf(file string) string { return strings.ToLower(filepath.Ext(file)) }

// SaveReport writes the adherence report to the file, in the format of its suffix: whole, or not at all.
func SaveReport(ctx context.Context, a *Answers, q reports.Query, file string) (*reports.Adherence, error) {
	if err := CheckReportFile(file); err != nil {
		return nil, err
	}
	if err := q.Validate(); err != nil {
		return nil, err
	}
	var made *reports.Adherence
	err := reports.ReplaceFile(file, func(w io.Writer) (err error) {
		var shape reports.Writer
		switch suffixOf(file) {
		case ".json":
			shape = reports.NewJSON(w)
		case ".xlsx":
			if q.Intervals, err = a.hasTimeline(ctx, q); err != nil {
				return err
			}
			var book *xlsx.Workbook
			if book, err = xlsx.New(w, xlsx.DefaultConfig()); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, book.Close()) }()
			shape = book
		default:
			shape = reports.NewCSV(w)
		}
		made, err = reports.WriteAdherence(ctx, a, q, Now(), shape)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// staffingShapes are the formats of a staffing report by suffix.
var staffingShapes = map[string]func(io.Writer, *reports.Staffing) error{
	".xlsx": xlsx.WriteStaffing, ".csv": reports.WriteStaffingCSV, ".json": reports.WriteStaffingJSON,
	".html": reports.WriteStaffingHTML,
}

// SaveStaffing writes the staffing report to the file, in the format of its suffix: whole, or not at all.
func SaveStaffing(s *reports.Staffing, file string) error {
	if err := CheckStaffingFile(file); err != nil {
		return err
	}
	return reports.ReplaceFile(file, func(w io.Writer) error { return staffingShapes[suffixOf(file)](w, s) })
}

// ReadReport reads what a report file says of itself, in the format of its suffix.
func ReadReport(file string) (*reports.ReportFile, error) {
	if err := CheckReportFile(file); err != nil {
		return nil, err
	}
	read := map[string]func(io.Reader) (*reports.ReportFile, error){".csv": reports.ReadCSV, ".json": reports.ReadJSON,
		".xlsx": func(io.Reader) (*reports.ReportFile, error) { return xlsx.Read(file) }}[suffixOf(file)]
	f, err := os.Open(file) //nolint:gosec // the user names the file to verify
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	c, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// VerifyReport makes the report of a file again, from what was known when it was made and from what is known now, and
// says what differs and why.
func VerifyReport(ctx context.Context, a *Answers, c *reports.ReportFile) (*reports.Verified, error) {
	then := *a
	then.Fresh, then.KnownAt = true, c.JudgedAt
	now := *a
	if now.Fresh = true; c.JudgedAt != 0 {
		now.Now = min(a.Now, c.JudgedAt) // a day that was under way went on, which is no change
	}
	return reports.Verify(ctx, c, &then, &now,
		func(ctx context.Context, since schemas.Instant, yield func(*schemas.JournalRow) error) error {
			return journalSince(ctx, a.Store, since, yield)
		})
}

// journalPage is how many journal rows are read at a time.
const journalPage = 500

// journalSince returns the journal rows recorded after an instant, newest first.
func journalSince(ctx context.Context, s *chstore.Store, since schemas.Instant,
	yield func(*schemas.JournalRow) error) error {
	var before schemas.Instant
	id := ""
	for {
		rows, err := s.JournalPage(ctx, "", before, id, journalPage)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].RecordedAt <= since {
				return nil
			}
			if err := yield(&rows[i]); err != nil {
				return err
			}
		}
		if len(rows) < journalPage {
			return nil
		}
		before, id = rows[len(rows)-1].RecordedAt, rows[len(rows)-1].ID
	}
}
