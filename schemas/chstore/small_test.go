package chstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/google/uuid"

	"rollcall/schemas"
)

var ctx = context.Background()

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRosterImportReplacesAnAgentsRows(t *testing.T) {
	s := newStore(t)
	day := schemas.MakeDate(2026, 1, 1)
	write := func(at schemas.Instant, rows ...schemas.Membership) {
		for i := range rows {
			rows[i].RecordedAt = at
		}
		check(t, s.WriteRoster(ctx, journalRow(schemas.JournalRoster, at), rows))
	}
	write(t0, schemas.Membership{AgentID: "ana", Name: "Ana", Team: "Billing", From: day, To: day + 31},
		schemas.Membership{AgentID: "ana", Name: "Ana", Team: "Sales", From: day + 31},
		schemas.Membership{AgentID: "bo", From: day})
	write(t0+1, schemas.Membership{AgentID: "ana", Name: "Ana Ortiz", Team: "Support", From: day})
	line := func(known schemas.Instant) (out []string) {
		for _, m := range must[[]schemas.Membership](t)(s.Memberships(ctx, known)) {
			out = append(out, fmt.Sprint(m.AgentID, " ", m.Name, " ", m.Team, " ", m.From, " ", m.To == 0))
		}
		return out
	}
	wantLines(t, line(t0), "ana Ana Billing 2026-01-01 false", "ana Ana Sales 2026-02-01 true", "bo   2026-01-01 true")
	wantLines(t, line(0), "ana Ana Ortiz Support 2026-01-01 true", "bo   2026-01-01 true")
	wantLines(t, rowsOf(t, s,
		"SELECT concat(agent_id, team, toString(`to` IS NULL)) AS line FROM memberships ORDER BY line"),
		"anaSupport1", "bo1")
	wantLines(t, rowsOf(t, s, "SELECT concat(agent_id, name, team) AS line FROM agents ORDER BY line"),
		"anaAna OrtizSupport", "bo")
}

func TestWhatHasNoJournalRowDoesNotCount(t *testing.T) {
	s := newStore(t)
	day := schemas.MakeDate(2026, 3, 2)
	check(t, insert(ctx, s, "memberships_store", announcedBy(uuid.NewString(), fieldsOf[schemas.Membership]),
		[]schemas.Membership{{AgentID: "ana", RecordedAt: t0}}))
	check(t, insert(ctx, s, "policies_store", announcedBy(uuid.NewString(), fieldsOf[schemas.PolicyVersion]),
		[]schemas.PolicyVersion{{ID: "p", RecordedAt: t0}}))
	check(t, s.insertScheduleDays(ctx, &schemas.Revision{ID: "r", RecordedAt: t0},
		scheduled(schemas.ScheduleDay{AgentID: "ana", Day: day})))
	if n := len(must[[]schemas.Membership](t)(s.Memberships(ctx, 0))); n != 0 {
		t.Errorf("%d roster rows count without a journal row", n)
	}
	if n := len(must[[]schemas.PolicyVersion](t)(s.Policies(ctx, 0))); n != 0 {
		t.Errorf("%d policies count without a journal row", n)
	}
	wantLines(t, scheduleLines(t, s, ScheduleQuery{From: day, To: day}))
	rev := schemas.Revision{ID: "r", RecordedAt: t0}
	check(t, s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, t0), rev, scheduled()))
	wantLines(t, scheduleLines(t, s, ScheduleQuery{From: day, To: day}), "ana 2026-03-02 r []")
}

// scheduled returns days as an import streams them.
func scheduled(days ...schemas.ScheduleDay) iter.Seq2[*schemas.ScheduleDay, error] {
	return func(yield func(*schemas.ScheduleDay, error) bool) {
		for i := range days {
			if !yield(&days[i], nil) {
				return
			}
		}
	}
}

func scheduleLines(t testing.TB, s *Store, q ScheduleQuery) (out []string) {
	t.Helper()
	check(t, s.ScheduleDays(ctx, q, func(_ string, days []schemas.ScheduleDay) error {
		for _, d := range days {
			codes := []string{}
			for _, a := range d.Activities {
				codes = append(codes, a.Code)
			}
			line := fmt.Sprint(d.AgentID, " ", d.Day, " ", d.Revision, " ", codes)
			if d.Removed {
				line += " removed"
			}
			out = append(out, line)
		}
		return nil
	}))
	return out
}

