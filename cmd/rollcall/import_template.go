package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
	"rollcall/reports"
	"rollcall/reports/xlsx"
)

// newImportTemplate writes a file to begin with.
func newImportTemplate(_ *globals) *cobra.Command {
	var file string
	cmd := &cobra.Command{Use: "template KIND",
		Short: "write a file to begin with: header, examples and, in a workbook, notes and choices", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, err := files.ParseKind(args[0])
			if err != nil {
				return badInput(err)
			}
			t, err := files.TemplateOf(kind)
			if err != nil {
				return badInput(err)
			}
			return writeTemplate(cmd, &t, file)
		}}
	cmd.Flags().StringVar(&file, "file", "", "the file to write, .xlsx or .csv (default: CSV to standard output)")
	return cmd
}

// writeTemplate writes the template in the format that the file's name asks for. A file that is there stays.
func writeTemplate(cmd *cobra.Command, t *rows.Template, file string) error {
	if file == "" {
		return t.WriteCSV(cmd.OutOrStdout())
	}
	var write func(io.Writer) error
	switch suffix := strings.ToLower(filepath.Ext(file)); suffix {
	case ".csv":
		write = t.WriteCSV
	case ".xlsx":
		write = func(w io.Writer) error { return xlsx.WriteTemplate(w, t) }
	default:
		return badInputf("--file %s: %q is neither .xlsx nor .csv; end the name with one of them", file, suffix)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return badInputf("--file %s: there is such a file already; name another, or remove it first", file)
	}
	if err := reports.ReplaceFile(file, write); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(),
		"%s: %d columns and %d examples; fill it in and import it with: rollcall import %s --dry-run %s\n", file,
		len(t.Columns),
		len(t.Examples), t.Kind, file)
	return err
}
