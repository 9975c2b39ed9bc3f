package watchfolder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// office is a folder and a store that only remembers which files it holds.
type office struct {
	*testing.T
	dir  string
	mu   sync.Mutex // guards what the watch and the test both look at: all that follows but before, after, last and stop
	held []string   // "name text" of each file that was imported
	// away is what the store says; before and after are called around the write.
	away          error
	before, after func()
	hashes        map[string]schemas.Instant
	// rejected are the rejections put on record, ids theirs; unrecorded is what the journal says.
	rejected   []string
	ids        []uuid.UUID
	unrecorded error
	last       *Watch
	stop       func()
}

func newOffice(t *testing.T) *office {
	return &office{T: t, dir: filepath.Join(t.TempDir(), "in"), hashes: map[string]schemas.Instant{}}
}

// open begins to watch; the folder is made with it.
func (o *office) open() {
	o.Helper()
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		o.Fatal(err)
	}
	c := DefaultConfig()
	c.Folders = []Folder{{Dir: o.dir, Kind: files.Roster, Stable: 10 * time.Second}}
	log := logrus.New()
	log.SetOutput(io.Discard)
	w, err := New(c, Deps{Import: o.importIt, Log: log, Clock: time.Now,
		Done: func(_ context.Context, _ files.Kind, actor, hash string, since schemas.Instant) (bool, error) {
			if actor != "folder:"+o.dir {
				o.Errorf("asked for imports by %q", actor)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			at, there := o.hashes[hash]
			return there && at >= since, o.away
		},
		Rejected: func(_ context.Context, id uuid.UUID, actor string, r *imports.Result) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.rejected = append(o.rejected, fmt.Sprintf("%s %s %d", actor, r.File, r.ProblemCount))
			o.ids = append(o.ids, id)
			return o.unrecorded
		}})
	if err != nil {
		o.Fatal(err)
	}
	ctx, cancel := context.WithCancel(o.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	o.last, o.stop = w, func() {
		cancel()
		if err := <-ended; err != nil {
			o.Error(err)
		}
	}
}

func (o *office) importIt(ctx context.Context, kind files.Kind, in files.Input, opt imports.Options) (*imports.Result,
	error) {
	if err := o.isAway(); err != nil {
		return nil, err
	}
	rows, found, err := files.ReadRoster(ctx, in, opt.Options)
	report := &imports.Result{Report: found}
	if err != nil || report.ProblemCount > 0 {
		report.Refused = true
		return report, err
	}
	if o.before != nil {
		o.before()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o.hold(fmt.Sprintf("%s %d", in.Name, len(rows)), report.FileHash)
	if o.after != nil {
		o.after()
	}
	return report, ctx.Err()
}

// hold remembers a file.
func (o *office) hold(what, hash string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = append(o.held, what)
	o.hashes[hash] = schemas.InstantOf(time.Now())
}

// isAway says whether the store is away, setAway takes it away or brings it back.
func (o *office) isAway() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.away
}

func (o *office) setAway(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = err
}

// journal says what the journal does with rejections from now on.
func (o *office) journal(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unrecorded = err
}

// put writes a file whose times are those of the test's clock.
func (o *office) put(name, text string) {
	o.Helper()
	path := filepath.Join(o.dir, name)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, time.Now(), time.Now())); err != nil {
		o.Fatal(err)
	}
}

