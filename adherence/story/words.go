package story

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// phrase is a way to say what an agent does. A zero field is one that the phrase does not speak of.
type phrase struct {
	text  string
	state schemas.State
}

// phrases lists the ways to say what happened: the system presences of RULES.md section 3, "From Genesys Cloud", then
// words for routing alone. Of two that mean the same, the first is the one that is written.
func phrases() []phrase {
	say := func(text string, p schemas.Presence, s schemas.Status, r schemas.Routing) phrase {
		return phrase{text, schemas.State{Presence: p, Status: s, Routing: r}}
	}
	off := schemas.RoutingOffQueue
	return []phrase{
		say("on queue", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle),
		say("on queue, on a call", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingInteracting),
		say("on queue, communicating", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingCommunicating),
		say("on queue, not responding", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingNotResponding),
		say("available, off queue", schemas.PresenceAvailable, schemas.StatusOffQueue, off),
		say("available", schemas.PresenceAvailable, schemas.StatusOffQueue, off),
		say("busy", schemas.PresenceBusy, schemas.StatusOffQueue, off),
		say("away", schemas.PresenceAway, schemas.StatusOffQueue, off),
		say("break", schemas.PresenceAway, schemas.StatusBreak, off),
		say("meal", schemas.PresenceAway, schemas.StatusMeal, off),
		say("meeting", schemas.PresenceBusy, schemas.StatusMeeting, off),
		say("training", schemas.PresenceBusy, schemas.StatusTraining, off),
		say("offline", schemas.PresenceOffline, schemas.StatusOffQueue, off),
		say("signs out", schemas.PresenceOffline, schemas.StatusOffQueue, off),
		say("unknown", schemas.PresenceUnknown, schemas.StatusUnknown, schemas.RoutingUnknown),
		say("off queue", 0, schemas.StatusOffQueue, off),
		say("on a call", 0, 0, schemas.RoutingInteracting),
		say("takes a call", 0, 0, schemas.RoutingInteracting),
		say("interacting", 0, 0, schemas.RoutingInteracting),
		say("communicating", 0, 0, schemas.RoutingCommunicating),
		say("call ends", 0, 0, schemas.RoutingIdle),
		say("waits for a call", 0, 0, schemas.RoutingIdle),
		say("not responding", 0, 0, schemas.RoutingNotResponding),
		say(nothing, 0, 0, 0),
	}
}

// nothing says that no field is named.
const nothing = "nothing"

// saying finds the state that a phrase means. The error names the nearest phrase.
func saying(text string) (schemas.State, error) {
	all := phrases()
	if i := slices.IndexFunc(all, func(p phrase) bool { return normalise(p.text) == normalise(text) }); i >= 0 {
		return all[i].state, nil
	}
	if normalise(text) == "idle" {
		return schemas.State{}, fmt.Errorf("%q can mean two things; write `waits for a call` for the routing, `away` for the"+
			" presence", text)
	}
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = all[i].text
	}
	if near := schemas.Nearest(text, texts); near != "" {
		return schemas.State{}, fmt.Errorf("%q is not understood; did you mean %q?", text, near)
	}
	return schemas.State{}, fmt.Errorf("%q is not understood; write one of: %s; or name the fields, as in presence=away"+
		" status=break routing=off_queue", text, strings.Join(texts, "; "))
}

// sayState writes a state so that it is read back: a phrase for the whole where there is one, else its fields.
func sayState(s schemas.State) string {
	bare := s
	bare.Secondary = ""
	for _, p := range phrases() {
		if p.state == bare {
			if s.Secondary == "" {
				return p.text
			}
			return p.text + " secondary=" + value(s.Secondary)
		}
	}
	var words []string
	for _, f := range []struct{ key, text string }{{"presence", s.Presence.String()}, {"status", s.Status.String()},
		{"routing", s.Routing.String()}, {"secondary", s.Secondary}} {
		if f.text != "" {
			words = append(words, f.key+"="+value(f.text))
		}
	}
	return strings.Join(words, " ")
}

// wordOf finds a name of an enumeration, comparing letters only; values are 1 to the last that has a name.
func wordOf[T ~uint8](text, what string, last T, name func(T) string) (T, error) {
	var all []string
	for v := T(1); v <= last; v++ {
		if normalise(name(v)) == normalise(text) {
			return v, nil
		}
		all = append(all, strings.ReplaceAll(name(v), "_", " "))
	}
	hint := "write one of: " + strings.Join(all, ", ")
	if near := schemas.Nearest(text, all); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return 0, fmt.Errorf("%q is no %s; %s", text, what, hint)
}

func categoryOf(text string, last schemas.Category) (schemas.Category, error) {
	return wordOf(text, "category", last, schemas.Category.String)
}

// spaced writes a name with spaces: on_queue_work is on queue work.
func spaced(v fmt.Stringer) string { return strings.ReplaceAll(v.String(), "_", " ") }

// sayActivity writes what is scheduled: the code and its category in brackets, or the category alone.
func sayActivity(code string, c schemas.Category) string {
	if code == "" {
		return spaced(c)
	}
	return label(code) + " (" + spaced(c) + ")"
}
