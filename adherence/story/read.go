package story

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"rollcall/adherence"
	"rollcall/schemas"
)

// lines reads the lines of a section in order. A date on a line of its own holds for the lines after it.
func (s *Story) lines(name string, read func(c calendar, l line) error) error {
	c := s.calendar
	sec := s.sections[name]
	if sec == nil {
		return nil
	}
	for _, l := range sec.lines {
		var err error
		if found := dateLine.FindStringSubmatch(l.text); found != nil {
			c.date, err = schemas.ParseDate(found[1])
			c.dated = true
		} else {
			err = read(c, l)
		}
		if err != nil {
			return placed(s.File, l.number, err)
		}
	}
	return nil
}

// readSchedule reads lines such as 09:00-10:30 Phones (on queue work) shift=s1.
func (s *Story) readSchedule() error {
	type numbered struct {
		schemas.Activity
		line int
	}
	var all []numbered
	err := s.lines("schedule", func(c calendar, l line) error {
		v, rest, err := c.two(l.text)
		if err != nil {
			return err
		}
		a, err := readActivity(rest)
		if err != nil {
			return err
		}
		a.Start, a.End = v.Start, v.End
		for _, b := range all {
			if a.Interval().Overlaps(b.Interval()) {
				return fmt.Errorf("%s overlaps line %d (%s); activities of one agent may not overlap", firstWords(l.text), b.line,
					s.calendar.writeTwo(b.Interval()))
			}
		}
		all = append(all, numbered{a, l.number})
		s.Case.Activities = append(s.Case.Activities, a)
		return nil
	})
	schemas.SortActivities(s.Case.Activities)
	return err
}

// readActivity reads what follows the times: Phones (on queue work) shift=s1 paid description="…", or break.
func readActivity(text string) (schemas.Activity, error) {
	var a schemas.Activity
	code, category, rest, err := cutLabel(text)
	if err != nil {
		return a, err
	}
	a.Code = code
	if a.Category, err = categoryOf(category, schemas.CategoryUnavailable); err != nil {
		return a, fmt.Errorf("%w; the category stands in brackets after the activity, as in Phones (on queue work)", err)
	}
	words, err := tokens(rest)
	if err != nil {
		return a, err
	}
	for _, t := range words {
		switch {
		case t.key == "shift":
			a.Shift = t.text
		case t.key == "description":
			a.Description = t.text
		case t.key == "" && t.text == "paid":
			a.Paid = true
		default:
			return a, fmt.Errorf("%q says nothing of an activity; write shift=NAME, paid or description=\"…\"", t.key+t.text)
		}
	}
	return a, nil
}

// cutLabel takes an activity from the start of text: Phones (on queue work), "Odd (code)" (break), or break.
func cutLabel(text string) (code, category, rest string, err error) {
	text = strings.TrimSpace(text)
	quoted := strings.HasPrefix(text, `"`)
	if quoted {
		if code, text, err = cutQuoted(text); err != nil {
			return "", "", "", err
		}
	}
	open := strings.IndexAny(text, `("=`)
	if open < 0 || text[open] != '(' {
		if quoted {
			return "", "", "", fmt.Errorf("activity %q has no category; write it in brackets after the activity", code)
		}
		category, rest = cutCategory(text)
		return "", category, rest, nil
	}
	if before := strings.TrimSpace(text[:open]); !quoted {
		code = before
	} else if before != "" {
		return "", "", "", fmt.Errorf("%q stands between activity and category; take it away", before)
	}
	category, rest, ok := strings.Cut(text[open+1:], ")")
	if !ok {
		return "", "", "", errors.New("the bracket is not closed; write the category as in Phones (on queue work)")
	}
	return code, category, rest, nil
}

// cutCategory takes the words up to the first that is an option.
func cutCategory(text string) (category, rest string) {
	words := strings.Fields(text)
	for i, w := range words {
		if w == "paid" || keyPattern.MatchString(w) {
			_, rest, _ = strings.Cut(text, w)
			return strings.Join(words[:i], " "), w + rest
		}
	}
	return strings.Join(words, " "), ""
}

