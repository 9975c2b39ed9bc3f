package reports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Verified is what came out when a report was made again.
type Verified struct {
	// Then is the hash of the report made again from what was known when it was made, Now that by what is known now; empty
	// where that was not asked for.
	Then, Now string
	// Edited are the figures in which the file differs from the report as it was then, Changed those in which the report
	// would be another now.
	Edited, Changed []Difference
	// More counts the differences that are not listed.
	More int
	// Settled counts the days that were provisional and are final now, with the same figures.
	Settled int
	// Equal says that the file says what it said when it was made, and that no figure in it would be another now.
	Equal bool
	// AsMade says that the file is as it was made.
	AsMade bool
}

// Difference is one figure of one agent-day that is not the same twice.
type Difference struct {
	AgentID   string       `json:"agent_id"`
	AgentName string       `json:"agent_name"`
	Day       schemas.Date `json:"day"`
	// Figure is one of [comparedFigures], or exceptions, or day for a whole day that one side does not have.
	Figure string `json:"figure"`
	From   string `json:"from"`
	To     string `json:"to"`
	// Since is file where the file differs from what it was when it was made, and today where it would be another now.
	Since string `json:"since"`
	// Why says what was written since that can have changed the day.
	Why []string `json:"why"`

	zone schemas.Zone
}

// mostDifferences is how many differences are listed at most; the others are counted.
const mostDifferences = 1000

// Journal yields the writes recorded after an instant, in any order.
type Journal func(ctx context.Context, since schemas.Instant, yield func(*schemas.JournalRow) error) error

// Verify makes the report of a file again: as the reader `then` answers, which knows what was known when the file was
// made, and, unless the question itself names an instant, as the reader `now` does, which knows more but counts nothing
// later. The journal says why figures differ.
func Verify(ctx context.Context, file *ReportFile, then, now Reader, journal Journal) (*Verified, error) {
	v := &verifying{file: file, found: &Verified{}, then: map[dayKey]thenDay{}, figures: comparedFigures()}
	a, err := WriteAdherence(ctx, then, file.Query, file.MadeAt, comparer{v.compareWithFile})
	if err != nil {
		return nil, fmt.Errorf("making the report again from what was known at %s: %w", file.JudgedAt, err)
	}
	v.found.Then = a.Hash
	v.onlyInFile()
	if file.Query.KnownAt == 0 {
		if a, err = WriteAdherence(ctx, now, file.Query, file.MadeAt, comparer{v.compareWithThen}); err != nil {
			return nil, fmt.Errorf("making the report again from what is known now: %w", err)
		}
		v.found.Now = a.Hash
		v.onlyThen()
	}
	f := v.found
	f.AsMade = len(f.Edited) == 0 && (f.Then == file.Hash || f.Now == file.Hash)
	f.Equal = f.AsMade && len(f.Changed) == 0 && (f.Now == "" || f.Now == file.Hash || f.Settled > 0)
	if len(f.Changed) > 0 {
		if err := v.reasons(ctx, journal); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// verifying is the state of one Verify.
type verifying struct {
	file    *ReportFile
	found   *Verified
	then    map[dayKey]thenDay
	figures []comparedFigure
}

// thenDay is a day as it was when the file was made.
type thenDay struct {
	cells, exceptions, name string
	zone                    schemas.Zone
	seen                    bool
}

// comparer is a writer that compares each day.
type comparer struct{ compare func(*Day) }

func (comparer) Begin(*Head) error    { return nil }
func (c comparer) Day(d *Day) error   { c.compare(d); return nil }
func (comparer) End(*Adherence) error { return nil }

// comparedFigure is a figure by which two reports are compared.
type comparedFigure struct {
	name string
	text func(*schemas.DayRow) string
}

// The places of the state and of adherence among the compared figures. Those before the state are typed by users.
const (
	stateFigure     = 3
	adherenceFigure = 4
)

// comparedFigures are the figures by which two reports are compared, in order: those of a day follow the texts, grouped
// by their unit. A restated day is final: how it came to its figures is not what they are.
func comparedFigures() []comparedFigure {
	list := []comparedFigure{
		{"agent_name", func(d *schemas.DayRow) string { return d.Name }},
		{"team", func(d *schemas.DayRow) string { return d.Team }},
		{"site", func(d *schemas.DayRow) string { return d.Site }},
		{"state", func(d *schemas.DayRow) string { return settled(d.State).String() }},
	}
	for _, f := range slices.SortedStableFunc(slices.Values(schemas.DayFigures()),
		func(a, b schemas.DayFigure) int { return cmp.Compare(a.Unit, b.Unit) }) {
		list = append(list, comparedFigure{f.Name, func(d *schemas.DayRow) string { return f.Text(&d.AgentDay) }})
	}
	return list
}

// cells are the values of the compared figures.
func (v *verifying) cells(d *schemas.DayRow) []string {
	cells := make([]string, len(v.figures))
	for i := range v.figures {
		cells[i] = v.figures[i].text(d)
	}
	return cells
}

// settled returns the state that is compared: restated counts as final.
func settled(s schemas.DayState) schemas.DayState {
	if s == schemas.DayRestated {
		return schemas.DayFinal
	}
	return s
}

// exceptionTexts writes the exceptions with the local time of their start.
func exceptionTexts(d *Day) string {
	var at []string
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		start := e.Start.Time().In(d.Zone.Location()).Format("15:04:05")
		at = append(at, fmt.Sprintf("%s %s %s s", start, e.Kind, schemas.Seconds(e.MS).Text()))
	}
	return strings.Join(at, ", ")
}

// unlike joins the members in which two lists of one length differ; of lists of unequal length, all.
func unlike(a, b []string) (string, string) {
	if len(a) == len(b) {
		var left, right []string
		for i := range a {
			if a[i] != b[i] {
				left, right = append(left, a[i]), append(right, b[i])
			}
		}
		a, b = left, right
	}
	return strings.Join(a, ", "), strings.Join(b, ", ")
}

// add lists a difference of the day, or counts it where the list is full.
func (v *verifying) add(day Difference, figure, from, to string) {
	list := &v.found.Changed
	if day.Since == sinceFile {
		list = &v.found.Edited
	}
	if len(*list) == mostDifferences {
		v.found.More++
		return
	}
	day.Figure, day.From, day.To, day.Why = figure, from, to, []string{}
	*list = append(*list, day)
}

// differenceOf begins a difference of the day.
func differenceOf(d *Day, since string) Difference {
	return Difference{AgentID: d.AgentID, AgentName: d.Name, Day: d.Day, Since: since, zone: d.Zone}
}

// The values of [Difference.Since].
const (
	sinceFile  = "file"
	sinceToday = "today"
)

// compareWithFile compares the file with a day as it was when the file was made.
func (v *verifying) compareWithFile(d *Day) {
	cells, day := v.cells(d.DayRow), differenceOf(d, sinceFile)
	v.then[dayKey{d.Day, d.AgentID}] = thenDay{cells: pack(cells), exceptions: exceptionTexts(d), name: d.Name,
		zone: d.Zone}
	f, ok := v.file.days[dayKey{d.Day, v.file.Text(d.AgentID)}]
	if !ok || f.cells == "" {
		v.add(day, "day", dayText(d.DayRow), "not in the file")
		return
	}
	f.seen = true
	file := unpack(f.cells)
	for i, name := range v.file.Columns {
		k := slices.IndexFunc(v.figures, func(f comparedFigure) bool { return f.name == name })
		was, is := cells[k], file[i]
		if k < stateFigure {
			was = v.file.Text(was)
		}
		if k == stateFigure && is == schemas.DayRestated.String() {
			is = schemas.DayFinal.String()
		}
		if was != is {
			v.add(day, name, was, is)
		}
	}
	if was, is := unlike(v.file.exceptionsOf(d), f.exceptions); was != is {
		v.add(day, "exceptions", was, is)
	}
}

// onlyInFile lists the days that only the file has.
func (v *verifying) onlyInFile() {
	for _, k := range inOrderOfDay(v.file.days) {
		if !v.file.days[k].seen {
			v.add(Difference{AgentID: k.agent, Day: k.day, Since: sinceFile}, "day", "no such day", "in the file")
		}
	}
	v.file.days = nil
}

func inOrderOfDay[T any](days map[dayKey]T) []dayKey {
	return slices.SortedFunc(maps.Keys(days), func(a, b dayKey) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.agent, b.agent))
	})
}

