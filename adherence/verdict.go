package adherence

import (
	"slices"

	"rollcall/schemas"
)

// This file is RULES.md section 5, rules 1 to 5: the verdict on every atomic interval.

// outside is the index of no activity.
const outside int32 = -1

// correctedSpan is a stretch with the effect of the corrections that cover it, EffectNone for none. It lasts until the
// next of the list.
type correctedSpan struct {
	at     schemas.Instant
	effect schemas.Effect
}

// atom is an interval in which scheduled activity, actual state, correction and day are constant.
type atom struct {
	start, end schemas.Instant
	state      code
	verdict    schemas.Verdict
	onQueue    bool
	plot       int32
	secondary  uint32
}

// contact is the unbroken stretch of interacting or communicating that goes on, and the activity under which it began.
type contact struct {
	lasts bool
	act   int32
}

// layCorrections works out which correction decides where: of those that overlap, the one recorded later (rule 1).
func (j *Judge) layCorrections() {
	all := j.in.Corrections
	j.corrected, j.correctedAt = j.corrected[:0], j.correctedAt[:0]
	for i := range all {
		j.correctedAt = append(j.correctedAt, all[i].Start, all[i].End)
	}
	slices.Sort(j.correctedAt)
	for _, at := range j.correctedAt {
		effect := schemas.EffectNone
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].Start <= at && at < all[i].End {
				effect = all[i].Effect
				break
			}
		}
		j.corrected = append(j.corrected, correctedSpan{at, effect})
	}
	j.corrected = append(j.corrected, correctedSpan{at: forever})
}

// judge sweeps once over plots, spans and corrections, which are all sorted, and makes the atoms and runs.
func (j *Judge) judge() {
	j.atoms, j.runs = j.atoms[:0], j.runs[:0]
	j.open, j.contact = run{act: noRun}, contact{}
	spans, corrected := j.spans, j.corrected
	effect := schemas.EffectNone
	for i := range j.plots {
		p := &j.plots[i]
		for at := p.start; at < p.end; {
			for spans[1].at <= at {
				spans = spans[1:]
			}
			for corrected[0].at <= at {
				effect = corrected[0].effect
				corrected = corrected[1:]
			}
			end := min(p.end, spans[1].at, corrected[0].at)
			j.atoms = append(j.atoms, atom{start: at, end: end, state: spans[0].state & p.present,
				secondary: spans[0].secondary, plot: int32(i)})
			a := &j.atoms[len(j.atoms)-1]
			j.decide(a, p, effect)
			j.extend(a.verdict, p.act)
			at = end
		}
	}
	j.closeRun()
}

// decide sets the verdict of an atom.
func (j *Judge) decide(a *atom, p *plot, effect schemas.Effect) {
	a.onQueue = j.rules.onQueue[a.state%codes]
	if j.rules.policy.CreditContact {
		j.contact.follow(a, p)
	}
	if p.act == outside {
		a.verdict = j.outsideVerdict(a, effect)
	} else {
		s := &j.acts[p.act]
		a.verdict = j.verdict(a, p, s, effect)
		s.absence.look(a, s, effect)
	}
}

// verdict is rules 1 to 5; the first that matches wins.
func (j *Judge) verdict(a *atom, p *plot, s *scheduled, effect schemas.Effect) schemas.Verdict {
	switch effect {
	case schemas.EffectNeutral:
		return schemas.VerdictNeutral
	case schemas.EffectIn:
		return schemas.VerdictIn
	case schemas.EffectNone:
	}
	if s.ignored {
		return schemas.VerdictIgnored
	}
	switch s.line.says(a.state, a.secondary) {
	case matchUnknown:
		return schemas.VerdictUnknown
	case matchYes:
		return schemas.VerdictIn
	default:
	}
	if j.contact.lasts && j.contact.creditedIn(j, p.act) {
		return schemas.VerdictIn
	}
	return schemas.VerdictOut
}

// creditedIn reports whether the contact that goes on began under an earlier activity of the shift of act (rule 4).
// Time off in no shift has no contact credit (fine print).
func (c *contact) creditedIn(j *Judge, act int32) bool {
	shift := j.acts[act].shift
	return c.act != outside && c.act < act && shift != schemas.NoShift && j.acts[c.act].shift == shift
}

// outsideVerdict is VerdictOutside where on-queue time outside every activity is an exception: a correction or a
// credited contact removes it. Outside the schedule a contact is credited if it began under any activity (fine print).
func (j *Judge) outsideVerdict(a *atom, effect schemas.Effect) schemas.Verdict {
	switch {
	case !a.onQueue || j.rules.policy.OutsideShift != schemas.OutsideException:
		return schemas.VerdictNone
	case effect != schemas.EffectNone, j.contact.lasts && j.contact.act != outside:
		return schemas.VerdictNone
	}
	return schemas.VerdictOutside
}

// follow notes whether a contact goes on, began, or ended. Without credit_contact none is followed.
func (c *contact) follow(a *atom, p *plot) {
	if !a.state.contact() {
		c.lasts = false
		return
	}
	if !c.lasts {
		c.lasts, c.act = true, p.act
	}
}
