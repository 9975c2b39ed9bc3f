package imports

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// TestGenesysImports: codes, a published week and the history of presence go in; each again changes nothing, and so does the
// week as an import body; an agent who lost every shift is scheduled nothing.
func TestGenesysImports(t *testing.T) {
	c := newCentre(t)
	c.imports(Roster, "agent_id,team,time_zone,from\nu1,Billing,Europe/London,2026-01-01\nu2,Billing,Europe/London,2026-01-01\n", Options{})
	codes := `{"entities":[{"id":"0","category":"OnQueueWork","countsAsPaidTime":true},{"id":"5","category":"TimeOff","countsAsPaidTime":true},
		{"id":"brk","category":"Break","countsAsPaidTime":false,"secondaryPresences":[{"id":"p-tea"}]},{"id":"coach","category":"Training","countsAsPaidTime":true}]}`
	if r := c.imports(Activities, codes, Options{}); r.Kind != Activities || r.Written != 4 {
		t.Errorf("%s: %d written", r.Kind, r.Written)
	}
	if r := c.imports(Statuses, codes, Options{}); r.Kind != Statuses || r.Written != 1 {
		t.Errorf("%s: %d written", r.Kind, r.Written)
	}
	c.imports(Schedule, "agent_id,activity,start,end,shift\nu2,0,2026-03-24T09:00:00Z,2026-03-24T17:00:00Z,s\nu2,0,2026-03-31T09:00:00Z,2026-03-31T17:00:00Z,s\n", Options{})
	first := c.imports(Schedule, searchResult, Options{})
	if first.Written != 4 || first.Revision == nil || first.Revision.DaysRemoved != 1 || first.Revision.From != schemas.MakeDate(2026, 3, 23) {
		t.Errorf("%d written: %+v", first.Written, first.Revision)
	}
	if got := c.scheduled("u2"); !strings.HasSuffix(got, "2026-03-31 0 09:00–17:00") || strings.Contains(got, "2026-03-24 0") {
		t.Errorf("u2 has %s", got)
	}
	for name, text := range map[string]string{"the search result": searchResult, "the body": importBody, "packed": string(zipped(t, importBody))} {
		if r := c.imports(Schedule, text, Options{}); r.Written != 0 || r.Revision != nil || r.Unchanged != 3 {
			t.Errorf("%s again: %d written, %d unchanged", name, r.Written, r.Unchanged)
		}
	}
	details := `{"userDetails":[{"userId":"u1","primaryPresence":[{"startTime":"2026-03-23T08:58:00.000Z","systemPresence":"ON_QUEUE","organizationPresenceId":"oq"}],
		"routingStatus":[{"startTime":"2026-03-23T08:58:00.000Z","routingStatus":"IDLE"}]}]}`
	if r := c.imports(Status, details, Options{Source: "genesys"}); r.Written != 2 || r.ProblemCount+r.WarningCount+len(r.Unmapped) > 0 {
		t.Errorf("%d written, %v %v", r.Written, r.Warnings, r.Unmapped)
	}
	if got := c.scheduled("u1"); !strings.HasPrefix(got, "2026-03-23 0 09:00–11:00 brk 11:00–11:15 0 11:15–13:00 coach 13:00–13:30 brk 13:30–13:40 coach 13:40–14:00 0 14:00–17:00; 2026-03-28") {
		t.Errorf("u1 has %s", got)
	}
}
