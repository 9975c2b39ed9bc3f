//go:build ui

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
)

// window is a headless browser with one page, at the pages of a daemon.
type window struct {
	t   *testing.T
	ctx context.Context
	url string
}

func openWindow(t *testing.T, d *daemon) *window {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1200, 900))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		stopTab()
		stop()
	})
	w := &window{t, ctx, d.url}
	w.do(chromedp.EmulateViewport(1200, 900))
	return w
}

// do runs steps. The first step of a window starts its browser, whose life hangs on the step's context: no time limit
// there.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	for i, step := range steps {
		if _, err := chromedp.Run(w.ctx, step); err != nil {
			w.t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// holds evaluates a condition in the page.
func (w *window) holds(condition string) bool {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](condition))
	if err != nil {
		w.t.Fatalf("%s: %v", condition, err)
	}
	return v
}

// until waits for a condition in the page, through documents that are still loading, and returns how long that took: an
// exception in the condition counts as not yet. It asks from outside, because the page's policy forbids scripts to make
// scripts.
func (w *window) until(condition string) time.Duration {
	w.t.Helper()
	began := time.Now()
	var err error
	if eventually(func() bool {
		var holds bool
		holds, err = chromedp.Run(w.ctx, chromedp.Evaluate[bool](condition))
		return err == nil && holds
	}) != nil {
		w.picture("stuck")
		w.t.Fatalf("never came true: %s (%v)", condition, err)
	}
	return time.Since(began)
}

// picture stores what the window shows in the folder that ROLLCALL_PICTURES names.
func (w *window) picture(name string) {
	w.t.Helper()
	dir := os.Getenv("ROLLCALL_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// signIn fills in the form and waits for the page of the role.
func (w *window) signIn(name, password, lands string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.url+"/"), chromedp.WaitVisible(`input[name=password]`),
		chromedp.SendKeys(`input[name=name]`, name),
		chromedp.SendKeys(`input[name=password]`, password+"\r"), chromedp.WaitReady(`#link[data-state=live]`))
	if !w.holds(fmt.Sprintf(`location.pathname === %q`, lands)) {
		w.t.Errorf("%s does not land on %s", name, lands)
	}
}

