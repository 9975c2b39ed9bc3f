package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// A timeline counts quarter hours of the wall clock from a day before the midnight with which the date begins to two
// days after it: shifts go over midnight, and an agent's day may lie elsewhere in the zone that is shown.
const (
	quarterMS   = 15 * schemas.MinuteMS
	dayQuarters = 96
	midnight    = dayQuarters
	allQuarters = 4 * dayQuarters
)

// shade is what a quarter hour is coloured for.
type shade uint8

const (
	shadeNone shade = iota
	shadeOnQueue
	shadeBreak
	shadeMeal
	shadeMeeting
	shadeTraining
	shadeOffQueue
	shadeAway
	shadeUnknown
	shades
)

// shadeLooks are colour and name of the shades.
var shadeLooks = [shades]struct{ colour, name string }{
	shadeOnQueue:  {"4C9F70", "on queue"},
	shadeBreak:    {"F2B84B", "break"},
	shadeMeal:     {"E8853D", "meal"},
	shadeMeeting:  {"8E7CC3", "meeting"},
	shadeTraining: {"4BA3C3", "training"},
	shadeOffQueue: {"5B7DB1", "other work"},
	shadeAway:     {"C9CED6", "away or off"},
	shadeUnknown:  {"F1E6F5", "unknown"},
}

// band is one agent-day: a shade for each quarter hour, and whether it was mostly out of adherence.
type band struct {
	day                   schemas.Date
	agent, name, team     string
	adherence             any
	scheduled, actual     [allQuarters]shade
	out                   [allQuarters]bool
	firstQuarter, lastEnd int
}

// timeline holds the bands until the report ends, unless they are too many.
type timeline struct {
	asked, tooMany bool
	bands          []*band
}

// add takes a day, if the report was asked with intervals.
func (t *timeline) add(d *reports.Day) {
	if !t.asked || t.tooMany {
		return
	}
	if len(t.bands) == reports.MostTimelines {
		t.bands, t.tooMany = nil, true
		return
	}
	t.bands = append(t.bands, newBand(d))
}

// newBand paints a day.
func newBand(d *reports.Day) *band {
	b := &band{
		day:          d.Day,
		agent:        d.AgentID,
		name:         d.Name,
		team:         d.Team,
		adherence:    percent(d.Adherence()),
		firstQuarter: allQuarters,
	}
	var scheduled, actual weights
	for i := range d.Activities {
		a := &d.Activities[i]
		scheduled.add(b, d.Zone, a.Interval(), shadeOfCategory[a.Category], false)
	}
	for i := range d.Intervals {
		v := &d.Intervals[i]
		actual.add(b, d.Zone, schemas.Interval{Start: v.Start, End: v.End}, shadeOfState(&v.State, v.OnQueue),
			v.Verdict == schemas.VerdictOut || v.Verdict == schemas.VerdictOutside)
	}
	for q := range allQuarters {
		b.scheduled[q], _ = scheduled.heaviest(q)
		b.actual[q], b.out[q] = actual.heaviest(q)
	}
	return b
}

// weights are milliseconds by quarter hour and shade.
type weights struct {
	ms  [allQuarters][shades]int32
	out [allQuarters]int32
}

// add spreads a stretch of time over its quarter hours.
func (w *weights) add(b *band, zone schemas.Zone, v schemas.Interval, s shade, out bool) {
	for at := v.Start; at < v.End; {
		_, off := at.Time().In(zone.Location()).Zone()
		wall := int64(at) + int64(off)*schemas.SecondMS - int64(b.day)*schemas.DayMS
		step := min(quarterMS-((wall%quarterMS)+quarterMS)%quarterMS, v.End.Sub(at))
		if q := int((wall + midnight*quarterMS) / quarterMS); wall+midnight*quarterMS >= 0 && q < allQuarters {
			w.ms[q][s] += int32(step) //nolint:gosec // at most a quarter hour
			if out {
				w.out[q] += int32(step) //nolint:gosec // at most a quarter hour
			}
			b.firstQuarter, b.lastEnd = min(b.firstQuarter, q), max(b.lastEnd, q+1)
		}
		at = at.Add(step)
	}
}

// heaviest returns the shade that fills most of a quarter hour, and whether most of that was out.
func (w *weights) heaviest(q int) (shade, bool) {
	best, total := shadeNone, int32(0)
	for s, ms := range w.ms[q] {
		if total += ms; ms > w.ms[q][best] {
			best = shade(s) //nolint:gosec // there are nine
		}
	}
	return best, 2*w.out[q] > total
}

// shadeOfCategory has no shade for what is not scheduled.
var shadeOfCategory = map[schemas.Category]shade{
	schemas.CategoryOnQueueWork: shadeOnQueue, schemas.CategoryOffQueueWork: shadeOffQueue,
	schemas.CategoryBreak: shadeBreak, schemas.CategoryMeal: shadeMeal,
	schemas.CategoryMeeting: shadeMeeting, schemas.CategoryTraining: shadeTraining,
	schemas.CategoryTimeOff: shadeAway, schemas.CategoryUnavailable: shadeAway,
}

// shadeOfStatus is for those who are neither on queue nor offline.
var shadeOfStatus = map[schemas.Status]shade{
	schemas.StatusBreak: shadeBreak, schemas.StatusMeal: shadeMeal, schemas.StatusMeeting: shadeMeeting,
	schemas.StatusTraining: shadeTraining, schemas.StatusAvailable: shadeOffQueue, schemas.StatusOffQueue: shadeOffQueue,
}

