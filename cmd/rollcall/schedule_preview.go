package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"rollcall/adherence/batch"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// agentRow is an agent of a preview as a line of a table.
type agentRow struct {
	imports.AgentSchedule
	Agent string `json:"name"`
	Days  string `json:"days"`
	Hours string `json:"hours"`
}

func newAgentRow(a *imports.AgentSchedule) agentRow {
	r := agentRow{*a, a.Name, fmt.Sprintf("%d changed", a.DaysChanged),
		fmt.Sprintf("%.2f -> %.2f", a.ScheduledBeforeS/3600, a.ScheduledAfterS/3600)}
	if a.DaysRemoved > 0 {
		r.Days += fmt.Sprintf(", %d removed", a.DaysRemoved)
	}
	return r
}

// printPreview prints for people what an import of a schedule would do.
func printPreview(w io.Writer, r *imports.Result) error {
	s := r.Schedule
	if s == nil {
		return nil
	}
	var rows []agentRow
	for i := range s.Agents {
		if a := &s.Agents[i]; a.DaysChanged+a.DaysRemoved > 0 {
			rows = append(rows, newAgentRow(a))
		}
	}
	more := max(0, len(rows)-mostListed)
	all := s.Totals
	all.AgentID = fmt.Sprintf("all %d", len(s.Agents))
	rows = append(slices.Clone(rows[:len(rows)-more]), newAgentRow(&all))
	fmt.Fprintf(w, "\n%s to %s, agent by agent:\n", s.From, s.To)
	err := printRows(w, "table", each(rows), "agent_id", "name", "team", "days", "added", "removed", "moved", "altered",
		"unchanged", "hours")
	if more > 0 {
		fmt.Fprintf(w, "and %d more agents; -o json and -o csv list all\n", more)
	}
	return errors.Join(err, printEffect(w, r.Effect))
}

// printLost prints what a schedule takes away, and who keeps theirs because the file does not name them.
func printLost(w io.Writer, supposed bool, s *imports.ScheduleChange) {
	printRemovals(w, supposed, &s.Removals)
	for i, k := range s.NotInFile {
		if i == mostListed {
			fmt.Fprintf(w, "and %d more agents are not in the file\n", len(s.NotInFile)-i)
			break
		}
		fmt.Fprintf(w, "%s (%s, %s) is not in the file and keeps %d days, %.2f hours\n", k.AgentID, k.Name, k.Team, k.Days,
			k.ScheduledS/3600)
	}
}

// printRemovals prints what is, or would be, left with nothing.
func printRemovals(w io.Writer, supposed bool, r *imports.Removals) {
	text := r.Text()
	switch {
	case text == "":
	case supposed:
		fmt.Fprintln(w, "would be taken away:", text)
	default:
		fmt.Fprintln(w, "taken away:", text)
	}
}

// printEffect prints what happens to the adherence of days that have begun.
func printEffect(w io.Writer, e *imports.Effect) error {
	if e == nil {
		return nil
	}
	fmt.Fprintf(w, "\nadherence from %s to %s (agents of whom something changes that has begun: %d):\n", e.From, e.To,
		e.Agents)
	rows := e.Rows
	if len(rows) > mostListed {
		rows = worthTelling(rows)
	}
	err := printRows(w, "table", each(rows), "level", "team", "agent_id", "days", "changed_days", "adherence_before",
		"adherence_after",
		"target_after", "crosses", "agents_up", "agents_down")
	if more := len(e.Rows) - len(rows); more > 0 {
		fmt.Fprintf(w, "and %d more teams and agents; -o json lists all\n", more)
	}
	return err
}

// worthTelling chooses, of many rows, that of everybody and then those who cross their target.
func worthTelling(rows []batch.DifferenceJSON) []batch.DifferenceJSON {
	var out []batch.DifferenceJSON
	for i := range rows {
		if r := &rows[i]; r.Level == "all" || r.Crosses != batch.CrossesNot && len(out) < mostListed {
			out = append(out, *r)
		}
	}
	return out
}

// howToApply says how to import what was previewed, with the flags that the preview had.
func howToApply(w io.Writer, cmd *cobra.Command, r *imports.Result) error {
	if r.Refused || r.Written == 0 {
		return nil
	}
	line := "rollcall import schedule " + r.File
	for _, name := range []string{"from", "to", "time-zone", "profile", "sheet", "encoding", "longest", "allow-partial",
		"allow-removals"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			line += fmt.Sprintf(" --%s=%s", name, f.Value)
		}
	}
	_, err := fmt.Fprintf(w, "\nto import exactly this: %s --if-revision %s\n", line, r.BaseRevision)
	return err
}

// previewRow is an agent of a preview as programs read it from CSV.
type previewRow struct {
	File string       `json:"file"`
	From schemas.Date `json:"from"`
	To   schemas.Date `json:"to"`
	imports.AgentSchedule
}

// previewRows returns the agents of previews, for CSV.
func previewRows(previews []*imports.Result) []previewRow {
	var rows []previewRow
	for _, r := range previews {
		if r.Schedule == nil {
			continue
		}
		for i := range r.Schedule.Agents {
			rows = append(rows, previewRow{r.File, r.Schedule.From, r.Schedule.To, r.Schedule.Agents[i]})
		}
	}
	return rows
}
