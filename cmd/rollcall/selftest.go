package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/adherence/story"
)

func newSelftest(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "selftest [FILE...]",
		Short: "check the judge against the built-in stories, or against your own",
		Long: "A story is a day told in words, with the figures that must come out of it. Without a file the\n" +
			"built-in stories run, one for each rule; - reads a story from standard input. The exit code is 1\n" +
			"when a story comes out otherwise.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := g.checkOutput(); err != nil {
				return err
			}
			stories, unread, err := readStories(files, cmd.InOrStdin())
			if err != nil {
				return err
			}
			results := make([]story.Result, len(stories))
			failed := 0
			for i, s := range stories {
				if results[i] = s.Check(); !results[i].OK {
					failed++
				}
			}
			if err := printResults(cmd, g.output, results, failed); err != nil {
				return err
			}
			return selftestError(len(stories), failed, unread)
		},
	}
}

// readStories reads the named stories, or those built in; unread joins what is wrong with those that cannot be read.
func readStories(files []string, stdin io.Reader) (stories []*story.Story, unread, err error) {
	if len(files) == 0 {
		stories, err = story.Builtin()
		return stories, nil, err
	}
	for _, name := range files {
		data, err := readInput(name, stdin)
		if err == nil {
			var s *story.Story
			if s, err = story.Load(name, data); err == nil {
				stories = append(stories, s)
			}
		}
		if err != nil {
			unread = errors.Join(unread, err)
		}
	}
	return stories, unread, nil
}

// printResults prints a line per story, with what is different below it, and a summary.
func printResults(cmd *cobra.Command, format string, results []story.Result, failed int) error {
	out := cmd.OutOrStdout()
	if format != "table" {
		return printRows(out, format, each(results))
	}
	for _, r := range results {
		word := "ok    "
		if !r.OK {
			word = "failed"
		}
		name := strings.TrimSuffix(strings.TrimPrefix(r.File, "stories/"), ".txtar")
		if _, err := fmt.Fprintf(out, "%s  %-36s  %s\n", word, name, r.Title); err != nil {
			return err
		}
		for _, d := range r.Differences {
			if _, err := fmt.Fprintf(out, "        %s\n", d); err != nil {
				return err
			}
		}
	}
	stories := "stories"
	if len(results) == 1 {
		stories = "story"
	}
	_, err := fmt.Fprintf(out, "%d %s: %d ok, %d failed\n", len(results), stories, len(results)-failed, failed)
	return err
}

// selftestError returns the exit code: 1 when a story failed, 2 when none could be read, 3 when some could not.
func selftestError(read, failed int, unread error) error {
	switch {
	case failed > 0:
		return &exitError{1, unread}
	case unread != nil && read > 0:
		return &exitError{exitInPart, unread}
	}
	return badInput(unread)
}
