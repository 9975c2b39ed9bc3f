package schemas

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OnQueueRule says which of status and routing on_queue_work needs (RULES.md section 5).
type OnQueueRule string

// The rules for on_queue_work.
const (
	OnQueueBoth   OnQueueRule = "both"
	OnQueueEither OnQueueRule = "either"
)

// ToleranceMode says what an edge tolerance does to a longer run (RULES.md section 5 rule 6).
type ToleranceMode string

// The tolerance modes.
const (
	ForgiveShort ToleranceMode = "forgive_short"
	AlwaysCredit ToleranceMode = "always_credit"
)

// OutsideShift says what on-queue time outside every scheduled activity is.
type OutsideShift string

// What on-queue time outside the schedule is.
const (
	OutsideIgnore    OutsideShift = "ignore"
	OutsideException OutsideShift = "exception"
)

// DayRule says to which local date an activity belongs (RULES.md section 2).
type DayRule string

// The rules for the day of an activity.
const (
	DayShiftStart DayRule = "shift_start"
	DayMidnight   DayRule = "midnight"
)

// defaultShiftGapMS is the shift_gap of a policy that does not set it (RULES.md section 11).
const defaultShiftGapMS = 2 * HourMS

// unsetMS is an edge that the policy does not name under a category.
const unsetMS int64 = -1

// Edges are the four edge tolerances of a category in milliseconds, -1 where the policy does not name it.
type Edges struct{ StartEarlyMS, StartLateMS, EndEarlyMS, EndLateMS int64 }

// UnsetEdges names none of the four.
func UnsetEdges() Edges { return Edges{unsetMS, unsetMS, unsetMS, unsetMS} }

// Alternative is one way to match a mapped activity: every field with values must have one of them.
type Alternative struct {
	Presence  []Presence `json:"presence,omitempty"`
	Status    []Status   `json:"status,omitempty"`
	Routing   []Routing  `json:"routing,omitempty"`
	Secondary []string   `json:"secondary,omitempty"`
}

// CodePrefix begins the key of a mapped line that is for an activity code instead of a category.
const CodePrefix = "code:"

// Policy is the rules by which a day is judged (RULES.md section 11). DefaultPolicy gives the defaults of
// RULES.md section 11; the zero value is no policy. Two policies with equal MarshalJSON are the same rules.
type Policy struct {
	OnQueueRule          OnQueueRule
	OffQueueEquivalent   bool
	ExceptionThresholdMS int64
	// Tolerance holds the edges named under each category; CategoryNone holds those under default.
	Tolerance         map[Category]Edges
	ToleranceMode     ToleranceMode
	OutsideShift      OutsideShift
	IgnoredCategories []Category
	IgnoredCodes      []string
	AbsentCounts      bool
	CreditContact     bool
	Day               DayRule
	ShiftGapMS        int64
	CarryForwardMS    int64
	SevereAfterMS     int64
	// TargetPercent is the adherence that reports measure against; it changes no figure of the judge.
	TargetPercent float64
	// Mapping replaces lines of the default match, by category or by CodePrefix and code.
	Mapping map[string][]Alternative
	// Prefer lists, for presence, status and routing, the sources whose facts count before those of all others, the best
	// first; empty where the latest fact of any source counts (RULES.md section 3).
	Prefer [3][]string
}

// DefaultPolicy returns the rules of a policy that sets nothing: the defaults of RULES.md section 11.
func DefaultPolicy() Policy {
	return Policy{
		OnQueueRule:          OnQueueBoth,
		ExceptionThresholdMS: SecondMS,
		ToleranceMode:        ForgiveShort,
		OutsideShift:         OutsideIgnore,
		IgnoredCategories:    []Category{CategoryTimeOff, CategoryUnavailable},
		Day:                  DayShiftStart,
		ShiftGapMS:           defaultShiftGapMS,
		CarryForwardMS:       7 * DayMS,
		SevereAfterMS:        5 * MinuteMS,
		TargetPercent:        90,
	}
}

// FirstDefaults returns what a policy that set nothing meant before 2026-12: every run out of adherence was an
// exception, and leave was judged. A store that was filled then judges by it what was known then; hashes name the keys
// in which a policy differs from it, so that new defaults change no hash of old ones.
func FirstDefaults() Policy {
	p := DefaultPolicy()
	p.ExceptionThresholdMS, p.IgnoredCategories = 0, nil
	return p
}

