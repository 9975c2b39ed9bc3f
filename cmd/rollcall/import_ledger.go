package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// newImportLedger are the commands that look at imports, and take them back.
func newImportLedger(g *globals) []*cobra.Command {
	list := &cobra.Command{
		Use:   "list [roster|requirements|activities|schedule]",
		Short: "imports of rosters, requirements, activity codes and schedules, newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind := files.Kind(strings.Join(args, ""))
			switch kind {
			case "", files.Roster, files.Requirements, files.Activities, files.Schedule:
			default:
				return badInputf("%q is none of roster, requirements, activities, schedule", kind)
			}
			return g.withImports(cmd, func(l *imports.Ledger) error {
				list, err := l.List(cmd.Context(), imports.ListQuery{Kind: kind})
				if err != nil {
					return err
				}
				rows := make([]importRow, len(list))
				for i := range list {
					rows[i] = importRow{list[i].Import, list[i].Undone()}
				}
				return printAll(cmd, g, rows, "id", "kind", "recorded_at", "actor", "origin", "added", "changed", "removed",
					"undone_by")
			})
		},
	}
	diff := &cobra.Command{
		Use:   "diff IMPORT",
		Short: "what an import changed",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withImports(cmd, func(l *imports.Ledger) error {
				made, err := l.Find(cmd.Context(), "", args[0])
				if err != nil {
					return err
				}
				if made.Kind == schemas.JournalSchedule {
					return printDiff(cmd, g.output, l, imports.DiffQuery{Revision: made.ID}, false)
				}
				d, err := l.Diff(cmd.Context(), "", args[0])
				if err != nil {
					return err
				}
				if g.output != "table" {
					return printRows(cmd.OutOrStdout(), g.output, one(d))
				}
				return printChange(cmd.OutOrStdout(), true, &d.Change)
			})
		},
	}
	undo := g.newUndo("", &cobra.Command{Use: "undo IMPORT", Short: "take an import back, as an import of its own"})
	return []*cobra.Command{list, diff, undo}
}

// importRow is an import of any kind as a line.
type importRow struct {
	schemas.Import
	UndoneBy string `json:"undone_by"`
}

// newUndo completes a command that takes an import of a kind ("" = of any) back.
func (g *globals) newUndo(kind files.Kind, cmd *cobra.Command) *cobra.Command {
	o := imports.UndoOrder{Kind: kind}
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Import, o.Actor = args[0], actor()
		o.Waiting = func() { fmt.Fprintln(cmd.ErrOrStderr(), waitingForImport) }
		o.Judged = progress(cmd.ErrOrStderr(), "agents judged")
		return g.withImports(cmd, func(l *imports.Ledger) error {
			u, err := l.Undo(cmd.Context(), o)
			if errors.Is(err, imports.ErrNothingToUndo) {
				return badInput(err)
			}
			if err != nil {
				return err
			}
			if err := printUndone(cmd.OutOrStdout(), cmd.ErrOrStderr(), g.output, u); err != nil || len(u.NotRestored) == 0 {
				return err
			}
			return &exitError{exitInPart, nil}
		})
	}
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false,
		"report what would happen, of a schedule also to adherence, and write nothing")
	cmd.Flags().StringVar(&o.IfRevision, "if-revision", "",
		"only if nobody changed this after the newest import that a dry run named")
	return cmd
}

// waitingForImport is said once while another import or undo is at work.
const waitingForImport = "waiting for another import to finish"

// mostListed is how many lines a table for people has at most; JSON and CSV have all.
const mostListed = 40

