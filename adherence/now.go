package adherence

import "rollcall/schemas"

// Present is what is known of an agent at one instant: the state, and since when each field has had its value (0 for an
// absent field and for one of which nothing was ever known).
type Present struct {
	State schemas.State
	Since schemas.LiveSince
}

// PresentAt returns the state of the instant before at (the interval that ends at it; RULES.md sections 3 and 7) from
// the same input as Judge.Days: a fact is believed until the next one of its field, but no longer than carry_forward; a
// gap makes its fields unknown; a field that nothing names or declares is absent.
func PresentAt(in *Input, at schemas.Instant) Present {
	v := presentView{in: in, at: at}
	presence, pSince := v.field(schemas.FieldPresence, in.NamedBefore.Presence,
		func(f *schemas.Fact) uint32 { return uint32(f.Presence) })
	status, sSince := v.field(schemas.FieldStatus, in.NamedBefore.Status, func(f *schemas.Fact) uint32 {
		if f.Status == schemas.StatusNone {
			return 0
		}
		return uint32(f.Status) | f.Secondary<<8
	})
	routing, rSince := v.field(schemas.FieldRouting, in.NamedBefore.Routing,
		func(f *schemas.Fact) uint32 { return uint32(f.Routing) })
	return Present{
		//nolint:gosec // values of the enumerations
		State: schemas.State{Presence: schemas.Presence(presence), Status: schemas.Status(status & 0xff),
			Routing: schemas.Routing(routing), Secondary: in.Rules.secondaries.Text(status >> 8)}, //nolint:gosec // as above
		Since: schemas.LiveSince{Presence: pSince, Status: sSince, Routing: rSince},
	}
}

// unknownValue is the number of unknown in all three fields.
const unknownValue = uint32(schemas.PresenceUnknown)

type presentView struct {
	in *Input
	at schemas.Instant
}

// field returns the value of one field in the instant before at, and since when it has held.
func (v *presentView) field(field schemas.Fields, before schemas.Instant, value func(*schemas.Fact) uint32) (uint32,
	schemas.Instant) {
	now, since, named := uint32(0), schemas.Instant(0), before != 0 || v.in.Declared&field != 0
	until := v.at // until when the facts further back are believed
	for i := len(v.in.Facts) - 1; i >= 0; i-- {
		f := &v.in.Facts[i]
		w := value(f)
		if w == 0 || f.At >= v.at {
			continue
		}
		named = true
		end := f.At.Add(v.in.Rules.policy.CarryForwardMS)
		if now == 0 && end < v.at {
			now, since = unknownValue, end
			break
		}
		if now != 0 && f.At == until {
			continue // a later fact of the same instant has won
		}
		if now != 0 && (w != now || end < until) {
			break
		}
		now, since, until = w, f.At, f.At
	}
	if !named {
		return 0, 0
	}
	if now == 0 {
		now = unknownValue
	}
	return v.behindGaps(field, now, since)
}

// behindGaps makes the value unknown inside a gap, and lets it begin no earlier than the end of the last gap.
func (v *presentView) behindGaps(field schemas.Fields, now uint32, since schemas.Instant) (uint32, schemas.Instant) {
	var gapStart schemas.Instant
	for _, g := range v.in.Gaps {
		if g.Fields != 0 && g.Fields&field == 0 {
			continue
		}
		if g.Start < v.at && v.at <= g.End {
			if gapStart == 0 || g.Start < gapStart {
				gapStart = g.Start
			}
		} else if g.End < v.at && now != unknownValue {
			since = max(since, g.End)
		}
	}
	if gapStart != 0 {
		return unknownValue, gapStart
	}
	return now, since
}
