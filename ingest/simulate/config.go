package simulate

import (
	"fmt"

	"rollcall/schemas"
)

// Config says how big the centre is and when it is looked at.
type Config struct {
	// Agents is the number of agents, 1 to 1,000,000.
	Agents int
	// Days is the number of local dates, the last of which is Until; 1 to 3,660.
	Days int
	// Seed picks one of the possible centres.
	Seed uint64
	// Until is the last local date that has a schedule. It may lie after Now.
	Until schemas.Date
	// Now cuts what has happened: status rows and gaps after it are not written, and truth.csv lists only days that are
	// wholly over. 0 means that everything has happened.
	Now schemas.Instant
	// Source is the feed that gaps.csv and the live stream name.
	Source string
	// Dir is the folder that Write fills; it is made when it is missing.
	Dir string
}

// DefaultConfig is a centre of 60 agents over 7 days whose feed is called "file", as that of an imported file is. Until
// and Dir have to be set.
func DefaultConfig() Config { return Config{Agents: 60, Days: 7, Seed: 1, Source: "file"} }

// Validate reports which setting cannot be used and what would be right.
func (c *Config) Validate() error {
	switch {
	case c.Agents < 1 || c.Agents > 1_000_000:
		return fmt.Errorf("agents: %d is out of range; give 1 to 1000000", c.Agents)
	case c.Days < 1 || c.Days > 3660:
		return fmt.Errorf("days: %d is out of range; give 1 to 3660", c.Days)
	case c.first() < earliest || c.Until > latest:
		return fmt.Errorf("until: %s with %d days is out of range; stay between %s and %s", c.Until, c.Days, earliest, latest)
	}
	if e := schemas.CheckID("source", c.Source); e != nil {
		return e
	}
	return nil
}

// The dates that fit between schemas.MinInstant and schemas.MaxInstant in every zone.
const (
	earliest schemas.Date = 10_959 // 2000-01-03
	latest   schemas.Date = 84_000 // 2199-12-27
)

// first is the first local date of the range.
//
//nolint:gosec // Validate bounds Days
func (c *Config) first() schemas.Date { return c.Until - schemas.Date(c.Days) + 1 }

// happened reports whether everything in v lies in the past.
func (c *Config) happened(end schemas.Instant) bool { return c.Now == 0 || end <= c.Now }
