package files

import (
	"context"

	"rollcall/schemas"
)

// Columns of feed gaps.
const (
	gapSource = iota
	gapFrom
	gapTo
	gapAgent
	gapZone
)

// ReadGaps reads feed gaps, in the order of the file. The id of each is made of what it says, so that the same gap is
// one record however often it is imported. RecordedAt is not set. Of known, only the roster is used, for zones.
func ReadGaps(ctx context.Context, in Input, opt Options, known Known) ([]schemas.Gap, *Report, error) {
	z := newZones(known.Members, &opt)
	opt.roster = known.Members
	return readUnique(ctx, Gaps, in, &opt, gapFrom, func(t *table) (string, schemas.Gap) {
		g := gapOf(t, z, opt.Feed())
		return g.ID, g
	})
}

func gapOf(t *table, z *zones, source string) schemas.Gap {
	g := schemas.Gap{Source: t.text(gapSource), AgentID: t.text(gapAgent)}
	if g.Source == "" {
		g.Source = source
	} else {
		t.id(gapSource)
	}
	if g.AgentID != "" {
		t.id(gapAgent)
	}
	zone := t.text(gapZone)
	var ok1, ok2 bool
	g.Start, ok1 = t.instant(gapFrom, z, zone, g.AgentID)
	g.End, ok2 = t.instant(gapTo, z, zone, g.AgentID)
	if ok1 && ok2 && g.End <= g.Start {
		t.problem(gapTo, "exchange them", "%s is not after from, %s", g.End, g.Start)
	}
	g.ID = schemas.HashID("gap", g.Source, g.AgentID, g.Start.String(), g.End.String())
	return g
}
