package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// slowPress makes a report when it is told to.
type slowPress struct {
	Maker
	makes chan error
}

func (p *slowPress) Formats(Kind) []string { return []string{"xlsx", "csv"} }

func (p *slowPress) Save(ctx context.Context, _ Order, file string, done func(done, of int)) (Made, error) {
	done(1, 4)
	select {
	case err := <-p.makes:
		if err != nil {
			return Made{}, err
		}
		return Made{Days: 4}, os.WriteFile(file, []byte("whole"), 0o600)
	case <-ctx.Done():
		return Made{}, ctx.Err()
	}
}

func sup(name string) access.Principal {
	return access.Principal{ID: name, Name: name, Role: schemas.RoleSupervisor, Teams: []string{"Billing"}}
}

func billing() Order {
	o := Order{Kind: Adherence, Format: "csv"}
	o.Query.Teams, o.Query.Against, o.Query.TeamsAs = []string{"Billing"}, reports.AgainstCurrent, reports.TeamsThen
	return o
}

// press runs a story of jobs in made-up time.
func press(t *testing.T, change func(*Limits), story func(r *jobs, p *slowPress, end context.CancelFunc)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := DefaultLimits(filepath.Join(dir, "reports"))
		l.MostWaiting, l.MostEach = 3, 3
		if change != nil {
			change(&l)
		}
		log := logrus.New()
		log.SetOutput(io.Discard)
		life, end := context.WithCancel(context.Background())
		p, work := &slowPress{makes: make(chan error)}, &sync.WaitGroup{}
		r, err := newJobs(life, work.Go, l, p, time.Now, log)
		if err != nil {
			t.Fatal(err)
		}
		story(r, p, end)
		end()
		work.Wait()
	})
}

func stateOf(t *testing.T, r *jobs, p access.Principal, id string) jobState {
	t.Helper()
	j, err := r.find(p, id)
	if err != nil {
		return jobState(err.Error())
	}
	return j.state
}

func TestReportsAreMadeOneAfterTheOtherAndNoMoreWaitThanMay(t *testing.T) {
	press(t, nil, func(r *jobs, p *slowPress, _ context.CancelFunc) {
		kim, lee := sup("kim"), sup("lee")
		var jobs []job
		for i := range 4 {
			j, err := r.add([]access.Principal{kim, kim, kim, lee}[i], billing())
			if err != nil {
				t.Fatal(i, err)
			}
			jobs = append(jobs, j)
			synctest.Wait()
		}
		if _, err := r.add(kim, billing()); !errors.Is(err, errTooMany) || !strings.Contains(err.Error(), "3 of yours") {
			t.Errorf("a fourth of Kim's: %v", err)
		}
		if _, err := r.add(lee, billing()); !errors.Is(err, errTooMany) {
			t.Errorf("one too many: %v", err)
		}
		if a, b := stateOf(t, r, kim, jobs[0].id), stateOf(t, r, kim, jobs[1].id); a != stateRunning || b != stateWaiting ||
			r.ahead(jobs[2].id) != 2 {
			t.Errorf("the first is %s, the second %s, before the third are %d", a, b, r.ahead(jobs[2].id))
		}
		if j, _ := r.find(kim, jobs[0].id); j.progress() != 25 {
			t.Errorf("progress is %d", j.progress())
		}
		p.makes <- nil
		synctest.Wait()
		j, err := r.find(kim, jobs[0].id)
		if err != nil || j.state != stateDone || j.bytes != 5 || j.made.Days != 4 || j.progress() != 100 {
			t.Errorf("done: %+v %v", j, err)
		}
		if err := r.drop(kim, jobs[1].id); err != nil || stateOf(t, r, kim, jobs[1].id) != stateCancelled {
			t.Errorf("cancelled while it waits: %v", err)
		}
		synctest.Wait()
		if stateOf(t, r, kim, jobs[2].id) != stateRunning {
			t.Error("the next does not begin")
		}
		if err := r.drop(kim, jobs[2].id); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if s := stateOf(t, r, lee, jobs[3].id); s != stateRunning {
			t.Errorf("after a cancelled one the next is %s", s)
		}
	})
}

