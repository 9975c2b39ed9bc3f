package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

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

type deadOutput struct {
	Body struct {
		Items []deliveryView `json:"items" doc:"the newest first"`
	}
}

type replayInput struct {
	ID string `path:"id" maxLength:"128" doc:"the delivery"`
}

type replayOutput struct{ Body deliveryView }

// mountWebhooks adds the list of dead letters and their replay.
func (s *routes) mountWebhooks(w Webhooks) error {
	web.Serve(s.Server, web.Route{Action: access.ActionAdminister, Target: web.Everywhere}, huma.Operation{
		Method:      http.MethodGet,
		Path:        "/api/v1/webhooks/dead",
		OperationID: "list-dead-webhooks",
		Summary:     "Webhook deliveries that were given up",
		Tags:        []string{"administration"},
		Description: "Dead letters of the last 14 days: " +
			"the receiver refused them, did not answer for about an hour, or may not be reached.",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	},
		func(ctx context.Context, in *deadInput) (*deadOutput, error) {
			rows, err := w.Dead(ctx, in.Limit)
			if err != nil {
				return nil, s.webhookProblem(err)
			}
			out := &deadOutput{}
			out.Body.Items = []deliveryView{}
			for i := range rows {
				out.Body.Items = append(out.Body.Items, viewOf(&rows[i]))
			}
			return out, nil
		})
	web.Serve(s.Server, web.Route{Action: access.ActionAdminister, Target: web.Everywhere}, huma.Operation{
		Method:        http.MethodPost,
		Path:          "/api/v1/webhooks/dead/{id}/replay",
		OperationID:   "replay-dead-webhook",
		Summary:       "Send a dead letter again",
		Tags:          []string{"administration"},
		DefaultStatus: http.StatusAccepted,
		Description: "Queues it behind " +
			"those that wait, with all attempts before it. The receiver gets the same delivery id and a new timestamp.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	},
		func(ctx context.Context, in *replayInput) (*replayOutput, error) {
			d, err := w.Replay(ctx, in.ID)
			if err != nil {
				return nil, s.webhookProblem(err)
			}
			s.Note(ctx, schemas.JournalJob, fmt.Sprintf("webhook delivery %s (%s) is sent again", d.ID, d.Event))
			return &replayOutput{viewOf(d)}, nil
		})
	return s.mountDead(w)
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
