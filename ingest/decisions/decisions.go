package decisions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// Store is what a [Ledger] reads and writes (satisfied by chstore.Store).
type Store interface {
	AgentIDs(ctx context.Context) ([]string, error)
	Memberships(ctx context.Context, knownAt schemas.Instant) ([]schemas.Membership, error)
	Policies(ctx context.Context, knownAt schemas.Instant) ([]schemas.PolicyVersion, error)
	CorrectionUnits(ctx context.Context, unit string, within schemas.Interval) ([]schemas.Correction, error)
	WritePolicies(ctx context.Context, row schemas.JournalRow, policies []schemas.PolicyVersion) error
	WriteCorrections(ctx context.Context, row schemas.JournalRow, corrections []schemas.Correction) error
}

// Ledger takes in policies and corrections. It is safe for concurrent use; within one process decisions are taken one
// after the other.
type Ledger struct {
	store Store
	zone  schemas.Zone
	clock func() time.Time
	mu    sync.Mutex
}

// New makes the ledger over a store. zone is that of agents whose roster row names none; the clock says when a
// decision becomes known.
func New(store Store, zone schemas.Zone, clock func() time.Time) *Ledger {
	return &Ledger{store: store, zone: zone, clock: clock}
}

// By says who decides, for the journal: Actor is the person or program, Origin where it comes from.
type By struct{ Actor, Origin string }

// InvalidError lists what is wrong with a decision; nothing was written.
type InvalidError struct{ Problems []*schemas.FieldError }

// Error puts the problems into one sentence.
func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "; ")
}

// Errors about decisions that exist, or do not.
var (
	ErrNotFound = errors.New("there is no such decision")
	ErrDecided  = errors.New("this has been decided already")
)

// problems gathers what is wrong.
type problems []*schemas.FieldError

func (p *problems) addf(field, format string, args ...any) {
	*p = append(*p, &schemas.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &InvalidError{p}
}

func (d *Ledger) now() schemas.Instant { return schemas.InstantOf(d.clock()) }

// journal begins the row of a decision.
func (d *Ledger) journal(k schemas.JournalKind, by By, at schemas.Instant, detail string) schemas.JournalRow {
	return schemas.JournalRow{
		ID:         uuid.Must(uuid.NewV7()).String(),
		RecordedAt: at,
		Actor:      by.Actor,
		Origin:     by.Origin,
		Kind:       k,
		Detail:     detail,
	}
}

// roster holds the membership rows by agent, in order of From.
type roster map[string][]schemas.Membership

func (d *Ledger) roster(ctx context.Context) (roster, error) {
	rows, err := d.store.Memberships(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the roster: %w", err)
	}
	return schemas.MembershipsByAgent(rows), nil
}

// on returns the agent's row in force on the date; where there is none, that of the nearest date before or after.
func (r roster) on(agent string, day schemas.Date) schemas.Membership {
	if m, ok := schemas.MembershipNear(r[agent], day); ok {
		return m
	}
	return schemas.Membership{AgentID: agent}
}

// names lists the different values of a field, sorted.
func (r roster) names(of func(*schemas.Membership) string) []string {
	seen := map[string]bool{}
	for _, rows := range r {
		for i := range rows {
			seen[of(&rows[i])] = true
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// near ends a sentence about an unknown name with the one that may be meant.
func near(name string, known []string) string {
	if n := schemas.Nearest(name, known); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}
