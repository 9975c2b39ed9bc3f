package files

import (
	"fmt"
	"strings"

	"rollcall/schemas"
)

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	Roster     Kind = "roster"
	Activities Kind = "activities"
	Statuses   Kind = "statuses"
	Schedule   Kind = "schedule"
	Status     Kind = "status"
	Gaps       Kind = "gaps"

	Requirements Kind = "requirements"
)

// kinds lists them for messages.
var kinds = []string{string(Roster), string(Activities), string(Statuses), string(Schedule), string(Status), string(Gaps),
	string(Requirements)}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range kinds {
		if k == s {
			return Kind(k), nil
		}
	}
	hint := ""
	if near := schemas.Nearest(s, kinds); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return "", fmt.Errorf("%q is none of %s%s", s, strings.Join(kinds, ", "), hint)
}

// columns gives the names of a kind's columns. The readers know them by their place here.
func (k Kind) columns() []string {
	switch k {
	case Roster:
		return []string{"agent_id", "name", "email", "team", "site", "time_zone", "supervisor", "from", "to"}
	case Activities:
		return []string{"code", "category", "paid", "counts_as_shrinkage"}
	case Statuses:
		return []string{"secondary", "status"}
	case Schedule:
		return []string{"agent_id", "activity", "start", "end", "category", "shift", "paid", "description", "time_zone",
			"date", "start_time", "end_time"}
	case Status:
		return []string{"agent_id", "at", "presence", "status", "routing", "secondary", "note", "id", "time_zone"}
	case Gaps:
		return []string{"source", "from", "to", "agent_id", "time_zone"}
	case Requirements:
		return []string{"team", "start", "required", "shrinkage", "time_zone", "date", "start_time"}
	}
	return nil
}

// required are the sets of columns of which one must be there whole.
func (k Kind) required() [][]string {
	switch k {
	case Roster:
		return [][]string{{"agent_id"}}
	case Activities:
		return [][]string{{"code", "category"}}
	case Statuses:
		return [][]string{{"secondary", "status"}}
	case Schedule:
		return [][]string{{"agent_id", "activity", "start", "end"}, {"agent_id", "activity", "date", "start_time", "end_time"}}
	case Status:
		return [][]string{{"agent_id", "at", "presence"}, {"agent_id", "at", "status"}, {"agent_id", "at", "routing"}}
	case Gaps:
		return [][]string{{"from", "to"}}
	case Requirements:
		return [][]string{{"team", "start", "required"}, {"team", "date", "start_time", "required"}}
	}
	return nil
}
