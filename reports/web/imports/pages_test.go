package imports

import (
	"bytes"
	"html/template"
	"net/url"
	"strings"
	"testing"

	"rollcall/adherence/batch"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// shown returns a page as a browser gets it, without the frame around it and with single spaces.
func shown(t *testing.T, page *plansPage) string {
	t.Helper()
	frame := template.FuncMap{"words": web.Label, "stamp": web.Stamp}
	all, err := template.New("").Funcs(frame).Funcs(words).ParseFS(assets, "templates/schedules.html")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	page.Kinds = kinds()
	if err := all.ExecuteTemplate(&b, "main", page); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func says(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q:\n%s", text, page)
		}
	}
}

var monday = schemas.MakeDate(2026, 3, 2)

// agents are one of whom something changes and one of whom nothing does.
var agents = []imports.AgentSchedule{
	{AgentID: "bo", Name: "Bo", Team: "Sales", DaysUnchanged: 1},
	{AgentID: "ana", Team: "Billing", DaysChanged: 2, DaysRemoved: 1,
		TallyJSON: schemas.TallyJSON{Added: 1200, AddedS: 5400, ScheduledBeforeS: 3600, ScheduledAfterS: 9000}},
}

func percentOf(v float64) *float64 { return &v }

var judged = &imports.Effect{From: monday, To: monday + 2, Agents: 1, Rows: []batch.DifferenceJSON{
	{Level: "all", ChangedDays: 2, AdherenceBefore: percentOf(91), AgentsDown: 1},
	{Level: "team", AdherenceAfter: percentOf(80)},
	{Level: "agent", AgentID: "bo", Team: "Sales"},
	{Level: "agent", AgentID: "ana", Team: "Billing", Crosses: batch.CrossesDown, TargetAfter: percentOf(90)},
}}

// A preview of a schedule says what becomes of whose days, who is not in the file, what happens to adherence, and what
// is wrong with the file.
func TestAPreviewOfAScheduleSaysAll(t *testing.T) {
	up := &upload{in: files.Input{Name: "week.csv"}, said: url.Values{}}
	p := &preview{
		id:       "x",
		kind:     kinds()[0],
		up:       up,
		problems: &problemList{listed: 9, omitted: 1},
		report: &imports.Result{
			Report: &files.Report{
				Read:         1500,
				Accepted:     1499,
				Rejected:     1,
				Written:      3,
				Encoding:     "utf-8",
				ProblemCount: 2000,
				Problems: []files.Problem{{Line: 1234, Field: "start", Message: "it is late", Remedy: "be early"},
					{Message: "odd"}},
				Unmapped: []files.Unmapped{{Field: "status", Text: "Nap", Count: 2, Line: 3}},
			},
			Refused: true,
			DryRun:  true,
			Change: imports.Change{Schedule: &imports.ScheduleChange{
				From:   monday,
				To:     monday + 6,
				Agents: agents,
				Totals: agents[1],
				Removals: imports.Removals{
					Days:   2,
					Agents: 2,
					First:  monday,
					Last:   monday + 2,
					Shifts: 1,
					Of: []imports.AgentRemovals{
						{AgentID: "ana", Name: "Ana", Days: 1, First: monday, Last: monday},
						{AgentID: "bo", Days: 1, First: monday + 2, Last: monday + 2, Shifts: 1}},
				},
				NotInFile: []imports.RetainedSchedule{{AgentID: "cy", Team: "Billing", Days: 1, ScheduledS: 5400}},
			}},
			Effect: judged,
		},
		excerpts: []files.Excerpt{{{Number: 1234, Before: "a,", Marked: "b"}}},
	}
	page := shown(t, &plansPage{Kind: p.kind, Part: "preview", Preview: p.page(false)})
	says(t, page, "<b>1,500</b> rows read", "1 rejected", "leave 1 bad rows out", "Import 3 agent-days", "2,000 problems",
		`line 1,234, <code>start</code></span> <b>it is late</b> <span class="suggest">Be early</span>`,
		"the file</span> <b>odd",
		`class="ln own"><i>1234</i>a,<mark>b</mark>`, "The first 2 of 2,000 are listed", "room for the first 9",
		"2–8 Mar 2026: 2 agent-days change, 1 agent-day left with nothing. Scheduled time 1 h → 2.5 h",
		"1,200 <span>1.5 h</span>", "<td>2 changed, 1 removed</td>", "1 more of the file's agents keep",
		"<b>cy</b> <span class=\"id\">Billing</span> keeps 1 day, 1.5 h", "2–4 Mar 2026, for 1 agent",
		`<b class="down">1</b>`,
		`Everybody</th><td class="n">91.00 %</td><td class="n">–</td>`, "unassigned", "now misses the target",
		"status &#34;Nap&#34; (2 times, first in line 3)")
	if strings.Index(page, `<th scope="row">ana`) > strings.Index(page, `<th scope="row">bo <span class="id">Sales`) {
		t.Error("who crosses their target does not come first")
	}
	says(t, page, "Would be taken away: 2 agent-days of 2 agents (Ana, ana; bo), 2026-03-02 to 2026-03-04, and 1 shift "+
		"of days that keep others.", "1 day with nothing, Wed 4 Mar 2026, 1 shift of days that keep others")
	if strings.Contains(page, "allow_removals") {
		t.Error("removals that are fewer than what is scheduled have to be ticked")
	}
	p.report.Schedule.Totals.DaysRemoved, p.report.RemovalsRefused = 9, true
	says(t, shown(t, &plansPage{Kind: p.kind, Part: "preview", Preview: p.page(false)}),
		`<input type="checkbox" name="allow_removals" value="true" required> leave 2 agent-days with nothing`)
	p.report, p.conflict = nil, conflictRows(p.kind, &imports.Conflict{Since: []imports.Since{{AffectedDays: 1,
		AffectedAgents: 1, Entry: imports.Entry{Import: schemas.Import{ID: "r1", Actor: "kim", Undoes: "r0"}}}}})
	says(t, shown(t, &plansPage{Kind: p.kind, Part: "preview", Preview: p.page(false)}), "week.csv",
		`<a href="/schedules/schedules/r1">an earlier import taken back</a>: changed 1 day of these, of 1 agent`,
		`<details class="how" open>`)
}

