package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
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
	// Figure is one of [FigureNames], or exceptions, or day for a whole day that one side does not have.
	Figure string `json:"figure"`
	From   string `json:"from"`
	To     string `json:"to"`
	// Since is file where the file differs from what it was when it was made, and today where it would be another now.
	Since string `json:"since"`
	// Why tells what was written since that can have changed the day.
	Why []string `json:"why"`

	zone schemas.Zone
}

// MostDifferences is how many differences are listed at most; the others are counted.
const MostDifferences = 1000

// Verify makes the report of a file again: as reader then answers, which knows what was known when the file was made, and,
// unless the question itself names an instant, as reader now does, which knows more but counts nothing later. journal gives the writes recorded after an instant, in any
// order; they tell why.
func Verify(ctx context.Context, c *Carried, then, now Reader, journal func(ctx context.Context, since schemas.Instant, yield func(*schemas.JournalRow) error) error) (*Verified, error) {
	v := &verifying{file: c, found: &Verified{}, then: map[carriedKey]thenDay{}}
	a, err := WriteAdherence(ctx, then, c.Query, c.MadeAt, fileSide{v})
	if err != nil {
		return nil, fmt.Errorf("making the report again from what was known at %s: %w", c.JudgedAt, err)
	}
	v.found.Then = a.Hash
	v.leftOver()
	if c.Query.KnownAt == 0 {
		if a, err = WriteAdherence(ctx, now, c.Query, c.MadeAt, todaySide{v}); err != nil {
			return nil, fmt.Errorf("making the report again from what is known now: %w", err)
		}
		v.found.Now = a.Hash
		v.gone()
	}
	f := v.found
	f.AsMade = len(f.Edited) == 0 && (f.Then == c.Hash || f.Now == c.Hash)
	f.Equal = f.AsMade && len(f.Changed) == 0 && (f.Now == "" || f.Now == c.Hash || f.Settled > 0)
	if len(f.Changed) > 0 {
		if err := v.reasons(ctx, journal); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// verifying is the state of one Verify.
type verifying struct {
	file  *Carried
	found *Verified
	then  map[carriedKey]thenDay
}

// thenDay is a day as it was when the file was made.
type thenDay struct {
	figures, exceptions, name string
	zone                      schemas.Zone
	seen                      bool
}

// stateFigure is the place of the state among the figures.
const stateFigure = 3

// figures are the values of [FigureNames]. A restated day is final: how it came to its figures is not what they are.
func figures(d *schemas.DayRow) []string {
	state := d.State
	if state == schemas.DayRestated {
		state = schemas.DayFinal
	}
	cells := []string{d.Name, d.Team, d.Site, state.String(), PercentText(d.Adherence()), PercentText(d.Conformance()), PercentText(d.Coverage()),
		d.AdherenceReason.String(), d.ConformanceReason.String()}
	return append(append(cells, sumCells(&d.Sums)...), strconv.Itoa(len(d.Exceptions)))
}

// exceptionTexts writes the exceptions with the local time of their start.
func exceptionTexts(d *Day) string {
	var at []string
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		at = append(at, e.Start.Time().In(d.Zone.Location()).Format("15:04:05 ")+e.Kind.String()+" "+SecondsText(e.MS)+" s")
	}
	return strings.Join(at, ", ")
}

// carriedTexts writes the exceptions as the file does.
func (c *Carried) carriedTexts(d *Day) []string {
	var out []string
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		out = append(out, CarriedException{c.Clock(e.Start, d.Zone), c.Clock(e.End, d.Zone), e.Kind.String(), SecondsText(e.MS)}.text())
	}
	return out
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

func (v *verifying) add(list *[]Difference, d Difference) {
	if len(*list) == MostDifferences {
		v.found.More++
		return
	}
	d.Why = []string{}
	*list = append(*list, d)
}

// fileSide compares the file with the days as they were when it was made.
type fileSide struct{ *verifying }

func (fileSide) Begin(*Head) error { return nil }

func (fileSide) End(*Adherence) error { return nil }

func (v fileSide) Day(d *Day) error {
	cells := figures(d.DayRow)
	v.then[carriedKey{d.Day, d.AgentID}] = thenDay{figures: pack(cells), exceptions: exceptionTexts(d), name: d.Name, zone: d.Zone}
	one := Difference{AgentID: d.AgentID, AgentName: d.Name, Day: d.Day, Since: "file", zone: d.Zone}
	f, ok := v.file.days[carriedKey{d.Day, v.file.Text(d.AgentID)}]
	if !ok || f.cells == "" {
		one.Figure, one.From, one.To = "day", dayText(d.DayRow), "not in the file"
		v.add(&v.found.Edited, one)
		return nil
	}
	f.seen = true
	v.compareFile(unpack(f.cells), cells, one)
	if was, is := unlike(v.file.carriedTexts(d), f.exceptions); was != is {
		one.Figure, one.From, one.To = "exceptions", was, is
		v.add(&v.found.Edited, one)
	}
	return nil
}

// compareFile compares the figures that the file has.
func (v *verifying) compareFile(file, then []string, one Difference) {
	names := FigureNames()
	for i, name := range v.file.Columns {
		k := slices.Index(names, name)
		was, is := then[k], file[i]
		if k < 3 {
			was = v.file.Text(was)
		}
		if is == schemas.DayRestated.String() && name == "state" {
			is = schemas.DayFinal.String()
		}
		if was != is {
			one.Figure, one.From, one.To = name, was, is
			v.add(&v.found.Edited, one)
		}
	}
}

// leftOver lists the days that only the file has.
func (v *verifying) leftOver() {
	for _, k := range inOrderOfDay(v.file.days) {
		if d := v.file.days[k]; !d.seen {
			v.add(&v.found.Edited, Difference{AgentID: k.agent, Day: k.day, Figure: "day", From: "no such day", To: "in the file", Since: "file"})
		}
	}
	v.file.days = nil
}

func inOrderOfDay[T any](days map[carriedKey]T) []carriedKey {
	var keys []carriedKey
	for k := range days {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b carriedKey) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.agent, b.agent)) })
	return keys
}

