package live

import (
	"fmt"

	"rollcall/schemas"
)

// eventKind is what a stream is about.
type eventKind uint8

const (
	agentEvents    eventKind = iota // rows, as /agents has them
	routableEvents                  // who may be offered work
)

// name is that of the events.
func (k eventKind) name() string {
	if k == routableEvents {
		return "routable"
	}
	return "agent"
}

// parseEvents reads the query's events.
func parseEvents(values []string) (eventKind, []schemas.ProblemDetail) {
	switch {
	case len(values) == 0 || len(values) == 1 && (values[0] == "" || values[0] == "agent"):
		return agentEvents, nil
	case len(values) == 1 && values[0] == "routable":
		return routableEvents, nil
	}
	return 0, []schemas.ProblemDetail{{Location: "query.events", Value: values[0],
		Message: fmt.Sprintf("%.64q is no kind of events; right would be routable, or nothing for whole rows", values[0])}}
}

// routability is what a routing engine follows.
type routability struct {
	AgentID            string `json:"agent_id"`
	Routable           bool   `json:"routable"`
	NotRoutableBecause string `json:"not_routable_because,omitempty"`
	// Version grows with every change of the row; of two of one agent the higher is the later.
	Version uint64 `json:"version"`
}

func routabilityOf(a *schemas.LiveAgent) routability {
	return routability{a.AgentID, a.Routable, a.NotRoutableBecause, a.Version}
}

// wants says whether the reader is sent a row that it sees in this form: a colleague does not learn who is routable.
func (rd *follower) wants(v view) bool { return v.whole || rd.kind != routableEvents }

// view returns the row as the reader sees it, or false.
func (rd *follower) view(a *schemas.LiveAgent) (view, bool) {
	v, ok := rd.viewer.view(a)
	return v, ok && rd.wants(v)
}

// shape returns the row as the reader's events have it.
func (rd *follower) shape(v view, asOf schemas.Instant) any {
	if rd.kind == routableEvents {
		return routabilityOf(v.LiveAgent)
	}
	return v.at(asOf)
}

// concerns says whether the reader is sent the row at all.
func (rd *follower) concerns(a *schemas.LiveAgent) bool {
	return rd.viewer.live.Covers(a.AgentID, a.Team, a.Site) ||
		rd.kind != routableEvents && rd.viewer.presence.Covers(a.AgentID, a.Team, a.Site)
}
