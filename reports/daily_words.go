package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rollcall/schemas"
)

// Shown makes a name or another free text fit to be shown on one line: control characters, line breaks and the marks
// that turn the direction of writing round become spaces or go, and what is longer than most characters ends in an
// ellipsis.
func Shown(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case turns(r) || r == unicode.ReplacementChar:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	out := []rune(strings.Join(strings.Fields(text), " "))
	if len(out) > most {
		return string(out[:most-1]) + "…"
	}
	return string(out)
}

// turns reports the marks that change the direction of what follows, and invisible ones.
func turns(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x200b ||
		r == 0xfeff
}

// LengthText says a length as people say it: "45 s", "15 min", "60 min", "2 h 5 min". It rounds to the minute.
func LengthText(ms int64) string {
	if ms < schemas.MinuteMS {
		return strconv.FormatInt((ms+schemas.SecondMS/2)/schemas.SecondMS, 10) + " s"
	}
	minutes := (ms + schemas.MinuteMS/2) / schemas.MinuteMS
	switch {
	case minutes < 120:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// Counted writes a number with its noun: 1 agent, 2 agents.
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// WholePercent writes a percentage without decimals, 58 %, and with them where that would hide on which side of the
// target it lies, or that it is not quite 100.
func WholePercent(p schemas.Percent, target *float64) string {
	v, ok := p.Value()
	if !ok {
		return "–"
	}
	whole := float64(int64(v + 0.5))
	if whole == 100 && v != 100 || target != nil && (whole >= *target) != (v >= *target) {
		return p.Text() + " %"
	}
	return strconv.FormatFloat(whole, 'f', -1, 64) + " %"
}

// phrase is one thing that an agent did: how to say it once, and how to say it together with others like it.
type phrase struct {
	// once holds a lengthMark where the length goes; often is followed by how many times and how long in all.
	once, often string
	ms          int64
	times       int
}

// lengthMark is a control character: Shown leaves none in a name.
const lengthMark = "\x00"

// text says the phrase.
func (s *phrase) text() string {
	if s.times > 1 {
		return fmt.Sprintf("%s %d times (%s)", s.often, s.times, LengthText(s.ms))
	}
	return strings.Replace(s.once, lengthMark, LengthText(s.ms), 1)
}

// ExceptionSentence says what happened in one exception: "took calls 15 min into the break". Clock times are those of
// the zone. Page, mail, workbook and CSV all say it so.
func ExceptionSentence(e *schemas.Exception, zone schemas.Zone) string {
	s := phraseOf(e, zone)
	return s.text()
}

// exceptionSummary says what happened in the exceptions of a day, at most that many of the longest, in the order in
// which they happened: "took calls 15 min into the break, still on break during Huddle (60 min)". Those of one sort are
// counted together; clock times are those of the zone.
func exceptionSummary(list []schemas.Exception, zone schemas.Zone, most int) string {
	var said []*phrase
	for i := range list {
		s := phraseOf(&list[i], zone)
		if k := slices.IndexFunc(said, func(o *phrase) bool { return o.often == s.often }); k >= 0 {
			said[k].ms, said[k].times = said[k].ms+s.ms, said[k].times+1
		} else {
			said = append(said, &s)
		}
	}
	longest := slices.SortedStableFunc(slices.Values(said), func(x, y *phrase) int { return cmp.Compare(y.ms, x.ms) })
	longest = longest[:min(most, len(longest))]
	var texts []string
	for _, s := range said {
		if slices.Contains(longest, s) {
			texts = append(texts, s.text())
		}
	}
	if left := len(said) - len(texts); left > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", left))
	}
	return strings.Join(texts, ", ")
}

// phraseOf finds the words for one exception.
func phraseOf(e *schemas.Exception, zone schemas.Zone) phrase {
	s := phrase{ms: e.MS, times: 1}
	is := longestState(e)
	switch e.Kind {
	case schemas.KindLateChange:
		is = stateAt(e, 0)
	case schemas.KindEarlyChange:
		is = stateAt(e, len(e.Parts)-1)
	default:
	}
	s.once, s.often = saying(e, is, e.Start.Time().In(zone.Location()).Format("15:04"))
	return s
}

// saying returns how an exception is said once, and how together with others like it. is is the state that counts,
// clock when it began.
func saying(e *schemas.Exception, is schemas.State, clock string) (once, often string) {
	working := e.Category == schemas.CategoryOnQueueWork
	switch e.Kind {
	case schemas.KindLateChange:
		switch {
		case onQueue(is):
			return lasting("took calls", "into "+thing(e))
		case working:
			return lasting("back from "+placeOf(is), "late")
		}
		return bracketed("still " + doing(is) + " during " + thing(e))
	case schemas.KindEarlyChange, schemas.KindEarlyEnd:
		switch {
		case onQueue(is):
			return "took calls for the last " + lengthMark + " of " + thing(e), "took calls before the end of " + thing(e)
		case gone(is):
			return lasting("left", "early")
		case e.Kind == schemas.KindEarlyEnd:
			return lasting("stopped", "early ("+doing(is)+")")
		case working:
			return lasting("went "+into(is), "early")
		}
		return bracketed(doing(is) + " already during " + thing(e))
	case schemas.KindLateStart:
		if gone(is) || onQueue(is) {
			return lasting("started", "late")
		}
		return lasting("started", "late ("+doing(is)+")")
	case schemas.KindAbsent:
		return bracketed("was absent")
	case schemas.KindNotResponding:
		return "did not answer for " + lengthMark + " at " + clock, "did not answer"
	case schemas.KindOutsideShift:
		return "took calls outside the shift for " + lengthMark, "took calls outside the shift"
	default:
	}
	what := doing(is) + " during " + thing(e)
	if onQueue(is) {
		what = "took calls during " + thing(e)
	}
	return what + " at " + clock + " (" + lengthMark + ")", what
}

// lasting puts the length between two texts, bracketed puts it in brackets behind one.
func lasting(before, after string) (once, often string) {
	return before + " " + lengthMark + " " + after, before + " " + after
}

func bracketed(text string) (once, often string) { return text + " (" + lengthMark + ")", text }

// thing names what was scheduled, with its article: "the break", "Huddle".
func thing(e *schemas.Exception) string {
	const mostCode = 40
	code := Shown(e.Code, mostCode)
	switch e.Category {
	case schemas.CategoryBreak, schemas.CategoryMeal:
		return "the " + e.Category.String()
	case schemas.CategoryMeeting, schemas.CategoryTraining:
		return cmp.Or(code, "the "+e.Category.String())
	case schemas.CategoryTimeOff:
		return cmp.Or(code, "time off")
	default:
		return cmp.Or(code, "work")
	}
}

// stateAt returns the state of a part; of an exception without parts nothing is known.
func stateAt(e *schemas.Exception, i int) schemas.State {
	if i < 0 || i >= len(e.Parts) {
		return schemas.State{}
	}
	return e.Parts[i].State
}

// longestState returns the state that took most of an exception.
func longestState(e *schemas.Exception) schemas.State {
	lengths := map[schemas.State]int64{}
	best := stateAt(e, 0)
	for _, p := range e.Parts {
		lengths[p.State] += p.End.Sub(p.Start)
		if lengths[p.State] > lengths[best] {
			best = p.State
		}
	}
	return best
}

func onQueue(s schemas.State) bool {
	return s.Presence != schemas.PresenceOffline && s.Status == schemas.StatusAvailable &&
		s.Routing != schemas.RoutingOffQueue &&
		s.Routing != schemas.RoutingNotResponding && s.Routing != schemas.RoutingUnknown
}

// gone says that somebody is not at work as far as presence says.
func gone(s schemas.State) bool {
	return s.Presence == schemas.PresenceOffline ||
		s.Presence == schemas.PresenceAway && (s.Status == schemas.StatusOffQueue || s.Status == schemas.StatusNone)
}

// statusWords say a status as what somebody does, where they come back from, and where they go; the last is empty where
// it is like the first.
var statusWords = map[schemas.Status]struct{ doing, place, into string }{
	schemas.StatusBreak:    {"on break", "break", ""},
	schemas.StatusMeal:     {"at a meal", "the meal", "to a meal"},
	schemas.StatusMeeting:  {"in a meeting", "the meeting", "into a meeting"},
	schemas.StatusTraining: {"in training", "training", "into training"},
	schemas.StatusOffQueue: {"off queue", "off-queue work", ""},
}

// doing says a state as what somebody was doing: "on break", "in a meeting", "offline".
func doing(s schemas.State) string {
	if s.Presence == schemas.PresenceOffline {
		return "offline"
	}
	switch w, ok := statusWords[s.Status]; {
	case !ok:
		return StateWords(s)
	case gone(s):
		return "away"
	default:
		const mostLabel = 40
		return withLabel(w.doing, Shown(s.Secondary, mostLabel))
	}
}

// placeOf says a state as where somebody comes back from: "break", "the meeting".
func placeOf(s schemas.State) string { return cmp.Or(statusWords[s.Status].place, "being "+doing(s)) }

// into says a state as where somebody goes: "on break", "into a meeting".
func into(s schemas.State) string { return cmp.Or(statusWords[s.Status].into, doing(s)) }
