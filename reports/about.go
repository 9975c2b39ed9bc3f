package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// AboutLine is one line of what a report says of itself: a name and a value. A line without a value is a heading.
type AboutLine struct{ Name, Value string }

// About says, line by line, how a report was made: parameters, how settled its days are, how its figures are worked
// out, which policies judged, how far each feed is complete, and the hash.
func (a *Adherence) About() []AboutLine {
	rules, feeds := rowsOf(a.Rules, (*Rules).about), rowsOf(a.Feeds, aboutFeed)
	if len(rules) == 0 {
		rules = []AboutLine{{"Rules", "none were needed"}}
	}
	if len(feeds) == 0 {
		feeds = []AboutLine{{"Feeds", "none is known"}}
	}
	heading := func(name string) []AboutLine { return []AboutLine{{Name: name}} }
	return slices.Concat(heading("Parameters"), a.aboutQuery(), heading("Days"), a.aboutDays(),
		heading("How figures are worked out"), formulas(), heading("Rules"), rules, heading("Feeds"), feeds,
		heading("Hash"), []AboutLine{{hashName, a.Hash}, {questionName, a.question()},
			{"Check", "rollcall report verify FILE makes the report again and lists what has changed, and why"},
			{"Over", "the parameters and the rows in their canonical form rollcall-adherence-1, without the time of making"}})
}

func (a *Adherence) aboutQuery() []AboutLine {
	q := &a.Query
	known := "everything known when it was made"
	if q.KnownAt != 0 {
		known = q.KnownAt.String()
	}
	return []AboutLine{
		{"From", q.From.String()}, {"To", q.To.String()},
		{"Teams", orAll(q.Teams)}, {"Sites", orAll(q.Sites)}, {"Agents", orAll(q.Agents)},
		{"Times shown in", cmp.Or(q.Zone, "each agent's own time zone")},
		{"Judged against", q.AgainstWords()}, {"Inputs known at", known},
		{"Teams as they", map[string]string{TeamsThen: "were on the day", TeamsNow: "are now"}[q.TeamsAs]},
		{"Made at", a.MadeAt.String()}, {"From what was known at", a.JudgedAt.String()},
	}
}

// The names under which a report holds what it takes to make it again.
const (
	hashName     = "SHA-256"
	questionName = "Question"
)

// question writes down, for programs, what it takes to make the report again.
func (a *Adherence) question() string {
	text, err := json.Marshal(questionJSON{newParametersJSON(&a.Query), a.MadeAt, a.JudgedAt})
	if err != nil {
		return "" // dates, instants and texts always can be written
	}
	return string(text)
}

type questionJSON struct {
	Parameters parametersJSON  `json:"parameters"`
	MadeAt     schemas.Instant `json:"made_at"`
	JudgedAt   schemas.Instant `json:"judged_at"`
}

func (a *Adherence) aboutDays() []AboutLine {
	g := &a.Total
	lines := []AboutLine{{"Agents", strconv.Itoa(g.Agents)}, {"Agent-days", strconv.Itoa(g.Days)},
		{"Final", strconv.Itoa(g.Final)}, {"Restated", strconv.Itoa(g.Restated)},
		{"Provisional", strconv.Itoa(g.Provisional)}}
	for r, n := range g.NoAdherence {
		if n > 0 {
			word := Plain(schemas.Reason(r).String())
			lines = append(lines, AboutLine{"Left out of adherence: " + cmp.Or(word, "nothing counted"), strconv.Itoa(n)})
		}
	}
	return lines
}

func formulas() []AboutLine {
	return []AboutLine{
		{"Adherence", "(in + tolerated) / counted; counted = in + tolerated + out, and outside where the policy counts it"},
		{"Conformance", "on-queue time / scheduled on-queue time; may exceed 100 %"},
		{"Coverage", "(scheduled - ignored - unknown) / (scheduled - ignored)"},
		{"Scheduled", "in + tolerated + out + neutral + ignored + unknown"},
		{"Teams and totals", "the quotient of the sums, never the mean of percentages; days without a percentage are left " +
			"out and counted"},
		{"Counted in, Counted", "the two sides of adherence; empty on days that have none"},
		{"On queue, On queue due", "the two sides of conformance; empty on days that have none"},
	}
}

func (r *Rules) about() AboutLine {
	if r.Policy == "" {
		return AboutLine{"Default rules", fmt.Sprintf("target %s, agent-days judged: %d", r.target(), r.Days)}
	}
	scope := "everybody"
	switch {
	case r.Team != "":
		scope = "team " + r.Team
	case r.Site != "":
		scope = "site " + r.Site
	}
	return AboutLine{"Policy " + r.Policy,
		fmt.Sprintf("%s from %s, target %s, agent-days judged: %d; beyond the default rules: %s",
			scope, r.From, r.target(), r.Days, r.Text)}
}

func (r *Rules) target() string {
	if r.Target == nil {
		return "none"
	}
	return strconv.FormatFloat(*r.Target, 'f', -1, 64) + " %"
}

func aboutFeed(f *schemas.Feed) AboutLine {
	upTo := "has not said how far it is complete"
	if f.CompleteUpTo != 0 {
		upTo = "complete up to " + f.CompleteUpTo.String()
	}
	return AboutLine{"Feed " + f.Source, upTo}
}

func orAll(s []string) string { return cmp.Or(strings.Join(s, ", "), "all") }
