package rows

import (
	"strconv"
	"time"

	"rollcall/schemas"
)

// WallTime is what a text says of date, time and offset.
type WallTime struct {
	Day       schemas.Date
	MS        int64 // of the day
	Offset    int64 // seconds east of UTC
	HasOffset bool
}

// Instant is the instant of a text that has an offset.
func (c WallTime) Instant() schemas.Instant {
	return schemas.Instant(int64(c.Day)*schemas.DayMS + c.MS - c.Offset*schemas.SecondMS)
}

// ParseWallTime reads 2026-03-02T09:00[:00[.000]] with T or a space, and Z or an offset (+01:00, +0100) where there is
// one. It says false for anything else, also for digits finer than a millisecond.
func ParseWallTime(b []byte) (WallTime, bool) {
	var c WallTime
	day, ok := ParseDate(b)
	if !ok || len(b) < 16 || b[10] != 'T' && b[10] != ' ' && b[10] != 't' {
		return c, false
	}
	c.Day = day
	ms, n, ok := ParseTimeOfDay(b[11:])
	if !ok || ms >= schemas.DayMS {
		return c, false
	}
	c.MS = ms
	c.Offset, c.HasOffset, ok = readOffset(b[11+n:])
	return c, ok
}

// ParseDate reads the ten characters 2026-03-02 at the start of b.
func ParseDate(b []byte) (schemas.Date, bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, ok1 := digits(b[0:2])
	y2, ok2 := digits(b[2:4])
	m, ok3 := digits(b[5:7])
	d, ok4 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return 0, false
	}
	return RealDate(y1*100+y2, m, d)
}

// RealDate returns the date of year, month and day, if there is one.
func RealDate(y, m, d int) (schemas.Date, bool) {
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	date := schemas.MakeDate(y, time.Month(m), d)
	if d > 28 {
		_, month, _ := date.Parts()
		return date, int(month) == m
	}
	return date, true
}

// ParseTimeOfDay reads 09:00[:00[.000]] at the start of b, up to 24:00, and returns how many bytes it took.
func ParseTimeOfDay(b []byte) (ms int64, n int, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, 0, false
	}
	h, ok1 := digits(b[0:2])
	m, ok2 := digits(b[3:5])
	if !ok1 || !ok2 || h > 24 || m > 59 {
		return 0, 0, false
	}
	ms, n = int64(h)*schemas.HourMS+int64(m)*schemas.MinuteMS, 5
	if len(b) >= 8 && b[5] == ':' {
		s, ok := digits(b[6:8])
		if !ok || s > 59 {
			return 0, 0, false
		}
		ms, n = ms+int64(s)*schemas.SecondMS, 8
		fraction, taken, ok := readFraction(b[8:])
		if !ok {
			return 0, 0, false
		}
		ms, n = ms+fraction, n+taken
	}
	return ms, n, ms <= schemas.DayMS
}

// readFraction reads .5, .50 or .500, also with a comma, and more digits if they are zero.
func readFraction(b []byte) (ms int64, n int, ok bool) {
	if len(b) == 0 || b[0] != '.' && b[0] != ',' {
		return 0, 0, true
	}
	unit := int64(100)
	for n = 1; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
		if unit == 0 && b[n] != '0' {
			return 0, 0, false
		}
		ms += unit * int64(b[n]-'0')
		unit /= 10
	}
	return ms, n, n > 1
}

// readOffset reads Z, +01:00, +0100 or nothing.
func readOffset(b []byte) (seconds int64, given, ok bool) {
	switch {
	case len(b) == 0:
		return 0, false, true
	case len(b) == 1 && (b[0] == 'Z' || b[0] == 'z'):
		return 0, true, true
	case len(b) < 5 || len(b) > 6 || b[0] != '+' && b[0] != '-' || len(b) == 6 && b[3] != ':':
		return 0, false, false
	}
	h, ok1 := digits(b[1:3])
	m, ok2 := digits(b[len(b)-2:])
	seconds = int64(h)*3600 + int64(m)*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, ok1 && ok2 && h < 24 && m < 60
}

// digits reads two of them.
func digits(b []byte) (int, bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	return int(hi)*10 + int(lo), hi <= 9 && lo <= 9
}

// AppendTimeOfDay writes 09:00:00, or 09:00:00.500.
func AppendTimeOfDay(b []byte, ms int64) []byte {
	h, m, s, f := ms/schemas.HourMS, ms/schemas.MinuteMS%60, ms/schemas.SecondMS%60, ms%schemas.SecondMS
	b = appendTwo(b, h)
	b = appendTwo(append(b, ':'), m)
	b = appendTwo(append(b, ':'), s)
	if f != 0 {
		b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
	}
	return b
}

func appendTwo(b []byte, n int64) []byte {
	if n < 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, n, 10)
}

// NotAnInstant says why a text is none.
func NotAnInstant(b []byte) *Flaw {
	if _, err := schemas.ParseInstant(string(b)); err != nil && len(b) > 20 && b[10] == 'T' {
		return Flawf("", "%s", err)
	}
	return Flawf("write RFC 3339 with an offset, such as 2026-03-02T09:00:00Z, or a local time such as 2026-03-02 09:00",
		"%.60q is not an instant", b)
}
