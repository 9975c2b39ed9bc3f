package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"rollcall/reports"
	"rollcall/reports/xlsx"
)

// CheckReportFile refuses a file whose suffix names no format of a report.
func CheckReportFile(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".xlsx", ".csv", ".json":
		return nil
	}
	return fmt.Errorf("%q ends in none of .xlsx, .csv, .json; the suffix picks the format", file)
}

// SaveReport writes the adherence report to the file, in the format of its suffix: whole, or not at all.
func SaveReport(ctx context.Context, a *Answers, q reports.Query, file string) (*reports.Adherence, error) {
	if err := CheckReportFile(file); err != nil {
		return nil, err
	}
	if err := q.Validate(); err != nil {
		return nil, err
	}
	var book *xlsx.Workbook
	var made error
	shape := reports.NewCSV
	switch strings.ToLower(filepath.Ext(file)) {
	case ".json":
		shape = reports.NewJSON
	case ".xlsx":
		var err error
		if q.Intervals, err = a.HasTimeline(ctx, q); err != nil {
			return nil, err
		}
		shape = func(w io.Writer) reports.Writer {
			book, made = xlsx.New(w, xlsx.DefaultConfig())
			return book
		}
	}
	report, err := reports.Save(ctx, a, q, Now(), file, shape)
	if book != nil {
		err = errors.Join(err, book.Close())
	}
	return report, errors.Join(made, err)
}
