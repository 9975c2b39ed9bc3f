package imports

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

func TestMain(m *testing.M) { os.Exit(engine.RunTests(m)) }

// partial allows to import the good rows of a file that has bad ones.
var partial = Options{Options: files.Options{AllowPartial: true}}

// centre is a store with an importer whose clock goes on by a second each time it is read.
type centre struct {
	testing.TB
	store    *chstore.Store
	importer *Ledger
	time     time.Time
}

func newCentre(tb testing.TB) *centre {
	tb.Helper()
	at := engine.ForTest(tb)
	cfg := chstore.DefaultConfig()
	cfg.Endpoint = chstore.Fixed(chstore.Endpoint{Addr: at.Addr, User: at.User, Password: at.Password,
		Database: "f_" + strings.ReplaceAll(uuid.NewString(), "-", "")})
	store, err := chstore.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	if _, err := store.Migrate(background); err != nil {
		tb.Fatal(err)
	}
	c := &centre{TB: tb, store: store, time: now.Time()}
	c.importer = New(Deps{Store: store, Clock: func() time.Time { c.time = c.time.Add(time.Second); return c.time }})
	return c
}

// run imports a file and returns the report.
func (c *centre) run(kind files.Kind, in files.Input, opt Options) *Result {
	c.Helper()
	opt.Actor = "pia"
	report, err := c.importer.Import(background, kind, in, opt)
	if err != nil {
		c.Fatal(err)
	}
	return report
}

// imports imports a text that must be good.
func (c *centre) imports(kind files.Kind, text string, opt Options) *Result {
	c.Helper()
	report := c.run(kind, files.BytesInput("f.csv", []byte(text)), opt)
	if report.Refused || report.ProblemCount > 0 && !opt.AllowPartial {
		c.Fatalf("refused: %s", problems(report))
	}
	return report
}

func (c *centre) journal() []schemas.JournalRow {
	c.Helper()
	rows, err := c.store.Journal(background, 1000)
	if err != nil {
		c.Fatal(err)
	}
	return rows
}

