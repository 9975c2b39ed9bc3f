package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rollcall/adherence"
)

func newRules(*globals) *cobra.Command {
	return &cobra.Command{Use: "rules [SECTION]",
		Short: "the rules by which days are judged, or one section such as 5 or 5.4",
		Args:  cobra.MaximumNArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			text := adherence.RulesPage()
			if len(args) == 1 {
				var err error
				if text, err = adherence.RulesSection(args[0]); err != nil {
					return badInput(err)
				}
			}
			out := cmd.OutOrStdout()
			//nolint:gosec // a file descriptor is a small number
			if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
				text = forTerminal(text)
			}
			_, err := fmt.Fprint(out, text)
			return err
		}}
}

var (
	mdHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	mdCode    = regexp.MustCompile("`([^`\n]+)`")
	mdFence   = regexp.MustCompile("(?m)^```.*\n|^[|-]*-\\|\n")
)

// forTerminal shows a Markdown page in bold headings, with what is code set off by colour instead of backticks.
func forTerminal(text string) string {
	const bold, cyan, plain = "\x1b[1m", "\x1b[36m", "\x1b[0m"
	text = mdFence.ReplaceAllString(text, "")
	text = mdHeading.ReplaceAllString(text, bold+"$1"+plain)
	return mdCode.ReplaceAllString(text, cyan+"$1"+plain)
}
