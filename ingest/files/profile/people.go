package profile

import (
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
		return people.byEmail(text)
	case "name":
		return people.byName(text)
	case "external_id":
		return text, rows.Flawf("add it there under agent, ids", "%.60q is none of the external ids of the profile %s", text, p.Name)
	}
	return text, nil
}

// people finds agents of the roster by e-mail address or name.
type people struct {
	members       []schemas.Membership
	emails, names map[string][]string
	known         [2]rows.Suggester
}

func (w *people) index() {
	if w.emails != nil {
		return
	}
	w.emails, w.names = map[string][]string{}, map[string][]string{}
	for _, m := range w.members {
		for _, x := range []struct {
			of   map[string][]string
			text string
			to   *rows.Suggester
		}{{w.emails, m.Email, &w.known[0]}, {w.names, m.Name, &w.known[1]}} {
			key := folded(x.text)
			if key == "" || slices.Contains(x.of[key], m.AgentID) {
				continue
			}
			if len(x.of[key]) == 0 {
				x.to.Known = append(x.to.Known, key)
			}
			x.of[key] = append(x.of[key], m.AgentID)
		}
	}
}

func (w *people) byEmail(text string) (id string, wrong *rows.Flaw) {
	w.index()
	return w.only(w.emails, text, "e-mail address", &w.known[0])
}

func (w *people) byName(text string) (id string, wrong *rows.Flaw) {
	w.index()
	return w.only(w.names, text, "name", &w.known[1])
}

// only gives the one agent of a key.
func (w *people) only(of map[string][]string, text, what string, near *rows.Suggester) (id string, wrong *rows.Flaw) {
	switch ids := of[folded(text)]; len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		if len(w.members) == 0 {
			return text, rows.Flawf("import the roster first", "the %s %.60q is not in the roster, which is empty", what, text)
		}
		return text, rows.Flawf(near.Hint(folded(text)), "the %s %.60q is not in the roster", what, text)
	default:
		return text, rows.Flawf("name the one meant by agent_id", "the %s %.60q belongs to the agents %s", what, text, strings.Join(ids, " and "))
	}
}

// renaming gives the rows of a source that has our columns already, with the roster's agents in place of the names of
// the profile's key, and the profile's activities in place of those of the file.
type renaming struct {
	*Profile
	src                       rows.Source
	people                    people
	agent, activity, category int
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
	at := func(name string) int {
		return slices.IndexFunc(head.Fields, func(f rows.Field) bool { return string(f.Text) == name })
	}
	r.agent, r.activity, r.category = at("agent_id"), at("activity"), at("category")
	return head, nil
}

func (r *renaming) Next() (*rows.Record, error) {
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
	if means.code != "" {
		rec.Fields[r.activity].Text = []byte(means.code)
	}
	if means.category != 0 {
		rec.Fields[r.category].Text = []byte(means.category.String())
	}
	return rec, nil
}
