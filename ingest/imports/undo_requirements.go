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
	if len(of) > 0 {
		u.add(of, made.ID)
	}
	return u, err
}

// add takes the revisions of one interval, oldest first, whose memory is used again.
func (u *requirementUndo) add(of []schemas.Requirement, revision string) {
	now := of[len(of)-1]
	n := slices.IndexFunc(of, func(r schemas.Requirement) bool { return r.Revision == revision })
	switch {
	case n >= 0:
		row := of[n]
		v := requirementVersion{made: &row, now: &now}
		if n > 0 && !of[n-1].Removed {
			before := of[n-1]
			v.before = &before
		}
		u.versions = append(u.versions, v)
	case !now.Removed:
		u.others = append(u.others, now)
	}
}

// maxDiffIntervals is how many intervals a diff shows; its totals count all.
const maxDiffIntervals = 10_000

func (m *Ledger) diffRequirements(ctx context.Context, d *Diff) error {
	all, err := m.requirementVersions(ctx, &d.Import)
	if err != nil {
		return err
	}
	d.Requirements = &compareVersions(all.versions, maxDiffIntervals, false).RequirementChange
	return nil
}

// compareVersions makes the changes from what was before an import to what it made or, back, the other way round.
func compareVersions(versions []requirementVersion, most int, back bool) *requirementDiff {
	d := newRequirementDiff(most)
	for of := range runs(versions, func(a, b *requirementVersion) bool { return a.made.Team == b.made.Team }) {
		var before, made []schemas.Requirement
		var span schemas.Interval
		for i := range of {
			v := &of[i]
			if v.before != nil {
				before = append(before, *v.before)
			}
			if !v.made.Removed {
				made = append(made, *v.made)
			}
			span = span.Hull(v.covers())
		}
		if back {
			before, made = made, before
		}
		d.team(TeamChange{Team: of[0].made.Team, From: span.Start, To: span.End,
			IntervalS: of[0].made.LengthMS / schemas.SecondMS}, before, made)
	}
	return d
}

func (m *Ledger) undoRequirements(ctx context.Context, u *undoing) error {
	all, err := m.requirementVersions(ctx, &u.Undoes)
	if err != nil {
		return err
	}
	var back []requirementVersion
	for begin := 0; begin < len(all.versions); {
		end := all.block(begin)
		if whole := all.versions[begin:end]; all.untouched(whole, u.Undoes.ID) {
			back = append(back, whole...)
		} else {
			u.leaveBlock(whole)
		}
		begin = end
	}
	u.Restored = len(back)
	d := compareVersions(back, files.MaxProblems, true)
	u.Requirements = &d.RequirementChange
	m.writeRequirements(ctx, u.writing, d)
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
