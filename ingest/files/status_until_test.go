package files

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// ours parses a profile of a test.
func ours(tb testing.TB, text string) *profile.Profile {
	tb.Helper()
	p, err := profile.Parse("ours", []byte(text), LayoutOf)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// changesOf reads a file of status changes: one a line, and the report.
func changesOf(tb testing.TB, text string, opt Options) ([]string, *Report) {
	tb.Helper()
	var out []string
	report, err := readStatus(BytesInput("f.csv", []byte(text)), opt, crew, now, func(list []schemas.Change) error {
		for i := range list {
			c := &list[i]
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", c.AgentID, c.At, stateWords(c))))
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out, report
}

// logins is a profile of sessions.
const logins = `
kind: status
columns:
  agent_id: Agent Login
  at: Login Datetime
  until: Logout Datetime
  presence: {value: available}
  status: {value: available}
between: {presence: offline, status: off_queue}
`

// TestSessions: who logs in twice a day is offline in between and afterwards, by one profile and one import, in
// whichever order the rows come.
func TestSessions(t *testing.T) {
	const head = "Agent Login,Login Datetime,Logout Datetime,Duration\n"
	in := []string{"ana,2026-11-02T09:00:00Z,2026-11-02T12:00:00Z,3h\n",
		"ana,2026-11-02T12:30:00Z,2026-11-02T17:00:00Z,x\n",
		"bo,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z,1h\n", "ana,2026-11-03T09:30:00Z,,\n"}
	want := []string{"ana 2026-11-02T09:00:00Z available, available", "ana 2026-11-02T12:00:00Z offline, off_queue",
		"ana 2026-11-02T12:30:00Z available, available", "ana 2026-11-02T17:00:00Z offline, off_queue",
		"ana 2026-11-03T09:30:00Z available, available",
		"bo 2026-11-02T09:00:00Z available, available", "bo 2026-11-02T10:00:00Z offline, off_queue"}
	for range 5 {
		got, report := changesOf(t, head+strings.Join(in, ""), Options{Profile: ours(t, logins)})
		slices.Sort(got)
		if !slices.Equal(got, want) || report.ProblemCount != 0 {
			t.Errorf("got\n%s\n%s", strings.Join(got, "\n"), problems(report))
		}
		const said = "no row says anything of 17h0m0s between rows (holes: 2, agents: 1); the longest is 16h30m0s of ana, " +
			"from 2026-11-02T17:00:00Z to 2026-11-03T09:30:00Z; what counts there is offline, off_queue"
		if len(report.Warnings) != 1 || report.Warnings[0].Text() != said {
			t.Errorf("the holes are not told: %v", report.Warnings)
		}
		rand.Shuffle(len(in), func(a, b int) { in[a], in[b] = in[b], in[a] })
	}
}

// TestTimeline: states with a length follow each other without a hole; a state of no length is a change; time that
// nobody speaks of is unknown, and so is what comes after the last state.
func TestTimeline(t *testing.T) {
	p := ours(t, `
kind: status
instants: ["M/D/YY h:mm:ss A"]
time_zone: Europe/London
columns:
  agent_id: Agent ID
  at: State Transition Time
  until: {length: Duration}
  presence: Agent State
values: {presence: {Ready: available, Talk: busy, Logout: offline, Login: available, Lunch: away}}
`)
	const head = "Agent ID,State Transition Time,Agent State,Duration\n"
	lines := []string{"ana,11/16/26 9:00:00 AM,Login,00:00:00\n", "ana,11/16/26 9:00:00 AM,Ready,01:00:00\n",
		"ana,11/16/26 10:00:00 AM,Talk,00:20:00\n", "ana,11/16/26 10:20:00 AM,Lunch,00:30:00\n",
		"ana,11/16/26 5:00:00 PM,Logout,00:00:00\n"}
	want := []string{"ana 2026-11-16T09:00:00Z available", "ana 2026-11-16T09:00:00Z available",
		"ana 2026-11-16T10:00:00Z busy", "ana 2026-11-16T10:20:00Z away", "ana 2026-11-16T10:50:00Z unknown",
		"ana 2026-11-16T17:00:00Z offline"}
	for _, how := range []string{"oldest first", "newest first"} {
		got, report := changesOf(t, head+strings.Join(lines, ""), Options{Profile: p})
		if !slices.Equal(got, want) || report.ProblemCount != 0 || report.WarningCount != 1 {
			t.Errorf("%s: got\n%s\n%s", how, strings.Join(got, "\n"), problems(report))
		}
		slices.Reverse(lines)
	}
}

// TestOverlappingStates: of two states at one time the one that began later counts, the earlier one goes on afterwards
// if it lasts longer, and the overlap is told with both lines.
func TestOverlappingStates(t *testing.T) {
	const text = "agent_id,at,until,status\n" +
		"ana,2026-11-02T09:00:00Z,2026-11-02T12:00:00Z,available\n" +
		"ana,2026-11-02T10:00:00Z,PT30M,break\n" +
		"ana,2026-11-02T11:00:00Z,2026-11-02T13:00:00Z,meeting\n" +
		"ana,2026-11-02T11:00:00Z,2026-11-02T13:00:00Z,meeting\n" +
		"bo,2026-11-02T11:00:00Z,2026-11-02T10:59:59Z,meeting\n"
	got, report := changesOf(t, text, Options{AllowPartial: true})
	want := []string{"ana 2026-11-02T09:00:00Z available", "ana 2026-11-02T10:00:00Z break",
		"ana 2026-11-02T10:30:00Z available", "ana 2026-11-02T11:00:00Z meeting", "ana 2026-11-02T13:00:00Z unknown"}
	if !slices.Equal(got, want) || report.Duplicates != 1 || report.Accepted != 3 {
		t.Errorf("got\n%s\n%+v", strings.Join(got, "\n"), report)
	}
	if want := "f.csv:6:25: until: the state ends before it begins, at 2026-11-02T11:00:00Z; " +
		"exchange them, or is the date right?"; problems(report) != want {
		t.Errorf("got %s", problems(report))
	}
	var said []string
	for _, w := range report.Warnings {
		said = append(said, w.String())
	}
	if want := []string{"f.csv:3: at: the row of ana from 2026-11-02T10:00:00Z overlaps that of line 2, which lasts " +
		"until 2026-11-02T12:00:00Z; of both, the one that began later counts",
		"f.csv:4: at: the row of ana from 2026-11-02T11:00:00Z overlaps that of line 2, which lasts until " +
			"2026-11-02T12:00:00Z; of both, the one that began later counts"}; !slices.Equal(said, want) {
		t.Errorf("got\n%s", strings.Join(said, "\n"))
	}
}

// TestLastingStatesKeepTheirTexts: each row's id and note come with its state, also where that goes on behind another
// one, and not with the state between.
func TestLastingStatesKeepTheirTexts(t *testing.T) {
	l := &lastingStates{agents: map[string]int{}, numbers: map[schemas.Change]uint32{}}
	l.warn = (&Report{}).Warn
	var got []string
	l.yield = func(c schemas.Change) { got = append(got, fmt.Sprintf("%d%s%s", c.At, c.ID, c.Note)) }
	for i, end := range []schemas.Instant{9, 3} {
		l.add(&schemas.Change{AgentID: "ana", At: schemas.Instant(i + 1), Status: schemas.StatusBreak,
			ID: fmt.Sprintf(" id%d", i), Note: fmt.Sprintf(" note%d", i)}, end, i+2)
	}
	l.finish()
	if want := []string{"1 id0 note0", "2 id1 note1", "3 id0 note0", "9"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if len(l.states) != 1 {
		t.Errorf("two rows that say the same are held as %d states", len(l.states))
	}
}

// TestStatesAtEachInstant: whatever rows a file has, at each instant that state counts which began last of those that
// last.
func TestStatesAtEachInstant(t *testing.T) {
	states := []schemas.Status{schemas.StatusBreak, schemas.StatusMeal, schemas.StatusMeeting}
	rapid.Check(t, func(t *rapid.T) {
		type row struct{ start, end, state int }
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
			start := rapid.IntRange(0, 20).Draw(t, "start")
			return row{start, start + rapid.IntRange(1, 8).Draw(t, "length"), rapid.IntRange(0, 2).Draw(t, "state")}
		}), 1, 8).Draw(t, "rows")
		l := &lastingStates{agents: map[string]int{}, numbers: map[schemas.Change]uint32{}}
		l.warn = (&Report{}).Warn
		l.between, l.after = schemas.Change{Status: schemas.StatusOffQueue}, schemas.Change{Status: schemas.StatusUnknown}
		lastEnd, at := 0, map[int]schemas.Status{}
		l.yield = func(c schemas.Change) { at[int(c.At)] = c.Status }
		slices.SortStableFunc(list, func(a, b row) int { return a.start - b.start })
		for n, r := range list {
			l.add(&schemas.Change{AgentID: "ana", At: schemas.Instant(r.start), Status: states[r.state]},
				schemas.Instant(r.end), n+1)
			lastEnd = max(lastEnd, r.end)
		}
		l.finish()
		now := schemas.StatusNone
		for i := range 40 {
			if s, changed := at[i]; changed {
				now = s
			}
			want := schemas.StatusOffQueue
			for _, r := range list {
				if r.start <= i && i < r.end {
					want = states[r.state]
				}
			}
			switch {
			case i < list[0].start:
				want = schemas.StatusNone
			case i >= lastEnd:
				want = schemas.StatusUnknown
			}
			if now != want {
				t.Fatalf("at %d: %s, not %s", i, now, want)
			}
		}
	})
}
