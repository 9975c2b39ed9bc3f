package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
)

func newReport(g *globals) *cobra.Command {
	return groupOf("report", "reports as files", newReportAdherence(g), newReportStaffing(g), newReportVerify(g),
		newReportDaily(g))
}

func newReportAdherence(g *globals) *cobra.Command {
	var f questionFlags
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
			q, err := f.query()
			if err != nil {
				return err
			}
			q.Zone = zone
			return g.withStore(cmd, func(s *session) error {
				a, err := f.answers(cmd.Context(), s, &q)
				if err != nil {
					return err
				}
				a.Done = progress(cmd.ErrOrStderr(), "agents judged")
				made, err := app.SaveReport(cmd.Context(), a, q, file)
				if err != nil {
					return err
				}
				if made.Total.Days == 0 {
					fmt.Fprintf(cmd.ErrOrStderr(),
						"warning: %s is empty: no agent-day is judged of what was asked for; look at --from, --to, --team, --site and "+
							"--agent\n", file)
				}
				return say(cmd, "%s: %d agent-days from %s to %s, hash %s", file, made.Total.Days, q.From, q.To, made.Hash)
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "the file to write (required)")
	zoneFlag(cmd, &zone, "the zone in which times are shown (default each agent's own)")
	return cmd
}
