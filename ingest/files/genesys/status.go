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
	return &layout{
		kind: Details,
		list: "userDetails",
		columns: []column{{"agent_id", "/userId"}, {"at", "startTime"}, {"presence", "systemPresence"},
			{"status", "systemPresence"}, {"routing", "routingStatus"}, {"secondary", "organizationPresenceId"}},
		members: map[string]member{"startTime": (*File).readStateStart, "endTime": (*File).readStateEnd,
			"systemPresence": text(cellPresence), "routingStatus": text(cellRouting),
			"organizationPresenceId": text(cellPresenceID)},
		read: (*File).readUser,
	}
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
		return f.text.Skip()
	})
}

// readStates reads one list of states and puts it in order of time.
func (f *File) readStates(list string) error {
	before := len(f.rows)
	err := f.each(list, -1, func(r *row) error {
		err := f.fields(r)
		f.nameStatus(r)
		return err
	})
	if err != nil {
		return err
	}
	states := f.rows[before:]
	slices.SortStableFunc(states, func(a, b row) int { return cmp.Compare(a.Start, b.Start) })
	for i, n := 0, len(states); i+1 < n; i++ {
		s, next := &f.rows[before+i], &f.rows[before+i+1]
		if s.end != 0 && next.HasStart && s.Start <= s.end && s.end < next.Start {
			f.addUnknown(list, s)
		}
	}
	return nil
}

func (f *File) readStateStart(r *row) error {
	err := f.cell(r, cellAt)
	r.Start, r.HasStart = instant(f.textOf(r.cells[cellAt]))
	return err
}

func (f *File) readStateEnd(r *row) error {
	if f.text.Peek() != '"' {
		return f.text.Skip()
	}
	b, err := f.text.Text()
	if at, ok := instant(b); ok {
		r.end = at
	}
	return err
}

// nameStatus adds the status unknown to a presence that stands for no status, so that nothing older is believed.
func (f *File) nameStatus(r *row) {
	p := r.cells[cellPresence]
	if p.spot.Line == 0 {
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
func (f *File) addUnknown(list string, after *row) {
	if len(f.rows) >= maxItemRows {
		return
	}
	r := row{spot: after.spot, list: list, shift: -1, index: after.index}
	r.cells[cellAt] = f.put([]byte(after.end.String()), after.spot)
	if unknown := f.put([]byte("unknown"), after.spot); list == routingStatus {
		r.cells[cellRouting] = unknown
	} else {
		r.cells[cellPresence], r.cells[cellState] = unknown, unknown
	}
	f.rows = append(f.rows, r)
}
