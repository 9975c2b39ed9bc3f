package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/suggest"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// suggestFlags say what is known of a file already, and what has been chosen.
type suggestFlags struct {
	opt        files.Options
	kind, save string
	set        []string
}

func newImportSuggest(g *globals) *cobra.Command {
	var f suggestFlags
	cmd := &cobra.Command{Use: "suggest FILE", Args: cobra.ExactArgs(1),
		Short: "propose how a file of another program is read: what its columns mean, how sure that is, and rows as they " +
			"would be read",
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withStore(cmd, func(s *session) error { return f.run(cmd, g, s, args[0]) })
		}}
	cmd.Flags().StringVar(&f.kind, "kind", "", "what the file holds, such as schedule (default: what it looks like)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil,
		"choose something, as KEY=VALUE: start='Shift start', word.F=06:00-14:00")
	cmd.Flags().StringVar(&f.save, "save", "",
		"save it as a profile of this name: files with these columns are read with it from now on")
	cmd.Flags().StringVar(&f.opt.Sheet, "sheet", "", "the sheet of a workbook (default its first that is not hidden)")
	parsed(cmd, &f.opt.Encoding, "encoding", rows.ParseEncoding,
		"how the file writes characters (default: what its words look like)")
	return cmd
}

// run proposes, prints and saves.
func (f *suggestFlags) run(cmd *cobra.Command, g *globals, s *session, name string) error {
	chosen := map[string]string{}
	for _, set := range f.set {
		key, value, ok := strings.Cut(set, "=")
		if !ok || key == "" {
			return badInputf("--set: %q is not KEY=VALUE, such as start='Shift start'", set)
		}
		chosen[key] = value
	}
	if _, err := files.ParseKind(f.kind); f.kind != "" && err != nil {
		return badInputf("--kind: %w", err)
	}
	in, err := files.FileInput(name)
	if err != nil {
		return badInput(err)
	}
	ledger, err := app.NewImports(s.config, s.Store)
	if err != nil {
		return err
	}
	p, err := f.propose(cmd, s, ledger, in, chosen)
	if err != nil {
		return err
	}
	if g.output == "json" {
		err = printRows(cmd.OutOrStdout(), "json", each([]*suggest.Proposal{p}))
	} else {
		err = f.print(cmd, g, p, name)
	}
	if err != nil || f.save == "" {
		return err
	}
	if open := p.Open(); len(open) > 0 || p.Profile == "" {
		return badInputf("nothing was saved: choose %s first, with --set",
			cmp.Or(strings.Join(open, ", "), "what is missing"))
	}
	if err := ledger.SaveProfile(cmd.Context(), actor(), f.save, p.Profile); err != nil {
		return wrongImport(err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "saved as %s; files with these columns are read with it from now on\n", f.save)
	return nil
}

// propose looks at the beginning of the file.
func (f *suggestFlags) propose(cmd *cobra.Command, s *session, ledger *imports.Ledger, in files.Input,
	chosen map[string]string) (*suggest.Proposal, error) {
	sample, err := files.SampleOf(cmd.Context(), in, f.opt)
	if err != nil {
		return nil, badInputf("%s: %w", in.Name, err)
	}
	known, err := ledger.Known(cmd.Context())
	if err != nil {
		return nil, err
	}
	p, err := suggest.Propose(sample, files.Kind(f.kind), suggest.Known{Known: known, Zone: s.config.TimeZone,
		Today: schemas.UTC.Date(app.Now())}, chosen)
	return p, badInput(err)
}

// print prints the choices, the profile and the rows.
func (f *suggestFlags) print(cmd *cobra.Command, g *globals, p *suggest.Proposal, name string) error {
	w := cmd.OutOrStdout()
	if g.output == "csv" {
		return printRows(w, "csv", each(p.Choices))
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "KEY\tVALUE\tSURE\tWHAT IT IS\tWHY")
	for _, c := range p.Choices {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", c.Key, cmp.Or(c.Value, "-"), c.Sure, c.Label, c.Why)
	}
	err := t.Flush()
	if len(p.Examples) > 0 {
		fmt.Fprintf(w, "\nRows as they would be read (%d looked at, %d of them wrong):\n", p.Read, p.Wrong)
		fmt.Fprintln(t, "LINE\t"+strings.ToUpper(strings.Join(p.Columns, "\t")))
		for _, e := range p.Examples {
			fmt.Fprintf(t, "%d\t%s\n", e.Line, strings.Join(append(e.Texts, e.Wrong), "\t"))
		}
		err = errors.Join(err, t.Flush())
	}
	fmt.Fprintln(w)
	for _, n := range p.Notes {
		fmt.Fprintln(w, n)
	}
	return errors.Join(err, f.next(w, p, name))
}

// next says what to do with the proposal.
func (f *suggestFlags) next(w io.Writer, p *suggest.Proposal, name string) error {
	switch open := p.Open(); {
	case len(open) > 0:
		_, err := fmt.Fprintf(w, "To be chosen: %s. Write for instance --set %s=...\n", strings.Join(open, ", "),
			quotedArg(open[0]))
		return err
	case p.Profile == "":
		_, err := fmt.Fprintln(w, "It cannot be read yet; choose with --set KEY=VALUE.")
		return err
	case f.save != "":
		return nil
	}
	_, err := fmt.Fprintf(w, "Correct it with --set KEY=VALUE, keep it with --save NAME; then:\n"+
		"  rollcall import %s %s --dry-run\n", p.Kind, quotedArg(name))
	return err
}

// quotedArg writes an argument so that a shell takes it as one.
func quotedArg(s string) string {
	if strings.ContainsAny(s, " '\"$&|;<>()*?\\`") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