// word waits until an element holds the text.
func (w *window) word(selector, text string) time.Duration {
	w.t.Helper()
	return w.until(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q) === true`, selector, text))
}

// play is the centre in which the three scenarios are played: Ana, her supervisor, and a routing engine.
type play struct {
	workshop
	daemon    *daemon
	ana, lea  *window
	engine    *routingEngine
	endEngine func()
}

const playPassword = "correct horse battery"

func newPlay(t *testing.T) *play {
	t.Helper()
	return newPlayWith(t)
}

// newPlayWith is newPlay with more in the daemon's environment.
func newPlayWith(t *testing.T, env ...string) *play {
	t.Helper()
	p := &play{workshop: newWorkshop(t)}
	p.env = append(append(p.env, "ROLLCALL_REMINDERS_LEAD=30s"), env...)
	p.file(t, "roster.csv", "agent_id,name,team,site,time_zone,from\nana,Ana Ortiz,Billing,Leeds,Europe/London,"+
		"2026-01-01\n")
	p.file(t, "schedule.csv", "agent_id,activity,start,end,category\n"+anaPlan(-60, 240, "Phones", "on_queue_work"))
	p.run(t, "", "import", "roster", "roster.csv")
	p.run(t, "", "import", "schedule", "schedule.csv")
	p.run(t, playPassword+"\n", "user", "add", "--role", "agent", "--name", "ana", "--agent", "ana")
	p.run(t, playPassword+"\n", "user", "add", "--role", "supervisor", "--name", "lea", "--team", "Billing")
	acd := p.run(t, "", "token", "create", "--role", "feed", "--name", "acd", "--source", "acd")
	watcher := p.run(t, "", "token", "create", "--role", "manager", "--name", "engine", "--site", "Leeds")
	p.daemon = p.serve(t)
	if err := eventually(func() bool {
		code, _, err := p.daemon.call("GET", "/readyz", "", "")
		return err == nil &&
			code == 200
	}); err != nil {
		t.Fatal(err)
	}
	p.ana, p.lea = openWindow(t, p.daemon), openWindow(t, p.daemon)
	p.engine = &routingEngine{
		t:        t,
		daemon:   p.daemon,
		token:    acd,
		work:     []string{"call 1"},
		heard:    make(chan routability, 100),
		contacts: map[string]string{},
		routable: map[string]bool{},
		finish:   make(chan chan<- struct{}),
		calls:    make(chan string),
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); p.engine.follow(ctx, watcher) }()
	p.endEngine = func() {
		cancel()
		for range p.engine.heard { // it may be telling
		}
		<-ended
	}
	return p
}

// anaPlan is a row of a schedule from and to so many minutes from now.
func anaPlan(from, to int64, code, category string) string {
	now := app.Now()
	return fmt.Sprintf("ana,%s,%s,%s,%s\n", code, now.Add(from*schemas.MinuteMS), now.Add(to*schemas.MinuteMS), category)
}

func (p *play) file(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a command that has to succeed and returns what it prints.
func (p *play) run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := p.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("rollcall %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// The three scenarios of the source document, step by step as they are written there, with the agent in one window, the
// supervisor in another, a routing engine that follows the stream of who may be offered work, and a real daemon.
func TestUITheThreeScenariosOfTheSource(t *testing.T) {
	p := newPlay(t)
	ana, lea, engine := p.ana, p.lea, p.engine
	const doing, fine, routable = `tr[data-id=ana] .doing .what`, `tr[data-id=ana] .doing .fine`, `.being .routable`
	sees := func(what string) {
		t.Helper()
		if took := lea.word(doing, what); took > time.Second {
			t.Errorf("the supervisor sees %s after %s, want a second at most", what, took)
		}
	}
	lea.signIn("lea", playPassword, "/")
	lea.word(doing, "Unknown")

	// Scenario 1: the agent logs in, selects presence available, sets routing status available, and the routing engine
	// begins sending interactions.
	ana.signIn("ana", playPassword, "/me")
	ana.do(chromedp.Click(`label.available`), chromedp.Click(`label.s-available`), chromedp.Click(`#apply`))
	sees("On queue")
	engine.until("on a contact")
	ana.word(routable, "contact")
	lea.word(fine, "interacting")
	ana.picture("scenario-1-agent")
	lea.picture("scenario-1-supervisor")

	// Scenario 2: the agent completes the current interaction and changes status to break, the routing engine stops
	// sending interactions; the agent returns and sets status to available.
	finish := make(chan struct{})
	engine.finish <- finish
	<-finish
	lea.word(fine, "idle")
	ana.do(chromedp.Click(`label.s-break`), chromedp.Click(`#apply`))
	sees("Break")
	engine.until("presence is away")
	engine.calls <- "call 2"
	ana.word(routable, "No new work")
	ana.word(`#said`, "Break, ") // what a screen reader hears
	ana.picture("scenario-2-agent")
	ana.do(chromedp.Click(`label.s-available`), chromedp.Click(`#apply`))
	sees("On queue")
	engine.until("on a contact")
	finish = make(chan struct{})
	engine.finish <- finish
	<-finish

	// Scenario 3: the agent receives a meeting notification and updates status to meeting, the supervisor sees the updated
	// availability; the agent returns and switches back to available. The meeting comes with a new schedule.
	now := app.Now()
	p.file(t, "meeting.csv", "agent_id,activity,start,end,category\n"+
		fmt.Sprintf("ana,Phones,%s,%s,on_queue_work\nana,Huddle,%s,%s,meeting\n", now.Add(-schemas.HourMS),
			now.Add(20*schemas.SecondMS),
			now.Add(20*schemas.SecondMS), now.Add(schemas.HourMS)))
	p.run(t, "", "import", "schedule", "meeting.csv")
	if took := ana.word(`#nudge-text`, "Huddle begins in"); took > 2*time.Second {
		t.Errorf("the notification of the meeting comes %s after the import, want two seconds at most", took)
	}
	ana.picture("scenario-3-notification")
	ana.do(chromedp.Click(`#nudge-do`))
	sees("Meeting")
	engine.until("presence is busy")
	lea.word(`tr[data-id=ana] .plan .what`, "Huddle") // the clock has passed
	lea.until(`document.querySelector('tr[data-id=ana]').className.includes('in_adherence')`)
	ana.word(`.being .verdict`, "In adherence")
	lea.picture("scenario-3-supervisor")
	ana.do(chromedp.Click(`label.s-available`))
	ana.word(`#advice`, "Available does not fit it")
	ana.do(chromedp.Click(`#apply`))
	sees("On queue")
	engine.until("")
	ana.word(`#day .deviations`, "Huddle")
	ana.picture("scenario-3-agent")

	p.endEngine()
	if want := []string{"call 1 to ana", "call 2 to ana"}; !slices.Equal(engine.offered, want) {
		t.Errorf("the engine offered %q, want %q", engine.offered, want)
	}
	if err := p.daemon.stop(); err != nil {
		t.Error(err)
	}
}

// A feed with a heartbeat falls silent: the board and the agent's page say so, what the agent sets meanwhile is stored
// and said to be, and counts when the feed reports again.
func TestUIASilentFeedIsSaidAndNothingIsLost(t *testing.T) {
	p := newPlayWith(t, "ROLLCALL_FEEDS_SILENT_AFTER=3s")
	defer p.endEngine()
	acd := p.engine.token
	says := func(path, body string) {
		t.Helper()
		if code, text, err := p.daemon.call("POST", path, acd, body); err != nil || code != 200 {
			t.Fatalf("%s: %d %s %v", path, code, text, err)
		}
	}
	says("/api/v1/status-changes",
		fmt.Sprintf(`[{"agent_id":"ana","at":%q,"presence":"available","status":"available","routing":"idle"}]`, app.Now()))
	says("/api/v1/feeds/acd/heartbeat", "")
	p.lea.signIn("lea", playPassword, "/")
	p.ana.signIn("ana", playPassword, "/me")
	p.lea.until(`!document.getElementById('silent').hidden`)
	p.lea.word(`tr[data-id=ana] .doing .what`, "Unknown")
	p.ana.word(`.now .silent`, "acd has been silent since")
	p.lea.picture("silent-supervisor")
	p.ana.do(chromedp.Click(`label.s-break`), chromedp.Click(`#apply`))
	p.ana.word(`.now .silent`, "Last set: Break · Away")
	p.ana.until(`document.querySelector('label.s-break').className.includes('kept') &&
		document.querySelector('input[value=break]').checked`)
	p.ana.picture("silent-agent")
	says("/api/v1/feeds/acd/heartbeat", "")
	p.ana.until(`document.querySelector('.now .silent') === null &&
		document.querySelector('.being b').textContent === 'Break'`)
	p.lea.word(`tr[data-id=ana] .doing .what`, "Break")
	if eventually(func() bool {
		says("/api/v1/feeds/acd/heartbeat", "") // it goes on speaking
		return p.lea.holds(`document.getElementById('silent').hidden`)
	}) != nil {
		t.Error("the board goes on saying that a feed is silent which speaks")
	}
}
