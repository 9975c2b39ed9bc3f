package chstore

import (
	"testing"

	"rollcall/schemas"
)

// A request counts for nothing until it is granted, and no longer once it is reverted; what was known in between stays
// known.
func TestOnlyGrantedCorrectionsAreInForce(t *testing.T) {
	s := newStore(t)
	c := schemas.Correction{
		ID:          "c1",
		Group:       "unit",
		AgentID:     "ana",
		Start:       t0,
		End:         t0 + 10,
		Effect:      schemas.EffectNeutral,
		Reason:      "outage",
		RequestedBy: "ana",
		RequestedAt: t0,
	}
	plain := schemas.Correction{
		ID:         "alone",
		AgentID:    "bob",
		Start:      t0 + 5,
		End:        t0 + 20,
		Effect:     schemas.EffectIn,
		RecordedAt: t0,
	}
	check(t, s.WriteCorrections(ctx, journalRow(schemas.JournalCorrection, t0), []schemas.Correction{plain}))
	for i, step := range []struct {
		status schemas.CorrectionStatus
		want   int
	}{{schemas.CorrectionRequested, 1}, {schemas.CorrectionGranted, 2}, {schemas.CorrectionReverted, 1}} {
		c.Status, c.RecordedAt = step.status, t0+schemas.Instant(i)
		check(t, s.WriteCorrections(ctx, journalRow(schemas.JournalCorrection, c.RecordedAt), []schemas.Correction{c}))
		if got := must[[]schemas.Correction](t)(s.Corrections(ctx, schemas.Interval{}, 0)); len(got) != step.want {
			t.Errorf("once %s, %d corrections are in force: %+v", step.status, len(got), got)
		}
		units := must[[]schemas.Correction](t)(s.CorrectionUnits(ctx, "unit", schemas.Interval{}))
		if len(units) != 1 || units[0] != c {
			t.Errorf("the unit is %+v, want %+v", units, c)
		}
	}
	if got := must[[]schemas.Correction](t)(s.Corrections(ctx, schemas.Interval{}, t0+1)); len(got) != 2 {
		t.Errorf("as known when it was granted: %+v", got)
	}
	all := must[[]schemas.Correction](t)(s.CorrectionUnits(ctx, "", schemas.Interval{Start: t0 + 12, End: t0 + 13}))
	if len(all) != 1 || all[0].Unit() != "alone" {
		t.Errorf("a row without a group is a unit of its own: %+v", all)
	}
}
