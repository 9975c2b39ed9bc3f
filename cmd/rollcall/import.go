package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// importFlags are the flags of every import.
type importFlags struct {
	opt   imports.Options
	dates dateFlags
	file  fileFlags
}

func newImport(g *globals) *cobra.Command {
	var subs []*cobra.Command
	for _, k := range []struct {
		kind  files.Kind
		short string
	}{
		{files.Roster, "agents, their teams, sites and zones"},
		{files.Activities, "activity codes and their categories"},
		{files.Statuses, "secondary statuses and the statuses that they belong to"},
		{files.Schedule, "schedules; replaces whole days, what it does not replace stays"},
		{files.Status, "status changes, as CSV or NDJSON"},
		{files.Gaps, "stretches in which a feed reported nothing"},
		{files.Requirements, "heads needed per team and interval; replaces the range that the file covers"},
	} {
		subs = append(subs, g.newImportKind(k.kind, k.short))
	}
	return groupOf("import", "bring files in",
		append(subs, append(newImportLedger(g), newImportProfiles(g), newImportSuggest(g), newImportTemplate(g))...)...)
}

func (g *globals) newImportKind(kind files.Kind, short string) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{Use: string(kind) + " FILE...", Short: short, Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.read(); err != nil {
				return err
			}
			return g.withStore(cmd, func(s *session) error {
				f.opt.Actor, f.opt.StandardZone = actor(), s.config.TimeZone
				return f.file.reporting(&f.opt.Options, func() error { return runImports(cmd, g, s, kind, args, f.opt) })
			})
		}}
	cmd.Flags().BoolVar(&f.opt.DryRun, "dry-run", false, "report what would happen and write nothing")
	cmd.Flags().BoolVar(&f.opt.AllowPartial, "allow-partial", false, partialHelp(kind))
	f.file.add(cmd, &f.opt.Options)
	cmd.Flags().StringVar(&f.opt.TimeZone, "time-zone", "",
		"the zone of local times where neither file nor roster names one")
	if kind != files.Status && kind != files.Gaps {
		cmd.Flags().StringVar(&f.opt.IfRevision, "if-revision", "",
			"only if nothing was imported since this one, which a preview named (none: since the beginning)")
	}
	if kind == files.Schedule {
		cmd.Flags().BoolVar(&f.opt.AllowRemovals, "allow-removals", false,
			"import also where more agent-days are left with nothing than the file schedules")
	}
	switch kind {
	case files.Status:
		cmd.Flags().StringVar(&f.opt.Source, "source", "", "the feed that the changes belong to (default file)")
		parsed(cmd, &f.opt.CompleteTo, "complete-to", schemas.ParseInstant,
			"the source has reported everything up to this instant (RFC 3339)")
	case files.Gaps:
		cmd.Flags().StringVar(&f.opt.Source, "source", "", "the feed of rows that name none (default file)")
	case files.Schedule, files.Requirements:
		f.dates.declare(cmd, "first local date that the file replaces (default its first)",
			"last local date that the file replaces, included (default its last)")
		if kind == files.Schedule {
			parsed(cmd, &f.opt.LongestMS, "longest", profile.ParseLongest,
				"how long a shift may be, such as 16h (default what the profile says, else 14h)")
		} else {
			parsed(cmd, &f.opt.Missing, "missing", files.ParseMissing, "what is needed in intervals that the file leaves out: "+
				"zero heads, the same as before, or error (default: error up to an hour, nothing required in longer gaps)")
		}
	default:
	}
	return cmd
}

// partialHelp is what --allow-partial says of itself.
func partialHelp(kind files.Kind) string {
	if kind == files.Schedule {
		return "write the good rows of a file that has bad ones; an agent's day of which a row is bad stays as it is"
	}
	return "write the good rows of a file that has bad ones"
}

// read completes the options.
func (f *importFlags) read() error {
	f.opt.From, f.opt.To = f.dates.from, f.dates.to
	if (f.opt.From == 0) != (f.opt.To == 0) {
		return badInputf("--from and --to belong together; give both or neither")
	}
	if err := f.dates.check(); err != nil {
		return err
	}
	if err := f.file.load(&f.opt); err != nil {
		return err
	}
	return badInput(f.opt.Validate(app.Now()))
}

