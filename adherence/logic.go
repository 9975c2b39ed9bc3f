package adherence

// match is what a rule, or a part of one, says of a state, in the three values of RULES.md section 5 rule 3. The order
// makes the least decide among parts that must all hold.
type match uint8

const (
	matchNo match = iota
	matchUnknown
	matchYes
	// matchAbsent is said by a part whose every field is absent: it is left out (RULES.md section 3).
	matchAbsent
)

// set packs values of a state field into bits.
func set[T ~uint8](values ...T) uint8 {
	var bits uint8
	for _, v := range values {
		bits |= 1 << v
	}
	return bits
}

// has reports whether a field has one of the values; without values nothing is asked of it. The field's first value is
// absent, its second is unknown; both are the same in all three fields.
func has[T ~uint8](field T, values uint8) match {
	switch {
	case field == 0 || values == 0:
		return matchAbsent
	case field == 1:
		return matchUnknown
	case values>>field&1 == 1:
		return matchYes
	}
	return matchNo
}

// anyOf joins two parts of which one must hold.
func anyOf(a, b match) match {
	if a == matchAbsent || b == matchAbsent {
		return min(a, b)
	}
	return max(a, b)
}

// decided turns a whole rule of which every field is absent into unknown (RULES.md section 3).
func decided(m match) match {
	if m == matchAbsent {
		return matchUnknown
	}
	return m
}
