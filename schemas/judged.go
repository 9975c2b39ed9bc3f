package schemas

// Category is what kind of time an activity is (RULES.md section 1). The zero value is no category.
type Category uint8

// The values of Category.
const (
	CategoryNone         Category = iota // none given
	CategoryOnQueueWork                  // takes interactions
	CategoryOffQueueWork                 // other work
	CategoryBreak                        // break
	CategoryMeal                         // meal
	CategoryMeeting                      // meeting
	CategoryTraining                     // training
	CategoryTimeOff                      // holiday, sick leave
	CategoryUnavailable                  // not to be planned
	CategoryUnscheduled                  // only in results: outside every activity
)

var categoryNames = [...]string{"", "on_queue_work", "off_queue_work", "break", "meal", "meeting", "training", "time_off", "unavailable", "unscheduled"}

// String returns the name.
func (v Category) String() string { return word(categoryNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Category) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Category) UnmarshalText(b []byte) error {
	i, err := index(categoryNames[:], string(b))
	*v = Category(i)
	return err
}

// ParseCategory reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseCategory(s string) (Category, error) {
	i, err := index(categoryNames[:], s)
	return Category(i), err
}

// Verdict is what the judge says of a stretch of scheduled time (RULES.md section 5).
type Verdict uint8

// The values of Verdict.
const (
	VerdictNone      Verdict = iota // not judged
	VerdictIn                       // actual matches scheduled
	VerdictTolerated                // did not match, within tolerance or threshold; counts as in
	VerdictOut                      // did not match
	VerdictNeutral                  // taken out by a correction
	VerdictIgnored                  // the policy ignores its category or code
	VerdictUnknown                  // the feed does not tell
	VerdictOutside                  // outside every activity and counted by the policy
)

var verdictNames = [...]string{"", "in", "tolerated", "out", "neutral", "ignored", "unknown", "outside"}

// String returns the name.
func (v Verdict) String() string { return word(verdictNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Verdict) UnmarshalText(b []byte) error {
	i, err := index(verdictNames[:], string(b))
	*v = Verdict(i)
	return err
}

// ParseVerdict reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseVerdict(s string) (Verdict, error) {
	i, err := index(verdictNames[:], s)
	return Verdict(i), err
}

// Kind says what sort of deviation an exception is (RULES.md section 5 rule 8).
type Kind uint8

// The values of Kind.
const (
	KindNone          Kind = iota // no exception
	KindOutsideShift              // on queue outside every activity
	KindAbsent                    // the day is absent
	KindNotResponding             // available, and not answering throughout
	KindLateChange                // stayed in the activity before
	KindEarlyChange               // went to the next activity early
	KindLateStart                 // starts where the shift starts
	KindEarlyEnd                  // ends where the shift ends
	KindWrongStatus               // anything else
)

var kindNames = [...]string{"", "outside_shift", "absent", "not_responding", "late_change", "early_change", "late_start", "early_end", "wrong_status"}

// String returns the name.
func (v Kind) String() string { return word(kindNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Kind) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Kind) UnmarshalText(b []byte) error {
	i, err := index(kindNames[:], string(b))
	*v = Kind(i)
	return err
}

// ParseKind reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseKind(s string) (Kind, error) {
	i, err := index(kindNames[:], s)
	return Kind(i), err
}

// Impact says what a deviation did to the queue (RULES.md section 5 rule 8).
type Impact uint8

// The values of Impact.
const (
	ImpactNone     Impact = iota // no exception
	ImpactNegative               // on-queue work was scheduled, the agent was not on queue
	ImpactPositive               // the agent was on queue without being scheduled for it
	ImpactNeutral                // neither
)

var impactNames = [...]string{"", "negative", "positive", "neutral"}

// String returns the name.
func (v Impact) String() string { return word(impactNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Impact) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Impact) UnmarshalText(b []byte) error {
	i, err := index(impactNames[:], string(b))
	*v = Impact(i)
	return err
}

// ParseImpact reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseImpact(s string) (Impact, error) {
	i, err := index(impactNames[:], s)
	return Impact(i), err
}

// Reason says why a percentage does not exist (RULES.md section 6); the zero value means that it exists.
type Reason uint8

// The values of Reason.
const (
	ReasonNone                    Reason = iota // the percentage exists
	ReasonNoSchedule                            // nothing was scheduled
	ReasonNotPublished                          // no schedule was known before the day began
	ReasonAbsent                                // the agent was offline throughout
	ReasonNothingJudged                         // all of it ignored or neutral
	ReasonNoData                                // nothing is known of the time
	ReasonNothingScheduledOnQueue               // no on-queue work to measure against
)

var reasonNames = [...]string{"", "no_schedule", "not_published", "absent", "nothing_judged", "no_data", "nothing_scheduled_on_queue"}

// String returns the name.
func (v Reason) String() string { return word(reasonNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Reason) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Reason) UnmarshalText(b []byte) error {
	i, err := index(reasonNames[:], string(b))
	*v = Reason(i)
	return err
}

// ParseReason reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseReason(s string) (Reason, error) {
	i, err := index(reasonNames[:], s)
	return Reason(i), err
}

// DayState says how settled a judged day is (RULES.md section 10).
type DayState uint8

// The values of DayState.
const (
	DayNone        DayState = iota // not judged
	DayProvisional                 // a feed is not yet complete past its end
	DayFinal                       // every feed is complete past its end and settle
	DayRestated                    // was final and changed since
)

var dayStateNames = [...]string{"", "provisional", "final", "restated"}

// String returns the name.
func (v DayState) String() string { return word(dayStateNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v DayState) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *DayState) UnmarshalText(b []byte) error {
	i, err := index(dayStateNames[:], string(b))
	*v = DayState(i)
	return err
}

// ParseDayState reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseDayState(s string) (DayState, error) {
	i, err := index(dayStateNames[:], s)
	return DayState(i), err
}

// Effect is what a correction does to the time that it covers (RULES.md section 5 rule 1).
type Effect uint8

// The values of Effect.
const (
	EffectNone    Effect = iota // none given
	EffectNeutral               // leaves the sums
	EffectIn                    // counts as in
)

var effectNames = [...]string{"", "neutral", "in"}

// String returns the name.
func (v Effect) String() string { return word(effectNames[:], uint8(v)) }

// MarshalText writes the word of String.
func (v Effect) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word of String; another word is an error that lists the words there are.
func (v *Effect) UnmarshalText(b []byte) error {
	i, err := index(effectNames[:], string(b))
	*v = Effect(i)
	return err
}

// ParseEffect reads the word of String; another word is an error that lists the words there are and names the nearest.
func ParseEffect(s string) (Effect, error) {
	i, err := index(effectNames[:], s)
	return Effect(i), err
}
