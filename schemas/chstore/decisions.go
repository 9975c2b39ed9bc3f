package chstore

import (
	"context"
	"errors"

	"rollcall/schemas"
)

// within binds {start:Int64} and {end:Int64}; an empty interval stands for all time.
func within(p params, v schemas.Interval) params {
	if v.Empty() {
		v = schemas.Interval{Start: -1 << 62, End: 1 << 62}
	}
	return p.number("start", int64(v.Start)).number("end", int64(v.End))
}

func gapColumns() []column[schemas.Gap] {
	type row = schemas.Gap
	return []column[row]{
		text("id", func(g *row) *string { return &g.ID }),
		instant("recorded_at", func(g *row) *schemas.Instant { return &g.RecordedAt }),
		text("source", func(g *row) *string { return &g.Source }),
		text("agent_id", func(g *row) *string { return &g.AgentID }),
		instant("start_at", func(g *row) *schemas.Instant { return &g.Start }),
		instant("end_at", func(g *row) *schemas.Instant { return &g.End }),
		enum("fields", "UInt8", func(g *row) *schemas.Fields { return &g.Fields }),
		flag("retracted", func(g *row) *bool { return &g.Retracted }),
	}
}

var errNoID = errors.New("a row has no id; its id tells which row a later one replaces")

// WriteGaps adds gaps, or newer versions of gaps. Each needs its ID.
func (s *Store) WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error {
	for i := range gaps {
		if gaps[i].ID == "" {
			return wrap("write feed gaps", errNoID)
		}
	}
	return announced(ctx, s, row, schemas.JournalGaps, "feed_gaps_store", gapColumns(), gaps)
}

// Gaps gives the gaps that overlap the interval (all when it is empty) as known at an instant, without those that were taken
// back, by start and id.
func (s *Store) Gaps(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Gap, error) {
	rows, err := all(ctx, s, query("feed_gaps"), within(knownAt(known), in), gapColumns())
	return rows, wrap("read feed gaps", err)
}

func correctionColumns() []column[schemas.Correction] {
	type row = schemas.Correction
	return []column[row]{
		text("id", func(c *row) *string { return &c.ID }),
		instant("recorded_at", func(c *row) *schemas.Instant { return &c.RecordedAt }),
		text("agent_id", func(c *row) *string { return &c.AgentID }),
		instant("start_at", func(c *row) *schemas.Instant { return &c.Start }),
		instant("end_at", func(c *row) *schemas.Instant { return &c.End }),
		enum("effect", typeEffect, func(c *row) *schemas.Effect { return &c.Effect }),
		text("reason", func(c *row) *string { return &c.Reason }),
		text("recorded_by", func(c *row) *string { return &c.RecordedBy }),
		text("group_id", func(c *row) *string { return &c.Group }),
		enum("status", typeCorrectionStatus, func(c *row) *schemas.CorrectionStatus { return &c.Status }),
		text("requested_by", func(c *row) *string { return &c.RequestedBy }),
		instant("requested_at", func(c *row) *schemas.Instant { return &c.RequestedAt }),
		text("note", func(c *row) *string { return &c.Note }),
	}
}

// WriteCorrections adds corrections, or newer versions of corrections: one without an effect takes the correction back. Each
// needs its ID.
func (s *Store) WriteCorrections(ctx context.Context, row schemas.JournalRow, corrections []schemas.Correction) error {
	for i := range corrections {
		if corrections[i].ID == "" {
			return wrap("write corrections", errNoID)
		}
	}
	return announced(ctx, s, row, schemas.JournalCorrection, "corrections_store", correctionColumns(), corrections)
}

// Corrections gives the granted corrections that overlap the interval (all when it is empty) as known at an instant, without
// those that were taken back, in the order in which they were recorded: where they overlap, the later decides.
func (s *Store) Corrections(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Correction, error) {
	rows, err := all(ctx, s, query("corrections"), within(knownAt(known), in), correctionColumns())
	return rows, wrap("read corrections", err)
}

// CorrectionUnits gives the newest version of every correction, whatever its status, that overlaps the interval (all when it
// is empty), by start and agent; only those of one unit when it is named.
func (s *Store) CorrectionUnits(ctx context.Context, unit string, in schemas.Interval) ([]schemas.Correction, error) {
	rows, err := all(ctx, s, query("correction_units"), within(params{}.text("unit", unit), in), correctionColumns())
	return rows, wrap("read corrections", err)
}

func policyColumns() []column[schemas.PolicyVersion] {
	type row = schemas.PolicyVersion
	return []column[row]{
		text("id", func(p *row) *string { return &p.ID }),
		instant("recorded_at", func(p *row) *schemas.Instant { return &p.RecordedAt }),
		text("team", func(p *row) *string { return &p.Team }),
		text("site", func(p *row) *string { return &p.Site }),
		date("from_day", func(p *row) *schemas.Date { return &p.From }),
		text("rules", func(p *row) *string { return &p.Rules }),
		text("actor", func(p *row) *string { return &p.Actor }),
	}
}

// WritePolicies adds versions of policies.
func (s *Store) WritePolicies(ctx context.Context, row schemas.JournalRow, policies []schemas.PolicyVersion) error {
	return announced(ctx, s, row, schemas.JournalPolicy, "policies_store", policyColumns(), policies)
}

// Policies gives every version of every policy as known at an instant, in the order in which they were recorded.
func (s *Store) Policies(ctx context.Context, known schemas.Instant) ([]schemas.PolicyVersion, error) {
	rows, err := all(ctx, s, query("policies"), knownAt(known), policyColumns())
	return rows, wrap("read policies", err)
}

func feedColumns() []column[schemas.Feed] {
	type row = schemas.Feed
	return []column[row]{
		text("source", func(f *row) *string { return &f.Source }),
		instant("recorded_at", func(f *row) *schemas.Instant { return &f.RecordedAt }),
		instant("complete_up_to", func(f *row) *schemas.Instant { return &f.CompleteUpTo }),
		instant("last_seen", func(f *row) *schemas.Instant { return &f.LastSeen }),
		enum("fields", "UInt8", func(f *row) *schemas.Fields { return &f.Fields }),
	}
}

// WriteFeeds adds what feeds say of themselves. A row without CompleteUpTo or Fields leaves what an earlier one said.
func (s *Store) WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error {
	return s.journalled(ctx, row, schemas.JournalComplete, func() error { return s.WriteHeartbeats(ctx, feeds) })
}

// WriteHeartbeats is WriteFeeds without a journal row, for what changes no judged day.
func (s *Store) WriteHeartbeats(ctx context.Context, feeds []schemas.Feed) error {
	return insert(ctx, s, "feeds_store", feedColumns(), feeds)
}

// Feeds gives each feed as known at an instant, by source: the last completion and the last declaration that it made, and
// when it was last seen.
func (s *Store) Feeds(ctx context.Context, known schemas.Instant) ([]schemas.Feed, error) {
	rows, err := all(ctx, s, query("feeds"), knownAt(known), feedColumns())
	return rows, wrap("read feeds", err)
}