// tree lists all files below the folder, without the stamps of taken ones.
func (o *office) tree() string {
	o.Helper()
	var out []string
	err := filepath.WalkDir(o.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir, name := filepath.Split(strings.TrimPrefix(path, o.dir+string(filepath.Separator)))
		_, name = unstamped(name)
		out = append(out, dir+name)
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (o *office) want(tree string, held ...string) {
	o.Helper()
	synctest.Wait()
	if got := o.tree(); got != tree {
		o.Errorf("the folder holds %s\nwant %s", got, tree)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.held, held) {
		o.Errorf("imported: %q, want %q", o.held, held)
	}
}

const (
	good = "agent_id\nana\nbo\n"
	bad  = "agent_id,time_zone\nana,Europe/Lodnon\n"
)

const doneRoster = "done/r.csv done/r.csv.report.json done/r.csv.report.txt"

// A file is taken once nobody has written to it for ten seconds, or when it comes in at rest; what is hidden,
// unfinished, a folder or a link is left alone.
func TestFilesAreTakenWhenTheyRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.open()
		defer func() { o.stop() }()
		o.put("r.csv", "agent_id\n")
		time.Sleep(9 * time.Second)
		o.put("r.csv", good)
		time.Sleep(9 * time.Second)
		o.want("r.csv")
		time.Sleep(4 * time.Second)
		o.want(doneRoster, "r.csv 2")
		for _, name := range []string{".hidden.csv", "x.csv.part", "y.csv~", "z.TMP"} {
			o.put(name, good)
		}
		if err := errors.Join(os.Mkdir(filepath.Join(o.dir, "sub"), 0o750),
			os.WriteFile(filepath.Join(o.dir, "sub", "s.csv"), []byte(good), 0o600),
			os.Symlink(filepath.Join(o.dir, "sub", "s.csv"), filepath.Join(o.dir, "link.csv"))); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "old.csv")
		old := time.Now().Add(-time.Hour)
		if err := errors.Join(os.WriteFile(path, []byte("agent_id\ncy\n"), 0o600), os.Chtimes(path, old, old),
			os.Rename(path, filepath.Join(o.dir, "old.csv"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		rest := " link.csv sub/s.csv x.csv.part y.csv~ z.TMP"
		o.want(".hidden.csv done/old.csv done/old.csv.report.json done/old.csv.report.txt "+doneRoster+rest, "r.csv 2",
			"old.csv 1")
		time.Sleep(time.Hour)
		o.want(".hidden.csv done/old.csv done/old.csv.report.json done/old.csv.report.txt "+doneRoster+rest, "r.csv 2",
			"old.csv 1")
		if s := o.last.Stats(); s != (Stats{Done: 2}) || len(o.last.Alarms()) > 0 {
			t.Errorf("got %+v, alarms %v", s, o.last.Alarms())
		}
	})
}

// A file with problems is rejected whole, its report says why, and an alarm lasts until somebody takes it away, over
// restarts too.
func TestARejectedFileIsAnAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.open()
		o.put("r.csv", bad)
		time.Sleep(15 * time.Second)
		o.want("rejected/r.csv rejected/r.csv.report.json rejected/r.csv.report.txt")
		o.stop()
		o.open()
		defer func() { o.stop() }()
		time.Sleep(3 * time.Second)
		alarms := o.last.Alarms()
		if len(alarms) != 1 || alarms[0].Since == 0 ||
			!strings.Contains(alarms[0].Text, "r.csv was rejected, nothing of it was imported") {
			t.Fatalf("alarms: %+v", alarms)
		}
		text, err := os.ReadFile(alarms[0].Subject + ".report.txt")
		if err != nil || !strings.Contains(string(text),
			`r.csv:2:5: time_zone: time zone "Europe/Lodnon" is not known; did you mean "Europe/London"?`) {
			t.Errorf("the report says %s %v", text, err)
		}
		if err := os.Remove(alarms[0].Subject); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if synctest.Wait(); len(o.last.Alarms()) > 0 {
			t.Errorf("the alarm stays: %v", o.last.Alarms())
		}
	})
}

// A rejection goes on record before the file is put away, under the same id when it has to be said again.
func TestARejectionIsPutOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.journal(errors.New("the store is away"))
		o.open()
		o.put("r.csv", bad)
		time.Sleep(13 * time.Second)
		o.stop()
		o.journal(nil)
		o.open()
		defer func() { o.stop() }()
		time.Sleep(15 * time.Second)
		o.want("rejected/r.csv rejected/r.csv.report.json rejected/r.csv.report.txt")
		o.put("ok.csv", good)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		o.mu.Lock()
		defer o.mu.Unlock()
		n := len(o.rejected)
		if n < 2 || o.rejected[n-1] != "folder:"+o.dir+" r.csv 1" || o.ids[0] != o.ids[n-1] {
			t.Errorf("on record: %v %v", o.rejected, o.ids)
		}
	})
}

