package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// specFlags declares the flags that say what a new credential may do.
func specFlags(cmd *cobra.Command, s *access.Spec) {
	cmd.Flags().StringVar((*string)(&s.Role), "role", "",
		"agent, supervisor, planner, manager, feed or admin (required)")
	cmd.Flags().StringVar(&s.Name, "name", "", "whose or what it is (required)")
	cmd.Flags().StringVar(&s.AgentID, "agent", "", "the agent that it speaks for, for role agent")
	cmd.Flags().StringSliceVar(&s.Teams, "team", nil, "a team that it may see and change, for supervisors and planners")
	cmd.Flags().StringSliceVar(&s.Sites, "site", nil, "a site that it may see, for managers and planners")
}

// withRegister opens the store and reads users and tokens.
func (g *globals) withRegister(cmd *cobra.Command, run func(*access.Register, access.Principal) error) error {
	return g.withStore(cmd, func(s *session) error {
		// With a server nothing has made the folder for the copy of users and tokens yet.
		if err := os.MkdirAll(s.config.Store.Dir, 0o700); err != nil {
			return fmt.Errorf("store.dir: %w", err)
		}
		r, err := app.NewRegister(s.config, s.Store)
		if err != nil {
			return err
		}
		if err := r.Refresh(cmd.Context()); err != nil {
			return err
		}
		return asInput(run(r, access.Operator(actor())))
	})
}

// asInput makes errors about what was asked for exit with code 2.
func asInput(err error) error {
	var field *schemas.FieldError
	if errors.As(err, &field) || errors.Is(err, access.ErrNotFound) {
		return badInput(err)
	}
	return err
}

func newToken(g *globals) *cobra.Command {
	var spec access.Spec
	create := &cobra.Command{Use: "create", Short: "make a token and print it, once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				secret, _, err := r.CreateToken(cmd.Context(), spec, by)
				if secret == "" {
					return err
				}
				_, printed := fmt.Fprintln(cmd.OutOrStdout(), secret)
				return errors.Join(err, printed)
			})
		}}
	specFlags(create, &spec)
	create.Flags().StringVar(&spec.Source, "source", "", "the feed that it sends for, for role feed")
	parsed(create, &spec.Expires, "expires", func(text string) (schemas.Instant, error) {
		d, err := schemas.ParseDate(text)
		return schemas.UTC.DayStart(d), err
	}, "the date from which it is no longer taken (UTC)")
	revoke := &cobra.Command{Use: "revoke TOKEN", Short: "end a token for good, by id or name", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				return r.Revoke(cmd.Context(), args[0], by)
			})
		}}
	return groupOf("token", "tokens for programs", create, g.listCredentials("list", "list the tokens", false), revoke)
}

// credentialRow is what list shows of a token or user.
type credentialRow struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Role    schemas.Role `json:"role"`
	Source  string       `json:"source,omitempty"`
	AgentID string       `json:"agent_id,omitempty"`
	Teams   []string     `json:"teams,omitempty"`
	Sites   []string     `json:"sites,omitempty"`
	Expires string       `json:"expires,omitempty"`
	State   string       `json:"state"`
	By      string       `json:"created_by"`
	Changed string       `json:"recorded_at"`
}

func (g *globals) listCredentials(use, short string, users bool) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				all, err := r.List(by)
				if err != nil {
					return err
				}
				var rows []credentialRow
				for i := range all {
					if all[i].User == users {
						rows = append(rows, describe(&all[i]))
					}
				}
				return printAll(cmd, g, rows, "id", "name", "role", "source", "agent_id", "teams", "sites", "expires", "state")
			})
		}}
}

func describe(c *schemas.Credential) credentialRow {
	row := credentialRow{
		ID:      c.ID,
		Name:    c.Name,
		Role:    c.Role,
		Source:  c.Source,
		AgentID: c.AgentID,
		Teams:   c.Teams,
		Sites:   c.Sites,
		By:      c.CreatedBy,
		Changed: c.RecordedAt.String(),
		State:   "active",
	}
	if c.Expires != 0 {
		row.Expires = c.Expires.String()
	}
	switch {
	case c.Revoked && c.User:
		row.State = "disabled"
	case c.Revoked:
		row.State = "revoked"
	case c.Expires != 0 && c.Expires <= app.Now():
		row.State = "expired"
	}
	return row
}

func newUser(g *globals) *cobra.Command {
	var spec access.Spec
	add := &cobra.Command{Use: "add", Short: "make an account; the password is asked for, or read from standard input",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := readPassword(cmd)
			if err != nil {
				return err
			}
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				_, err := r.AddUser(cmd.Context(), spec, password, by)
				return err
			})
		}}
	specFlags(add, &spec)
	var enable bool
	disable := &cobra.Command{Use: "disable USER",
		Short: "shut a user out and end their sessions; --enable lets them in again", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				return r.SetDisabled(cmd.Context(), args[0], !enable, by)
			})
		}}
	disable.Flags().BoolVar(&enable, "enable", false, "let the user in again")
	password := &cobra.Command{Use: "password USER", Short: "give a user a new password and end their sessions",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			secret, err := readPassword(cmd)
			if err != nil {
				return err
			}
			return g.withRegister(cmd, func(r *access.Register, by access.Principal) error {
				return r.SetPassword(cmd.Context(), args[0], secret, by)
			})
		}}
	return groupOf("user", "accounts of people", add, g.listCredentials("list", "list the users", true), disable, password)
}

// readPassword asks on a terminal without showing what is typed; elsewhere it reads the first line of standard input.
func readPassword(cmd *cobra.Command) (string, error) {
	//nolint:gosec // a file descriptor is a small number
	if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "password: ")
		b, err := term.ReadPassword(int(f.Fd())) //nolint:gosec // as above
		fmt.Fprintln(cmd.ErrOrStderr())
		return string(b), err
	}
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if line == "" && err != nil {
		return "", badInputf("the password is read from standard input, which is empty")
	}
	return strings.TrimRight(line, "\r\n"), nil
}
