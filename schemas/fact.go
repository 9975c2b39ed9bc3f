package schemas

// Fact is a status change as the judge reads it, 16 bytes: without key, receipt and note, its source and its secondary
// status as numbers of FactNames (0 = none, or a source that was left out). Facts of one agent are in the order of
// RULES.md section 3 (at, received_at, id), one per key.
type Fact struct {
	At        Instant
	Presence  Presence
	Status    Status
	Routing   Routing
	Source    uint8
	Secondary uint32
}

// FactNames numbers the texts of facts. The zero value is ready.
type FactNames struct{ Secondaries, Sources Names }

// MostSources is how many sources facts can name; a fact of another one has the source 0.
const MostSources = 255

// Source returns the number of a source.
func (n *FactNames) Source(name string) uint8 {
	if id := n.Sources.ID(name); id <= MostSources {
		return uint8(id)
	}
	return 0
}

// Fact returns the change as the judge reads it. Source and secondary status become numbers of names; without names
// they are left out.
func (c *Change) Fact(names *FactNames) Fact {
	f := Fact{At: c.At, Presence: c.Presence, Status: c.Status, Routing: c.Routing}
	if names != nil {
		f.Source, f.Secondary = names.Source(c.Source), names.Secondaries.ID(c.Secondary)
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

// Len returns how many texts have a number.
func (n *Names) Len() int { return max(len(n.texts), 1) - 1 }

// Text returns the text of a number that ID returned.
func (n *Names) Text(id uint32) string {
	if id == 0 {
		return ""
	}
	return n.texts[id]
}
