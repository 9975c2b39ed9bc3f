package files

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// genesysDetails are user details: the history of presence and routing. A state is a fact at its start. A
// state that ends before the next one of its list begins is followed by a fact that nothing is known; the last one of a
// list is not, because the export that goes on from there says what came next.
func genesysDetails() *genesysLayout {
	return &genesysLayout{kind: Status, list: "userDetails", read: (*genesysFile).readUser, keys: map[int]string{
		statusAgent: "/userId", statusAt: "startTime", statusPresence: "systemPresence", statusStatus: "systemPresence",
		statusRouting: "routingStatus", statusSecondary: "organizationPresenceId"}}
}

// The lists of a user's details.
const (
	primaryPresence = "primaryPresence"
	routingStatus   = "routingStatus"
)

func (g *genesysFile) readUser() error {
	g.text.peek()
	begin := g.text.spot()
	if g.text.peek() != '{' {
		if row := g.add("", -1, 0); row != nil {
			g.problem(row, begin, "", fmt.Sprintf("is %s; an object with userId is wanted", g.text.kind()))
		}
		return g.text.skip()
	}
	user := genesysRow{shift: -1}
	err := g.text.members(func(key []byte, _ spot) error {
		switch string(key) {
		case "userId":
			return g.cell(&user, statusAgent, false)
		case primaryPresence:
			return g.readStates(primaryPresence)
		case routingStatus:
			return g.readStates(routingStatus)
		}
		return g.text.skip()
	})
	if err != nil || len(g.rows) == 0 {
		return err
	}
	g.rows[0].problems = append(g.rows[0].problems, user.problems...)
	for i := range g.rows {
		g.rows[i].cells[statusAgent] = user.cells[statusAgent]
	}
	return nil
}

// readStates reads one list of states and puts it in order of time.
func (g *genesysFile) readStates(list string) error {
	before := len(g.rows)
	ends := map[int32]schemas.Instant{}
	err := g.list(list, -1, func(i int) error {
		row := g.add(list, -1, i)
		if row == nil {
			return g.text.skip()
		}
		end, err := g.readState(row)
		if end != 0 {
			ends[row.index] = end
		}
		return err
	})
	if err != nil {
		return err
	}
	rows := g.rows[before:]
	slices.SortStableFunc(rows, func(a, b genesysRow) int { return cmp.Compare(a.start, b.start) })
	for i, n := 0, len(rows); i+1 < n; i++ {
		end := ends[rows[i].index]
		if end != 0 && rows[i+1].hasStart && end < rows[i+1].start && end >= rows[i].start {
			g.addUnknown(list, &g.rows[before+i], end)
		}
	}
	return nil
}

// readState reads one state and gives its end, 0 where it has none.
func (g *genesysFile) readState(row *genesysRow) (end schemas.Instant, err error) {
	err = g.object(row, "", func(key []byte) error {
		switch string(key) {
		case "startTime":
			err := g.cell(row, statusAt, false)
			row.start, row.hasStart = g.instant(row.cells[statusAt])
			return err
		case "endTime":
			if g.text.peek() != '"' {
				return g.text.skip()
			}
			b, err := g.text.text()
			if clock, ok := readClock(b); ok && clock.hasZone {
				end = clock.instant()
			}
			return err
		case "systemPresence":
			return g.cell(row, statusPresence, false)
		case "routingStatus":
			return g.cell(row, statusRouting, false)
		case "organizationPresenceId":
			return g.cell(row, statusSecondary, false)
		}
		return g.text.skip()
	})
	g.nameStatus(row)
	return end, err
}

// nameStatus gives a presence that stands for no status the status unknown, so that nothing older is believed.
func (g *genesysFile) nameStatus(row *genesysRow) {
	p := row.cells[statusPresence]
	if p.spot.line == 0 {
		return
	}
	var c schemas.Change
	_, err := (*ingest.Mapping)(nil).Apply(&c, ingest.Texts{Presence: string(g.room[p.from:p.to])})
	if err == nil && c.Status == schemas.StatusNone {
		row.cells[statusStatus] = g.keep([]byte("unknown"), p.spot)
	}
}

func (g *genesysFile) instant(c genesysCell) (schemas.Instant, bool) {
	clock, ok := readClock(g.room[c.from:c.to])
	return clock.instant(), ok && clock.hasZone
}

// addUnknown says that nothing is known of the list's field from the end of a state on.
func (g *genesysFile) addUnknown(list string, after *genesysRow, end schemas.Instant) {
	if len(g.rows) >= maxItemRows {
		return
	}
	row := genesysRow{spot: after.spot, list: list, shift: -1, index: after.index}
	row.cells[statusAt] = g.keep([]byte(end.String()), after.spot)
	if unknown := g.keep([]byte("unknown"), after.spot); list == routingStatus {
		row.cells[statusRouting] = unknown
	} else {
		row.cells[statusPresence], row.cells[statusStatus] = unknown, unknown
	}
	g.rows = append(g.rows, row)
}
