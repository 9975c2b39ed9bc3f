package live

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Days are today's judged days as the live store has them (satisfied by live.Board).
type Days interface {
	// Today returns a copy of an agent's day so far, its intervals included; false for an agent that is not known.
	Today(agentID string) (schemas.AgentDay, bool)
	// Would returns what the judge would say if the agent took the state now and kept it until what is scheduled now ends.
	Would(agentID string, s schemas.State) schemas.LiveState
	// FeedSilence returns which silent feeds leave the agent's state unknown, and what was last said of it.
	FeedSilence(agentID string) schemas.FeedSilence
}

// mountMe adds the page of agents. /me/now is the part of it that changes, which its script asks for.
func (s *routes) mountMe() error {
	own := func(r *http.Request) access.Target {
		return access.Target{AgentID: web.PrincipalOf(r.Context()).AgentID}
	}
	page := func(pattern, part string) error {
		return s.Mount(web.Route{
			Method:  http.MethodGet,
			Pattern: pattern,
			Action:  access.ActionOwnDay,
			Target:  own,
			Page:    true,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.showMe(w, r, part) }),
		})
	}
	return errors.Join(page("/me", ""), page("/me/now", "changing"))
}

// mePage is what /me shows. The words are the server's: the script lets times tick and asks for the changing part
// again.
type mePage struct {
	web.Frame
	AgentID, Name string
	AsOf          schemas.Instant
	StreamPath    string
	LeadMS        int64
	// Known says that the agent is on the board.
	Known       bool
	Now         meNow
	Day         meDay
	Presences   []web.Choice
	Statuses    []web.Choice
	Secondaries []schemas.SecondaryStatus
}

// meNow is the present moment of an agent.
type meNow struct {
	Presence, Status, Secondary, Note string
	Since                             schemas.Instant
	State, Fine, For                  string
	// Group is the adherence group of the board; Verdict words it.
	Group, Verdict string
	VerdictSince   schemas.Instant
	Routable       bool
	Routing        string
	Plan, Next     *mePlan
	// Unfit lists, as JSON, the choices that do not fit the schedule: status, or status|secondary.
	Unfit string
	// Over is the instant from which a break or meal of now is overrun, or was; 0 for none.
	Over     schemas.Instant
	OverWord string
	// Silence says what silent feeds leave unknown. LastPresence to LastSecondary are what was set meanwhile; empty
	// without silence.
	Silence                                 meSilence
	LastPresence, LastStatus, LastSecondary string
}

// mePlan is a scheduled activity. Fits is the status that goes with it, Presence what goes with that.
type mePlan struct {
	Name, When, Length string
	Start, End         schemas.Instant
	Fits, Presence     string
}

// showMe shows the whole page, or one part of it.
func (s *routes) showMe(w http.ResponseWriter, r *http.Request, part string) {
	p := web.PrincipalOf(r.Context())
	c := s.deps.Board.Changes(noRows)
	page := mePage{
		Frame:       s.Frame(p, "My day", "/me"),
		AgentID:     p.AgentID,
		Name:        p.Name,
		AsOf:        c.AsOf,
		LeadMS:      s.Config().ReminderLead.Milliseconds(),
		Presences:   web.PresenceChoices(),
		Statuses:    web.StatusChoices(),
		Secondaries: s.deps.Secondaries(),
	}
	page.Script = "me"
	q := url.Values{"agent": {p.AgentID}, "last_event_id": {eventID(c.Life, c.Version)}}
	page.StreamPath = "/api/v1/live/stream?" + q.Encode()
	if a, ok := s.deps.Board.Agent(p.AgentID); ok {
		zone := web.Zone(a.TimeZone)
		page.Known, page.Name = true, a.Name
		page.Now = s.meNow(a, zone, c.AsOf, page.Secondaries)
		if day, ok := s.deps.Days.Today(p.AgentID); ok {
			page.Day = meDayOf(&day, zone, c.AsOf)
		}
	}
	if part == "" {
		s.pages.Show(w, http.StatusOK, "me", page)
		return
	}
	s.pages.Part(w, "me", part, page)
}

