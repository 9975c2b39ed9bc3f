package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/reports"
)

// fileFlags say how the files of an import are read, and where all that is wrong with them is written.
type fileFlags struct{ profile, report string }

// add adds the flags to the command.
func (f *fileFlags) add(cmd *cobra.Command, opt *files.Options) {
	cmd.Flags().StringVar(&f.profile, "profile", "",
		"how a file of another program is read: a ready profile (import profiles) or a YAML file")
	cmd.Flags().StringVar(&opt.Sheet, "sheet", "", "the sheet of a workbook (default its first that is not hidden)")
	parsed(cmd, &opt.Encoding, "encoding", rows.ParseEncoding, "how the file writes characters, such as windows-1250 or "+
		"macintosh (default: UTF-8 or UTF-16 if it is, else what its words look like)")
	cmd.Flags().StringVar(&f.report, "report", "",
		"write every problem and warning to this CSV file, also those beyond the first 1,000")
}

// load finds the profile.
func (f *fileFlags) load(opt *files.Options) (err error) {
	if f.profile == "" {
		return nil
	}
	if opt.Profile, err = profile.Load(f.profile, files.LayoutOf); err != nil {
		return badInputf("--profile: %w", err)
	}
	return nil
}

// reporting runs imports with opt and writes what they find to the file of --report, whole or not at all.
func (f *fileFlags) reporting(opt *files.Options, run func() error) error {
	if f.report == "" {
		return run()
	}
	var done error
	err := reports.ReplaceFile(f.report, func(w io.Writer) error {
		out := csv.NewWriter(w)
		failed := out.Write([]string{"file", "line", "column", "field", "severity", "message"})
		opt.Problem = func(p files.Problem, warning bool) {
			severity := "problem"
			if warning {
				severity = "warning"
			}
			failed = errors.Join(failed,
				out.Write([]string{unformulated(p.File), counted(p.Line), counted(p.Column), unformulated(p.Field), severity,
					unformulated(p.Text())}))
		}
		done = run()
		out.Flush()
		return errors.Join(failed, out.Error())
	})
	if err == nil {
		return done
	}
	return errors.Join(done, err)
}

// counted is a line or a column, empty where there is none.
func counted(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// unformulated stops a spreadsheet from taking a text of the file for a formula.
func unformulated(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// newImportProfiles lists the ready profiles, or prints one.
func newImportProfiles(g *globals) *cobra.Command {
	return &cobra.Command{Use: "profiles [NAME]", Short: "list the ready profiles, or print one to copy and change",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				p, err := profile.Find(args[0], files.LayoutOf)
				if err != nil {
					return badInput(err)
				}
				_, err = fmt.Fprint(cmd.OutOrStdout(), p.Text)
				return err
			}
			all, err := profile.Ready(files.LayoutOf)
			if err != nil {
				return err
			}
			rows := make([]profileRow, len(all))
			for i, p := range all {
				rows[i] = profileRow{p.Name, p.Kind, p.About}
			}
			return printAll(cmd, g, rows)
		}}
}

// profileRow is a ready profile as it is listed.
type profileRow struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	About string `json:"about"`
}
