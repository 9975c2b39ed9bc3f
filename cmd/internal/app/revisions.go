package app

import (
	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/ingest/imports"
	"rollcall/schemas/chstore"
)

// NewRevisions makes the desk at which schedules are previewed, applied, compared and taken back. It has a judge of its own,
// so that a preview does not wait for the batch at work.
func NewRevisions(c config.Config, s *chstore.Store) (*imports.Desk, error) {
	bc := batch.DefaultConfig()
	bc.SettleMS = c.Settle.Milliseconds()
	bc.ChunkAgents = 125 // a preview judges some hundred agents at a time, on all workers
	var err error
	if bc.Zone, err = zone(c); err != nil {
		return nil, err
	}
	judge, err := batch.New(bc, s)
	if err != nil {
		return nil, err
	}
	return imports.NewDesk(imports.Deps{Store: s, Judge: judge, Clock: Clock}), nil
}
