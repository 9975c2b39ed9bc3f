package adherence

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// Case is a self-contained input of the judge for one agent (RULES.md section 12). ParseCase makes one that
// Evaluate can judge.
type Case struct {
	Name        string
	Zone        schemas.Zone
	AsOf        schemas.Instant
	Policy      schemas.Policy
	Activities  []schemas.Activity
	Changes     []schemas.Change
	Corrections []schemas.Correction
	Gaps        []schemas.Gap
	// Complete holds the statements of how far sources are complete; the last of a source counts.
	Complete []Source
}

// ParseCase reads one case from JSON. An error names the case and the place in it, such as schedule[2].end, and says
// what would be right. The keys source, note and expect are allowed and ignored.
func ParseCase(data []byte) (*Case, error) {
	cases, err := ParseCases(data)
	switch {
	case err != nil:
		return nil, err
	case len(cases) != 1:
		return nil, fmt.Errorf("read case: %d cases where one is wanted", len(cases))
	}
	return cases[0], nil
}

// ParseCases reads any number of cases: JSON objects one after the other (as in NDJSON), arrays of them, or both.
func ParseCases(data []byte) ([]*Case, error) {
	docs, err := schemas.ParseJSONDocuments(data)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	var nodes []*schemas.Node
	for _, d := range docs {
		if d.Kind == schemas.NodeList {
			nodes = append(nodes, d.Items...)
			continue
		}
		nodes = append(nodes, d)
	}
	if len(nodes) == 0 {
		return nil, errors.New("read cases: there is none; write a JSON object as `rollcall rules 12` shows")
	}
	cases := make([]*Case, len(nodes))
	for i, n := range nodes {
		if cases[i], err = readCase(n); err != nil {
			return nil, fmt.Errorf("read case %s: %w", caseName(n, i), err)
		}
	}
	return cases, nil
}

// caseName names a case for an error, by its name or its number.
func caseName(n *schemas.Node, i int) string {
	if name := n.Get("name"); name != nil && name.Text != "" {
		return fmt.Sprintf("%q", name.Text)
	}
	return fmt.Sprint(i + 1)
}

func readCase(n *schemas.Node) (*Case, error) {
	if err := n.WantKeys("name", "time_zone", "as_of", "policy", "schedule", "changes", "corrections", "gaps", "complete",
		"source", "note", "expect"); err != nil {
		return nil, err
	}
	c := &Case{Policy: schemas.DefaultPolicy()}
	r := keyReader{n: n}
	r.text("name", &c.Name)
	r.need("time_zone", func(v *schemas.Node) error {
		zone, err := schemas.LoadZone(v.Text)
		c.Zone = zone
		return err
	})
	r.instant("as_of", &c.AsOf)
	if r.err != nil {
		return nil, r.err
	}
	if p := n.Get("policy"); p != nil && p.Kind != schemas.NodeNull {
		var err error
		if c.Policy, err = schemas.PolicyOf(p); err != nil {
			return nil, err
		}
	}
	return c, c.readLists(n)
}

func (c *Case) readLists(n *schemas.Node) error {
	for _, list := range []struct {
		key  string
		read func(*schemas.Node) error
	}{{"schedule", c.readActivity}, {"changes", c.readChange}, {"corrections", c.readCorrection}, {"gaps", c.readGap},
		{"complete", c.readComplete}} {
		v := n.Get(list.key)
		if v == nil || v.Kind == schemas.NodeNull {
			continue // none
		}
		if err := v.Want(schemas.NodeList); err != nil {
			return err
		}
		for _, item := range v.Items {
			if err := list.read(item); err != nil {
				return err
			}
		}
	}
	return c.orderActivities(n.Get("schedule"))
}

func (c *Case) readActivity(n *schemas.Node) error {
	if err := n.WantKeys("start", "end", "category", "code", "shift", "paid", "description", "note"); err != nil {
		return err
	}
	a := schemas.Activity{Line: len(c.Activities)}
	r := keyReader{n: n}
	r.stretch(&a.Start, &a.End)
	r.need("category", func(v *schemas.Node) (err error) {
		a.Category, err = schemas.ParseScheduledCategory(v.Text)
		return err
	})
	r.text("code", &a.Code)
	r.text("shift", &a.Shift)
	r.text("description", &a.Description)
	if v := n.Get("paid"); v != nil && r.err == nil {
		a.Paid, r.err = v.Bool()
	}
	c.Activities = append(c.Activities, a)
	return r.err
}

