package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"rollcall/cmd/internal/config"
)

// globals are the flags that every command has.
type globals struct {
	configFile string
	output     string
}

// commands lists every command's constructor; each lives in the file of its name.
var commands = []func(*globals) *cobra.Command{
	newAdherence, newAgent, newCompute, newCorrect, newDemo, newEngine, newFeeds, newImport, newJobs, newMigrate,
	newPolicy, newReport, newRetention, newRules, newSchedule, newSelftest, newServe, newSimulate, newStatus, newSubscribe,
	newToken, newUser, newVersion,
}

func newRoot() *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:   "rollcall",
		Short: "presence, status and schedule adherence for contact centres",
		Long: "Rollcall ingests agents' presence and status, stores it in ClickHouse, shows it live,\n" +
			"compares it with the schedule and reports adherence. Start with `rollcall demo`; `rollcall help topics` lists\n" +
			"what else there is to read.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&g.configFile, "config", "",
		"configuration file (default ./rollcall.yaml if there is one)")
	root.PersistentFlags().StringVarP(&g.output, "output", "o", "table", "how rows are printed: table, json or csv")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		var own *exitError // of a parsedFlag
		if errors.As(err, &own) {
			return own
		}
		return badInput(err)
	})
	for _, c := range commands {
		root.AddCommand(c(g))
	}
	root.SetHelpCommand(newHelp())
	markUsageErrors(root)
	return root
}

// markUsageErrors makes wrong arguments of every command exit with code 2.
func markUsageErrors(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return badInputf("%w; see `%s --help`", err, c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		markUsageErrors(sub)
	}
}

// groupOf makes a command that only holds others: without one of them it is wrong usage.
func groupOf(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				_ = cmd.Help()
				return &exitError{exitBadInput, nil}
			}
			return badInputf("%q is no command of `%s`; see `%s --help`", args[0], cmd.CommandPath(), cmd.CommandPath())
		}}
	cmd.AddCommand(subs...)
	return cmd
}

// config loads the configuration.
func (g *globals) config() (config.Config, error) {
	c, err := config.Load(g.configFile, os.Environ())
	return c, badInput(err)
}

// logger writes to standard error, as the configuration says.
func logger(c config.Log, w io.Writer) (*logrus.Logger, error) {
	level, err := logrus.ParseLevel(c.Level)
	if err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	log := logrus.New()
	log.SetOutput(w)
	log.SetLevel(level)
	if c.Format == "json" {
		log.SetFormatter(&logrus.JSONFormatter{})
	} else {
		log.SetFormatter(&logrus.TextFormatter{FullTimestamp: true, DisableColors: true})
	}
	return log, nil
}
