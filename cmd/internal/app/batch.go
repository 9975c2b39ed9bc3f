package app

import (
	"context"
	"fmt"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// zone returns the configured zone of agents without one; UTC where none is configured.
func zone(c config.Config) (schemas.Zone, error) {
	if c.TimeZone == "" {
		return schemas.UTC, nil
	}
	return schemas.LoadZone(c.TimeZone)
}

// NewBatch makes the batch judge over the store.
func NewBatch(c config.Config, s *chstore.Store) (*batch.Batch, error) {
	bc, err := batchConfig(c)
	if err != nil {
		return nil, err
	}
	bc.KeepDays = c.Retention.Adherence
	return batch.New(bc, s)
}

func batchConfig(c config.Config) (bc batch.Config, err error) {
	bc = batch.DefaultConfig()
	bc.SettleMS = c.Settle.Milliseconds()
	bc.Zone, err = zone(c)
	return bc, err
}

// Results returns what opens a writer of judged days for each worker of a batch.
func Results(ctx context.Context, s *chstore.Store) func() batch.Sink {
	return func() batch.Sink { return s.NewDayWriter(ctx, batch.Against) }
}

// know reads what is known besides facts and schedules: roster, policies and the like.
func know(ctx context.Context, s *chstore.Store) (*adherence.Known, error) {
	c, err := s.Circumstances(ctx, schemas.Interval{}, 0)
	if err != nil {
		return nil, err
	}
	return adherence.Know(c, schemas.UTC)
}

// AgentsOf returns the ids of the agents named, or of those who belong to one of the teams and sites on any of the
// dates; nil, which means everybody, when nothing restricts.
func AgentsOf(ctx context.Context, s *chstore.Store, agents, teams, sites []string, from, to schemas.Date) ([]string,
	error) {
	if len(teams) == 0 && len(sites) == 0 {
		return agents, nil
	}
	known, err := know(ctx, s)
	if err != nil {
		return nil, err
	}
	found := known.Within(agents, teams, sites, from, to)
	if len(found) == 0 {
		return nil, fmt.Errorf("nobody belongs to teams %v and sites %v between %s and %s", teams, sites, from, to)
	}
	return found, nil
}