// usualStatus returns the status that goes with a scheduled category, none where any would do.
func usualStatus(c schemas.Category) schemas.Status {
	return map[schemas.Category]schemas.Status{
		schemas.CategoryOnQueueWork:  schemas.StatusAvailable,
		schemas.CategoryOffQueueWork: schemas.StatusOffQueue,
		schemas.CategoryBreak:        schemas.StatusBreak,
		schemas.CategoryMeal:         schemas.StatusMeal,
		schemas.CategoryMeeting:      schemas.StatusMeeting,
		schemas.CategoryTraining:     schemas.StatusTraining,
	}[c]
}

// meNow words the present moment.
func (s *routes) meNow(a *schemas.LiveAgent, zone schemas.Zone, now schemas.Instant,
	secondaries []schemas.SecondaryStatus) meNow {
	n := meNow{Presence: a.Presence.String(), Status: a.Status.String(), Secondary: a.Secondary, Note: a.Note,
		Routable: a.Routable}
	n.State, n.Fine, n.Since = doing(a)
	n.For = lasting(n.Since, now)
	n.Group, n.VerdictSince = groupOf(view{a, true}, false)
	n.Verdict = verdictWords(a)
	n.Routing = routableWords(a)
	n.Plan, n.Next = mePlanOf(a.Scheduled, zone), mePlanOf(a.Next, zone)
	n.Over, n.OverWord = overrun(a)
	n.Unfit = s.unfitting(a.AgentID, secondaries)
	u := s.deps.Days.FeedSilence(a.AgentID)
	if n.Silence = silenceOf(&u, zone); n.Silence.Text != "" {
		n.LastPresence, n.LastStatus, n.LastSecondary = u.Last.Presence.String(), u.Last.Status.String(), u.Last.Secondary
		if a.AdherenceState == schemas.LiveUnknown {
			n.Verdict = "Unknown while " + u.Feeds[0].Source + " is silent"
		}
	}
	return n
}

func mePlanOf(a *schemas.LiveActivity, zone schemas.Zone) *mePlan {
	if a == nil {
		return nil
	}
	p := &mePlan{
		Name:   planName(a),
		When:   web.Clock(zone, a.Start) + "–" + web.Clock(zone, a.End),
		Length: web.Length(a.End.Sub(a.Start)),
		Start:  a.Start,
		End:    a.End,
	}
	if fits := usualStatus(a.Category); fits != schemas.StatusNone {
		p.Fits, p.Presence = fits.String(), web.UsualPresence(fits).String()
	}
	return p
}

// verdictWords says to an agent what the judge says of this moment.
func verdictWords(a *schemas.LiveAgent) string {
	return cmp.Or(map[schemas.LiveState]string{
		schemas.LiveInAdherence:    "In adherence",
		schemas.LiveOutOfAdherence: "Out of adherence",
		schemas.LiveUnscheduled:    "Nothing is scheduled now",
		schemas.LiveExcused:        "Excused: a correction covers this time",
		schemas.LiveIgnored:        "Not judged: the policy ignores this activity",
	}[a.AdherenceState], "Unknown: no feed reports what you are doing")
}

// routableWords says to an agent whether work may be offered, and while a contact lasts that it may be finished.
func routableWords(a *schemas.LiveAgent) string {
	contact := a.Routing == schemas.RoutingInteracting || a.Routing == schemas.RoutingCommunicating
	switch {
	case a.Routable:
		return "New work may be offered to you."
	case contact && (a.Status != schemas.StatusAvailable || a.Presence != schemas.PresenceAvailable):
		return "Finish your contact; no new work will be offered."
	case contact:
		return "You are on a contact; new work comes after it."
	case a.Routing == schemas.RoutingNotResponding && a.Status == schemas.StatusAvailable &&
		a.Presence == schemas.PresenceAvailable:
		return "No new work: the last offer was not answered. Choose Available to be offered work again."
	}
	return "No new work will be offered: " + a.NotRoutableBecause + "."
}

