package app

import (
	"maps"
	"slices"
	"time"

	"rollcall/schemas"
)

// silences gives what hears of silent feeds, one call at a time: it tells the board of all, and the webhooks of each that has
// newly fallen silent, that is for silentAfter. One that was so already when the daemon started counts as told.
func (d *Daemon) silences(silentAfter time.Duration) func(map[string]schemas.Instant) {
	before := Now().Add(-silentAfter.Milliseconds())
	known := map[string]schemas.Instant{}
	return func(since map[string]schemas.Instant) {
		d.board.Silence(since)
		for _, source := range newlySilent(known, since, before) {
			d.hooks.FeedSilent(source, since[source])
		}
		known = maps.Clone(since)
	}
}

// newlySilent lists the feeds, in order, whose silence is not among the known ones and began after the instant.
func newlySilent(known, since map[string]schemas.Instant, after schemas.Instant) []string {
	var out []string
	for _, source := range slices.Sorted(maps.Keys(since)) {
		if at := since[source]; at > after && known[source] != at {
			out = append(out, source)
		}
	}
	return out
}
