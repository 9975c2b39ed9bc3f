package chstore

import (
	"context"

	"rollcall/schemas"
)

// UnmappedState is what facts keep of state texts that meant nothing when they came in (schemas.Change, Raw): how many facts
// have it, the last of them, and up to five of their sources.
type UnmappedState struct {
	Raw, Sources string
	Times        int
	Last         schemas.Instant
}

// UnmappedStates gives the state texts that meant nothing in facts since the instant, the most frequent first, at most
// limit. Facts that were received twice are counted twice.
func (s *Store) UnmappedStates(ctx context.Context, since schemas.Instant, limit int) ([]UnmappedState, error) {
	type row = UnmappedState
	rows, err := all(ctx, s, query("unmapped_states"), params{}.number("since", int64(since)).number("limit", int64(limit)), []column[row]{
		text("raw", func(r *row) *string { return &r.Raw }),
		count("times", func(r *row) *int { return &r.Times }),
		instant("last", func(r *row) *schemas.Instant { return &r.Last }),
		text("sources", func(r *row) *string { return &r.Sources }),
	})
	return rows, wrap("read unmapped states", err)
}

// UnmappedActivity is a code of scheduled activities that the table of activity codes does not hold: the category that its
// schedule gave it, how many activities have it, and when the last of them starts.
type UnmappedActivity struct {
	Code, Category string
	Times          int
	Last           schemas.Instant
}

// UnmappedActivities gives such codes of the schedule in force from a date on, the most frequent first, at most limit.
func (s *Store) UnmappedActivities(ctx context.Context, from schemas.Date, limit int) ([]UnmappedActivity, error) {
	type row = UnmappedActivity
	rows, err := all(ctx, s, query("unmapped_activities"), params{}.number("from", int64(from)).number("limit", int64(limit)), []column[row]{
		text("code", func(r *row) *string { return &r.Code }),
		text("category", func(r *row) *string { return &r.Category }),
		count("times", func(r *row) *int { return &r.Times }),
		instant("last", func(r *row) *schemas.Instant { return &r.Last }),
	})
	return rows, wrap("read unmapped activities", err)
}