// readHappened reads lines such as 08:58 signs in: available, off queue.
func (s *Story) readHappened() error {
	return s.lines("what happened", func(c calendar, l line) error {
		at, rest, err := c.one(l.text)
		if err != nil {
			return err
		}
		change, err := readChange(rest)
		if err != nil {
			return err
		}
		change.At = at
		if all := s.Case.Changes; len(all) > 0 && all[0].AgentID != change.AgentID {
			return fmt.Errorf("is of agent %q, but the line before is of %q; a story is about one agent", change.AgentID,
				all[0].AgentID)
		}
		s.Case.Changes = append(s.Case.Changes, change)
		return nil
	})
}

// cutRemark takes away words before a colon: they are for the reader. Quotation marks and = belong to fields.
func cutRemark(text string) string {
	before, after, ok := strings.Cut(text, ": ")
	if !ok || strings.ContainsAny(before, `"=`) {
		return text
	}
	return after
}

// readChange reads what follows the time: phrases and fields, one after the other.
func readChange(text string) (schemas.Change, error) {
	var c schemas.Change
	words, err := tokens(cutRemark(text))
	if err != nil {
		return c, err
	}
	if len(words) == 0 {
		return c, errors.New("nothing happens; write what the agent does, such as `on queue`, or nothing")
	}
	var spoken []string
	raw := map[string]string{}
	for i, t := range words {
		if t.key != "" {
			err = setField(&c, t, raw)
		} else {
			spoken = append(spoken, t.text)
			if t.comma || i == len(words)-1 || words[i+1].key != "" {
				err = speak(&c, strings.Join(spoken, " "))
				spoken = nil
			}
		}
		if err != nil {
			return c, err
		}
	}
	if c.Raw == "" {
		c.Raw = joinRaw(raw)
	}
	if c.Secondary != "" && c.Status == schemas.StatusNone {
		return c, fmt.Errorf("secondary %q has no status; name the status that it belongs to", c.Secondary)
	}
	return c, nil
}

// joinRaw joins the texts that are no known state, as a case does.
func joinRaw(raw map[string]string) string {
	var parts []string
	for _, key := range []string{"presence", "status", "routing"} {
		if text, ok := raw[key]; ok {
			parts = append(parts, key+"="+text)
		}
	}
	return strings.Join(parts, "; ")
}

// speak sets the fields of the change that a phrase names.
func speak(c *schemas.Change, text string) error {
	s, err := saying(text)
	c.Presence, c.Status = cmp.Or(s.Presence, c.Presence), cmp.Or(s.Status, c.Status)
	c.Routing = cmp.Or(s.Routing, c.Routing)
	return err
}

func setField(c *schemas.Change, t token, raw map[string]string) (err error) {
	switch t.key {
	case "presence":
		c.Presence, err = fieldOf(t, raw, schemas.PresenceUnknown, schemas.PresenceOffline, schemas.Presence.String)
	case "status":
		c.Status, err = fieldOf(t, raw, schemas.StatusUnknown, schemas.StatusOffQueue, schemas.Status.String)
	case "routing":
		c.Routing, err = fieldOf(t, raw, schemas.RoutingUnknown, schemas.RoutingNotResponding, schemas.Routing.String)
	case "secondary":
		c.Secondary = t.text
	case "id":
		c.ID = t.text
	case "source":
		c.Source = t.text
	case "agent":
		c.AgentID = t.text
	case "note":
		c.Note = t.text
	case "raw":
		c.Raw = t.text
	default:
		err = unknownKey(t.key, "presence", "status", "routing", "secondary", "id", "source", "agent", "note", "raw")
	}
	return err
}

// fieldOf reads a state. A text in quotation marks is what a feed sent: one that is no known state becomes unknown and
// is stored as it came (RULES.md section 3). Without quotation marks it must be a known word.
func fieldOf[T ~uint8](t token, raw map[string]string, unknown, last T, name func(T) string) (T, error) {
	if !t.quoted {
		v, err := wordOf(t.text, t.key, last, name)
		if err != nil {
			err = fmt.Errorf("%w; a text that a feed sent stands in quotation marks: %s=%q", err, t.key, t.text)
		}
		return v, err
	}
	for v := T(1); v <= last; v++ {
		if name(v) == t.text {
			return v, nil
		}
	}
	raw[t.key] = t.text
	return unknown, nil
}

