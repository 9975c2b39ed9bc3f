package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// clockPattern is how a file writes dates, times or both: letters for the parts, anything else as it stands.
//
//	YYYY YY   year            MM M MMM  month (Mar)      DD D  day
//	HH H      hour to 24      hh h      hour to 12        A     AM or PM
//	mm        minute          ss        second            SSS   milliseconds
//
// A pattern of nothing but y, m and d may be written in any case, as NICE IEX does (mmddyyyy).
type clockPattern struct {
	text  string
	parts []clockPart
}

// clockPart is a part of a date or time, or a text between parts.
type clockPart struct {
	letter byte // Y M D H h m s S A; 0 for a text
	width  int
	text   string
}

// knownDatePatterns returns those that NICE IEX can be set to.
func knownDatePatterns() []string {
	return []string{"mmddyyyy", "mmddyy", "ddmmyy", "ddmmyyyy", "yyyymmdd", "yyyyddmm", "yyddmm", "yymmdd"}
}

// parsePattern reads a pattern. A date must have year, month and day, a time hours and minutes.
func parsePattern(text string, date, clock bool) (clockPattern, error) {
	p := clockPattern{text: text}
	letters := text
	if date && !clock && strings.Trim(strings.ToLower(text), "ymd-/. ") == "" {
		letters = strings.ToUpper(text)
	}
	for i := 0; i < len(letters); {
		n := 1
		for i+n < len(letters) && letters[i+n] == letters[i] {
			n++
		}
		if strings.IndexByte("YMDHhmsSAa", letters[i]) < 0 {
			p.parts = append(p.parts, clockPart{text: letters[i : i+n]})
		} else {
			p.parts = append(p.parts, clockPart{letter: letters[i], width: n})
		}
		i += n
	}
	return p, p.check(date, clock)
}

// check says what a pattern lacks.
func (p *clockPattern) check(date, clock bool) error {
	widths := map[byte][]int{'Y': {2, 4}, 'M': {1, 2, 3}, 'D': {1, 2}, 'H': {1, 2}, 'h': {1, 2}, 'm': {2}, 's': {2},
		'S': {3}, 'A': {1, 2}, 'a': {1, 2}}
	has := map[byte]bool{}
	for _, part := range p.parts {
		if part.letter == 0 {
			continue
		}
		if !slices.Contains(widths[part.letter], part.width) || has[part.letter] {
			return fmt.Errorf("%q has %s where no date or time has it; write something like %s", p.text,
				strings.Repeat(string(part.letter), part.width), example(date, clock))
		}
		has[part.letter] = true
	}
	whole := has['Y'] && has['M'] && has['D']
	none := !has['Y'] && !has['M'] && !has['D']
	hours := has['H'] != has['h'] && has['m'] && has['h'] == (has['A'] || has['a'])
	switch {
	case date && !whole, !date && !none:
		return fmt.Errorf("%q is not year, month and day; write something like %s", p.text, example(date, clock))
	case clock && !hours, !clock && (has['H'] || has['h'] || has['m'] || has['s'] || has['A'] || has['a']):
		return fmt.Errorf("%q is not hours and minutes; write something like %s (HH counts to 24; hh to 12 and wants A for "+
			"AM or PM)", p.text, example(date, clock))
	}
	return nil
}

func example(date, clock bool) string {
	switch {
	case date && clock:
		return "DD-MM-YYYY HH:mm:ss"
	case clock:
		return "HH:mm"
	}
	return "mmddyyyy or DD/MM/YYYY"
}

// read reads a text that is written so: the date, and the milliseconds since its midnight, up to 24 hours.
func (p *clockPattern) read(s string) (day schemas.Date, ms int64, ok bool) {
	values := map[byte]int{}
	rest := s
	for i, part := range p.parts {
		if part.letter == 0 {
			if rest, ok = strings.CutPrefix(rest, part.text); !ok {
				return 0, 0, false
			}
			continue
		}
		free := i+1 == len(p.parts) || p.parts[i+1].letter == 0 // so that a leading zero may be left out
		var n int
		if n, rest, ok = part.read(rest, free); !ok {
			return 0, 0, false
		}
		values[part.letter] = n
	}
	if rest != "" {
		return 0, 0, false
	}
	return assemble(values)
}

// read reads one part from the beginning of s.
func (c *clockPart) read(s string, free bool) (n int, rest string, ok bool) {
	switch {
	case c.letter == 'A' || c.letter == 'a':
		return readHalf(s)
	case c.letter == 'M' && c.width == 3:
		for m := time.January; m <= time.December; m++ {
			if len(s) >= 3 && strings.EqualFold(s[:3], m.String()[:3]) {
				return int(m), s[3:], true
			}
		}
		return 0, s, false
	}
	most, least := c.width, c.width
	if strings.IndexByte("MDHh", c.letter) >= 0 && free {
		most, least = 2, 1
	}
	taken := 0
	for taken < most && taken < len(s) && s[taken] >= '0' && s[taken] <= '9' {
		n = n*10 + int(s[taken]-'0')
		taken++
	}
	if c.letter == 'Y' && c.width == 2 {
		n += 2000
	}
	return n, s[taken:], taken >= least
}

