package access_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// people are one principal per role, all of Leeds and its team Billing where their role has a scope.
func people() map[schemas.Role]access.Principal {
	p := func(r schemas.Role) access.Principal { return access.Principal{ID: string(r), Name: "sam", Role: r} }
	agent, sup, plan, mgr, feed := p("agent"), p("supervisor"), p("planner"), p("manager"), p("feed")
	agent.AgentID, sup.Teams, plan.Teams, mgr.Sites, feed.Source = "ana", []string{"Billing"}, []string{"Billing"},
		[]string{"Leeds"}, "acd"
	return map[schemas.Role]access.Principal{"agent": agent, "supervisor": sup, "planner": plan, "manager": mgr,
		"feed": feed, "admin": p("admin"), "": {}}
}

// The expected answers, written down by hand: for each action, who may do it in scope (own agent, own
// team, own site, own source), who may do it to anybody else too.
func TestWhoMayDoWhatAndWhere(t *testing.T) {
	in := access.Target{AgentID: "ana", Team: "Billing", Site: "Leeds", Source: "acd"}
	out := access.Target{AgentID: "bob", Team: "Sales", Site: "Hull", Source: "dialler"}
	for _, c := range []struct {
		action            access.Action
		inScope, anywhere string
	}{
		{access.ActionPublic, "- agent supervisor planner manager feed admin",
			"- agent supervisor planner manager feed admin"},
		{access.ActionSelf, "agent supervisor planner manager feed admin", "agent supervisor planner manager feed admin"},
		{access.ActionSeePresence, "agent supervisor planner manager admin", "agent admin"},
		{access.ActionSeeLive, "agent supervisor planner manager admin", "admin"},
		{access.ActionSeeAdherence, "agent supervisor planner manager admin", "admin"},
		{access.ActionPush, "feed admin", "admin"},
		{access.ActionReportFeed, "feed admin", "admin"},
		{access.ActionSeeFeeds, "supervisor planner manager feed admin", "supervisor planner manager admin"},
		{access.ActionChangeStatus, "agent supervisor admin", "admin"},
		{access.ActionChangeMany, "supervisor admin", "admin"},
		{access.ActionSeeMetrics, "admin", "admin"},
		{access.ActionOwnDay, "agent", ""},
		{access.ActionAdminister, "admin", "admin"},
		{access.ActionSeePolicies, "agent supervisor planner manager admin", "agent supervisor planner manager admin"},
		{access.ActionTryPolicy, "supervisor planner manager admin", "admin"},
		{access.ActionSetPolicy, "admin", "admin"},
		{access.ActionAskCorrection, "agent supervisor admin", "admin"},
		{access.ActionDecideCorrection, "supervisor admin", "admin"},
		{access.ActionSubscribe, "supervisor planner manager admin", "admin"},
		{access.ActionReport, "supervisor planner manager admin", "admin"},
		{access.ActionImport, "planner admin", "admin"},
		{access.ActionSeePlans, "supervisor planner manager admin", "admin"},
		{access.ActionGrant, "admin", "admin"},
	} {
		for role, p := range people() {
			name := string(role)
			if name == "" {
				name = "-"
			}
			may := func(list string) bool { return strings.Contains(" "+list+" ", " "+name+" ") }
			for _, q := range []struct {
				what   string
				target access.Target
				want   bool
			}{{"in scope", in, may(c.inScope)}, {"out of scope", out, may(c.anywhere)},
				{"everything", access.Target{}, may(c.anywhere)}, {"somewhere", access.Somewhere(), may(c.inScope)}} {
				if err := access.Allow(p, c.action, q.target); (err == nil) != q.want {
					t.Errorf("%s as %s %s: got %v, want allowed=%v", c.action, name, q.what, err, q.want)
				}
			}
		}
	}
}

func TestEveryActionIsInTheTestAbove(t *testing.T) {
	if n := len(access.Actions()); n != 23 {
		t.Errorf("there are %d actions and 23 rows in TestWhoMayDoWhatAndWhere", n)
	}
}

