package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newVersion(*globals) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "print the program's version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "rollcall", version)
			return err
		}}
}