// overrun returns the instant at which a break or meal that the agent is in ends, or ended, by the schedule.
func overrun(a *schemas.LiveAgent) (schemas.Instant, string) {
	if a.Scheduled == nil || (a.Status != schemas.StatusBreak && a.Status != schemas.StatusMeal) {
		return 0, ""
	}
	rests := a.Scheduled.Category == schemas.CategoryBreak || a.Scheduled.Category == schemas.CategoryMeal
	if rests {
		return a.Scheduled.End, a.Status.String()
	}
	if a.Since.Status != 0 && a.Since.Status < a.Scheduled.Start {
		return a.Scheduled.Start, a.Status.String()
	}
	return 0, ""
}

// unfitting asks the judge which choices would be out of adherence, and returns them as a JSON list.
func (s *routes) unfitting(agent string, secondaries []schemas.SecondaryStatus) string {
	list := []string{}
	try := func(key string, v schemas.Status, secondary string) {
		st := schemas.State{Presence: web.UsualPresence(v), Status: v, Routing: schemas.RoutingOffQueue, Secondary: secondary}
		if v == schemas.StatusAvailable {
			st.Routing = schemas.RoutingIdle
		}
		if s.deps.Days.Would(agent, st) == schemas.LiveOutOfAdherence {
			list = append(list, key)
		}
	}
	for v := schemas.StatusAvailable; v <= schemas.StatusOffQueue; v++ {
		try(v.String(), v, "")
	}
	for _, x := range secondaries {
		try(x.Status.String()+"|"+x.Secondary, x.Status, x.Secondary)
	}
	b, _ := json.Marshal(list) // a list of texts has a form in JSON
	return string(b)
}

// meDay is an agent's day so far.
type meDay struct {
	Date string
	// Path is the page that explains the day.
	Path       string
	Adherence  string
	Why        string
	Figures    []web.Figure
	Timeline   timeline
	Deviations []deviation
}

// deviation is one exception in words.
type deviation struct {
	When, Length, Did string
	// Open says that it goes on.
	Open bool
}

// meDayOf words a judged day.
func meDayOf(d *schemas.AgentDay, zone schemas.Zone, now schemas.Instant) meDay {
	m := meDay{
		Path:     web.DayPath(d.AgentID, d.Day),
		Date:     d.Day.Time().Format("Monday, 2 January"),
		Figures:  web.DayFigures(d, web.Length),
		Timeline: timelineOf(d, zone, now),
	}
	m.Adherence, m.Why = adherenceWords(d.Adherence())
	for i := range d.Exceptions {
		m.Deviations = append(m.Deviations, deviationOf(d, &d.Exceptions[i], zone, now))
	}
	slices.Reverse(m.Deviations)
	return m
}

// adherenceWords returns the adherence, or why there is none.
func adherenceWords(p schemas.Percent) (text, why string) {
	if v, ok := p.Value(); ok {
		return fmt.Sprintf("%.2f %%", v), ""
	}
	switch p.Reason {
	case schemas.ReasonNoSchedule:
		return "", "Nothing is scheduled today, so there is nothing to judge."
	case schemas.ReasonAbsent:
		return "", "You were offline throughout what was scheduled."
	case schemas.ReasonTimeOff:
		return "", "You are on leave: all that is scheduled is time off, which is not judged."
	case schemas.ReasonNothingJudged:
		return "", "All of the day so far is excused or not judged."
	case schemas.ReasonNoData:
		return "", "No feed has reported what you did yet."
	default:
		return "", "Nothing has been judged yet."
	}
}

// deviationOf says of one exception when it was, how long it took and what happened.
func deviationOf(d *schemas.AgentDay, e *schemas.Exception, zone schemas.Zone, now schemas.Instant) deviation {
	v := deviation{
		When:   web.Clock(zone, e.Start) + "–" + web.Clock(zone, e.End),
		Length: web.Length(e.MS),
		Open:   now.Sub(e.End) < schemas.SecondMS && e.End >= judgedUntil(d),
	}
	if v.Open {
		v.When = "since " + web.Clock(zone, e.Start)
	}
	v.Did = web.Deviation(e, zone, v.Open)
	return v
}

// judgedUntil returns the instant up to which the day is judged.
func judgedUntil(d *schemas.AgentDay) schemas.Instant {
	if n := len(d.Intervals); n > 0 {
		return d.Intervals[n-1].End
	}
	return 0
}
