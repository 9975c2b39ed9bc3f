package app

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"rollcall/reports"
	"rollcall/reports/xlsx"
)

// staffingShapes are the formats of a staffing report by suffix.
var staffingShapes = map[string]func(io.Writer, *reports.Staffing) error{
	".xlsx": xlsx.WriteStaffing, ".csv": reports.WriteStaffingCSV, ".json": reports.WriteStaffingJSON, ".html": reports.WriteStaffingHTML,
}

// CheckStaffingFile refuses a file whose suffix names no format of a staffing report.
func CheckStaffingFile(file string) error {
	if staffingShapes[strings.ToLower(filepath.Ext(file))] == nil {
		return fmt.Errorf("%q ends in none of .xlsx, .csv, .json, .html; the suffix picks the format", file)
	}
	return nil
}

// SaveStaffing writes the staffing report to the file, in the format of its suffix: whole, or not at all.
func SaveStaffing(s *reports.Staffing, file string) error {
	if err := CheckStaffingFile(file); err != nil {
		return err
	}
	shape := staffingShapes[strings.ToLower(filepath.Ext(file))]
	return reports.ReplaceFile(file, func(w io.Writer) error { return shape(w, s) })
}
