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

var categoryNames = []string{"", "on_queue_work", "off_queue_work", "break", "meal", "meeting", "training", "time_off",
	"unavailable", "unscheduled"}

// String returns the name.
func (v Category) String() string { return nameOf(categoryNames, v) }

// MarshalText writes the name.
func (v Category) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Category) UnmarshalText(b []byte) error { return readName(v, categoryNames, b) }

// ParseCategory reads the name, as UnmarshalText does.
func ParseCategory(s string) (Category, error) { return valueOf[Category](categoryNames, s) }

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
	VerdictUnknown                  // the feed does not say
	VerdictOutside                  // outside every activity and counted by the policy
)

var verdictNames = []string{"", "in", "tolerated", "out", "neutral", "ignored", "unknown", "outside"}

// String returns the name.
func (v Verdict) String() string { return nameOf(verdictNames, v) }

// MarshalText writes the name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Verdict) UnmarshalText(b []byte) error { return readName(v, verdictNames, b) }

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

var kindNames = []string{"", "outside_shift", "absent", "not_responding", "late_change", "early_change", "late_start",
	"early_end", "wrong_status"}

// String returns the name.
func (v Kind) String() string { return nameOf(kindNames, v) }

// MarshalText writes the name.
func (v Kind) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Kind) UnmarshalText(b []byte) error { return readName(v, kindNames, b) }

// Impact says what a deviation did to the queue (RULES.md section 5 rule 8).
type Impact uint8

// The values of Impact.
const (
	ImpactNone     Impact = iota // no exception
	ImpactNegative               // on-queue work was scheduled, the agent was not on queue
	ImpactPositive               // the agent was on queue without being scheduled for it
	ImpactNeutral                // neither
)

var impactNames = []string{"", "negative", "positive", "neutral"}

// String returns the name.
func (v Impact) String() string { return nameOf(impactNames, v) }

// MarshalText writes the name.
func (v Impact) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Impact) UnmarshalText(b []byte) error { return readName(v, impactNames, b) }

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
	ReasonTimeOff                               // all of it time off or unavailable, and ignored
)

var reasonNames = []string{"", "no_schedule", "not_published", "absent", "nothing_judged", "no_data",
	"nothing_scheduled_on_queue", "time_off"}

// String returns the name.
func (v Reason) String() string { return nameOf(reasonNames, v) }

// MarshalText writes the name.
func (v Reason) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Reason) UnmarshalText(b []byte) error { return readName(v, reasonNames, b) }

// DayState says how settled a judged day is (RULES.md section 10).
type DayState uint8

// The values of DayState.
const (
	DayNone        DayState = iota // not judged
	DayProvisional                 // a feed is not yet complete past its end
	DayFinal                       // every feed is complete past its end and settle
	DayRestated                    // was final and changed since
)

var dayStateNames = []string{"", "provisional", "final", "restated"}

// String returns the name.
func (v DayState) String() string { return nameOf(dayStateNames, v) }

// MarshalText writes the name.
func (v DayState) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *DayState) UnmarshalText(b []byte) error { return readName(v, dayStateNames, b) }

// Effect is what a correction does to the time that it covers (RULES.md section 5 rule 1).
type Effect uint8

// The values of Effect.
const (
	EffectNone    Effect = iota // none given
	EffectNeutral               // leaves the sums
	EffectIn                    // counts as in
)

var effectNames = []string{"", "neutral", "in"}

// String returns the name.
func (v Effect) String() string { return nameOf(effectNames, v) }

// MarshalText writes the name.
func (v Effect) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Effect) UnmarshalText(b []byte) error { return readName(v, effectNames, b) }

// ParseEffect reads the name, as UnmarshalText does.
func ParseEffect(s string) (Effect, error) { return valueOf[Effect](effectNames, s) }
