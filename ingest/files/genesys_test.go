package files

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"rollcall/schemas"
)

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

// london knows the two agents and the codes that are not built in.
var london = Known{Members: []schemas.Membership{{AgentID: "u1", TimeZone: "Europe/London"},
	{AgentID: "u2", TimeZone: "Europe/London"}},
	Codes: []schemas.ActivityCode{{Code: "brk", Category: schemas.CategoryBreak},
		{Code: "coach", Category: schemas.CategoryTraining, Paid: true}}}

// week13 is what both say.
const week13 = `u1 2026-03-23: 0 on_queue_work 09:00–11:00 paid [2026-03-23T09:00:00Z] · brk break 11:00–11:15 "Tea ` +
	`☕" [2026-03-23T09:00:00Z] · 0 on_queue_work 11:15–13:00 paid [2026-03-23T09:00:00Z] · coach training 13:00–13:30 ` +
	`paid "Ümit" [2026-03-23T09:00:00Z] · brk break 13:30–13:40 [2026-03-23T09:00:00Z] · coach training 13:40–14:00 ` +
	`paid "Ümit" [2026-03-23T09:00:00Z] · 0 on_queue_work 14:00–17:00 paid [2026-03-23T09:00:00Z]
u1 2026-03-28: 0 on_queue_work 22:00–06:00 paid [2026-03-28T22:00:00Z]
u1 2026-03-29: 5 time_off 07:30–15:30 paid "Leave"`

