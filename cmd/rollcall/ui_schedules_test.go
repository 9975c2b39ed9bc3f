//go:build ui

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
)

// week is the story's centre: yesterday has been worked, tomorrow is planned.
type week struct {
	workshop
	yesterday, tomorrow schemas.Date
}

// shift writes an agent's day: phones, a break from so many minutes after nine on, phones, a meeting.
func shift(agent string, day schemas.Date, breakAt int) string {
	at := func(minutes int) string { return fmt.Sprintf("%02d:%02d", 9+minutes/60, minutes%60) }
	var b strings.Builder
	for _, a := range []struct {
		code     string
		from, to int
	}{{"Phones", 0, breakAt}, {"Break", breakAt, breakAt + 30}, {"Phones", breakAt + 30, 420}, {"Huddle", 420, 480}} {
		fmt.Fprintf(&b, "%s,%s,%s %s,%s %s\n", agent, a.code, day, at(a.from), day, at(a.to))
	}
	return b.String()
}

const weekHead = "agent_id,activity,start,end\n"

func newWeek(t *testing.T) *week {
	t.Helper()
	w := &week{workshop: newWorkshop(t)}
	today := schemas.UTC.Date(app.Now())
	w.yesterday, w.tomorrow = today-1, today+1
	w.file(t, "roster.csv", "agent_id,name,team,site,time_zone,from\nana,Ana "+
		"Ortiz,Billing,Leeds,UTC,2026-01-01\nben,Ben Okafor,Billing,Leeds,UTC,2026-01-01\n"+
		"cara,Cara Lind,Billing,Leeds,UTC,2026-01-01\ndan,Dan Wu,Sales,Hull,UTC,2026-01-01\n")
	w.file(t, "codes.csv", "code,category,paid\nPhones,on_queue_work,true\nBreak,break,false\nHuddle,meeting,true\n")
	plan, status := weekHead, "agent_id,at,presence,status,routing\n"
	for _, agent := range []string{"ana", "ben", "cara"} {
		plan += shift(agent, w.yesterday, 90) + shift(agent, w.tomorrow, 90)
		for _, s := range []struct{ at, state string }{{"09:00", "available,available,idle"},
			{"11:00", "away,break,off_queue"}, {"11:30", "available,available,idle"},
			{"16:00", "busy,meeting,off_queue"}, {"17:00", "offline,off_queue,off_queue"}} {
			status += fmt.Sprintf("%s,%s %s,%s\n", agent, w.yesterday, s.at, s.state)
		}
	}
	w.file(t, "plan.csv", plan+shift("dan", w.tomorrow, 90))
	w.file(t, "status.csv", status)
	for _, args := range [][]string{{"import", "roster", "roster.csv"}, {"import", "activities", "codes.csv"},
		{"import", "schedule", "plan.csv"}, {"import", "status", "status.csv"}} {
		if out, err := w.command(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for _, args := range [][]string{{"planner", "pia", "Billing"}, {"planner", "paul", "Billing"},
		{"supervisor", "lea", "Billing"}, {"supervisor", "sol", "Sales"}} {
		cmd := w.command("user", "add", "--role", args[0], "--name", args[1], "--team", args[2])
		cmd.Stdin = strings.NewReader(playPassword + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return w
}

func (w *week) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// send chooses a file on the tab that is shown and asks for its preview.
func (w *window) send(path string) {
	w.t.Helper()
	w.do(chromedp.SetUploadFiles(`#file`, []string{path}))
	w.until(fmt.Sprintf(`document.querySelector('.drop b').textContent === %q`, filepath.Base(path)))
	w.tabTo(`document.activeElement.matches('#upload button.main')`)
	w.do(chromedp.KeyEvent("\r"))
	w.until(`location.pathname.startsWith('/schedules/previews/') && document.querySelector('.working') === null`)
}

// tabTo presses Tab until the condition holds of what has the focus.
func (w *window) tabTo(condition string) {
	w.t.Helper()
	for range 40 {
		if w.holds(condition) {
			return
		}
		w.do(chromedp.KeyEvent(kb.Tab))
	}
	w.t.Fatalf("Tab never leads to %s", condition)
}

// text returns the words of the page.
func (w *window) text() string {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector('main').innerText`))
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// says checks that the page holds each of the texts.
func (w *window) says(what string, texts ...string) {
	w.t.Helper()
	page := strings.Join(strings.Fields(w.text()), " ")
	for _, s := range texts {
		if !strings.Contains(page, s) {
			w.t.Errorf("%s: the page does not say %q:\n%s", what, s, page)
		}
	}
}

// narrow shows the page as a phone does, stores a picture, and checks that nothing is wider than the window.
func (w *window) narrow(name string) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(390, 844))
	w.picture(name + "-phone")
	if w.holds(`document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		w.t.Errorf("%s is wider than the window of a phone", name)
	}
	w.do(chromedp.EmulateViewport(1200, 900))
}

// A planner uploads a schedule with mistakes and sees them on their rows, corrects it, sees what would change, imports
// it, looks at the picture of it, and takes it back. Another planner who previewed meanwhile sees who changed what,
// and previews again. A supervisor sees the pictures of the own team and can do nothing.
func TestUIAPlannerImportsLooksAndTakesBack(t *testing.T) {
	centre := newWeek(t)
	d := centre.serve(t)
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil && code == http.StatusOK
	}); err != nil {
		t.Fatal(err)
	}
	pia, paul := openWindow(t, d), openWindow(t, d)
	pia.signIn("pia", playPassword, "/")
	pia.do(chromedp.Click(`nav a[href="/schedules"]`), chromedp.WaitVisible(`#upload`))
	pia.picture("schedules-list")
	pia.narrow("schedules-list")

	// Mistakes are shown on their rows, with what would be right.
	good := weekHead + shift("ana", centre.yesterday, 120) + shift("ana", centre.tomorrow, 120) +
		shift("ben", centre.tomorrow, 60)
	bad := strings.Replace(strings.Replace(good, "ben,Phones", "bem,Phones", 1), "ana,Huddle", "ana,Hudle", 1)
	bad = strings.Replace(bad, "ana,Break,"+centre.tomorrow.String()+" 11:00", "ana,Break,"+centre.tomorrow.String()+
		" 12:00", 1)
	pia.send(centre.file(t, "week <i>12.csv", bad))
	pia.says("mistakes", "week <i>12.csv", "bem", `Did you mean "ben"?`, `did you mean "Huddle"`, "leave")
	if !pia.holds(`[...document.querySelectorAll('.problems .own mark')].some((m) => m.textContent === 'bem' &&
		m.parentElement.textContent.includes('bem,Phones'))`) {
		t.Error("the mistake is not marked on its row")
	}
	pia.picture("schedules-problems")
	pia.narrow("schedules-problems")

	// The corrected file: what would change, and what that does to adherence.
	pia.do(chromedp.Navigate(d.url+"/schedules"), chromedp.WaitVisible(`#upload`))
	pia.send(centre.file(t, "week12.csv", good))
	pia.says("the preview", "Ana Ortiz", "Ben Okafor", "Cara Lind Billing keeps 2 days, 16 h", "Import 4 agent-days",
		"Effect on adherence", "Everybody")
	pia.picture("schedules-preview")
	pia.narrow("schedules-preview")
	preview := ""
	if v, err := chromedp.Run(pia.ctx, chromedp.Evaluate[string](`location.pathname`)); err == nil {
		preview = v
	}

	// Nobody else has the preview, and another planner previews a change of one of the same days.
	paul.signIn("paul", playPassword, "/")
	paul.do(chromedp.Navigate(d.url + preview))
	paul.says("somebody else's preview", "not kept any more, or was never yours")
	paul.do(chromedp.Navigate(d.url+"/schedules"), chromedp.WaitVisible(`#upload`))
	paul.send(centre.file(t, "pauls.csv", weekHead+shift("ben", centre.tomorrow, 180)))

	pia.tabTo(`document.activeElement.matches('form.decide button.main')`)
	pia.do(chromedp.KeyEvent("\r"))
	pia.until(`document.querySelector('.day-diff') !== null`)
	pia.says("what was imported", "week12.csv is imported.", "moved Break 10:30–11:00 to 11:00–11:30", "Ana Ortiz",
		"Ben Okafor", "before", "after")
	if n := pia.holds(`document.querySelectorAll('.day-diff svg.timeline').length === 4 &&
		document.querySelectorAll('.plan-band.moved').length > 0`); !n {
		t.Error("the picture does not show four agent-days with what moved")
	}
	pia.picture("schedules-diff")
	pia.narrow("schedules-diff")

	// The second planner sees it, and confirms what is the case now.
	paul.do(chromedp.Click(`form.decide button.main`))
	paul.until(`document.querySelector('.conflict') !== null`)
	paul.says("the conflict", "Somebody changed the same things meanwhile", "pia", "week12.csv",
		"1 day of these, of 1 agent")
	paul.picture("schedules-conflict")
	paul.do(chromedp.Click(`form[action$="/again"] button.main`))
	paul.until(`document.querySelector('.conflict') === null &&
		document.querySelector('form.decide button.main') !== null`)
	paul.do(chromedp.Click(`form.decide button.main`))
	paul.until(`document.querySelector('.day-diff') !== null`)

	// The first import is taken back: three of its four days, the fourth is Paul's by now.
	pia.tabTo(`document.activeElement.matches('a.button[href$="/undo"]')`)
	pia.do(chromedp.KeyEvent("\r"), chromedp.WaitVisible(`form.decide`))
	pia.says("the undo", "Take “week12.csv” back?", "3 agent-days, 1 not", "Ana Ortiz", "changed since by revision",
		"pauls.csv, by paul", "Effect on adherence")
	pia.picture("schedules-undo")
	pia.narrow("schedules-undo")
	pia.do(chromedp.Click(`form.decide button.main`))
	pia.until(`document.querySelector('.day-diff') !== null && document.querySelector('.said.done') !== null`)
	pia.says("the undone", "Taken back: 3 agent-days as before.", "moved Break 11:00–11:30 to 10:30–11:00")
	pia.do(chromedp.Click(`.tabs a[href="/schedules"]`), chromedp.WaitVisible(`.imports`))
	pia.says("the list", "taken back by this one", "took an earlier import back", "paul", "week12.csv")
	pia.picture("schedules-list-after")

	// A supervisor sees the pictures of the own team, and no button.
	lea := openWindow(t, d)
	for _, who := range []struct{ name, sees, not string }{{"lea", "Ben Okafor", "Dan Wu"},
		{"sol", "Nothing of it is yours to see", "Ben Okafor"}} {
		lea.signIn(who.name, playPassword, "/")
		lea.do(chromedp.Click(`nav a[href="/schedules"]`), chromedp.WaitVisible(`.imports`))
		if lea.holds(`document.querySelector('#upload') !== null`) {
			t.Errorf("%s may upload", who.name)
		}
		lea.holds(`([...document.querySelectorAll('.imports tr')].find((r) => r.textContent.includes('pauls.csv')
			).querySelector('a').click(), true)`)
		lea.until(`document.querySelector('.by') !== null`)
		lea.says("a supervisor", who.sees)
		if strings.Contains(lea.text(), who.not) || lea.holds(`document.querySelector('a[href$="/undo"]') !== null`) {
			t.Errorf("%s sees too much: %s", who.name, lea.text())
		}
		lea.do(chromedp.Click(`.who summary`), chromedp.Click(`.who form[action="/logout"] button`),
			chromedp.WaitVisible(`input[name=password]`))
	}
}
