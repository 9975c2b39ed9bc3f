package main

import (
	"cmp"
	"errors"
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
func (g *globals) onDecisions(run func(*cobra.Command, []string, *app.Decisions) error) runE {
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
		RunE: g.onDecisions(func(cmd *cobra.Command, _ []string, d *app.Decisions) error {
			rows, err := d.Policies(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(cmd, g, rows, "id", "team", "site", "from", "recorded_at", "actor")
		})}
}

// scopeFlags declares the flags that say whom a policy is for.
func scopeFlags(cmd *cobra.Command, o *decisions.PolicyDraft) {
	cmd.Flags().StringVar(&o.Team, "team", "", "for this team (default: for everybody)")
	cmd.Flags().StringVar(&o.Site, "site", "", "for this site")
	cmd.MarkFlagsMutuallyExclusive("team", "site")
}

func newPolicyShow(g *globals) *cobra.Command {
	var scope decisions.PolicyDraft
	var agent string
	var on schemas.Date
	cmd := &cobra.Command{Use: "show [ID]", Short: "show a version, or the rules in force on a date",
		Args: cobra.MaximumNArgs(1),
		RunE: g.onDecisions(func(cmd *cobra.Command, args []string, d *app.Decisions) error {
			var view decisions.PolicyView
			var err error
			if len(args) == 1 {
				view, err = versionByID(cmd, d, args[0])
			} else {
				var v *schemas.PolicyVersion
				on := cmp.Or(on, schemas.UTC.Date(app.Now()))
				if v, err = d.PolicyInForce(cmd.Context(), agent, scope.Team, scope.Site, on); err == nil {
					view, err = decisions.ViewPolicy(v)
				}
			}
			if err != nil {
				return err
			}
			return printPolicy(cmd.OutOrStdout(), g.output, view)
		})}
	scopeFlags(cmd, &scope)
	cmd.Flags().StringVar(&agent, "agent", "", "in force for this agent")
	parsed(cmd, &on, "on", schemas.ParseDate, "in force on this date (default today)")
	return cmd
}

func versionByID(cmd *cobra.Command, d *app.Decisions, id string) (decisions.PolicyView, error) {
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

// ruleRow is one key of a policy as a table shows it.
type ruleRow struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func printPolicy(w io.Writer, format string, v decisions.PolicyView) error {
	if format == "json" {
		return printRows(w, format, one(v))
	}
	_, head, err := fields(v)
	if err != nil {
		return err
	}
	names, rules, err := fields(v.Rules)
	if err != nil {
		return err
	}
	var rows []ruleRow
	for _, name := range []string{"id", "team", "site", "from"} {
		rows = append(rows, ruleRow{name, head[name]})
	}
	for _, name := range names {
		rows = append(rows, ruleRow{name, rules[name]})
	}
	return printRows(w, format, each(rows))
}

// readPolicy reads the file of set and what-if.
func readPolicy(cmd *cobra.Command, o *decisions.PolicyDraft, file string) (err error) {
	if o.Document, err = readInput(file, cmd.InOrStdin()); err != nil {
		return badInput(err)
	}
	if _, err = o.Version(); err != nil {
		return badInputf("%s: %w", file, err)
	}
	return nil
}

// draftFlags declares what set and what-if have in common.
func draftFlags(cmd *cobra.Command, o *decisions.PolicyDraft, file *string, from string) {
	scopeFlags(cmd, o)
	cmd.Flags().StringVar(file, "file", "", "the policy document; - reads standard input")
	parsed(cmd, &o.From, "from", schemas.ParseDate, from)
}

func newPolicySet(g *globals) *cobra.Command {
	var o decisions.PolicyDraft
	var file string
	cmd := &cobra.Command{Use: "set --file F --from D",
		Short: "set the rules from a date on, for everybody, a team or a site", Args: cobra.NoArgs,
		Long: "The file is YAML or JSON; what it does not set has its default. Nothing is overwritten: earlier\n" +
			"versions stay, and days before the date keep their rules. The next `rollcall compute` judges again\n" +
			"what the version can change.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := readPolicy(cmd, &o, file); err != nil {
				return err
			}
			return g.onDecisions(func(cmd *cobra.Command, _ []string, d *app.Decisions) error {
				set, err := d.SetPolicy(cmd.Context(), o, decisions.By{Actor: actor(), Origin: file})
				if err != nil {
					return err
				}
				warn(cmd, set.Warnings)
				return printPolicySet(cmd, g, set)
			})(cmd, nil)
		}}
	draftFlags(cmd, &o, &file, "the local date from which it is in force")
	needs(cmd, "file", "from")
	return cmd
}

func printPolicySet(cmd *cobra.Command, g *globals, set *decisions.PolicyResult) error {
	view, err := decisions.ViewPolicy(&set.Version)
	if err != nil {
		return err
	}
	if g.output != "table" {
		return printRows(cmd.OutOrStdout(), g.output, one(view))
	}
	what := "is in force"
	if set.Unchanged {
		what = "was in force already"
	}
	return say(cmd, "policy %s %s from %s", set.Version.ID, what, set.Version.From)
}

func newPolicyWhatIf(g *globals) *cobra.Command {
	var o decisions.PolicyDraft
	var file string
	var to schemas.Date
	var all bool
	cmd := &cobra.Command{Use: "what-if --file F --from D --to D",
		Short: "judge past days with other rules, without storing anything", Args: cobra.NoArgs,
		Long: "Judges the days twice, as they are and as the rules of the file would have it, and prints both\n" +
			"side by side: for everybody, for each team, and for each agent who would cross the target_percent.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := readPolicy(cmd, &o, file); err != nil {
				return err
			}
			return g.onDecisions(func(cmd *cobra.Command, _ []string, d *app.Decisions) error {
				d.Done = progress(cmd.ErrOrStderr(), "agents judged")
				out, err := d.PolicyWhatIf(cmd.Context(), o, to)
				if err != nil {
					return err
				}
				// everybody, the teams, and the agents who cross the target or all of them
				return printAll(cmd, g, out.Rows(all), "level", "team", "agent_id", "days", "changed_days",
					"adherence_before", "adherence_after", "exceptions_before", "exceptions_after", "target_before",
					"target_after", "crosses", "agents_up", "agents_down")
			})(cmd, nil)
		}}
	draftFlags(cmd, &o, &file, "first local date")
	parsed(cmd, &to, "to", schemas.ParseDate, "last local date, included")
	cmd.Flags().BoolVar(&all, "all-agents", false, "list every agent, not only those who cross the target")
	needs(cmd, "file", "from", "to")
	return cmd
}
