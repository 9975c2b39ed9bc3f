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

// ledgerKinds are the kinds whose imports are listed and can be undone here; `schedule` does so for schedules.
var ledgerKinds = map[string]schemas.JournalKind{"": "", string(files.Roster): schemas.JournalRoster,
	string(files.Requirements): schemas.JournalRequirement, string(files.Activities): schemas.JournalActivities}

// newImportLedger are the commands that look at imports of rosters, requirements and activity codes, and take them
// back.
func newImportLedger(g *globals) []*cobra.Command {
	list := &cobra.Command{Use: "list [roster|requirements|activities]", Short: "imports of rosters, requirements and activity codes, newest first",
		Args: cobra.MaximumNArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			kind, ok := ledgerKinds[strings.Join(args, "")]
			if !ok {
				return badInputf("%q is none of roster, requirements, activities; `rollcall schedule list` lists schedules", args[0])
			}
			return g.withImporter(cmd, func(m *imports.Importer) error {
				rows, err := m.Imports(cmd.Context(), kind, 0)
				if err != nil {
					return err
				}
				return printRows(cmd.OutOrStdout(), g.output, each(rows), "id", "kind", "recorded_at", "actor", "origin", "added", "changed", "removed", "undone_by")
			})
		}}
	diff := &cobra.Command{Use: "diff IMPORT", Short: "what an import changed", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withImporter(cmd, func(m *imports.Importer) error {
				d, err := m.DiffImport(cmd.Context(), "", args[0])
				if err != nil {
					return orBadInput(err)
				}
				if g.output != "table" {
					return printRows(cmd.OutOrStdout(), g.output, each([]*imports.ImportDiff{d}))
				}
				return printChanges(cmd.OutOrStdout(), true, d.Roster, d.Requirements, d.Codes)
			})
		}}
	return []*cobra.Command{list, diff, g.newImportUndo()}
}

func (g *globals) newImportUndo() *cobra.Command {
	var o imports.UndoOrder
	cmd := &cobra.Command{Use: "undo IMPORT", Short: "take an import back, as an import of its own", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withImporter(cmd, func(m *imports.Importer) error {
				o.Import, o.Actor = args[0], actor()
				u, err := m.UndoImport(cmd.Context(), o)
				if err != nil {
					return orBadInput(err)
				}
				for _, n := range u.NotRestored {
					at := ""
					if n.Start != nil {
						at = " at " + n.Start.String()
					}
					fmt.Fprintf(cmd.ErrOrStderr(), "not restored: %s%s: %s\n", n.Subject, at, n.Reason)
				}
				return inPart(len(u.NotRestored), g.printUndone(cmd.OutOrStdout(), u))
			})
		}}
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "report what would happen and write nothing")
	cmd.Flags().StringVar(&o.IfRevision, "if-revision", "", "only if this is still the newest import of its kind")
	return cmd
}

// inPart gives exit code 3 when something was left.
func inPart(left int, err error) error {
	if err == nil && left > 0 {
		return &exitError{exitInPart, nil}
	}
	return err
}

func (g *globals) printUndone(w io.Writer, u *imports.Undone) error {
	if g.output != "table" {
		return printRows(w, g.output, each([]*imports.Undone{u}))
	}
	text := fmt.Sprintf("%d restored, %d not", u.Restored, len(u.NotRestored))
	if u.DryRun {
		text = fmt.Sprintf("%d would be restored, %d not", u.Restored, len(u.NotRestored))
	} else if u.Import != nil {
		text += ", import " + u.Import.ID
	}
	if _, err := fmt.Fprintln(w, text); err != nil {
		return err
	}
	return printChanges(w, u.DryRun, u.Roster, u.Requirement, u.Codes)
}

// withImporter opens the store for a command about imports.
func (g *globals) withImporter(cmd *cobra.Command, do func(*imports.Importer) error) error {
	if err := g.checkOutput(); err != nil {
		return err
	}
	return g.withStore(cmd, func(s *session) error { return do(imports.New(s.Store, app.Clock)) })
}