// EdgesOf returns the four tolerances of a category: an edge that is not named under it is taken from default, else 0
// (RULES.md section 5 rule 6).
func (p *Policy) EdgesOf(c Category) Edges {
	edge := func(of func(Edges) int64) int64 {
		for _, c := range []Category{c, CategoryNone} {
			if e, named := p.Tolerance[c]; named && of(e) != unsetMS {
				return of(e)
			}
		}
		return 0
	}
	return Edges{
		edge(func(e Edges) int64 { return e.StartEarlyMS }), edge(func(e Edges) int64 { return e.StartLateMS }),
		edge(func(e Edges) int64 { return e.EndEarlyMS }), edge(func(e Edges) int64 { return e.EndLateMS }),
	}
}

// ParsePolicy reads a policy document, JSON or YAML; what it does not set has its default. Unknown keys, keys given
// twice, wrong types, negative or unparsable durations and unknown words are errors that begin with the path of the
// key, such as tolerance.break.start_late, and suggest what would be right.
func ParsePolicy(data []byte) (Policy, error) {
	doc, err := ParseDocument(data)
	if err != nil {
		return Policy{}, fmt.Errorf("read policy: %w", err)
	}
	if doc.Kind == NodeNull {
		return DefaultPolicy(), nil
	}
	return PolicyOf(doc)
}

