package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/cmd/internal/demo"
	"rollcall/reports"
)

func newDemo(g *globals) *cobra.Command {
	var agents, days int
	var once bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "a made-up contact centre in ./rollcall-demo: history, yesterday's adherence, a workbook, a live board",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if agents < 1 || agents > 100_000 || days < 1 || days > 366 {
				return badInputf("--agents must lie between 1 and 100000, --days between 1 and 366")
			}
			c, err := g.config()
			if err != nil {
				return err
			}
			c.Store = config.Store{URL: config.Embedded, Dir: filepath.Join(demo.Dir, "data"), Engine: c.Store.Engine}
			log, err := logger(c.Log, cmd.ErrOrStderr())
			if err != nil {
				return badInput(err)
			}
			log.SetLevel(logrus.WarnLevel)
			out := cmd.OutOrStdout()
			d, err := demo.Make(cmd.Context(), c, log, agents, days, func(format string, args ...any) {
				fmt.Fprintf(out, format+"\n", args...)
			})
			if err != nil {
				return err
			}
			if err := printDemo(out, d); err != nil || once {
				return err
			}
			return serveDemo(cmd.Context(), out, c, log, d)
		},
	}
	cmd.Flags().IntVar(&agents, "agents", 240, "how many agents")
	cmd.Flags().IntVar(&days, "days", 14, "how many days of history")
	cmd.Flags().BoolVar(&once, "once", false, "end before serving")
	return cmd
}

// printDemo prints yesterday by team.
func printDemo(out io.Writer, d *demo.Demo) error {
	fmt.Fprintf(out, "\nAdherence of %s\n", d.Report.Query.From)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "team\tagents\tadherence %\tconformance %\tcoverage %\texceptions\tabsent\t")
	for _, team := range append(append([]reports.Group{}, d.Report.Teams...), d.Report.Total) {
		name := team.Team
		if name == "" {
			name = "all"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%d\t%d\t\n", name, team.Days, team.Adherence().Text(),
			team.Conformance().Text(), team.Coverage().Text(), team.Exceptions, team.Absent)
	}
	err := w.Flush()
	fmt.Fprintf(out, "\nworkbook: %s\nhash: %s\nmail: %s\n", d.Workbook, d.Report.Hash, d.Mail)
	return err
}

// serveDemo runs the daemon with the live feed. Where the port is taken, a free one is.
func serveDemo(ctx context.Context, out io.Writer, c config.Config, log *logrus.Logger, d *demo.Demo) error {
	daemon, err := app.NewDaemon(c, log, version)
	if err != nil {
		return err
	}
	at, err := daemon.Listen(ctx)
	if err != nil {
		free := c
		free.HTTP.Listen = "127.0.0.1:0"
		if daemon, err = app.NewDaemon(free, log, version); err != nil {
			return err
		}
		if at, err = daemon.Listen(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return daemon.Run(ctx) })
	group.Go(func() error { return d.Feed(ctx, daemon) })
	group.Go(func() error { return d.Route(ctx, daemon) })
	url := daemon.URL(at)
	fmt.Fprintf(out, "\nlive board:  %s/\nAPI:         %s/api/v1/openapi.json\n\nSign in as\n", url, url)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, s := range d.SignIns {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", s.Name, s.Password, s.Sees)
	}
	if err := errors.Join(w.Flush(), ctx.Err()); err != nil {
		return err
	}
	if d.Huddle != 0 {
		fmt.Fprintf(out, "\nA meeting awaits the agent at %s UTC; their page says so two minutes before.\n",
			d.Huddle.Time().Format("15:04"))
	}
	fmt.Fprintln(out, "\nCtrl-C ends it.")
	return group.Wait()
}
