package ingest

import (
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

// Finding tells of the text, once for each source, field and text; agent and instant are those of an example.
func (u Unmapped) Finding(source, agentID string, at schemas.Instant) schemas.Finding {
	return schemas.Finding{
		ID: schemas.HashID(schemas.FindingUnmapped, source, u.Field, u.Text), Kind: schemas.FindingUnmapped,
		Source: source, AgentID: agentID, At: at,
		Detail: fmt.Sprintf("%s %q maps to nothing and counts as unknown", u.Field, u.Text),
	}
}

// Mapping maps state texts to our words. It is not changed after NewMapping, and may be used by many at once; a nil *Mapping
// knows no secondary statuses.
type Mapping struct {
	exact  map[string]schemas.SecondaryStatus // by label
	folded map[string]schemas.SecondaryStatus // by letters and digits of the label, where that is one label
	// presences and routings are what the organisation has decided that further texts stand for.
	presences, routings meanings
}

// NewMapping makes the words of an organisation from its tables of secondary statuses and of meanings.
func NewMapping(statuses []schemas.SecondaryStatus, decided ...schemas.Meaning) *Mapping {
	w := &Mapping{exact: map[string]schemas.SecondaryStatus{}, folded: map[string]schemas.SecondaryStatus{},
		presences: newMeanings(decided, schemas.MeaningPresence), routings: newMeanings(decided, schemas.MeaningRouting)}
	var twice []string
	for _, s := range statuses {
		w.exact[s.Secondary] = s
		f := fold(s.Secondary, true)
		if known, ok := w.folded[f]; ok && known.Secondary != s.Secondary {
			twice = append(twice, f)
		}
		w.folded[f] = s
	}
	for _, f := range twice {
		delete(w.folded, f)
	}
	return w
}

func (w *Mapping) secondary(text string) (schemas.SecondaryStatus, bool) {
	if w == nil || text == "" {
		return schemas.SecondaryStatus{}, false
	}
	if s, ok := w.exact[text]; ok {
		return s, true
	}
	f := fold(text, true)
	if f == "" {
		return schemas.SecondaryStatus{}, false
	}
	s, ok := w.folded[f]
	return s, ok
}

// genesys is the table of RULES.md section 3 "From Genesys Cloud": the letters of a system presence, and the presence and
// status that it stands for.
func genesys(letters string) (schemas.Presence, schemas.Status, bool) {
	switch letters {
	case "onqueue":
		return schemas.PresenceAvailable, schemas.StatusAvailable, true
	case "available":
		return schemas.PresenceAvailable, schemas.StatusOffQueue, true
	case "busy":
		return schemas.PresenceBusy, schemas.StatusOffQueue, true
	case "away", "idle":
		return schemas.PresenceAway, schemas.StatusOffQueue, true
	case "break":
		return schemas.PresenceAway, schemas.StatusBreak, true
	case "meal":
		return schemas.PresenceAway, schemas.StatusMeal, true
	case "meeting":
		return schemas.PresenceBusy, schemas.StatusMeeting, true
	case "training":
		return schemas.PresenceBusy, schemas.StatusTraining, true
	case "offline":
		return schemas.PresenceOffline, schemas.StatusOffQueue, true
	}
	return 0, 0, false
}

// Apply sets the states of c from the texts and gives those that mean nothing, which are kept in c.Raw.
//
// Our own words, exactly as in RULES.md section 1, mean themselves. Otherwise texts are compared by their letters only,
// ignoring case. In presence the words of Genesys Cloud stand for a presence and a status ("On Queue", "ON_QUEUE"; also
// "Available", which is not our "available"); a status that is given too goes before. A status may be one of ours
// spelled differently ("Off Queue"), or a label of the organisation's table, which then is the secondary status; a
// secondary status of that table given without a status brings its status. Presence and routing may be texts of which the
// organisation has decided what they stand for (schemas.Meaning). Anything else becomes unknown. The error is a
// text that is too long or no text.
func (w *Mapping) Apply(c *schemas.Change, t Texts) ([]Unmapped, *schemas.FieldError) {
	for _, f := range [...]Unmapped{{"presence", t.Presence}, {"status", t.Status}, {"routing", t.Routing}, {"secondary", t.Secondary}} {
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
	unmapped = w.applyPresence(c, t.Presence, unmapped)
	unmapped = w.applyStatus(c, t.Status, unmapped)
	unmapped = w.applyRouting(c, t.Routing, unmapped)
	if len(unmapped) > 0 {
		raw := make([]string, len(unmapped))
		for i, u := range unmapped {
			raw[i] = u.Field + "=" + u.Text
		}
		c.Raw = strings.Join(raw, "; ")
	}
	return unmapped, nil
}

func (w *Mapping) applyPresence(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	for v := schemas.PresenceNone; v <= schemas.PresenceOffline; v++ {
		if v.String() == text {
			c.Presence = v
			return unmapped
		}
	}
	letters := fold(text, false)
	if p, s, ok := genesys(letters); ok {
		c.Presence, c.Status = p, s
		return unmapped
	}
	if m, ok := w.presenceOf(text); ok {
		c.Presence, c.Status = m.Presence, m.Status
		return unmapped
	}
	c.Presence = schemas.PresenceUnknown
	if letters == "unknown" {
		return unmapped
	}
	return append(unmapped, Unmapped{"presence", text})
}

func (w *Mapping) applyStatus(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	if text == "" {
		if s, ok := w.secondary(c.Secondary); ok && c.Status == schemas.StatusNone {
			c.Status, c.Secondary = s.Status, s.Secondary
		}
		return unmapped
	}
	for v := schemas.StatusUnknown; v <= schemas.StatusOffQueue; v++ {
		if v.String() == text {
			c.Status = v
			return unmapped
		}
	}
	if s, ok := w.secondary(text); ok {
		c.Status = s.Status
		if c.Secondary == "" {
			c.Secondary = s.Secondary
		}
		return unmapped
	}
	letters := fold(text, false)
	for v := schemas.StatusUnknown; v <= schemas.StatusOffQueue; v++ {
		if sameLetters(v.String(), letters) {
			c.Status = v
			return unmapped
		}
	}
	c.Status = schemas.StatusUnknown
	return append(unmapped, Unmapped{"status", text})
}

func (w *Mapping) applyRouting(c *schemas.Change, text string, unmapped []Unmapped) []Unmapped {
	for v := schemas.RoutingNone; v <= schemas.RoutingNotResponding; v++ {
		if v.String() == text {
			c.Routing = v
			return unmapped
		}
	}
	letters := fold(text, false)
	for v := schemas.RoutingUnknown; v <= schemas.RoutingNotResponding; v++ {
		if sameLetters(v.String(), letters) {
			c.Routing = v
			return unmapped
		}
	}
	if m, ok := w.routingOf(text); ok {
		c.Routing = m.Routing
		return unmapped
	}
	c.Routing = schemas.RoutingUnknown
	return append(unmapped, Unmapped{"routing", text})
}

// sameLetters compares one of our words, lower case with at most one underscore, with folded letters.
func sameLetters(word, letters string) bool {
	before, after, _ := strings.Cut(word, "_")
	return len(letters) == len(before)+len(after) && strings.HasPrefix(letters, before) && strings.HasSuffix(letters, after)
}

// fold gives the letters of a text in lower case, with its digits where they count.
func fold(text string, digits bool) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || digits && unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
