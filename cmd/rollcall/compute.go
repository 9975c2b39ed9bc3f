package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
)

func newCompute(g *globals) *cobra.Command {
	var f dayFilter
	cmd := &cobra.Command{
		Use:   "compute",
		Short: "judge agent-days and store the results",
		Long: "Without dates, judges exactly what the journal says is dirty: what changed since the last run, as\n" +
			"far as it reaches, and the time that has passed. With dates, judges those days. A day that comes\n" +
			"out as it was is not written again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if (f.from == 0) != (f.to == 0) || f.from == 0 && (f.agents != nil || f.teams != nil || f.sites != nil) {
				return badInputf("give both --from and --to, or neither and no filter")
			}
			return g.withStore(cmd, func(s *session) error {
				b, err := app.NewBatch(s.config, s.Store)
				if err != nil {
					return err
				}
				bar := progress(cmd.ErrOrStderr(), "agents judged")
				start := app.Clock()
				var sum batch.Summary
				if f.from == 0 {
					sum, err = b.Compute(cmd.Context(), batch.Run{ID: uuid.NewString(), Now: app.Now(), Done: bar},
						app.Results(cmd.Context(), s.Store))
				} else {
					sum, err = judgeDates(cmd.Context(), s, b, &f, bar)
				}
				if err != nil {
					return err
				}
				return printSummary(cmd.OutOrStdout(), g.output, sum, app.Clock().Sub(start))
			})
		}}
	f.flags(cmd)
	return cmd
}

// judgeDates judges the given dates of the chosen agents, whether dirty or not.
func judgeDates(ctx context.Context, s *session, b *batch.Batch, f *dayFilter,
	bar func(int, int)) (batch.Summary, error) {
	agents, err := app.AgentsOf(ctx, s.Store, f.agents, f.teams, f.sites, f.from, f.to)
	if err != nil {
		return batch.Summary{}, err
	}
	now := app.Now()
	req := batch.Request{From: f.from, To: f.to, Agents: agents, AsOf: now, Version: now}
	return b.Judge(ctx, req, app.Results(ctx, s.Store), bar)
}

// summaryRow is what compute prints.
type summaryRow struct {
	batch.Summary
	Seconds float64 `json:"seconds"`
}

func printSummary(w io.Writer, format string, sum batch.Summary, took time.Duration) error {
	if format == "table" {
		_, err := fmt.Fprintf(w, "judged %d agent-days of %d agents in %.1f s: %d written, %d unchanged, %d gone, %d "+
			"restated\n",
			sum.Days, sum.Agents, took.Seconds(), sum.Written, sum.Unchanged, sum.Deleted, sum.Restated)
		return err
	}
	return printRows(w, format, one(summaryRow{sum, float64(took.Milliseconds()) / 1000}))
}

// progress returns a function that draws a bar on a terminal and does nothing elsewhere.
func progress(w io.Writer, what string) func(done, of int) {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a file descriptor is a small number
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, of int) {
		if bar == nil {
			bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
				progressbar.OptionSetPredictTime(true))
		}
		bar.ChangeMax(of)
		_ = bar.Set(done)
	}
}
