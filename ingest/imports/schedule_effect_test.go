package imports

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// facts imports status changes of rows such as "ana 02T09:00 idle"; the words are idle, break and offline.
func (c *planned) facts(rows ...string) {
	c.Helper()
	b := &strings.Builder{}
	b.WriteString("agent_id,at,presence,status,routing\n")
	for _, row := range rows {
		f := strings.Fields(row)
		state := map[string]string{"idle": "available,available,idle", "break": "away,break,off_queue",
			"offline": "offline,off_queue,off_queue"}[f[2]]
		fmt.Fprintf(b, "%s,2026-03-%s:00Z,%s\n", f[0], f[1], state)
	}
	r, err := c.ledger.Import(background, files.Status, files.BytesInput("status.csv", []byte(b.String())),
		Options{})
	if err != nil || r.Refused {
		c.Fatal(err, r)
	}
}

// judged returns the adherence of everybody between two dates, as computed and stored.
func (c *planned) judged(from, to int) schemas.Percent {
	c.Helper()
	b, err := batch.New(batch.DefaultConfig(), c.store)
	if err != nil {
		c.Fatal(err)
	}
	now := schemas.InstantOf(c.time)
	req := batch.Request{From: schemas.MakeDate(2026, 3, from), To: schemas.MakeDate(2026, 3, to), AsOf: now, Version: now}
	if _, err := b.Judge(background, req, func() batch.Sink { return c.store.NewDayWriter(background, batch.Against) },
		nil); err != nil {
		c.Fatal(err)
	}
	var sum schemas.Percent
	err = c.store.DayRows(background, chstore.DayQuery{From: req.From, To: req.To, Against: batch.Against},
		func(d *schemas.DayRow) error {
			p := d.Adherence()
			sum.Num, sum.Den = sum.Num+p.Num, sum.Den+p.Den
			return nil
		})
	if err != nil {
		c.Fatal(err)
	}
	return sum
}

