package profile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// lengthUnits are what a bare number of a column of lengths may count, in milliseconds.
var lengthUnits = map[string]int64{"days": schemas.DayMS, "hours": schemas.HourMS, "minutes": schemas.MinuteMS,
	"seconds": schemas.SecondMS, "milliseconds": 1}

func parseUnit(s string) (int64, error) {
	unit := lengthUnits[s]
	if unit == 0 {
		return 0, fmt.Errorf("%q is no unit; write days, hours, minutes, seconds or milliseconds", s)
	}
	return unit, nil
}

// lengthParts is 8h, 7 h 30 min, 1d 2h or 90 seconds; clockLength is 7:30, 07:30:00 or 1:07:30:00, with days.
var (
	lengthParts = regexp.MustCompile(`^(?:(\d+) ?d(?:ays?)?)? ?(?:(\d+(?:[.,]\d+)?) ?h(?:(?:ou)?rs?)?)?` +
		` ?(?:(\d+(?:[.,]\d+)?) ?m(?:in(?:ute)?s?)?)? ?(?:(\d+(?:[.,]\d+)?) ?s(?:ec(?:ond)?s?)?)?$`)
	bareNumber  = regexp.MustCompile(`^\d+(?:[.,]\d+)?$`)
	clockLength = regexp.MustCompile(`^(?:(\d{1,3})[:.])??(\d{1,4}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?$`)
)

// lengthOf reads a length of time, in milliseconds. unit is that of a bare number; 0 where a bare number says nothing.
func lengthOf(s string, unit int64) (ms int64, wrong *rows.Flaw) {
	s = strings.ToLower(strings.TrimSpace(s))
	total := 0.0
	add := func(parts ...string) {
		for i, unit := range []int64{schemas.DayMS, schemas.HourMS, schemas.MinuteMS, schemas.SecondMS} {
			total += decimal("0"+parts[i]) * float64(unit)
		}
	}
	iso, isISO := rows.ParseLength([]byte(strings.ToUpper(s)))
	switch parts, clock := lengthParts.FindStringSubmatch(s), clockLength.FindStringSubmatch(s); {
	case bareNumber.MatchString(s):
		if total = decimal(s) * float64(unit); unit == 0 {
			return 0, rows.Flawf("say in the profile what it counts, such as in: minutes", "%.40q is a number without a unit", s)
		}
	case isISO:
		total = float64(iso)
	case parts != nil && s != "":
		add(parts[1:]...)
	case clock != nil && clock[3] < "60" && clock[4] < "60":
		add(clock[1:]...)
	default:
		return 0, rows.Flawf("write something like 7:30, 7h 30m, or 450 and the unit in the profile",
			"%.40q is no length of time", s)
	}
	if !(total <= float64(366*schemas.DayMS)) {
		return 0, rows.Flawf("is the unit right?", "%.40q is longer than a year", s)
	}
	return int64(total + 0.5), nil
}

// decimal reads digits with a point or comma between them.
func decimal(s string) float64 {
	v, _ := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64) // the form is checked
	return v
}
