package genesys

import (
	"cmp"
	"slices"

	"rollcall/ingest"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of user details; the agent comes first, as everywhere.
const (
	cellAt = 1 + iota
	cellPresence
	cellState
	cellRouting
	cellPresenceID
)

// details are user details: the history of presence and routing. A state is a fact at its start. A state that ends
// before the next one of its list begins is followed by a fact that nothing is known; the last one of a list is not,
// because the export that goes on from there says what came next.
func details() *layout {
	return &layout{kind: Details, list: "userDetails", read: (*File).readUser, columns: []column{
		{"agent_id", "/userId"}, {"at", "startTime"}, {"presence", "systemPresence"}, {"status", "systemPresence"},
		{"routing", "routingStatus"}, {"secondary", "organizationPresenceId"}}}
}

// The lists of a user's details.
const (
	primaryPresence = "primaryPresence"
	routingStatus   = "routingStatus"
)

func (f *File) readUser() error {
	return f.agent("userId", func(user *row, key []byte) error {
		switch string(key) {
		case "userId":
			return f.cell(user, cellAgent)
		case primaryPresence, routingStatus:
			return f.readStates(string(key))
		}
		return f.text.skip()
	})
}

// readStates reads one list of states and puts it in order of time.
func (f *File) readStates(list string) error {
	before := len(f.rows)
	ends := map[int32]schemas.Instant{}
	err := f.each(list, -1, func(r *row) error {
		end, err := f.readState(r)
		if end != 0 {
			ends[r.index] = end
		}
		return err
	})
	if err != nil {
		return err
	}
	states := f.rows[before:]
	slices.SortStableFunc(states, func(a, b row) int { return cmp.Compare(a.Start, b.Start) })
	for i, n := 0, len(states); i+1 < n; i++ {
		end := ends[states[i].index]
		if end != 0 && states[i+1].HasStart && end < states[i+1].Start && end >= states[i].Start {
			f.addUnknown(list, &f.rows[before+i], end)
		}
	}
	return nil
}

// readState reads one state and returns its end, 0 where it has none.
func (f *File) readState(r *row) (end schemas.Instant, err error) {
	err = f.object(r, "", func(key []byte) error {
		switch string(key) {
		case "startTime":
			err := f.cell(r, cellAt)
			r.Start, r.HasStart = instant(f.textOf(r.cells[cellAt]))
			return err
		case "endTime":
			if f.text.peek() != '"' {
				return f.text.skip()
			}
			b, err := f.text.text()
			if at, ok := instant(b); ok {
				end = at
			}
			return err
		case "systemPresence":
			return f.cell(r, cellPresence)
		case "routingStatus":
			return f.cell(r, cellRouting)
		case "organizationPresenceId":
			return f.cell(r, cellPresenceID)
		}
		return f.text.skip()
	})
	f.nameStatus(r)
	return end, err
}

// nameStatus adds the status unknown to a presence that stands for no status, so that nothing older is believed.
func (f *File) nameStatus(r *row) {
	p := r.cells[cellPresence]
	if p.spot.line == 0 {
		return
	}
	var c schemas.Change
	_, err := (*ingest.Mapping)(nil).Apply(&c, ingest.Texts{Presence: string(f.textOf(p))})
	if err == nil && c.Status == schemas.StatusNone {
		r.cells[cellState] = f.put([]byte("unknown"), p.spot)
	}
}

// instant reads an instant with an offset.
func instant(text []byte) (schemas.Instant, bool) {
	wall, ok := rows.ParseWallTime(text)
	return wall.Instant(), ok && wall.HasOffset
}

// addUnknown says that nothing is known of the list's field from the end of a state on.
func (f *File) addUnknown(list string, after *row, end schemas.Instant) {
	if len(f.rows) >= maxItemRows {
		return
	}
	r := row{spot: after.spot, list: list, shift: -1, index: after.index}
	r.cells[cellAt] = f.put([]byte(end.String()), after.spot)
	if unknown := f.put([]byte("unknown"), after.spot); list == routingStatus {
		r.cells[cellRouting] = unknown
	} else {
		r.cells[cellPresence], r.cells[cellState] = unknown, unknown
	}
	f.rows = append(f.rows, r)
}
