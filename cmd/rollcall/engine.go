package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/schemas/engine"
)

func newEngine(*globals) *cobra.Command {
	fetch := &cobra.Command{Use: "fetch", Short: "fetch the engine once into your cache folder and check its hash",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := engine.Fetch(cmd.Context(), engine.FetchConfig{}, func(step string) {
				fmt.Fprintln(cmd.ErrOrStderr(), step)
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		}}
	return groupOf("engine", "the embedded ClickHouse", fetch)
}
