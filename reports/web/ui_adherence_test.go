//go:build ui

package web_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	webreports "rollcall/reports/web/reports"
	"rollcall/schemas"
)

// workedOffice explains the worked day.
type workedOffice struct{ *office }

func (o workedOffice) Explain(_ context.Context, agent string, day schemas.Date) (*batch.Explanation, error) {
	e := explanation(schemas.Membership{AgentID: agent, Name: "Ana Ortiz", Team: "Billing", Site: "Leeds"}, day)
	e.Agrees, e.Day.Sums = true,
		schemas.Sums{ScheduledMS: 180 * schemas.MinuteMS, InMS: 105 * schemas.MinuteMS, OutMS: 75 * schemas.MinuteMS,
			ConformanceScheduledMS: 90 * schemas.MinuteMS, ConformanceActualMS: 105 * schemas.MinuteMS}
	step := func(from, to string, plan schemas.Category, code string, st schemas.Status, v schemas.Verdict, k schemas.Kind,
		why string) {
		routing := schemas.RoutingOffQueue
		if st == schemas.StatusAvailable {
			routing = schemas.RoutingIdle
		}
		stepAt(e, from, to, schemas.Activity{Category: plan, Code: code, Line: len(e.Steps) + 2}, "schedule.csv",
			adherence.Step{
				State:   schemas.State{Presence: schemas.PresenceAvailable, Status: st, Routing: routing},
				OnQueue: st == schemas.StatusAvailable,
				Verdict: v,
				Kind:    k,
				Rule:    4,
				Because: why,
			})
		if s := e.Steps[len(e.Steps)-1]; v == schemas.VerdictOut {
			e.Day.Exceptions = append(e.Day.Exceptions, schemas.Exception{
				Start:    s.Start,
				End:      s.End,
				Category: plan,
				Code:     code,
				Kind:     k,
				MS:       s.MS(),
				Parts:    []schemas.Part{{Start: s.Start, End: s.End, State: s.State}},
			})
		}
	}
	step("09:00", "10:30", schemas.CategoryOnQueueWork, "Phones", schemas.StatusAvailable, schemas.VerdictIn,
		schemas.KindNone, "on_queue_work matches")
	step("10:30", "10:45", schemas.CategoryBreak, "Break", schemas.StatusAvailable, schemas.VerdictOut,
		schemas.KindLateChange, "break does not match")
	step("10:45", "11:00", schemas.CategoryBreak, "Break", schemas.StatusBreak, schemas.VerdictIn, schemas.KindNone,
		"break matches")
	step("11:00", "12:00", schemas.CategoryMeeting, "Huddle", schemas.StatusBreak, schemas.VerdictOut,
		schemas.KindLateChange, "meeting does not match")
	return e, nil
}

// The picture is gone through by keyboard, and shows at each stretch why it was judged so; a deviation's link fills the
// form.
func TestUIADayIsReadByKeyboard(t *testing.T) {
	o := &office{}
	h := newHouse(t, config(), mountOffice(o),
		func(h *house) error { h.days.Sums, h.days.Decisions = &sums{}, workedOffice{o}; return nil })
	for _, c := range []struct {
		name          string
		width, height int64
		dark          bool
	}{{"day", 1280, 900, false}, {"day-dark", 1280, 900, true}, {"day-phone", 390, 844, false}} {
		b := window(t, c.width, c.height, c.dark)
		h.enter(b, "supervisor")
		b.do(chromedp.Navigate(h.url+"/adherence/ana/2026-03-02"), chromedp.WaitVisible(`svg.picture`))
		if value[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
			t.Errorf("%s: the page is wider than the window", c.name)
		}
		b.do(chromedp.Focus(`.moment[data-step="1"]`), chromedp.KeyEvent(kb.ArrowRight))
		b.until(`document.activeElement.dataset.step === "2" && ` +
			`document.getElementById("explanation").textContent.includes("break does not match")`)
		explained := value[string](b, `document.getElementById("explanation").textContent`)
		if !strings.Contains(explained, "10:30–10:45") ||
			!strings.Contains(explained, "schedule.csv, line 3") {
			t.Errorf("the explanation is %s", explained)
		}
		b.picture(c.name)
		b.do(chromedp.Focus(`.numbered li:nth-child(2) .fix`), chromedp.KeyEvent("\r"))
		b.until(`document.querySelector("#ask")?.open === true && document.querySelector("#ask [name=from]").value === ` +
			`"2026-03-02T11:00" && document.querySelector("#ask [name=to]").value === "2026-03-02T12:00"`)
		b.picture(c.name + "-ask")
	}
}

// A report is asked for and comes without the page being loaded by hand.
func TestUIAReportComesByItself(t *testing.T) {
	d := &heldPress{pressroom: &pressroom{}, goOn: make(chan struct{})}
	dir := t.TempDir()
	h := newHouse(t, config(), func(h *house) error {
		h.reportLimits, h.reports = webreports.DefaultLimits(dir), webreports.Deps{Reports: d, Mails: &list{}}
		return nil
	})
	b := window(t, 1100, 900, false)
	h.enter(b, "admin")
	b.do(chromedp.Navigate(h.url+"/reports?from=2026-03-02&to=2026-03-08"), chromedp.WaitVisible(`.ask button.main`),
		chromedp.Focus(`.ask button.main`), chromedp.KeyEvent("\r"))
	b.until(`document.querySelector("#recent progress") !== null`)
	b.picture("reports")
	close(d.goOn)
	b.until(`document.querySelector('#recent a[href$="/file"]') !== null && ` +
		`!document.getElementById("recent").dataset.pending`)
	b.picture("reports-done")
}

// heldPress makes reports when it is let.
type heldPress struct {
	*pressroom
	goOn chan struct{}
}

func (d *heldPress) Save(ctx context.Context, o webreports.Order, file string,
	done func(done, of int)) (webreports.Made, error) {
	done(1, 3)
	<-d.goOn
	return d.pressroom.Save(ctx, o, file, done)
}
