package suggest

import (
	"rollcall/ingest/files"
)

// findKind decides what the file holds.
func (g *guess) findKind(given files.Kind) {
	c := Choice{Key: "kind", Label: "The file holds", Value: string(given), Sure: Certain}
	for _, k := range files.Kinds() {
		c.Options = append(c.Options, Option{Value: string(k)})
	}
	if given == "" {
		kind, why := g.likelyKind()
		c.Value, c.Sure, c.Why = string(kind), Likely, why
	}
	g.Kind = files.Kind(g.choose(c))
}

// likelyKind guesses what the file holds.
func (g *guess) likelyKind() (files.Kind, string) {
	t := &g.table
	has := func(field string, least float64) bool {
		for i := range t.columns {
			if wordScore(field, t.columns[i].name) >= least {
				return true
			}
		}
		return false
	}
	instants, times, emails, days := 0, 0, 0, 0
	for i := range t.columns {
		c := &t.columns[i]
		switch {
		case isDay(files.SampleCell{Text: c.name}):
			days++
		case c.filled == 0:
		case g.isStamp(c):
			instants++
		case c.share(isTime) > 0.8, c.share(isTimes) > 0.5:
			times++
		case c.share(isEmail) > 0.8:
			emails++
		}
	}
	sessions := instants >= 2 && g.sessionColumns()
	switch {
	case days >= 2:
		return files.Schedule, "its columns are days"
	case instants > 0 && has("state", 0.6) && !has("activity", 1):
		return files.Status, "it has states and when they began"
	case sessions:
		return files.Status, "it has when somebody logged in and out"
	case instants+times > 0:
		return files.Schedule, "it has times of work"
	case emails > 0 || has("first", 1) && has("last", 1):
		return files.Roster, "it has people and no times"
	}
	return files.Schedule, "it is what most files hold"
}

// sessionColumns says that the columns are those of sessions, from login to logout.
func (g *guess) sessionColumns() bool {
	in, out := false, false
	for _, name := range g.table.names {
		folded := letters(name)
		in = in || containsAny(folded, "login", "logon", "signin", "loggedin")
		out = out || containsAny(folded, "logout", "logoff", "signout", "loggedout")
	}
	return in && out
}
