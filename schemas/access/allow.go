package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Principal is who asks: a credential without its hash. The zero Principal is nobody.
type Principal struct {
	// ID is the credential's id, Name what people call it.
	ID, Name string
	Role     schemas.Role
	// User is true for a person's account, false for a program's token.
	User bool
	// Source is the feed that a token of role feed speaks for.
	Source string
	// AgentID is the agent that a user or token of role agent is.
	AgentID string
	// Teams and Sites are the scope; [Everything] in one of them stands for all there are.
	Teams, Sites []string
	// Origin is where the request comes from, for the journal: an address, or "command".
	Origin string
}

// Everything as a team or site of a scope stands for all teams or sites, those to come included.
const Everything = "*"

// principalOf returns the principal that a credential stands for; the origin is left for the caller.
func principalOf(c *schemas.Credential) Principal {
	return Principal{
		ID:      c.ID,
		Name:    c.Name,
		Role:    c.Role,
		User:    c.User,
		Source:  c.Source,
		AgentID: c.AgentID,
		Teams:   c.Teams,
		Sites:   c.Sites,
	}
}

// Operator returns the principal of a person who runs commands on the machine itself: whoever may read store.dir has
// everything already, so it is an admin.
func Operator(name string) Principal {
	return Principal{ID: "operator", Name: name, Role: schemas.RoleAdmin, User: true, Origin: "command"}
}

// Nobody says that no credential was given.
func (p Principal) Nobody() bool { return p.Role == "" }

// Action is something that can be allowed or refused, in the words of a refusal: "may not see the presence".
type Action string

// The actions. Every route, page and command names one of them.
const (
	// ActionPublic needs no credential: probes, the sign-in page, style sheets, the description of the API.
	ActionPublic Action = "public"
	// ActionSelf is what every credential may do with itself: sign out, ask who it is.
	ActionSelf Action = "self"
	// ActionSeePresence is to see an agent's name, team, site, presence and note, as a colleague does. The board and the
	// list of agents are made of it: an agent finds all colleagues there, everybody else only their scope.
	ActionSeePresence Action = "see the presence"
	// ActionSeeLive is to see all of an agent's live state: status, routing, schedule and adherence of this moment.
	ActionSeeLive Action = "see the live state"
	// ActionSeeAdherence is to read judged days and exceptions.
	ActionSeeAdherence Action = "see the adherence"
	// ActionPush is to push status changes as a source.
	ActionPush Action = "push status changes"
	// ActionReportFeed is to say what a feed knows about itself: heartbeat, completeness, gaps.
	ActionReportFeed Action = "send heartbeats and gaps"
	// ActionSeeFeeds is to see the feeds, how far they are complete and which are silent; a feed sees itself.
	ActionSeeFeeds Action = "see the feeds"
	// ActionChangeStatus is to set one agent's presence and status.
	ActionChangeStatus Action = "change the status"
	// ActionChangeMany is to set those of many agents at once, and to take that back.
	ActionChangeMany Action = "bulk-change the status"
	// ActionSeeMetrics is to read the program's own figures.
	ActionSeeMetrics Action = "see the program's own figures"
	// ActionOwnDay is the page of agents: their own state, what comes next, their day so far.
	ActionOwnDay Action = "see the day"
	// ActionAdminister is to see the journal, feeds, jobs and what is not understood, and to put those right.
	ActionAdminister Action = "administer the program"
	// ActionSeePolicies is to read the rules by which days are judged, which everybody who is judged may.
	ActionSeePolicies Action = "see the policies"
	// ActionTryPolicy is to ask what other rules would change for a team, a site or everybody.
	ActionTryPolicy Action = "try out the policy"
	// ActionSetPolicy is to set rules.
	ActionSetPolicy Action = "set the policy"
	// ActionAskCorrection is to ask for a correction of an agent's time.
	ActionAskCorrection Action = "ask for a correction"
	// ActionDecideCorrection is to grant, refuse and revert corrections of an agent's time.
	ActionDecideCorrection Action = "decide on a correction"
	// ActionSubscribe is to be sent mails of a team, a site or everybody. What a subscription's mails show is narrowed by
	// its owner's ActionSeeAdherence each time; those of others are for ActionAdminister.
	ActionSubscribe Action = "subscribe to mails"
	// ActionReport is to have reports made of a team, a site or everybody, as files and as a stream.
	ActionReport Action = "make reports"
	// ActionImport is to import rosters, schedules, requirements and activity codes, to see imports and to take them back.
	// Where a scope is limited, what an import touches is asked about, too.
	ActionImport Action = "import data"
	// ActionSeePlans is to see imports and what they changed of the agents and teams in scope.
	ActionSeePlans Action = "see imports"
	// ActionGrant is to create, list and end credentials.
	ActionGrant Action = "manage the credentials"
)