// readHalf reads AM or PM, in any case, also as one letter or with points: 0 or 12.
func readHalf(s string) (n int, rest string, ok bool) {
	for _, form := range []struct {
		text string
		n    int
	}{{"a.m.", 0}, {"p.m.", 12}, {"am", 0}, {"pm", 12}, {"a", 0}, {"p", 12}} {
		if len(s) >= len(form.text) && strings.EqualFold(s[:len(form.text)], form.text) {
			return form.n, s[len(form.text):], true
		}
	}
	return 0, s, false
}

// assemble makes date and time of the parts, of which those that there are must be possible.
func assemble(v map[byte]int) (day schemas.Date, ms int64, ok bool) {
	if y, dated := v['Y']; dated {
		if day, ok = rows.RealDate(y, v['M'], v['D']); !ok {
			return 0, 0, false
		}
	}
	h, full := v['H']
	if twelve, given := v['h']; given {
		if full || twelve < 1 || twelve > 12 {
			return 0, 0, false
		}
		h = twelve%12 + v['A'] + v['a']
	}
	if v['m'] > 59 || v['s'] > 59 {
		return 0, 0, false
	}
	ms = int64(h)*schemas.HourMS + int64(v['m'])*schemas.MinuteMS + int64(v['s'])*schemas.SecondMS + int64(v['S'])
	return day, ms, h <= 24 && ms <= schemas.DayMS
}

// patterns are the ways in which a file may write one thing.
type patterns []clockPattern

// read reads a text by the one pattern that fits it. Two that fit with different results are an error, and so is none.
func (ps patterns) read(s, what string) (day schemas.Date, ms int64, wrong *rows.Flaw) {
	by := ""
	for i := range ps {
		d, t, ok := ps[i].readPadded(s)
		switch {
		case !ok:
		case by == "":
			day, ms, by = d, t, ps[i].text
		case d != day || t != ms:
			return 0, 0, rows.Flawf("leave the profile only one of these patterns", "%.40q may be %s (%s) or %s (%s)", s,
				shownAs(day, ms), by, shownAs(d, t), ps[i].text)
		}
	}
	if by == "" {
		return 0, 0, ps.mismatch(s, what)
	}
	return day, ms, nil
}

func shownAs(d schemas.Date, ms int64) string {
	return d.String() + " " + string(rows.AppendTimeOfDay(nil, ms))
}

// readPadded also reads a date without separators whose leading zero is lost, as workbooks lose it, and one with
// separators in a pattern without.
func (p *clockPattern) readPadded(s string) (schemas.Date, int64, bool) {
	if d, ms, ok := p.read(s); ok {
		return d, ms, ok
	}
	width := 0
	for _, part := range p.parts {
		if part.letter == 0 || strings.IndexByte("YMD", part.letter) < 0 || part.letter == 'M' && part.width == 3 {
			return 0, 0, false
		}
		width += part.width
	}
	if len(s) == width-1 && p.parts[0].letter != 'Y' {
		return p.read("0" + s)
	}
	if i := strings.IndexAny(s, "/-. "); i > 0 {
		apart := clockPattern{}
		for n, part := range p.parts {
			if n > 0 {
				apart.parts = append(apart.parts, clockPart{text: s[i : i+1]})
			}
			apart.parts = append(apart.parts, part)
		}
		return apart.read(s)
	}
	return 0, 0, false
}

// mismatch says that no pattern fits, and which known one would.
func (ps patterns) mismatch(s, what string) *rows.Flaw {
	wrong := rows.Flawf("correct it, or the pattern in the profile", "%.40q is no %s as the profile has it (%s)", s, what,
		ps.shown())
	if what != "date" {
		return wrong
	}
	var fit []string
	for _, k := range knownDatePatterns() {
		p, err := parsePattern(k, true, false)
		if _, _, ok := p.readPadded(s); err == nil && ok {
			fit = append(fit, k)
		}
	}
	if len(fit) > 0 {
		wrong.Remedy = "it would be one as " + strings.Join(fit, " or ")
	}
	return wrong
}

// looseTime reads a time of day as people and tools write it. With twelve, AM or PM must be there. A bare hour is only
// one with AM or PM.
func looseTime(s string, twelve bool) (ms int64, ok bool) {
	c, ok := rows.ParseClock(s)
	return c.MS, ok && (c.Half || !twelve && !c.Bare)
}
