package schemas

// Fact is a status change as the judge reads it, 16 bytes: without key, receipt and note, its secondary status as a
// number of a Names table (0 = none). Facts of one agent are in the order of RULES.md section 3 (at, received_at, id),
// one per key.
type Fact struct {
	At        Instant
	Presence  Presence
	Status    Status
	Routing   Routing
	Secondary uint32
}

// Fact returns the change as the judge reads it. The secondary status becomes a number of names; without names it is
// left out.
func (c *Change) Fact(names *Names) Fact {
	f := Fact{At: c.At, Presence: c.Presence, Status: c.Status, Routing: c.Routing}
	if names != nil {
		f.Secondary = names.ID(c.Secondary)
	}
	return f
}

// Names numbers texts, so that rows can carry four bytes instead of a string. The zero value is ready; number 0 is the
// empty text. It is not safe for concurrent use while texts are added.
type Names struct {
	ids   map[string]uint32
	texts []string
}

// ID returns the number of the text, a new one for a new text.
func (n *Names) ID(text string) uint32 {
	if text == "" {
		return 0
	}
	if id, ok := n.ids[text]; ok {
		return id
	}
	if n.ids == nil {
		n.ids, n.texts = map[string]uint32{}, []string{""}
	}
	id := uint32(len(n.texts)) //nolint:gosec // an organisation has few secondary statuses
	n.ids[text], n.texts = id, append(n.texts, text)
	return id
}

// Find returns the number of a text that has one, and whether there is one.
func (n *Names) Find(text string) (uint32, bool) {
	if text == "" {
		return 0, true
	}
	id, ok := n.ids[text]
	return id, ok
}

// Text returns the text of a number that ID returned.
func (n *Names) Text(id uint32) string {
	if id == 0 {
		return ""
	}
	return n.texts[id]
}
