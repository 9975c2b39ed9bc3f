package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
)

func newCorrect(g *globals) *cobra.Command {
	return groupOf("correct", "take time out of the sums, or count it as adhering, with a reason",
		newCorrectAdd(g), newCorrectList(g),
		newCorrectDecide(g, "grant", "grant a request: it counts from now on", schemas.CorrectionGranted),
		newCorrectDecide(g, "refuse", "refuse a request", schemas.CorrectionRefused),
		newCorrectDecide(g, "revert", "take a granted correction back, for all its agents", schemas.CorrectionReverted))
}

// correctFlags are the flags of correct add.
type correctFlags struct {
	order           decisions.CorrectionDraft
	list            string
	dryRun, request bool
}

func newCorrectAdd(g *globals) *cobra.Command {
	var f correctFlags
	cmd := &cobra.Command{Use: "add --from T --to T --effect neutral|in --reason TEXT",
		Short: "correct a stretch of time of agents or teams", Args: cobra.NoArgs,
		Long: "Times are instants (2026-03-02T09:00:00Z) or local times (2026-03-02T09:00) of --time-zone, or of\n" +
			"each agent's own zone. --list reads agents from a CSV file: agent_id, and from and to where an\n" +
			"agent has times of its own.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list != "" {
				var err error
				if f.order.Items, err = readCorrectionList(f.list, cmd.InOrStdin()); err != nil {
					return badInput(err)
				}
			}
			return g.onDecisions(func(cmd *cobra.Command, _ []string, d *app.Decisions) error {
				plan, err := d.PlanCorrections(cmd.Context(), f.order)
				if err != nil {
					return err
				}
				warn(cmd, plan.Warnings)
				if f.dryRun {
					return g.previewCorrections(cmd, d, plan)
				}
				return g.writeCorrections(cmd, d, plan, f.request)
			})(cmd, nil)
		}}
	cmd.Flags().StringSliceVar(&f.order.Agents, "agent", nil, "these agents, by id")
	cmd.Flags().StringSliceVar(&f.order.Teams, "team", nil, "everybody who belongs to these teams at that time")
	cmd.Flags().StringVar(&f.list, "list", "", "a CSV file of agents; - reads standard input")
	cmd.Flags().StringVar(&f.order.From, "from", "", "the first instant, or local time")
	cmd.Flags().StringVar(&f.order.To, "to", "", "the end, no longer part of it")
	cmd.Flags().StringVar(&f.order.TimeZone, "time-zone", "", "the zone of local times (default each agent's own)")
	cmd.Flags().StringVar(&f.order.Effect, "effect", "", "neutral: leaves the sums; in: counts as adhering")
	cmd.Flags().StringVar(&f.order.Reason, "reason", "", "why")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show whose percentage would change and how, and write nothing")
	cmd.Flags().BoolVar(&f.request, "request", false, "only ask for it: it counts once it is granted")
	return cmd
}

// readCorrectionList reads agent_id[,from,to] rows; a header line is optional where there is only one column.
func readCorrectionList(name string, stdin io.Reader) ([]decisions.CorrectionItem, error) {
	data, err := readInput(name, stdin)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	columns := []string{"agent_id", "from", "to"}
	var items []decisions.CorrectionItem
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		item := decisions.CorrectionItem{Place: fmt.Sprintf("%s:%d", name, line)}
		into := map[string]*string{"agent_id": &item.AgentID, "from": &item.From, "to": &item.To}
		if first && columnName(cells[0]) == "agent_id" {
			columns = nil
			for _, c := range cells {
				if into[columnName(c)] == nil {
					return nil, fmt.Errorf("%s:1: column %q is none of agent_id, from, to", name, columnName(c))
				}
				columns = append(columns, columnName(c))
			}
			continue
		}
		if len(cells) > len(columns) {
			return nil, fmt.Errorf("%s: has %d columns; agent_id, from and to are allowed", item.Place, len(cells))
		}
		for i, c := range cells {
			*into[columns[i]] = strings.TrimSpace(c)
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%s: names no agent", name)
	}
	return items, nil
}

