package main

import (
	"errors"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
)

// dayFilter are the flags that choose agent-days.
type dayFilter struct {
	dateFlags
	agents, teams, sites []string
}

// flags declares the filter's flags.
func (f *dayFilter) flags(cmd *cobra.Command) {
	f.declare(cmd, "first local date, such as 2026-03-02", "last local date, included")
	partFlags(cmd, &f.agents, &f.teams, &f.sites)
}

func newAdherenceDays(g *globals) *cobra.Command {
	return listOfDays(g, "days", "list judged days",
		func(cmd *cobra.Command, s *session, a *app.Answers, q reports.Query) error {
			complete, err := app.Completeness(cmd.Context(), s.Store, q.KnownAt)
			if err != nil {
				return err
			}
			days := func(yield func(schemas.DayHistoryJSON) error) error {
				return a.Days(cmd.Context(), q, func(d *schemas.DayRow) error {
					return yield(schemas.DayHistoryJSON{DayRowJSON: d.JSON(q.AgainstText()), Before: d.Before.JSON(),
						CompleteUpTo: complete(d.AgentID)})
				})
			}
			return printRows(cmd.OutOrStdout(), g.output, streamed(days), "day", "agent_id", "agent_name", "team",
				"adherence_percent", "adherence_reason", "conformance_percent", "coverage_percent", "scheduled_s", "in_s",
				"tolerated_s", "out_s", "unknown_s", "exception_count", "state")
		})
}

func newAdherenceExceptions(g *globals) *cobra.Command {
	return listOfDays(g, "exceptions", "list the exceptions of judged days",
		func(cmd *cobra.Command, _ *session, a *app.Answers, q reports.Query) error {
			exceptions := func(yield func(schemas.ExceptionRowJSON) error) error {
				return a.Days(cmd.Context(), q, func(d *schemas.DayRow) error {
					for _, e := range d.ExceptionsJSON(q.AgainstText()) {
						if err := yield(e); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return printRows(cmd.OutOrStdout(), g.output, streamed(exceptions), "day", "agent_id", "agent_name", "team",
				"start", "end", "seconds", "scheduled_category", "kind")
		})
}

// listOfDays makes a command that prints what answers its question. Without any judged day there are no rows.
func listOfDays(g *globals, use, short string,
	run func(*cobra.Command, *session, *app.Answers, reports.Query) error) *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.query()
			if err != nil {
				return err
			}
			return g.withStore(cmd, func(s *session) error {
				a, err := f.answers(cmd.Context(), s, &q)
				if errors.Is(err, errNothingJudged) {
					q.From, q.To = 0, 0
					a, err = app.NewAnswers(s.config, s.Store)
				}
				if err != nil {
					return err
				}
				return run(cmd, s, a, q)
			})
		}}
	f.flags(cmd)
	return cmd
}