func shadeOfState(s *schemas.State, onQueue bool) shade {
	known, ok := shadeOfStatus[s.Status]
	switch {
	case onQueue:
		return shadeOnQueue
	case s.Presence == schemas.PresenceOffline, s.Presence == schemas.PresenceAway && (!ok || known == shadeOffQueue):
		return shadeAway
	case ok:
		return known
	}
	return shadeUnknown
}

// about says why there is no timeline where one was asked for.
func (t *timeline) about() []reports.AboutLine {
	why := ""
	switch {
	case t.tooMany || !t.asked:
		why = fmt.Sprintf("left out: it shows at most %d agent-days; ask for fewer days, teams or agents",
			reports.MostTimelines)
	case len(t.bands) > 0:
		why = "a quarter hour has the colour of what fills most of it; those that were mostly out of adherence are " +
			"underlined in red; local times"
	default:
		return nil
	}
	return []reports.AboutLine{{Name: "Timeline"}, {Name: "Timeline", Value: why}}
}

// leastQuarters is how much is shown at least: ten hours, above which the legend has room.
const leastQuarters = 40

// timelineSheet is the sheet while it is written.
type timelineSheet struct {
	grid
	above, below, outBelow [shades][2]int // styles by shade, the second begins an hour
	text, date, percent    int
}

// writeTimeline writes two rows for each agent-day: what was scheduled over what was done.
func (b *Workbook) writeTimeline() error {
	if len(b.timeline.bands) == 0 {
		return nil
	}
	t := &timelineSheet{grid: grid{book: b, name: "Timeline", perHour: 4, from: allQuarters - leastQuarters,
		lead: []gridColumn{{"Day", 12.5}, {"Agent", 14}, {"Name", 20}, {"Team", 18}, {"Adherence", 12.5}}}}
	for _, band := range b.timeline.bands {
		t.from, t.to = min(t.from, band.firstQuarter/4*4), max(t.to, (band.lastEnd+3)/4*4)
	}
	t.to = max(t.to, t.from+leastQuarters)
	if err := t.paint(); err != nil {
		return err
	}
	t.begin(1.5, 14, t.legend("above: what was scheduled", shadeOnQueue, shadeMeeting),
		t.legend("below: what was done", shadeTraining, shadeUnknown))
	for i, band := range b.timeline.bands {
		t.band(gridFirstRow+2*i, band)
	}
	return t.end(3, len(t.lead), gridFirstRow+2*len(b.timeline.bands)-1)
}

// paint makes the styles.
func (t *timelineSheet) paint() error {
	m := &maker{f: t.book.file}
	for s := range shades {
		for first := range 2 {
			look := func(edges ...excelize.Border) int {
				if first == 1 {
					edges = append(edges, excelize.Border{Type: "left", Color: "FFFFFF", Style: 1})
				}
				st := excelize.Style{Border: edges}
				if s != shadeNone {
					st.Fill = fill(shadeLooks[s].colour)
				} else if first == 1 {
					st.Border[len(st.Border)-1].Color = rule
				}
				return m.style(st)
			}
			t.above[s][first] = look(excelize.Border{Type: "top", Color: headRule, Style: 1})
			t.below[s][first] = look()
			t.outBelow[s][first] = look(excelize.Border{Type: "bottom", Color: "D0021B", Style: 5})
		}
	}
	line := []excelize.Border{{Type: "top", Color: headRule, Style: 1}}
	t.text = m.style(numbered(kindFree, excelize.Style{Font: font(9, false, ink), Border: line}))
	t.date = m.style(numbered(kindDate, excelize.Style{Font: font(9, false, ink), Border: line}))
	percent := numbered(kindPercent, excelize.Style{Font: font(9, true, ink), Border: line})
	percent.Alignment.Indent = 1
	t.percent = m.style(percent)
	return m.err
}

// legend names some of the colours; the first one ends with what the red line means.
func (t *timelineSheet) legend(lead string, from, to shade) []any {
	row := make([]any, len(t.lead))
	row[0] = t.says(lead)
	add := func(style int, name string) {
		row = append(row, excelize.Cell{StyleID: style}, t.says(" "+name))
		row = append(row, make([]any, (len(name)+1)/2+1)...)
	}
	for s := from; s <= to; s++ {
		add(t.below[s][0], shadeLooks[s].name)
	}
	if from == shadeOnQueue {
		add(t.outBelow[shadeNone][0], "out of adherence")
	}
	return row
}

// band writes the two rows of an agent-day.
func (t *timelineSheet) band(row int, b *band) {
	upper := []any{excelize.Cell{StyleID: t.date, Value: date(b.day)}, t.typed(t.text, b.agent),
		t.typed(t.text, b.name), t.typed(t.text, b.team), excelize.Cell{StyleID: t.percent, Value: b.adherence}}
	lower := make([]any, len(t.lead))
	for q := t.from; q < t.to; q++ {
		first, styles := t.begins(q), &t.below
		if b.out[q] {
			styles = &t.outBelow
		}
		upper = append(upper, excelize.Cell{StyleID: t.above[b.scheduled[q]][first]})
		lower = append(lower, excelize.Cell{StyleID: styles[b.actual[q]][first]})
	}
	t.row(row, 10, upper)
	t.row(row+1, 10, lower)
	for i := range t.lead {
		t.do(func() error { return t.stream.MergeCell(cell(i+1, row), cell(i+1, row+1)) })
	}
}
