package imports

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// undoWords is what an undo would do.
type undoWords struct {
	Import importRow
	// Base is the newest import that the words take into account.
	Base              string
	Restored          string
	Rows              []undoRow
	Hidden            int
	Kept              string
	NotRestored       []undoRow
	KeptHidden        int
	Totals            []web.Figure
	Effect            *effectWords
	Changes           *changesWords
	Conflict          []conflictRow
	Possible, WasUndo bool
}

// undoRow is something that is restored, or that is not, and why.
type undoRow struct{ Name, ID, When, Why string }

// showUndo does GET /schedules/{kind}/{id}/undo: what an undo would do.
func (pl *planning) showUndo(w http.ResponseWriter, r *http.Request) error {
	return pl.sendUndo(w, r, http.StatusOK, nil, "")
}

// sendUndo shows what an undo would do, beneath what went wrong with one.
func (pl *planning) sendUndo(w http.ResponseWriter, r *http.Request, status int, conflict []conflictRow, wrong string) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	if err := http.NewResponseController(w).SetWriteDeadline(pl.Now().Add(pl.limits.Time)); err != nil {
		return err
	}
	id, who := r.PathValue("id"), web.PrincipalOf(r.Context())
	one, err := pl.plans.Find(r.Context(), kind.Kind, id)
	if err != nil {
		return err
	}
	page := pl.page(r, kind, "undo", "Take back")
	page.Wrong = wrong
	page.Undo = &undoWords{Import: rowOf(kind, one), Conflict: conflict}
	u, err := pl.allowedUndo(r.Context(), who, imports.UndoOrder{Kind: kind.Kind, Import: id, Actor: who.Name, DryRun: true})
	if errors.Is(err, imports.ErrNothingToUndo) {
		page.Wrong = cmp.Or(wrong, sentence(detailOf(err))+".")
		pl.pages.Show(w, max(status, http.StatusConflict), "schedules", page)
		return nil
	}
	if err != nil {
		return err
	}
	eyes, err := pl.eyes(r.Context())
	if err != nil {
		return err
	}
	page.Undo.fill(u, kind, eyes, r.URL.Query().Has("all"))
	pl.pages.Show(w, status, "schedules", page)
	return nil
}

// fill words what an undo does, the days of an agent in one row.
func (w *undoWords) fill(u *imports.Undone, kind planKind, eyes *planEyes, all bool) {
	w.Base, w.Possible, w.Effect = u.BaseRevision, u.Restored > 0, effectOf(u.Effect)
	w.Restored, w.Kept = counted(u.Restored, kind.Lone), thousands(len(u.NotRestored))
	w.Changes = changesOf(&u.Change, nil, all)
	if u.Undoes.Revision != nil {
		t := &u.Totals
		w.Totals = append(tallies([]string{"added", "removed", "moved", "altered"}, t.Added, t.Removed, t.Moved, t.Altered),
			web.Figure{Word: "on these days", Value: hoursWords(t.ScheduledBeforeS) + " → " + hoursWords(t.ScheduledAfterS)})
	}
	var dates []schemas.Date
	var rows []undoRow
	for i, d := range u.Days {
		dates = append(dates, d.Day)
		if i+1 < len(u.Days) && u.Days[i+1].AgentID == d.AgentID && u.Days[i+1].Removed == d.Removed {
			continue
		}
		row := undoRow{Name: cmp.Or(eyes.of(d.AgentID).Name, d.AgentID), ID: d.AgentID, When: datesList(dates), Why: "as it was before"}
		if d.Removed {
			row.Why = "nothing is scheduled again, as before"
		}
		rows, dates = append(rows, row), nil
	}
	w.Rows = rows[:shownOf(len(rows), all, &w.Hidden)]
	for _, n := range u.NotRestored[:shownOf(len(u.NotRestored), all, &w.KeptHidden)] {
		row := undoRow{Name: cmp.Or(eyes.of(n.Subject).Name, n.Subject), ID: n.Subject, Why: n.Reason}
		switch {
		case n.Start != nil:
			row.When = n.Start.String()
		case n.Day != 0:
			row.When, row.Why = n.Day.Time().Format("Mon 2 Jan 2006"), sentence(n.Reason)
		}
		w.NotRestored = append(w.NotRestored, row)
	}
}

// datesList names dates in order, neighbours as one range.
func datesList(dates []schemas.Date) string {
	slices.Sort(dates)
	var parts []string
	for i := 0; i < len(dates); {
		k := i
		for k+1 < len(dates) && dates[k+1] == dates[k]+1 {
			k++
		}
		parts = append(parts, datesWords(dates[i], dates[k]))
		i = k + 1
	}
	return strings.Join(parts, ", ")
}

// undoIt does POST /schedules/{kind}/{id}/undo: the undo, as it was previewed.
func (pl *planning) undoIt(w http.ResponseWriter, r *http.Request) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return schemas.NewProblem(http.StatusBadRequest, "the form is damaged: "+err.Error())
	}
	if err := http.NewResponseController(w).SetWriteDeadline(pl.Now().Add(pl.limits.Time)); err != nil {
		return err
	}
	who := web.PrincipalOf(r.Context())
	o := imports.UndoOrder{Kind: kind.Kind, Import: r.PathValue("id"), Actor: who.Name, IfRevision: r.PostForm.Get("if_revision")}
	if o.IfRevision == "" {
		http.Redirect(w, r, kind.Of(o.Import)+"/undo", http.StatusSeeOther) // nobody saw what it would do
		return nil
	}
	done, err := pl.allowedUndo(r.Context(), who, o)
	var c *imports.Conflict
	switch {
	case errors.As(err, &c):
		return pl.sendUndo(w, r, http.StatusConflict, conflictRows(kind, c), "")
	case errors.Is(err, imports.ErrNothingToUndo):
		return pl.sendUndo(w, r, http.StatusConflict, nil, sentence(detailOf(err))+".")
	case err != nil:
		return err
	}
	said := "It is taken back."
	if len(done.Days) > 0 {
		said = fmt.Sprintf("Taken back: %s as before.", counted(done.Restored, kind.Lone))
	}
	pl.Done(w, r, kind.Of(done.Made.ID), said)
	return nil
}