func TestNewestScheduleRevisionOfEachDayCounts(t *testing.T) {
	s := newStore(t)
	day := schemas.MakeDate(2026, 3, 31)
	acts := func(code string) []schemas.Activity {
		return []schemas.Activity{{Start: t0, End: t0 + 60000, Code: code, Category: schemas.CategoryBreak, Shift: "s",
			Paid:        true,
			Description: "d", Line: 7}}
	}
	write := func(id string, at schemas.Instant, days ...schemas.ScheduleDay) {
		rev := schemas.Revision{ID: id, RecordedAt: at, From: day, To: day + 1, DaysChanged: len(days)}
		check(t, s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, at), rev, scheduled(days...)))
	}
	write("r1", t0, schemas.ScheduleDay{AgentID: "bo", Day: day, Activities: acts("Phones")},
		schemas.ScheduleDay{AgentID: "ana", Day: day + 1, Activities: acts("Phones")},
		schemas.ScheduleDay{AgentID: "ana", Day: day, Activities: append(acts("Phones"), acts("Break")...)})
	write("r2", t0+1, schemas.ScheduleDay{AgentID: "ana", Day: day, Activities: acts("Meal")},
		schemas.ScheduleDay{AgentID: "bo", Day: day, Removed: true})
	whole := ScheduleQuery{From: day, To: day + 1}
	wantLines(t, scheduleLines(t, s, whole), "ana 2026-03-31 r2 [Meal]", "ana 2026-04-01 r1 [Phones]")
	exec(t, s, "OPTIMIZE TABLE schedule_days_store FINAL")
	wantLines(t, scheduleLines(t, s, whole), "ana 2026-03-31 r2 [Meal]", "ana 2026-04-01 r1 [Phones]")
	whole.KnownAt = t0
	wantLines(t, scheduleLines(t, s, whole), "ana 2026-03-31 r1 [Phones Break]", "ana 2026-04-01 r1 [Phones]",
		"bo 2026-03-31 r1 [Phones]")
	wantLines(t, scheduleLines(t, s, ScheduleQuery{From: day, To: day, AllRevisions: true}),
		"ana 2026-03-31 r1 [Phones Break]",
		"ana 2026-03-31 r2 [Meal]", "bo 2026-03-31 r1 [Phones]", "bo 2026-03-31 r2 [] removed")
	wantLines(t, rowsOf(t, s,
		"SELECT concat(agent_id, ' ', toString(day), ' ', activities.code[1], ' ', activities.category[1]) AS line FROM "+
			"schedule_days ORDER BY line"),
		"ana 2026-03-31 Meal break", "ana 2026-04-01 Phones break")
}

func TestScheduleOver130MonthsAndAStreamThatFails(t *testing.T) {
	s := newStore(t)
	var days []schemas.ScheduleDay
	for m := range 130 {
		days = append(days, schemas.ScheduleDay{AgentID: "ana", Day: schemas.MakeDate(2010, 1, 15) + schemas.Date(m*31)})
	}
	check(t, s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, t0), schemas.Revision{ID: "r", RecordedAt: t0},
		scheduled(days...)))
	if n := len(scheduleLines(t, s, ScheduleQuery{From: days[0].Day, To: days[129].Day})); n != 130 {
		t.Errorf("%d of 130 days came back", n)
	}
	torn := errors.New("torn")
	err := s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, t0+1), schemas.Revision{ID: "r2", RecordedAt: t0 + 1},
		func(yield func(*schemas.ScheduleDay, error) bool) {
			_ = yield(&schemas.ScheduleDay{AgentID: "bo", Day: days[0].Day}, nil) && yield(nil, torn)
		})
	if !errors.Is(err, torn) {
		t.Errorf("got %v, want the stream's error", err)
	}
	if n := len(must[[]schemas.Revision](t)(s.Revisions(ctx, 0))); n != 1 {
		t.Errorf("%d revisions are visible; the torn one must not be", n)
	}
}

