package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	"rollcall/schemas"
)

// rowCache holds each agent's newest row as JSON, so that a change that two hundred readers see is encoded once. The
// row's as_of is left open: it is the only thing in which readers differ. The zero value is ready.
type rowCache struct{ of sync.Map } // agent id to *encodedRow

// encodedRow is a row and its JSON up to the value of as_of, which comes last.
type encodedRow struct {
	row  *schemas.LiveAgent
	head []byte
}

// asOfKey begins the last member of a row's JSON.
const asOfKey = `"as_of":"`

// write writes the row as of the instant, or as of its own if that is later.
func (l *rowCache) write(w *bufio.Writer, a *schemas.LiveAgent, asOf schemas.Instant) error {
	found, err := l.find(a)
	if err != nil {
		return err
	}
	if _, err := w.Write(found.head); err != nil {
		return err
	}
	if _, err := w.WriteString(max(asOf, a.AsOf).String()); err != nil {
		return err
	}
	_, err = w.WriteString(`"}`)
	return err
}

// find returns the encoded row, and stores it unless a newer one is stored already.
func (l *rowCache) find(a *schemas.LiveAgent) (*encodedRow, error) {
	stored, ok := l.of.Load(a.AgentID)
	if ok && stored.(*encodedRow).row == a { //nolint:forcetypeassert // the map holds nothing else
		return stored.(*encodedRow), nil //nolint:forcetypeassert // as above
	}
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode agent %s: %w", a.AgentID, err)
	}
	i := bytes.LastIndex(b, []byte(asOfKey))
	if i < 0 {
		return nil, fmt.Errorf("encode agent %s: %s does not end with as_of", a.AgentID, b)
	}
	made := &encodedRow{a, b[:i+len(asOfKey)]}
	if !ok || stored.(*encodedRow).row.Version < a.Version { //nolint:forcetypeassert // as above
		l.of.Store(a.AgentID, made)
	}
	return made, nil
}