// orderActivities sorts the schedule and refuses activities that overlap, by their places in the file.
func (c *Case) orderActivities(n *schemas.Node) error {
	schemas.SortActivities(c.Activities)
	for i := 1; i < len(c.Activities); i++ {
		a, b := &c.Activities[i-1], &c.Activities[i]
		if b.Start < a.End {
			return n.Items[b.Line].Wrong("starts at %s and overlaps schedule[%d], which lasts until %s; activities of one agent"+
				" may not overlap", b.Start, a.Line, a.End)
		}
	}
	for i := range c.Activities {
		c.Activities[i].Line = 0
	}
	return nil
}

func (c *Case) readChange(n *schemas.Node) error {
	if err := n.WantKeys("at", "presence", "status", "routing", "secondary", "id", "source", "agent_id",
		"note"); err != nil {
		return err
	}
	var f schemas.Change
	r := keyReader{n: n}
	r.instant("at", &f.At)
	r.text("id", &f.ID)
	r.text("source", &f.Source)
	r.text("agent_id", &f.AgentID)
	r.text("note", &f.Note)
	r.text("secondary", &f.Secondary)
	readState(&r, "presence", &f, &f.Presence, schemas.ParsePresence)
	readState(&r, "status", &f, &f.Status, schemas.ParseStatus)
	readState(&r, "routing", &f, &f.Routing, schemas.ParseRouting)
	if r.err != nil {
		return r.err
	}
	if len(c.Changes) > 0 && f.AgentID != c.Changes[0].AgentID {
		return n.Wrong("is of agent %q, but changes[0] is of %q; a case is about one agent", f.AgentID, c.Changes[0].AgentID)
	}
	if f.Secondary != "" && f.Status == schemas.StatusNone {
		return n.Wrong("has the secondary status %q and no status; name the status that it belongs to", f.Secondary)
	}
	c.Changes = append(c.Changes, f)
	return nil
}

// readState reads one of the three state fields. A field that is missing, null or empty is unchanged; a text that is no
// known state is stored as it came and counts as unknown (RULES.md section 3).
func readState[T ~uint8](r *keyReader, key string, f *schemas.Change, into *T, parse func(string) (T, error)) {
	var text string
	var err error
	r.text(key, &text)
	if *into, err = parse(text); err != nil {
		*into = T(unknownValue)
		if f.Raw != "" {
			f.Raw += "; "
		}
		f.Raw += key + "=" + text
	}
}

func (c *Case) readCorrection(n *schemas.Node) error {
	if err := n.WantKeys("start", "end", "effect", "reason", "id", "note"); err != nil {
		return err
	}
	var f schemas.Correction
	r := keyReader{n: n}
	r.stretch(&f.Start, &f.End)
	r.need("effect", func(v *schemas.Node) (err error) {
		if f.Effect, err = schemas.ParseEffect(v.Text); err == nil && f.Effect == schemas.EffectNone {
			err = errors.New("is empty; write neutral or in")
		}
		return err
	})
	r.text("reason", &f.Reason)
	r.text("id", &f.ID)
	c.Corrections = append(c.Corrections, f)
	return r.err
}

func (c *Case) readGap(n *schemas.Node) error {
	if err := n.WantKeys("start", "end", "reason", "id", "source", "note"); err != nil {
		return err
	}
	var g schemas.Gap
	r := keyReader{n: n}
	r.text("source", &g.Source)
	r.stretch(&g.Start, &g.End)
	c.Gaps = append(c.Gaps, g)
	return r.err
}

func (c *Case) readComplete(n *schemas.Node) error {
	if err := n.WantKeys("source", "up_to", "note"); err != nil {
		return err
	}
	var s Source
	r := keyReader{n: n}
	r.text("source", &s.Name)
	r.instant("up_to", &s.CompleteUpTo)
	c.Complete = append(c.Complete, s)
	return r.err
}

// keyReader reads the keys of a map until one is wrong.
type keyReader struct {
	n   *schemas.Node
	err error
}

// need reads a text that must be there.
func (r *keyReader) need(key string, read func(*schemas.Node) error) {
	if r.err != nil {
		return
	}
	v := r.n.Get(key)
	if v == nil {
		r.err = r.n.Wrong("has no %s; it is required", key)
		return
	}
	if r.err = v.Want(schemas.NodeText); r.err != nil {
		return
	}
	if err := read(v); err != nil {
		r.err = v.Wrong("%s", err)
	}
}

// text reads a text that may be missing or null.
func (r *keyReader) text(key string, into *string) {
	v := r.n.Get(key)
	if r.err != nil || v == nil || v.Kind == schemas.NodeNull {
		return
	}
	r.err = v.Want(schemas.NodeText)
	*into = v.Text
}

