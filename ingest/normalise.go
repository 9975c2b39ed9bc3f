package ingest

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"rollcall/schemas"
)

// Texts are the state texts of one fact as a file or a feed gave them; empty means not given.
type Texts struct {
	Presence, Status, Routing, Secondary string
}

// Unmapped is a state text that means nothing to us.
type Unmapped struct {
	Field, Text string
}

// Finding reports the text, once for each source, field and text; agent and instant are those of an example.
func (u Unmapped) Finding(source, agentID string, at schemas.Instant) schemas.Finding {
	return schemas.Finding{
		ID:      schemas.HashID(schemas.FindingUnmapped, source, u.Field, u.Text),
		Kind:    schemas.FindingUnmapped,
		Source:  source,
		AgentID: agentID,
		At:      at,
		Detail:  fmt.Sprintf("%s %q maps to nothing and counts as unknown", u.Field, u.Text),
	}
}

// Mapping maps state texts to presence, status, routing and secondary status. It does not change after NewMapping and
// may be used concurrently; a nil *Mapping knows no secondary statuses and no decided meanings.
type Mapping struct {
	exact  map[string]schemas.SecondaryStatus // by label
	folded map[string]schemas.SecondaryStatus // by folded label, where that is one label
	// presences and routings are what the organisation has decided that further texts stand for.
	presences, routings meanings
}

// NewMapping makes the mapping of an organisation from its tables of secondary statuses and of meanings.
func NewMapping(statuses []schemas.SecondaryStatus, decided ...schemas.Meaning) *Mapping {
	m := &Mapping{
		exact:     map[string]schemas.SecondaryStatus{},
		folded:    map[string]schemas.SecondaryStatus{},
		presences: newMeanings(decided, schemas.MeaningPresence),
		routings:  newMeanings(decided, schemas.MeaningRouting),
	}
	ambiguous := map[string]bool{"": true}
	for _, s := range statuses {
		m.exact[s.Secondary] = s
		f := fold(s.Secondary, true)
		known, ok := m.folded[f]
		ambiguous[f] = ambiguous[f] || ok && known.Secondary != s.Secondary
		m.folded[f] = s
	}
	for f, is := range ambiguous {
		if is {
			delete(m.folded, f)
		}
	}
	return m
}

func (m *Mapping) secondary(text string) (schemas.SecondaryStatus, bool) {
	if m == nil {
		return schemas.SecondaryStatus{}, false
	}
	if s, ok := m.exact[text]; ok {
		return s, true
	}
	s, ok := m.folded[fold(text, true)]
	return s, ok
}

// genesys is the table of RULES.md section 3 "From Genesys Cloud": the presence and status that a folded system
// presence stands for.
var genesys = map[string]struct {
	presence schemas.Presence
	status   schemas.Status
}{
	"onqueue":   {schemas.PresenceAvailable, schemas.StatusAvailable},
	"available": {schemas.PresenceAvailable, schemas.StatusOffQueue},
	"busy":      {schemas.PresenceBusy, schemas.StatusOffQueue},
	"away":      {schemas.PresenceAway, schemas.StatusOffQueue},
	"idle":      {schemas.PresenceAway, schemas.StatusOffQueue},
	"break":     {schemas.PresenceAway, schemas.StatusBreak},
	"meal":      {schemas.PresenceAway, schemas.StatusMeal},
	"meeting":   {schemas.PresenceBusy, schemas.StatusMeeting},
	"training":  {schemas.PresenceBusy, schemas.StatusTraining},
	"offline":   {schemas.PresenceOffline, schemas.StatusOffQueue},
}