func TestGapsAndCorrectionsAreTakenBack(t *testing.T) {
	s := newStore(t)
	gap := schemas.Gap{
		ID:         "g",
		Source:     "genesys",
		Start:      t0,
		End:        t0 + 10,
		Fields:     schemas.FieldRouting,
		RecordedAt: t0,
	}
	check(t, s.WriteGaps(ctx, journalRow(schemas.JournalGaps, t0),
		[]schemas.Gap{gap, {ID: "h", Start: t0 + 20, End: t0 + 30, RecordedAt: t0}}))
	fix := schemas.Correction{
		ID:         "c",
		AgentID:    "ana",
		Start:      t0,
		End:        t0 + 10,
		Effect:     schemas.EffectIn,
		Reason:     "it's ok",
		RecordedAt: t0,
		RecordedBy: "sue",
	}
	check(t, s.WriteCorrections(ctx, journalRow(schemas.JournalCorrection, t0), []schemas.Correction{fix}))
	if got := must[[]schemas.Gap](t)(s.Gaps(ctx, schemas.Interval{Start: t0 + 9, End: t0 + 20}, 0)); len(got) != 1 ||
		got[0] != gap {
		t.Errorf("gaps in the interval: %+v, want %+v", got, gap)
	}
	if got := must[[]schemas.Correction](t)(s.Corrections(ctx, schemas.Interval{}, 0)); len(got) != 1 || got[0] != fix {
		t.Errorf("corrections: %+v, want %+v", got, fix)
	}
	wantLines(t, rowsOf(t, s, "SELECT concat(id, arrayStringConcat(fields, ',')) AS line FROM feed_gaps ORDER BY line"),
		"grouting", "hpresence,status,routing")
	gap.RecordedAt, gap.Retracted, fix.RecordedAt, fix.Effect = t0+1, true, t0+1, schemas.EffectNone
	check(t, s.WriteGaps(ctx, journalRow(schemas.JournalGaps, t0+1), []schemas.Gap{gap}))
	check(t, s.WriteCorrections(ctx, journalRow(schemas.JournalCorrection, t0+1), []schemas.Correction{fix}))
	for known, want := range map[schemas.Instant]int{0: 1, t0: 2} {
		if got := must[[]schemas.Gap](t)(s.Gaps(ctx, schemas.Interval{}, known)); len(got) != want {
			t.Errorf("%d gaps as known at %d, want %d", len(got), known, want)
		}
		if got := must[[]schemas.Correction](t)(s.Corrections(ctx, schemas.Interval{}, known)); len(got) != want-1 {
			t.Errorf("%d corrections as known at %d, want %d", len(got), known, want-1)
		}
	}
}

func TestFeedKeepsWhatALaterStatementLeavesOut(t *testing.T) {
	s := newStore(t)
	check(t, s.WriteFeeds(ctx, journalRow(schemas.JournalComplete, t0),
		[]schemas.Feed{{Source: "g", CompleteUpTo: t0, LastSeen: t0, Fields: schemas.FieldStatus, RecordedAt: t0}}))
	check(t, s.writeHeartbeats(ctx, []schemas.Feed{{Source: "g", LastSeen: t0 + 9, RecordedAt: t0 + 9}}))
	want := schemas.Feed{Source: "g", CompleteUpTo: t0, LastSeen: t0 + 9, Fields: schemas.FieldStatus, RecordedAt: t0 + 9}
	if got := must[[]schemas.Feed](t)(s.Feeds(ctx, 0)); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := must[[]schemas.Feed](t)(s.Feeds(ctx, t0)); got[0].LastSeen != t0 {
		t.Errorf("as known before the heartbeat: %+v", got)
	}
	wantLines(t, rowsOf(t, s, "SELECT concat(source, toString(fields)) AS line FROM feeds"), "g['status']")
}

