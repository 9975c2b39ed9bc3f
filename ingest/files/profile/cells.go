package profile

import (
	"regexp"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// cellPart is a part of a cell; inside says that it stood in brackets behind another.
type cellPart struct {
	text   string
	inside bool
}

var (
	bracketForm = regexp.MustCompile(`\(([^()]*)\)|\[([^\[\]]*)\]`)
	partEnds    = regexp.MustCompile(`[,;/+&\n\r]`)
)

// partsOf takes a cell apart: 9-13 / 14-18 are two parts. Times in brackets are parts too: of what they stand behind,
// if that has times itself; else what stands around them is their name: Morning (6AM-2PM).
func partsOf(text string) []cellPart {
	var parts []cellPart
	rest, inner := text, ""
	if m := bracketForm.FindAllStringSubmatch(text, -1); m != nil {
		for _, group := range m {
			if in := group[1] + group[2]; allTimes(in) {
				rest, inner = strings.Replace(rest, group[0], ";", 1), inner+";"+in
			}
		}
	}
	outer := splitParts(rest)
	named := len(outer) == 1 && inner != "" && !allTimes(outer[0])
	if !named {
		for _, s := range outer {
			parts = append(parts, cellPart{text: s})
		}
	}
	for _, s := range splitParts(inner) {
		if named {
			parts = append(parts, cellPart{text: outer[0] + " " + s})
			continue
		}
		parts = append(parts, cellPart{s, len(outer) > 0})
	}
	return parts
}

func splitParts(text string) []string {
	var out []string
	for _, s := range partEnds.Split(text, -1) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// allTimes says that a text is nothing but stretches of time, with or without names.
func allTimes(text string) bool {
	parts := splitParts(text)
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(s string) bool {
		_, ok := timeRange(s, false)
		return !ok
	})
}

// add adds an activity of the cell.
func (g *gridRows) add(activity string, start, end int64, column int, date schemas.Date) {
	if start < end {
		g.queue = append(g.queue, gridPiece{column: column, date: date, activity: activity, start: start, end: end})
	}
}

// cut adds an activity with the breaks cut out of it.
func (g *gridRows) cut(activity string, start, end int64, breaks []gridBreak, column int, date schemas.Date) {
	breaks = slices.DeleteFunc(slices.Clone(breaks),
		func(b gridBreak) bool { return end-start < b.shifts || start+b.after >= end })
	slices.SortFunc(breaks, func(a, b gridBreak) int { return int(a.after - b.after) })
	work := start
	for _, b := range breaks {
		at, until := max(work, start+b.after), min(end, max(work, start+b.after)+b.lasts)
		g.add(activity, work, at, column, date)
		g.add(b.activity, at, until, column, date)
		work = max(work, until)
	}
	g.add(activity, work, end, column, date)
}

// noTimes says that a word means something of which nobody has said when it is.
func (g *gridRows) noTimes(word string, c gridCell) *rows.Flaw {
	return rows.Flawf(`add its times to the profile, such as {activity: `+c.activity+`, times: "09:00-17:00"}; `+
		`00:00-24:00 is the whole day`, "%.40q is %s, but the profile %s says no times of it", word, c.activity, g.Name)
}
