package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
)

func newPolicy(g *globals) *cobra.Command {
	return groupOf("policy", "the rules by which days are judged: dated, versioned, in the store",
		newPolicyList(g), newPolicyShow(g), newPolicySet(g), newPolicyWhatIf(g))
}

// onDecisions runs a command that reads or takes decisions: rules and corrections.
func (g *globals) onDecisions(run func(*cobra.Command, []string, *decisions.Ledger) error) runE {
	return g.onStore(func(cmd *cobra.Command, args []string, s *session) error {
		d, err := app.NewDecisions(s.config, s.Store)
		if err != nil {
			return err
		}
		return refused(run(cmd, args, d))
	})
}

// refused marks what is the caller's fault as bad input.
func refused(err error) error {
	var invalid *decisions.InvalidError
	if errors.As(err, &invalid) || errors.Is(err, batch.ErrBadQuestion) || errors.Is(err, decisions.ErrNotFound) ||
		errors.Is(err, decisions.ErrDecided) {
		return badInput(err)
	}
	return err
}

func newPolicyList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "list every version ever set, the newest last", Args: cobra.NoArgs,
		RunE: g.onDecisions(func(cmd *cobra.Command, _ []string, d *decisions.Ledger) error {
			rows, err := d.Policies(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(cmd, g, rows, "id", "team", "site", "from", "recorded_at", "actor")
		})}
}

// scopeFlags are the flags that say whom a policy is for.
type scopeFlags struct{ team, site string }

func (f *scopeFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.team, "team", "", "for this team (default: for everybody)")
	cmd.Flags().StringVar(&f.site, "site", "", "for this site")
	cmd.MarkFlagsMutuallyExclusive("team", "site")
}

func newPolicyShow(g *globals) *cobra.Command {
	var scope scopeFlags
	var agent, on string
	cmd := &cobra.Command{Use: "show [ID]", Short: "show a version, or the rules in force on a date",
		Args: cobra.MaximumNArgs(1),
		RunE: g.onStore(func(cmd *cobra.Command, args []string, s *session) error {
			var view decisions.PolicyView
			var err error
			if len(args) == 1 {
				view, err = versionByID(cmd, s, args[0])
			} else {
				view, err = versionInForce(cmd, s, agent, &scope, on)
			}
			if err != nil {
				return refused(err)
			}
			return printPolicy(cmd.OutOrStdout(), g.output, view)
		})}
	scope.flags(cmd)
	cmd.Flags().StringVar(&agent, "agent", "", "in force for this agent")
	cmd.Flags().StringVar(&on, "on", "", "in force on this date (default today)")
	return cmd
}

func versionByID(cmd *cobra.Command, s *session, id string) (decisions.PolicyView, error) {
	d, err := app.NewDecisions(s.config, s.Store)
	if err != nil {
		return decisions.PolicyView{}, err
	}
	views, err := d.Policies(cmd.Context())
	if err != nil {
		return decisions.PolicyView{}, err
	}
	for _, v := range views {
		if v.ID == id {
			return v, nil
		}
	}
	return decisions.PolicyView{}, badInputf("there is no policy version %q; `rollcall policy list` names all", id)
}

func versionInForce(cmd *cobra.Command, s *session, agent string, scope *scopeFlags, on string) (decisions.PolicyView,
	error) {
	day := schemas.UTC.Date(app.Now())
	if on != "" {
		var err error
		if day, err = schemas.ParseDate(on); err != nil {
			return decisions.PolicyView{}, badInputf("--on: %w", err)
		}
	}
	v, err := app.PolicyInForce(cmd.Context(), s.Store, agent, scope.team, scope.site, day)
	if err != nil {
		return decisions.PolicyView{}, err
	}
	return decisions.ViewPolicy(v)
}

// ruleRow is one key of a policy as a table shows it.
type ruleRow struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

func printPolicy(w io.Writer, format string, v decisions.PolicyView) error {
	if format == "json" {
		return printRows(w, format, each([]decisions.PolicyView{v}))
	}
	rows := []ruleRow{{"id", v.ID}, {"team", v.Team}, {"site", v.Site}, {"from", v.From}}
	b, err := json.Marshal(v.Rules)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		rows = append(rows, ruleRow{fmt.Sprint(key), value})
	}
	return printRows(w, format, each(rows))
}

