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
	against, teamsAs string
	knownAt          schemas.Instant
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

// query reads the flags; without dates every judged day is meant.
func (f *questionFlags) query() (reports.Query, error) {
	from, to, err := f.whole()
	if err != nil {
		return reports.Query{}, err
	}
	q := reports.Query{
		From:    from,
		To:      to,
		Teams:   f.teams,
		Sites:   f.sites,
		Agents:  f.agents,
		Against: f.against,
		TeamsAs: f.teamsAs,
		KnownAt: f.knownAt,
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
	return q, nil
}

// answers opens what answers the query, and fits dates that were not given to the days that there are.
func (f *questionFlags) answers(ctx context.Context, s *session, q *reports.Query) (*app.Answers, error) {
	if f.from != 0 && f.to != 0 {
		return app.NewAnswers(s.config, s.Store)
	}
	first, last, ok, err := s.DayRange(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNothingJudged
	}
	if f.from == 0 {
		q.From = min(first, q.To)
	}
	if f.to == 0 {
		q.To = max(last, q.From)
	}
	return app.NewAnswers(s.config, s.Store)
}

var errNothingJudged = errors.New(
	"no day has been judged yet; import a schedule and status changes, then run `rollcall compute`")
