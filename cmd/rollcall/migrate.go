package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newMigrate(g *globals) *cobra.Command {
	up := &cobra.Command{Use: "up", Short: "bring the schema up to date", Args: cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			version, err := s.SchemaVersion(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the schema is at", version)
			return err
		})}
	status := &cobra.Command{Use: "status", Short: "list the migrations and when they were applied", Args: cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			all, err := s.MigrationStatus(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(cmd, g, all)
		})}
	return groupOf("migrate", "the schema of the store", up, status)
}
