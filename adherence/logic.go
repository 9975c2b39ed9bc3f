package adherence

// matchAbsent is what a part of a rule says whose every field is absent: nothing, it is left out (RULES.md section 3).
const matchAbsent match = 3

// set packs values of a state field into bits.
func set[T ~uint8](values ...T) uint8 {
	var bits uint8
	for _, v := range values {
		bits |= 1 << v
	}
	return bits
}

// has reports whether a field has one of the values. The field's first value is absent, its second is unknown; both are
// the same in all three fields.
func has[T ~uint8](field T, values uint8) match {
	switch {
	case field == 0:
		return matchAbsent
	case field == 1:
		return matchUnknown
	case values>>field&1 == 1:
		return matchYes
	}
	return matchNo
}

// both joins two parts that must both hold; a part that is absent is ignored.
func both(a, b match) match {
	switch {
	case a == matchAbsent:
		return b
	case b == matchAbsent:
		return a
	}
	switch {
	case a == matchNo || b == matchNo:
		return matchNo
	case a == matchUnknown || b == matchUnknown:
		return matchUnknown
	}
	return matchYes
}

// anyOf joins two parts of which one must hold; a part that is absent is ignored.
func anyOf(a, b match) match {
	switch {
	case a == matchAbsent:
		return b
	case b == matchAbsent:
		return a
	case a == matchYes || b == matchYes:
		return matchYes
	case a == matchUnknown || b == matchUnknown:
		return matchUnknown
	}
	return matchNo
}

// decided turns a whole rule of which every field is absent into unknown (RULES.md section 3).
func decided(m match) match {
	if m == matchAbsent {
		return matchUnknown
	}
	return m
}

// all joins the parts of a whole rule that must all hold.
func all(parts ...match) match {
	said := matchAbsent
	for _, p := range parts {
		said = both(said, p)
	}
	return decided(said)
}
