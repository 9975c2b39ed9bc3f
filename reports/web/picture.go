package web

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"rollcall/schemas"
)

// Tick is one hour of the axis; Minor ones are left out where the window is narrow.
type Tick struct {
	X, Text string
	Minor   bool
}

// Band is one coloured stretch.
type Band struct {
	X, Width, Class, Label, Title string
	// Narrow says that a narrow window has no room for the name.
	Narrow bool
}

// Fits says whether a band of so many percent of a width in pixels has room for a name.
func Fits(label string, percent, pixels float64) bool {
	return percent*pixels/100 >= float64(8+7*utf8.RuneCountInString(label))
}

// The widths, in pixels, that a picture has at least in a wide window and in that of a phone.
const (
	WidePicture   = 900
	NarrowPicture = 330
)

// mostTicks is how many hours the axis names at most.
const mostTicks = 14

// Coordinate writes a place or a width in a picture, in per cent.
func Coordinate(v float64) string { return strconv.FormatFloat(v, 'f', -1, 32) }

// Canvas puts instants into their places in a picture of a stretch of time.
type Canvas struct {
	Span schemas.Interval
	Zone schemas.Zone
}

// NewCanvas makes the canvas of the whole units of time that hold a stretch, such as whole hours.
func NewCanvas(span schemas.Interval, unitMS int64, zone schemas.Zone) Canvas {
	span.Start = span.Start.Add(-(int64(span.Start) % unitMS))
	if rest := int64(span.End) % unitMS; rest != 0 {
		span.End = span.End.Add(unitMS - rest)
	}
	return Canvas{span, zone}
}

// Scale returns the place of an instant, in per cent of the width.
func (c *Canvas) Scale(at schemas.Instant) float64 {
	return float64(at.Sub(c.Span.Start)) * 100 / float64(c.Span.MS())
}

// Ticks names hours of the agent's clock, as many as there is room for.
func (c *Canvas) Ticks() []Tick {
	hours := c.Span.MS() / schemas.HourMS
	every := max(1, (hours+mostTicks-1)/mostTicks)
	var out []Tick
	for at := c.Span.Start; at <= c.Span.End; at = at.Add(every * schemas.HourMS) {
		out = append(out, Tick{
			X:     Coordinate(c.Scale(at)),
			Text:  Clock(c.Zone, at),
			Minor: len(out)%2 == 1 && hours/every > 5,
		})
	}
	if n := len(out); n > 0 && out[n-1].X == "100" {
		out = slices.Delete(out, n-1, n)
	}
	return out
}

// Shows says whether any of the time lies in the picture.
func (c *Canvas) Shows(from, to schemas.Instant) bool { return from < c.Span.End && to > c.Span.Start }

// Band returns the part of a stretch that lies in the picture, with its name where there is room for it.
func (c *Canvas) Band(from, to schemas.Instant, class, label, title string) Band {
	from, to = max(from, c.Span.Start), min(to, c.Span.End)
	width := c.Scale(to) - c.Scale(from)
	b := Band{
		X:      Coordinate(c.Scale(from)),
		Width:  Coordinate(width),
		Class:  class,
		Label:  label,
		Title:  fmt.Sprintf("%s–%s %s", Clock(c.Zone, from), Clock(c.Zone, to), title),
		Narrow: !Fits(label, width, NarrowPicture),
	}
	if !Fits(label, width, WidePicture) {
		b.Label = ""
	}
	return b
}
