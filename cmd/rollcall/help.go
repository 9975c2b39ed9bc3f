package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/help"
)

// newHelp takes the place of cobra's own help command. A topic goes before a command of the same name, whose usage
// --help prints.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [TOPIC | COMMAND]",
		Short: "explain a topic or a command; `rollcall help topics` lists the topics",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			topics, err := help.Topics()
			if err != nil {
				return err
			}
			if len(args) == 1 && args[0] == "topics" {
				return printTopics(cmd.OutOrStdout(), topics)
			}
			for _, t := range topics {
				if len(args) == 1 && args[0] == t.Name {
					_, err := fmt.Fprint(cmd.OutOrStdout(), t.Text)
					return err
				}
			}
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return badInputf("%q is neither a topic nor a command; see `rollcall help topics` and `rollcall --help`",
					args[len(args)-1])
			}
			return about.Help()
		},
	}
}

// printTopics lists the topics with their titles.
func printTopics(w io.Writer, topics []help.Topic) error {
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, t := range topics {
		fmt.Fprintf(out, "%s\t%s\n", t.Name, t.Title)
	}
	return out.Flush()
}
