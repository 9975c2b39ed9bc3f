package batch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/ingest/decisions"
	"rollcall/schemas"
)

// decide takes a decision at random: rules for everybody, a team or a site from some date on, a correction asked for or
// granted at once, or the next step of one that is there.
func (c *centre) decide(ledger *decisions.Ledger) string {
	ctx := c.t.Context()
	by := decisions.By{Actor: "sue", Origin: "test"}
	if c.r.IntN(2) == 0 {
		o := decisions.PolicyDraft{From: monday + schemas.Date(c.r.IntN(8)) - 1,
			Document: fmt.Appendf(nil, "exception_threshold: %dm\non_queue_rule: %s", c.r.IntN(30),
				[]string{"both", "either"}[c.r.IntN(2)])}
		switch c.r.IntN(3) {
		case 0:
			o.Team = []string{"T", "U"}[c.r.IntN(2)]
		case 1:
			o.Site = "S"
		}
		set, err := ledger.SetPolicy(ctx, o, by)
		must(c.t, err)
		return fmt.Sprintf("policy of %q %q from %s, unchanged %v", o.Team, o.Site, o.From, set.Unchanged)
	}
	units, err := ledger.Corrections(ctx, decisions.CorrectionFilter{})
	must(c.t, err)
	for _, u := range units {
		next := map[schemas.CorrectionStatus]schemas.CorrectionStatus{schemas.CorrectionRequested: schemas.CorrectionGranted,
			schemas.CorrectionGranted: schemas.CorrectionReverted}[u.Status]
		if next != 0 || u.Status == schemas.CorrectionRequested {
			if _, err = ledger.Decide(ctx, u.ID, next, by, ""); err != nil {
				c.t.Fatal(err)
			}
			return fmt.Sprintf("%s %s", next, u.ID)
		}
	}
	start := c.at(6)
	plan, err := ledger.PlanCorrections(ctx, decisions.CorrectionDraft{
		Agents: []string{agent(3)},
		Teams:  []string{"T"},
		From:   start.String(),
		To:     start.Add((1 + c.r.Int64N(40)) * schemas.HourMS).String(),
		Effect: []string{"neutral", "in"}[c.r.IntN(2)],
		Reason: "because",
	})
	must(c.t, err)
	status := schemas.CorrectionStatus(c.r.IntN(2)) //nolint:gosec // granted or requested
	must(c.t, ledger.WriteCorrections(ctx, plan, by, status))
	return fmt.Sprintf("%s %v", status, plan.Agents())
}

// Whatever is decided, in whatever order, judging what the journal says is dirty comes to what judging everything comes
// to, for agents who change team too; and a request changes nothing.
func TestDecisionsMakeTheRightDaysDirty(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := newCentre(t, 100+seed)
			moved := func(i int, rows ...schemas.Membership) {
				for k := range rows {
					rows[k].AgentID, rows[k].TimeZone, rows[k].RecordedAt = agent(i), "Europe/London", c.now
				}
				must(t, c.s.WriteRoster(t.Context(), c.row(schemas.JournalRoster), rows))
			}
			c.now++
			moved(1, schemas.Membership{Team: "T", From: monday - 30, To: monday + 3},
				schemas.Membership{Team: "U", Site: "S", From: monday + 3})
			moved(2, schemas.Membership{Team: "U", Site: "S", From: monday - 30})
			for range 40 {
				c.step()
				c.now++
			}
			c.now = max(c.now, schemas.UTC.DayStart(monday+8))
			c.compute()
			ledger := decisions.New(c.s, schemas.UTC, func() time.Time { return c.now.Time() })
			var steps []string
			for range 14 {
				steps = append(steps, c.decide(ledger))
				c.now++
				c.compute()
				if got, want := c.stored(), c.fresh(); !slices.Equal(got, want) {
					t.Fatalf("after %v\nstored %v\nfresh  %v", steps, got, want)
				}
			}
		})
	}
}
