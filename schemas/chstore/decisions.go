package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteGaps adds gaps, or newer versions of gaps. Each needs its ID.
func (s *Store) WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error {
	return announced(ctx, s, row, schemas.JournalGaps, "feed_gaps_store", fieldsOf, gaps)
}

// Gaps returns the gaps that overlap the interval (all when it is empty) as known at an instant, without those that
// were taken back, by start and id.
func (s *Store) Gaps(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Gap, error) {
	return all(ctx, s, "read feed gaps", query("feed_gaps").knownAt(known).within(in), fieldsOf[schemas.Gap])
}

// WriteCorrections adds corrections, or newer versions of corrections: one without an effect takes the correction back.
// Each needs its ID.
func (s *Store) WriteCorrections(ctx context.Context, row schemas.JournalRow, corrections []schemas.Correction) error {
	return announced(ctx, s, row, schemas.JournalCorrection, "corrections_store", fieldsOf, corrections)
}

// Corrections returns the granted corrections that overlap the interval (all when it is empty) as known at an instant,
// without those that were taken back, in the order in which they were recorded: where they overlap, the later decides.
func (s *Store) Corrections(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Correction,
	error) {
	return all(ctx, s, "read corrections", query("corrections").knownAt(known).within(in), fieldsOf[schemas.Correction])
}

// CorrectionUnits returns the newest version of every correction, whatever its status, that overlaps the interval (all
// when it is empty), by start and agent; only those of one unit when it is named.
func (s *Store) CorrectionUnits(ctx context.Context, unit string, in schemas.Interval) ([]schemas.Correction, error) {
	return all(ctx, s, "read corrections", query("correction_units").text("unit", unit).within(in),
		fieldsOf[schemas.Correction])
}

// WritePolicies adds versions of policies.
func (s *Store) WritePolicies(ctx context.Context, row schemas.JournalRow, policies []schemas.PolicyVersion) error {
	return announced(ctx, s, row, schemas.JournalPolicy, "policies_store", fieldsOf, policies)
}

// Policies returns every version of every policy as known at an instant, in the order in which they were recorded.
func (s *Store) Policies(ctx context.Context, known schemas.Instant) ([]schemas.PolicyVersion, error) {
	return all(ctx, s, "read policies", query("policies").knownAt(known), fieldsOf[schemas.PolicyVersion])
}

// WriteFeeds adds what feeds say of themselves. A row without CompleteUpTo or Fields leaves what an earlier one said.
func (s *Store) WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error {
	return s.journalled(ctx, row, schemas.JournalComplete, func() error { return s.writeHeartbeats(ctx, feeds) })
}

// writeHeartbeats is WriteFeeds without a journal row, for what changes no judged day.
func (s *Store) writeHeartbeats(ctx context.Context, feeds []schemas.Feed) error {
	return insert(ctx, s, "feeds_store", fieldsOf, feeds)
}

// Feeds returns each feed as known at an instant, by source: the last completion and the last declaration that it made,
// and when it was last seen.
func (s *Store) Feeds(ctx context.Context, known schemas.Instant) ([]schemas.Feed, error) {
	return all(ctx, s, "read feeds", query("feeds").knownAt(known), fieldsOf[schemas.Feed])
}
