package schemas

import (
	"errors"
	"net/http"
)

// ErrUnavailable says that the store's server could not be reached, or went away before it answered. The same call may
// succeed later.
var ErrUnavailable = errors.New("the store is not available; check that the server runs and answers at its address")

// Problem is an error as the API reports it: a problem document of RFC 9457 with the member errors, in which each
// broken rule names its place. It is sent as application/problem+json.
type Problem struct {
	// Type is a URI of the kind of problem; empty is about:blank, where Title is the status's text.
	Type   string `json:"type,omitempty"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what is wrong with this request and what would be right.
	Detail string          `json:"detail,omitempty"`
	Errors []ProblemDetail `json:"errors,omitempty"`
}

// ProblemDetail is one broken rule. Location is a place such as query.team, path.id or body.up_to.
type ProblemDetail struct {
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
	Value    any    `json:"value,omitempty"`
}

// ProblemType is the media type of a problem document.
const ProblemType = "application/problem+json"

// NewProblem makes the problem document of an HTTP status.
func NewProblem(status int, detail string, errs ...ProblemDetail) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail, Errors: errs}
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type to send in place of plain JSON.
func (p *Problem) ContentType(string) string { return ProblemType }
