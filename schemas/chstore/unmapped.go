package chstore

import (
	"context"

	"rollcall/schemas"
)

// UnmappedState is what facts keep of state texts that meant nothing when they came in (schemas.Change, Raw): how many
// facts have it, the last of them, and up to five of their sources.
type UnmappedState struct {
	Raw, Sources string
	Times        int
	Last         schemas.Instant
}

// UnmappedStates returns the state texts that meant nothing in facts since the instant, the most frequent first, at
// most limit. Facts that were received twice are counted twice.
func (s *Store) UnmappedStates(ctx context.Context, since schemas.Instant, limit int) ([]UnmappedState, error) {
	q := query("unmapped_states").number("since", int64(since)).number("limit", int64(limit))
	return all(ctx, s, "read unmapped states", q, fieldsOf[UnmappedState])
}

// UnmappedActivity is a code of scheduled activities that the table of activity codes does not hold: the category that
// its schedule gave it, how many activities have it, and when the last of them starts.
type UnmappedActivity struct {
	Code, Category string
	Times          int
	Last           schemas.Instant
}

// UnmappedActivities returns such codes of the schedule in force from a date on, the most frequent first, at most
// limit.
func (s *Store) UnmappedActivities(ctx context.Context, from schemas.Date, limit int) ([]UnmappedActivity, error) {
	q := query("unmapped_activities").number("from", int64(from)).number("limit", int64(limit))
	return all(ctx, s, "read unmapped activities", q, fieldsOf[UnmappedActivity])
}