// Apply sets the states of c from the texts and returns those that mean nothing, which it also stores in c.Raw.
//
// Our own names, exactly as in RULES.md section 1, mean themselves. Otherwise texts are compared by their letters only,
// ignoring case. In presence the names of Genesys Cloud stand for a presence and a status ("On Queue", "ON_QUEUE"; also
// "Available", which is not our "available"); a status that is given too goes before. A status may be one of ours
// spelled differently ("Off Queue"), or a label of the organisation's table, which then is the secondary status; a
// secondary status of that table given without a status brings its status. Presence and routing may be texts of which
// the organisation has decided what they stand for (schemas.Meaning). Anything else becomes unknown. The error is a
// text that is too long or no text.
func (m *Mapping) Apply(c *schemas.Change, t Texts) ([]Unmapped, *schemas.FieldError) {
	for _, f := range [...]Unmapped{{"presence", t.Presence}, {"status", t.Status}, {"routing", t.Routing},
		{"secondary", t.Secondary}} {
		if f.Text == "" {
			continue
		}
		if err := schemas.CheckID(f.Field, f.Text); err != nil {
			return nil, err
		}
	}
	var unmapped []Unmapped
	c.Secondary = t.Secondary
	c.Status = schemas.StatusNone
	unmapped = m.applyPresence(c, t.Presence, unmapped)
	unmapped = m.applyStatus(c, t.Status, unmapped)
	unmapped = m.applyRouting(c, t.Routing, unmapped)
	if len(unmapped) > 0 {
		raw := make([]string, len(unmapped))
		for i, u := range unmapped {
			raw[i] = u.Field + "=" + u.Text
		}
		c.Raw = strings.Join(raw, "; ")
	}
	return unmapped, nil
}

func (m *Mapping) applyPresence(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	if v, ok := exactly(text, schemas.PresenceNone, schemas.PresenceOffline); ok {
		c.Presence = v
		return unmapped
	}
	folded := fold(text, false)
	if known, ok := genesys[folded]; ok {
		c.Presence, c.Status = known.presence, known.status
		return unmapped
	}
	if m != nil {
		if decided, ok := m.presences.of(text); ok {
			c.Presence, c.Status = decided.Presence, decided.Status
			return unmapped
		}
	}
	c.Presence = schemas.PresenceUnknown
	if folded == "unknown" {
		return unmapped
	}
	return append(unmapped, Unmapped{"presence", text})
}

func (m *Mapping) applyStatus(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	if text == "" {
		if s, ok := m.secondary(c.Secondary); ok && c.Status == schemas.StatusNone {
			c.Status, c.Secondary = s.Status, s.Secondary
		}
		return unmapped
	}
	if v, ok := exactly(text, schemas.StatusUnknown, schemas.StatusOffQueue); ok {
		c.Status = v
		return unmapped
	}
	if s, ok := m.secondary(text); ok {
		c.Status, c.Secondary = s.Status, cmp.Or(c.Secondary, s.Secondary)
		return unmapped
	}
	if v, ok := byLetters(text, schemas.StatusUnknown, schemas.StatusOffQueue); ok {
		c.Status = v
		return unmapped
	}
	c.Status = schemas.StatusUnknown
	return append(unmapped, Unmapped{"status", text})
}

func (m *Mapping) applyRouting(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	v, ok := exactly(text, schemas.RoutingNone, schemas.RoutingNotResponding)
	if !ok {
		v, ok = byLetters(text, schemas.RoutingUnknown, schemas.RoutingNotResponding)
	}
	if !ok && m != nil {
		var decided schemas.Meaning
		decided, ok = m.routings.of(text)
		v = decided.Routing
	}
	if !ok {
		v, unmapped = schemas.RoutingUnknown, append(unmapped, Unmapped{"routing", text})
	}
	c.Routing = v
	return unmapped
}

// state is one of our enumerations, whose values follow each other.
type state interface {
	~uint8
	String() string
}

// exactly finds the value from first to last whose name is the text.
func exactly[T state](text string, first, last T) (T, bool) {
	for v := first; v <= last; v++ {
		if v.String() == text {
			return v, true
		}
	}
	return 0, false
}

// byLetters finds the value from first to last whose name, lower case with at most one underscore, has the letters of
// the text.
func byLetters[T state](text string, first, last T) (T, bool) {
	folded := fold(text, false)
	for v := first; v <= last; v++ {
		before, after, _ := strings.Cut(v.String(), "_")
		if len(folded) == len(before)+len(after) && strings.HasPrefix(folded, before) && strings.HasSuffix(folded, after) {
			return v, true
		}
	}
	return 0, false
}

// fold returns the letters of a text in lower case, with its digits where they count.
func fold(text string, digits bool) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || digits && unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