// Actions lists every action in a fixed order.
func Actions() []Action { return append(slices.Sorted(maps.Keys(table)), ActionPublic) }

// Roles lists every role in a fixed order.
func Roles() []schemas.Role {
	return []schemas.Role{schemas.RoleAgent, schemas.RoleSupervisor, schemas.RolePlanner, schemas.RoleManager,
		schemas.RoleFeed, schemas.RoleAdmin}
}

// Target is what an action touches. The zero Target is the whole organisation, the strictest question there is.
type Target struct {
	// AgentID, Team and Site are those of the agent concerned, team and site as the roster has them now.
	AgentID, Team, Site string
	// Source is the feed concerned.
	Source string
	// somewhere is set by Somewhere only.
	somewhere bool
}

// Somewhere asks whether there is any target at all for which the action is allowed. Whoever uses it must ask again for
// each row that it touches.
func Somewhere() Target { return Target{somewhere: true} }

// rule says on which targets a role may do an action.
type rule uint8

const (
	never     rule = iota
	ownAgent       // the agent that the principal is
	ownTeams       // agents whose team is in its scope
	ownSites       // agents whose site is in its scope
	ownEither      // agents whose team or site is in its scope
	ownSource      // the feed that the principal speaks for
	anything       // no restriction
)

// roles says on which targets each role may do an action; a role that is not in it may not.
type roles = map[schemas.Role]rule

// The roles of several actions: everybody who is judged; those who lead others, and admins, within their scope.
var (
	people = roles{schemas.RoleAgent: anything, schemas.RoleSupervisor: anything, schemas.RolePlanner: anything,
		schemas.RoleManager: anything, schemas.RoleAdmin: anything}
	leaders = roles{schemas.RoleSupervisor: ownTeams, schemas.RolePlanner: ownEither, schemas.RoleManager: ownSites,
		schemas.RoleAdmin: anything}
	supervisors = roles{schemas.RoleSupervisor: ownTeams, schemas.RoleAdmin: anything}
	admins      = roles{schemas.RoleAdmin: anything}
	feeds       = roles{schemas.RoleFeed: ownSource, schemas.RoleAdmin: anything}
)

// table says who may do what, and where. What is not in it is refused.
var table = map[Action]roles{
	ActionSelf:         with(people, schemas.RoleFeed, anything),
	ActionSeePresence:  with(leaders, schemas.RoleAgent, anything),
	ActionSeeLive:      with(leaders, schemas.RoleAgent, ownAgent),
	ActionSeeAdherence: with(leaders, schemas.RoleAgent, ownAgent),
	ActionPush:         feeds,
	ActionReportFeed:   feeds,
	ActionSeeFeeds: {schemas.RoleSupervisor: anything, schemas.RolePlanner: anything, schemas.RoleManager: anything,
		schemas.RoleFeed: ownSource, schemas.RoleAdmin: anything},
	ActionChangeStatus:     with(supervisors, schemas.RoleAgent, ownAgent),
	ActionChangeMany:       supervisors,
	ActionSeeMetrics:       admins,
	ActionOwnDay:           {schemas.RoleAgent: ownAgent},
	ActionAdminister:       admins,
	ActionSeePolicies:      people,
	ActionTryPolicy:        leaders,
	ActionSetPolicy:        admins,
	ActionAskCorrection:    with(supervisors, schemas.RoleAgent, ownAgent),
	ActionDecideCorrection: supervisors,
	ActionSubscribe:        leaders,
	ActionReport:           leaders,
	ActionImport:           {schemas.RolePlanner: ownEither, schemas.RoleAdmin: anything},
	ActionSeePlans:         leaders,
	ActionGrant:            admins,
}

