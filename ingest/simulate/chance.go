package simulate

import "math/rand/v2"

// chance draws reproducible numbers. It is seeded anew for each agent-day, so that every day can be made by itself.
// Only integers are drawn: floating point may differ between processors.
type chance struct {
	pcg rand.PCG
	*rand.Rand
}

// The streams of random numbers, each its own so that a change to one leaves the others as they were.
const (
	streamAgent uint64 = iota + 1
	streamDay
	streamFeed
	streamOrder
)

func newChance() *chance {
	c := &chance{}
	c.Rand = rand.New(&c.pcg) //nolint:gosec // reproducible on purpose
	return c
}

// seed starts the stream for the numbers a and b.
func (c *chance) seed(seed, stream, a, b uint64) {
	c.pcg.Seed(scramble(seed^scramble(stream)), scramble(a^scramble(b+0x51ed)))
}

// scramble spreads neighbouring numbers over all 64 bits (splitmix64, Steele, Lea and Flood 2014).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// permille is true in n of 1,000 cases.
func (c *chance) permille(n int) bool { return c.IntN(1000) < n }

// between draws lo to hi, both included.
func (c *chance) between(lo, hi int) int { return lo + c.IntN(hi-lo+1) }

// seconds draws a length in milliseconds, whole seconds from lo to hi, short ones more often than long ones.
func (c *chance) seconds(lo, hi int) int64 {
	return int64(min(c.between(lo, hi), c.between(lo, hi))) * 1000
}

// pick draws one of the items.
func pick[T any](c *chance, items []T) T { return items[c.IntN(len(items))] }