// compareWithThen compares a day as it was when the file was made with the day as it is now.
func (v *verifying) compareWithThen(d *Day) {
	key, day := dayKey{d.Day, d.AgentID}, differenceOf(d, sinceToday)
	was, ok := v.then[key]
	if !ok {
		v.add(day, "day", "no such day", dayText(d.DayRow))
		return
	}
	was.seen = true
	v.then[key] = was
	if cells := v.cells(d.DayRow); was.cells != pack(cells) {
		old := unpack(was.cells)
		if old[stateFigure] == schemas.DayProvisional.String() && cells[stateFigure] == schemas.DayFinal.String() {
			old[stateFigure] = cells[stateFigure]
			v.found.Settled++
		}
		for i := range cells {
			if old[i] != cells[i] {
				v.add(day, v.figures[i].name, old[i], cells[i])
			}
		}
	}
	if is := exceptionTexts(d); is != was.exceptions {
		v.add(day, "exceptions", was.exceptions, is)
	}
}

// onlyThen lists the days that there were when the file was made and are no more.
func (v *verifying) onlyThen() {
	for _, k := range inOrderOfDay(v.then) {
		if d := v.then[k]; !d.seen {
			day := Difference{AgentID: k.agent, AgentName: d.name, Day: k.day, Since: sinceToday, zone: d.zone}
			v.add(day, "day", "adherence "+cmp.Or(unpack(d.cells)[adherenceFigure], "none"), "no such day")
		}
	}
	v.then = nil
}

func dayText(d *schemas.DayRow) string {
	return "adherence " + cmp.Or(d.Adherence().Text(), "none ("+Plain(d.AdherenceReason.String())+")")
}
