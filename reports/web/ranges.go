package web

import (
	"net/url"
	"slices"

	"rollcall/schemas"
)

// Preset is a ready range.
type Preset struct {
	Label, Href string
	Here        bool
}

// Presets are the ranges that people ask for most.
func Presets(v url.Values, today schemas.Date) []Preset {
	var out []Preset
	y, m, _ := today.Parts()
	monday := today - schemas.Date((int(today)+3)%7)
	first := schemas.MakeDate(y, m, 1)
	for _, x := range []struct {
		label    string
		from, to schemas.Date
	}{{"Today", today, today}, {"Yesterday", today - 1, today - 1}, {"This week", monday, today},
		{"Last week", monday - 7, monday - 1},
		{"This month", first, today}, {"Last month", schemas.MakeDate(y, m-1, 1), first - 1}} {
		href := WithQuery(v, "from", x.from.String(), "to", x.to.String())
		out = append(out, Preset{x.label, href, v.Get("from") == x.from.String() && v.Get("to") == x.to.String()})
	}
	return out
}

// WithQuery returns a query with keys set anew; an empty value takes the key out.
func WithQuery(v url.Values, pairs ...string) string {
	c := url.Values{}
	for k, list := range v {
		c[k] = list
	}
	for pair := range slices.Chunk(pairs, 2) {
		if c.Del(pair[0]); pair[1] != "" {
			c.Set(pair[0], pair[1])
		}
	}
	return "?" + c.Encode()
}

// DayPath returns the page of an agent's day; of no day, that of today.
func DayPath(agent string, d schemas.Date) string {
	path := "/adherence/" + url.PathEscape(agent)
	if d != 0 {
		path += "/" + d.String()
	}
	return path
}
