package profile

import (
	"maps"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// who finds the agent whom a text names.
func (p *Profile) who(people *people, text string) (id string, wrong *rows.Flaw) {
	if id, ok := p.agent.ids[folded(text)]; ok {
		return id, nil
	}
	switch p.agent.key {
	case "email":
		return people.find("e-mail address", text, func(m *schemas.Membership) string { return m.Email })
	case "name":
		return people.find("name", text, func(m *schemas.Membership) string { return m.Name })
	case "external_id":
		return text, rows.Flawf("add it there under agent, ids", "%.60q is none of the external ids of the profile %s", text,
			p.Name)
	}
	return text, nil
}

// people finds agents of the roster by the one key that a profile has.
type people struct {
	members []schemas.Membership
	// ids are the agents by their keys; turned are those by names whose words may stand in any order.
	ids, turned map[string][]string
	known       rows.Suggester
}

// AnyOrder is the form in which names of people are compared whose words may stand in any order: Ortiz, Ana is Ana
// Ortiz.
func AnyOrder(name string) string {
	words := strings.Fields(strings.ReplaceAll(folded(name), ",", " "))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// index notes the agents by their keys.
func (w *people) index(key func(*schemas.Membership) string) {
	w.ids, w.turned = map[string][]string{}, map[string][]string{}
	add := func(to map[string][]string, key, id string) {
		if key != "" && !slices.Contains(to[key], id) {
			to[key] = append(to[key], id)
		}
	}
	for i := range w.members {
		m := &w.members[i]
		add(w.ids, folded(key(m)), m.AgentID)
		add(w.turned, AnyOrder(key(m)), m.AgentID)
	}
	w.known.Known = slices.Sorted(maps.Keys(w.ids))
}

// find returns the one agent whose key the text is, as it stands or with its words in another order.
func (w *people) find(what, text string, key func(*schemas.Membership) string) (id string, wrong *rows.Flaw) {
	if w.ids == nil {
		w.index(key)
	}
	ids := w.ids[folded(text)]
	if ids == nil {
		ids = w.turned[AnyOrder(text)]
	}
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return text, rows.Flawf("name the one meant by agent_id", "the %s %.60q belongs to the agents %s", what, text,
			strings.Join(ids, " and "))
	case len(w.members) == 0:
		return text, rows.Flawf("import the roster first", "the %s %.60q is not in the roster, which is empty", what, text)
	}
	return text, rows.Flawf(w.known.Hint(folded(text)), "the %s %.60q is not in the roster", what, text)
}

// renaming yields the rows of a source that has our columns already, with the roster's agents in place of the names of
// the profile's key, and the profile's activities in place of those of the file.
type renaming struct {
	*Profile
	src             rows.Source
	people          people
	agent, activity int
	columns         []string
}

// Renaming reads a source whose columns are ours, and replaces only agents and activities as the profile says.
func (p *Profile) Renaming(src rows.Source, members []schemas.Membership) rows.Source {
	return &renaming{Profile: p, src: src, people: people{members: members}}
}

func (r *renaming) Header() (*rows.Record, error) {
	head, err := r.src.Header()
	if err != nil {
		return nil, err
	}
	for _, f := range head.Fields {
		r.columns = append(r.columns, string(f.Text))
	}
	r.agent, r.activity = slices.Index(r.columns, "agent_id"), slices.Index(r.columns, "activity")
	return head, nil
}

func (r *renaming) Next() (*rows.Record, error) {
	for {
		rec, err := r.src.Next()
		if err != nil || r.agent < 0 {
			return rec, err
		}
		agent := &rec.Fields[r.agent]
		id, wrong := r.who(&r.people, string(agent.Text))
		agent.Text = []byte(id)
		rec.AddFlaw(r.agent, wrong)
		if r.activity < 0 {
			return rec, nil
		}
		means := r.known[folded(string(rec.Fields[r.activity].Text))]
		if means.ignore {
			continue
		}
		for i, name := range r.columns {
			if text := means.of(name, ""); text != "" {
				rec.Fields[i].Text = []byte(text)
			}
		}
		return rec, nil
	}
}
