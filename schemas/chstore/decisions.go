package chstore

import (
	"context"
	"errors"
	"slices"

	"rollcall/schemas"
)

func gapFields(g *schemas.Gap) []field {
	return []field{
		{"id", &g.ID},
		{"recorded_at", &g.RecordedAt},
		{"source", &g.Source},
		{"agent_id", &g.AgentID},
		{"start_at", &g.Start},
		{"end_at", &g.End},
		{"fields", &g.Fields},
		{"retracted", &g.Retracted},
	}
}

var errNoID = errors.New("a row has no id; its id says which row a later one replaces")

// WriteGaps adds gaps, or newer versions of gaps. Each needs its ID.
func (s *Store) WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error {
	if slices.ContainsFunc(gaps, func(r schemas.Gap) bool { return r.ID == "" }) {
		return wrap("write feed gaps", errNoID)
	}
	return announced(ctx, s, row, schemas.JournalGaps, "feed_gaps_store", gapFields, gaps)
}

// Gaps returns the gaps that overlap the interval (all when it is empty) as known at an instant, without those that
// were taken back, by start and id.
func (s *Store) Gaps(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Gap, error) {
	rows, err := all(ctx, s, query("feed_gaps").knownAt(known).within(in), gapFields)
	return rows, wrap("read feed gaps", err)
}

func correctionFields(c *schemas.Correction) []field {
	return []field{
		{"id", &c.ID},
		{"recorded_at", &c.RecordedAt},
		{"agent_id", &c.AgentID},
		{"start_at", &c.Start},
		{"end_at", &c.End},
		{"effect", &c.Effect},
		{"reason", &c.Reason},
		{"recorded_by", &c.RecordedBy},
		{"group_id", &c.Group},
		{"status", &c.Status},
		{"requested_by", &c.RequestedBy},
		{"requested_at", &c.RequestedAt},
		{"note", &c.Note},
	}
}

// WriteCorrections adds corrections, or newer versions of corrections: one without an effect takes the correction back.
// Each needs its ID.
func (s *Store) WriteCorrections(ctx context.Context, row schemas.JournalRow, corrections []schemas.Correction) error {
	if slices.ContainsFunc(corrections, func(r schemas.Correction) bool { return r.ID == "" }) {
		return wrap("write corrections", errNoID)
	}
	return announced(ctx, s, row, schemas.JournalCorrection, "corrections_store", correctionFields, corrections)
}

// Corrections returns the granted corrections that overlap the interval (all when it is empty) as known at an instant,
// without those that were taken back, in the order in which they were recorded: where they overlap, the later decides.
func (s *Store) Corrections(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Correction,
	error) {
	rows, err := all(ctx, s, query("corrections").knownAt(known).within(in), correctionFields)
	return rows, wrap("read corrections", err)
}

// CorrectionUnits returns the newest version of every correction, whatever its status, that overlaps the interval (all
// when it is empty), by start and agent; only those of one unit when it is named.
func (s *Store) CorrectionUnits(ctx context.Context, unit string, in schemas.Interval) ([]schemas.Correction, error) {
	rows, err := all(ctx, s, query("correction_units").text("unit", unit).within(in), correctionFields)
	return rows, wrap("read corrections", err)
}

func policyFields(p *schemas.PolicyVersion) []field {
	return []field{
		{"id", &p.ID},
		{"recorded_at", &p.RecordedAt},
		{"team", &p.Team},
		{"site", &p.Site},
		{"from_day", &p.From},
		{"rules", &p.Rules},
		{"actor", &p.Actor},
	}
}

// WritePolicies adds versions of policies.
func (s *Store) WritePolicies(ctx context.Context, row schemas.JournalRow, policies []schemas.PolicyVersion) error {
	return announced(ctx, s, row, schemas.JournalPolicy, "policies_store", policyFields, policies)
}

// Policies returns every version of every policy as known at an instant, in the order in which they were recorded.
func (s *Store) Policies(ctx context.Context, known schemas.Instant) ([]schemas.PolicyVersion, error) {
	rows, err := all(ctx, s, query("policies").knownAt(known), policyFields)
	return rows, wrap("read policies", err)
}

func feedFields(f *schemas.Feed) []field {
	return []field{
		{"source", &f.Source},
		{"recorded_at", &f.RecordedAt},
		{"complete_up_to", &f.CompleteUpTo},
		{"last_seen", &f.LastSeen},
		{"fields", &f.Fields},
	}
}

// WriteFeeds adds what feeds say of themselves. A row without CompleteUpTo or Fields leaves what an earlier one said.
func (s *Store) WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error {
	return s.journalled(ctx, row, schemas.JournalComplete, func() error { return s.writeHeartbeats(ctx, feeds) })
}

// writeHeartbeats is WriteFeeds without a journal row, for what changes no judged day.
func (s *Store) writeHeartbeats(ctx context.Context, feeds []schemas.Feed) error {
	return insert(ctx, s, "feeds_store", feedFields, feeds)
}

// Feeds returns each feed as known at an instant, by source: the last completion and the last declaration that it made,
// and when it was last seen.
func (s *Store) Feeds(ctx context.Context, known schemas.Instant) ([]schemas.Feed, error) {
	rows, err := all(ctx, s, query("feeds").knownAt(known), feedFields)
	return rows, wrap("read feeds", err)
}
