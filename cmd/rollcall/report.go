package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
)

func newReport(g *globals) *cobra.Command {
	return groupOf("report", "reports as files", newReportAdherence(g))
}

func newReportAdherence(g *globals) *cobra.Command {
	var f dayFilter
	var file, zone string
	cmd := &cobra.Command{
		Use:   "adherence --file FILE",
		Short: "the adherence report as .xlsx, .csv or .json, by the file's suffix",
		Long:  "Without dates the report covers every judged day. The file is complete or not there at all.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.CheckReportFile(file); err != nil {
				return badInputf("--file: %w", err)
			}
			dq, err := f.query()
			if err != nil {
				return err
			}
			q := reports.Query{From: dq.From, To: dq.To, Teams: f.teams, Sites: f.sites, Agents: f.agents, Zone: zone,
				Against: reports.AgainstCurrent, TeamsAs: reports.TeamsThen}
			return g.withStore(cmd, func(s *session) error {
				if err := narrow(cmd.Context(), s, &f, &q); err != nil {
					return err
				}
				made, err := app.SaveReport(cmd.Context(), s.Store, q, file)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d agent-days from %s to %s, hash %s\n", file, made.Total.Days, q.From, q.To, made.Hash)
				return err
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "the file to write (required)")
	cmd.Flags().StringVar(&zone, "time-zone", "", "the zone in which times are shown (default each agent's own)")
	return cmd
}

// narrow fits the dates that were not given to the days that there are.
func narrow(ctx context.Context, s *session, f *dayFilter, q *reports.Query) error {
	if f.from != "" && f.to != "" {
		return nil
	}
	first, last, ok, err := s.DayRange(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("no day has been judged yet; import a schedule and status changes, then run `rollcall compute`")
	}
	if f.from == "" {
		q.From = min(first, q.To)
	}
	if f.to == "" {
		q.To = max(last, q.From)
	}
	return nil
}
