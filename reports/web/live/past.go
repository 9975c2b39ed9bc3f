package live

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Past replays the live board (satisfied by live.Board).
type Past interface {
	// At returns the rows of an instant, from what was recorded by knownAt (0 for everything); agents, if there are any,
	// are the only ones wanted.
	At(ctx context.Context, at, knownAt schemas.Instant, agents []string) ([]*schemas.LiveAgent, error)
}

// pastInput are the query parameters of GET /live/at.
type pastInput struct {
	At             string   `query:"at" required:"true" format:"date-time" doc:"the instant to look at" example:"2026-03-02T10:40:00Z"`
	As             string   `query:"as" enum:"then,now" default:"then" doc:"then: as it was known at that instant; now: as it is known now to have been"`
	Team           []string `query:"team,explode" doc:"only agents who were in this team; may be given several times"`
	Site           []string `query:"site,explode" doc:"only agents who were at this site; may be given several times"`
	Presence       []string `query:"presence,explode" doc:"only agents of this presence"`
	Status         []string `query:"status,explode" doc:"only agents of this status"`
	AdherenceState []string `query:"adherence_state,explode" doc:"only agents of this adherence state"`
	at             schemas.Instant
	filter         Filter
}

// Resolve reads instant and filter.
func (in *pastInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	f, bad := ParseFilter(u.Query(), "at", "as")
	in.filter = f
	var err error
	if in.at, err = schemas.ParseInstant(in.At); err != nil {
		bad = append(bad, schemas.ProblemDetail{Location: "query.at", Value: in.At, Message: err.Error()})
	} else if in.at < schemas.MinInstant {
		bad = append(bad, schemas.ProblemDetail{Location: "query.at", Value: in.At,
			Message: fmt.Sprintf("lies before %s", schemas.MinInstant)})
	}
	return errorsOf(bad)
}

// pastOutput is the answer of GET /live/at.
type pastOutput struct {
	Body struct {
		Items   []*schemas.LiveAgent `json:"items" doc:"the agents, by id"`
		AsOf    schemas.Instant      `json:"as_of" doc:"the instant looked at"`
		KnownAt schemas.Instant      `json:"known_at" doc:"what was recorded later is not taken into account"`
	}
}

// mostReplays is how many replays run at once: each holds a board of its own.
const mostReplays = 2

// mountPast adds the replay of the live board.
func (s *routes) mountPast(p Past) {
	busy := make(chan struct{}, mostReplays)
	web.Call(s.Server, "GET /api/v1/live/at", "live-at", web.Route{Action: access.ActionSeeLive},
		func(ctx context.Context, in *pastInput) (*pastOutput, error) {
			select {
			case busy <- struct{}{}:
				defer func() { <-busy }()
			case <-ctx.Done():
				return nil, schemas.NewProblem(http.StatusServiceUnavailable, "others look at the past now; try again in a moment")
			}
			return s.replay(ctx, p, in)
		})
}

// replay reads the board of the instant and keeps what the asker may see and asked for.
func (s *routes) replay(ctx context.Context, past Past, in *pastInput) (*pastOutput, error) {
	now := schemas.InstantOf(s.Now())
	if in.at > now {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity,
			fmt.Sprintf("at %s lies ahead; it is %s here", in.at, now),
			schemas.ProblemDetail{Location: "query.at", Value: in.At, Message: "lies ahead"})
	}
	p := web.PrincipalOf(ctx)
	var agents []string
	if own := access.ScopeOf(p, access.ActionSeeLive).AgentID; own != "" {
		agents = []string{own}
	}
	out := &pastOutput{}
	out.Body.AsOf, out.Body.KnownAt = in.at, in.at
	if in.As == "now" {
		out.Body.KnownAt = now
	}
	rows, err := past.At(ctx, in.at, out.Body.KnownAt, agents)
	if err != nil {
		return nil, s.Unavailable(err, "the past cannot be read")
	}
	out.Body.Items = []*schemas.LiveAgent{}
	for _, v := range views(p, &in.filter, rows) {
		if v.whole { // what a colleague sees is of the present only
			out.Body.Items = append(out.Body.Items, v.LiveAgent)
		}
	}
	slices.SortFunc(out.Body.Items, func(a, b *schemas.LiveAgent) int { return cmp.Compare(a.AgentID, b.AgentID) })
	return out, nil
}
