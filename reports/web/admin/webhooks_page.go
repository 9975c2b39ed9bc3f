package admin

import (
	"errors"
	"fmt"
	"net/http"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// deadRow is a delivery that was given up, in words.
type deadRow struct {
	ID, Event, URL, Created, GivenUp, Ago, LastError, Body string
	Attempts                                               int
}

// deadShown is how many dead letters the page shows.
const deadShown = 200

// mountDead adds the page of webhook deliveries that were given up.
func (s *routes) mountDead(hooks Webhooks) error {
	return errors.Join(
		s.MountPage("GET /admin/webhooks", access.ActionAdminister,
			func(w http.ResponseWriter, r *http.Request) { s.showDead(w, r, hooks, http.StatusOK, "") }),
		s.MountPage("POST /admin/webhooks/{id}/replay", access.ActionAdminister,
			func(w http.ResponseWriter, r *http.Request) { s.replayDead(w, r, hooks) }),
	)
}

func (s *routes) showDead(w http.ResponseWriter, r *http.Request, hooks Webhooks, status int, wrong string) {
	list, err := hooks.Dead(r.Context(), deadShown)
	if err != nil {
		s.StoreAway(w, r, err)
		return
	}
	page := s.adminPage(r, "webhooks", "Webhooks", wrong)
	now := schemas.InstantOf(s.Now())
	for _, d := range list {
		page.Dead = append(page.Dead, deadRow{
			ID:        d.ID,
			Event:     d.Event,
			URL:       d.Hook,
			Created:   web.Stamp(d.CreatedAt),
			GivenUp:   web.Stamp(d.UpdatedAt),
			Ago:       web.Ago(d.UpdatedAt, now),
			LastError: d.LastError,
			Body:      d.Body,
			Attempts:  d.Attempts,
		})
	}
	s.pages.Show(w, status, "admin", page)
}

// replayDead queues a dead letter again and says so, or says why that cannot be.
func (s *routes) replayDead(w http.ResponseWriter, r *http.Request, hooks Webhooks) {
	d, err := hooks.Replay(r.Context(), r.PathValue("id"))
	if err == nil {
		s.Note(r.Context(), schemas.JournalJob, fmt.Sprintf("webhook delivery %s (%s) is sent again", d.ID, d.Event))
		s.Done(w, r, "/admin/webhooks", fmt.Sprintf("%s of %s is sent again.", d.Event, web.Stamp(d.CreatedAt)))
		return
	}
	var problem *schemas.Problem
	if errors.As(s.webhookProblem(err), &problem) {
		s.showDead(w, r, hooks, problem.Status, problem.Detail)
		return
	}
	s.Fail(w, r, err)
}
