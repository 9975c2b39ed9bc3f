package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	webadmin "rollcall/reports/web/admin"
	"slices"
	"sync/atomic"
	"time"

	"rollcall/ingest"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// secondaries gives the organisation's own statuses as they are in force.
func (d *Daemon) secondaries() []schemas.SecondaryStatus {
	words := d.words.Load()
	var list []schemas.SecondaryStatus
	for status := schemas.StatusAvailable; status <= schemas.StatusOffQueue; status++ {
		for _, label := range words.Secondaries(status) {
			list = append(list, schemas.SecondaryStatus{Secondary: label, Status: status})
		}
	}
	return list
}

// admin is the store and the scheduler as the pages of administration see them.
type admin struct {
	*chstore.Store
	d *Daemon
}

// Feeds gives the feeds as they are now.
func (a admin) Feeds(ctx context.Context) ([]schemas.Feed, error) { return a.Store.Feeds(ctx, 0) }

// The bounds of what counts as unmapped now.
const (
	unmappedStateDays    = 30
	unmappedActivityDays = 7
	unmappedTexts        = 500
)

// Unmapped gives state texts and activity codes without a meaning, the most frequent first. A text that has got one since
// its facts came in is left out.
func (a admin) Unmapped(ctx context.Context) ([]webadmin.Unmapped, error) {
	states, err := a.UnmappedStates(ctx, Now().Add(-unmappedStateDays*schemas.DayMS), unmappedTexts)
	if err != nil {
		return nil, err
	}
	codes, err := a.UnmappedActivities(ctx, schemas.UTC.Date(Now())-unmappedActivityDays, unmappedTexts)
	if err != nil {
		return nil, err
	}
	list := a.texts(states)
	for _, c := range codes {
		category, err := schemas.ParseCategory(c.Category)
		if err != nil {
			return nil, fmt.Errorf("category of activity code %q: %w", c.Code, err)
		}
		list = append(list, webadmin.Unmapped{Field: "activity", Text: c.Code, Count: int64(c.Times), Last: c.Last, Category: category})
	}
	slices.SortStableFunc(list, func(x, y webadmin.Unmapped) int { return cmp.Compare(y.Count, x.Count) })
	return list, nil
}

// texts adds up each text over the facts that hold it, alone or beside another.
func (a admin) texts(states []chstore.UnmappedState) []webadmin.Unmapped {
	words := a.d.words.Load()
	place := map[ingest.Unmapped]int{}
	var list []webadmin.Unmapped
	for _, s := range states {
		for _, u := range ingest.SplitRaw(s.Raw) {
			if words.Understands(u) {
				continue
			}
			i, known := place[u]
			if !known {
				i = len(list)
				place[u] = i
				list = append(list, webadmin.Unmapped{Field: u.Field, Text: u.Text, Sources: s.Sources})
			}
			list[i].Count += int64(s.Times)
			list[i].Last = max(list[i].Last, s.Last)
		}
	}
	return list
}

// MapActivity gives an activity code its category.
func (a admin) MapActivity(ctx context.Context, c schemas.ActivityCode, row schemas.JournalRow) error {
	return a.WriteActivityCodes(ctx, row, []schemas.ActivityCode{c})
}

// Jobs lists the jobs.
func (a admin) Jobs() []scheduler.Status { return a.d.jobs.Jobs() }

// JobRuns gives the last runs of a job.
func (a admin) JobRuns(ctx context.Context, job string, limit int) ([]scheduler.Run, error) {
	rows, err := a.Store.JobRuns(ctx, job, limit)
	if err != nil {
		return nil, err
	}
	runs := make([]scheduler.Run, len(rows))
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].Detail), &runs[i]); err != nil {
			return nil, fmt.Errorf("reading run %s of job %s: %w", rows[i].ID, job, err)
		}
	}
	return runs, nil
}

// RunJob begins a run that ends with the scheduler at the latest.
func (a admin) RunJob(job string) error {
	for _, st := range a.d.jobs.Jobs() {
		if st.Name == job && !st.RunningSince.IsZero() {
			return fmt.Errorf("run job %q: %w", job, scheduler.ErrRunning)
		}
	}
	go func() {
		if _, err := a.d.jobs.RunNow(context.Background(), job); err != nil {
			a.d.log.WithError(err).WithField("job", job).Warn("job did not begin")
		}
	}()
	return nil
}

// notes are journal rows on their way into the store: sign-ins must not wait for it. A bounded number waits in memory while
// the store is away; what does not fit is counted, and is in the log all the same.
type notes struct {
	d    *Daemon
	rows chan schemas.JournalRow
	lost atomic.Uint64
}

// mostNotes is how many journal rows wait at most.
const mostNotes = 4096

func newNotes(d *Daemon) *notes { return &notes{d: d, rows: make(chan schemas.JournalRow, mostNotes)} }

// take puts a row into the queue, or counts it as lost.
func (n *notes) take(row schemas.JournalRow) {
	select {
	case n.rows <- row:
	default:
		n.drop(&row, "a journal row is lost: too many wait for the store")
	}
}

// noteAgain is how long a store that did not take a row is left alone.
const noteAgain = time.Second

// run writes the rows until ctx ends. A row is tried again until the store has it; twice is once, by its id.
func (n *notes) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case row := <-n.rows:
			for n.d.store.WriteJournal(ctx, row) != nil {
				select {
				case <-ctx.Done():
					n.take(row)
					return nil
				case <-time.After(noteAgain):
				}
			}
		}
	}
}

// drain writes what is left at the end, once, and counts what the store does not take.
func (n *notes) drain(ctx context.Context) {
	for {
		select {
		case row := <-n.rows:
			if err := n.d.store.WriteJournal(ctx, row); err != nil {
				n.drop(&row, "a journal row is lost: the store was away until the stop")
			}
		default:
			return
		}
	}
}

// drop counts a row as lost and leaves it in the log.
func (n *notes) drop(row *schemas.JournalRow, why string) {
	n.lost.Add(1)
	n.d.log.WithField("actor", row.Actor).WithField("origin", row.Origin).WithField("detail", row.Detail).Warn(why)
}
