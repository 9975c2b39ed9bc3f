package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/schemas"
)

// Label turns a word of the domain into English: off_queue into Off queue.
func Label(v any) string {
	s := strings.ReplaceAll(fmt.Sprint(v), "_", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Clock returns the time of day in a zone: 15:04.
func Clock(z schemas.Zone, t schemas.Instant) string {
	return t.Time().In(z.Location()).Format("15:04")
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

// Stamp returns an instant as the administration shows it, in UTC; a dash for none.
func Stamp(t schemas.Instant) string {
	if t == 0 {
		return "–"
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

// StampTime is [Stamp] for a time of the clock.
func StampTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return Stamp(schemas.InstantOf(t))
}

// Ago words how long an instant is past.
func Ago(t, now schemas.Instant) string {
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

// PresenceChoices returns the presences that people may choose.
func PresenceChoices() []Choice {
	var list []Choice
	for _, v := range []schemas.Presence{schemas.PresenceAvailable, schemas.PresenceBusy, schemas.PresenceAway,
		schemas.PresenceOffline} {
		list = append(list, Choice{v.String(), Label(v), v.String()})
	}
	return list
}

// StatusChoices returns the statuses that people may choose, each with its usual presence.
func StatusChoices() []Choice {
	var list []Choice
	for v := schemas.StatusAvailable; v <= schemas.StatusOffQueue; v++ {
		list = append(list, Choice{v.String(), Label(v), UsualPresence(v).String()})
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