// policyOrder reads the file and the flags of set and what-if.
func policyOrder(cmd *cobra.Command, file string, scope *scopeFlags, from string) (decisions.PolicyDraft, error) {
	o := decisions.PolicyDraft{Team: scope.team, Site: scope.site}
	var err error
	if o.From, err = schemas.ParseDate(from); err != nil {
		return o, badInputf("--from: %w", err)
	}
	if o.Document, err = readInput(file, cmd.InOrStdin()); err != nil {
		return o, badInput(err)
	}
	if _, err := o.Version(); err != nil {
		return o, badInputf("%s: %w", file, err)
	}
	return o, nil
}

func newPolicySet(g *globals) *cobra.Command {
	var scope scopeFlags
	var file, from string
	cmd := &cobra.Command{Use: "set --file F --from D",
		Short: "set the rules from a date on, for everybody, a team or a site", Args: cobra.NoArgs,
		Long: "The file is YAML or JSON; what it does not set has its default. Nothing is overwritten: earlier\n" +
			"versions stay, and days before the date keep their rules. The next `rollcall compute` judges again\n" +
			"what the version can change.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := policyOrder(cmd, file, &scope, from)
			if err != nil {
				return err
			}
			return g.onDecisions(func(cmd *cobra.Command, _ []string, d *decisions.Ledger) error {
				set, err := d.SetPolicy(cmd.Context(), o, decisions.By{Actor: actor(), Origin: file})
				if err != nil {
					return err
				}
				warn(cmd, set.Warnings)
				return printPolicySet(cmd, g, set)
			})(cmd, nil)
		}}
	scope.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "the policy document; - reads standard input")
	cmd.Flags().StringVar(&from, "from", "", "the local date from which it is in force")
	needs(cmd, "file", "from")
	return cmd
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

func printPolicySet(cmd *cobra.Command, g *globals, set *decisions.PolicyResult) error {
	view, err := decisions.ViewPolicy(&set.Version)
	if err != nil {
		return err
	}
	if g.output != "table" {
		return printAll(cmd, g, []decisions.PolicyView{view})
	}
	what := "is in force"
	if set.Unchanged {
		what = "was in force already"
	}
	return say(cmd, "policy %s %s from %s", set.Version.ID, what, set.Version.From)
}

func newPolicyWhatIf(g *globals) *cobra.Command {
	var scope scopeFlags
	var file, from, to string
	var all bool
	cmd := &cobra.Command{Use: "what-if --file F --from D --to D",
		Short: "judge past days with other rules, without storing anything", Args: cobra.NoArgs,
		Long: "Judges the days twice, as they are and as the rules of the file would have it, and prints both\n" +
			"side by side: for everybody, for each team, and for each agent who would cross the target_percent.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := policyOrder(cmd, file, &scope, from)
			if err != nil {
				return err
			}
			last, err := schemas.ParseDate(to)
			if err != nil {
				return badInputf("--to: %w", err)
			}
			return g.withStore(cmd, func(s *session) error {
				b, err := app.NewBatch(s.config, s.Store)
				if err != nil {
					return err
				}
				q, err := app.PolicyWhatIf(o, last)
				if err != nil {
					return refused(err)
				}
				q.Done = progress(cmd.ErrOrStderr(), "agents judged")
				out, err := b.WhatIf(cmd.Context(), q)
				if err != nil {
					return refused(err)
				}
				return printOutcome(cmd.OutOrStdout(), g.output, out, all)
			})
		}}
	scope.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "the policy document; - reads standard input")
	cmd.Flags().StringVar(&from, "from", "", "first local date")
	cmd.Flags().StringVar(&to, "to", "", "last local date, included")
	cmd.Flags().BoolVar(&all, "all-agents", false, "list every agent, not only those who cross the target")
	needs(cmd, "file", "from", "to")
	return cmd
}

// printOutcome prints everybody, the teams, and the agents who cross the target or all of them.
func printOutcome(w io.Writer, format string, out *batch.Outcome, all bool) error {
	return printRows(w, format, each(out.Rows(all)), "level", "team", "agent_id", "days", "changed_days",
		"adherence_before", "adherence_after",
		"exceptions_before", "exceptions_after", "target_before", "target_after", "crosses", "agents_up", "agents_down")
}
