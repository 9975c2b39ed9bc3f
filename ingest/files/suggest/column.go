package suggest

import (
	"regexp"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// column is a column of the table, with the values that it has.
type column struct {
	name  string
	index int
	// values are the different values, each with how often it came; the most frequent are not first.
	values []value
	// filled counts the cells that are not empty, dated those that a workbook stores as dates or times.
	filled, dated int
}

type value struct {
	text  string
	dated bool
	count int
}

// mostValues bounds the different values of a column that are looked at.
const mostValues = 150

func makeColumn(name string, index int, body []files.SampleRow) column {
	c := column{name: name, index: index}
	at := map[string]int{}
	for _, row := range body {
		if index >= len(row.Cells) || row.Cells[index].Text == "" {
			continue
		}
		cell := row.Cells[index]
		c.filled++
		if cell.Dated {
			c.dated++
		}
		n, known := at[cell.Text]
		if !known && len(c.values) < mostValues {
			n = len(c.values)
			at[cell.Text], known = n, true
			c.values = append(c.values, value{text: cell.Text, dated: cell.Dated})
		}
		if known {
			c.values[n].count++
		}
	}
	return c
}

// share is the part of the filled cells whose value is so, from 0 to 1.
func (c *column) share(is func(v value) bool) float64 {
	n, all := 0, 0
	for _, v := range c.values {
		if all += v.count; is(v) {
			n += v.count
		}
	}
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}

// texts are the different values.
func (c *column) texts() []string {
	out := make([]string, len(c.values))
	for i, v := range c.values {
		out[i] = v.text
	}
	return out
}

func isISO(v value) bool {
	_, ok := rows.ParseDate([]byte(v.text))
	return ok && (len(v.text) == 10 || strings.HasSuffix(v.text, " 00:00:00"))
}

func isWallTime(v value) bool {
	_, ok := rows.ParseWallTime([]byte(v.text))
	return ok && (!v.dated || !strings.HasSuffix(v.text, " 00:00:00"))
}

func hasOffset(v value) bool {
	w, ok := rows.ParseWallTime([]byte(v.text))
	return ok && w.HasOffset
}

func isTime(v value) bool {
	if v.dated {
		_, n, ok := rows.ParseTimeOfDay([]byte(v.text))
		return ok && n == len(v.text)
	}
	return profile.IsTime(v.text)
}

func isTimes(v value) bool { return !v.dated && !dateForm.MatchString(v.text) && isStretch(v.text) }

// dateForm is what begins with a date, and is no stretch of time however much it looks like one.
var dateForm = regexp.MustCompile(`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}`)

func isStretch(text string) bool {
	_, _, _, ok := profile.ReadTimes(text)
	return ok
}

func isZone(v value) bool {
	_, err := schemas.LoadZone(v.text)
	return err == nil && strings.Contains(v.text, "/")
}

func isWeekdays(v value) bool { return profile.IsWeekdays(v.text) }

var numberForm = regexp.MustCompile(`^-?\d+(?:[.,]\d+)?$`)

func isNumber(v value) bool { return numberForm.MatchString(v.text) }

func isEmail(v value) bool { return strings.Count(v.text, "@") == 1 && !strings.Contains(v.text, " ") }

// instantForm is a date with a time behind it, however both are written.
var instantForm = regexp.MustCompile(`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T,]+\d{1,2}[:.]\d\d`)

// isData says that a cell is one of a row and not of a header.
func isData(cell files.SampleCell) bool {
	v := value{text: cell.Text, dated: cell.Dated}
	return cell.Text != "" && (isWallTime(v) || isTime(v) || isTimes(v) || isNumber(v) || isEmail(v) || isZone(v) ||
		instantForm.MatchString(v.text))
}

// Patterns of dates, of which those that are more common come first, and of times behind a date.
var (
	datePatterns = []string{"DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD",
		"YYYY.MM.DD", "DD/MM/YY", "MM/DD/YY", "DD.MM.YY", "DD-MM-YY", "MM-DD-YY", "DD MMM YYYY", "D MMM YYYY", "MMM D, YYYY",
		"MMM D YYYY", "DD-MMM-YYYY", "DD-MMM-YY", "DD MMM YY", "YYYYMMDD", "DDMMYYYY", "MMDDYYYY"}
	timePatterns = []string{" HH:mm", " HH:mm:ss", " hh:mm A", " hh:mm:ss A", " hh:mmA", "THH:mm:ss", ", HH:mm",
		", hh:mm A", " HH.mm", " HH:mm:ss.SSS"}
)

// instantPatterns are dates with times behind them; epoch times last.
func instantPatterns() []string {
	all := []string{"YYYY-MM-DD HH:mm", "YYYY-MM-DD HH:mm:ss", "YYYY-MM-DD hh:mm A", "YYYY-MM-DD hh:mm:ss A"}
	for _, d := range datePatterns[:19] {
		for _, t := range timePatterns {
			all = append(all, d+t)
		}
	}
	return all
}

// epochOf returns unix or unix_ms where all texts are instants of years around this one.
func epochOf(texts []string, today schemas.Date) string {
	for _, name := range []string{"unix", "unix_ms"} {
		if len(texts) > 0 && !slices.ContainsFunc(texts, func(s string) bool {
			day, _, ok := profile.ReadDate(name, s, true)
			return !ok || len(s) < 10 || day < today-10*366 || day > today+3*366
		}) {
			return name
		}
	}
	return ""
}

// fitting returns the patterns that read all of the texts.
func fitting(texts, patterns []string) []string {
	var out []string
	for _, p := range patterns {
		clock := strings.HasPrefix(p, "unix") || strings.Contains(p, "mm") && strings.ContainsAny(p, "Hh")
		if len(texts) > 0 && !slices.ContainsFunc(texts, func(s string) bool {
			_, _, ok := profile.ReadDate(p, s, clock)
			return !ok
		}) {
			out = append(out, p)
		}
	}
	return out
}

// bestPattern returns the first pattern that reads all of the texts, empty where none does.
func bestPattern(texts, patterns []string) string {
	if fit := fitting(texts, patterns); len(fit) > 0 {
		return fit[0]
	}
	return ""
}
