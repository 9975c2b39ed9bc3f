//go:build ui

package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rollcall/schemas"
)

// team is Ana, who is on break, with Ben, who is on queue, and Zoe, who is offline.
func team() *stage {
	now := schemas.InstantOf(time.Now())
	return &stage{acts: []schemas.Activity{act(now, -3600, 7200, "Phones", schemas.CategoryOnQueueWork)},
		facts: []schemas.Fact{fact(now, 300, schemas.PresenceAvailable, schemas.StatusBreak, schemas.RoutingOffQueue)},
		colleagues: map[string][]schemas.Fact{
			"ben": {fact(now, 300, schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle)},
			"zoe": {fact(now, 300, schemas.PresenceOffline, schemas.StatusOffQueue, schemas.RoutingOffQueue)}}}
}

// becomes returns the condition that the outcome of an agent is shown.
func becomes(id, outcome string) string {
	return `document.querySelector('#items tr[data-id=` + id + `] .outcome')?.textContent === '` + outcome + `'`
}

// A supervisor goes from the board to the page of bulk changes, sees before anything happens who will be refused and
// why, changes the others, and takes it back.
func TestUIASupervisorChangesSeveralAndTakesItBack(t *testing.T) {
	s := team()
	h := s.play(t)
	b := window(t, 1200, 800, false)
	h.enter(b, "supervisor")
	b.do(chromedp.Click(`a.several`), chromedp.WaitVisible(`#change`))
	b.picture("bulk")
	if !value[bool](b, `document.getElementById('preview').disabled`) {
		t.Error("a change of nobody can be asked for")
	}
	b.do(chromedp.Click(`#all`), chromedp.Click(`label.s-available`))
	b.until(`document.querySelector('input[name=presence]:checked').value === 'available'`)
	b.do(chromedp.Click(`.presences label:first-of-type`),
		chromedp.SendKeys(`input[name=note]`, `<b onclick="x">all hands</b>`))
	b.until(`document.getElementById('preview').textContent === 'Preview for 3 agents'`)
	b.picture("bulk-chosen")
	b.do(chromedp.Click(`#preview`))
	b.until(becomes("ana", "Will change") + ` && ` + becomes("zoe", "Refused"))
	b.until(`document.querySelector('#items tr[data-id=zoe] .why').textContent.includes('offline') && ` +
		`document.querySelector('#items tr').dataset.id === 'zoe'`)
	if row, _ := s.Agent("ana"); row.Status != schemas.StatusBreak {
		t.Errorf("the preview has set Ana to %s", row.Status)
	}
	b.picture("bulk-preview")
	b.until(`document.getElementById('apply').textContent === 'Change 2 agents' && document.activeElement.id === ` +
		`'outcome-title'`)
	b.do(chromedp.Click(`#apply`))
	b.until(becomes("ana", "Changed") + ` && ` + becomes("ben", "Changed") +
		` && document.getElementById('items').children.length === 2`)
	if row, _ := s.Agent("ana"); row.Status != schemas.StatusAvailable || row.Note != `<b onclick="x">all hands</b>` {
		t.Errorf("Ana is %s with the note %q", row.Status, row.Note)
	}
	b.picture("bulk-changed")

	// A reload does not lose the way back; who has moved on meanwhile is left alone.
	b.do(chromedp.Click(`#back`))
	b.until(`document.getElementById('again')?.hidden === false && document.querySelectorAll('#rows tr').length === 3`)
	s.Apply("later", []schemas.Change{{AgentID: "ben", Source: "acd", At: schemas.InstantOf(time.Now()),
		Status: schemas.StatusMeal}})
	b.do(chromedp.Click(`#again-do`))
	b.until(becomes("ana", "Set back") + ` && ` + becomes("ben", "Kept as it is"))
	if row, _ := s.Agent("ana"); row.Status != schemas.StatusBreak {
		t.Errorf("after the undo Ana is %s", row.Status)
	}
	b.picture("bulk-undone")
}

// press sends Tab until the condition holds of the element with the focus, at most so many times.
func (b *tab) press(condition string, most int) {
	b.Helper()
	for range most {
		if value[bool](b, condition) {
			return
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.Fatalf("Tab never leads to %s; the focus is on %s", condition,
		value[string](b, `document.activeElement.outerHTML.slice(0, 200)`))
}

// With the keyboard alone: sign in, go from the board to the bulk changes by its link, tick, choose, preview, apply,
// sign out.
func TestUIKeyboardAlone(t *testing.T) {
	s := team()
	h := s.play(t)
	b := window(t, 1200, 800, false)
	enter := func() { b.do(chromedp.KeyEvent("\r")) }
	b.do(chromedp.Navigate(h.url+"/"), chromedp.WaitVisible(`input[name=password]`))
	b.press(`document.activeElement.name === 'name'`, 5)
	b.do(chromedp.KeyEvent("supervisor"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(password))
	enter()
	b.do(chromedp.WaitReady(`#link[data-state=live]`))
	b.press(`document.activeElement.className === 'skip'`, 3)
	b.press(`document.activeElement.className === 'several'`, 30)
	enter()
	b.do(chromedp.WaitVisible(`#change`))
	b.press(`document.activeElement.name === 'status' && document.activeElement.type === 'radio'`, 30)
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight)) // meal
	b.until(`document.querySelector('input[name=status]:checked').value === 'meal'`)
	b.press(`document.activeElement.value === 'ben'`, 20)
	b.do(chromedp.KeyEvent(" "))
	b.until(`document.getElementById('preview').textContent === 'Preview for 1 agent'`)
	enter() // in the list it asks for the preview
	b.until(`document.activeElement.id === 'outcome-title'`)
	b.press(`document.activeElement.id === 'apply'`, 3)
	enter()
	b.until(becomes("ben", "Changed"))
	if row, _ := s.Agent("ben"); row.Status != schemas.StatusMeal {
		t.Errorf("Ben is %s", row.Status)
	}
	b.press(`document.activeElement.id === 'undo'`, 3)
	enter()
	b.until(becomes("ben", "Set back"))
}
