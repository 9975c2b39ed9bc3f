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

// actor names who ran a command, for the journal.
func actor() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "cli:" + u.Username
	}
	return "cli"
}
