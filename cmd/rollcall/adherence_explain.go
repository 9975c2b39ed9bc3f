package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
)

func newAdherenceExplain(g *globals) *cobra.Command {
	var agent string
	var day schemas.Date
	var knownAt schemas.Instant
	cmd := &cobra.Command{Use: "explain --agent A --day D",
		Short: "explain a day to the second: rule, facts, schedule, policy and correction of every stretch",
		Args:  cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			b, err := app.NewBatch(s.config, s.Store)
			if err != nil {
				return err
			}
			e, err := b.Explain(cmd.Context(), s.Store, agent, day, app.Now(), knownAt)
			if errors.Is(err, batch.ErrNoDay) {
				return badInput(err)
			}
			if err != nil {
				return err
			}
			return printExplained(cmd.OutOrStdout(), g.output, e.JSON())
		})}
	cmd.Flags().StringVar(&agent, "agent", "", "the agent, by id")
	parsed(cmd, &day, "day", schemas.ParseDate, "the local date on which the shift starts")
	knownAtFlag(cmd, &knownAt)
	needs(cmd, "agent", "day")
	return cmd
}

// printExplained prints one object for programs, the intervals as CSV, or a page for people.
func printExplained(w io.Writer, format string, e *batch.Explained) error {
	switch format {
	case "json":
		return printRows(w, format, one(e))
	case "csv":
		return printRows(w, format, each(e.Intervals))
	}
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, "from\tto\tseconds\tscheduled\tactual\tverdict\trule\tbecause\tschedule\tfacts before\tnext "+
		"fact\tcorrection")
	for i := range e.Intervals {
		v := &e.Intervals[i]
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", clock(v.From), clock(v.To), seconds(v.Seconds),
			scheduled(v), actual(v),
			verdict(v), v.Rule, v.Because, place(v), factsText(v.Before), nextText(v.After), v.Correction)
	}
	s := &e.Sum
	fmt.Fprintf(out, "sum\t\t%s\t\t\tin %s, tolerated %s, out %s, neutral %s, ignored %s, unknown %s; outside %s\n",
		seconds(s.ScheduledS), seconds(s.InS),
		seconds(s.ToleratedS), seconds(s.OutS), seconds(s.NeutralS), seconds(s.IgnoredS), seconds(s.UnknownS),
		seconds(s.OutsideS))
	return errors.Join(out.Flush(), printVerdict(w, e))
}

// printVerdict prints what the sum comes to, and how it compares with the stored figure.
func printVerdict(w io.Writer, e *batch.Explained) error {
	policy := "the default rules"
	if e.Policy.ID != "" {
		policy = fmt.Sprintf("policy %s in force from %s", e.Policy.ID, e.Policy.From)
	}
	_, err := fmt.Fprintf(w, "\n%s %s on %s (%s), %s\nadherence %s = (in %s + tolerated %s) / (in + tolerated + out %s "+
		"+ outside %s); conformance %s; coverage %s\n",
		e.AgentID, e.AgentName, e.Day, e.TimeZone, policy, percent(e.AdherencePercent, e.AdherenceReason), seconds(e.Sum.InS),
		seconds(e.Sum.ToleratedS),
		seconds(e.Sum.OutS), seconds(e.Sum.OutsideS), percent(e.ConformancePercent, e.ConformanceReason),
		percent(e.CoveragePercent, nil))
	if err != nil {
		return err
	}
	if !e.AddsUp {
		return fmt.Errorf("the intervals of %s on %s do not add up to its figures: this is a bug; please report it with "+
			"`-o json`", e.AgentID, e.Day)
	}
	if e.Stored != nil {
		fmt.Fprintf(w, "stored: %s, %s, judged at %s", percent(e.Stored.AdherencePercent, e.Stored.AdherenceReason),
			e.Stored.State, e.Stored.ComputedAt)
		if b := e.Stored.Before; b != nil {
			fmt.Fprintf(w, "; before it was restated: %s", percent(b.AdherencePercent, b.AdherenceReason))
		}
		fmt.Fprintln(w)
	}
	printRevisions(w, e)
	for source, upTo := range e.CompleteUpTo {
		text := "has not said how far it is complete"
		if upTo != nil {
			text = "is complete up to " + upTo.String()
		}
		fmt.Fprintf(w, "feed %s %s\n", source, text)
	}
	for _, o := range e.Overruled {
		fmt.Fprintf(w, "%s of %s did not count, because another source is preferred and said something else\n",
			reports.Counted(int(o.Changes), "change"), o.Source)
	}
	if e.Note != "" {
		_, err = fmt.Fprintln(w, "note:", e.Note)
	}
	return err
}

// clock leaves the local time of day and its offset.
func clock(local string) string {
	_, t, _ := strings.Cut(local, "T")
	return t
}

func seconds(s schemas.Seconds) string {
	b, _ := s.MarshalJSON() // never fails
	return string(b) + "s"
}

func scheduled(v *batch.ExplainedInterval) string {
	if v.ScheduledCode == "" {
		return v.ScheduledCategory.String()
	}
	return fmt.Sprintf("%s (%s)", v.ScheduledCode, v.ScheduledCategory)
}

func actual(v *batch.ExplainedInterval) string {
	words := []string{}
	for _, s := range []string{v.Presence.String(), v.Status.String(), v.Routing.String(), v.Secondary} {
		if s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, "/")
}

func verdict(v *batch.ExplainedInterval) string {
	switch {
	case v.Kind != schemas.KindNone:
		return fmt.Sprintf("%s, %s", v.Verdict, v.Kind)
	case v.Verdict == schemas.VerdictNone:
		return "-"
	}
	return v.Verdict.String()
}

// place names file and line of the scheduled activity; its revision is printed below the table.
func place(v *batch.ExplainedInterval) string {
	switch {
	case v.Revision == "":
		return ""
	case v.Line == 0:
		return v.File
	}
	return fmt.Sprintf("%s:%d", v.File, v.Line)
}

// printRevisions prints which revisions the schedule of the day came from.
func printRevisions(w io.Writer, e *batch.Explained) {
	printed := map[string]bool{"": true}
	for i := range e.Intervals {
		if v := &e.Intervals[i]; !printed[v.Revision] {
			printed[v.Revision] = true
			fmt.Fprintf(w, "schedule %s, revision %s\n", v.File, v.Revision)
		}
	}
}

// factText names a fact by source, the beginning of its id, and day and time in UTC; -o json has the whole of it.
func factText(f *batch.FactUsed) string {
	id := f.ID
	if len(id) > 8 {
		id = id[:8]
	}
	return fmt.Sprintf("%s#%s@%s", f.Source, id, f.At.Time().Format("02T15:04:05Z"))
}

func factsText(facts []batch.FactUsed) string {
	texts := make([]string, len(facts))
	for i := range facts {
		texts[i] = factText(&facts[i])
	}
	return strings.Join(texts, " ")
}

func nextText(f *batch.FactUsed) string {
	if f == nil {
		return ""
	}
	return factText(f)
}

func percent(v *float64, why *schemas.Reason) string {
	switch {
	case v != nil:
		return fmt.Sprintf("%.2f %%", *v)
	case why != nil:
		return "none (" + why.String() + ")"
	}
	return "none"
}
