package rows

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// Clock is a time of day as people write it.
type Clock struct {
	// MS is since midnight, as it is written; of 25:30 it is more than a day.
	MS int64
	// Half says that AM or PM stands beside it.
	Half bool
	// Loose says that nothing tells whether it is in the first or the second half of the day: 9 or 9:00, but not 09:00,
	// 10:00:00, 13 or 9 AM.
	Loose bool
	// Bare says that it is an hour alone.
	Bare bool
}

// The parts of times and stretches of time. The words for the halves of the day are those that spreadsheets and people
// write (Unicode CLDR, day periods).
const (
	amAfter  = `a\.? ?m\.|a\.m\b|am?\b|sáng|πμ|π\.μ\.|пр\. ?об\.|f\.m\.|dop\.|vm\.`
	pmAfter  = `p\.? ?m\.|p\.m\b|pm?\b|chiều|μμ|μ\.μ\.|сл\. ?об\.|e\.m\.|odp\.|nm\.`
	amBefore = `午前|上午|오전|öö|de\.`
	pmBefore = `午後|下午|오후|ös|du\.`
	// clockWord is 9, 9:00, 9.00, 9h00, 09:00:30, 900 or 0900, with what stands beside it.
	clockWord = `(?:(?:` + amBefore + `|` + pmBefore + `) ?)?` +
		`(?:\d{1,2}(?:[:.h]\d\d(?:[:.m]\d\d(?:[.,]\d{1,9})?s?)?| ?h\b)?|\d{3,4})(?: uhr\b| h\b| ч\.?)?` +
		`(?: ?(?:` + amAfter + `|` + pmAfter + `|` + amBefore + `|` + pmBefore + `))?`
)

var (
	clockForm = regexp.MustCompile(`^(?:(` + amBefore + `)|(` + pmBefore + `))? ?` +
		`(?:(\d{1,2})(?:[:.h](\d\d)(?:[:.m](\d\d)(?:[.,](\d{1,9}))?s?)?| ?h)?|(\d{1,2})(\d\d))` +
		`(?: uhr| h| ч\.?)? ?(?:(` + amAfter + `|` + amBefore + `)|(` + pmAfter + `|` + pmBefore + `))?$`)
	spanForm = regexp.MustCompile(`(?is)^(|.*?[^\d:.])(` + clockWord +
		`)(?: *[-–—‑‐−~] *| +(?:to|until|till|bis|à|do|a|til|tot) +)(` + clockWord + `)(|[^\d:.].*)$`)
)

// plainClock makes spaces of those that do not break, as programs write them before AM, and colons of the words that
// part hours, minutes and seconds in Korean, Japanese and Chinese.
var plainClock = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u200e", "", "\u200f", "",
	"시 ", ":", "시", ":", "분 ", ":", "분", "", "초", "", "時", ":", "时", ":", "点", ":", "分", ":", "秒", "")

// ParseClock reads a time of day: 9:00, 09.00, 9h00, 0900, 9 AM, 9:00 a.m., 24:00 or, for the next day, 25:30. It says
// false for anything else, also for 13:00 AM.
func ParseClock(s string) (c Clock, ok bool) {
	m := clockForm.FindStringSubmatch(strings.ToLower(strings.TrimRight(plainClock.Replace(strings.TrimSpace(s)), ":")))
	if m == nil {
		return c, false
	}
	am, pm := m[1]+m[9] != "", m[2]+m[10] != ""
	hour, minute, second := digitsOf(m[3]+m[7]), digitsOf(m[4]+m[8]), digitsOf(m[5])
	full := m[5] != "" && len(m[3]) == 2 // as programs write it
	c = Clock{Half: am || pm, Bare: m[4]+m[8] == "",
		Loose: !am && !pm && hour >= 1 && hour <= 12 && !full && !strings.HasPrefix(m[3]+m[7], "0")}
	switch {
	case minute > 59 || second > 59 || am && pm, am && hour > 12, pm && (hour == 0 || hour > 23), hour > 47,
		m[8] != "" && hour > 24:
		return c, false
	case am:
		hour %= 12
	case pm && hour < 12:
		hour += 12
	}
	c.MS = hour*schemas.HourMS + minute*schemas.MinuteMS + second*schemas.SecondMS
	if m[6] != "" {
		c.MS += digitsOf((m[6] + "00")[:3])
	}
	return c, true
}

func digitsOf(s string) int64 {
	n, _ := strconv.ParseInt("0"+s, 10, 64) // digits, or none
	return n
}

// SplitSpan parts a stretch of time such as Training 09:00-12:00 into what stands before it, its two times, and what
// stands behind it.
func SplitSpan(s string) (before, from, to, behind string, ok bool) {
	m := spanForm.FindStringSubmatch(strings.TrimSpace(plainClock.Replace(s)))
	if m == nil {
		return "", "", "", "", false
	}
	return m[1], m[2], m[3], m[4], true
}

// halfDay is the longest stretch of time that one AM or PM speaks for.
const halfDay = 12 * schemas.HourMS

// Span says from when until when two times of a day are, in milliseconds since its midnight. An end that is not after
// the start is on the next day. AM or PM at one of them counts for the other too where that makes the stretch shorter
// than half a day. Two times that may each be in either half of the day are only clear where they lie one after the
// other; the flaw names both readings.
func Span(from, to Clock) (start, end int64, wrong *Flaw) {
	start, end = from.MS, to.MS
	switch {
	case from.Half && to.Loose:
		if end = after(start, end); end-start > halfDay {
			end = after(start, to.MS+halfDay)
		}
	case from.Loose && to.Half:
		if end = after(start, end); end-start > halfDay {
			start = (start + halfDay) % schemas.DayMS
			end = after(start, to.MS)
		}
	case from.Loose && to.Loose && end <= start:
		other := after(start, end+halfDay)
		if other-start > schemas.DayMS {
			other -= schemas.DayMS
		}
		return 0, 0, unclear(start, after(start, end), start, other)
	default:
		end = after(start, end)
	}
	return start, end, nil
}

// after returns the time, on the next day if it is not after the other.
func after(start, end int64) int64 {
	for end <= start {
		end += schemas.DayMS
	}
	return end
}

// unclear says that a stretch of time may be one or the other.
func unclear(start, end, otherStart, otherEnd int64) *Flaw {
	show := func(start, end int64) string {
		hours := strconv.FormatFloat(float64((end-start)/schemas.MinuteMS)/60, 'f', -1, 64)
		return fmt.Sprintf("%s-%s (%.5s h)", clockText(start), clockText(end), hours)
	}
	return Flawf("write the time of 24 hours, such as 09:00-17:00, or AM and PM; where all times are of 24 hours, a "+
		"profile says so (times: 24h)", "it may be %s or %s", show(start, end), show(otherStart, otherEnd))
}

// UnclearByDay is the flaw of a stretch of two loose times in the small hours, of which the afternoon is more likely
// meant; nil for any other.
func UnclearByDay(from, to Clock) *Flaw {
	const morning = 6 * schemas.HourMS
	if !from.Loose || !to.Loose || to.MS <= from.MS || from.MS >= morning {
		return nil
	}
	return unclear(from.MS, to.MS, from.MS+halfDay, to.MS+halfDay)
}

// clockText writes a time of day as 09:00, of the next day too.
func clockText(ms int64) string {
	return strings.TrimSuffix(string(AppendTimeOfDay(nil, ms%schemas.DayMS)), ":00")
}