// todaySide compares the days as they were when the file was made with those of now.
type todaySide struct{ *verifying }

func (todaySide) Begin(*Head) error { return nil }

func (todaySide) End(*Adherence) error { return nil }

func (v todaySide) Day(d *Day) error {
	one := Difference{AgentID: d.AgentID, AgentName: d.Name, Day: d.Day, Since: "today", zone: d.Zone}
	key := carriedKey{d.Day, d.AgentID}
	was, ok := v.then[key]
	if !ok {
		one.Figure, one.From, one.To = "day", "no such day", dayText(d.DayRow)
		v.add(&v.found.Changed, one)
		return nil
	}
	was.seen = true
	v.then[key] = was
	cells := figures(d.DayRow)
	if was.figures != pack(cells) {
		old := unpack(was.figures)
		if old[stateFigure] == schemas.DayProvisional.String() && cells[stateFigure] == schemas.DayFinal.String() {
			old[stateFigure] = cells[stateFigure]
			v.found.Settled++
		}
		for i, name := range FigureNames() {
			if old[i] != cells[i] {
				one.Figure, one.From, one.To = name, old[i], cells[i]
				v.add(&v.found.Changed, one)
			}
		}
	}
	if timed := exceptionTexts(d); timed != was.exceptions {
		one.Figure, one.From, one.To = "exceptions", was.exceptions, timed
		v.add(&v.found.Changed, one)
	}
	return nil
}

// gone lists the days that there were and are no more.
func (v *verifying) gone() {
	for _, k := range inOrderOfDay(v.then) {
		if d := v.then[k]; !d.seen {
			v.add(&v.found.Changed, Difference{AgentID: k.agent, AgentName: d.name, Day: k.day, Figure: "day",
				From: "adherence " + or(unpack(d.figures)[4], "none"), To: "no such day", Since: "today", zone: d.zone})
		}
	}
	v.then = nil
}

func dayText(d *schemas.DayRow) string {
	return "adherence " + or(PercentText(d.Adherence()), "none ("+Plain(d.AdherenceReason.String())+")")
}
