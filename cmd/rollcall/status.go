package main

import (
	"cmp"
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
type statusRow struct {
	AgentID            string                `json:"agent_id"`
	Name               string                `json:"name"`
	Team               *string               `json:"team"`
	Site               *string               `json:"site"`
	TimeZone           *string               `json:"time_zone"`
	Presence           *string               `json:"presence"`
	Status             *string               `json:"status"`
	Secondary          *string               `json:"secondary"`
	Routing            *string               `json:"routing"`
	Since              statusSince           `json:"since"`
	Routable           bool                  `json:"routable"`
	NotRoutableBecause *string               `json:"not_routable_because"`
	Scheduled          *schemas.LiveActivity `json:"scheduled"`
	Next               *schemas.LiveActivity `json:"next"`
	AdherenceState     *string               `json:"adherence_state"`
	AdherenceSince     *string               `json:"adherence_since"`
	Severe             bool                  `json:"severe"`
	Note               *string               `json:"note"`
	AsOf               schemas.Instant       `json:"as_of"`
}

type statusSince struct {
	Presence *string `json:"presence"`
	Status   *string `json:"status"`
	Routing  *string `json:"routing"`
}

func statusRowOf(a *schemas.LiveAgent) statusRow {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return statusRow{
		AgentID:            a.AgentID,
		Name:               a.Name,
		Team:               text(a.Team),
		Site:               text(a.Site),
		TimeZone:           text(a.TimeZone),
		Presence:           text(a.Presence.String()),
		Status:             text(a.Status.String()),
		Secondary:          text(a.Secondary),
		Routing:            text(a.Routing.String()),
		Since:              statusSince{orNull(a.Since.Presence), orNull(a.Since.Status), orNull(a.Since.Routing)},
		Routable:           a.Routable,
		NotRoutableBecause: text(a.NotRoutableBecause),
		Scheduled:          a.Scheduled,
		Next:               a.Next,
		AdherenceState:     text(a.AdherenceState.String()),
		AdherenceSince:     orNull(a.AdherenceSince),
		Severe:             a.Severe,
		Note:               text(a.Note),
		AsOf:               a.AsOf,
	}
}

// statusColumns are what a table of agents shows.
var statusColumns = []string{"agent_id", "name", "team", "presence", "status", "secondary", "routing", "routable",
	"adherence_state", "note"}

// statusFilter are the flags that choose agents, as the query of /agents has them.
type statusFilter struct{ team, site, presence, status, adherence []string }

func (f *statusFilter) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.team, "team", nil, "only these teams")
	cmd.Flags().StringSliceVar(&f.site, "site", nil, "only these sites")
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.find(g); err != nil {
				return err
			}
			var answer struct{ Items []schemas.LiveAgent }
			if err := d.call(cmd.Context(), "GET", "/api/v1/agents"+f.query(), nil, &answer); err != nil {
				return err
			}
			rows := make([]statusRow, len(answer.Items))
			for i := range answer.Items {
				rows[i] = statusRowOf(&answer.Items[i])
			}
			return printAll(cmd, g, rows, statusColumns...)
		}}
	f.flags(cmd)
	return cmd
}

func newStatusShow(g *globals, d *remote) *cobra.Command {
	return &cobra.Command{Use: "show AGENT", Short: "show one agent", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.find(g); err != nil {
				return err
			}
			var row schemas.LiveAgent
			if err := d.call(cmd.Context(), "GET", "/api/v1/agents/"+url.PathEscape(args[0]), nil, &row); err != nil {
				return err
			}
			return g.printAgent(cmd, &row)
		}}
}

// printAgent prints one agent: in a table a line for each field that is known.
func (g *globals) printAgent(cmd *cobra.Command, a *schemas.LiveAgent) error {
	row := statusRowOf(a)
	if g.output != "table" {
		return printAll(cmd, g, []statusRow{row})
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
	cells["presence"] = withSince(cells["presence"], row.Since.Presence)
	cells["status"] = withSince(cells["status"], row.Since.Status)
	cells["routing"] = withSince(cells["routing"], row.Since.Routing)
	cells["adherence_state"] = withSince(cells["adherence_state"], row.AdherenceSince)
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

func withSince(value string, since *string) string {
	if value == "" || since == nil {
		return value
	}
	return value + " since " + *since
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
