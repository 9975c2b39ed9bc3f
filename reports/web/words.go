package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rollcall/schemas"
)

// Label turns a word of the domain into English: off_queue into Off queue.
func Label(v any) string { return Sentence(strings.ReplaceAll(fmt.Sprint(v), "_", " ")) }

// Sentence begins a text with a capital.
func Sentence(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:n]) + text[n:]
}

// Clock returns the time of day in a zone: 15:04.
func Clock(z schemas.Zone, t schemas.Instant) string {
	return t.Time().In(z.Location()).Format("15:04")
}

// Zone returns the zone of a name; UTC stands for one that is not known.
func Zone(name string) schemas.Zone {
	z, err := schemas.LoadZone(name)
	if err != nil {
		return schemas.UTC
	}
	return z
}

// Choice is one presence or status to choose. Presence is what goes with a status when nothing else is chosen.
type Choice struct{ Value, Label, Presence string }

// Length words a length of time in milliseconds: 45 s, 15 min, 1 h 05 min.
func Length(ms int64) string {
	s := (ms + schemas.SecondMS/2) / schemas.SecondMS
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 600 && s%60 != 0:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	}
	m := (s + 30) / 60
	return fmt.Sprintf("%d h %02d min", m/60, m%60)
}

// Figure is one number of the day with its word.
type Figure struct{ Word, Value string }

// DayFigures words the figures of a day besides its adherence: the other percentages that exist, and the lengths of
// time that are not 0.
func DayFigures(d *schemas.AgentDay, length func(ms int64) string) []Figure {
	var list []Figure
	for _, f := range schemas.DayFigures() {
		if f.Name == "unscheduled_on_queue_s" {
			break // the figures after it are the parts of conformance
		}
		switch f.Unit {
		case schemas.FigurePercent:
			if v, ok := f.Percent(d).Value(); ok && f.Name != "adherence_percent" {
				list = append(list, Figure{f.Label, fmt.Sprintf("%.2f %%", v)})
			}
		case schemas.FigureLength:
			if ms := f.MS(&d.Sums); ms > 0 {
				list = append(list, Figure{f.Label, length(ms)})
			}
		case schemas.FigureReason, schemas.FigureCount:
		}
	}
	return list
}

// Stamp returns an instant as the administration shows it, in UTC; a dash for none.
func Stamp(t schemas.Instant) string {
	if t == 0 {
		return "–"
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

// stamp is [Stamp] for pages, which have times of the clock too.
func stamp(v any) string {
	switch t := v.(type) {
	case schemas.Instant:
		return Stamp(t)
	case *schemas.Instant:
		if t != nil {
			return Stamp(*t)
		}
	case time.Time:
		return Stamp(max(schemas.InstantOf(t), 0))
	}
	return Stamp(0)
}

// took words the time between two times of the clock.
func took(from, to time.Time) string { return Length(to.Sub(from).Milliseconds()) }

// ago words how long an instant is past.
func ago(t, now schemas.Instant) string {
	if t == 0 {
		return "never"
	}
	past := max(now.Sub(t), 0)
	if past >= 2*schemas.DayMS {
		return fmt.Sprintf("%d days ago", past/schemas.DayMS)
	}
	return Length(past) + " ago"
}

// NonEmpty drops empty values: a form sends them for what was left open.
func NonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}

// Choices returns the values of an enumeration from the first to the last.
func Choices[T interface {
	~uint8
	fmt.Stringer
}](first, last T) []Choice {
	var list []Choice
	for v := first; v <= last; v++ {
		list = append(list, Choice{Value: v.String(), Label: Label(v)})
	}
	return list
}

// PresenceChoices returns the presences that people may choose.
func PresenceChoices() []Choice { return Choices(schemas.PresenceAvailable, schemas.PresenceOffline) }

// StatusChoices returns the statuses that people may choose, each with its usual presence.
func StatusChoices() []Choice {
	list := Choices(schemas.StatusAvailable, schemas.StatusOffQueue)
	for i := range list {
		list[i].Presence = UsualPresence(schemas.StatusAvailable + schemas.Status(i)).String()
	}
	return list
}

// UsualPresence returns the presence that goes with a status (RULES.md section 3, "From Genesys Cloud").
func UsualPresence(v schemas.Status) schemas.Presence {
	switch v {
	case schemas.StatusBreak, schemas.StatusMeal:
		return schemas.PresenceAway
	case schemas.StatusMeeting, schemas.StatusTraining:
		return schemas.PresenceBusy
	case schemas.StatusAvailable, schemas.StatusOffQueue, schemas.StatusNone, schemas.StatusUnknown:
	}
	return schemas.PresenceAvailable
}

// VerdictClass returns the class of a verdict's colour.
func VerdictClass(v schemas.Verdict) string { return cmp.Or(v.String(), "none") }

// VerdictTitle words a verdict.
func VerdictTitle(v schemas.Verdict) string {
	return cmp.Or(map[schemas.Verdict]string{
		schemas.VerdictIn:        "as scheduled",
		schemas.VerdictTolerated: "tolerated",
		schemas.VerdictOut:       "a deviation",
		schemas.VerdictOutside:   "outside the schedule",
		schemas.VerdictNeutral:   "excused",
		schemas.VerdictIgnored:   "not judged",
		schemas.VerdictUnknown:   "unknown",
	}[v], "nothing was scheduled")
}
