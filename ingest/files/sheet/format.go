package sheet

import (
	"math"
	"strconv"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// shown is how a workbook shows a number, as far as it says what the number means.
type shown uint8

const (
	shownNumber shown = iota
	shownDate
	shownTime
	shownInstant
	// shownLength is hours that do not start anew at 24, [h]:mm.
	shownLength
	// shownPercent is a share.
	shownPercent
)

// numberFormat is a cell style's: what it shows, and how many digits it fills with zeros (00000 shows 42 as 00042).
type numberFormat struct {
	shown shown
	zeros uint8
}

// builtIn are the formats with fixed numbers that are not plain numbers (ECMA-376 part 1, 18.8.30).
func builtIn(id int) numberFormat {
	switch {
	case id == 9 || id == 10:
		return numberFormat{shown: shownPercent}
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return numberFormat{shown: shownDate}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return numberFormat{shown: shownTime}
	case id == 22:
		return numberFormat{shown: shownInstant}
	case id == 46:
		return numberFormat{shown: shownLength}
	}
	return numberFormat{}
}

// formatOf says what a format code shows: its first section, without texts, colours and alignment.
func formatOf(code string) numberFormat {
	bare, elapsed := bareFormat(code)
	if n := len(bare); n > 1 && strings.Count(bare, "0") == n {
		return numberFormat{zeros: uint8(min(n, 15))} //nolint:gosec // at most 15
	}
	day := strings.ContainsAny(bare, "yd")
	clock := strings.ContainsAny(bare, "hs")
	switch {
	case strings.Contains(bare, "general"):
		return numberFormat{}
	case elapsed && !day:
		return numberFormat{shown: shownLength}
	case day && clock:
		return numberFormat{shown: shownInstant}
	case clock:
		return numberFormat{shown: shownTime}
	case day, strings.Contains(bare, "m"):
		return numberFormat{shown: shownDate}
	case strings.Contains(bare, "%"):
		return numberFormat{shown: shownPercent}
	}
	return numberFormat{}
}

// bareFormat leaves only the letters that stand for parts of a number, in lower case, and says whether hours, minutes
// or seconds are counted on ([h]).
func bareFormat(code string) (bare string, elapsed bool) {
	code = strings.NewReplacer("AM/PM", "h", "am/pm", "h", "A/P", "h", "a/p", "h").Replace(code)
	var out []byte
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if n := strings.IndexByte(code[i+1:], '"'); n >= 0 {
				i += n + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return strings.ToLower(string(out)), elapsed
			}
			if inside := strings.Trim(strings.ToLower(code[i+1:i+n]), "hms"); inside == "" {
				elapsed = true
				out = append(out, 'h')
			}
			i += n
		case ';':
			return strings.ToLower(string(out)), elapsed
		default:
			out = append(out, c)
		}
	}
	return strings.ToLower(string(out)), elapsed
}

// Days of the two date systems before 1970-01-01. The first has a 29th of February 1900 (60) that was none.
const (
	days1900 = 25569
	days1904 = 24107
)

// appendNumber writes the number of a cell as our readers want it: dates as 2026-03-02, times as 09:00:00, both with a
// space between, anything else as a plain number. It says whether it wrote a date or a time, and what is wrong with the
// number if something is.
func appendNumber(b []byte, v float64, f numberFormat, since1904 bool) (out []byte, dated bool, wrong *rows.Flaw) {
	switch f.shown {
	case shownNumber, shownPercent:
		out, wrong = appendPlain(b, v, f.zeros)
		return out, false, wrong
	case shownDate, shownTime, shownInstant, shownLength:
	}
	if math.IsNaN(v) || v < 0 || v >= 2_958_466 {
		return b, false, rows.Flawf("is the number format right?", "is shown as a date or time, but none has this number")
	}
	days, ms := daysAndTime(v)
	if f.shown == shownLength || f.shown == shownTime && days < 2 {
		hours := int64(0)
		if f.shown == shownLength {
			hours = days * 24
		}
		return rows.AppendTimeOfDay(b, ms+hours*schemas.HourMS), true, nil
	}
	date, ok := dateOfSerial(days, since1904)
	if !ok {
		return b, false, rows.Flawf("correct the cell",
			"is the 29th of February 1900, which never was, or a date without a day")
	}
	b = append(b, date.String()...)
	if f.shown != shownDate || ms != 0 {
		b = rows.AppendTimeOfDay(append(b, ' '), ms)
	}
	return b, true, nil
}

// daysAndTime parts a serial number into whole days and milliseconds. What is within 5 ms of a full second was meant to
// be one: serial numbers are not exact.
func daysAndTime(v float64) (days, ms int64) {
	all := int64(math.Round(v * float64(schemas.DayMS)))
	if second := (all + schemas.SecondMS/2) / schemas.SecondMS * schemas.SecondMS; all-second <= 5 && second-all <= 5 {
		all = second
	}
	return all / schemas.DayMS, all % schemas.DayMS
}

func dateOfSerial(days int64, since1904 bool) (schemas.Date, bool) {
	switch {
	case since1904:
		return schemas.Date(days - days1904), true //nolint:gosec // below 3 million
	case days > 60:
		return schemas.Date(days - days1900), true //nolint:gosec // below 3 million
	case days > 0 && days < 60:
		return schemas.Date(days - days1900 + 1), true //nolint:gosec // below 3 million
	}
	return 0, false
}

// appendPlain writes a number with the 15 digits that a workbook holds, and with the zeros that its format puts before
// it.
func appendPlain(b []byte, v float64, zeros uint8) ([]byte, *rows.Flaw) {
	if whole := math.Abs(v); whole >= 1e15 && whole == math.Trunc(whole) {
		return b, rows.Flawf("format the column as text and write it again",
			"is a number of more than 15 digits, of which a workbook forgets the last")
	}
	from := len(b)
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return b, rows.Flawf("", "is no number")
	}
	b = strconv.AppendFloat(b, short, 'f', -1, 64)
	if digits := len(b) - from; zeros > 0 && v >= 0 && v == math.Trunc(v) && digits < int(zeros) {
		pad := strings.Repeat("0", int(zeros)-digits)
		b = append(b[:from], append([]byte(pad), b[from:]...)...)
	}
	return b, nil
}