// scheduled returns the agent's schedule, one line a day.
func (c *centre) scheduled(agent string) string {
	c.Helper()
	var lines []string
	q := chstore.ScheduleQuery{Selection: chstore.Selection{Agents: []string{agent}}, From: 0, To: 50_000}
	err := c.store.ScheduleDays(background, q, func(_ string, days []schemas.ScheduleDay) error {
		for _, d := range days {
			line := d.Day.String()
			for _, a := range d.Activities {
				line += fmt.Sprintf(" %s %s–%s", a.Code, a.Start.Time().Format("15:04"), a.End.Time().Format("15:04"))
			}
			lines = append(lines, line)
		}
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
	return strings.Join(lines, "; ")
}

const twoAgents = "agent_id,team,time_zone,from\nana,Billing,Europe/London,2026-01-01\nbo,Sales,America/Halifax," +
	"2026-01-01\n"

// TestACentreIsImportedTwice: all files of a made-up centre go in, and the second time nothing is written.
func TestACentreIsImportedTwice(t *testing.T) {
	dir := simulated(t, 30, 4)
	c := newCentre(t)
	kinds := []struct {
		kind files.Kind
		file string
	}{{files.Roster, "roster.csv"}, {files.Activities, "activities.csv"}, {files.Schedule, "schedule.csv"},
		{files.Gaps, "gaps.csv"}, {files.Status, "status.csv"}}
	for round := 1; round <= 2; round++ {
		for _, k := range kinds {
			r := c.run(k.kind, fileIn(t, dir, k.file), Options{})
			if r.Refused || r.ProblemCount+r.WarningCount > 0 || r.Accepted == 0 {
				t.Fatalf("%s: %s %v", k.file, problems(r), r.Warnings)
			}
			if k.kind != files.Status && (r.Written == 0) != (round == 2) || (r.Written > 0) != (len(r.Journal) > 0) {
				t.Errorf("%s, time %d: %d written, %d unchanged, %d journal rows", k.file, round, r.Written, r.Unchanged,
					len(r.Journal))
			}
		}
	}
	facts, accepted := 0, c.run(files.Status, fileIn(t, dir, "status.csv"), Options{DryRun: true}).Accepted
	q := chstore.FactQuery{Names: &schemas.FactNames{}}
	err := c.store.Facts(background, q, func(_ string, f []schemas.Fact) error {
		facts += len(f)
		return nil
	})
	if err != nil || facts != accepted {
		t.Errorf("the store holds %d facts, the file has %d different ones: %v", facts, accepted, err)
	}
}

// TestNothingIsHalfImported: one bad row anywhere, also the last, and nothing is written; with --allow-partial the good
// ones are. A dry run never writes.
func TestNothingIsHalfImported(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, twoAgents, Options{})
	before := len(c.journal())
	for kind, text := range map[files.Kind]string{
		files.Roster:     "agent_id\ncy\n\x01\n",
		files.Activities: "code,category\nPhones,on_queue_work\nX,y\n",
		files.Statuses:   "secondary,status\nCoaching,training\nX,y\n",
		files.Schedule: "agent_id,activity,start,end,category\nana,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,meal\nbo," +
			"A,2026-03-02T09:30:00Z,2026-03-02T09:30:00Z,meal\n",
		files.Status: "agent_id,at,status\nana,2026-03-02T09:00:00Z,break\nana,2026-03-02T09:61:00Z,break\n",
		files.Gaps:   "from,to\n2026-03-02T09:00:00Z,2026-03-02T10:00:00Z\nx,y\n",
	} {
		in := files.BytesInput("f.csv", []byte(text))
		for _, opt := range []Options{{}, {DryRun: true},
			{DryRun: true, Options: files.Options{AllowPartial: true}}} {
			r := c.run(kind, in, opt)
			if n := len(c.journal()); n != before || r.Accepted != 1 || r.Rejected != 1 || r.Refused == opt.AllowPartial ||
				len(r.Journal) > 0 {
				t.Errorf("%s %+v: %d journal rows, refused %t: %s", kind, opt, n-before, r.Refused, problems(r))
			}
		}
		r := c.run(kind, in, partial)
		if n := len(c.journal()); n != before+1 || r.Written != 1 || r.Refused {
			t.Errorf("%s: %d written with %d journal rows", kind, r.Written, n-before)
		}
		before = len(c.journal())
	}
}

// TestScheduleReplacesWholeDaysThatDiffer: what is not in the range or not of the file's agents stays, what is the same
// is not written, what is gone is removed, and the journal says whose time it was.
func TestScheduleReplacesWholeDaysThatDiffer(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, twoAgents, Options{})
	head := "agent_id,activity,start,end,category\n"
	row := func(agent, code, day, from, to string) string {
		return fmt.Sprintf("%s,%s,2026-03-%sT%s:00Z,2026-03-%sT%s:00Z,on_queue_work\n", agent, code, day, from, day, to)
	}
	first := c.imports(files.Schedule, head+row("ana", "A", "02", "09:00", "17:00")+
		row("ana", "A", "03", "09:00", "17:00")+
		row("ana", "A", "04", "09:00", "17:00")+row("bo", "B", "03", "13:00", "20:00"), Options{})
	if first.Revision == nil || first.Revision.DaysChanged != 4 || first.Revision.FileHash != first.FileHash ||
		first.Revision.Activities != 4 {
		t.Fatalf("got %+v", first.Revision)
	}
	second := c.imports(files.Schedule, head+row("ana", "A", "03", "09:00", "17:00")+
		row("ana", "A", "05", "10:00", "12:00"), Options{})
	if got := c.scheduled("ana"); got != "2026-03-02 A 09:00–17:00; 2026-03-03 A 09:00–17:00; 2026-03-05 A 10:00–12:00" {
		t.Errorf("ana: %s", got)
	}
	if got := c.scheduled("bo"); got != "2026-03-03 B 13:00–20:00" {
		t.Errorf("bo: %s", got)
	}
	if r := second.Revision; r.DaysChanged != 1 || r.DaysRemoved != 1 || r.DaysUnchanged != 1 || second.Written != 2 {
		t.Errorf("got %+v", r)
	}
	j := c.journal()[0]
	want := schemas.Interval{Start: instantOf(t, "2026-03-04T09:00:00Z"), End: instantOf(t, "2026-03-05T12:00:00Z")}
	if len(j.Agents) != 1 || j.Agents[0] != "ana" || j.Ranges[0] != want || j.Range != want || j.Actor != "pia" ||
		j.Kind != schemas.JournalSchedule {
		t.Errorf("the journal says %+v", j)
	}
	again := c.imports(files.Schedule, head+row("ana", "A", "05", "10:00", "12:00"), Options{})
	if again.Revision != nil || again.Written != 0 || len(c.journal()) != 3 {
		t.Errorf("an import of what is held wrote %+v", again.Revision)
	}
}