func TestReportsBelongToWhoAskedForThem(t *testing.T) {
	press(t, nil, func(r *jobs, p *slowPress, _ context.CancelFunc) {
		kim, root := sup("kim"), access.Operator("root")
		j, err := r.add(kim, billing())
		if err != nil {
			t.Fatal(err)
		}
		p.makes <- nil
		synctest.Wait()
		other := sup("lee")
		if _, err := r.find(other, j.id); !errors.Is(err, errNone) || len(r.list(other)) != 0 ||
			!errors.Is(r.drop(other, j.id), errNone) {
			t.Errorf("somebody else finds it: %v", err)
		}
		if stateOf(t, r, root, j.id) != stateDone || len(r.list(root)) != 1 || stateOf(t, r, kim, j.id) != stateDone {
			t.Error("Kim or an admin does not find it")
		}
		kim.Teams = []string{"Sales"} // Kim has moved on
		if _, err := r.find(kim, j.id); !errors.Is(err, errNone) {
			t.Errorf("Kim has it although Billing is no longer theirs: %v", err)
		}
	})
}

func TestFilesAreKeptForATimeAndForACount(t *testing.T) {
	press(t, func(l *Limits) { l.Keep, l.MostKept = time.Hour, 2 }, func(r *jobs, p *slowPress, _ context.CancelFunc) {
		kim := sup("kim")
		files := func() int { e, _ := os.ReadDir(r.limits.Dir); return len(e) }
		var ids []string
		for range 3 {
			j, err := r.add(kim, billing())
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, j.id)
			p.makes <- nil
			synctest.Wait()
			time.Sleep(time.Minute)
		}
		if got := r.list(kim); len(got) != 2 || got[0].id != ids[2] || files() != 2 {
			t.Errorf("kept are %d, on disk %d", len(got), files())
		}
		time.Sleep(2 * time.Hour) // nobody asks
		synctest.Wait()
		if files() != 0 {
			t.Errorf("%d files outlive their time", files())
		}
		if _, err := r.find(kim, ids[2]); !errors.Is(err, errNone) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestAfterARestartReportsSayThatTheyAreGone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "left.csv"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	press(t, func(l *Limits) { l.Dir = dir }, func(r *jobs, _ *slowPress, _ context.CancelFunc) {
		if e, err := os.ReadDir(dir); err != nil || len(e) != 1 {
			t.Errorf("before anybody asks for a report the folder is touched: %v %v", e, err)
		}
		r.list(sup("kim"))
		if e, err := os.ReadDir(dir); err != nil || len(e) != 0 {
			t.Errorf("the earlier life left %v %v", e, err)
		}
		earlier := fmt.Sprintf("%012x", int64(r.born)-1)
		id := earlier[:8] + "-" + earlier[8:] + "-7000-8000-000000000000"
		if _, err := r.find(sup("kim"), id); !errors.Is(err, errGone) || !strings.Contains(err.Error(), "restart") {
			t.Errorf("of an earlier life: %v", err)
		}
		if _, err := r.find(sup("kim"), "no-id"); !errors.Is(err, errNone) {
			t.Errorf("of no life: %v", err)
		}
	})
}

func TestReportsThatFailSayWhatHelps(t *testing.T) {
	press(t, func(l *Limits) { l.Time = time.Minute }, func(r *jobs, p *slowPress, end context.CancelFunc) {
		kim := sup("kim")
		fail := func(how func()) string {
			j, err := r.add(kim, billing())
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			how()
			synctest.Wait()
			j, _ = r.find(kim, j.id)
			if j.state != stateFailed {
				t.Errorf("it is %s", j.state)
			}
			return j.failure
		}
		for want, how := range map[string]func(){
			"the disk of the server is full": func() {
				p.makes <- fmt.Errorf("write: %w",
					&os.PathError{Op: "write", Err: syscall.ENOSPC})
			},
			"the log of the server says why": func() { p.makes <- errors.New("dial tcp: secret") },
			"it took longer than 1m0s":       func() { time.Sleep(2 * time.Minute) },
		} {
			if got := fail(how); !strings.Contains(got, want) || strings.Contains(got, "secret") {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if got := fail(end); !strings.Contains(got, "was stopped") {
			t.Errorf("at the stop: %q", got)
		}
		if e, _ := os.ReadDir(r.limits.Dir); len(e) != 0 {
			t.Errorf("left on disk are %v", e)
		}
	})
}

func TestAQuestionIsBoundToWhatTheAskerMaySee(t *testing.T) {
	manager := access.Principal{ID: "m", Name: "m", Role: schemas.RoleManager, Sites: []string{"Leeds"}}
	both := access.Principal{ID: "p", Name: "p", Role: schemas.RolePlanner, Teams: []string{"Billing"},
		Sites: []string{"Leeds"}}
	for _, c := range []struct {
		who          access.Principal
		teams, sites string
		want         string
	}{
		{sup("kim"), "", "", "Billing|"}, {sup("kim"), "Billing", "Hull", "Billing|Hull"},
		{sup("kim"), "Sales", "", "may not make reports"},
		{manager, "", "", "|Leeds"}, {manager, "Sales", "", "Sales|Leeds"}, {manager, "", "Hull", "may not make reports"},
		{both, "Billing", "", "Billing|"}, {both, "", "Leeds", "|Leeds"}, {both, "", "", "name teams or sites"},
		{both, "Sales", "", "may not make reports"},
		{access.Operator("root"), "", "", "|"},
	} {
		w := reportRequest{
			Kind:   Adherence,
			Format: "csv",
			From:   "2026-03-02",
			To:     "2026-03-02",
			Teams:  web.NonEmpty([]string{c.teams}),
			Sites:  web.NonEmpty([]string{c.sites}),
		}
		o, err := w.order(c.who, []string{"csv"})
		got := strings.Join(o.Query.Teams, ",") + "|" + strings.Join(o.Query.Sites, ",")
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s asks for %q %q: got %q, want %q", c.who.Role, c.teams, c.sites, got, c.want)
		}
	}
	if o, _ := (&reportRequest{Kind: Adherence, Format: "csv", From: "2026-03-02", To: "2026-03-02"}).order(sup("kim"),
		[]string{"csv"}); o.Covers("x", "Sales", "Leeds") || !o.Covers("x", "Billing", "Leeds") {
		t.Error("a day of Sales is covered, or one of Billing is not")
	}
}

// Every request is refused with its field, or becomes a question that can be asked again by its address.
func TestRequestsThatCannotBe(t *testing.T) {
	ok := reportRequest{Kind: Staffing, Format: "csv", From: "2026-03-02", To: "2026-03-08"}
	for want, spoil := range map[string]func(*reportRequest){
		"":                              func(*reportRequest) {},
		"from":                          func(w *reportRequest) { w.From = "yesterday" },
		"to":                            func(w *reportRequest) { w.To = "" },
		"known_at":                      func(w *reportRequest) { w.KnownAt = "noon" },
		"format":                        func(w *reportRequest) { w.Format = "pdf" },
		"range is empty":                func(w *reportRequest) { w.To = "2026-03-01" },
		"too many":                      func(w *reportRequest) { w.From = "2016-03-01" },
		"Mars":                          func(w *reportRequest) { w.TimeZone = "Mars" },
		"15, 30 or 60":                  func(w *reportRequest) { w.IntervalMinutes = -1 },
		"not one of team, site, all":    func(w *reportRequest) { w.By = "moon" },
		"against":                       func(w *reportRequest) { w.Against = "yesterday" },
		"teams \"later\" is not one of": func(w *reportRequest) { w.TeamsAs = "later" },
	} {
		w := ok
		spoil(&w)
		_, err := w.order(access.Operator("root"), []string{"csv"})
		var problem *schemas.Problem
		switch {
		case want == "" && err != nil:
			t.Errorf("a good wish: %v", err)
		case want != "" && (!errors.As(err, &problem) || len(problem.Errors) == 0 ||
			!strings.Contains(problem.Errors[0].Location+" "+problem.Detail, want)):
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
