package main

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

func newAgent(g *globals) *cobra.Command {
	return groupOf("agent", "what is stored about one person: export it, or erase the person", newAgentExport(g),
		newAgentErase(g))
}

func newAgentExport(g *globals) *cobra.Command {
	var file string
	cmd := &cobra.Command{Use: "export AGENT --file FILE.zip",
		Short: "write everything that is stored about one agent into a zip of NDJSON files",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return badInputf("--file is missing; name the zip to write")
			}
			return g.withStore(cmd, func(s *session) error {
				rows := 0
				err := reports.ReplaceFile(file, func(w io.Writer) error {
					var err error
					rows, err = exportAgent(cmd.Context(), s.Store, args[0], w)
					return err
				})
				if err != nil {
					return err
				}
				return say(cmd, "%s: %d rows of agent %s", file, rows, args[0])
			})
		}}
	cmd.Flags().StringVar(&file, "file", "", "the zip to write (required)")
	return cmd
}

// errNothingStored says that there is nothing of the agent.
func errNothingStored(agent string) error {
	return badInputf("nothing is stored about agent %q; ids are compared exactly, upper and lower case included", agent)
}

// exportAgent writes a file of rows for each table that has any.
func exportAgent(ctx context.Context, s *chstore.Store, agent string, w io.Writer) (rows int, err error) {
	person, err := s.PersonOf(ctx, agent)
	if err != nil {
		return 0, err
	}
	z := zip.NewWriter(w)
	for _, table := range slices.Sorted(slices.Values(chstore.PersonTables())) {
		var out *bufio.Writer
		err := s.PersonRows(ctx, person, table, func(row string) error {
			if out == nil {
				f, err := z.Create(table + ".ndjson")
				if err != nil {
					return err
				}
				out = bufio.NewWriter(f)
			}
			rows++
			_, err := out.WriteString(row + "\n")
			return err
		})
		if err == nil && out != nil {
			err = out.Flush()
		}
		if err != nil {
			return rows, err
		}
	}
	if rows == 0 {
		return 0, errNothingStored(agent)
	}
	return rows, z.Close()
}

// erasedRow is what an erasure would do, or did, to one table.
type erasedRow struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
}

func newAgentErase(g *globals) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{Use: "erase AGENT", Short: "put a pseudonym in the place of one agent; sums stay as they are",
		Args: cobra.ExactArgs(1),
		Long: "Puts a pseudonym in the place of the agent in every table, blanks names, addresses, notes, reasons\n" +
			"and descriptions, and ends the agent's accounts. Facts, schedules and results stay under the\n" +
			"pseudonym, so that no sum changes. Without --yes it only says what it would do. It cannot be\n" +
			"undone. Take the agent out of rosters and feeds first: what comes in later under the old id is a\n" +
			"new person's. Mails that were sent leave the outbox, mails to the agent are not sent any more;\n" +
			"mails to others that are on their way or in doubt, and files that were made before (workbooks,\n" +
			"reports in folders, mails in people's hands, backups), are not touched. Old pages of the store are\n" +
			"cleared from the disk within some minutes.",
		RunE: g.onStore(func(cmd *cobra.Command, args []string, s *session) error {
			person, err := s.PersonOf(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			rows, err := erasable(cmd.Context(), s.Store, person)
			if err != nil {
				return err
			}
			if !yes {
				fmt.Fprintf(cmd.ErrOrStderr(), "nothing was changed; --yes erases agent %s\n", args[0])
				return printAll(cmd, g, rows)
			}
			pseudonym, err := eraseAgent(cmd.Context(), s.Store, person, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := clearMails(cmd, s); err != nil {
				return fmt.Errorf("the agent is now %s, but mails may still name them: %w", pseudonym, err)
			}
			return say(cmd, "agent is now %s", pseudonym)
		})}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}

// clearMails removes mails that were sent from the outbox, and warns of others that may name the agent.
func clearMails(cmd *cobra.Command, s *session) error {
	p, err := s.mailer(cmd)
	if err != nil {
		return err
	}
	if err := p.Forget(cmd.Context()); err != nil {
		return err
	}
	n, err := p.Waiting(cmd.Context())
	if err == nil && n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(),
			"warning: %d mails to others are on their way or in doubt and may name the agent; `rollcall report daily "+
				"deliveries` lists them\n", n)
	}
	return err
}

// erasable lists the tables that know the person.
func erasable(ctx context.Context, s *chstore.Store, p chstore.Person) ([]erasedRow, error) {
	tables, counts, err := s.PersonCounts(ctx, p)
	if err != nil {
		return nil, err
	}
	if len(tables) == 0 {
		return nil, errNothingStored(p.AgentID)
	}
	rows := make([]erasedRow, len(tables))
	for i := range tables {
		rows[i] = erasedRow{tables[i], counts[i]}
	}
	return rows, nil
}

// eraseTimes is how often an erasure goes through the tables while others write to them.
const eraseTimes = 3

// eraseAgent erases until nothing is left, and writes a journal row, which names the pseudonym only.
func eraseAgent(ctx context.Context, s *chstore.Store, p chstore.Person, progress io.Writer) (string, error) {
	random := make([]byte, 6)
	_, _ = rand.Read(random) // never fails
	pseudonym, err := s.Pseudonym(ctx, p.AgentID, "erased-"+hex.EncodeToString(random))
	if err != nil {
		return "", err
	}
	for range eraseTimes {
		if err := s.ErasePerson(ctx, p, pseudonym,
			func(table string) { fmt.Fprintln(progress, "erased from "+table) }); err != nil {
			return "", fmt.Errorf("%w; the same command goes on where this one stopped", err)
		}
		left, _, err := s.PersonCounts(ctx, p)
		if err != nil {
			return "", err
		}
		if len(left) > 0 {
			continue
		}
		row := schemas.JournalRow{
			ID:         uuid.Must(uuid.NewV7()).String(),
			RecordedAt: app.Now(),
			Actor:      actor(),
			Origin:     "command",
			Kind:       schemas.JournalErasure,
			Detail:     "a person was erased; their rows are under " + pseudonym,
		}
		return pseudonym, errors.Join(s.WriteJournal(ctx, row), s.ErasureEnded(ctx, p.AgentID))
	}
	return "", errors.New("something goes on writing facts of the agent; take them out of the feeds and the roster, " +
		"then run the same command again")
}
