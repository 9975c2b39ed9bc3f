package ingest

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// meanings are what texts of one field stand for, by text and by folded text.
type meanings struct{ exact, folded map[string]schemas.Meaning }

func newMeanings(list []schemas.Meaning, field string) meanings {
	m := meanings{map[string]schemas.Meaning{}, map[string]schemas.Meaning{}}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b schemas.Meaning) int { return cmp.Compare(a.RecordedAt, b.RecordedAt) })
	for _, one := range list {
		if one.Field == field {
			m.exact[one.Text], m.folded[fold(one.Text, true)] = one, one // of several spellings the one decided last
		}
	}
	delete(m.folded, "")
	return m
}

func (m meanings) of(text string) (schemas.Meaning, bool) {
	if one, ok := m.exact[text]; ok {
		return one, true
	}
	one, ok := m.folded[fold(text, true)]
	return one, ok
}

// Understands says whether a state text is mapped now.
func (m *Mapping) Understands(u Unmapped) bool {
	var c schemas.Change
	unmapped, err := m.Apply(&c, u.texts())
	return err == nil && len(unmapped) == 0
}

func (u Unmapped) texts() Texts {
	switch u.Field {
	case schemas.MeaningPresence:
		return Texts{Presence: u.Text}
	case schemas.MeaningStatus:
		return Texts{Status: u.Text}
	case schemas.MeaningRouting:
		return Texts{Routing: u.Text}
	}
	return Texts{}
}

// Reread returns the fact that says what the raw texts of a stored fact mean now; false when none of them means
// anything yet. It is another fact of the same source, agent and instant, received later, which names only what was
// unknown: a later fact of one instant wins field by field (RULES.md section 3), the day can still be judged by what
// was known before, and reading the same texts twice makes the same fact.
func (m *Mapping) Reread(c *schemas.Change) (schemas.Change, bool) {
	again := schemas.Change{Source: c.Source, AgentID: c.AgentID, At: c.At, Note: c.Note}
	for _, u := range SplitRaw(c.Raw) {
		var one schemas.Change
		if unmapped, err := m.Apply(&one, u.texts()); err != nil || len(unmapped) > 0 {
			continue
		}
		again.Presence = cmp.Or(again.Presence, one.Presence)
		again.Routing = cmp.Or(again.Routing, one.Routing)
		if one.Status != schemas.StatusNone && (u.Field == schemas.MeaningStatus || c.Status == schemas.StatusNone) {
			again.Status, again.Secondary = one.Status, cmp.Or(c.Secondary, one.Secondary)
		}
	}
	if again.Fields() == 0 {
		return again, false
	}
	again.ID = "reread-" + schemas.HashID(c.ID, again.Presence.String(), again.Status.String(), again.Routing.String(),
		again.Secondary)
	return again, true
}

// Is says whether the meaning is of this text, in any spelling.
func (u Unmapped) Is(m *schemas.Meaning) bool {
	folded := fold(u.Text, true)
	return u.Field == m.Field && (u.Text == m.Text || folded != "" && folded == fold(m.Text, true))
}
