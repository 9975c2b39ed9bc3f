package schemas

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Instant is a point in time: milliseconds since the Unix epoch, UTC (RULES.md section 2).
type Instant int64

// Limits of the instants that Rollcall accepts. MinInstant is 2000-01-01T00:00:00Z, the earliest `at` of a status
// change; MaxInstant is 2200-01-01T00:00:00Z, past which a stored date cannot go.
const (
	MinInstant Instant = 946_684_800_000
	MaxInstant Instant = 7_258_118_400_000
)

// Milliseconds in the usual units, for arithmetic on [Instant] and on lengths in milliseconds.
const (
	SecondMS int64 = 1000
	MinuteMS       = 60 * SecondMS
	HourMS         = 60 * MinuteMS
	DayMS          = 24 * HourMS
)

// InstantOf returns the instant of t, cut to the millisecond (towards the past).
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the instant as a UTC time.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add returns the instant that lies ms milliseconds later.
func (i Instant) Add(ms int64) Instant { return i + Instant(ms) }

// Sub returns the milliseconds from o to i.
func (i Instant) Sub(o Instant) int64 { return int64(i - o) }

// String writes RFC 3339 in UTC with milliseconds only where there are any: 2026-03-02T09:00:00Z.
func (i Instant) String() string { return i.Time().Format("2006-01-02T15:04:05.999Z07:00") }

// MarshalText writes the form of String, so that JSON carries RFC 3339.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads RFC 3339 with an offset; anything else is an error that shows the form wanted.
func (i *Instant) UnmarshalText(b []byte) error {
	v, err := ParseInstant(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// ParseInstant reads an RFC 3339 instant with an offset or Z. Digits finer than a millisecond are an error, because
// cutting them would change a fact silently.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not an instant; write RFC 3339 with an offset, such as 2026-03-02T09:00:00Z", s)
	}
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		return 0, fmt.Errorf("%q is finer than a millisecond; write at most three decimals", s)
	}
	return InstantOf(t), nil
}

// Interval is a stretch of time, half-open: Start belongs to it, End does not.
type Interval struct {
	Start Instant `json:"start"`
	End   Instant `json:"end"`
}

// MS returns the length in milliseconds; negative when End lies before Start.
func (v Interval) MS() int64 { return v.End.Sub(v.Start) }

// Empty says that no instant lies in the interval.
func (v Interval) Empty() bool { return v.End <= v.Start }

// Contains reports whether t lies in the interval.
func (v Interval) Contains(t Instant) bool { return v.Start <= t && t < v.End }

// Overlaps reports whether the two share at least one instant.
func (v Interval) Overlaps(o Interval) bool { return max(v.Start, o.Start) < min(v.End, o.End) }

// Clip returns the part of v inside o; it is Empty when they share nothing.
func (v Interval) Clip(o Interval) Interval {
	return Interval{max(v.Start, o.Start), min(v.End, o.End)}
}

// Hull returns the shortest interval that holds both; an empty one does not count.
func (v Interval) Hull(o Interval) Interval {
	switch {
	case v.Empty():
		return o
	case o.Empty():
		return v
	}
	return Interval{min(v.Start, o.Start), max(v.End, o.End)}
}

// String writes start and end joined by an en dash.
func (v Interval) String() string { return v.Start.String() + "–" + v.End.String() }

// Union sorts the intervals, joins those that touch or overlap, drops empty ones and returns the result in order. It
// works in place on the slice it is given.
func Union(in []Interval) []Interval {
	slices.SortFunc(in, func(a, b Interval) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	out := in[:0]
	for _, v := range in {
		switch {
		case v.Empty():
		case len(out) > 0 && v.Start <= out[len(out)-1].End:
			out[len(out)-1].End = max(out[len(out)-1].End, v.End)
		default:
			out = append(out, v)
		}
	}
	return out
}

// LongestAbsenceMS is how long after a fact the silence of its complete source lets it be believed at most (RULES.md
// section 3).
const LongestAbsenceMS = 93 * DayMS
