package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/schemas"
)

func newStatus(g *globals) *cobra.Command {
	d := &remote{}
	cmd := groupOf("status", "agents' presence and status now, through a running daemon",
		newStatusList(g, d), newStatusShow(g, d), newStatusSet(g, d), newStatusWatch(g, d))
	d.flags(cmd)
	return cmd
}

// statusRow is a live state as it is printed: every field, null for what is not known or not to be seen.
type statusRow struct{ *schemas.LiveAgent }

// MarshalJSON writes the fields in the order in which they are printed.
func (r statusRow) MarshalJSON() ([]byte, error) {
	since, err := withNulls(r.Since, "presence", "status", "routing")
	if err != nil {
		return nil, err
	}
	return withNulls(struct {
		*schemas.LiveAgent
		Since json.RawMessage `json:"since"`
	}{r.LiveAgent, since}, "agent_id", "name", "team", "site", "time_zone", "presence", "status", "secondary", "routing",
		"since", "routable", "not_routable_because", "scheduled", "next", "adherence_state", "adherence_since", "severe",
		"note", "as_of")
}

// withNulls writes the named fields of a value's JSON in this order, null for one that is missing or an empty text.
func withNulls(v any, names ...string) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var known map[string]json.RawMessage
	if err := json.Unmarshal(text, &known); err != nil {
		return nil, err
	}
	out := []byte("{")
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		value := known[name]
		if value == nil || string(value) == `""` {
			value = json.RawMessage("null")
		}
		out = fmt.Appendf(out, "%q:%s", name, value)
	}
	return append(out, '}'), nil
}

// statusColumns are what a table of agents shows.
var statusColumns = []string{"agent_id", "name", "team", "presence", "status", "secondary", "routing", "routable",
	"adherence_state", "note"}

// statusFilter are the flags that choose agents, as the query of /agents has them.
type statusFilter struct{ team, site, presence, status, adherence []string }

func (f *statusFilter) flags(cmd *cobra.Command) {
	partFlags(cmd, nil, &f.team, &f.site)
	cmd.Flags().StringSliceVar(&f.presence, "presence", nil, "only agents of these presences")
	cmd.Flags().StringSliceVar(&f.status, "status", nil, "only agents of these statuses")
	cmd.Flags().StringSliceVar(&f.adherence, "adherence-state", nil, "only agents of these adherence states")
}

func (f *statusFilter) query() string {
	q := url.Values{"team": f.team, "site": f.site, "presence": f.presence, "status": f.status,
		"adherence_state": f.adherence}.Encode()
	if q == "" {
		return ""
	}
	return "?" + q
}

func newStatusList(g *globals, d *remote) *cobra.Command {
	var f statusFilter
	cmd := &cobra.Command{Use: "list", Short: "list agents with what they are doing now", Args: cobra.NoArgs,
		RunE: d.onDaemon(g, func(cmd *cobra.Command, _ []string) error {
			var answer struct{ Items []schemas.LiveAgent }
			if err := d.call(cmd.Context(), "GET", "/api/v1/agents"+f.query(), nil, &answer); err != nil {
				return err
			}
			rows := make([]statusRow, len(answer.Items))
			for i := range answer.Items {
				rows[i] = statusRow{&answer.Items[i]}
			}
			return printAll(cmd, g, rows, statusColumns...)
		})}
	f.flags(cmd)
	return cmd
}

func newStatusShow(g *globals, d *remote) *cobra.Command {
	return &cobra.Command{Use: "show AGENT", Short: "show one agent", Args: cobra.ExactArgs(1),
		RunE: d.onDaemon(g, func(cmd *cobra.Command, args []string) error {
			var row schemas.LiveAgent
			if err := d.call(cmd.Context(), "GET", "/api/v1/agents/"+url.PathEscape(args[0]), nil, &row); err != nil {
				return err
			}
			return g.printAgent(cmd, &row)
		})}
}

// printAgent prints one agent: in a table a line for each field that is known.
func (g *globals) printAgent(cmd *cobra.Command, a *schemas.LiveAgent) error {
	row := statusRow{a}
	if g.output != "table" {
		return printRows(cmd.OutOrStdout(), g.output, one(row))
	}
	type line struct {
		Field string `json:"field"`
		Value string `json:"value"`
	}
	names, cells, err := fields(row)
	if err != nil {
		return err
	}
	cells["since"] = ""
	for name, since := range map[string]schemas.Instant{"presence": a.Since.Presence, "status": a.Since.Status,
		"routing": a.Since.Routing, "adherence_state": a.AdherenceSince} {
		if cells[name] != "" && since != 0 {
			cells[name] += " since " + since.String()
		}
	}
	cells["adherence_since"] = ""
	cells["scheduled"], cells["next"] = activityText(a.Scheduled), activityText(a.Next)
	var lines []line
	for _, n := range names {
		if cells[n] != "" {
			lines = append(lines, line{n, oneLine(cells[n])})
		}
	}
	return printAll(cmd, g, lines)
}

func activityText(a *schemas.LiveActivity) string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("%s from %s to %s", cmp.Or(a.Code, a.Category.String()), a.Start, a.End)
}

// oneLine makes a text that others wrote safe to print in a line: control characters of a terminal are taken out.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) && r != ' ' {
			return '\uFFFD'
		}
		return r
	}, s)
}

func newStatusSet(g *globals, d *remote) *cobra.Command {
	want := map[string]*string{}
	cmd := &cobra.Command{
		Use:   "set AGENT [--presence P] [--status S]",
		Short: "set presence and status of an agent",
		Args:  cobra.ExactArgs(1),
		Long: "Sets the presence, the status or both; what is not named stays as it is. A note is shown to\n" +
			"colleagues; a change without one clears it. The agent's new state is printed.",
		Example: "  rollcall status set ana --presence away --status break --note \"back at 11\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]string{}
			for name, value := range want {
				if cmd.Flags().Changed(name) {
					body[name] = *value
				}
			}
			if len(body) == 0 {
				return badInputf("nothing to set; name at least one of --presence, --status, --secondary and --note")
			}
			if err := d.find(g); err != nil {
				return err
			}
			var row schemas.LiveAgent
			if err := d.call(cmd.Context(), "PUT", "/api/v1/agents/"+url.PathEscape(args[0])+"/status", body, &row); err != nil {
				return err
			}
			return g.printAgent(cmd, &row)
		},
	}
	for name, text := range map[string]string{"presence": "available, busy, away or offline",
		"status":    "available, break, meal, meeting, training or off_queue",
		"secondary": "a label of the organisation under the status", "note": "one line to colleagues"} {
		want[name] = cmd.Flags().String(name, "", text)
	}
	return cmd
}
