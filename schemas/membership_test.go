package schemas_test

import (
	"testing"

	"rollcall/schemas"
)

// Who moved in mid-month was in the old team the day before and is in the new one on the day; before the first row,
// after the last `to` and in a break between two rows there is no team.
func TestMembershipOnADate(t *testing.T) {
	day := func(d int) schemas.Date { return schemas.MakeDate(2026, 3, d) }
	rows := schemas.MembershipsByAgent([]schemas.Membership{
		{AgentID: "ana", Team: "Sales", From: day(16), To: day(20)}, {AgentID: "bo", Team: "Support"},
		{AgentID: "ana", Team: "Billing", From: day(2), To: day(16)}, {AgentID: "ana", Team: "Retention", From: day(25)},
	})
	for d, want := range map[int]string{1: "", 2: "Billing", 15: "Billing", 16: "Sales", 19: "Sales", 20: "", 24: "",
		25: "Retention", 31: "Retention"} {
		m, ok := schemas.MembershipOn(rows["ana"], day(d))
		if m.Team != want || ok != (want != "") {
			t.Errorf("on 2026-03-%02d ana is in %q (%t), want %q", d, m.Team, ok, want)
		}
	}
	if m, ok := schemas.MembershipOn(rows["bo"], 0); !ok || m.Team != "Support" {
		t.Errorf("an open row is in force from the beginning: %+v", m)
	}
	if _, ok := schemas.MembershipOn(rows["zoe"], day(2)); ok {
		t.Error("zoe is in no roster")
	}
}
