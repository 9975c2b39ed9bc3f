package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// NoRevision is how the newest revision, or import, is called where there is none yet.
const NoRevision = "none"

// Since is a revision that was recorded after a preview, with what it changed of the days that the preview was about.
type Since struct {
	schemas.Revision
	// AffectedAgents and AffectedDays count agents and agent-days.
	AffectedAgents int `json:"affected_agents"`
	AffectedDays   int `json:"affected_days"`
}

// Conflict says that somebody else changed the same days after they were previewed, so that what the preview said may
// no longer be what would happen.
type Conflict struct {
	// IfRevision is the newest revision that the preview took into account.
	IfRevision string `json:"if_revision"`
	// Newest is the newest revision now.
	Newest string  `json:"newest_revision"`
	Since  []Since `json:"since"`
}

func (c *Conflict) Error() string {
	var b strings.Builder
	seen := "when there was no revision"
	if c.IfRevision != NoRevision {
		seen = fmt.Sprintf("when revision %s was the newest", c.IfRevision)
	}
	fmt.Fprintf(&b, "the schedule was changed after it was previewed (%s): ", seen)
	for i := range c.Since {
		s := &c.Since[i]
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "revision %s (%s, by %s at %s) changed %d of these days, of %d agents", s.ID, s.Origin, s.Actor, s.RecordedAt,
			s.AffectedDays, s.AffectedAgents)
	}
	b.WriteString("; preview again, and confirm with the newest revision that the preview then names")
	return b.String()
}

// UnknownRevisionError says that there is no revision of that id.
type UnknownRevisionError struct {
	ID   string
	Near string
}

func (e *UnknownRevisionError) Error() string {
	hint := "; `rollcall schedule list` names all"
	if e.Near != "" {
		hint = fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return fmt.Sprintf("there is no schedule revision %.60q%s", e.ID, hint)
}

// findRevision gives the place of the revision with the id, or an UnknownRevisionError.
func findRevision(revisions []schemas.Revision, id string) (int, error) {
	n := slices.IndexFunc(revisions, func(r schemas.Revision) bool { return r.ID == id })
	if n >= 0 {
		return n, nil
	}
	ids := make([]string, len(revisions))
	for i := range revisions {
		ids[i] = revisions[i].ID
	}
	return 0, &UnknownRevisionError{ID: id, Near: schemas.Nearest(id, ids)}
}

// checkRevision gives a Conflict when a revision recorded after seen changed any of the days of q. An empty seen checks
// nothing; NoRevision is before the first one. The revisions are all that are visible, in order.
func checkRevision(ctx context.Context, store Store, seen string, revisions []schemas.Revision, q chstore.ScheduleQuery) error {
	if seen == "" {
		return nil
	}
	after := 0
	if seen != NoRevision {
		n, err := findRevision(revisions, seen)
		if err != nil {
			return err
		}
		after = n + 1
	}
	since := map[string]*Since{}
	for i := after; i < len(revisions); i++ {
		if r := &revisions[i]; r.From <= q.To && q.From <= r.To {
			since[r.ID] = &Since{Revision: *r}
		}
	}
	if len(since) == 0 {
		return nil
	}
	if err := countAffected(ctx, store, q, since); err != nil {
		return err
	}
	c := &Conflict{IfRevision: seen, Newest: revisions[len(revisions)-1].ID}
	for i := after; i < len(revisions); i++ {
		if s := since[revisions[i].ID]; s != nil && s.AffectedDays > 0 {
			c.Since = append(c.Since, *s)
		}
	}
	if len(c.Since) == 0 {
		return nil
	}
	return c
}

// countAffected counts the days of q that each of the revisions wrote.
func countAffected(ctx context.Context, store Store, q chstore.ScheduleQuery, since map[string]*Since) error {
	q.AllRevisions = true
	return store.ScheduleDays(ctx, q, func(_ string, days []schemas.ScheduleDay) error {
		seen := map[string]bool{}
		for i := range days {
			s := since[days[i].Revision]
			if s == nil {
				continue
			}
			s.AffectedDays++
			if !seen[s.ID] {
				seen[s.ID] = true
				s.AffectedAgents++
			}
		}
		return nil
	})
}
