package main

import (
	"github.com/spf13/cobra"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// feedRow is what feeds list shows.
type feedRow struct {
	Source       string           `json:"source"`
	LastSeen     *schemas.Instant `json:"last_seen"`
	CompleteUpTo *schemas.Instant `json:"complete_up_to"`
	Fields       []string         `json:"fields"`
}

func newFeeds(g *globals) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "list the feeds, when they were last seen and how far they are complete",
		Args: cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			feeds, err := s.Feeds(cmd.Context(), 0)
			if err != nil {
				return err
			}
			rows := make([]feedRow, len(feeds))
			for i, f := range feeds {
				rows[i] = feedRow{f.Source, web.OrNil(f.LastSeen), web.OrNil(f.CompleteUpTo), f.Fields.Names()}
			}
			return printAll(cmd, g, rows)
		})}
	return groupOf("feeds", "where status changes come from", list)
}
