package chstore

import (
	"fmt"
	"testing"
	"time"

	"rollcall/schemas"
)

func TestTheNewestVersionOfASubscriptionCountsUntilItEnds(t *testing.T) {
	s := newStore(t)
	sub := schemas.Subscription{
		ID:         "s1",
		Kind:       schemas.SubscriptionDaily,
		OwnerID:    "u1",
		Owner:      "kim",
		Recipients: []string{"kim@example.org", "it's@example.org"},
		Teams:      []string{"Billing"},
		At:         390,
		TimeZone:   "Europe/London",
		SkipEmpty:  true,
		CreatedAt:  t0,
		RecordedAt: t0,
	}
	digest := schemas.Subscription{
		ID:         "s2",
		Kind:       schemas.SubscriptionDigest,
		OwnerID:    "operator",
		Recipients: []string{"lee@example.org"},
		Sites:      []string{"Leeds"},
		At:         480,
		Until:      1080,
		Every:      30,
		TimeZone:   "UTC",
		NoWorkbook: true,
		CreatedAt:  t0 + 1,
		RecordedAt: t0 + 1,
	}
	check(t, s.WriteSubscriptions(ctx, journalRow(schemas.JournalReport, t0), []schemas.Subscription{sub, digest}))
	got := must[[]schemas.Subscription](t)(s.Subscriptions(ctx))
	if len(got) != 2 || fmt.Sprint(got[0]) != fmt.Sprint(sub) || fmt.Sprint(got[1]) != fmt.Sprint(digest) {
		t.Errorf("got %+v", got)
	}
	sub.Ended, sub.RecordedAt = true, t0+5
	check(t, s.WriteSubscriptions(ctx, journalRow(schemas.JournalReport, t0+5), []schemas.Subscription{sub}))
	if got := must[[]schemas.Subscription](t)(s.Subscriptions(ctx)); len(got) != 1 || got[0].ID != "s2" {
		t.Errorf("after the end: %+v", got)
	}
	wantLines(t, rowsOf(t, s, "SELECT id AS line FROM subscriptions"), "s2")
}

func TestTheNewestVersionOfADeliveryCounts(t *testing.T) {
	s := newStore(t)
	now := schemas.InstantOf(time.Now()) // rows of long ago are forgotten
	made := func(id string, age int64, version int, state schemas.DeliveryState) schemas.Delivery {
		return schemas.Delivery{
			ID:           id,
			Kind:         schemas.DeliveryDaily,
			Subscription: "s-" + id,
			Day:          20_000,
			DueAt:        now.Add(-age),
			Recipient:    "kim@example.org",
			Subject:      "a 'subject' 🙂",
			MessageID:    id + "@rollcall",
			Hash:         "h",
			Size:         9,
			State:        state,
			Attempts:     version,
			NextAt:       now,
			LastError:    "it's 450",
			Figures:      `{"v":1}`,
			CreatedAt:    now,
			UpdatedAt:    now,
			Version:      version,
		}
	}
	check(t, s.WriteDeliveries(ctx,
		[]schemas.Delivery{made("a", 3, 1, "queued"), made("b", 2, 1, "queued"), made("old", 9*schemas.DayMS, 1, "sent")}))
	check(t, s.WriteDeliveries(ctx, []schemas.Delivery{made("b", 2, 3, "sent")}))
	check(t, s.WriteDeliveries(ctx, []schemas.Delivery{made("b", 2, 2, "queued")}))
	lines := func(q schemas.DeliveryQuery) (out []string) {
		q.Since, q.Limit = now.Add(-schemas.DayMS), 10
		for _, d := range must[[]schemas.Delivery](t)(s.Deliveries(ctx, q)) {
			out = append(out, fmt.Sprint(d.ID, " ", d.State, " ", d.Attempts, " ", d.Figures))
		}
		return out
	}
	wantLines(t, lines(schemas.DeliveryQuery{}), "b sent 3 ", "a queued 1 ")
	wantLines(t, lines(schemas.DeliveryQuery{State: schemas.DeliveryQueued}), "a queued 1 ")
	wantLines(t, lines(schemas.DeliveryQuery{ID: "b", Figures: true}), `b sent 3 {"v":1}`)
	wantLines(t, lines(schemas.DeliveryQuery{Subscription: "s-a", Kind: schemas.DeliveryDaily}), "a queued 1 ")
	wantLines(t, lines(schemas.DeliveryQuery{Kind: schemas.DeliveryDigest}))
	wantLines(t, lines(schemas.DeliveryQuery{Day: 20_000, ID: "a"}), "a queued 1 ")
	wantLines(t, lines(schemas.DeliveryQuery{Day: 20_001}))
	got := must[[]schemas.Delivery](t)(s.Deliveries(ctx,
		schemas.DeliveryQuery{Since: now.Add(-4), ID: "a", Figures: true, Limit: 1}))
	if want := made("a", 3, 1, "queued"); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheJournalTellsWhatTouchedATime(t *testing.T) {
	s := newStore(t)
	row := func(from, to schemas.Instant) schemas.JournalRow {
		r := journalRow(schemas.JournalCorrection, t0)
		r.Agents, r.Ranges, r.Range = []string{"ana"}, []schemas.Interval{{Start: from, End: to}},
			schemas.Interval{Start: from, End: to}
		r.Detail = fmt.Sprint(from - t0)
		check(t, s.WriteJournal(ctx, r))
		return r
	}
	row(t0, t0+10)
	row(t0+10, t0+20)
	row(t0+30, t0+40)
	var got []string
	now := schemas.InstantOf(time.Now())
	for _, r := range must[[]schemas.JournalRow](t)(s.JournalTouching(ctx, t0, now,
		schemas.Interval{Start: t0 + 5, End: t0 + 30}, 10)) {
		got = append(got, r.Detail)
	}
	if len(got) != 2 {
		t.Errorf("got %v", got)
	}
	// Whatever our clock says: a minute ago is before the rows, and a minute ahead is after them.
	for _, ours := range []schemas.Instant{now.Add(-schemas.HourMS), now, now.Add(schemas.HourMS)} {
		for since, want := range map[schemas.Instant]int{ours.Add(-schemas.MinuteMS): 3, ours.Add(schemas.MinuteMS): 0} {
			if rows := must[[]schemas.JournalRow](t)(s.JournalTouching(ctx, since, ours,
				schemas.Interval{Start: t0, End: t0 + 50}, 10)); len(rows) != want {
				t.Errorf("at %s, since %s: %d rows, want %d", ours, since, len(rows), want)
			}
		}
	}
}

func TestTheDaysThatWereJudgedSince(t *testing.T) {
	s := newStore(t)
	w := s.NewDayWriter(ctx, "current")
	for i, at := range []schemas.Instant{t0, t0 + 5, t0 + 9} {
		check(t, w.Append(&schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: fmt.Sprint("a", i),
			Day: schemas.Date(20_000 + i/2)}, State: schemas.DayFinal, KnownAt: at, ComputedAt: at}))
	}
	check(t, w.Close())
	got := must[map[schemas.Date]schemas.Instant](t)(s.DaysJudged(ctx, 20_000, t0))
	if len(got) != 2 || got[20_000] != t0+5 || got[20_001] != t0+9 {
		t.Errorf("got %v", got)
	}
	if got := must[map[schemas.Date]schemas.Instant](t)(s.DaysJudged(ctx, 20_001, t0+8)); len(got) != 1 ||
		got[20_001] != t0+9 {
		t.Errorf("of the second day: %v", got)
	}
}