func TestARefusalSaysWhoWhatAndTheirScope(t *testing.T) {
	err := access.Allow(people()["supervisor"], access.ActionSeeLive, access.Target{AgentID: "bob", Team: "Sales"})
	want := `supervisor "sam" may not see the live state of agent "bob"; their scope is Billing`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := access.Allow(access.Principal{}, access.ActionSeeLive, access.Target{}); !errors.Is(err, access.ErrNobody) {
		t.Errorf("nobody gets %v", err)
	}
	forged := access.Principal{Name: "x", Role: "root", Teams: []string{"*"}, Sites: []string{"*"}}
	if err := access.Allow(forged, access.ActionSeeLive, access.Somewhere()); err == nil {
		t.Error("a role that does not exist may see live states")
	}
}

func TestAnEmptyScopeIsNoScopeExceptForAnAdmin(t *testing.T) {
	for _, target := range []access.Target{{}, {AgentID: "ana"}, {Team: "Billing", Site: "Leeds"}} {
		for _, role := range []schemas.Role{"agent", "supervisor", "planner", "manager"} {
			if access.Allow(access.Principal{Role: role}, access.ActionSeeAdherence, target) == nil {
				t.Errorf("a %s without scope may see adherence of %+v", role, target)
			}
		}
	}
	if access.Allow(access.Principal{Role: "feed"}, access.ActionPush, access.Target{}) == nil {
		t.Error("a feed without a source may push as the source without a name")
	}
}

func TestAWholeScopeCoversAgentsWithoutATeam(t *testing.T) {
	p := access.Principal{Role: "manager", Sites: []string{access.Everything}}
	for _, target := range []access.Target{{}, {AgentID: "ana"}, {AgentID: "ana", Site: "Leeds"}} {
		if err := access.Allow(p, access.ActionSeeLive, target); err != nil {
			t.Errorf("%+v: %v", target, err)
		}
	}
}

func TestAWiderScopeNeverAllowsLess(t *testing.T) {
	names := rapid.SliceOf(rapid.SampledFrom([]string{"Billing", "Sales", "Leeds", "Hull", "*"}))
	one := rapid.SampledFrom([]string{"", "Billing", "Sales", "Leeds", "Hull"})
	rapid.Check(t, func(t *rapid.T) {
		p := access.Principal{Role: rapid.SampledFrom(access.Roles()).Draw(t, "role"), Teams: names.Draw(t, "teams"),
			Sites: names.Draw(t, "sites"), AgentID: one.Draw(t, "own")}
		wider := p
		wider.Teams = append(wider.Teams[:len(wider.Teams):len(wider.Teams)], one.Draw(t, "more"))
		target := access.Target{AgentID: one.Draw(t, "agent"), Team: one.Draw(t, "team"), Site: one.Draw(t, "site")}
		action := rapid.SampledFrom(access.Actions()).Draw(t, "action")
		if access.Allow(p, action, target) == nil && access.Allow(wider, action, target) != nil {
			t.Fatalf("%+v may %s on %+v, %+v may not", p, action, target, wider)
		}
	})
}

func TestTheScopeForAStoreIsWhatAllowSays(t *testing.T) {
	names := rapid.SliceOf(rapid.SampledFrom([]string{"", "Billing", "Leeds", "*"}))
	one := rapid.SampledFrom([]string{"", "Billing", "Leeds", "ana"})
	seeing := rapid.SampledFrom([]access.Action{access.ActionSeePresence, access.ActionSeeLive, access.ActionSeeAdherence})
	rapid.Check(t, func(t *rapid.T) {
		p := access.Principal{Role: rapid.SampledFrom(access.Roles()).Draw(t, "role"), Teams: names.Draw(t, "teams"),
			Sites: names.Draw(t, "sites"), AgentID: one.Draw(t, "own")}
		a := seeing.Draw(t, "action")
		agent, team, site := "x"+one.Draw(t, "agent"), one.Draw(t, "team"), one.Draw(t, "site")
		if rapid.Bool().Draw(t, "self") && p.AgentID != "" {
			agent = p.AgentID
		}
		allowed := access.Allow(p, a, access.Target{AgentID: agent, Team: team, Site: site}) == nil
		if covered := access.ScopeOf(p, a).Covers(agent, team, site); covered != allowed {
			t.Fatalf("%+v %s %s/%s/%s: the store says %v, Allow says %v", p, a, agent, team, site, covered, allowed)
		}
	})
}
