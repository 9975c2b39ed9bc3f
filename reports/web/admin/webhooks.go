package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"rollcall/reports/hooks"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Webhooks are the deliveries that were given up (satisfied by hooks.Hooks).
type Webhooks interface {
	Dead(ctx context.Context, limit int) ([]schemas.WebhookDelivery, error)
	Replay(ctx context.Context, id string) (*schemas.WebhookDelivery, error)
}

// deliveryView is a delivery as the API shows it.
type deliveryView struct {
	ID        string               `json:"id" doc:"the delivery, the Rollcall-Delivery of its attempts"`
	URL       string               `json:"url" doc:"the webhook"`
	Event     string               `json:"event" example:"agent.back"`
	State     schemas.WebhookState `json:"state" enum:"queued,delivered,dead"`
	Attempts  int                  `json:"attempts" doc:"how often it was tried since it was queued"`
	LastError string               `json:"last_error,omitempty" doc:"why the last attempt failed"`
	CreatedAt schemas.Instant      `json:"created_at"`
	UpdatedAt schemas.Instant      `json:"updated_at"`
	Body      json.RawMessage      `json:"body" doc:"what is sent"`
}

func viewOf(d *schemas.WebhookDelivery) deliveryView {
	return deliveryView{
		ID:        d.ID,
		URL:       d.Hook,
		Event:     d.Event,
		State:     d.State,
		Attempts:  d.Attempts,
		LastError: d.LastError,
		CreatedAt: d.CreatedAt,
		UpdatedAt: d.UpdatedAt,
		Body:      json.RawMessage(d.Body),
	}
}

type deadInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most so many"`
}

type replayInput struct {
	ID string `path:"id" maxLength:"128" doc:"the delivery"`
}

// mountWebhooks adds the list of dead letters and their replay.
func (s *routes) mountWebhooks() {
	admins := web.Route{Action: access.ActionAdminister, Target: web.Everywhere}
	web.Call(s.Server, "GET /api/v1/webhooks/dead", "list-dead-webhooks", admins,
		func(ctx context.Context, in *deadInput) (*web.List[deliveryView], error) {
			rows, err := s.deps.Webhooks.Dead(ctx, in.Limit)
			if err != nil {
				return nil, s.webhookProblem(err)
			}
			out := make([]deliveryView, len(rows))
			for i := range rows {
				out[i] = viewOf(&rows[i])
			}
			return web.ListOf(out), nil
		})
	admins.Status = http.StatusAccepted
	web.Call(s.Server, "POST /api/v1/webhooks/dead/{id}/replay", "replay-dead-webhook", admins,
		func(ctx context.Context, in *replayInput) (*web.One[deliveryView], error) {
			d, err := s.replay(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &web.One[deliveryView]{Body: viewOf(d)}, nil
		})
}

// replay queues a dead letter again.
func (s *routes) replay(ctx context.Context, id string) (*schemas.WebhookDelivery, error) {
	d, err := s.deps.Webhooks.Replay(ctx, id)
	if err != nil {
		return nil, s.webhookProblem(err)
	}
	s.Note(ctx, schemas.JournalJob, fmt.Sprintf("webhook delivery %s (%s) is sent again", d.ID, d.Event))
	return d, nil
}

// webhookProblem turns what a replay failed of into a problem document.
func (s *routes) webhookProblem(err error) error {
	switch {
	case errors.Is(err, hooks.ErrNoDead):
		return schemas.NewProblem(http.StatusNotFound, err.Error()+"; GET /api/v1/webhooks/dead lists them")
	case errors.Is(err, hooks.ErrNoHook):
		return schemas.NewProblem(http.StatusConflict, err.Error())
	case errors.Is(err, hooks.ErrFull), errors.Is(err, hooks.ErrNotReady):
		return schemas.NewProblem(http.StatusServiceUnavailable, err.Error())
	}
	return s.Unavailable(err, "webhook deliveries cannot be read or written")
}

// deadShown is how many dead letters the page shows.
const deadShown = 200

func (s *routes) fillDead(page *adminPage, r *http.Request) (err error) {
	page.Dead, err = s.deps.Webhooks.Dead(r.Context(), deadShown)
	return err
}

// replayPage queues a dead letter again and says so, or says why that cannot be.
func (s *routes) replayPage(w http.ResponseWriter, r *http.Request) {
	d, err := s.replay(r.Context(), r.PathValue("id"))
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem):
		s.show(w, r, "webhooks", problem.Status, problem.Detail)
	case err != nil:
		s.Fail(w, r, err)
	default:
		s.Done(w, r, "/admin/webhooks", fmt.Sprintf("%s of %s is sent again.", d.Event, web.Stamp(d.CreatedAt)))
	}
}
