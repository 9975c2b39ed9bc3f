package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
)

func newRetention(g *globals) *cobra.Command {
	preview := &cobra.Command{Use: "preview",
		Short: "list what the configured retention would delete now, and what holds it back", Args: cobra.NoArgs,
		Long: "The section retention of the configuration says for how many days each table is stored; nothing is\n" +
			"deleted without it. Tables that are stored by month lose whole months. A fact or schedule that a\n" +
			"stored result needs is never deleted.",
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			plan, err := batch.PlanRetention(cmd.Context(), s.Store, s.config.Retention.Days(), app.Now())
			if err != nil {
				return err
			}
			if len(plan) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "nothing is ever deleted; set for instance retention.status_changes: 730")
			}
			return printAll(cmd, g, plan)
		})}
	apply := &cobra.Command{Use: "apply", Short: "delete it", Args: cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			plan, err := batch.PlanRetention(cmd.Context(), s.Store, s.config.Retention.Days(), app.Now())
			if err != nil {
				return err
			}
			rows, err := batch.Retain(cmd.Context(), s.Store, plan, actor(), app.Clock)
			if err != nil {
				return err
			}
			return say(cmd, "%d rows deleted", rows)
		})}
	return groupOf("retention", "how long rows are stored", preview, apply)
}
