package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
)

func newSimulate(*globals) *cobra.Command {
	cfg := simulate.DefaultConfig()
	var until schemas.Date
	cmd := &cobra.Command{
		Use:   "simulate --dir DIR",
		Short: "make up a contact centre as files, with its right answer",
		Long: "Writes roster.csv, activities.csv, schedule.csv, status.csv, gaps.csv and truth.csv. The same\n" +
			"flags give the same bytes, but for what has not happened yet: changes and gaps are written up to\n" +
			"now, truth for days that are over.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cfg.Dir == "" {
				return badInputf("--dir is missing; name the folder for the files")
			}
			cfg.Now = app.Now()
			cfg.Until = cmp.Or(until, schemas.UTC.Date(cfg.Now)-1)
			if err := cfg.Validate(); err != nil {
				return badInput(err)
			}
			w, err := simulate.Write(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return say(cmd, "%s: %d roster rows, %d activities, %d status changes, %d gaps, %d agent-days of truth", cfg.Dir,
				w.Roster, w.Schedule, w.Status, w.Gaps, w.Truth)
		},
	}
	cmd.Flags().IntVar(&cfg.Agents, "agents", cfg.Agents, "how many agents")
	cmd.Flags().IntVar(&cfg.Days, "days", cfg.Days, "how many local dates")
	cmd.Flags().Uint64Var(&cfg.Seed, "seed", cfg.Seed, "which of the possible centres")
	parsed(cmd, &until, "until", schemas.ParseDate, "the last local date (default yesterday, UTC)")
	cmd.Flags().StringVar(&cfg.Dir, "dir", "", "the folder for the files (required)")
	return cmd
}