// TestScheduleMustFitWhatStays: an activity that overlaps a shift outside the range is a problem.
func TestScheduleMustFitWhatStays(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, twoAgents, Options{})
	head := "agent_id,activity,start,end,category\n"
	c.imports(files.Schedule, head+"ana,N,2026-03-02T22:00:00Z,2026-03-03T06:00:00Z,on_queue_work\n", Options{})
	r := c.run(files.Schedule,
		files.BytesInput("f.csv", []byte(head+"ana,A,2026-03-03T05:00:00Z,2026-03-03T12:00:00Z,on_queue_work\n")),
		Options{})
	if !r.Refused || !strings.Contains(problems(r),
		`f.csv:2:7: start: "A" of ana from 2026-03-03T05:00:00Z to 2026-03-03T12:00:00Z overlaps "N" of the shift of `+
			`2026-03-02`) {
		t.Errorf("got %s", problems(r))
	}
	c.imports(files.Schedule, head+"ana,A,2026-03-03T05:00:00Z,2026-03-03T12:00:00Z,on_queue_work\n",
		Options{Options: files.Options{From: schemas.MakeDate(2026, 3, 2), To: schemas.MakeDate(2026, 3, 3)}})
	if got := c.scheduled("ana"); got != "2026-03-03 A 05:00–12:00" {
		t.Errorf("got %s", got)
	}
}

// TestRosterKeepsThePast: a file that begins later leaves the earlier membership, and only what changes is judged
// again.
func TestRosterKeepsThePast(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, twoAgents, Options{})
	r := c.imports(files.Roster,
		"agent_id,team,time_zone,from\nana,Retention,Europe/London,2026-03-16\nbo,Sales,America/Halifax,2026-01-01\n",
		Options{})
	members, err := c.store.Memberships(background, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		got = append(got, fmt.Sprint(m.AgentID, " ", m.Team, " ", m.From, " ", m.To))
	}
	if s := strings.Join(got,
		"; "); s != "ana Billing 2026-01-01 2026-03-16; ana Retention 2026-03-16 1970-01-01; bo Sales 2026-01-01 "+
		"1970-01-01" || r.Unchanged != 1 {
		t.Errorf("got %s, %d unchanged", s, r.Unchanged)
	}
	j := c.journal()[0]
	if len(j.Agents) != 1 || j.Agents[0] != "ana" || j.Range.Start != instantOf(t, "2026-03-15T00:00:00Z") ||
		j.Range.End != schemas.MaxInstant {
		t.Errorf("the journal says %+v", j)
	}
	if r := c.imports(files.Roster, "agent_id,team\nana,Sales\n", Options{DryRun: true}); r.WarningCount != 1 {
		t.Errorf("nobody warns of a move for all of the past: %v", r.Warnings)
	}
}

// TestTheLaterRowWins: of two rows of one agent at one instant the later one counts, as in a case file; received_at
// says so. A row that comes twice counts once.
func TestTheLaterRowWins(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, twoAgents, Options{})
	text := "agent_id,at,status,note\nana,2026-03-02T09:00:00Z,break,1\nana,2026-03-02T09:00:00Z,meal,2\nana," +
		"2026-03-02T09:00:00Z,break,1\nana,2026-03-02T09:00:00Z,meeting,3\n"
	opt := Options{Options: files.Options{Source: "acd"}, CompleteTo: instantOf(t, "2026-03-03T00:00:00Z")}
	r := c.imports(files.Status, text, opt)
	var order []string
	err := c.store.Changes(background, chstore.FactQuery{Names: &schemas.FactNames{}}, func(f *schemas.Change) error {
		order = append(order, f.Source+" "+f.Note)
		return nil
	})
	if err != nil || strings.Join(order, ", ") != "acd 1, acd 2, acd 3" || r.Duplicates != 1 {
		t.Errorf("got %v, %d duplicates: %v", order, r.Duplicates, err)
	}
	feeds, err := c.store.Feeds(background, 0)
	if err != nil || len(feeds) != 1 || feeds[0].Source != "acd" ||
		feeds[0].CompleteUpTo != instantOf(t, "2026-03-03T00:00:00Z") {
		t.Errorf("feeds: %+v %v", feeds, err)
	}
	opt.CompleteTo = instantOf(t, "2026-03-01T00:00:00Z")
	c.imports(files.Status, text, opt)
	if feeds, _ = c.store.Feeds(background, 0); feeds[0].CompleteUpTo != instantOf(t, "2026-03-03T00:00:00Z") {
		t.Errorf("the feed is less complete than before: %+v", feeds)
	}
}

