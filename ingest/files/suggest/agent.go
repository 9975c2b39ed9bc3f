package suggest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// The keys by which a file names agents, and what they are called.
var agentKeys = []Option{{"agent_id", "their ids"}, {"email", "their e-mail addresses"}, {"name", "their names"}}

// keysOf returns what of a member a key is.
func keyOf(m *schemas.Membership, key string) string {
	switch key {
	case "email":
		return m.Email
	case "name":
		return m.Name
	}
	return m.AgentID
}

// isMember says that a text names an agent of the roster.
func (g *guess) isMember(text string) bool {
	known := g.members()
	return slices.ContainsFunc(agentKeys, func(k Option) bool { return known[k.Value][matched(k.Value, text)] })
}

// members says, for each key, which texts name agents by it.
func (g *guess) members() map[string]map[string]bool {
	if g.roster != nil {
		return g.roster
	}
	out := map[string]map[string]bool{}
	for _, k := range agentKeys {
		out[k.Value] = map[string]bool{}
		for i := range g.known.Members {
			if text := keyOf(&g.known.Members[i], k.Value); text != "" {
				out[k.Value][matched(k.Value, text)] = true
			}
		}
	}
	g.roster = out
	return out
}

// matched is the form in which a text is compared with a key of the roster, as a profile does.
func matched(key, text string) string {
	switch key {
	case "agent_id":
		return text
	case "name":
		return profile.AnyOrder(text)
	}
	return strings.ToLower(strings.TrimSpace(text))
}

// agentGuess is a column, or two with the parts of names, that may name the agents by a key.
type agentGuess struct {
	from  []string
	key   string
	share float64
	word  float64
}

// firmness is by how much one key is better than another where columns name the agents equally well: names change.
var firmness = map[string]float64{"agent_id": 0.5, "email": 0.3}

// findAgent decides which column names the agents, and by what.
func (g *guess) findAgent() {
	if !g.layoutHas("agent_id") || g.Kind == files.Roster {
		return
	}
	best := g.bestAgent()
	all := g.columnOptions("")
	joined := g.nameParts()
	if joined != nil {
		all = append(all, Option{strings.Join(joined, " + "), "first and last name together"})
	}
	c := Choice{Key: "agent", Label: "The column with the agents", Value: strings.Join(best.from, " + "), Options: all}
	switch {
	case best.share > 0.9:
		c.Sure, c.Why = Certain, fmt.Sprintf("%d %% of its values are agents of the roster", int(best.share*100+0.5))
	case best.share > 0:
		c.Sure, c.Why = Likely, fmt.Sprintf("%d %% of its values are agents of the roster", int(best.share*100+0.5))
	case best.word > 0:
		c.Sure, c.Why = Guess, "its name says so; none of its values is in the roster"
	default:
		c.Sure, c.Why = Open, "no column holds agents of the roster"
	}
	g.plan.agent = strings.Split(g.choose(c), " + ")
	if g.plan.agent[0] == "" {
		g.plan.agent = nil
	}
	if chosen := g.shareOf(g.plan.agent); !slices.Equal(g.plan.agent, best.from) {
		best = chosen
	}
	k := Choice{Key: "agent_key", Label: "It names the agents by", Value: best.key, Options: agentKeys, Sure: c.Sure}
	g.plan.key = g.choose(k)
	g.tellStrangers()
}

// bestAgent finds the column that names most agents; where none does, the one that is called so.
func (g *guess) bestAgent() agentGuess {
	candidates := []agentGuess{{key: "agent_id"}}
	for i := range g.table.columns {
		c := &g.table.columns[i]
		a := g.shareOf([]string{c.name})
		if a.word = wordScore("agent", c.name); c.filled > 0 && (a.share > 0 || a.word > 0) && c.name != "" {
			candidates = append(candidates, a)
		}
	}
	if parts := g.nameParts(); parts != nil {
		a := g.shareOf(parts)
		a.word = 0.9
		candidates = append(candidates, a)
	}
	return slices.MaxFunc(candidates, func(a, b agentGuess) int {
		rank := func(a agentGuess) float64 { return 100*a.share + a.word + firmness[a.key] }
		switch x, y := rank(a), rank(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// nameParts are the columns of first and last names, if there are both.
func (g *guess) nameParts() []string {
	find := func(field string) string {
		for _, name := range g.table.names {
			if wordScore(field, name) == 1 {
				return name
			}
		}
		return ""
	}
	if first, last := find("first"), find("last"); first != "" && last != "" && first != last {
		return []string{first, last}
	}
	return nil
}

// shareOf is how many of the values of the columns, joined, are agents by the key by which most are.
func (g *guess) shareOf(from []string) agentGuess {
	best := agentGuess{from: from, key: "agent_id"}
	texts := g.joined(from)
	if len(texts) == 0 {
		return best
	}
	for key, known := range g.members() {
		n := 0
		for _, text := range texts {
			if known[matched(key, text)] {
				n++
			}
		}
		if share := float64(n) / float64(len(texts)); share > best.share {
			best.key, best.share = key, share
		}
	}
	if best.share == 0 {
		best.key = likelyKey(texts)
	}
	return best
}

// likelyKey is what texts look like of which the roster knows none.
func likelyKey(texts []string) string {
	emails, spaced := 0, 0
	for _, text := range texts {
		if isEmail(value{text: text}) {
			emails++
		} else if strings.Contains(text, " ") {
			spaced++
		}
	}
	switch {
	case 2*emails > len(texts):
		return "email"
	case 2*spaced > len(texts):
		return "name"
	}
	return "agent_id"
}

// joined are the different texts of columns that are joined, where none of them is empty.
func (g *guess) joined(from []string) []string {
	var columns []*column
	for _, name := range from {
		c := g.table.column(name)
		if c == nil {
			return nil
		}
		columns = append(columns, c)
	}
	var out []string
	seen := map[string]bool{"": true}
	for _, row := range g.table.body {
		var parts []string
		for _, c := range columns {
			if c.index < len(row.Cells) && row.Cells[c.index].Text != "" {
				parts = append(parts, row.Cells[c.index].Text)
			}
		}
		if text := strings.Join(parts, " "); len(parts) == len(columns) && !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}

// tellStrangers names the agents who are not in the roster.
func (g *guess) tellStrangers() {
	known := g.members()[g.plan.key]
	var strangers []string
	all := g.joined(g.plan.agent)
	for _, text := range all {
		if !known[matched(g.plan.key, text)] {
			strangers = append(strangers, text)
		}
	}
	if n := len(strangers); n > 0 && len(g.known.Members) > 0 {
		g.note("not in the roster: %d of %d agents, such as %s", n, len(all),
			strings.Join(strangers[:min(n, 5)], ", "))
	} else if n > 0 {
		g.note("the roster is empty: import it first, so that the agents are known")
	}
}

// columnOptions are the columns to choose from, beginning with none, which is called so; without a name for none it
// cannot be chosen.
func (g *guess) columnOptions(none string) []Option {
	var out []Option
	if none != "" {
		out = append(out, Option{"", none})
	}
	for _, name := range g.table.names {
		if name != "" {
			out = append(out, Option{Value: name})
		}
	}
	return out
}
