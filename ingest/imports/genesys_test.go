package imports

import (
	"strings"
	"testing"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// TestGenesysImports: codes, a published week and the history of presence go in; each again changes nothing, and so
// does the week as an import body; an agent who lost every shift is scheduled nothing.
func TestGenesysImports(t *testing.T) {
	c := newCentre(t)
	c.imports(files.Roster, "agent_id,team,time_zone,from\nu1,Billing,Europe/London,2026-01-01\nu2,Billing,"+
		"Europe/London,2026-01-01\n", Options{})
	codes := `{"entities":[{"id":"0","category":"OnQueueWork","countsAsPaidTime":true},
		{"id":"5","category":"TimeOff","countsAsPaidTime":true},
		{"id":"brk","category":"Break","countsAsPaidTime":false,"secondaryPresences":[{"id":"p-tea"}]},
		{"id":"coach","category":"Training","countsAsPaidTime":true}]}`
	if r := c.imports(files.Activities, codes, Options{}); r.Kind != files.Activities || r.Written != 4 {
		t.Errorf("%s: %d written", r.Kind, r.Written)
	}
	if r := c.imports(files.Statuses, codes, Options{}); r.Kind != files.Statuses || r.Written != 1 {
		t.Errorf("%s: %d written", r.Kind, r.Written)
	}
	c.imports(files.Schedule,
		"agent_id,activity,start,end,shift\nu2,0,2026-03-24T09:00:00Z,2026-03-24T17:00:00Z,s\nu2,0,2026-03-31T09:00:00Z,"+
			"2026-03-31T17:00:00Z,s\n", Options{})
	first := c.imports(files.Schedule, searchResult, Options{})
	if first.Written != 4 || first.Revision == nil || first.Revision.DaysRemoved != 1 ||
		first.Revision.From != schemas.MakeDate(2026, 3, 23) {
		t.Errorf("%d written: %+v", first.Written, first.Revision)
	}
	if got := c.scheduled("u2"); !strings.HasSuffix(got, "2026-03-31 0 09:00–17:00") ||
		strings.Contains(got, "2026-03-24 0") {
		t.Errorf("u2 has %s", got)
	}
	for name, text := range map[string]string{"the search result": searchResult, "the body": importBody,
		"packed": string(zipped(t, importBody))} {
		if r := c.imports(files.Schedule, text, Options{}); r.Written != 0 || r.Revision != nil || r.Unchanged != 3 {
			t.Errorf("%s again: %d written, %d unchanged", name, r.Written, r.Unchanged)
		}
	}
	details := `{"userDetails":[{"userId":"u1","primaryPresence":[{"startTime":"2026-03-23T08:58:00.000Z",` +
		`"systemPresence":"ON_QUEUE","organizationPresenceId":"oq"}],
		"routingStatus":[{"startTime":"2026-03-23T08:58:00.000Z","routingStatus":"IDLE"}]}]}`
	opt := Options{Options: files.Options{Source: "genesys"}}
	if r := c.imports(files.Status, details, opt); r.Written != 2 || r.ProblemCount+r.WarningCount+len(r.Unmapped) > 0 {
		t.Errorf("%d written, %v %v", r.Written, r.Warnings, r.Unmapped)
	}
	if got := c.scheduled("u1"); !strings.HasPrefix(got,
		"2026-03-23 0 09:00–11:00 brk 11:00–11:15 0 11:15–13:00 coach 13:00–13:30 brk 13:30–13:40 coach 13:40–14:00 0 "+
			"14:00–17:00; 2026-03-28") {
		t.Errorf("u1 has %s", got)
	}
}

// searchResult is what a search for published schedules returns, as the maker documents it: two agents of a business
// unit in London, an inserted break, a night over the clock change, a whole day off, an agent without shifts.
const searchResult = `{
  "status": "Complete",
  "operationId": "8c1d",
  "result": {
    "agentSchedules": [
      {
        "user": {"id": "u1", "selfUri": "/api/v2/users/u1"},
        "shifts": [
          {"id": "s1", "startDate": "2026-03-23T09:00:00.000Z", "lengthMinutes": 480,
           "activities": [
             {"startDate": "2026-03-23T09:00:00.000Z", "lengthMinutes": 480, "activityCodeId": "0", "description": "", "paid": true, "payableMinutes": 480},
             {"startDate": "2026-03-23T11:00:00.000Z", "lengthMinutes": 15, "activityCodeId": "brk", "description": "Tea \u2615", "paid": false, "externalActivityId": null},
             {"startDate": "2026-03-23T13:00:00.000Z", "lengthMinutes": 60, "activityCodeId": "coach", "description": "Ümit", "paid": true, "externalActivityType": "Coaching"},
             {"startDate": "2026-03-23T13:30:00.000Z", "lengthMinutes": 10, "activityCodeId": "brk", "description": "", "paid": false}
           ],
           "manuallyEdited": false, "schedule": {"id": "w13", "weekDate": "2026-03-23"}},
          {"id": "s2", "startDate": "2026-03-28T22:00:00.000Z", "lengthMinutes": 480,
           "activities": [{"startDate": "2026-03-28T22:00:00.000Z", "lengthMinutes": 480, "activityCodeId": "0", "description": "", "paid": true}]}
        ],
        "fullDayTimeOffMarkers": [
          {"businessUnitDate": "2026-03-29", "lengthMinutes": 480, "description": "Leave", "activityCodeId": "5", "paid": true, "timeOffRequestId": "t1"}
        ]
      },
      {"shifts": [], "user": {"id": "u2"}, "fullDayTimeOffMarkers": []}
    ],
    "businessUnitTimeZone": "Europe/London",
    "publishedSchedules": [{"id": "w13", "weekDate": "2026-03-23", "weekCount": 1}]
  },
  "progress": 100, "downloadUrl": null
}`

// importBody is the same as a schedule import takes it; it names neither zone nor weeks.
const importBody = `{"description":"Week 13","weekCount":1,"published":true,"agentSchedules":[{"userId":"u1","shifts":[
{"activities":[{"activityCodeId":"0","startDate":"2026-03-23T09:00:00.000Z","lengthMinutes":480,"description":"","paid":true},{"activityCodeId":"brk","startDate":"2026-03-23T11:00:00.000Z","lengthMinutes":15,"description":"Tea ☕","paid":false},{"activityCodeId":"coach","startDate":"2026-03-23T13:00:00.000Z","lengthMinutes":6e1,"description":"Ümit","paid":true},{"activityCodeId":"brk","startDate":"2026-03-23T13:30:00.000Z","lengthMinutes":10,"description":"","paid":false}],"manuallyEdited":true},
{"activities":[{"activityCodeId":"0","startDate":"2026-03-28T22:00:00.000Z","lengthMinutes":480.0,"description":"","paid":true}],"manuallyEdited":true}],
"fullDayTimeOffMarkers":[{"businessUnitDate":"2026-03-29","lengthMinutes":480,"description":"Leave","activityCodeId":"5","paid":true}]},{"userId":"u2","shifts":[]}]}
`
