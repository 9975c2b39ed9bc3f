package suggest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// What the columns of the other kinds are called in other programs, in letters only, besides by our own names.
var plainWords = map[string][]string{
	"agent_id": {"employeeid", "userid", "login", "username", "staffid", "personalnummer", "personalnr", "id",
		"agentlogin",
		"loginid", "externalid", "employeenumber", "agent"},
	"name":       {"fullname", "agentname", "employeename", "employee", "displayname", "mitarbeiter", "nombre", "nom"},
	"email":      {"emailaddress", "mail", "useremail", "agentemail", "emailid", "login"},
	"team":       {"group", "department", "teamname", "queue", "abteilung", "gruppe", "equipo", "equipe", "skill"},
	"site":       {"location", "office", "standort", "sede", "city"},
	"supervisor": {"manager", "teamlead", "teamleader", "lead", "leader", "vorgesetzter", "reportsto"},
	"from":       {"start", "startdate", "hiredate", "validfrom", "since", "eintritt", "starttime", "begin"},
	"to":         {"end", "enddate", "termdate", "terminationdate", "validto", "until", "austritt", "endtime"},
	"time_zone":  {"timezone", "tz", "zone", "zeitzone"},
	"code":       {"activity", "activitycode", "activityname", "name"},
	"category":   {"type", "kind", "class", "group"},
	"paid":       {"ispaid", "countsaspaid", "bezahlt"},
	"secondary":  {"secondarystatus", "label", "name", "reason", "auxcode", "code"},
	"status":     {"primary", "primarystatus", "type", "category", "state"},
	"required":   {"requirement", "heads", "headcount", "fte", "agents", "needed", "forecast", "staff", "bedarf"},
	"shrinkage":  {"shrink", "schwund"},
	"start":      {"interval", "time", "datetime", "intervalstart", "starttime", "from"},
	"date":       {"day", "datum", "fecha"},
	"start_time": {"time", "interval", "intervalstart", "start", "from"},
	"source":     {"feed", "system"},
}

// plain decides which column of the file each of ours is, for kinds that are a plain list.
func (g *guess) plain() {
	layout, _ := files.LayoutOf(string(g.Kind)) // the kind is one
	taken := map[string]bool{}
	var dates, stamps []string
	for i := range layout.Columns {
		c := &layout.Columns[i]
		if c.Name == "agent_id" && len(g.plan.agent) > 0 {
			continue
		}
		from := g.likelyColumn(c, taken)
		choice := Choice{
			Key:     c.Name,
			Label:   "The column " + c.Name,
			Value:   from,
			Options: g.columnOptions("none"),
			Sure:    Certain,
			Why:     "its name says so",
		}
		if parts := g.nameParts(); c.Name == "name" && parts != nil && from == "" {
			choice.Value = strings.Join(parts, " + ")
			choice.Options = append(choice.Options, Option{choice.Value, "first and last name together"})
		}
		if choice.Value == "" {
			if choice.Sure, choice.Why = Likely, "no column is called like it"; c.Needed {
				choice.Sure = Open
			}
		}
		from = g.choose(choice)
		if taken[from] = true; from == "" {
			continue
		}
		if parts := strings.Split(from, " + "); len(parts) > 1 {
			g.plan.fields = append(g.plan.fields, field{c.Name, "{join: " + list(parts) + "}"})
		} else {
			g.plan.add(c.Name, from)
		}
		switch c.Form {
		case rows.FormDate:
			dates = append(dates, from)
		case rows.FormInstant:
			stamps = append(stamps, from)
		default:
			g.plainValues(c, from)
		}
	}
	g.findDates(dates...)
	g.findStamps(stamps...)
}

// likelyColumn finds the column of the file that is called like one of ours and fits it.
func (g *guess) likelyColumn(c *rows.Column, taken map[string]bool) string {
	words := append([]string{letters(c.Name)}, plainWords[c.Name]...)
	for _, word := range words {
		for i := range g.table.columns {
			col := &g.table.columns[i]
			if taken[col.name] || col.name == "" || letters(col.name) != word {
				continue
			}
			switch c.Form {
			case rows.FormDate:
				if col.filled > 0 && !isDate(col) {
					continue
				}
			case rows.FormInstant:
				if !g.isStamp(col) {
					continue
				}
			case rows.FormTime:
				if !isClock(col) {
					continue
				}
			default:
			}
			return col.name
		}
	}
	return ""
}

// plainValues decides what the values of a column mean of which only some are possible.
func (g *guess) plainValues(c *rows.Column, from string) {
	col := g.table.column(from)
	if col == nil || len(c.Choices) == 0 || c.Name == "paid" || strings.HasPrefix(c.Name, "counts_") {
		return
	}
	v := valuesPlan{column: c.Name}
	for n, text := range col.texts() {
		if slices.Contains(c.Choices, text) || n >= mostMeanings {
			continue
		}
		choice := Choice{Key: "means." + text, Label: fmt.Sprintf("%q means", text),
			Options: options(c.Choices...), Sure: Guess,
			Why: "it looks like it"}
		if choice.Value = likelyChoice(text, c.Choices); choice.Value == "" {
			choice.Sure, choice.Why = Open, "its name says nothing"
		}
		if value := g.choose(choice); value != "" {
			v.pairs = append(v.pairs, pair{text, value})
		}
	}
	if len(v.pairs) > 0 {
		g.plan.values = append(g.plan.values, v)
	}
}

// likelyChoice guesses which of the choices a text means.
func likelyChoice(text string, choices []string) string {
	for _, c := range choices {
		if rows.FoldLetters(c) == rows.FoldLetters(text) {
			return c
		}
	}
	if category := categoryOf(text); category != schemas.CategoryNone && slices.Contains(choices, category.String()) {
		return category.String()
	}
	if _, status := stateNamed(stateOf(text)); slices.Contains(choices, status) {
		return status
	}
	return ""
}