func TestEverySmallTableGivesBackWhatWasWritten(t *testing.T) {
	s := newStore(t)
	policy := schemas.PolicyVersion{
		ID:         "p",
		Team:       "Q'1",
		From:       schemas.MakeDate(1970, 1, 1),
		Rules:      `{"x":"\\"}`,
		RecordedAt: t0,
		Actor:      "a",
	}
	check(t, s.WritePolicies(ctx, journalRow(schemas.JournalPolicy, t0), []schemas.PolicyVersion{policy}))
	if got := must[[]schemas.PolicyVersion](t)(s.Policies(ctx, 0)); len(got) != 1 || got[0] != policy {
		t.Errorf("policies: %+v", got)
	}
	code := schemas.ActivityCode{Code: "Phones", Category: schemas.CategoryOnQueueWork, Paid: true, RecordedAt: t0}
	check(t, s.WriteActivityCodes(ctx, journalRow(schemas.JournalActivities, t0), []schemas.ActivityCode{code}))
	code.RecordedAt, code.CountsAsShrinkage = t0+1, true
	check(t, s.WriteActivityCodes(ctx, journalRow(schemas.JournalActivities, t0+1), []schemas.ActivityCode{code}))
	if got := must[[]schemas.ActivityCode](t)(s.ActivityCodes(ctx, 0)); len(got) != 1 || got[0] != code {
		t.Errorf("codes: %+v", got)
	}
	status := schemas.SecondaryStatus{Secondary: "Coaching", Status: schemas.StatusTraining, RecordedAt: t0}
	check(t, s.WriteStatuses(ctx, journalRow(schemas.JournalActivities, t0), []schemas.SecondaryStatus{status}))
	if got := must[[]schemas.SecondaryStatus](t)(s.Statuses(ctx, 0)); len(got) != 1 || got[0] != status {
		t.Errorf("statuses: %+v", got)
	}
	cred := schemas.Credential{
		ID:         "c",
		Name:       "feed",
		Role:       schemas.RoleFeed,
		Source:     "g",
		Teams:      []string{"A", "B'"},
		Sites:      []string{},
		Hash:       "h",
		RecordedAt: t0,
	}
	check(t, s.WriteCredentials(ctx, journalRow(schemas.JournalAccess, t0), []schemas.Credential{cred}))
	cred.RecordedAt, cred.Revoked = t0+1, true
	check(t, s.WriteCredentials(ctx, journalRow(schemas.JournalAccess, t0+1), []schemas.Credential{cred}))
	if got := must[[]schemas.Credential](t)(s.Credentials(ctx)); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(cred) {
		t.Errorf("credentials: %+v", got)
	}
	wantLines(t, rowsOf(t, s, "SELECT concat(id, toString(revoked)) AS line FROM tokens"), "ctrue")
	wantLines(t, rowsOf(t, s, "SELECT id AS line FROM users"))
	finding := schemas.Finding{
		ID:         "f",
		RecordedAt: t0,
		Kind:       schemas.FindingConflict,
		Source:     "g",
		AgentID:    "ana",
		At:         t0,
		Detail:     "d",
	}
	check(t, s.WriteFindings(ctx, []schemas.Finding{finding}))
	if got := must[[]schemas.Finding](t)(s.Findings(ctx, 10)); len(got) != 1 || got[0] != finding {
		t.Errorf("findings: %+v", got)
	}
	run := JobRun{
		ID:        "1",
		Job:       "compute",
		DueAt:     t0,
		StartedAt: t0,
		UpdatedAt: t0,
		State:     "running",
		Trigger:   "schedule",
	}
	check(t, s.WriteJobRuns(ctx, []JobRun{run}))
	run.EndedAt, run.UpdatedAt, run.State = t0+5, t0+5, "done"
	check(t, s.WriteJobRuns(ctx, []JobRun{run, {ID: "2", Job: "other", DueAt: t0}}))
	if got := must[[]JobRun](t)(s.JobRuns(ctx, "compute", 10)); len(got) != 1 || got[0] != run {
		t.Errorf("job runs: %+v", got)
	}
	if got := must[[]JobRun](t)(s.JobRuns(ctx, "", 10)); len(got) != 2 {
		t.Errorf("job runs of all jobs: %+v", got)
	}
}
