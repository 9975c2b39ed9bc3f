package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
)

// questionFlags choose agent-days, and by what they are judged and grouped.
type questionFlags struct {
	dayFilter
	against, knownAt, teamsAs string
}

// flags declares the flags.
func (f *questionFlags) flags(cmd *cobra.Command) {
	f.dayFilter.flags(cmd)
	cmd.Flags().StringVar(&f.against, "against", reports.AgainstCurrent,
		"judge by the schedule as it is now (current) or as it was when each day began (as_published)")
	cmd.Flags().StringVar(&f.teamsAs, "teams", reports.TeamsThen,
		"teams as they were on the day (then) or as they are (now)")
	knownAtFlag(cmd, &f.knownAt)
}

// knownAtFlag declares --known-at.
func knownAtFlag(cmd *cobra.Command, at *string) {
	cmd.Flags().StringVar(at, "known-at", "", "use only what was recorded by this instant, such as 2026-03-03T06:00:00Z")
}

// readKnownAt reads --known-at; 0 where it is not given.
func readKnownAt(text string) (schemas.Instant, error) {
	if text == "" {
		return 0, nil
	}
	at, err := schemas.ParseInstant(text)
	if err != nil {
		return 0, badInputf("--known-at: %w", err)
	}
	if now := app.Now(); at > now {
		return 0, badInputf("--known-at %s lies ahead; it is %s now", at, now)
	}
	return at, nil
}

// query reads the flags; without dates every judged day is meant.
func (f *questionFlags) query() (reports.Query, error) {
	dq, err := f.dayFilter.query()
	if err != nil {
		return reports.Query{}, err
	}
	q := reports.Query{
		From:    dq.From,
		To:      dq.To,
		Teams:   f.teams,
		Sites:   f.sites,
		Agents:  f.agents,
		Against: f.against,
		TeamsAs: f.teamsAs,
	}
	for _, v := range []struct {
		flag, got string
		words     []string
	}{{"--against", f.against, []string{reports.AgainstCurrent, reports.AgainstAsPublished}},
		{"--teams", f.teamsAs, []string{reports.TeamsThen, reports.TeamsNow}}} {
		if !slices.Contains(v.words, v.got) {
			return q, badInputf("%s %q is not one of %s, %s", v.flag, v.got, v.words[0], v.words[1])
		}
	}
	q.KnownAt, err = readKnownAt(f.knownAt)
	return q, err
}

// answers opens what answers the query, and fits dates that were not given to the days that there are.
func (f *questionFlags) answers(ctx context.Context, s *session, q *reports.Query) (*app.Answers, error) {
	if err := f.narrow(ctx, s, q); err != nil {
		return nil, err
	}
	return app.NewAnswers(s.config, s.Store)
}

// narrow fits the dates that were not given to the days that there are.
func (f *questionFlags) narrow(ctx context.Context, s *session, q *reports.Query) error {
	if f.from != "" && f.to != "" {
		return nil
	}
	first, last, ok, err := s.DayRange(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return errNothingJudged
	}
	if f.from == "" {
		q.From = min(first, q.To)
	}
	if f.to == "" {
		q.To = max(last, q.From)
	}
	return nil
}

var errNothingJudged = errors.New(
	"no day has been judged yet; import a schedule and status changes, then run `rollcall compute`")