// orBadInput marks an import that does not exist, or has nothing left to undo, as a wrong order.
func orBadInput(err error) error {
	var unknown *imports.UnknownImportError
	if errors.As(err, &unknown) || errors.Is(err, imports.ErrNothingToUndo) {
		return badInput(err)
	}
	return err
}

// printChanges tells what an import changes; every line of it in whole, else the sums.
func printChanges(w io.Writer, whole bool, roster *imports.RosterChange, required *imports.RequirementChange, codes *imports.CodesChange) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	switch {
	case roster != nil:
		printRoster(t, roster, whole)
	case required != nil:
		printRequired(t, required, whole)
	case codes != nil && whole:
		for _, c := range codes.Codes {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", c.Code, c.Change, fieldsText(c.Fields))
		}
	}
	return t.Flush()
}

func printRoster(w io.Writer, c *imports.RosterChange, whole bool) {
	n := &c.Totals
	if n.Added+n.Changed+n.Removed == 0 {
		return
	}
	fmt.Fprintf(w, "  %d agents added, %d changed, %d removed: %d move team or site, %d leave, %d get another time zone\n", n.Added, n.Changed, n.Removed,
		n.Moved, n.Ended, n.ZoneChanged)
	if n.Days > 0 {
		fmt.Fprintf(w, "  %d judged days (%d of them final) will be judged again\n", n.Days, n.FinalDays)
	}
	if n.Joins > 0 {
		fmt.Fprintf(w, "  %d agents had facts before they were in the roster; those join now\n", n.Joins)
	}
	if c.NotInFileCount > 0 {
		fmt.Fprintf(w, "  %d agents of the roster are not in the file and stay as they are\n", c.NotInFileCount)
	}
	for i := range c.Agents {
		for _, s := range c.Agents[i].Spans {
			if whole {
				fmt.Fprintf(w, "  %s\t%s–%s\t%s\n", c.Agents[i].AgentID, dateOr(s.From), dateOr(s.To), spanText(&s))
			}
		}
	}
}

func dateOr(d *schemas.Date) string {
	if d == nil {
		return "…"
	}
	return d.String()
}

func spanText(s *imports.SpanChange) string {
	switch s.Change {
	case imports.Added:
		return "added to " + teamText(s.Team, s.Site)
	case imports.Removed:
		return "leaves " + teamText(s.Team, s.Site)
	default:
		return fieldsText(s.Fields)
	}
}

func teamText(team, site string) string {
	switch {
	case team == "" && site == "":
		return "no team"
	case site == "":
		return team
	}
	return team + ", " + site
}

func fieldsText(list []imports.FieldChange) string {
	var out []string
	for _, f := range list {
		if f.Before == "" {
			out = append(out, f.Field+": "+f.After)
		} else {
			out = append(out, fmt.Sprintf("%s: %s → %s", f.Field, f.Before, f.After))
		}
	}
	return strings.Join(out, ", ")
}

func printRequired(w io.Writer, c *imports.RequirementChange, whole bool) {
	if len(c.Teams) == 0 {
		return
	}
	fmt.Fprintln(w, "  team\tfrom\tto\tminutes\tadded\tchanged\tremoved\tunchanged\thead-hours")
	for _, t := range c.Teams {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%.2f → %.2f\n", t.Team, t.From, t.To, t.IntervalS/60, t.Added, t.Changed, t.Removed, t.Unchanged,
			t.Before.Hours(), t.After.Hours())
	}
	if !whole {
		return
	}
	for _, v := range c.Intervals {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", v.Team, v.Start, v.Change, headsText(v.Before, v.After))
	}
	if more := c.Totals.Added + c.Totals.Changed + c.Totals.Removed - len(c.Intervals); more > 0 {
		fmt.Fprintf(w, "  and %d more intervals\n", more)
	}
}

func headsText(before, after *imports.RequiredHeads) string {
	one := func(h *imports.RequiredHeads) string {
		if h == nil {
			return "none"
		}
		if h.Shrinkage == 0 {
			return h.Required.String()
		}
		return fmt.Sprintf("%s (shrinkage %s)", h.Required, h.Shrinkage)
	}
	return one(before) + " → " + one(after)
}
