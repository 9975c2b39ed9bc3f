package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
)

func newServe(g *globals) *cobra.Command {
	var show bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "run the daemon: API, web pages, ingest, live board, scheduler",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.config()
			if err != nil {
				return err
			}
			if show {
				text, err := c.Print()
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
				return err
			}
			log, err := logger(c.Log, cmd.ErrOrStderr())
			if err != nil {
				return badInput(err)
			}
			d, err := app.NewDaemon(c, log, version)
			if err != nil {
				return err
			}
			at, err := d.Listen(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "rollcall listens on %s\n", d.URL(at))
			return d.Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&show, "print-config", false, "show the configuration in force, secrets masked, and end")
	return cmd
}
