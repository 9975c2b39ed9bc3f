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

// undoPage is what an undo would do.
type undoPage struct {
	Import importRow
	// Base is the newest import that the page takes into account.
	Base string
	// Restored and Left are what would be restored and what not, Totals what becomes of activities.
	Restored string
	Rows     some[undoRow]
	Left     some[undoRow]
	Totals   []web.Figure
	Removals *imports.Removals
	Effect   *effect
	Changes  *change
	Conflict []conflictRow
	Possible bool
}

// undoRow is something that is restored, or that is not, and why.
type undoRow struct{ Name, ID, When, Why string }

// showUndo does GET /schedules/{kind}/{id}/undo: what an undo would do.
func (pl *planning) showUndo(w http.ResponseWriter, r *http.Request, k kind) error {
	return pl.sendUndo(w, r, k, http.StatusOK, nil, "")
}

// sendUndo shows what an undo would do, beneath what went wrong with one.
func (pl *planning) sendUndo(w http.ResponseWriter, r *http.Request, k kind, status int, conflict []conflictRow,
	wrong string) error {
	if err := http.NewResponseController(w).SetWriteDeadline(pl.Now().Add(pl.limits.Time)); err != nil {
		return err
	}
	id, who := r.PathValue("id"), web.PrincipalOf(r.Context())
	one, err := pl.plans.Find(r.Context(), k.Kind, id)
	if err != nil {
		return err
	}
	page := pl.page(r, k, "undo", "Take back")
	page.Wrong = wrong
	page.Undo = &undoPage{Import: rowOf(k, one), Conflict: conflict}
	u, err := pl.allowedUndo(r.Context(), who, imports.UndoOrder{Kind: k.Kind, Import: id, Actor: who.Name, DryRun: true})
	if errors.Is(err, imports.ErrNothingToUndo) {
		page.Wrong = cmp.Or(wrong, sentence(detailOf(err))+".")
		return pl.show(w, max(status, http.StatusConflict), page)
	}
	if err != nil {
		return err
	}
	reader, err := pl.reader(r.Context())
	if err != nil {
		return err
	}
	page.Undo.fill(u, k, reader, r.URL.Query().Has("all"))
	return pl.show(w, status, page)
}

// fill words what an undo does, the days of an agent in one row.
func (p *undoPage) fill(u *imports.Undone, k kind, reader *reader, all bool) {
	p.Base, p.Possible, p.Effect = u.BaseRevision, u.Restored > 0, effectOf(u.Effect)
	p.Removals = u.Removals
	p.Restored, p.Changes = counted(u.Restored, k.Lone), changeOf(&u.Change, nil, all)
	if u.Days != nil {
		p.Totals = activityFigures(&u.Totals)
	}
	var days []schemas.Date
	var rows, left []undoRow
	for i, d := range u.Days {
		days = append(days, d.Day)
		if i+1 < len(u.Days) && u.Days[i+1].AgentID == d.AgentID && u.Days[i+1].Removed == d.Removed {
			continue
		}
		row := undoRow{reader.name(d.AgentID), d.AgentID, datesList(days), "as it was before"}
		if d.Removed {
			row.Why = "nothing is scheduled again, as before"
		}
		rows, days = append(rows, row), nil
	}
	for _, n := range u.NotRestored {
		row := undoRow{Name: reader.name(n.Subject), ID: n.Subject, Why: sentence(n.Reason)}
		switch {
		case n.Start != nil:
			row.When = web.Stamp(*n.Start)
		case n.Day != 0:
			row.When = dates(n.Day, n.Day)
		}
		left = append(left, row)
	}
	p.Rows, p.Left = someOf(rows, all), someOf(left, all)
}

// datesList names dates in order, neighbours as one range.
func datesList(days []schemas.Date) string {
	slices.Sort(days)
	var parts []string
	for i := 0; i < len(days); {
		k := i
		for k+1 < len(days) && days[k+1] == days[k]+1 {
			k++
		}
		parts = append(parts, dates(days[i], days[k]))
		i = k + 1
	}
	return strings.Join(parts, ", ")
}

// undoIt does POST /schedules/{kind}/{id}/undo: the undo, as it was previewed.
func (pl *planning) undoIt(w http.ResponseWriter, r *http.Request, k kind) error {
	if err := http.NewResponseController(w).SetWriteDeadline(pl.Now().Add(pl.limits.Time)); err != nil {
		return err
	}
	who := web.PrincipalOf(r.Context())
	o := imports.UndoOrder{Kind: k.Kind, Import: r.PathValue("id"), Actor: who.Name,
		IfRevision: r.PostForm.Get("if_revision")}
	if o.IfRevision == "" {
		http.Redirect(w, r, k.Of(o.Import)+"/undo", http.StatusSeeOther) // nobody saw what it would do
		return nil
	}
	done, err := pl.allowedUndo(r.Context(), who, o)
	var c *imports.Conflict
	switch {
	case errors.As(err, &c):
		return pl.sendUndo(w, r, k, http.StatusConflict, conflictRows(k, c), "")
	case errors.Is(err, imports.ErrNothingToUndo):
		return pl.sendUndo(w, r, k, http.StatusConflict, nil, sentence(detailOf(err))+".")
	case err != nil:
		return err
	}
	pl.Done(w, r, k.Of(done.Made.ID), fmt.Sprintf("Taken back: %s as before.", counted(done.Restored, k.Lone)))
	return nil
}
