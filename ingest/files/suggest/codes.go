package suggest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// codeOptions are the activity codes that the store knows.
func (g *guess) codeOptions() []Option {
	var out []Option
	for _, c := range g.known.Codes {
		out = append(out, Option{c.Code, fmt.Sprintf("%s (%s)", c.Code, c.Category)})
	}
	return out
}

// codeNamed finds the code of a text, whatever its case; empty where there is none.
func (g *guess) codeNamed(text string) string {
	for _, c := range g.known.Codes {
		if letters(c.Code) == letters(text) {
			return c.Code
		}
	}
	return ""
}

// codeOf is a code of the category: the first that the store knows, else what the category is called.
func (g *guess) codeOf(category schemas.Category) string {
	for _, c := range g.known.Codes {
		if c.Category == category {
			return c.Code
		}
	}
	return ""
}

// workCode is what is done in time of which nothing else is said.
func (g *guess) workCode() (code string, sure Sure, why string) {
	var all []string
	for _, c := range g.known.Codes {
		if c.Category == schemas.CategoryOnQueueWork {
			all = append(all, c.Code)
		}
	}
	switch len(all) {
	case 0:
		return "Work", Guess, "no code of on-queue work is known; this one is made"
	case 1:
		return all[0], Certain, "it is the only code of on-queue work"
	}
	return all[0], Guess, "it is the first code of on-queue work"
}

// findActivity decides which column has the activity, or what it is in every row.
func (g *guess) findActivity(columns bool) string {
	code, sure, why := g.workCode()
	c := Choice{
		Key:   "activity",
		Label: "The activity is",
		Value: "=" + code,
		Sure:  sure,
		Why:   why,
		Free:  true,
	}
	for _, o := range g.codeOptions() {
		c.Options = append(c.Options, Option{"=" + o.Value, "always " + o.Label})
	}
	if len(g.known.Codes) == 0 {
		c.Options = append(c.Options, Option{"=" + code, "always " + code})
	}
	if columns {
		for _, o := range g.columnOptions("") {
			c.Options = append(c.Options, Option{o.Value, "the column " + o.Value})
		}
		if name, share := g.activityColumn(); name != "" {
			c.Value, c.Sure, c.Why = name, Certain, fmt.Sprintf("%d %% of its values are activity codes", int(share*100+0.5))
			if share < 0.5 {
				c.Sure, c.Why = Likely, "its values look like activities"
			}
		}
	}
	value := g.choose(c)
	if code, always := strings.CutPrefix(value, "="); always {
		if g.codeNamed(code) == "" {
			g.plan.activities = append(g.plan.activities, pair{code, schemas.CategoryOnQueueWork.String()})
		}
		if columns {
			g.plan.constant("activity", code)
		}
		return code
	}
	g.plan.add("activity", value)
	if c := g.table.column(value); c != nil {
		g.meanings(c.texts(), "")
	}
	return ""
}

// activityColumn finds the column whose values are activities: codes, or several things of which each looks like one.
func (g *guess) activityColumn() (name string, share float64) {
	for i := range g.table.columns {
		c := &g.table.columns[i]
		if c.filled == 0 || slices.Contains(g.plan.agent, c.name) || len(c.values) >= mostValues {
			continue
		}
		is := c.share(func(v value) bool { return g.codeNamed(v.text) != "" })
		if is >= 0.3 && is > share {
			name, share = c.name, is
		}
		like := c.share(func(v value) bool { return categoryOf(v.text) != schemas.CategoryNone })
		if name == "" && wordScore("activity", c.name) >= 0.6 && len(c.values) > 1 && like == 1 {
			name = c.name
		}
	}
	return name, share
}

// mostMeanings bounds how many texts a person is asked about.
const mostMeanings = 60

// meanings decides what texts mean that are no codes: one of them, a new code of a category, or nothing. other is the
// code of those that say nothing of themselves, empty where that stays open.
func (g *guess) meanings(texts []string, other string) {
	for n, text := range texts {
		if code := g.codeNamed(text); code == text || n >= mostMeanings {
			continue
		}
		c := Choice{Key: "code." + text, Label: fmt.Sprintf("%q means", text),
			Options: g.codeOptions(), Free: true, Sure: Guess}
		for cat := schemas.CategoryOnQueueWork; cat < schemas.CategoryUnscheduled; cat++ {
			c.Options = append(c.Options, Option{cat.String(), "a new code, " + cat.String()})
		}
		c.Options = append(c.Options, Option{"ignore", "nothing: its rows are passed over"})
		category := categoryOf(text)
		switch code := g.codeNamed(text); {
		case code != "":
			c.Value, c.Sure, c.Why = code, Certain, "it is called so"
		case g.likeCode(text) != "":
			c.Value, c.Sure, c.Why = g.likeCode(text), Likely, "its name is nearly so"
		case category != schemas.CategoryNone && g.codeOf(category) != "":
			c.Value, c.Why = g.codeOf(category), "it looks like "+category.String()
		case category != schemas.CategoryNone:
			c.Value, c.Why = category.String(), "it looks like it; no code of that kind is known"
		case other != "":
			c.Value, c.Why = other, "its name says nothing else"
		default:
			c.Sure, c.Why = Open, "its name says nothing"
		}
		g.plan.activities = append(g.plan.activities, meaning(text, g.choose(c))...)
	}
}

// likeCode finds the code that a text abbreviates or holds: AL is Annual leave.
func (g *guess) likeCode(text string) string {
	folded := letters(text)
	for _, c := range g.known.Codes {
		initials := ""
		for _, word := range strings.Fields(c.Code) {
			initials += letters(word)[:min(1, len(letters(word)))]
		}
		if name := letters(c.Code); folded != "" && (len(initials) > 1 && folded == initials ||
			len(folded) > 3 && len(name) > 3 && (strings.HasPrefix(folded, name) || strings.HasPrefix(name, folded))) {
			return c.Code
		}
	}
	return ""
}

// meaning is what a text means, for the profile.
func meaning(text, value string) []pair {
	switch category, err := schemas.ParseCategory(value); {
	case value == "" || value == text:
		return nil
	case value == "ignore":
		return []pair{{text, "{ignore: true}"}}
	case err == nil:
		return []pair{{text, category.String()}}
	}
	return []pair{{text, "{code: " + quoted(value) + "}"}}
}