// What changes of a roster, of requirements and of codes is listed, for a reader as far as it concerns their teams.
func TestChangesOfOtherKindsAreListed(t *testing.T) {
	until, start := monday+5, schemas.UTC.DayStart(monday)
	roster := &imports.Change{Roster: &imports.RosterChange{
		Totals:         imports.RosterTally{Tally: imports.Tally{Changed: 2}, Moved: 1, Days: 3, FinalDays: 1},
		NotInFileCount: 1,
		NotInFile:      []string{"eve"},
		Agents: []imports.AgentChange{
			{AgentID: "ana", Name: "Ana", Change: imports.Changed, Spans: []imports.SpanChange{{From: &monday, To: &until,
				Change: imports.Changed, Team: "Billing",
				Fields: []imports.FieldChange{{Field: "team", Before: "Billing", After: "Sales"},
					{Field: "time_zone", Before: "Europe/London"}}}}},
			{AgentID: "bo", Change: imports.Removed, Spans: []imports.SpanChange{{Change: imports.Removed, Site: "Hull"}}},
		}}}
	requirements := &imports.Change{Requirements: &imports.RequirementChange{
		Teams: []imports.TeamChange{{Team: "Billing", From: start, To: start.Add(schemas.HourMS),
			RequirementTally: imports.RequirementTally{Tally: imports.Tally{Added: 1}, After: 3_600_000}}},
		Intervals: []imports.IntervalChange{{Team: "Billing", Start: start, Change: imports.Added,
			After: &imports.RequiredHeads{Required: schemas.DecimalOne}}}}}
	codes := &imports.Change{Codes: &imports.CodesChange{Codes: []imports.CodeChange{{Code: "Nap", Change: imports.Added,
		Fields: []imports.FieldChange{{Field: "category", After: "break"}}}}}}
	page := func(c *imports.Change, mine func(agent, team string) bool) string {
		return shown(t, &plansPage{Part: "diff", Diff: &diffPage{Changes: changeOf(c, mine, false),
			Import: importRow{Entry: &imports.Entry{}}}})
	}
	says(t, page(roster, nil), `Ana <span class="id">ana</span></th><td class="changed">changed</td><td>2–6 Mar 2026</td>`,
		"team: Billing → Sales, time zone: Europe/London → none", "<td>always</td><td class=\"long\">leaves Hull</td>",
		"1 agent to another team or site",
		"3 days judged again, 1 of them final", "1 agent not in the file", "eve")
	says(t, page(requirements, nil), "1 added, 0.00 → 1.00 head-hours",
		`<td class="added">added</td><td>2026-03-02 00:00:00</td><td class="long">none → 1</td>`)
	says(t, page(codes, nil), `Nap</th><td class="added">added</td><td class="long">category: break</td>`)
	sales := page(roster, func(_, team string) bool { return team == "Sales" })
	if strings.Contains(sales, "team: Billing") || strings.Contains(sales, "leaves Hull") {
		t.Errorf("others' agents are shown: %s", sales)
	}
}

// An undo says which days come back, in few rows, and which do not and why.
func TestAnUndoSaysWhatItRestores(t *testing.T) {
	u := &imports.Undone{Restored: 3, Undoes: imports.Entry{Revision: &schemas.Revision{}}, Effect: judged,
		Days: []imports.RestoredDay{{AgentID: "ana", Day: monday}, {AgentID: "ana", Day: monday + 1},
			{AgentID: "ana", Day: monday + 4, Removed: true}},
		NotRestored: []imports.NotRestored{{Subject: "bo", Day: monday, Reason: "it was changed since"}}}
	p := &undoPage{Import: importRow{Entry: &imports.Entry{Import: schemas.Import{Origin: "week.csv"}}}}
	p.fill(u, kinds()[0], &reader{rows: map[string][]schemas.Membership{"ana": {{AgentID: "ana", Name: "Ana"}}}}, false)
	says(t, shown(t, &plansPage{Part: "undo", Undo: p}), "Take “week.csv” back?", "<b>3 agent-days</b>",
		`<b class="bad">1</b> not`,
		`Ana <span class="id">ana</span></th><td class="long">2–3 Mar 2026</td><td>as it was before</td>`,
		"Fri 6 Mar 2026</td><td>nothing is scheduled again, as before",
		"Mon 2 Mar 2026</td><td class=\"long\">It was changed since",
		"Everybody")
}
