package adherence_test

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The generator of random valid cases. Everything lies on a coarse grid, and
// facts, gaps, corrections and as_of like to sit on edges of activities, so that
// edges coincide far more often than in life.

type genPlace struct {
	zone string
	day  time.Time // local midday of the first day
}

// genPlaces are zones and nights: ordinary ones, both clock changes, a zone
// that moves by half an hour, one that skips midnight, one with an odd offset.
var genPlaces = []genPlace{
	{"Europe/London", time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)},
	{"Europe/London", time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)},
	{"Europe/London", time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)},
	{"America/New_York", time.Date(2026, 3, 7, 17, 0, 0, 0, time.UTC)},
	{"America/New_York", time.Date(2026, 10, 31, 17, 0, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", time.Date(2026, 4, 4, 1, 0, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", time.Date(2026, 10, 3, 1, 0, 0, 0, time.UTC)},
	{"America/Santiago", time.Date(2026, 9, 5, 15, 0, 0, 0, time.UTC)},
	{"America/Santiago", time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC)},
	{"Asia/Kolkata", time.Date(2026, 6, 10, 6, 0, 0, 0, time.UTC)},
}

type gen struct {
	*rand.Rand
	c     nCase
	grid  int64
	edges []nInstant // instants worth hitting
	// sources are those of the facts; they differ from case to case.
	sources []string
	zone    *time.Location
}

const minute = 60_000

