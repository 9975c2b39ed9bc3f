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
	"rollcall/ingest/imports"
	"rollcall/reports"
)

// fileFlags say how the files of an import are read, and where all that is wrong with them is written.
type fileFlags struct{ profile, report string }

// add adds the flags to the command.
func (f *fileFlags) add(cmd *cobra.Command, opt *files.Options) {
	cmd.Flags().StringVar(&f.profile, "profile", "",
		"how a file of another program is read: a ready or saved profile (import profiles) or a YAML file")
	cmd.Flags().StringVar(&opt.Sheet, "sheet", "", "the sheet of a workbook (default its first that is not hidden)")
	parsed(cmd, &opt.Encoding, "encoding", rows.ParseEncoding, "how the file writes characters, such as windows-1250 or "+
		"macintosh (default: UTF-8 or UTF-16 if it is, else what its words look like)")
	cmd.Flags().StringVar(&f.report, "report", "",
		"write every problem and warning to this CSV file, also those beyond the first 1,000")
}

// load finds the profile; one that is neither a file nor ready is looked for among those that were saved.
func (f *fileFlags) load(opt *imports.Options) (err error) {
	if f.profile == "" {
		return nil
	}
	opt.Profile, err = profile.Load(f.profile, files.LayoutOf)
	if errors.Is(err, profile.ErrNotReady) {
		opt.SavedProfile = f.profile
		return nil
	}
	if err != nil {
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

// newImportProfiles lists the ready and saved profiles, prints one, or forgets a saved one.
func newImportProfiles(g *globals) *cobra.Command {
	forget := false
	cmd := &cobra.Command{Use: "profiles [NAME]", Args: cobra.MaximumNArgs(1),
		Short: "list the ready and saved profiles, or print one to copy and change",
		RunE: func(cmd *cobra.Command, args []string) error {
			if forget && len(args) == 0 {
				return badInputf("--forget: name the profile that was saved")
			}
			if len(args) == 1 && !forget {
				if p, err := profile.Find(args[0], files.LayoutOf); err == nil {
					_, err = fmt.Fprint(cmd.OutOrStdout(), p.Text)
					return err
				}
			}
			return g.withImports(cmd, func(l *imports.Ledger) error {
				switch {
				case forget:
					return wrongImport(l.ForgetProfile(cmd.Context(), actor(), args[0]))
				case len(args) == 1:
					p, err := l.FindProfile(cmd.Context(), args[0])
					if err != nil {
						return wrongImport(err)
					}
					_, err = fmt.Fprint(cmd.OutOrStdout(), p.Text)
					return err
				}
				return listProfiles(cmd, g, l)
			})
		}}
	cmd.Flags().BoolVar(&forget, "forget", false, "forget a saved profile: no file is read with it any more")
	return cmd
}

// listProfiles lists the ready profiles and those that were saved.
func listProfiles(cmd *cobra.Command, g *globals, l *imports.Ledger) error {
	ready, err := profile.Ready(files.LayoutOf)
	if err != nil {
		return err
	}
	saved, err := l.Profiles(cmd.Context())
	if err != nil {
		return err
	}
	var rows []profileRow
	for _, p := range ready {
		rows = append(rows, profileRow{p.Name, p.Kind, p.About})
	}
	for _, p := range saved {
		rows = append(rows, profileRow{p.Name, p.Kind, fmt.Sprintf("saved by %s at %s", p.Actor, p.RecordedAt)})
	}
	return printAll(cmd, g, rows)
}

// profileRow is a profile as it is listed.
type profileRow struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	About string `json:"about"`
}
