package simulate

import (
	"fmt"

	"rollcall/schemas"
)

// Centre is the made-up organisation: its people, where they work and how their weeks look.
type Centre struct {
	cfg    Config
	teams  []team
	agents []agent
}

// team is a group of agents at one site.
type team struct {
	name, site, supervisor string
	// ids says that the schedule of the team carries shift ids.
	ids bool
}

// rota is which part of the day an agent works.
type rota uint8

const (
	rotaDays   rota = iota // early, mid and late shifts, a week each
	rotaNights             // over midnight
)

// agent is one person with fixed habits.
type agent struct {
	id, name, mail string
	zone           schemas.Zone
	team           int
	// joined is the first date of the roster; moved the date of the change to the team movedTo, 0 for none.
	joined, moved schemas.Date
	movedTo       int
	rota          rota
	// offset shifts the two days off within the week and the round of shifts over the weeks.
	offset int
	// minutes is the length of a shift.
	minutes int
	// carelessness scales the chance of deviations, in percent: 0 never deviates, 100 is usual, 250 unreliable.
	carelessness int
}

// NewCentre invents the people. The configuration's folder is not needed.
func NewCentre(cfg Config) (*Centre, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	c := &Centre{cfg: cfg}
	draw := newChance()
	zones, err := loadZones()
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	c.foundTeams(draw)
	c.agents = make([]agent, cfg.Agents)
	for i := range c.agents {
		c.addAgent(draw, i, zones)
	}
	return c, nil
}

func loadZones() ([]schemas.Zone, error) {
	var zones []schemas.Zone
	for _, s := range sites {
		z, err := schemas.LoadZone(s.zone)
		if err != nil {
			return nil, err
		}
		zones = append(zones, z)
	}
	return zones, nil
}

// teamSize is how many agents a team has, about.
const teamSize = 14

// foundTeams sets up the teams, one site after the other, so that three teams already are in three zones.
func (c *Centre) foundTeams(draw *chance) {
	draw.seed(c.cfg.Seed, streamAgent, 0, 1)
	n := max(3, (c.cfg.Agents+teamSize-1)/teamSize)
	for i := range n {
		round := i / len(sites)
		name := teamKinds[(i+round)%len(teamKinds)]
		if again := round / len(teamKinds); again > 0 {
			name = fmt.Sprintf("%s %d", name, again+1)
		}
		boss, _ := person(draw)
		c.teams = append(c.teams, team{name: name, site: sites[i%len(sites)].name, supervisor: boss, ids: i%4 != 3})
	}
}

// addAgent invents agent i.
func (c *Centre) addAgent(draw *chance, i int, zones []schemas.Zone) {
	draw.seed(c.cfg.Seed, streamAgent, uint64(i), 2) //nolint:gosec // i is not negative
	first := c.cfg.first()
	t := i % len(c.teams)
	a := agent{id: fmt.Sprintf("a%05d", i+1), team: t, zone: zones[t%len(sites)], minutes: 510, carelessness: 100}
	a.name, a.mail = person(draw)
	a.mail = fmt.Sprintf("%s.%d@example.org", a.mail, i+1)
	a.joined = first - schemas.Date(draw.between(30, 1500)) //nolint:gosec // small
	a.offset = draw.IntN(21)
	switch n := draw.IntN(100); {
	case n < 10:
		a.rota = rotaNights
	case n < 20:
		a.minutes = 270
	case n < 28:
		a.minutes = 390
	}
	switch n := draw.IntN(100); {
	case n < 12:
		a.carelessness = 0
	case n < 24:
		a.carelessness = 250
	case n < 50:
		a.carelessness = 60
	}
	if draw.permille(40) && c.cfg.Days > 2 {
		a.moved = first + schemas.Date(draw.between(1, c.cfg.Days-1)) //nolint:gosec // small
		a.movedTo = (t + 1) % len(c.teams)
	}
	c.agents[i] = a
}

// shiftIDs reports whether the schedule has ids for the agent's shifts. Shifts over midnight always have one.
func (c *Centre) shiftIDs(a *agent) bool { return a.rota == rotaNights || c.teams[a.team].ids }
