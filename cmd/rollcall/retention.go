package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
)

func newRetention(g *globals) *cobra.Command {
	preview := &cobra.Command{Use: "preview", Short: "list what the configured retention would delete now, and what holds it back", Args: cobra.NoArgs,
		Long: "What is kept for how many days says the section retention of the configuration; nothing is deleted without it. Tables that\n" +
			"are kept by months lose whole months. A fact or schedule that a kept result needs is never deleted.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withStore(cmd, func(s *session) error {
				plan, err := app.PlanRetention(cmd.Context(), s.config, s.Store, app.Now())
				if err != nil {
					return err
				}
				if len(plan) == 0 {
					fmt.Fprintln(cmd.ErrOrStderr(), "everything is kept for ever; set for instance retention.status_changes: 730")
				}
				return printRows(cmd.OutOrStdout(), g.output, each(plan))
			})
		}}
	apply := &cobra.Command{Use: "apply", Short: "delete it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withStore(cmd, func(s *session) error {
				plan, err := app.PlanRetention(cmd.Context(), s.config, s.Store, app.Now())
				if err != nil {
					return err
				}
				rows, err := app.Retain(cmd.Context(), s.Store, plan, actor())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows deleted\n", rows)
				return err
			})
		}}
	return groupOf("retention", "what is kept for how long", preview, apply)
}
