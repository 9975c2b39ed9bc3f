package imports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// TestAShiftWithAPauseLiesUnderItsFirstDate: a pause that the policy allows inside a shift parts no shift of an import
// either, so that it and the judge put the same rows under the same date.
func TestAShiftWithAPauseLiesUnderItsFirstDate(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, "agent_id,time_zone\nana,UTC\n", Options{})
	policy := schemas.PolicyVersion{ID: uuid.NewString(), Rules: "shift_gap: 5h", RecordedAt: now}
	row := schemas.JournalRow{ID: uuid.NewString(), RecordedAt: now, Kind: schemas.JournalPolicy}
	if err := c.store.WritePolicies(background, row, []schemas.PolicyVersion{policy}); err != nil {
		t.Fatal(err)
	}
	c.imports(files.Schedule, "agent_id,activity,start,end,category\nana,A,2026-03-02T18:00Z,2026-03-02T22:00Z,meal\n"+
		"ana,A,2026-03-03T02:00Z,2026-03-03T06:00Z,meal\n", Options{})
	if got := c.scheduled("ana"); got != "2026-03-02 A 18:00–22:00 A 02:00–06:00" {
		t.Errorf("got %s", got)
	}
}

// TestWeeksOfClockChangesComeBackUnchanged: night shifts and days off in the weeks in which three zones change their
// clocks, one of them by half an hour, lie whole under the local date on which they start, and their export imports
// to no change.
func TestWeeksOfClockChangesComeBackUnchanged(t *testing.T) {
	c := newPlanned(t)
	c.roster("lon,Lo,Nights,Europe/London\nhal,Ha,Nights,America/Halifax\nlhi,Li,Nights,Australia/Lord_Howe\n")
	changes := map[string][]string{
		"lon": {"2026-03-29", "2026-10-25"}, "hal": {"2026-03-08", "2026-11-01"}, "lhi": {"2026-04-05", "2026-10-04"},
	}
	b := &strings.Builder{}
	b.WriteString("agent_id,activity,category,date,start_time,end_time\n")
	hours := map[string]float64{}
	for agent, days := range changes {
		for i, text := range days {
			day, err := schemas.ParseDate(text)
			if err != nil {
				t.Fatal(err)
			}
			for k := schemas.Date(-3); k <= 2; k++ {
				fmt.Fprintf(b, "%s,Night,on_queue_work,%s,22:00,06:00\n", agent, day+k)
			}
			sign := map[int]float64{0: -1, 1: 1}[i]
			step := 1.0
			if agent == "lhi" { // its clocks go back first, and by half an hour
				sign, step = -sign, 0.5
			}
			hours[fmt.Sprint(agent, " ", day-1)] = 8 + sign*step
		}
	}
	r, err := c.ledger.Import(background, files.Schedule, files.BytesInput("nights.csv", []byte(b.String())),
		Options{})
	if err != nil || r.Refused || r.Written != 36 {
		t.Fatal(err, r)
	}
	err = c.ledger.Show(background, ShowQuery{To: 50_000}, func(s *Shown) error {
		want, changed := hours[fmt.Sprint(s.AgentID, " ", s.Day)]
		if !changed {
			want = 8
		}
		if got := float64(s.Interval().MS()) / float64(schemas.HourMS); got != want {
			t.Errorf("the night of %s on %s lasts %v hours, want %v", s.AgentID, s.Day, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.checkExport()
}