func printUndone(w, notes io.Writer, format string, u *imports.Undone) error {
	for i, n := range u.NotRestored {
		if i == mostListed && format == "table" {
			fmt.Fprintf(notes, "and %d more are not restored\n", len(u.NotRestored)-i)
			break
		}
		switch {
		case n.Day != 0:
			fmt.Fprintf(notes, "%s %s is not restored: %s\n", n.Subject, n.Day, n.Reason)
		case n.Start != nil:
			fmt.Fprintf(notes, "not restored: %s at %s: %s\n", n.Subject, n.Start, n.Reason)
		default:
			fmt.Fprintf(notes, "not restored: %s: %s\n", n.Subject, n.Reason)
		}
	}
	switch {
	case format == "csv" && u.Days != nil:
		return printRows(w, format, each(u.Days))
	case format != "table":
		return printRows(w, format, one(u))
	case u.Days != nil:
		return printRestoredDays(w, u)
	}
	text := fmt.Sprintf("%d restored, %d not", u.Restored, len(u.NotRestored))
	if u.DryRun {
		text = fmt.Sprintf("%d would be restored, %d not", u.Restored, len(u.NotRestored))
	} else if u.Made != nil {
		text += ", import " + u.Made.ID
	}
	_, err := fmt.Fprintln(w, text)
	return errors.Join(err, printChange(w, u.DryRun, &u.Change))
}

// withImports opens the store for a command about imports.
func (g *globals) withImports(cmd *cobra.Command, do func(*imports.Ledger) error) error {
	if err := g.checkOutput(); err != nil {
		return err
	}
	return g.withStore(cmd, func(s *session) error {
		ledger, err := app.NewImports(s.config, s.Store)
		if err != nil {
			return err
		}
		return wrongImport(do(ledger))
	})
}

// wrongImport marks an import that does not exist as bad input.
func wrongImport(err error) error {
	var unknown *imports.UnknownError
	var wrong *imports.ProfileError
	if errors.As(err, &unknown) || errors.As(err, &wrong) {
		return badInput(err)
	}
	return err
}

// printChange prints what an import changes; every line of it in whole, else the sums.
func printChange(w io.Writer, whole bool, c *imports.Change) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	switch {
	case c.Roster != nil:
		printRoster(t, c.Roster)
	case c.Requirements != nil:
		printTeams(t, c.Requirements.Teams)
	}
	if !whole {
		return t.Flush()
	}
	for _, l := range c.Lines() {
		switch {
		case c.Roster != nil:
			fmt.Fprintf(t, "  %s\t%s–%s\t%s\n", l.Subject, dateOr(l.From), dateOr(l.To), l.What)
		case l.Start != nil:
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", l.Subject, l.Start, l.Change, l.What)
		default:
			fmt.Fprintf(t, "  %s\t%s\t%s\n", l.Subject, l.Change, l.What)
		}
	}
	if r := c.Requirements; r != nil {
		if more := r.Totals.Added + r.Totals.Changed + r.Totals.Removed - len(r.Intervals); more > 0 {
			fmt.Fprintf(t, "  and %d more intervals\n", more)
		}
	}
	return t.Flush()
}

func printRoster(w io.Writer, c *imports.RosterChange) {
	n := &c.Totals
	if n.Added+n.Changed+n.Removed == 0 {
		return
	}
	fmt.Fprintf(w, "  %d agents added, %d changed, %d removed: %d move team or site, %d leave, %d get another time zone\n",
		n.Added, n.Changed, n.Removed, n.Moved, n.Ended, n.ZoneChanged)
	if n.Days > 0 {
		fmt.Fprintf(w, "  %d judged days (%d of them final) will be judged again\n", n.Days, n.FinalDays)
	}
	if n.Joins > 0 {
		fmt.Fprintf(w, "  %d agents had facts before they were in the roster; those join now\n", n.Joins)
	}
	if c.NotInFileCount > 0 {
		fmt.Fprintf(w, "  %d agents of the roster are not in the file and stay as they are\n", c.NotInFileCount)
	}
}

func dateOr(d *schemas.Date) string {
	if d == nil {
		return "…"
	}
	return d.String()
}

func printTeams(w io.Writer, teams []imports.TeamChange) {
	if len(teams) == 0 {
		return
	}
	fmt.Fprintln(w, "  team\tfrom\tto\tminutes\tadded\tchanged\tremoved\tunchanged\thead-hours")
	for _, t := range teams {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%.2f → %.2f\n", t.Team, t.From, t.To, t.IntervalS/60, t.Added,
			t.Changed, t.Removed, t.Unchanged, t.Before.Hours(), t.After.Hours())
	}
}