// columnName is how a header's cell is compared.
func columnName(cell string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(cell), " ", "_"))
}

// previewCorrections prints each agent's percentage before and after, over the days that would change.
func (g *globals) previewCorrections(cmd *cobra.Command, d *app.Decisions, plan *decisions.CorrectionPlan) error {
	d.Done = progress(cmd.ErrOrStderr(), "agents judged")
	rows, err := d.CorrectionWhatIf(cmd.Context(), plan)
	if err != nil {
		return err
	}
	return printAll(cmd, g, rows, "agent_id", "agent_name", "team", "changed_days", "adherence_before", "adherence_after",
		"exceptions_before", "exceptions_after")
}

func (g *globals) writeCorrections(cmd *cobra.Command, d *app.Decisions, plan *decisions.CorrectionPlan,
	request bool) error {
	status := schemas.CorrectionGranted
	if request {
		status = schemas.CorrectionRequested
	}
	if err := d.WriteCorrections(cmd.Context(), plan, decisions.By{Actor: actor(), Origin: "correct add"},
		status); err != nil {
		return err
	}
	units, err := d.Corrections(cmd.Context(), decisions.CorrectionFilter{Unit: plan.Unit})
	if err != nil {
		return err
	}
	return g.printUnits(cmd, units, fmt.Sprintf("correction %s %s for %d agents", plan.Unit, status, len(plan.Agents())))
}

// printUnits prints a sentence for people and rows for programs.
func (g *globals) printUnits(cmd *cobra.Command, units []*decisions.CorrectionUnit, sentence string) error {
	if g.output == "table" {
		return say(cmd, "%s", sentence)
	}
	return printAll(cmd, g, units)
}

func newCorrectList(g *globals) *cobra.Command {
	var f decisions.CorrectionFilter
	var status schemas.CorrectionStatus
	var dates dateFlags
	cmd := &cobra.Command{Use: "list", Short: "list corrections, the newest decision first", Args: cobra.NoArgs,
		RunE: g.onDecisions(func(cmd *cobra.Command, _ []string, d *app.Decisions) error {
			if cmd.Flags().Lookup("status").Value.String() != "" {
				f.Status = &status
			}
			if dates != (dateFlags{}) {
				first, last, err := dates.whole()
				if err != nil {
					return err
				}
				f.Between = schemas.Interval{Start: schemas.UTC.DayStart(first), End: schemas.UTC.DayStart(last + 1)}
			}
			units, err := d.Corrections(cmd.Context(), f)
			if err != nil {
				return err
			}
			return printAll(cmd, g, units, "id", "status", "effect", "from", "to", "agents", "reason", "requested_by",
				"decided_by", "note")
		})}
	parsed(cmd, &status, "status", schemas.ParseCorrectionStatus, "only requested, granted, refused or reverted ones")
	cmd.Flags().StringSliceVar(&f.Agents, "agent", nil, "only those of these agents")
	cmd.Flags().StringSliceVar(&f.Teams, "team", nil, "only those of agents who belong to these teams now")
	dates.declare(cmd, "only those that reach into this date (UTC) or a later one",
		"only those that begin by this date (UTC)")
	return cmd
}

func newCorrectDecide(g *globals, verb, short string, to schemas.CorrectionStatus) *cobra.Command {
	var note string
	cmd := &cobra.Command{Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1),
		RunE: g.onDecisions(func(cmd *cobra.Command, args []string, d *app.Decisions) error {
			unit, err := d.Decide(cmd.Context(), args[0], to, decisions.By{Actor: actor(), Origin: "correct " + verb}, note)
			if err != nil {
				return err
			}
			return g.printUnits(cmd, []*decisions.CorrectionUnit{unit},
				fmt.Sprintf("correction %s %s for %d agents", unit.ID, to, len(unit.Agents)))
		})}
	cmd.Flags().StringVar(&note, "note", "", "why, for who asked")
	return cmd
}