// TestTheEffectIsWhatComputeThenFinds: what the preview says of adherence before and after is what is computed before
// and after the import; days to come have no part in it; asked agent by agent the answer is the same.
func TestTheEffectIsWhatComputeThenFinds(t *testing.T) {
	c := newPlanned(t)
	var facts, first, second []string
	for _, agent := range []string{"ana", "bo", "cy"} {
		facts = append(facts, agent+" 02T09:00 idle", agent+" 02T11:00 break", agent+" 02T12:00 offline", agent+
			" 03T22:00 idle", agent+" 04T06:00 offline")
		first = append(first, agent+" Phones 02 09:00 12:00", agent+" Phones 03 22:00 05:00", agent+" Phones 20 09:00 12:00")
		second = append(second, agent+" Phones 02 09:00 11:00", agent+" Break 02 11:00 12:00", agent+" Phones 03 20:00 05:00",
			agent+" Phones 20 10:00 12:00")
	}
	c.apply(first...)
	c.facts(facts...)
	var said []string
	p, err := c.ledger.Import(background, files.Schedule, file(second...), Options{DryRun: true,
		Judged: func(agents, of int) { said = append(said, fmt.Sprint(agents, "/", of)) }})
	if err != nil {
		t.Fatal(err)
	}
	if p.Effect.From != schemas.MakeDate(2026, 3, 1) || p.Effect.To != schemas.MakeDate(2026, 3, 4) ||
		p.Effect.Agents != 3 || said[len(said)-1] != "3/3" {
		t.Errorf("judged %s to %s, %d agents, progress %v", p.Effect.From, p.Effect.To, p.Effect.Agents, said)
	}
	before := c.judged(1, 4)
	c.apply(second...)
	after := c.judged(1, 4)
	was, _ := before.Value()
	is, _ := after.Value()
	all := p.Effect.Rows[0]
	if *all.AdherenceBefore != was || *all.AdherenceAfter != is || was == is || all.ChangedDays != 6 ||
		all.AgentsDown != 3 {
		t.Errorf("the preview said %v -> %v (%+v), compute found %v -> %v", *all.AdherenceBefore, *all.AdherenceAfter, all,
			was, is)
	}
	back := c.ledger
	together, err := back.Import(background, files.Schedule, file(first...), Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	back.agentsAtOnce = 1
	alone, err := back.Import(background, files.Schedule, file(first...), Options{DryRun: true})
	if err != nil || !reflect.DeepEqual(alone.Effect, together.Effect) {
		t.Errorf("agent by agent: %+v\ntogether: %+v %v", alone.Effect, together.Effect, err)
	}
	future, err := c.ledger.Import(background, files.Schedule,
		file("ana Phones 20 10:00 11:00", "bo Phones 21 10:00 11:00"),
		Options{DryRun: true})
	if err != nil || future.Effect != nil || future.Written != 3 {
		t.Errorf("days to come: %+v %v", future.Effect, err)
	}
}

// TestAMonthOfDailyImportsStaysSmall: the same four weeks come every day, with one agent-day changed; each import
// writes one row, and the store holds the first import and these rows.
func TestAMonthOfDailyImportsStaysSmall(t *testing.T) {
	c := newPlanned(t)
	rota := map[string]string{}
	for _, agent := range []string{"ana", "bo", "cy"} {
		for day := 1; day <= 28; day++ {
			rota[fmt.Sprintf("%s %02d", agent, day)] = fmt.Sprintf("%s Phones %02d 09:00 17:00", agent, day)
		}
	}
	for day := range 30 {
		if day > 0 {
			key := fmt.Sprintf("%s %02d", []string{"ana", "bo", "cy"}[day%3], day%28+1)
			f := strings.Fields(rota[key])
			rota[key] = fmt.Sprintf("%s Phones %s %02d:00 17:00", f[0], f[2], 8+(day+day/28)%2*2)
		}
		var rows []string
		for _, row := range rota {
			rows = append(rows, row)
		}
		r, err := c.ledger.Import(background, files.Schedule, file(rows...), Options{})
		if want := map[bool]int{true: 84, false: 1}[day == 0]; err != nil || r.Written != want || r.Unchanged != 84-want {
			t.Fatalf("day %d wrote %d, left %d: %v", day, r.Written, r.Unchanged, err)
		}
		if day%10 != 0 {
			continue
		}
		if again, err := c.ledger.Import(background, files.Schedule, file(rows...), Options{}); err != nil ||
			again.Written != 0 || again.Revision != nil {
			t.Fatalf("the same file once more wrote %d: %v", again.Written, err)
		}
	}
	stored := 0
	q := chstore.ScheduleQuery{To: 50_000, AllRevisions: true}
	err := c.store.ScheduleDays(background, q,
		func(_ string, days []schemas.ScheduleDay) error { stored += len(days); return nil })
	list, err2 := c.ledger.List(background, ListQuery{Kind: files.Schedule})
	if err != nil || err2 != nil || stored != 84+29 || len(list) != 30 {
		t.Errorf("%d rows of %d revisions are stored: %v %v", stored, len(list), err, err2)
	}
}

// TestRandomHistories: whatever is imported and taken back, in any order, an undo that restores every day gives the
// schedule from before the revision on its days; every state can be shown again, its diffs add up, and its export
// imports to no change.
func TestRandomHistories(t *testing.T) {
	c := newPlanned(t)
	agents := []string{"ana", "bo"}
	for seed := range uint64(3) {
		draw := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a history that can be had again
		if err := c.empty(agents); err != nil {
			t.Fatal(err)
		}
		var ids []string
		states := map[string]string{}
		for range 7 {
			before := c.scheduled(ShowQuery{})
			id := ""
			if len(ids) > 0 && draw.IntN(2) == 0 {
				of := ids[draw.IntN(len(ids))]
				u, err := c.ledger.Undo(background, UndoOrder{Kind: files.Schedule, Import: of})
				if err != nil {
					continue // nothing is left of it
				}
				id = u.Made.ID
				c.checkUndo(u, of)
			} else {
				r, err := c.ledger.Import(background, files.Schedule, randomFile(draw, agents), partial)
				if err != nil {
					t.Fatal(err)
				}
				if r.Revision == nil {
					continue
				}
				id = r.Revision.ID
			}
			ids = append(ids, id)
			states[id] = c.scheduled(ShowQuery{})
			d, err := c.ledger.diffSchedule(background, DiffQuery{Revision: id})
			if err != nil || (d.DayCount == 0) != (before == states[id]) {
				t.Fatalf("history %d: %s became %s, the diff says %+v: %v", seed, before, states[id], d, err)
			}
		}
		for id, want := range states {
			if got := c.scheduled(ShowQuery{Revision: id}); got != want {
				t.Fatalf("history %d: after %s it held %s, now it says %s", seed, id, want, got)
			}
		}
		c.checkExport()
	}
}

// empty takes away what earlier histories left: a file of one row in each agent's name over the whole range, taken
// back.
func (c *planned) empty(agents []string) error {
	for _, agent := range agents {
		opt := Options{Options: files.Options{From: schemas.MakeDate(2026, 3, 1), To: schemas.MakeDate(2026, 3, 9)}}
		if _, err := c.ledger.Import(background, files.Schedule, file(agent+" Z 09 23:00 23:30"), opt); err != nil {
			return err
		}
	}
	return nil
}

// randomFile is a schedule of some shifts, overnight ones too, which may overlap what is held.
func randomFile(draw *rand.Rand, agents []string) files.Input {
	var rows []string
	for _, agent := range agents {
		for day := 2; day <= 5; day++ {
			if draw.IntN(2) == 0 {
				hour := []int{2, 9, 20}[draw.IntN(3)]
				length := []int{3, 9}[draw.IntN(2)]
				rows = append(rows, fmt.Sprintf("%s %s %02d %02d:00 %02d:00", agent, []string{"A", "B", "Break"}[draw.IntN(3)], day,
					hour, (hour+length)%24))
			}
		}
	}
	return file(rows...)
}

// checkUndo says whether every restored day holds what was there before the revision.
func (c *planned) checkUndo(u *Undone, of string) {
	c.Helper()
	list, err := c.ledger.List(background, ListQuery{Kind: files.Schedule})
	if err != nil {
		c.Fatal(err)
	}
	then := ShowQuery{}
	for i, l := range list {
		if l.ID == of && i+1 < len(list) {
			then.Revision = list[i+1].ID
		}
	}
	for _, r := range u.Days {
		now := ShowQuery{From: r.Day, To: r.Day, Agents: []string{r.AgentID}}
		before := now
		before.Revision = then.Revision
		if got, want := c.scheduled(now), c.scheduled(before); got != want {
			c.Fatalf("%s on %s holds %s, before %s it was %s", r.AgentID, r.Day, got, of, want)
		}
	}
	held := map[string][]schemas.Activity{}
	err = c.ledger.Show(background, ShowQuery{To: 50_000}, func(s *Shown) error {
		held[s.AgentID] = append(held[s.AgentID], s.Activity)
		return nil
	})
	for agent, acts := range held {
		schemas.SortActivities(acts)
		if wrong := schemas.CheckActivities(acts); wrong != nil || err != nil {
			c.Fatal(agent, wrong, err)
		}
	}
}

// checkExport says whether importing what is exported changes nothing.
func (c *planned) checkExport() {
	c.Helper()
	b := &strings.Builder{}
	out, err := NewCSV(b)
	if err != nil {
		c.Fatal(err)
	}
	if err := c.ledger.Show(background, ShowQuery{To: 50_000}, out.Write); err != nil {
		c.Fatal(err)
	}
	if err := out.Close(); err != nil {
		c.Fatal(err)
	}
	r, err := c.ledger.Import(background, files.Schedule, files.BytesInput("export.csv", []byte(b.String())),
		Options{})
	if err != nil || r.Written != 0 || r.Refused {
		c.Fatalf("%d days of an export differ, refused %t %v: %v\n%s", r.Written, r.Refused, r.Problems, err, b)
	}
}