// with returns the roles and one more.
func with(some roles, role schemas.Role, r rule) roles {
	more := maps.Clone(some)
	more[role] = r
	return more
}

// ErrNobody says that the action needs a credential and none was given.
var ErrNobody = errors.New("this needs a token or a sign-in")

// Refusal is the error of a principal who may not do what it asked for.
type Refusal struct {
	Principal Principal
	Action    Action
	Target    Target
}

// Error says who was refused what, and what their scope is.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s %q may not %s", r.Principal.Role, r.Principal.Name, r.Action) + r.Target.of() +
		r.Principal.scope()
}

// of names the target as the end of a sentence.
func (t Target) of() string {
	switch {
	case t.AgentID != "":
		return fmt.Sprintf(" of agent %q", t.AgentID)
	case t.Team != "":
		return fmt.Sprintf(" of team %q", t.Team)
	case t.Site != "":
		return fmt.Sprintf(" of site %q", t.Site)
	case t.Source != "":
		return fmt.Sprintf(" of source %q", t.Source)
	}
	return ""
}

// scope names what the principal has.
func (p Principal) scope() string {
	switch {
	case p.Role == schemas.RoleFeed:
		return fmt.Sprintf("; its source is %q", p.Source)
	case p.Role == schemas.RoleAgent:
		return fmt.Sprintf("; their agent is %q", p.AgentID)
	case len(p.Teams)+len(p.Sites) > 0:
		return "; their scope is " + strings.Join(slices.Concat(p.Teams, p.Sites), ", ")
	}
	return ""
}

// Allow says whether the principal may do the action on the target: nil, ErrNobody when a credential is needed and none
// was given, or a *Refusal.
func Allow(p Principal, a Action, t Target) error {
	if a == ActionPublic {
		return nil
	}
	if p.Nobody() {
		return ErrNobody
	}
	if table[a][p.Role].covers(p, t) {
		return nil
	}
	return &Refusal{p, a, t}
}

// covers applies the rule to one target.
func (r rule) covers(p Principal, t Target) bool {
	switch {
	case t.somewhere:
		return r != never
	case r == ownSource:
		return p.Source != "" && p.Source == t.Source
	}
	return r.scope(p).Covers(t.AgentID, t.Team, t.Site)
}

// within says whether a scope list covers one team or site. [Everything] covers an agent without one, too.
func within(list []string, one string) bool {
	return slices.Contains(list, Everything) || (one != "" && slices.Contains(list, one))
}

// Scope is where a principal may do an action, as a filter that a store can apply: All, or else agents that are
// AgentID, or whose team is one of Teams, or whose site is one of Sites. An empty Scope covers nothing.
type Scope struct {
	All          bool
	AgentID      string
	Teams, Sites []string
}

// ScopeOf returns the scope in which Allow(p, a, ...) is nil, for actions on agents.
func ScopeOf(p Principal, a Action) Scope { return table[a][p.Role].scope(p) }

func (r rule) scope(p Principal) (s Scope) {
	switch r {
	case anything:
		s.All = true
	case ownAgent:
		s.AgentID = p.AgentID
	case ownTeams:
		s.Teams = p.Teams
	case ownSites:
		s.Sites = p.Sites
	case ownEither:
		s.Teams, s.Sites = p.Teams, p.Sites
	case ownSource, never:
	}
	if slices.Contains(s.Teams, Everything) || slices.Contains(s.Sites, Everything) {
		return Scope{All: true}
	}
	return s
}

// Covers says whether the scope holds an agent of the team and site.
func (s Scope) Covers(agent, team, site string) bool {
	return s.All || (s.AgentID != "" && s.AgentID == agent) || (team != "" && slices.Contains(s.Teams, team)) ||
		(site != "" && slices.Contains(s.Sites, site))
}