// runImports imports the files one after the other. A refused file does not stop the next.
func runImports(cmd *cobra.Command, g *globals, s *session, kind files.Kind, names []string,
	opt imports.Options) error {
	ledger, err := app.NewImports(s.config, s.Store)
	if err != nil {
		return err
	}
	var results []*imports.Result
	var refused, part int
	opt.Waiting = func() { fmt.Fprintln(cmd.ErrOrStderr(), waitingForImport) }
	opt.Wrote, opt.Judged = progress(cmd.ErrOrStderr(), "agent-days written"), progress(cmd.ErrOrStderr(), "agents judged")
	for _, name := range names {
		in, err := files.FileInput(name)
		if err != nil {
			return badInput(err)
		}
		bar := progress(cmd.ErrOrStderr(), "KiB of "+in.Name)
		if bar != nil {
			opt.Progress = func(done, total int64) { bar(int(done>>10), int(total>>10)) }
		}
		r, err := ledger.Import(cmd.Context(), kind, in, opt)
		if err != nil {
			return wrongImport(err)
		}
		listProblems(cmd.ErrOrStderr(), r)
		sayRefusedRemovals(cmd.ErrOrStderr(), r)
		results = append(results, r)
		switch {
		case r.Refused:
			refused++
		case r.ProblemCount > 0:
			part++
		}
	}
	if err := printImports(cmd, g.output, results); err != nil {
		return err
	}
	switch {
	case refused == len(results):
		return &exitError{exitBadInput, nil}
	case refused+part > 0:
		return &exitError{exitInPart, nil}
	}
	return nil
}

// listProblems writes every problem and warning of a file, one a line.
func listProblems(w io.Writer, r *imports.Result) {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	if more := r.ProblemCount - len(r.Problems); more > 0 {
		fmt.Fprintf(w, "%s: and %d more problems\n", r.File, more)
	}
	for _, p := range r.Warnings {
		fmt.Fprintln(w, "warning:", p)
	}
	if more := r.WarningCount - len(r.Warnings); more > 0 {
		fmt.Fprintf(w, "%s: and %d more warnings\n", r.File, more)
	}
	for _, u := range r.Unmapped {
		fmt.Fprintf(w, "warning: %s:%d: %s %q is no state that rollcall knows; it counts as unknown (%d rows)\n", r.File,
			u.Line, u.Field, u.Text, u.Count)
	}
}

// sayRefusedRemovals says how to import what is refused because of what it would remove.
func sayRefusedRemovals(w io.Writer, r *imports.Result) {
	if why := r.RemovalsRefusal(); why != "" {
		fmt.Fprintf(w, "%s: refused: %s; are the dates right (--from, --to)? --allow-removals imports it as it is\n",
			r.File, why)
	}
}

// printImports prints a sentence for each file, with what a preview says besides, or the results for programs.
func printImports(cmd *cobra.Command, format string, results []*imports.Result) error {
	w := cmd.OutOrStdout()
	switch {
	case format == "csv" && results[0].Kind == files.Schedule && results[0].DryRun:
		return printRows(w, format, each(previewRows(results)))
	case format != "table":
		return printRows(w, format, each(results))
	}
	var errs []error
	for _, r := range results {
		_, err := fmt.Fprintln(w, sentence(r))
		errs = append(errs, err, printChange(w, r.DryRun, &r.Change))
		if r.Schedule != nil {
			printLost(w, r.Refused || r.DryRun, r.Schedule)
		}
		if r.Kind == files.Schedule && r.DryRun {
			errs = append(errs, printPreview(w, r), howToApply(w, cmd, r))
		}
	}
	return errors.Join(errs...)
}

// sentence says what became of a file.
func sentence(r *imports.Result) string {
	s := fmt.Sprintf("%s: %d rows read, %d accepted, %d rejected, %d duplicate; ", r.File, r.Read, r.Accepted, r.Rejected,
		r.Duplicates)
	switch {
	case r.Refused:
		return s + "nothing was imported"
	case r.DryRun:
		return s + fmt.Sprintf("%s would be written, %d are there already", written(r), r.Unchanged)
	}
	s += fmt.Sprintf("%s written, %d were there already", written(r), r.Unchanged)
	if r.Revision != nil {
		s += ", revision " + r.Revision.ID
	}
	return s
}

// written names what an import counts.
func written(r *imports.Result) string { return fmt.Sprintf("%d %s", r.Written, imports.Noun(r.Kind)) }
