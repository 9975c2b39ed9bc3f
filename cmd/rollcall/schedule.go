package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

func newSchedule(g *globals) *cobra.Command {
	return groupOf("schedule", "schedules and their revisions: nothing is overwritten, everything can be taken back",
		newScheduleList(g), newScheduleShow(g), newScheduleDiff(g), newScheduleUndo(g))
}

func newScheduleList(g *globals) *cobra.Command {
	var dates dateFlags
	var limit int
	cmd := &cobra.Command{Use: "list", Short: "list the revisions, the newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := dates.check(); err != nil {
				return err
			}
			q := imports.ListQuery{Kind: files.Schedule, Limit: limit, From: dates.from, To: dates.to}
			return g.withImports(cmd, func(d *imports.Ledger) error {
				rows, err := d.List(cmd.Context(), q)
				if err != nil {
					return err
				}
				return printScheduleRevisions(cmd, g, rows)
			})
		}}
	dates.declare(cmd, "only revisions about this local date or later ones",
		"only revisions about this local date or earlier ones")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many (default all)")
	return cmd
}

// listedRow is a revision as a line.
type listedRow struct {
	schemas.Revision
	UndoneBy string `json:"undone_by"`
}

func printScheduleRevisions(cmd *cobra.Command, g *globals, list []imports.Entry) error {
	if g.output == "json" {
		return printAll(cmd, g, list)
	}
	var rows []listedRow
	for _, l := range list {
		rows = append(rows, listedRow{*l.Revision, strings.Join(l.UndoneBy, " ")})
	}
	return printAll(cmd, g, rows, "id", "recorded_at", "actor", "origin", "from", "to", "agents", "days_changed",
		"days_removed", "days_unchanged", "undone_by")
}

// showFlags are the flags of schedule show.
type showFlags struct {
	dateFlags
	imports.ShowQuery
}

func newScheduleShow(g *globals) *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{Use: "show [--from D] [--to D]", Short: "show what is scheduled, or was", Args: cobra.NoArgs,
		Long: "Prints the activities of shifts that start on the local dates from --from to --to; without dates those of " +
			"today.\n" +
			"With -o csv in the layout in which schedules are imported: importing what was printed is no change.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.query()
			if err != nil {
				return err
			}
			return g.withImports(cmd, func(d *imports.Ledger) error { return printShown(cmd, g.output, d, q) })
		}}
	f.declare(cmd, "first local date (default today, UTC)", "last local date, included (default --from)")
	cmd.Flags().StringSliceVar(&f.Agents, "agent", nil, "only these agents")
	cmd.Flags().StringVar(&f.Revision, "revision", "", "as it was after this revision")
	knownAtFlag(cmd, &f.KnownAt)
	cmd.MarkFlagsMutuallyExclusive("revision", "known-at")
	return cmd
}

func (f *showFlags) query() (imports.ShowQuery, error) {
	if f.from == 0 && f.to != 0 {
		return f.ShowQuery, badInputf("--to goes with --from; give both")
	}
	q := f.ShowQuery
	q.From = cmp.Or(f.from, schemas.UTC.Date(app.Now()))
	q.To = cmp.Or(f.to, q.From)
	return q, f.check()
}

func printShown(cmd *cobra.Command, format string, d *imports.Ledger, q imports.ShowQuery) error {
	if format == "csv" {
		out, err := imports.NewCSV(cmd.OutOrStdout())
		if err != nil {
			return err
		}
		return errors.Join(d.Show(cmd.Context(), q, out.Write), out.Close())
	}
	rows := streamed(func(yield func(*imports.Shown) error) error { return d.Show(cmd.Context(), q, yield) })
	return printRows(cmd.OutOrStdout(), format, rows, "agent_id", "day", "start", "end", "code", "category", "shift",
		"revision")
}

// diffRow is one activity of a diff as a line.
type diffRow struct {
	AgentID string             `json:"agent_id"`
	Day     schemas.Date       `json:"day"`
	Change  schemas.ChangeKind `json:"change"`
	Code    string             `json:"code"`
	Before  string             `json:"before"`
	After   string             `json:"after"`
}

