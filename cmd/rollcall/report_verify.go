package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
)

func newReportVerify(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE",
		Short: "make a report again and say whether it is the same; if not, what has changed and why",
		Long: "Reads from the .xlsx, .csv or .json file how it was made, makes the report again from what was\n" +
			"known then, which shows whether the file was edited, and from what is known now, which shows what\n" +
			"has changed since: agent, day and figure, and what was written in between, by whom. Exit code 0:\n" +
			"equal; 3: something differs.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.ReadReport(args[0])
			if err != nil {
				return badInput(err)
			}
			return g.withStore(cmd, func(s *session) error {
				a, err := app.NewAnswers(s.config, s.Store)
				if err != nil {
					return err
				}
				a.Done = progress(cmd.ErrOrStderr(), "agents judged")
				v, err := app.VerifyReport(cmd.Context(), a, c)
				if err != nil {
					return err
				}
				return printVerified(cmd, g.output, args[0], c, v)
			})
		},
	}
}

// printVerified prints the verdict and the differences; for programs the differences alone, the verdict on standard
// error.
func printVerified(cmd *cobra.Command, format, file string, c *reports.ReportFile, v *reports.Verified) error {
	to := cmd.OutOrStdout()
	if format != "table" {
		if err := printRows(to, format, each(slices.Concat(v.Edited, v.Changed))); err != nil {
			return err
		}
		to = cmd.ErrOrStderr()
	}
	printVerifiedAs(to, file, c, v)
	if format == "table" {
		if err := errors.Join(differences(to, v.Edited, "report", "file"),
			differences(to, v.Changed, "then", "now")); err != nil {
			return err
		}
	}
	if v.More > 0 {
		fmt.Fprintf(to, "and %d more differences\n", v.More)
	}
	if v.Equal {
		return nil
	}
	return &exitError{exitInPart, nil}
}

// printVerifiedAs says in a few sentences what came out.
func printVerifiedAs(w io.Writer, file string, c *reports.ReportFile, v *reports.Verified) {
	fmt.Fprintf(w, "%s: adherence from %s to %s, made at %s from what was known at %s, hash %s\n", file, c.Query.From,
		c.Query.To, c.MadeAt, c.JudgedAt, c.Hash)
	switch {
	case v.Equal && v.Now == "":
		fmt.Fprintf(w, "equal: made again from what was known at %s, it has the same hash\n", c.Query.KnownAt)
	case v.Equal && v.Settled > 0:
		fmt.Fprintf(w, "equal: made again, it says the same; %d of its days were provisional and are final now\n", v.Settled)
	case v.Equal:
		fmt.Fprintln(w, "equal: made again, it has the same hash, also with everything that is known now")
	case !v.AsMade && len(v.Edited) > 0:
		fmt.Fprintf(w, "the file differs: %d figures are not what they were when it was made; somebody edited it\n",
			len(v.Edited))
	case !v.AsMade:
		fmt.Fprintf(w, "the file differs: made again from what was known then, its hash is %s, though its figures are the "+
			"same; it was edited, or made by a version that judges otherwise\n", v.Then)
	case len(v.Changed) == 0:
		fmt.Fprintf(w, "the file is as it was made; made now its hash would be %s, though every figure is the same: rules "+
			"or details of exceptions were changed\n", v.Now)
	default:
		fmt.Fprintln(w, "the file is as it was made")
	}
	if len(v.Changed) > 0 {
		fmt.Fprintf(w, "changed since it was made: %d figures\n", len(v.Changed))
	}
}

// differences prints a table of figures with the reasons below each day.
func differences(w io.Writer, list []reports.Difference, was, is string) error {
	if len(list) == 0 {
		return nil
	}
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(out, "agent_id\tagent_name\tday\tfigure\t%s\t%s\twhy\n", was, is)
	for i := range list {
		d := &list[i]
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.AgentID, dash(d.AgentName), d.Day, d.Figure, dash(d.From),
			dash(d.To), strings.Join(d.Why, "; "))
	}
	return out.Flush()
}

// mostText is how much of a text a table shows; -o json has all of it.
const mostText = 48

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return reports.Shown(s, mostText)
}
