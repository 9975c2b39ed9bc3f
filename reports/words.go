package reports

import (
	"strings"

	"rollcall/schemas"
)

// maxActualStates is how many states the text of an exception lists one by one.
const maxActualStates = 4

// StateWords says a state as people say it: "on queue", "break", "training (Coaching)", "available, off queue",
// "not responding", "offline", "unknown".
func StateWords(s schemas.State) string {
	switch {
	case s.Presence == schemas.PresenceOffline:
		return "offline"
	case s.Status == schemas.StatusNone && s.Routing == schemas.RoutingNone && s.Presence != schemas.PresenceNone:
		return Plain(s.Presence.String())
	case s.Status == schemas.StatusUnknown, s.Status == schemas.StatusNone && s.Routing == schemas.RoutingNone:
		return "unknown"
	case s.Status != schemas.StatusAvailable && s.Status != schemas.StatusNone:
		return withLabel(Plain(s.Status.String()), s.Secondary)
	}
	return routingWords(s.Routing)
}

// routingWords says the routing of somebody whose status is available.
func routingWords(r schemas.Routing) string {
	switch r {
	case schemas.RoutingOffQueue:
		return "available, off queue"
	case schemas.RoutingNotResponding:
		return "not responding"
	case schemas.RoutingUnknown:
		return "available, routing unknown"
	default:
		return "on queue"
	}
}

func withLabel(word, label string) string {
	if label == "" {
		return word
	}
	return word + " (" + label + ")"
}

// Plain writes a word of the schema without its underscores.
func Plain(word string) string { return strings.ReplaceAll(word, "_", " ") }

// actualWords says what an agent did during an exception: its states in order, equal neighbours once.
func actualWords(parts []schemas.Part) string {
	var list []string
	for _, p := range parts {
		w := StateWords(p.State)
		if len(list) > 0 && list[len(list)-1] == w {
			continue
		}
		if len(list) == maxActualStates {
			return strings.Join(list, ", then ") + ", then more"
		}
		list = append(list, w)
	}
	return strings.Join(list, ", then ")
}

// ImpactWords says what an exception did to the queue: the impact of its parts, each once, in order of appearance.
func ImpactWords(parts []schemas.Part) string {
	var seen [4]bool
	var list []string
	for _, p := range parts {
		if int(p.Impact) < len(seen) && !seen[p.Impact] {
			seen[p.Impact] = true
			list = append(list, p.Impact.String())
		}
	}
	return strings.Join(list, ", ")
}
