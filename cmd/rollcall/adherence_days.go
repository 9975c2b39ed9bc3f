package main

import (
	"context"
	"errors"
	"iter"

	"github.com/spf13/cobra"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// dayFilter are the flags that choose agent-days.
type dayFilter struct {
	from, to             string
	agents, teams, sites []string
}

// flags declares the filter's flags.
func (f *dayFilter) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.from, "from", "", "first local date, such as 2026-03-02")
	cmd.Flags().StringVar(&f.to, "to", "", "last local date, included")
	cmd.Flags().StringSliceVar(&f.agents, "agent", nil, "only these agents, by id")
	cmd.Flags().StringSliceVar(&f.teams, "team", nil, "only these teams")
	cmd.Flags().StringSliceVar(&f.sites, "site", nil, "only these sites")
}

// query reads the flags; without dates every stored day is meant.
func (f *dayFilter) query() (chstore.DayQuery, error) {
	q := chstore.DayQuery{
		Selection: chstore.Selection{Agents: f.agents},
		Teams:     f.teams,
		Sites:     f.sites,
		Against:   batch.Against,
		From:      schemas.MakeDate(2000, 1, 1),
		To:        schemas.MakeDate(2199, 12, 31),
	}
	err := readDates(f.from, f.to, &q.From, &q.To)
	return q, err
}

// readDates reads --from and --to where they are given, and refuses a range that runs backwards.
func readDates(from, to string, first, last *schemas.Date) error {
	var err error
	if from != "" {
		if *first, err = schemas.ParseDate(from); err != nil {
			return badInputf("--from: %w", err)
		}
	}
	if to != "" {
		if *last, err = schemas.ParseDate(to); err != nil {
			return badInputf("--to: %w", err)
		}
	}
	if *last < *first {
		return badInputf("--from %s lies after --to %s", *first, *last)
	}
	return nil
}

func newAdherenceDays(g *globals) *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{Use: "days", Short: "list judged days", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAnswers(cmd, g, &f, func(s *session, a *app.Answers, q reports.Query) error {
				return printRows(cmd.OutOrStdout(), g.output, dayRows(cmd.Context(), s, a, q),
					"day", "agent_id", "agent_name", "team", "adherence_percent", "adherence_reason", "conformance_percent",
					"coverage_percent", "scheduled_s", "in_s", "tolerated_s", "out_s", "unknown_s", "exception_count", "state")
			})
		}}
	f.flags(cmd)
	return cmd
}

// withAnswers reads the question, opens the store and runs the command with what answers it. Without any judged day
// there are no rows.
func withAnswers(cmd *cobra.Command, g *globals, f *questionFlags,
	run func(*session, *app.Answers, reports.Query) error) error {
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
		return run(s, a, q)
	})
}

// dayRows lists days with what they said before and how far their feeds are complete.
func dayRows(ctx context.Context, s *session, a *app.Answers, q reports.Query) iter.Seq2[schemas.DayHistoryJSON,
	error] {
	return func(yield func(schemas.DayHistoryJSON, error) bool) {
		complete, err := app.Completeness(ctx, s.Store, q.KnownAt)
		if err == nil {
			err = a.Days(ctx, q, func(d *schemas.DayRow) error {
				if !yield(schemas.DayHistoryJSON{DayRowJSON: d.JSON(q.AgainstText()), Before: d.Before.JSON(),
					CompleteUpTo: complete(d.AgentID)}, nil) {
					return chstore.ErrStop
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, chstore.ErrStop) {
			yield(schemas.DayHistoryJSON{}, err)
		}
	}
}

func newAdherenceExceptions(g *globals) *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{Use: "exceptions", Short: "list the exceptions of judged days", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAnswers(cmd, g, &f, func(_ *session, a *app.Answers, q reports.Query) error {
				return printRows(cmd.OutOrStdout(), g.output, exceptionRows(cmd.Context(), a, q),
					"day", "agent_id", "agent_name", "team", "start", "end", "seconds", "scheduled_category", "kind")
			})
		}}
	f.flags(cmd)
	return cmd
}

func exceptionRows(ctx context.Context, a *app.Answers, q reports.Query) iter.Seq2[schemas.ExceptionRowJSON, error] {
	return func(yield func(schemas.ExceptionRowJSON, error) bool) {
		err := a.Days(ctx, q, func(d *schemas.DayRow) error {
			for _, e := range d.ExceptionsJSON(q.AgainstText()) {
				if !yield(e, nil) {
					return chstore.ErrStop
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, chstore.ErrStop) {
			yield(schemas.ExceptionRowJSON{}, err)
		}
	}
}