// TestWhatIsNotUnderstoodIsListed: unknown texts, unknown agents and contradicting ids go in, are reported, and are
// found later.
func TestWhatIsNotUnderstoodIsListed(t *testing.T) {
	c := newCentre(t)
	if r := c.imports(files.Activities, "secondary,status\nCoaching,training\n",
		Options{}); r.Kind != files.Statuses || r.Written != 1 {
		t.Errorf("a statuses file given as activities was read as %s", r.Kind)
	}
	r := c.imports(files.Status,
		"agent_id,at,status,id\nzoe,2026-03-02T09:00:00Z,Siesta,1\nzoe,2026-03-02T10:00:00Z,Siesta,2\nzoe,"+
			"2026-03-02T10:00:00Z,meal,2\nzoe,2026-03-02T11:00:00Z,coaching,3\n", Options{})
	if len(r.Unmapped) != 1 || r.Unmapped[0] != (files.Unmapped{Field: "status", Text: "Siesta", Count: 2, Line: 2}) ||
		r.WarningCount != 2 || r.Duplicates != 1 {
		t.Errorf("got %v %v", r.Unmapped, r.Warnings)
	}
	found, err := c.store.Findings(background, 10)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range found {
		kinds[f.Kind]++
	}
	if len(found) != 3 || kinds[schemas.FindingUnmapped] != 1 || kinds[schemas.FindingUnknownAgent] != 1 ||
		kinds[schemas.FindingConflict] != 1 {
		t.Errorf("got %v", found)
	}
}

// TestProgressReachesTheEnd: a progress bar begins low, never goes back and ends full.
func TestProgressReachesTheEnd(t *testing.T) {
	dir := simulated(t, 10, 3)
	c := newCentre(t)
	for kind, file := range map[files.Kind]string{files.Roster: "roster.csv", files.Status: "status.csv"} {
		var last, of int64
		c.run(kind, fileIn(t, dir, file), Options{Options: files.Options{Progress: func(done, total int64) {
			if done < last || done > total {
				t.Errorf("%s: %d of %d after %d", file, done, total, last)
			}
			last, of = done, total
		}}})
		if of == 0 || last != of {
			t.Errorf("%s: ended at %d of %d", file, last, of)
		}
	}
}

// TestWhatIsNoFileFault: options, folders and stores that are away are errors, not problems of rows.
func TestWhatIsNoFileFault(t *testing.T) {
	if _, err := files.FileInput(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
	c := newCentre(t)
	in := files.BytesInput("f.csv", []byte(twoAgents))
	for want, opt := range map[string]files.Options{"time zone": {TimeZone: "Europe/Lodnon"},
		"exchange them": {From: 20_000, To: 19_000}, "both dates": {From: 20_000}, "source": {Source: "a\nb"}} {
		if _, err := c.importer.Import(background, files.Roster, in, Options{Options: opt}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, err := c.importer.Import(background, "rooster", in, Options{}); err == nil ||
		!strings.Contains(err.Error(), `did you mean "roster"?`) {
		t.Errorf("got %v", err)
	}
	if _, err := rows.ParseEncoding("ebcdic"); err == nil {
		t.Error("EBCDIC is read")
	}
	ended, cancel := context.WithCancel(background)
	cancel()
	for _, kind := range []files.Kind{files.Roster, files.Status} {
		if _, err := c.importer.Import(ended, kind, in, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

// BenchmarkImportStatus is `import status` end to end, into a real ClickHouse.
func BenchmarkImportStatus(b *testing.B) {
	dir := simulated(b, 2500, 7)
	in := fileIn(b, dir, "status.csv")
	rows, start := 0, time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		c := newCentre(b)
		b.StartTimer()
		began := time.Now()
		rows += c.run(files.Status, in, Options{}).Read
		start += time.Since(began)
	}
	b.ReportMetric(float64(rows)/start.Seconds(), "rows/s")
}

var background = context.Background()

// now is after everything in these tests.
const now schemas.Instant = 1_800_000_000_000

// problems returns a report's problems as a command prints them.
func problems(r *Result) string {
	var lines []string
	for _, p := range r.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

func instantOf(tb testing.TB, s string) schemas.Instant {
	tb.Helper()
	i, err := schemas.ParseInstant(s)
	if err != nil {
		tb.Fatal(err)
	}
	return i
}

// simulated makes the files of a made-up centre.
func simulated(tb testing.TB, agents, days int) (dir string) {
	tb.Helper()
	cfg := simulate.DefaultConfig()
	cfg.Agents, cfg.Days, cfg.Until, cfg.Dir = agents, days, schemas.MakeDate(2026, 3, 31), tb.TempDir()
	if _, err := simulate.Write(context.Background(), cfg); err != nil {
		tb.Fatal(err)
	}
	return cfg.Dir
}

func fileIn(tb testing.TB, dir, name string) files.Input {
	tb.Helper()
	in, err := files.FileInput(filepath.Join(dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

// zipped packs a text with gzip.
func zipped(tb testing.TB, data string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(data)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
