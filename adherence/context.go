package adherence

import "rollcall/schemas"

// Context returns how much context exact results need: of the agent's facts, gaps, corrections and activities those
// from beforeMS before the first instant of the date From until afterMS after the end of the date To (facts after AsOf
// never matter). It provides for shifts of at most schemas.LongestShiftMS; an activity or shift that reaches over
// either end must be given whole, and one longer than that needs facts back to its start less carry_forward. More
// context changes nothing. With credit_contact a contact is credited that began under an activity: one that began
// before the context, more than carry_forward and a longest shift ago, is taken to have begun outside.
func (r *Rules) Context() (beforeMS, afterMS int64) {
	p := &r.policy
	around := 2*p.ShiftGapMS + p.ExceptionThresholdMS + schemas.LongestShiftMS
	return around + p.CarryForwardMS, around
}
