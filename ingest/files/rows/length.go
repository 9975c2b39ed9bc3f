package rows

import (
	"strconv"

	"rollcall/schemas"
)

// AppendLength writes a length of time as ISO 8601 has it, in seconds: PT28800S, PT0.5S.
func AppendLength(b []byte, ms int64) []byte {
	b = strconv.AppendInt(append(b, "PT"...), ms/schemas.SecondMS, 10)
	if f := ms % schemas.SecondMS; f != 0 {
		b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
	}
	return append(b, 'S')
}

// ParseLength reads a length of time of ISO 8601 in days, hours, minutes and seconds: PT8H30M, P1DT2H, PT0.5S. It
// returns milliseconds, at most a hundred years.
func ParseLength(b []byte) (ms int64, ok bool) {
	if len(b) < 3 || b[0] != 'P' {
		return 0, false
	}
	units := map[byte]int64{'D': schemas.DayMS}
	last := schemas.DayMS + 1
	for b = b[1:]; len(b) > 0; {
		if b[0] == 'T' {
			if b, units = b[1:], map[byte]int64{'H': schemas.HourMS, 'M': schemas.MinuteMS, 'S': schemas.SecondMS}; len(b) == 0 {
				return 0, false
			}
		}
		n, taken := int64(0), 0
		for taken < len(b) && taken < 9 && b[taken] >= '0' && b[taken] <= '9' {
			n, taken = n*10+int64(b[taken]-'0'), taken+1
		}
		fraction, more, fine := readFraction(b[taken:])
		if taken == 0 || !fine || taken+more >= len(b) {
			return 0, false
		}
		unit := units[b[taken+more]]
		if unit == 0 || unit >= last || more > 0 && unit != schemas.SecondMS {
			return 0, false
		}
		ms, last = ms+n*unit+fraction, unit
		b = b[taken+more+1:]
	}
	return ms, ms <= 36525*schemas.DayMS
}
