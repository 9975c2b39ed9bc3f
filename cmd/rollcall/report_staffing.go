package main

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
)

func newReportStaffing(g *globals) *cobra.Command {
	var f staffingFlags
	var file, zone, by string
	var interval time.Duration
	cmd := &cobra.Command{
		Use:   "staffing --file FILE",
		Short: "required, scheduled and actual heads per interval, as .xlsx, .csv, .json or .html",
		Long: "Compares what was required, scheduled and on queue, interval by interval. Over- and understaffing\n" +
			"are summed apart and never netted. A day that is not over is shown so far: --from today, alone,\n" +
			"shows today with what is scheduled for the rest of it; --from and --to take yesterday, today and\n" +
			"tomorrow. Without --file the sums are printed.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.CheckStaffingFile(file); file != "" && err != nil {
				return badInputf("--file: %w", err)
			}
			if _, err := f.on(schemas.UTC, app.Now()).query(); err != nil {
				return err
			}
			return g.withStore(cmd, func(s *session) error {
				local, err := zoneOf(zone, s.config)
				if err != nil {
					return err
				}
				asked := f.on(local, app.Now())
				base, err := asked.query()
				if err != nil {
					return err
				}
				a, err := asked.answers(cmd.Context(), s, &base)
				if err != nil {
					return err
				}
				q := reports.StaffingQuery{Query: base, LengthMS: interval.Milliseconds(), By: reports.StaffingBy(by)}
				q.Zone = local.Name()
				if err := q.Validate(); err != nil {
					return badInput(err)
				}
				a.Done = progress(cmd.ErrOrStderr(), "agents judged")
				made, err := reports.MakeStaffing(cmd.Context(), a, q, a.Now)
				if err != nil {
					return err
				}
				if file == "" {
					return printAll(cmd, g, staffingSums(made))
				}
				if err := app.SaveStaffing(made, file); err != nil {
					return err
				}
				return say(cmd, "%s: %d agent-days from %s to %s, hash %s", file, made.Days, q.From, q.To, made.Hash())
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "the file to write")
	zoneFlag(cmd, &zone,
		"the zone on whose wall clock intervals are cut (default time_zone of the configuration, else UTC)")
	cmd.Flags().StringVar(&by, "by", string(reports.StaffingByTeam), "what to sum up: team, site, all or team_and_site")
	cmd.Flags().DurationVar(&interval, "interval", 30*time.Minute, "length of an interval: 15m, 30m or 1h")
	return cmd
}

// staffingFlags are the question of a staffing report, whose dates may also be named from today.
type staffingFlags struct {
	questionFlags
	fromDay, toDay string // yesterday, today or tomorrow
}

func (f *staffingFlags) flags(cmd *cobra.Command) {
	f.questionFlags.flags(cmd)
	for name, at := range map[string]struct {
		date *schemas.Date
		day  *string
	}{"from": {&f.from, &f.fromDay}, "to": {&f.to, &f.toDay}} {
		read := func(text string) (d schemas.Date, err error) {
			*at.day = ""
			if _, named := daysAway[text]; named {
				*at.day = text
				return 0, nil
			}
			return schemas.ParseDate(text)
		}
		cmd.Flags().Lookup(name).Value = &parsedFlag[schemas.Date]{name: name, into: at.date, parse: read}
	}
}

// daysAway are the days that can be named, counted from today.
var daysAway = map[string]schemas.Date{"yesterday": -1, "today": 0, "tomorrow": 1}

// on returns the question with the dates that yesterday, today and tomorrow are in the zone. A day named so, alone, is
// both ends.
func (f *staffingFlags) on(zone schemas.Zone, now schemas.Instant) *questionFlags {
	q, today := f.questionFlags, zone.Date(now)
	if away, named := daysAway[f.fromDay]; named {
		q.from = today + away
		if q.to == 0 {
			q.to = q.from
		}
	}
	if away, named := daysAway[f.toDay]; named {
		q.to = today + away
	}
	return &q
}

// staffingSums lists the sums of the groups, then of all.
func staffingSums(s *reports.Staffing) []reports.StaffingRow {
	var rows []reports.StaffingRow
	for i := range s.Groups {
		rows = append(rows, s.SumRow(&s.Groups[i]))
	}
	return append(rows, s.SumRow(nil))
}
