package imports

import (
	"cmp"
	"context"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// requirementVersion is one interval that an import changed: what it was before, what the import made of it, what it
// is now. Before is nil where nothing was required.
type requirementVersion struct {
	before, made, now *schemas.Requirement
}

// covers is the time that before and made take.
func (v *requirementVersion) covers() schemas.Interval {
	span := v.made.Interval()
	if v.before != nil {
		span = span.Hull(v.before.Interval())
	}
	return span
}

// requirementUndo are the intervals that an import changed, by team and start, and what else is required around them.
type requirementUndo struct {
	versions []requirementVersion
	others   []schemas.Requirement
}

// requirementVersions reads all revisions of the intervals in the import's range.
func (m *Ledger) requirementVersions(ctx context.Context, made *Entry) (*requirementUndo, error) {
	u := &requirementUndo{}
	var of []schemas.Requirement // all revisions of one interval
	q := chstore.RequirementQuery{AllRevisions: true, Within: schemas.Interval{
		Start: made.Range.Start.Add(-schemas.HourMS), End: made.Range.End.Add(schemas.HourMS)}}
	err := m.store.Requirements(ctx, q, func(r *schemas.Requirement) error {
		if len(of) > 0 && (of[0].Team != r.Team || of[0].Start != r.Start) {
			u.add(of, made.ID)
			of = of[:0]
		}
		of = append(of, *r)
		return nil
	})
	u.add(of, made.ID)
	return u, err
}

// add takes the revisions of one interval, oldest first.
func (u *requirementUndo) add(of []schemas.Requirement, revision string) {
	if len(of) == 0 {
		return
	}
	now := of[len(of)-1]
	for i := range of {
		if of[i].Revision != revision {
			continue
		}
		v := requirementVersion{made: &schemas.Requirement{}, now: &now}
		*v.made = of[i]
		if i > 0 && !of[i-1].Removed {
			before := of[i-1]
			v.before = &before
		}
		u.versions = append(u.versions, v)
		return
	}
	if !now.Removed {
		u.others = append(u.others, now)
	}
}

// maxDiffIntervals is how many intervals a diff shows; its totals count all.
const maxDiffIntervals = 10_000

// made says what the import changed.
func (u *requirementUndo) made() *RequirementChange {
	return compareVersions(u.versions,
		func(v *requirementVersion) (before, after *schemas.Requirement) { return v.before, visible(v.made) },
		maxDiffIntervals).changes()
}

func visible(r *schemas.Requirement) *schemas.Requirement {
	if r.Removed {
		return nil
	}
	return r
}

// compareVersions makes the changes from one side of the versions to the other.
func compareVersions(versions []requirementVersion,
	sides func(*requirementVersion) (before, after *schemas.Requirement), most int) *requirementDiff {
	d := newRequirementDiff(most)
	for begin := 0; begin < len(versions); {
		end, team := begin, TeamChange{Team: versions[begin].made.Team,
			IntervalS: versions[begin].made.LengthMS / schemas.SecondMS}
		var held, wanted []schemas.Requirement
		var span schemas.Interval
		for ; end < len(versions) && versions[end].made.Team == team.Team; end++ {
			before, after := sides(&versions[end])
			if before != nil {
				held = append(held, *before)
			}
			if after != nil {
				wanted = append(wanted, *after)
			}
			span = span.Hull(versions[end].covers())
		}
		team.From, team.To = span.Start, span.End
		d.team(team, held, wanted)
		begin = end
	}
	return d
}

func (d *requirementDiff) changes() *RequirementChange { return &d.RequirementChange }

func (m *Ledger) undoRequirements(ctx context.Context, u *undoing) error {
	all, err := m.requirementVersions(ctx, u.made)
	if err != nil {
		return err
	}
	var back []requirementVersion
	for begin := 0; begin < len(all.versions); {
		end := all.block(begin)
		if whole := all.versions[begin:end]; all.untouched(whole, u.made.ID) {
			back = append(back, whole...)
		} else {
			u.leaveBlock(whole)
		}
		begin = end
	}
	u.Restored = len(back)
	d := compareVersions(back,
		func(v *requirementVersion) (before, after *schemas.Requirement) { return visible(v.made), v.before },
		files.MaxProblems)
	t := &d.Totals
	u.Requirements = d.changes()
	u.entry.Added, u.entry.Changed, u.entry.Removed = t.Added, t.Changed, t.Removed
	u.write = func() error { return m.store.WriteRequirements(ctx, u.row, u.entry, d.write) }
	return nil
}

// block returns the end of the intervals that go back together: those that lie over each other, because their length
// changed.
func (u *requirementUndo) block(begin int) int {
	span, end := u.versions[begin].covers(), begin+1
	for end < len(u.versions) && u.versions[end].made.Team == u.versions[begin].made.Team &&
		u.versions[end].covers().Overlaps(span) {
		span = span.Hull(u.versions[end].covers())
		end++
	}
	return end
}

// untouched says whether all intervals of the block still come from the import, and nothing else lies over them.
func (u *requirementUndo) untouched(block []requirementVersion, revision string) bool {
	var span schemas.Interval
	for i := range block {
		if block[i].now.Revision != revision {
			return false
		}
		span = span.Hull(block[i].covers())
	}
	team := block[0].made.Team
	first, _ := slices.BinarySearchFunc(u.others, span.Start.Add(-schemas.HourMS),
		func(o schemas.Requirement, from schemas.Instant) int {
			return cmp.Or(cmp.Compare(o.Team, team), cmp.Compare(o.Start, from))
		})
	for _, o := range u.others[first:] {
		if o.Team != team || o.Start >= span.End {
			break
		}
		if o.Interval().Overlaps(span) {
			return false
		}
	}
	return true
}

// leaveBlock lists intervals that stay, with what changed them or one that lies over them.
func (u *undoing) leaveBlock(block []requirementVersion) {
	since := schemas.Instant(0)
	for i := range block {
		since = max(since, block[i].now.RecordedAt)
	}
	for i := range block {
		u.leave(block[i].made.Team, &block[i].made.Start, since)
	}
}
