package web

import (
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

// Ticks names hours of the agent's clock, as many as there is room for.
func Ticks(span schemas.Interval, zone schemas.Zone, scale func(schemas.Instant) float64) []Tick {
	hours := span.MS() / schemas.HourMS
	every := max(1, (hours+mostTicks-1)/mostTicks)
	var out []Tick
	for at := span.Start; at <= span.End; at = at.Add(every * schemas.HourMS) {
		out = append(out, Tick{X: Coordinate(scale(at)), Text: Clock(zone, at), Minor: len(out)%2 == 1 && hours/every > 5})
	}
	if n := len(out); n > 0 && out[n-1].X == "100" {
		out = slices.Delete(out, n-1, n)
	}
	return out
}

// Coordinate writes a place or a width in a picture, in per cent.
func Coordinate(v float64) string { return strconv.FormatFloat(v, 'f', -1, 32) }
