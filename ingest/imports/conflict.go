package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// source says which import it is, from what, by whom and when.
func (e *Entry) source() string {
	origin := e.Origin
	if e.Undoes != "" {
		origin = "the undo of " + e.Undoes
	}
	return fmt.Sprintf("%s (%s, by %s at %s)", e.ID, origin, e.Actor, e.RecordedAt)
}

// noRevision is how the newest import of a kind is called where there is none yet.
const noRevision = "none"

// Since is an import that was recorded after a preview. Of a schedule, AffectedAgents and AffectedDays count agents and
// agent-days that the preview was about.
type Since struct {
	Entry
	AffectedAgents, AffectedDays int
}

// Conflict says that somebody else imported the same kind of thing, or changed the same days of the schedule, after a
// preview, so that what the preview said may no longer be what would happen.
type Conflict struct {
	// Kind is empty for a schedule.
	Kind schemas.JournalKind `json:"kind,omitempty"`
	// IfRevision is the newest import that the preview took into account, Newest the newest one now.
	IfRevision string  `json:"if_revision"`
	Newest     string  `json:"newest_revision"`
	Since      []Since `json:"since"`
}

func (c *Conflict) Error() string {
	lead := fmt.Sprintf("there is a newer import of %s than when it was previewed (%s)", c.Kind, c.IfRevision)
	if c.Kind == "" {
		seen := "when there was no revision"
		if c.IfRevision != noRevision {
			seen = fmt.Sprintf("when revision %s was the newest", c.IfRevision)
		}
		lead = fmt.Sprintf("the schedule was changed after it was previewed (%s)", seen)
	}
	var since []string
	for i := range c.Since {
		s := &c.Since[i]
		what := fmt.Sprintf("%s added %d, changed %d, removed %d", s.source(), s.Added, s.Changed, s.Removed)
		if c.Kind == "" {
			what = fmt.Sprintf("revision %s changed %d of these days, of %d agents", s.source(), s.AffectedDays,
				s.AffectedAgents)
		}
		since = append(since, what)
	}
	return lead + ": " + strings.Join(since, "; ") +
		"; preview again, and confirm with the newest import that the preview then names"
}

// UnknownError says that the ledger has no import of that id.
type UnknownError struct {
	// Kind is that of the imports looked through, empty for all.
	Kind schemas.JournalKind
	ID   string
	// Near is the id that is spelled nearly so, if there is one.
	Near string
}

func (e *UnknownError) Error() string {
	what, list := "import of "+string(e.Kind), "import list "+string(e.Kind)
	switch e.Kind { //nolint:exhaustive // the others read well
	case schemas.JournalSchedule:
		what, list = "schedule revision", "schedule list"
	case "":
		what, list = "import of any kind with the id", "import list"
	}
	hint := fmt.Sprintf("; `rollcall %s` names all", list)
	if e.Near != "" {
		hint = fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return fmt.Sprintf("there is no %s %.60q%s", what, e.ID, hint)
}

// find returns the place of the entry with the id, or an UnknownError.
func find(entries []Entry, kind schemas.JournalKind, id string) (int, error) {
	if n := slices.IndexFunc(entries, func(e Entry) bool { return e.ID == id }); n >= 0 {
		return n, nil
	}
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	return 0, &UnknownError{Kind: kind, ID: id, Near: schemas.Nearest(id, ids)}
}

// since returns the entries, all of one kind and oldest first, that were recorded after the one that a preview named;
// none where it named none.
func since(entries []Entry, kind schemas.JournalKind, seen string) ([]Since, error) {
	if seen == "" {
		return nil, nil
	}
	after := 0
	if seen != noRevision {
		n, err := find(entries, kind, seen)
		if err != nil {
			return nil, err
		}
		after = n + 1
	}
	var out []Since
	for i := range entries[after:] {
		out = append(out, Since{Entry: entries[after+i]})
	}
	return out, nil
}

// checkDays returns a Conflict when a revision recorded after the one that a preview saw as the newest changed any of
// the days of q. Without agents it only says whether that one exists.
func (t *turn) checkDays(ctx context.Context, m *Ledger, seen string, q chstore.ScheduleQuery) error {
	later, err := since(t.before, t.kind, seen)
	if err != nil {
		return err
	}
	later = slices.DeleteFunc(later, func(s Since) bool { return s.Revision.From > q.To || q.From > s.Revision.To })
	if len(later) == 0 {
		return nil
	}
	at := map[string]*Since{}
	for i := range later {
		at[later[i].ID] = &later[i]
	}
	q.AllRevisions = true
	err = m.store.ScheduleDays(ctx, q, func(_ string, days []schemas.ScheduleDay) error {
		counted := map[string]bool{}
		for i := range days {
			s := at[days[i].Revision]
			if s == nil {
				continue
			}
			s.AffectedDays++
			if !counted[s.ID] {
				counted[s.ID] = true
				s.AffectedAgents++
			}
		}
		return nil
	})
	later = slices.DeleteFunc(later, func(s Since) bool { return s.AffectedDays == 0 })
	if err != nil || len(later) == 0 {
		return err
	}
	return &Conflict{IfRevision: seen, Newest: t.base, Since: later}
}
