package live

import (
	"context"
	"fmt"
	"time"

	"rollcall/schemas"
)

// past narrows what a board reads; the zero value is a board of the present.
type past struct {
	// knownAt leaves out what was recorded later, until facts from that instant on; 0 leaves out nothing.
	knownAt, until schemas.Instant
}

// At returns the rows of the board as it was at an instant, in no particular order: with knownAt the same instant, what
// the board showed then; with a later one, or 0 for everything that is recorded, what is known by then to have been.
// agents, if there are any, are the only ones wanted. It is another board that stands at that instant, so that the code
// is the same. Memory is that of a second board for the length of the call.
func (b *Board) At(ctx context.Context, at, knownAt schemas.Instant, agents []string) ([]*schemas.LiveAgent, error) {
	then := New(b.cfg, Deps{Store: b.deps.Store, Clock: func() time.Time { return at.Time() }})
	then.past = past{knownAt, at + 1}
	if len(agents) == 0 {
		agents = nil
	}
	if err := then.reload(ctx, agents, true); err != nil {
		return nil, fmt.Errorf("read the board of %s: %w", at, err)
	}
	return then.Changes(0).Rows, nil
}
