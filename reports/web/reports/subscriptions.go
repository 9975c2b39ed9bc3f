package reports

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/mail"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Subscriptions are the mails that people are sent (satisfied by mail.Mailer).
type Subscriptions interface {
	// Enabled says whether there is a mail server.
	Enabled() bool
	Subscriptions(ctx context.Context) ([]schemas.Subscription, error)
	Subscribe(ctx context.Context, s schemas.Subscription, by mail.By) (schemas.Subscription, error)
	Unsubscribe(ctx context.Context, id string, by mail.By) error
}

// subscriptionInput is a subscription as somebody asks for it.
type subscriptionInput struct {
	Body struct {
		Kind         schemas.SubscriptionKind `json:"kind,omitempty" enum:"daily,out_of_adherence" default:"daily" doc:"the mail of the day before, or who is out of adherence during the day"`
		Recipients   []string                 `json:"recipients" minItems:"1" maxItems:"50" example:"[\"kim@example.org\"]" doc:"addresses; each gets a mail of its own"`
		Teams        []string                 `json:"teams,omitempty" maxItems:"500" example:"[\"Billing\"]" doc:"only these teams; none means all that one may see"`
		Sites        []string                 `json:"sites,omitempty" maxItems:"500" doc:"only these sites"`
		At           string                   `json:"at" example:"06:30" doc:"when, in local time; of a digest, the first"`
		TimeZone     string                   `json:"time_zone" example:"Europe/London" doc:"whose local time, an IANA name"`
		Until        string                   `json:"until,omitempty" example:"18:00" doc:"of a digest: when the last may go out"`
		EveryMinutes int                      `json:"every_minutes,omitempty" doc:"of a digest: minutes between two"`
		SkipEmpty    bool                     `json:"skip_empty,omitempty" doc:"no mail about days on which nothing was scheduled"`
		NoWorkbook   bool                     `json:"no_workbook,omitempty" doc:"without the workbook"`
	}
	made schemas.Subscription
}

// Resolve reads the times of day and checks the whole.
func (in *subscriptionInput) Resolve(huma.Context) []error {
	b := &in.Body
	in.made = schemas.Subscription{
		Kind:       b.Kind,
		Recipients: b.Recipients,
		Teams:      b.Teams,
		Sites:      b.Sites,
		TimeZone:   b.TimeZone,
		Every:      b.EveryMinutes,
		SkipEmpty:  b.SkipEmpty,
		NoWorkbook: b.NoWorkbook,
	}
	var errs []error
	clock := func(name, text string, to *int) {
		var err error
		if *to, err = schemas.ParseClock(text); err != nil {
			errs = append(errs, &huma.ErrorDetail{Location: "body." + name, Message: err.Error(), Value: text})
		}
	}
	clock("at", b.At, &in.made.At)
	if b.Kind == schemas.SubscriptionDigest {
		clock("until", b.Until, &in.made.Until)
	}
	return errs
}

type subscriptionID struct {
	ID string `path:"id" maxLength:"128" doc:"the subscription"`
}

// mountSubscriptions adds the mail subscriptions.
func (r *routes) mountSubscriptions() {
	route := web.Route{Action: access.ActionSubscribe}
	web.Call(r.Server, "GET /api/v1/subscriptions", "list-subscriptions", route,
		func(ctx context.Context, _ *struct{}) (*web.List[mail.SubscriptionRow], error) {
			rows, err := r.subscriptions(ctx)
			return web.ListOf(rows), err
		})
	web.Call(r.Server, "DELETE /api/v1/subscriptions/{id}", "unsubscribe", route,
		func(ctx context.Context, in *subscriptionID) (*struct{}, error) {
			return nil, r.unsubscribe(ctx, in.ID)
		})
	route.Status = http.StatusCreated
	web.Call(r.Server, "POST /api/v1/subscriptions", "subscribe", route,
		func(ctx context.Context, in *subscriptionInput) (*web.One[mail.SubscriptionRow], error) {
			row, err := r.subscribe(ctx, in)
			return &web.One[mail.SubscriptionRow]{Body: row}, err
		})
}

// mayEnd says whether the asker may see and end a subscription: it is theirs, or they administer.
func mayEnd(p access.Principal, sub *schemas.Subscription) bool {
	return sub.OwnerID == p.ID || access.Allow(p, access.ActionAdminister, access.Target{}) == nil
}

// subscriptions lists those that the asker may see, the oldest first.
func (r *routes) subscriptions(ctx context.Context) ([]mail.SubscriptionRow, error) {
	all, err := r.deps.Mails.Subscriptions(ctx)
	if err != nil {
		return nil, r.mailProblem(err)
	}
	var rows []mail.SubscriptionRow
	for i := range all {
		if mayEnd(web.PrincipalOf(ctx), &all[i]) {
			rows = append(rows, mail.RowOf(&all[i]))
		}
	}
	return rows, nil
}

// subscribe begins a subscription of the asker's, who must be allowed to see each team and site that it names.
func (r *routes) subscribe(ctx context.Context, in *subscriptionInput) (mail.SubscriptionRow, error) {
	p := web.PrincipalOf(ctx)
	if !r.deps.Mails.Enabled() {
		return mail.SubscriptionRow{}, schemas.NewProblem(http.StatusConflict,
			"no mails are sent here; whoever runs Rollcall sets smtp.address and smtp.from")
	}
	if err := allowNames(p, access.ActionSubscribe, in.made.Teams, in.made.Sites); err != nil {
		return mail.SubscriptionRow{}, err
	}
	in.made.OwnerID, in.made.Owner = p.ID, p.Name
	made, err := r.deps.Mails.Subscribe(ctx, in.made, mail.By{Actor: p.Name, Origin: p.Origin})
	if err != nil {
		return mail.SubscriptionRow{}, r.mailProblem(err)
	}
	return mail.RowOf(&made), nil
}

// unsubscribe ends a subscription. One that is somebody else's is not there for the asker.
func (r *routes) unsubscribe(ctx context.Context, id string) error {
	rows, err := r.subscriptions(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(row mail.SubscriptionRow) bool { return row.ID == id }) {
		return schemas.NewProblem(http.StatusNotFound, mail.ErrNoSubscription.Error()+
			"; GET /api/v1/subscriptions lists yours")
	}
	p := web.PrincipalOf(ctx)
	if err := r.deps.Mails.Unsubscribe(ctx, id, mail.By{Actor: p.Name, Origin: p.Origin}); err != nil {
		return r.mailProblem(err)
	}
	return nil
}

// mailProblem turns what a request about subscriptions failed of into a problem document.
func (r *routes) mailProblem(err error) error {
	switch {
	case errors.Is(err, mail.ErrInvalid):
		return schemas.NewProblem(http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, mail.ErrNoSubscription):
		return schemas.NewProblem(http.StatusNotFound, err.Error())
	}
	return r.Unavailable(err, "subscriptions cannot be read or written")
}