// The report beside a file holds all of its problems, however many.
func TestTheReportHoldsEveryProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.open()
		defer func() { o.stop() }()
		rows := &strings.Builder{}
		rows.WriteString("agent_id,time_zone\n")
		for n := range 3000 {
			fmt.Fprintf(rows, "a%d,Europe/Lodnon\n", n)
		}
		o.put("r.csv", rows.String())
		time.Sleep(15 * time.Second)
		o.want("rejected/r.csv rejected/r.csv.report.json rejected/r.csv.report.txt")
		alarms := o.last.Alarms()
		if len(alarms) != 1 {
			t.Fatalf("alarms: %+v", alarms)
		}
		text, err := os.ReadFile(alarms[0].Subject + ".report.txt")
		if err != nil || strings.Count(string(text), "\n") != 3001 ||
			!strings.Contains(string(text), "r.csv:3001:7: time_zone:") {
			t.Errorf("%d lines, %v", strings.Count(string(text), "\n"), err)
		}
	})
}

// A file is imported once, wherever the program is killed: before the write, after it, and between report and move.
func TestAKillImportsNothingTwice(t *testing.T) {
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t)
			o.open()
			killed := make(chan struct{})
			stop := o.stop
			kill := func() {
				o.before, o.after = nil, nil
				go stop()
				time.Sleep(time.Second) // the context has ended by then
				close(killed)
			}
			if o.before = kill; after {
				o.before, o.after = nil, kill
			}
			o.put("r.csv", good)
			<-killed
			time.Sleep(time.Minute)
			if got := o.tree(); got != ".taking/r.csv" {
				t.Fatalf("after the kill the folder holds %s", got)
			}
			o.open()
			defer func() { o.stop() }()
			time.Sleep(time.Minute)
			o.want(doneRoster, "r.csv 2")
			o.put("r.csv", good) // the same file comes again: that is another import
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(o.held) != 2 {
				t.Errorf("imported: %v", o.held)
			}
		})
	}
}

// While the store is away a file waits, which is an alarm; nothing is lost.
func TestAFileWaitsForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.setAway(errors.New("the store is away"))
		o.open()
		defer func() { o.stop() }()
		o.put("r.csv", good)
		time.Sleep(time.Minute)
		synctest.Wait()
		if a := o.last.Alarms(); len(a) != 1 ||
			!strings.Contains(a[0].Text, "waits, it could not be imported: the store is away; it is tried again") ||
			o.last.Stats().Failed != 1 {
			t.Errorf("alarms: %+v", a)
		}
		o.setAway(nil)
		time.Sleep(3 * time.Second)
		o.want(doneRoster, "r.csv 2")
		if a := o.last.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
		if err := os.RemoveAll(o.dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if a := o.last.Alarms(); len(a) != 1 || !strings.Contains(a[0].Text, "the watched folder cannot be used") {
			t.Errorf("a folder that is gone: %+v", a)
		}
	})
}

// Settings that cannot work are reported.
func TestSettingsThatCannotWork(t *testing.T) {
	ok := Folder{Dir: "in", Kind: files.Roster, Stable: time.Second}
	for want, folders := range map[string][]Folder{
		"no directory":  {{Kind: files.Roster, Stable: time.Second}},
		"watched twice": {ok, {Dir: "./in", Kind: files.Status, Stable: time.Second}},
		"did you mean":  {{Dir: "in", Kind: "rooster", Stable: time.Second}},
		"must rest":     {{Dir: "in", Kind: files.Roster}},
		"time zone":     {{Dir: "in", Kind: files.Roster, Stable: time.Second, Options: files.Options{TimeZone: "x"}}},
	} {
		c := Config{Folders: folders, Every: time.Second}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestRefusedRemovalsAreSaid: the report of a file that is refused for what it would remove, and has no problem, says
// so and what to do.
func TestRefusedRemovalsAreSaid(t *testing.T) {
	found, err := newFindings(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &imports.Result{Report: &files.Report{Kind: files.Schedule, File: "w.csv"}, Refused: true, RemovalsRefused: true}
	r.Schedule = &imports.ScheduleChange{Removals: imports.Removals{Days: 2, Agents: 1,
		Of: []imports.AgentRemovals{{AgentID: "ana", Days: 2}}}}
	r.Schedule.Totals.DaysRemoved, r.Schedule.Totals.DaysChanged = 2, 1
	var out strings.Builder
	if err := errors.Join(text(&out, r, found), found.remove()); err != nil {
		t.Fatal(err)
	}
	const want = "refused: it schedules 1 agent-day and would leave 2 with nothing: 2 agent-days of 1 agent (ana), "
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s", out.String())
	}
}
