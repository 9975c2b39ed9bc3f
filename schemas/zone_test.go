package schemas_test

import (
	"testing"

	"rollcall/schemas"
)

// Package time names a passed end of the clock's even run on the last day of leap years after 2037, on which a search
// from change to change once hung. Every date up to the last instant that is accepted has its first instant.
func TestEveryDateUpToTheLastInstantHasItsFirst(t *testing.T) {
	zone, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	last := zone.DayStart(zone.Date(schemas.MinInstant))
	for d := zone.Date(schemas.MinInstant) + 1; d <= zone.Date(schemas.MaxInstant); d++ {
		start := zone.DayStart(d)
		if h := start.Sub(last) / schemas.HourMS; h < 23 || h > 25 || start.Sub(last)%schemas.HourMS != 0 {
			t.Fatalf("%s begins at %s, the date before at %s", d, start, last)
		}
		if zone.Date(start) != d || zone.Date(start-1) != d-1 {
			t.Fatalf("%s begins at %s, which is %s there", d, start, zone.Format(start))
		}
		last = start
	}
}