// scheduled returns a plan's days, one a line, with times in UTC and the shift in brackets.
func planned(tb testing.TB, data []byte, opt Options, known Known) (string, *SchedulePlan, *Report) {
	tb.Helper()
	plan, report, err := ReadSchedule(background, BytesInput("week.json", data), opt, known)
	if err != nil {
		tb.Fatal(err)
	}
	if report.Read != report.Accepted+report.Rejected+report.Duplicates {
		tb.Errorf("read %d is not accepted %d + rejected %d + duplicates %d", report.Read, report.Accepted, report.Rejected,
			report.Duplicates)
	}
	var lines []string
	for d := range plan.days {
		if d.Removed {
			continue
		}
		var acts []string
		for _, a := range d.Activities {
			s := fmt.Sprintf("%s %s %s–%s", a.Code, a.Category, a.Start.Time().Format("15:04"), a.End.Time().Format("15:04"))
			if a.Paid {
				s += " paid"
			}
			if a.Description != "" {
				s += fmt.Sprintf(" %q", a.Description)
			}
			if a.Shift != "" {
				s += " [" + a.Shift + "]"
			}
			acts = append(acts, s)
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", d.AgentID, d.Day, strings.Join(acts, " · ")))
	}
	return strings.Join(lines, "\n"), plan, report
}

func zipped(tb testing.TB, data string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(data)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestGenesysSchedules: search result and import body, packed and plain, on many lines and on one, say the same.
func TestGenesysSchedules(t *testing.T) {
	var inOneLine bytes.Buffer
	for _, l := range strings.Split(searchResult, "\n") {
		inOneLine.WriteString(strings.TrimSpace(l))
	}
	for name, data := range map[string][]byte{"search result": []byte(searchResult), "in one line": inOneLine.Bytes(),
		"packed": zipped(t, searchResult), "import body": []byte(importBody), "packed body": zipped(t, importBody),
		"with a mark": []byte("\xef\xbb\xbf" + searchResult)} {
		got, plan, report := planned(t, data, Options{}, london)
		if got != week13 || report.ProblemCount+report.WarningCount > 0 || report.Accepted != 7 {
			t.Errorf("%s: %d accepted\n%s\nwant\n%s\n%s %v", name, report.Accepted, got, week13, problems(report),
				report.Warnings)
		}
		if !strings.Contains(name, "body") && (plan.From.String() != "2026-03-23" || plan.To.String() != "2026-03-29") {
			t.Errorf("%s: replaces %s to %s, not the week that is published", name, plan.From, plan.To)
		}
		if len(plan.agents) != 2 {
			t.Errorf("%s: who has no shifts is not named: %d agents", name, len(plan.agents))
		}
	}
}

// TestGenesysActivitiesHaveNoOffsets: what only markers of days off have is passed over in an activity, whatever it is.
func TestGenesysActivitiesHaveNoOffsets(t *testing.T) {
	got, _, report := planned(t, []byte(`{"agentSchedules":[{"userId":"u1","shifts":[{"activities":[`+
		`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":60,"startOffsetMinutes":"none"}]}]}]}`),
		Options{}, Known{})
	if report.ProblemCount > 0 || !strings.Contains(got, "0 on_queue_work 09:00–10:00") {
		t.Errorf("got %s\n%s", got, problems(report))
	}
}

// TestGenesysProblems: what is wrong, with line, column and path, all at once.
func TestGenesysProblems(t *testing.T) {
	body := func(activity string) string {
		return `{"agentSchedules":[{"userId":"u1","shifts":[{"activities":[` + "\n" + activity + `]}]}]}`
	}
	ok := `"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":60`
	place := "week.json:2:"
	path := "agentSchedules[0].shifts[0].activities[0]"
	for _, c := range []struct{ name, text, want string }{
		{"unknown agent and code",
			strings.ReplaceAll(body(`{"activityCodeId":"brkk","startDate":"2026-03-23T09:00:00Z","lengthMinutes":60}`), `"u1"`,
				`"u3"`),
			`week.json:1:30: agentSchedules[0].user.id: "u3" is not in the roster; did you mean "u1"?` + "\n" +
				place + "19: " + path + `.activityCodeId: the activity code "brkk" is not known, so its category is not either; ` +
				`import it (import activities) or add a category column; did you mean "brk"?`},
		{"number as text", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":"60"}`),
			place + "74: " + path + `.lengthMinutes: is the text "60"; write the number without quotes`},
		{"huge", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":28800000}`),
			place + "74: " + path + `.lengthMinutes: 28800000 minutes are more than 400 days; is it milliseconds?`},
		{"more than huge", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":1e400}`),
			place + "74: " + path + `.lengthMinutes: 1e400 minutes are more than 400 days; is it milliseconds?`},
		{"half minutes", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":7.5}`),
			place + "74: " + path + `.lengthMinutes: 7.5 is no whole number of minutes`},
		{"negative", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":-5}`),
			place + "74: " + path + `.lengthMinutes: is -5; an activity lasts at least a minute`},
		{"longer than a day", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":1500}`),
			place + "74: " + path + `.lengthMinutes: the activity lasts 25 hours; at most 24 are allowed: is the date right?`},
		{"key twice", body(`{"activityCodeId":"0",` + ok + `}`),
			place + "40: " + path + `.activityCodeId: the key comes twice; leave one of them out`},
		{"several in one", body(`{"startDate":"2026-03-23T09:00:00"}`),
			place + "14: " + path +
				`.startDate: "2026-03-23T09:00:00" has no offset; write an instant in UTC, such as 2026-03-23T09:00:00Z`},
		{"missing", body(`{}`), place + "1: " + path + ".activityCodeId: is missing; give 1 to 128 bytes\n" +
			place + "1: " + path + ".startDate: is missing; write an instant such as 2026-03-02T09:00:00Z\n" +
			place + "1: " + path + ".lengthMinutes: is missing; write the length in minutes"},
		{"no object", body(`7`), place + "1: " + path + ": is a number; an object is wanted"},
		{"no list", `{"agentSchedules":[{"userId":"u1","shifts":{}}]}`,
			"week.json:1:44: agentSchedules[0].shifts: is an object; a list is wanted"},
		{"no agent", strings.Replace(body("{"+ok+"}"), `"userId":"u1",`, "", 1), place +
			"1: agentSchedules[0].user.id: is missing; give 1 to 128 bytes"},
		{"overlap that is no insertion",
			body("{" + ok + "},\n" + `{"activityCodeId":"brk","startDate":"2026-03-23T09:50:00Z","lengthMinutes":20}`),
			`week.json:3:37: start: "brk" of u1 from 2026-03-23T09:50:00Z to 2026-03-23T10:10:00Z overlaps "0" of line 2, ` +
				`which lasts until 2026-03-23T10:00:00Z; end one before the other starts`},
		{"still searching", `{"status":"Processing","result":null,"progress":40}`,
			`week.json: the search for schedules is "Processing"; ask for its result again until it is "Complete", and import ` +
				`that`},
		{"only a link", `{"status":"Complete","result":null,"downloadUrl":"https://example.org/x"}`,
			"week.json: the search result is only a link (downloadUrl); download what it points to and import that"},
		{"empty-handed", `{"status":"Complete","result":{"agentSchedules":null}}`,
			`week.json: the file has no list "agentSchedules"; export it again, whole`},
		{"another kind", `{"userDetails":[]}`,
			"week.json: the file holds Genesys Cloud data for `import status`, not for `import schedule`"},
		{"unknown zone", `{"businessUnitTimeZone":"Europe/Lodnon","agentSchedules":[]}`,
			`week.json:1:25: businessUnitTimeZone: time zone "Europe/Lodnon" is not known; write an IANA name such as ` +
				`Europe/London`},
		{"cut off", searchResult[:len(searchResult)/2],
			`week.json:14:73: the JSON ends in the middle; a value is missing: was the file cut off?`},
		{"not a number", body(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":NaN}`),
			place + `74: the file is not JSON: "NaN" is no value; write a number, a text in quotes, true, false or null`},
		{"list twice", `{"agentSchedules":[],"agentSchedules":[]}`,
			`week.json:1:22: the key "agentSchedules" comes twice; leave one of them out`},
		{"two documents", `{"agentSchedules":[]} {}`,
			`week.json:1:23: text stands behind the JSON document ("{}"); write one document a file`},
		{"comma too many", `{"agentSchedules":[],}`,
			`week.json:1:22: the file is not JSON: "}" stands where another item is wanted`},
		{"too deep", `{"agentSchedules":` + strings.Repeat("[", 1<<16),
			`week.json:1:83: the JSON is nested more than 64 deep; is it an export?`},
	} {
		_, _, report := planned(t, []byte(c.text), Options{}, london)
		if got := problems(report); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestGenesysKeepsToItsWeeks: a shift outside the published weeks is not taken silently.
func TestGenesysKeepsToItsWeeks(t *testing.T) {
	late := strings.Replace(searchResult, `"weekDate": "2026-03-23", "weekCount": 1`,
		`"weekDate": "2026-03-16", "weekCount": 1`, 1)
	if _, plan, report := planned(t, []byte(late), Options{}, london); report.Accepted != 1 ||
		plan.To.String() != "2026-03-22" ||
		!strings.Contains(problems(report), "its shift starts on 2026-03-23, outside of 2026-03-16 to 2026-03-22") {
		t.Errorf("accepted %d: %s", report.Accepted, problems(report))
	}
	six := strings.Replace(searchResult, `"weekCount": 1`, `"weekCount": 6`, 1)
	if _, plan, _ := planned(t, []byte(six), Options{}, london); plan.To.String() != "2026-05-03" {
		t.Errorf("six weeks end on %s", plan.To)
	}
	hole := strings.Replace(searchResult, `"weekCount": 1}`, `"weekCount": 1}, {"weekDate": "2026-04-06", "weekCount": 2}`,
		1)
	if _, _, report := planned(t, []byte(hole), Options{}, london); !report.Blocked(true) ||
		!strings.Contains(problems(report), "2026-03-30 to 2026-04-05 is not published") {
		t.Errorf("a week that is not published is replaced: %s", problems(report))
	}
	own := Options{From: schemas.MakeDate(2026, 3, 23), To: schemas.MakeDate(2026, 4, 1)}
	if _, plan, report := planned(t, []byte(searchResult), own, london); plan.To != own.To || report.ProblemCount > 0 {
		t.Errorf("--to was not followed: %s %s", plan.To, problems(report))
	}
}

// TestGenesysDetails: states become facts at their starts; what ends before the next begins is unknown from then on.
func TestGenesysDetails(t *testing.T) {
	data := `{"totalHits":1,"userDetails":[{"primaryPresence":[
	{"startTime":"2026-03-23T10:00:00.000Z","systemPresence":"MEAL","organizationPresenceId":"p-meal"},
	{"startTime":"2026-03-22T17:00:00.000Z","endTime":"2026-03-23T08:58:00.000Z","systemPresence":"OFFLINE","organizationPresenceId":"p-off"},
	{"startTime":"2026-03-23T08:58:00.000Z","endTime":"2026-03-23T09:30:00.000Z","systemPresence":"ON_QUEUE","organizationPresenceId":"p-oq"},
	{"startTime":"2026-03-23T09:31:00.000Z","endTime":"2026-03-23T10:00:00.000Z","systemPresence":"Siesta"}],
	"routingStatus":[{"startTime":"2026-03-23T08:58:00.000Z","endTime":"2026-03-23T09:10:00.000Z","routingStatus":"IDLE"},
	{"startTime":"2026-03-23T09:10:00.000Z","routingStatus":"NOT_RESPONDING"}],"userId":"u1"},{"userId":"u2"}]}`
	want := []string{
		"u1 2026-03-22T17:00:00Z offline/off_queue/ p-off ", "u1 2026-03-23T08:58:00Z available/available/ p-oq ",
		"u1 2026-03-23T09:31:00Z unknown/unknown/  presence=Siesta", "u1 2026-03-23T10:00:00Z away/meal/ p-meal ",
		"u1 2026-03-23T09:30:00Z unknown/unknown/  ",
		"u1 2026-03-23T08:58:00Z //idle  ", "u1 2026-03-23T09:10:00Z //not_responding  "}
	got, report := read(t, Status, []byte(data), Options{}, Known{})
	if strings.Join(got, "\n") != strings.Join(want, "\n") || report.ProblemCount > 0 {
		t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), problems(report))
	}
	bad := `{"userDetails":[{"userId":"u1","routingStatus":[{"startTime":"yesterday","routingStatus":"IDLE"},` +
		`{"routingStatus":7}]}]}`
	if _, report = read(t, Status, []byte(bad), Options{}, Known{}); problems(report) !=
		`f.csv:1:62: userDetails[0].routingStatus[0].startTime: "yesterday" is not an instant; write RFC 3339 with an `+
			`offset, such as 2026-03-02T09:00:00Z, or a local time such as 2026-03-02 09:00`+"\n"+
			`f.csv:1:115: userDetails[0].routingStatus[1].routingStatus: is a number; write a text in quotes` {
		t.Errorf("got %s", problems(report))
	}
}

// TestGenesysOffsets: an offset may be written without its colon.
func TestGenesysOffsets(t *testing.T) {
	got, report := read(t, Status, exported(t, "details-offset-form.json"), Options{}, Known{})
	if want := "11111111-aaaa-4aaa-8aaa-000000000004 2026-03-02T09:00:00Z available/available/  "; len(got) != 1 ||
		got[0] != want || report.ProblemCount > 0 {
		t.Errorf("got %q, want %q\n%s", got, want, problems(report))
	}
}

// TestGenesysCodes: ids are codes, categories are spelled as theirs, and secondary presences belong to statuses.
func TestGenesysCodes(t *testing.T) {
	list := `[{"id":"0","name":"","active":true,"defaultCode":true,"category":"OnQueueWork","countsAsPaidTime":true,` +
		`"countsTowardShrinkage":false,"secondaryPresences":[]},
	{"id":"5","name":"","category":"TimeOff","countsAsPaidTime":false,"countsTowardShrinkage":true,"secondaryPresences":[{"id":"p-x"}]},
	{"id":"c0ffee","name":"Coaching","category":"Training","countsAsPaidTime":true,"countsAsWorkTime":true,"secondaryPresences":[{"id":"p-coach"},{"id":"p-train"}]}
	]`
	wantCodes := "0 on_queue_work paid true shrinkage false\n5 time_off paid false shrinkage true\nc0ffee training paid " +
		"true shrinkage true"
	for _, text := range []string{list, `{"total":3,"entities":` + list + `}`} {
		got, report := read(t, Activities, []byte(text), Options{}, Known{})
		if strings.Join(got, "\n") != wantCodes || report.ProblemCount+report.WarningCount > 0 {
			t.Errorf("got\n%s\n%s %v", strings.Join(got, "\n"), problems(report), report.Warnings)
		}
		got, report = read(t, Statuses, []byte(text), Options{}, Known{})
		if strings.Join(got, "\n") != "p-coach training\np-train training" || report.ProblemCount > 0 {
			t.Errorf("statuses: got\n%s\n%s", strings.Join(got, "\n"), problems(report))
		}
	}
	got, report := read(t, Statuses, []byte(`[{"category":"Off-Queue Work","secondaryPresences":[{"id":"p-mail"}]}]`),
		Options{}, Known{})
	if strings.Join(got, "\n") != "p-mail off_queue" || report.ProblemCount > 0 {
		t.Errorf("a category in words: got\n%s\n%s", strings.Join(got, "\n"), problems(report))
	}
	_, report = read(t, Activities, []byte(`[{"id":"x","category":"Lunch"},{"id":3,"category":"Meal"},7]`), Options{},
		Known{})
	if got := problems(report); !strings.HasPrefix(got, `f.csv:1:23: [0].category: "Lunch" is none of`) ||
		!strings.Contains(got, "f.csv:1:38: [1].id: is a number; write a text in quotes\nf.csv:1:59: [2]: is a number; an "+
			"object is wanted") {
		t.Errorf("got %s", got)
	}
}

// TestPackedFiles: what is packed with gzip reads as if it were not, of any kind; a damaged or malicious one is
// reported.
func TestPackedFiles(t *testing.T) {
	csv := "agent_id,team\nana,Billing\n"
	if got, report := read(t, Roster, zipped(t, csv), Options{}, Known{}); len(got) != 1 || report.ProblemCount > 0 {
		t.Errorf("got %v %s", got, problems(report))
	}
	whole := zipped(t, searchResult)
	for name, data := range map[string][]byte{"cut off": whole[:len(whole)-20], "nothing but a head": whole[:10],
		"no gzip": append([]byte("\x1f\x8b"), csv...),
		"changed": append(append(bytes.Clone(whole[:100]), 0xff, 0xff), whole[102:]...)} {
		if _, report := read(t, Schedule, data, Options{}, london); !report.Blocked(true) ||
			!strings.Contains(problems(report), "damaged") {
			t.Errorf("%s: %s", name, problems(report))
		}
	}
	bomb := zipped(t, `{"agentSchedules":[`+strings.Repeat(" ", 100<<20))
	if _, report := read(t, Schedule, bomb, Options{}, london); !strings.Contains(problems(report),
		"is packed with gzip so that") {
		t.Errorf("a bomb goes off: %s", problems(report))
	}
}