// genCase makes one valid random case of 0 to 8 activities and 0 to 12 facts.
func genCase(r *rand.Rand) nCase {
	place := genPlaces[r.IntN(len(genPlaces))]
	zone, err := time.LoadLocation(place.zone)
	if err != nil {
		panic(err)
	}
	g := &gen{Rand: r, grid: pick(r, []int64{5, 15, 30, 60}) * minute, zone: zone}
	g.c = nCase{Name: "random", TimeZone: place.zone, Schedule: []nActivity{}, Changes: []nFact{}}
	start := nInstant(place.day.UnixMilli()) + nInstant(int64(r.IntN(60)-12)*30*minute)
	g.sources = pick(r, [][]string{{""}, {"acd"}, {"acd", "crm"}, {"acd", "crm", "self"}, {"", "acd", "crm"}})
	g.policy()
	g.schedule(start)
	if len(g.edges) == 0 {
		g.edges = append(g.edges, start, start+8*60*minute)
	}
	g.gapsAndCorrections()
	g.changes()
	g.complete()
	g.asOf()
	r.Shuffle(len(g.c.Schedule), func(i, k int) {
		g.c.Schedule[i], g.c.Schedule[k] = g.c.Schedule[k], g.c.Schedule[i]
	})
	return g.c
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (g *gen) oneIn(n int) bool { return g.IntN(n) == 0 }

func (g *gen) yesIn(n int) *bool {
	if !g.oneIn(n) {
		return nil
	}
	b := !g.oneIn(8)
	return &b
}

var genCategories = []string{"on_queue_work", "off_queue_work", "break", "meal", "meeting", "training", "time_off",
	"unavailable"}

func (g *gen) category() string {
	if g.oneIn(2) {
		return pick(g.Rand, []string{"on_queue_work", "break"})
	}
	return pick(g.Rand, genCategories)
}

// length is a whole number of grid steps, rarely an odd number of milliseconds.
func (g *gen) length(steps int) nDuration {
	d := nDuration(g.grid * int64(1+g.IntN(steps)))
	if g.oneIn(20) {
		d += nDuration(g.IntN(3) - 1)
	}
	return d
}

func (g *gen) duration(n, steps int) *nDuration {
	if !g.oneIn(n) {
		return nil
	}
	d := g.length(steps)
	if g.oneIn(12) {
		d = 0
	}
	return &d
}

func (g *gen) schedule(at nInstant) {
	n := g.IntN(9)
	ids := pick(g.Rand, [][]string{{""}, {"s1"}, {"", "s1"}, {"s1", "s2"}, {"", "s1", "s2"}})
	id := pick(g.Rand, ids)
	tangled := g.oneIn(8) // shifts that lie inside each other, with time off between
	if tangled {
		ids = []string{"", "s1", "s2"}
	}
	for range n {
		if tangled {
			id = pick(g.Rand, ids)
		} else if g.oneIn(3) {
			at += g.pause()
			if g.oneIn(2) {
				id = pick(g.Rand, ids)
			}
		}
		if g.oneIn(6) {
			id = pick(g.Rand, ids)
		}
		a := nActivity{Start: at, Category: g.category(), Shift: id}
		a.End = at + nInstant(g.length(6))
		switch {
		case g.oneIn(10):
			a.End = at + nInstant(g.length(24))
		case g.oneIn(25): // all day
			a.Category, a.Shift = pick(g.Rand, []string{"time_off", "unavailable"}), pick(g.Rand, []string{"", "s1"})
			a.Start = g.nextMidnight(at)
			a.End = g.nextMidnight(a.Start + 12*60*minute)
		}
		if tangled && g.oneIn(3) {
			a.Category = "time_off"
		}
		if timeOff(a.Category) && g.oneIn(2) {
			a.Shift = ""
		}
		a.Code = pick(g.Rand, []string{"", "", a.Category, "Coaching", "Phones"})
		at = a.End
		g.c.Schedule = append(g.c.Schedule, a)
		g.edges = append(g.edges, a.Start, a.End)
	}
}

// pause is a gap between activities: often at a length that decides something.
func (g *gen) pause() nInstant {
	hour := nInstant(60 * minute)
	switch g.IntN(8) {
	case 0:
		return g.c.Policy.shiftGap()
	case 1:
		return g.c.Policy.shiftGap() + 1
	case 2:
		return 12 * hour
	case 3:
		return 12*hour - 1
	case 4:
		return nInstant(g.length(40))
	}
	return nInstant(g.length(4))
}

func (g *gen) nextMidnight(t nInstant) nInstant {
	j := nJudge{zone: g.zone}
	return j.midnights(t, t+1)[0]
}

// instant is near an edge or on the grid around the schedule.
func (g *gen) instant() nInstant {
	t := pick(g.Rand, g.edges)
	switch g.IntN(6) {
	case 0, 1, 2:
	case 3:
		t += nInstant(g.grid) * nInstant(g.IntN(5)-2)
	case 4:
		first, last := slices.Min(g.edges), slices.Max(g.edges)
		steps := int64(last-first)/g.grid + 8
		t = first + nInstant(g.grid)*nInstant(g.Int64N(steps)-4)
	case 5:
		t += nInstant(g.IntN(7)-3) * nInstant(pick(g.Rand, []int{1, 1000, 15 * minute}))
	}
	return t
}

func (g *gen) stretch() (nInstant, nInstant) {
	for {
		a, b := g.instant(), g.instant()
		if g.oneIn(3) {
			b = a + nInstant(g.length(3))
		}
		if a < b {
			return a, b
		}
		if b < a {
			return b, a
		}
	}
}

func (g *gen) gapsAndCorrections() {
	if g.oneIn(3) {
		for range 1 + g.IntN(2) {
			a, b := g.stretch()
			g.c.Gaps = append(g.c.Gaps, nGap{pick(g.Rand, g.sources), a, b})
			g.edges = append(g.edges, a, b)
		}
	}
	if g.oneIn(3) {
		for range 1 + g.IntN(3) {
			a, b := g.stretch()
			g.c.Corrections = append(g.c.Corrections,
				nCorrection{Start: a, End: b, Effect: pick(g.Rand, []string{"neutral", "in"}), Reason: "outage"})
			g.edges = append(g.edges, a, b)
		}
	}
}

// genStates are states that people are in; the rest are made up of any values.
var genStates = []nFact{
	{Presence: "available", Status: "available", Routing: "idle"},
	{Presence: "available", Status: "available", Routing: "interacting"},
	{Presence: "available", Status: "available", Routing: "communicating"},
	{Presence: "available", Status: "available", Routing: "not_responding"},
	{Presence: "available", Status: "off_queue", Routing: "off_queue"},
	{Presence: "busy", Status: "off_queue", Routing: "off_queue"},
	{Presence: "busy", Status: "meeting", Routing: "off_queue"},
	{Presence: "busy", Status: "training", Routing: "off_queue"},
	{Presence: "busy", Status: "training", Routing: "off_queue", Secondary: "Coaching"},
	{Presence: "away", Status: "break", Routing: "off_queue"},
	{Presence: "away", Status: "meal", Routing: "off_queue"},
	{Presence: "away", Status: "break", Routing: "interacting"},
	{Presence: "offline", Status: "off_queue", Routing: "off_queue"},
}

func (g *gen) changes() {
	n := g.IntN(13)
	full := g.oneIn(2) // every fact names every field
	mostlyOffline := g.oneIn(8)
	noPresence, noStatus, noRouting := g.oneIn(10), g.oneIn(10), g.oneIn(8)
	ids := pick(g.Rand, [][]string{{""}, {""}, {""}, {""}, {""}, {"", "a", "b"}})
	for range n {
		f := pick(g.Rand, genStates)
		if !full {
			f = g.anyState(f)
		}
		if mostlyOffline && !g.oneIn(8) {
			f = genStates[len(genStates)-1]
		}
		if noPresence {
			f.Presence = ""
		}
		if noStatus {
			f.Status, f.Secondary = "", ""
		}
		if noRouting {
			f.Routing = ""
		}
		if f == (nFact{}) {
			continue
		}
		if f.Status != "" && g.c.Policy.Mapping != nil && g.oneIn(2) {
			f.Secondary = pick(g.Rand, []string{"", "Coaching", "Huddle"})
		}
		f.At, f.ID, f.Source = g.instant(), pick(g.Rand, ids), pick(g.Rand, g.sources)
		if mostlyOffline && g.oneIn(2) {
			f.At = slices.Min(g.edges) - nInstant(g.length(4))
		}
		if g.oneIn(12) { // long ago, now and then by just as long as a long absence is believed
			f.At -= pick(g.Rand, []nInstant{8, 20, 92, 93, 94, 120}) * 24 * 60 * minute
		}
		g.c.Changes = append(g.c.Changes, f)
		g.edges = append(g.edges, f.At)
		if g.oneIn(15) { // received twice
			g.c.Changes = append(g.c.Changes, f)
		}
	}
	if g.oneIn(3) {
		slices.SortStableFunc(g.c.Changes, func(a, b nFact) int { return int(a.At - b.At) })
	} else {
		g.Shuffle(len(g.c.Changes), func(i, k int) {
			g.c.Changes[i], g.c.Changes[k] = g.c.Changes[k], g.c.Changes[i]
		})
	}
}

// anyState leaves fields out, or gives them values that need not fit together.
func (g *gen) anyState(f nFact) nFact {
	if g.oneIn(3) {
		f.Presence = pick(g.Rand, nPresences)
	}
	if g.oneIn(3) {
		f.Status = pick(g.Rand, nStatuses)
		f.Secondary = pick(g.Rand, []string{"", "Coaching", "Huddle"})
	}
	if g.oneIn(3) {
		f.Routing = pick(g.Rand, nRoutings)
	}
	switch g.IntN(20) {
	case 0:
		f.Presence = "unknown"
	case 1:
		f.Status = pick(g.Rand, []string{"unknown", "lunch"})
	case 2:
		f.Routing = "unknown"
	}
	switch g.IntN(6) {
	case 0:
		f.Presence = ""
	case 1:
		f.Status, f.Secondary = "", ""
	case 2:
		f.Routing = ""
	case 3:
		if g.oneIn(2) {
			return nFact{Presence: f.Presence}
		}
		return nFact{Status: f.Status, Secondary: f.Secondary}
	}
	return f
}

func (g *gen) asOf() {
	g.c.AsOf = slices.Max(g.edges) + nInstant(g.length(40))
	switch g.IntN(6) {
	case 0, 1:
		g.c.AsOf = g.instant()
	case 2:
		g.c.AsOf = pick(g.Rand, g.edges)
	case 3:
		if g.oneIn(4) { // longer than anything is carried forward by default
			g.c.AsOf += nInstant(g.IntN(9)) * 24 * 60 * minute
		}
	}
}

func (g *gen) policy() {
	p := &g.c.Policy
	if g.oneIn(4) {
		p.OnQueueRule = pick(g.Rand, []string{"both", "either", "either"})
	}
	p.OffQueueEquivalent = g.yesIn(4)
	p.ExceptionThreshold = g.duration(4, 4)
	if g.oneIn(3) {
		p.ToleranceMode = pick(g.Rand, []string{"forgive_short", "always_credit", "always_credit"})
	}
	if g.oneIn(3) {
		p.Tolerance = g.tolerance()
	}
	if g.oneIn(3) {
		p.OutsideShift = pick(g.Rand, []string{"ignore", "exception", "exception", "exception"})
	}
	if g.oneIn(5) {
		p.IgnoredCategories = &[]string{}
		if g.oneIn(2) {
			*p.IgnoredCategories = append(*p.IgnoredCategories, pick(g.Rand, genCategories))
		}
	}
	if g.oneIn(10) {
		p.IgnoredCodes = []string{pick(g.Rand, []string{"Coaching", "Phones", "break"})}
	}
	p.AbsentCounts = g.yesIn(5)
	p.CreditContact = g.yesIn(3)
	if g.oneIn(3) {
		p.Day = pick(g.Rand, []string{"shift_start", "midnight", "midnight"})
	}
	p.ShiftGap = g.duration(4, 6)
	p.CarryForward = g.duration(6, 24)
	if g.oneIn(4) {
		p.Mapping = g.mapping()
	}
	if g.oneIn(3) {
		p.Prefer = g.prefer()
	}
}

// prefer lists sources for some of the fields, now and then one of which there are no facts.
func (g *gen) prefer() map[string][]string {
	p := map[string][]string{}
	for _, field := range []string{"presence", "status", "routing"} {
		if g.oneIn(3) {
			continue
		}
		all := []string{"acd", "crm", "self", "supervisor"}
		g.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		p[field] = all[:1+g.IntN(3)]
	}
	return p
}

// complete makes statements of how far sources are complete, which may take an earlier one back.
func (g *gen) complete() {
	if !g.oneIn(2) {
		return
	}
	for range 1 + g.IntN(3) {
		at := g.instant() + nInstant(g.IntN(9)-4)*24*60*minute
		g.c.Complete = append(g.c.Complete, nComplete{pick(g.Rand, g.sources), at})
	}
}

func (g *gen) tolerance() map[string]map[string]nDuration {
	t := map[string]map[string]nDuration{}
	for range 1 + g.IntN(3) {
		edges := map[string]nDuration{}
		for _, e := range []string{"start_early", "start_late", "end_early", "end_late"} {
			if g.oneIn(2) {
				edges[e] = g.length(4)
				if g.oneIn(6) {
					edges[e] = 0
				}
			}
		}
		t[pick(g.Rand, []string{"default", "default", "on_queue_work", "break", "meeting", "meal"})] = edges
	}
	return t
}

func (g *gen) mapping() map[string][]map[string][]string {
	m := map[string][]map[string][]string{}
	values := map[string][]string{"presence": nPresences, "status": nStatuses, "routing": nRoutings,
		"secondary": {"Coaching", "Huddle"}}
	if g.oneIn(3) {
		m[pick(g.Rand, []string{"training", "meeting", "break", "code:Coaching"})] = []map[string][]string{
			{"secondary": {"Coaching"}}}
		return m
	}
	for range 1 + g.IntN(2) {
		var alternatives []map[string][]string
		for range 1 + g.IntN(2) {
			one := map[string][]string{}
			for range 1 + g.IntN(2) {
				field := pick(g.Rand, []string{"presence", "status", "routing", "secondary"})
				one[field] = []string{pick(g.Rand, values[field])}
				if v := pick(g.Rand, values[field]); g.oneIn(2) && v != one[field][0] {
					one[field] = append(one[field], v)
				}
			}
			alternatives = append(alternatives, one)
		}
		m[pick(g.Rand, append([]string{"code:Coaching", "code:Phones"}, genCategories...))] = alternatives
	}
	return m
}