func unknownKey(key string, known ...string) error {
	if near := schemas.Nearest(key, known); near != "" {
		return fmt.Errorf("%s= is not known here; did you mean %s=?", key, near)
	}
	return fmt.Errorf("%s= is not known here; write one of: %s", key, strings.Join(known, ", "))
}

// readCorrections reads lines such as 10:00-10:30 neutral: outage.
func (s *Story) readCorrections() error {
	return s.lines("corrections", func(c calendar, l line) error {
		v, rest, err := c.two(l.text)
		if err != nil {
			return err
		}
		k, err := readCorrection(rest)
		if err != nil {
			return err
		}
		k.Start, k.End = v.Start, v.End
		s.Case.Corrections = append(s.Case.Corrections, k)
		return nil
	})
}

func readCorrection(text string) (schemas.Correction, error) {
	var k schemas.Correction
	before, reason, spoken := strings.Cut(text, ": ")
	if spoken && !strings.ContainsAny(before, `"=`) {
		text, k.Reason = before, strings.TrimSpace(reason)
	}
	words, err := tokens(text)
	if err != nil {
		return k, err
	}
	for _, t := range words {
		switch t.key {
		case "":
			k.Effect, err = wordOf(t.text, "effect of a correction", schemas.EffectIn, schemas.Effect.String)
		case "id":
			k.ID = t.text
		case "reason":
			k.Reason = t.text
		default:
			err = unknownKey(t.key, "id", "reason")
		}
		if err != nil {
			return k, err
		}
	}
	if k.Effect == schemas.EffectNone {
		return k, errors.New("the correction has no effect; write neutral, or in, after the times")
	}
	return k, nil
}

// readGaps reads lines such as 10:00-10:30, 10:00-10:30 source=acd for one feed, or 10:00-10:30 routing for a feed that
// supplies no other field.
func (s *Story) readGaps() error {
	return s.lines("gaps", func(c calendar, l line) error {
		v, rest, err := c.two(l.text)
		if err != nil {
			return err
		}
		words, err := tokens(rest)
		if err != nil {
			return err
		}
		g := schemas.Gap{Start: v.Start, End: v.End}
		for _, t := range words {
			if t.key == "source" {
				g.Source = t.text
				continue
			}
			f, ok := fieldNames()[t.key+t.text]
			if !ok {
				return fmt.Errorf("%q is no field; write source=NAME for the feed that is silent, presence, status or routing for"+
					" what it supplies, or nothing for all of them", t.key+t.text)
			}
			g.Fields |= f
		}
		s.Case.Gaps = append(s.Case.Gaps, g)
		return nil
	})
}

// readComplete reads lines such as acd 22:00 or, of the changes without a source, 22:00.
func (s *Story) readComplete() error {
	return s.lines("complete", func(c calendar, l line) error {
		source, rest, err := cutSource(l.text)
		if err != nil {
			return err
		}
		at, rest, err := c.one(rest)
		if err == nil && rest != "" {
			err = fmt.Errorf("%q follows the time; write the source before it, as in acd 22:00", firstWords(rest))
		}
		s.Case.Complete = append(s.Case.Complete, adherence.Source{Name: source, CompleteUpTo: at})
		return err
	})
}

// cutSource takes the source from the start of a line, if it begins with one.
func cutSource(text string) (source, rest string, err error) {
	if oneMoment.MatchString(text) {
		return "", text, nil
	}
	source, quoted, rest, err := cutText(text)
	if rest = strings.TrimSpace(rest); err == nil && (rest == "" || !quoted && !plainValue.MatchString(source)) {
		err = fmt.Errorf("%q says of no source how far it is complete; write the source, in quotation marks if it is more"+
			" than a word, and the time, as in acd 22:00", firstWords(text))
	}
	return source, rest, err
}

func fieldNames() map[string]schemas.Fields {
	return map[string]schemas.Fields{"presence": schemas.FieldPresence, "status": schemas.FieldStatus,
		"routing": schemas.FieldRouting}
}