func newScheduleDiff(g *globals) *cobra.Command {
	var q imports.DiffQuery
	var all bool
	cmd := &cobra.Command{Use: "diff REVISION [REVISION]",
		Short: "show what a revision changed, or what differs between two", Args: cobra.RangeArgs(1, 2),
		Long: "With one revision: against what was scheduled before it. With two: the schedule after the first against the " +
			"one after\n" +
			"the second. -o json gives one object per agent-day, with every activity of it before and after.",
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Revision = args[0]
			if len(args) == 2 {
				q.To = args[1]
			}
			return g.withImports(cmd, func(d *imports.Ledger) error { return printDiff(cmd, g.output, d, q, all) })
		}}
	cmd.Flags().StringSliceVar(&q.Agents, "agent", nil, "only these agents")
	cmd.Flags().BoolVar(&all, "all", false, "also the activities of these days that have not changed")
	return cmd
}

func printDiff(cmd *cobra.Command, format string, d *imports.Ledger, q imports.DiffQuery, all bool) error {
	days := func(yield func(*imports.ComparedDay) error) error {
		_, err := d.EachDay(cmd.Context(), q, yield)
		return err
	}
	if format == "json" {
		return printRows(cmd.OutOrStdout(), format, streamed(days))
	}
	var total schemas.ScheduleTally
	count := 0
	rows := streamed(func(yield func(diffRow) error) error {
		return days(func(day *imports.ComparedDay) error {
			count++
			for i := range day.Activities {
				c := &day.Activities[i]
				total.Count(*c)
				if c.Change == schemas.ActivityUnchanged && !all {
					continue
				}
				if err := yield(newDiffRow(day, c)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err := printRows(cmd.OutOrStdout(), format, rows, "agent_id", "day", "change", "code", "before",
		"after"); err != nil {
		return err
	}
	sum := total.JSON()
	_, err := fmt.Fprintf(cmd.ErrOrStderr(),
		"%d agent-days: %d activities added, %d removed, %d moved, %d altered, %d unchanged\n", count,
		sum.Added, sum.Removed, sum.Moved, sum.Altered, sum.Unchanged)
	return err
}

func newDiffRow(day *imports.ComparedDay, c *schemas.ActivityChange) diffRow {
	r := diffRow{AgentID: day.AgentID, Day: day.Day, Change: c.Change}
	side := func(a, other *schemas.Activity) string {
		if a == nil {
			return ""
		}
		r.Code = a.Code
		text := a.Interval().String()
		if other == nil || c.Change != schemas.ActivityAltered {
			return text
		}
		return text + altered(a, other)
	}
	r.Before, r.After = side(c.Before, c.After), side(c.After, c.Before)
	return r
}

// altered names those properties of an activity that differ from the other.
func altered(a, other *schemas.Activity) string {
	text := ""
	if a.Category != other.Category {
		text += " " + a.Category.String()
	}
	if a.Paid != other.Paid {
		text += map[bool]string{true: " paid", false: " not paid"}[a.Paid]
	}
	if a.Shift != other.Shift {
		text += fmt.Sprintf(" shift %q", a.Shift)
	}
	if a.Description != other.Description {
		text += fmt.Sprintf(" %q", a.Description)
	}
	return text
}

func newScheduleUndo(g *globals) *cobra.Command {
	return g.newUndo(files.Schedule, &cobra.Command{
		Use:   "undo REVISION",
		Short: "take a revision back as one unit; an undo can be undone",
		Long: "Restores every agent-day whose content still comes from the revision to what was scheduled before it, as " +
			"one new\n" +
			"revision. Days that were changed since are left alone and named, and the exit code is 3.",
	})
}

// printRestoredDays prints for people what the undo of a revision does.
func printRestoredDays(w io.Writer, u *imports.Undone) error {
	what := "would be restored"
	if u.Made != nil {
		what = "restored, revision " + u.Made.ID
	}
	_, err := fmt.Fprintf(w, "%d agent-days %s; %d left alone; %d activities added, %d removed, %d moved, %d altered\n",
		u.Restored, what,
		len(u.NotRestored), u.Totals.Added, u.Totals.Removed, u.Totals.Moved, u.Totals.Altered)
	if err != nil {
		return err
	}
	printRemovals(w, u.DryRun, u.Removals)
	if u.DryRun {
		_, err = fmt.Fprintf(w, "undo it with --if-revision %s\n", u.BaseRevision)
	}
	return errors.Join(err, printEffect(w, u.Effect))
}
