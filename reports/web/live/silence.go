package live

import (
	"fmt"
	"net/http"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// showSilent sends the part of the board that says which feeds are silent; the board's page asks for it again and
// again.
func (s *routes) showSilent(w http.ResponseWriter, _ *http.Request) {
	s.pages.Part(w, "board", "silent", boardPage{Silent: s.silentWords()})
}

// silentFeed is a silent feed in words.
type silentFeed struct {
	Source string
	// Since is the last sign for the script, Clock the time of day in UTC, For how long it is past.
	Since      schemas.Instant
	Clock, For string
}

// silentWords words the feeds that are silent now, by source.
func (s *routes) silentWords() []silentFeed {
	now := schemas.InstantOf(s.Now())
	var out []silentFeed
	for _, f := range s.SilentFeeds() {
		out = append(out, silentFeed{f.Source, f.SilentSince, web.Clock(schemas.UTC, f.SilentSince),
			web.Length(max(now.Sub(f.SilentSince), 0))})
	}
	return out
}

// meSilence says to an agent which of their feeds are silent and what that means for them; empty when none is.
type meSilence struct {
	// Text says who is silent and what is unknown; Last what was set and will count.
	Text, Last string
}

// silenceOf words what silent feeds leave unknown of an agent.
func silenceOf(u *schemas.FeedSilence, zone schemas.Zone) meSilence {
	var m meSilence
	var who []string
	var fields schemas.Fields
	for _, f := range u.Feeds {
		who = append(who, fmt.Sprintf("%s has been silent since %s", f.Source, web.Clock(zone, f.Since)))
		fields |= f.Fields
	}
	if len(who) == 0 {
		return m
	}
	m.Text = strings.Join(who, ", ") + ". Until it reports again your " + listed(fields.Names()) +
		" cannot be known; this time is not held against you."
	if last := lastWords(u, fields); last != "" {
		m.Last = fmt.Sprintf("Last set: %s, at %s. This, or what you set now, counts again when %s is back.", last,
			web.Clock(zone, u.SaidAt), u.Feeds[0].Source)
	}
	return m
}

// lastWords words what was last said of the fields that are unknown meanwhile.
func lastWords(u *schemas.FeedSilence, fields schemas.Fields) string {
	var parts []string
	if fields&schemas.FieldStatus != 0 && u.Last.Status > schemas.StatusUnknown {
		word := web.Label(u.Last.Status)
		if u.Last.Secondary != "" {
			word = u.Last.Secondary
		}
		parts = append(parts, word)
	}
	if fields&schemas.FieldPresence != 0 && u.Last.Presence > schemas.PresenceUnknown {
		parts = append(parts, web.Label(u.Last.Presence))
	}
	return strings.Join(parts, " · ")
}

// listed joins words to "a, b and c".
func listed(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
