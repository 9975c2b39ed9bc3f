package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rollcall/adherence"
)

func newAdherence(g *globals) *cobra.Command {
	return groupOf("adherence", "judged days, their exceptions, and the judge on its own",
		newAdherenceDays(g), newAdherenceExceptions(g), newAdherenceExplain(g), newAdherenceEvaluate())
}

func newAdherenceEvaluate() *cobra.Command {
	return &cobra.Command{
		Use:   "evaluate FILE...",
		Short: "judge self-contained cases with no store, in the order given",
		Long: "Each file holds one case as a JSON object, an array of cases, or one case a line; - reads standard input.\n" +
			"Each result is one JSON object on a line.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriter(cmd.OutOrStdout())
			done, errs := 0, []error(nil)
			for _, name := range args {
				n, err := evaluateFile(name, cmd.InOrStdin(), out)
				done += n
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", name, err))
				}
			}
			if err := out.Flush(); err != nil {
				return err
			}
			switch err := errors.Join(errs...); {
			case err == nil:
				return nil
			case done > 0:
				return &exitError{exitInPart, err}
			default:
				return badInput(err)
			}
		},
	}
}

// evaluateFile judges every case of one file and says how many it could.
func evaluateFile(name string, stdin io.Reader, out io.Writer) (done int, err error) {
	data, err := readInput(name, stdin)
	if err != nil {
		return 0, err
	}
	cases, err := adherence.ParseCases(data)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, c := range cases {
		result, err := c.Evaluate()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		line, err := json.Marshal(result)
		if err != nil {
			return done, fmt.Errorf("writing the result of case %q: %w", result.Name, err)
		}
		if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
			return done, err
		}
		done++
	}
	return done, errors.Join(errs...)
}

// readInput reads a named file whole, or standard input for "-".
func readInput(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name) //nolint:gosec // the user names the file to read
}