// PolicyOf reads a policy from a part of a document, as ParsePolicy does.
func PolicyOf(doc *Node) (Policy, error) {
	p := DefaultPolicy()
	if err := readKeys(doc, p.keys()); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// readKeys reads a map that may have the keys.
func readKeys(doc *Node, keys []policyKey) error {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	if err := doc.WantKeys(names...); err != nil {
		return err
	}
	for _, k := range keys {
		if n := doc.Get(k.name); n != nil {
			if err := k.read(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// policyKey is one key of a policy document: how it is read, and its value as the canonical document has it.
type policyKey struct {
	name  string
	read  func(*Node) error
	value any
}

// keys lists the keys in the order of RULES.md section 11.
func (p *Policy) keys() []policyKey {
	mapping := p.Mapping
	if mapping == nil {
		mapping = map[string][]Alternative{}
	}
	return []policyKey{
		{"on_queue_rule", choice(&p.OnQueueRule, OnQueueBoth, OnQueueEither), p.OnQueueRule},
		{"off_queue_equivalent", flag(&p.OffQueueEquivalent), p.OffQueueEquivalent},
		{"exception_threshold", length(&p.ExceptionThresholdMS), FormatLength(p.ExceptionThresholdMS)},
		{"tolerance", p.readTolerance, p.toleranceDocument()},
		{"tolerance_mode", choice(&p.ToleranceMode, ForgiveShort, AlwaysCredit), p.ToleranceMode},
		{"outside_shift", choice(&p.OutsideShift, OutsideIgnore, OutsideException), p.OutsideShift},
		{"ignored_categories", listOf(&p.IgnoredCategories, ParseScheduledCategory),
			append([]Category{}, p.IgnoredCategories...)},
		{"ignored_codes", listOf(&p.IgnoredCodes, nonEmpty), append([]string{}, p.IgnoredCodes...)},
		{"absent_counts", flag(&p.AbsentCounts), p.AbsentCounts},
		{"credit_contact", flag(&p.CreditContact), p.CreditContact},
		{"day", choice(&p.Day, DayShiftStart, DayMidnight), p.Day},
		{"shift_gap", length(&p.ShiftGapMS), FormatLength(p.ShiftGapMS)},
		{"carry_forward", length(&p.CarryForwardMS), FormatLength(p.CarryForwardMS)},
		{"severe_after", length(&p.SevereAfterMS), FormatLength(p.SevereAfterMS)},
		{"target_percent", p.readTarget, p.TargetPercent},
		{"mapping", p.readMapping, mapping},
		{"prefer", p.readPrefer, p.preferDocument()},
	}
}

func choice[T ~string](into *T, names ...T) func(*Node) error {
	return func(n *Node) error {
		if err := n.Want(NodeText); err != nil {
			return err
		}
		if !slices.Contains(names, T(n.Text)) {
			texts := make([]string, len(names))
			for i, name := range names {
				texts[i] = string(name)
			}
			return n.Wrong("%s", NotAmong(n.Text, texts))
		}
		*into = T(n.Text)
		return nil
	}
}

func flag(into *bool) func(*Node) error {
	return func(n *Node) (err error) {
		*into, err = n.Bool()
		return err
	}
}

// length reads a Go duration of whole milliseconds, not negative.
func length(into *int64) func(*Node) error {
	return func(n *Node) error {
		if n.Kind == NodeNumber && n.Text != "0" {
			return n.Wrong("%s has no unit; write a duration such as %ss or %sm", n.Text, n.Text, n.Text)
		}
		if n.Kind != NodeNumber && n.Kind != NodeText {
			return n.Want(NodeText)
		}
		d, err := time.ParseDuration(n.Text)
		switch {
		case err != nil:
			return n.Wrong("%q is not a duration; write one such as 90s, 5m or 1h30m", n.Text)
		case d < 0:
			return n.Wrong("%s is negative; write a duration of 0s or more", n.Text)
		case d%time.Millisecond != 0:
			return n.Wrong("%s is finer than a millisecond; write whole milliseconds", n.Text)
		}
		*into = d.Milliseconds()
		return nil
	}
}

// keys lists the keys of an edge tolerance.
func (e *Edges) keys() []policyKey {
	return []policyKey{
		{"start_early", length(&e.StartEarlyMS), e.StartEarlyMS},
		{"start_late", length(&e.StartLateMS), e.StartLateMS},
		{"end_early", length(&e.EndEarlyMS), e.EndEarlyMS},
		{"end_late", length(&e.EndLateMS), e.EndLateMS},
	}
}

func (p *Policy) readTolerance(n *Node) error {
	if err := n.WantKeys(append([]string{"default"}, schedulable()...)...); err != nil {
		return err
	}
	p.Tolerance = map[Category]Edges{}
	for i, key := range n.Keys {
		category := CategoryNone
		if key != "default" {
			category, _ = ParseCategory(key) // WantKeys let only categories pass
		}
		edges := UnsetEdges()
		if err := readKeys(n.Items[i], edges.keys()); err != nil {
			return err
		}
		p.Tolerance[category] = edges
	}
	return nil
}

// schedulable lists the categories that an activity can have.
func schedulable() []string { return categoryNames[CategoryOnQueueWork:CategoryUnscheduled] }

// ParseScheduledCategory reads the category of an activity; unscheduled and the empty text are errors too.
func ParseScheduledCategory(s string) (Category, error) {
	if !slices.Contains(schedulable(), s) {
		return CategoryNone, NotAmong(s, schedulable())
	}
	return ParseCategory(s)
}

func nonEmpty(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("is empty; write a text or leave it out")
	}
	return s, nil
}

// listOf reads a list of names; one that occurs twice counts once. The result is sorted, so that equal rules read
// equal.
func listOf[T interface{ ~uint8 | ~string }](into *[]T, parse func(string) (T, error)) func(*Node) error {
	return func(n *Node) error {
		if err := n.Want(NodeList); err != nil {
			return err
		}
		*into = nil
		for _, item := range n.Items {
			if err := item.Want(NodeText); err != nil {
				return err
			}
			v, err := parse(item.Text)
			if err != nil {
				return item.Wrong("%s", err)
			}
			if !slices.Contains(*into, v) {
				*into = append(*into, v)
			}
		}
		slices.Sort(*into)
		return nil
	}
}

func (p *Policy) readTarget(n *Node) error {
	if err := n.Want(NodeNumber); err != nil {
		return err
	}
	v, err := strconv.ParseFloat(n.Text, 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return n.Wrong("%s is not a percentage; write a number from 0 to 100", n.Text)
	}
	p.TargetPercent = v
	return nil
}

func (p *Policy) readMapping(n *Node) error {
	if err := n.Want(NodeMap); err != nil {
		return err
	}
	p.Mapping = map[string][]Alternative{}
	for i, key := range n.Keys {
		line := n.Items[i]
		if code, ok := strings.CutPrefix(key, CodePrefix); ok {
			if code == "" {
				return line.Wrong("names no code; write %sNAME", CodePrefix)
			}
		} else if _, err := ParseScheduledCategory(key); err != nil {
			return line.Wrong("%s; or write %sNAME for an activity code", err, CodePrefix)
		}
		alternatives, err := readAlternatives(line)
		if err != nil {
			return err
		}
		p.Mapping[key] = alternatives
	}
	return nil
}

func readAlternatives(n *Node) ([]Alternative, error) {
	if err := n.Want(NodeList); err != nil {
		return nil, err
	}
	if len(n.Items) == 0 {
		return nil, n.Wrong("lists no alternative, so nothing could ever match; list at least one, or leave the line out")
	}
	var all []Alternative
	for _, item := range n.Items {
		var a Alternative
		if err := readKeys(item, a.keys()); err != nil {
			return nil, err
		}
		if len(item.Keys) == 0 {
			return nil, item.Wrong("names no field; name presence, status, routing or secondary")
		}
		all = append(all, a)
	}
	return all, nil
}

// keys lists the keys of an alternative.
func (a *Alternative) keys() []policyKey {
	return []policyKey{
		{"presence", someOf(&a.Presence, known(ParsePresence)), nil},
		{"status", someOf(&a.Status, known(ParseStatus)), nil},
		{"routing", someOf(&a.Routing, known(ParseRouting)), nil},
		{"secondary", someOf(&a.Secondary, nonEmpty), nil},
	}
}

// someOf is listOf at least one.
func someOf[T interface{ ~uint8 | ~string }](into *[]T, parse func(string) (T, error)) func(*Node) error {
	return func(n *Node) error {
		err := listOf(into, parse)(n)
		if err == nil && len(n.Items) == 0 {
			return n.Wrong("lists no value, so nothing could ever match; list at least one")
		}
		return err
	}
}

// known refuses the empty word and unknown, which nothing can match: an unknown field leaves a rule undecided.
func known[T ~uint8](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		switch {
		case err != nil:
			return 0, err
		case v == 0:
			return 0, fmt.Errorf("is empty; write a value or leave it out")
		case v == 1:
			return 0, fmt.Errorf("%q cannot be matched: an unknown field leaves the rule undecided; leave it out", s)
		}
		return v, nil
	}
}

// MarshalJSON writes the policy as the canonical document that ParsePolicy reads back: every key, in the order of
// RULES.md section 11 but for an empty prefer, durations as short as Go writes them, maps in order of their keys.
func (p Policy) MarshalJSON() ([]byte, error) {
	doc := []byte{'{'}
	for i, k := range p.keys() {
		if k.value == nil {
			continue
		}
		value, err := json.Marshal(k.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			doc = append(doc, ',')
		}
		doc = append(append(strconv.AppendQuote(doc, k.name), ':'), value...)
	}
	return append(doc, '}'), nil
}

func (p *Policy) toleranceDocument() map[string]map[string]string {
	doc := map[string]map[string]string{}
	for c, edges := range p.Tolerance {
		key := "default"
		if c != CategoryNone {
			key = c.String()
		}
		doc[key] = map[string]string{}
		for _, k := range edges.keys() {
			if ms := k.value.(int64); ms != unsetMS {
				doc[key][k.name] = FormatLength(ms)
			}
		}
	}
	return doc
}

// readPrefer reads the sources that are preferred for a field, in their order.
func (p *Policy) readPrefer(n *Node) error {
	if err := n.WantKeys(FieldNames[:]...); err != nil {
		return err
	}
	p.Prefer = [3][]string{}
	for i, name := range FieldNames {
		list := n.Get(name)
		if list == nil {
			continue
		}
		if err := list.Want(NodeList); err != nil {
			return err
		}
		for _, item := range list.Items {
			switch err := item.Want(NodeText); {
			case err != nil:
				return err
			case item.Text == "":
				return item.Wrong("is empty; write the name of a source")
			case slices.Contains(p.Prefer[i], item.Text):
				return item.Wrong("names %q a second time; name each source once, the best first", item.Text)
			}
			p.Prefer[i] = append(p.Prefer[i], item.Text)
		}
		if len(list.Items) == 0 {
			return list.Wrong("lists no source; list at least one, or leave the field out")
		}
	}
	return nil
}

// preferDocument is nil where no field prefers a source.
func (p *Policy) preferDocument() any {
	doc := map[string][]string{}
	for i, list := range p.Prefer {
		if len(list) > 0 {
			doc[FieldNames[i]] = list
		}
	}
	if len(doc) == 0 {
		return nil
	}
	return doc
}

// UnmarshalJSON reads what ParsePolicy reads.
func (p *Policy) UnmarshalJSON(data []byte) (err error) {
	*p, err = ParsePolicy(data)
	return err
}

// FormatLength writes milliseconds as a Go duration without zero units at its end: 90s is 1m30s, an hour is 1h.
func FormatLength(ms int64) string {
	s := (time.Duration(ms) * time.Millisecond).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}
