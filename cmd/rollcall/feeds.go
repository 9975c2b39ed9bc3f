package main

import (
	"slices"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// feedRow is what feeds list shows.
type feedRow struct {
	Source       string           `json:"source"`
	LastSeen     *schemas.Instant `json:"last_seen"`
	CompleteUpTo *schemas.Instant `json:"complete_up_to"`
	Fields       []string         `json:"fields"`
	// OverruledChanges are those of the last schemas.OverruledDays that did not count because another source is preferred.
	OverruledChanges uint64 `json:"overruled_changes"`
	OverruledAgents  uint64 `json:"overruled_agents"`
}

func newFeeds(g *globals) *cobra.Command {
	list := &cobra.Command{Use: "list", Args: cobra.NoArgs,
		Short: "list the feeds: when they were last seen, how far they are complete, what of them did not count",
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			feeds, err := s.Feeds(cmd.Context(), 0)
			if err != nil {
				return err
			}
			overruled, err := s.Overruled(cmd.Context(), schemas.UTC.Date(app.Now())-schemas.OverruledDays)
			if err != nil {
				return err
			}
			rows := make([]feedRow, len(feeds))
			for i, f := range feeds {
				rows[i] = feedRow{Source: f.Source, LastSeen: web.OrNil(f.LastSeen), CompleteUpTo: web.OrNil(f.CompleteUpTo),
					Fields: f.Fields.Names()}
			}
			for _, o := range overruled {
				i := slices.IndexFunc(rows, func(r feedRow) bool { return r.Source == o.Source })
				if i < 0 { // what people set in Rollcall is no feed
					i, rows = len(rows), append(rows, feedRow{Source: o.Source, Fields: []string{}})
				}
				rows[i].OverruledChanges, rows[i].OverruledAgents = o.Changes, o.Agents
			}
			return printAll(cmd, g, rows)
		})}
	return groupOf("feeds", "where status changes come from", list)
}
