package adherence

import "rollcall/schemas"

// PresentAt returns the state of the instant before at (the interval that ends at it; RULES.md sections 3 and 7) from
// the same input as Judge.Days, and since when each field has had its value: 0 for an absent field and for one of which
// nothing was ever known. A fact is believed until the next one of its field, but no longer than carry_forward; a gap
// makes its fields unknown; a field that nothing names or declares is absent.
func PresentAt(in *Input, at schemas.Instant) (schemas.State, schemas.LiveSince) {
	var now [3]uint32
	var since [3]schemas.Instant
	for f := range now {
		now[f], since[f] = in.fieldAt(f, at)
	}
	//nolint:gosec // values of the enumerations
	return schemas.State{Presence: schemas.Presence(now[0]), Status: schemas.Status(now[1] & 0xff),
			Routing: schemas.Routing(now[2]), Secondary: in.Rules.secondaries.Text(now[1] >> 8)},
		schemas.LiveSince{Presence: since[0], Status: since[1], Routing: since[2]}
}

// unknownValue is the number of unknown in all three fields.
const unknownValue = uint32(schemas.PresenceUnknown)

// fieldAt returns the value of field f in the instant before at, and since when it has held.
func (in *Input) fieldAt(f int, at schemas.Instant) (now uint32, since schemas.Instant) {
	named := in.NamedBefore[f] != 0 || in.Declared>>f&1 == 1
	until := at // until when the facts further back are believed
	for i := len(in.Facts) - 1; i >= 0; i-- {
		fact := &in.Facts[i]
		v := value(fact, f)
		if v == 0 || fact.At >= at {
			continue
		}
		named = true
		end := fact.At.Add(in.Rules.policy.CarryForwardMS)
		if now == 0 && end < at {
			now, since = unknownValue, end
			break
		}
		if now != 0 && fact.At == until {
			continue // a later fact of the same instant has won
		}
		if now != 0 && (v != now || end < until) {
			break
		}
		now, since, until = v, fact.At, fact.At
	}
	if !named {
		return 0, 0
	}
	return in.behindGaps(f, at, max(now, unknownValue), since)
}

// behindGaps makes the value unknown inside a gap, and lets it begin no earlier than the end of the last gap.
func (in *Input) behindGaps(f int, at schemas.Instant, now uint32, since schemas.Instant) (uint32, schemas.Instant) {
	silent := forever
	for i := range in.Gaps {
		switch g := &in.Gaps[i]; {
		case fieldsOf(g)>>f&1 == 0 || g.Start >= at:
		case at <= g.End:
			silent = min(silent, g.Start)
		case now != unknownValue:
			since = max(since, g.End)
		}
	}
	if silent != forever {
		return unknownValue, silent
	}
	return now, since
}
