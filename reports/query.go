package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// Which schedule a report judges against, and which membership it groups by (`rollcall report`).
const (
	AgainstCurrent     = "current"
	AgainstAsPublished = "as_published"
	TeamsThen          = "then"
	TeamsNow           = "now"
)

// Query says what a report is about. Empty lists mean no restriction.
type Query struct {
	// From and To are local dates of the agents; To is included.
	From, To             schemas.Date
	Teams, Sites, Agents []string
	// Zone is the IANA zone in which times are shown; empty for each agent's own. It never moves a day.
	Zone string
	// Against is AgainstCurrent or AgainstAsPublished.
	Against string
	// KnownAt limits all inputs to those recorded by then; 0 for everything known.
	KnownAt schemas.Instant
	// TeamsAs is TeamsThen, teams as they were, or TeamsNow, as they are: then Teams and Sites are those of now too.
	TeamsAs string
	// Intervals asks for what was scheduled and what was done, which a timeline shows. It is no parameter of the report.
	Intervals bool
}

// Validate returns everything that is wrong with the query, or nil.
func (q *Query) Validate() error {
	var errs []error
	if q.To < q.From {
		errs = append(errs, fmt.Errorf("the range is empty: its first day %s lies after its last day %s", q.From, q.To))
	}
	if q.Zone != "" {
		if _, err := schemas.LoadZone(q.Zone); err != nil {
			errs = append(errs, err)
		}
	}
	if !slices.Contains([]string{AgainstCurrent, AgainstAsPublished}, q.Against) {
		errs = append(errs, fmt.Errorf("against %q is not one of %s, %s", q.Against, AgainstCurrent, AgainstAsPublished))
	}
	if !slices.Contains([]string{TeamsThen, TeamsNow}, q.TeamsAs) {
		errs = append(errs, fmt.Errorf("teams %q is not one of %s, %s", q.TeamsAs, TeamsThen, TeamsNow))
	}
	return errors.Join(errs...)
}

// AgainstText names what the days were judged against, in the words of RULES.md section 4: current, as_published, or
// as_known_at=T where KnownAt limits the inputs.
func (q *Query) AgainstText() string {
	if q.KnownAt != 0 && q.Against == AgainstCurrent {
		return "as_known_at=" + q.KnownAt.String()
	}
	return q.Against
}

// AgainstWords says AgainstText in a sentence: "the current schedule".
func (q *Query) AgainstWords() string {
	switch {
	case q.Against == AgainstAsPublished:
		return "the schedule as it was published before the day began"
	case q.KnownAt != 0:
		return "what was known at " + q.KnownAt.String()
	}
	return "the current schedule"
}

// MostTimelines is how many agent-days a timeline shows at most.
const MostTimelines = 2000

// Reader yields judged days.
type Reader interface {
	// Days yields every agent-day of the query with its exceptions, in order of day, then agent id by bytes, each once,
	// with name, team and site as the query wants them. The row is valid only during the call. An error of yield ends
	// the reading and is returned.
	Days(ctx context.Context, q Query, yield func(*schemas.DayRow) error) error
	// Policies returns the policy versions known at the instant, 0 for now.
	Policies(ctx context.Context, knownAt schemas.Instant) ([]schemas.PolicyVersion, error)
	// Feeds returns what every feed has said of itself by the instant, 0 for now.
	Feeds(ctx context.Context, knownAt schemas.Instant) ([]schemas.Feed, error)
	// JudgedAt returns the instant up to which the days of the query take inputs into account, and time itself: a report
	// can be made again from what was known then. 0 where nothing was ever judged.
	JudgedAt(ctx context.Context, q Query) (schemas.Instant, error)
}
