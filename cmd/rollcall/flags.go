package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
)

// parsedFlag is a flag whose text is read into a value while the command line is; the empty text is the zero value.
type parsedFlag[T any] struct {
	name, text string
	into       *T
	parse      func(string) (T, error)
}

// parsed declares such a flag.
func parsed[T any](cmd *cobra.Command, into *T, name string, parse func(string) (T, error), usage string) {
	cmd.Flags().Var(&parsedFlag[T]{name: name, into: into, parse: parse}, name, usage)
}

// Set reads the text. The error names the flag.
func (f *parsedFlag[T]) Set(text string) error {
	var v T
	if text != "" {
		var err error
		if v, err = f.parse(text); err != nil {
			return badInputf("--%s: %w", f.name, err)
		}
	}
	*f.into, f.text = v, text
	return nil
}

func (f *parsedFlag[T]) String() string { return f.text }

// Type is what --help calls the value.
func (f *parsedFlag[T]) Type() string { return "string" }

// knownAtFlag declares --known-at.
func knownAtFlag(cmd *cobra.Command, at *schemas.Instant) {
	parsed(cmd, at, "known-at", func(text string) (schemas.Instant, error) {
		at, err := schemas.ParseInstant(text)
		if now := app.Now(); err == nil && at > now {
			err = fmt.Errorf("%s lies ahead; it is %s now", at, now)
		}
		return at, err
	}, "use only what was recorded by this instant, such as 2026-03-03T06:00:00Z")
}

// zoneFlag declares --time-zone.
func zoneFlag(cmd *cobra.Command, zone *string, usage string) {
	parsed(cmd, zone, "time-zone", func(name string) (string, error) {
		_, err := schemas.LoadZone(name)
		return name, err
	}, usage)
}

// partFlags declares the flags that choose agents, teams and sites.
func partFlags(cmd *cobra.Command, agents, teams, sites *[]string) {
	if agents != nil {
		cmd.Flags().StringSliceVar(agents, "agent", nil, "only these agents, by id")
	}
	cmd.Flags().StringSliceVar(teams, "team", nil, "only these teams")
	cmd.Flags().StringSliceVar(sites, "site", nil, "only these sites")
}

// dateFlags are --from and --to, local dates of which either may be left out.
type dateFlags struct{ from, to schemas.Date }

func (f *dateFlags) declare(cmd *cobra.Command, from, to string) {
	parsed(cmd, &f.from, "from", schemas.ParseDate, from)
	parsed(cmd, &f.to, "to", schemas.ParseDate, to)
}

// check refuses a range that runs backwards.
func (f *dateFlags) check() error {
	if f.from != 0 && f.to != 0 && f.to < f.from {
		return badInputf("--from %s lies after --to %s; exchange them", f.from, f.to)
	}
	return nil
}

// whole returns the range, with the first or last date that there can be for one that is not given.
func (f *dateFlags) whole() (from, to schemas.Date, err error) {
	return cmp.Or(f.from, schemas.MakeDate(2000, 1, 1)), cmp.Or(f.to, schemas.MakeDate(2199, 12, 31)), f.check()
}

// needs makes flags required, with exit code 2 and the command's name in the message.
func needs(cmd *cobra.Command, names ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, n := range names {
			if f := cmd.Flags().Lookup(n); f == nil || !f.Changed {
				return badInputf("--%s is missing; see `%s --help`", n, cmd.CommandPath())
			}
		}
		return nil
	}
}