func (r *keyReader) instant(key string, into *schemas.Instant) {
	r.need(key, func(v *schemas.Node) error {
		at, err := schemas.ParseInstant(v.Text)
		if err == nil && (at < schemas.MinInstant || at > schemas.MaxInstant) {
			err = fmt.Errorf("%s is out of range; write an instant between %s and %s", at, schemas.MinInstant,
				schemas.MaxInstant)
		}
		*into = at
		return err
	})
}

// stretch reads start and end, the second after the first.
func (r *keyReader) stretch(start, end *schemas.Instant) {
	r.instant("start", start)
	r.instant("end", end)
	if r.err == nil && *end <= *start {
		r.err = r.n.Get("end").Wrong("%s is not after the start %s; an interval ends after it starts", *end, *start)
	}
}

// factKey is the key of a fact. Without an id the key is made of the content, so that a line that comes twice changes
// nothing (RULES.md section 3).
type factKey struct {
	source, id string
	at         schemas.Instant
}

// completeUpTo returns how far a source has said last that it is complete, 0 where it never has.
func (c *Case) completeUpTo(source string) (upTo schemas.Instant) {
	for _, s := range c.Complete {
		if s.Name == source {
			upTo = s.CompleteUpTo
		}
	}
	return upTo
}

// gaps returns the gaps, each with the fields that it names, or else those that the lines of its feed name; all where
// no line is of its feed.
func (c *Case) gaps() []schemas.Gap {
	out := slices.Clone(c.Gaps)
	for i := range out {
		g := &out[i]
		if g.Source == "" || g.Fields != 0 {
			continue
		}
		for k := range c.Changes {
			if c.Changes[k].Source == g.Source {
				g.Fields |= c.Changes[k].Fields()
			}
		}
	}
	return out
}

// facts puts the changes in order (the order of lines is the order of receipt; of several with one key the first
// counts) and says which fields any line names, also one after as_of (fine print).
func (c *Case) facts(names *schemas.FactNames) ([]schemas.Fact, schemas.Fields) {
	var named schemas.Fields
	seen := make(map[factKey]bool, len(c.Changes))
	facts := make([]schemas.Fact, 0, len(c.Changes))
	for i := range c.Changes {
		f := &c.Changes[i]
		key := factKey{f.Source, "id:" + f.ID, f.At}
		if f.ID == "" {
			key.id = f.ContentID()
		}
		named |= f.Fields() // also a line that counts for nothing else declares its fields
		if seen[key] {
			continue
		}
		seen[key] = true
		facts = append(facts, f.Fact(names))
	}
	slices.SortStableFunc(facts, func(a, b schemas.Fact) int { return cmp.Compare(a.At, b.At) })
	return facts, named
}

// Input returns the case as the judge reads it, for every day that it has.
func (c *Case) Input() *Input {
	var names schemas.FactNames
	facts, named := c.facts(&names)
	return &Input{
		Zones:       []ZoneSpan{{Zone: c.Zone}},
		AsOf:        c.AsOf,
		Rules:       Compile(c.Policy, &names.Secondaries),
		Activities:  c.Activities,
		Facts:       facts,
		Sources:     Sources(&names, c.completeUpTo, nil),
		Gaps:        c.gaps(),
		Corrections: c.Corrections,
		Declared:    named,
		From:        FirstDate,
		To:          LastDate,
	}
}

// Evaluate judges the case: every day that it has.
func (c *Case) Evaluate() (CaseResult, error) {
	var j Judge
	days, err := j.Days(c.Input(), nil)
	if err != nil {
		return CaseResult{}, fmt.Errorf("evaluate case %q: %w", c.Name, err)
	}
	return CaseResult{Name: c.Name, Days: days}, nil
}

// CaseResult is a judged case. It marshals to the one-line JSON of RULES.md section 12: lengths in seconds,
// with decimals only for milliseconds; percentages of two decimals, or null with a reason.
type CaseResult struct {
	Name string
	Days []schemas.AgentDay
}

// caseDay is a day with its exceptions.
type caseDay struct {
	schemas.DayJSON
	Exceptions []schemas.ExceptionJSON `json:"exceptions"`
}

// MarshalJSON writes name and days.
func (r CaseResult) MarshalJSON() ([]byte, error) {
	doc := struct {
		Name string    `json:"name"`
		Days []caseDay `json:"days"`
	}{r.Name, make([]caseDay, len(r.Days))}
	for i := range r.Days {
		d := &r.Days[i]
		doc.Days[i] = caseDay{d.JSON(), make([]schemas.ExceptionJSON, len(d.Exceptions))}
		for k := range d.Exceptions {
			doc.Days[i].Exceptions[k] = d.Exceptions[k].JSON()
		}
	}
	return json.Marshal(doc)
}
