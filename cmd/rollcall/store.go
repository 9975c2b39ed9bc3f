package main

import (
	"errors"
	"fmt"
	"os/user"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
)

// session is what a command that works on the store has.
type session struct {
	*app.Opened
	config config.Config
	log    *logrus.Logger
}

// withStore opens the store, runs the command and closes the store again.
func (g *globals) withStore(cmd *cobra.Command, run func(*session) error) (err error) {
	c, err := g.config()
	if err != nil {
		return err
	}
	if err := g.checkOutput(); err != nil {
		return err
	}
	log, err := logger(c.Log, cmd.ErrOrStderr())
	if err != nil {
		return badInput(err)
	}
	// A short command speaks for itself; the engine's log lines are for the daemon.
	if log.Level == logrus.InfoLevel {
		log.SetLevel(logrus.WarnLevel)
	}
	opened, err := app.OpenStore(cmd.Context(), c, log, func(msg string) { fmt.Fprintln(cmd.ErrOrStderr(), msg) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	return run(&session{opened, c, log})
}

// runE is what cobra runs for a command.
type runE = func(cmd *cobra.Command, args []string) error

// onStore runs a command on the store.
func (g *globals) onStore(run func(*cobra.Command, []string, *session) error) runE {
	return func(cmd *cobra.Command, args []string) error {
		return g.withStore(cmd, func(s *session) error { return run(cmd, args, s) })
	}
}

// printAll prints rows to standard output as --output says; see printRows.
func printAll[T any](cmd *cobra.Command, g *globals, rows []T, tableColumns ...string) error {
	return printRows(cmd.OutOrStdout(), g.output, each(rows), tableColumns...)
}

// say prints a sentence to standard output.
func say(cmd *cobra.Command, format string, args ...any) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	return err
}

// warn prints warnings to standard error.
func warn(cmd *cobra.Command, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning:", w)
	}
}

// actor names who ran a command, for the journal.
func actor() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "cli:" + u.Username
	}
	return "cli"
}
