package files

import (
	"encoding/csv"
	"fmt"
	"io"

	"rollcall/schemas"
)

// Template is a file of a kind to begin with: its header and examples that can be imported as they stand. It is written as
// CSV here and as a workbook by reports/xlsx.
type Template struct {
	Kind Kind
	// About says in a few sentences what the file is and what an import of it does.
	About   []string
	Columns []TemplateColumn
	// Examples are rows, a text per column, in the form that the readers take.
	Examples [][]string
}

// TemplateForm is what the cells of a column hold.
type TemplateForm uint8

// The forms of columns.
const (
	TemplateText    TemplateForm = iota
	TemplateDate                 // 2026-03-02
	TemplateTime                 // 09:00
	TemplateInstant              // 2026-03-02 09:00, local time
	TemplateNumber
)

// TemplateColumn is one column of a template.
type TemplateColumn struct {
	Name string
	// Needed columns must be filled in every row.
	Needed bool
	// Note says what belongs there.
	Note string
	Form TemplateForm
	// Choices are all that may be chosen; nil where anything may be written.
	Choices []string
}

// WriteCSV writes header and examples.
func (t *Template) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	if err := out.Write(names); err != nil {
		return err
	}
	if err := out.WriteAll(t.Examples); err != nil {
		return err
	}
	return out.Error()
}

// TemplateOf gives the template of a kind. Together the examples are a small centre: imported in the order of [Kinds] they
// fit each other.
func TemplateOf(k Kind) (Template, error) {
	made := map[Kind]func() Template{Roster: rosterTemplate, Activities: activitiesTemplate, Statuses: statusesTemplate,
		Schedule: scheduleTemplate, Status: statusTemplate, Gaps: gapsTemplate, Requirements: requirementsTemplate}
	if template, ok := made[k]; ok {
		return template(), nil
	}
	return Template{}, fmt.Errorf("there is no template for %q", k)
}

// Kinds lists all kinds of files, in the order in which they are imported into an empty store.
func Kinds() []Kind {
	return []Kind{Roster, Activities, Statuses, Schedule, Status, Gaps, Requirements}
}

// categories are those that can be planned.
func categories() []string {
	var names []string
	for c := schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		names = append(names, c.String())
	}
	return names
}

var yesNo = []string{"true", "false"}

const zoneNote = "A zone's name such as Europe/London or America/New_York. Empty: that of the agent, else --time-zone."

func rosterTemplate() Template {
	return Template{Kind: Roster,
		About: []string{"One row per agent. Somebody who changes team or site gets another row with the date of the change in from.",
			"An import replaces each agent's rows from its first date on; what was before stays, and agents who are not in the file stay as they are."},
		Columns: []TemplateColumn{
			{Name: "agent_id", Needed: true, Note: "The id by which feeds and schedules know the agent."},
			{Name: "name", Note: "As people call the agent."},
			{Name: "email", Note: "E-mail address; profiles can find agents by it."},
			{Name: "team", Note: "Team from that date on."},
			{Name: "site", Note: "Site from that date on."},
			{Name: "time_zone", Note: "A zone's name such as Europe/London. It decides to which date a shift belongs."},
			{Name: "supervisor", Note: "For information; it grants nothing."},
			{Name: "from", Form: TemplateDate, Note: "First date on which the row holds. Empty: since ever."},
			{Name: "to", Form: TemplateDate, Note: "First date on which it no longer holds, for those who leave. Empty: until further notice."},
		},
		Examples: [][]string{
			{"ana", "Ana Ortiz", "ana@example.org", "Billing", "Leeds", "Europe/London", "Lea Marsh", "2026-01-01", ""},
			{"bo", "Bo Lind", "bo@example.org", "Billing", "Leeds", "Europe/London", "Lea Marsh", "2026-01-01", "2026-04-01"},
			{"bo", "Bo Lind", "bo@example.org", "Sales", "Leeds", "Europe/London", "Tom Ash", "2026-04-01", ""},
			{"0042", "Cleo Dunn", "cleo@example.org", "Sales", "Halifax", "America/Halifax", "Tom Ash", "2026-01-01", ""},
		}}
}

func activitiesTemplate() Template {
	return Template{Kind: Activities,
		About: []string{"One row per activity of your schedules. The category decides what an agent should be doing in it.",
			"An import adds codes and changes those that it names; schedules that are there already keep their categories."},
		Columns: []TemplateColumn{
			{Name: "code", Needed: true, Note: "The activity as schedules name it."},
			{Name: "category", Needed: true, Note: "What kind of activity it is.", Choices: categories()},
			{Name: "paid", Note: "Empty: paid, unless it is a meal, time_off or unavailable.", Choices: yesNo},
			{Name: "counts_as_shrinkage", Note: "Empty: everything but on_queue_work does.", Choices: yesNo},
		},
		Examples: [][]string{{"Phones", "on_queue_work", "", ""}, {"Email", "off_queue_work", "", ""}, {"Break", "break", "true", ""},
			{"Lunch", "meal", "", ""}, {"Team huddle", "meeting", "", ""}, {"Coaching", "training", "", "true"}, {"Annual leave", "time_off", "true", ""}}}
}

func statusesTemplate() Template {
	return Template{Kind: Statuses,
		About: []string{"Your own names for what agents are doing, each under one of the six statuses."},
		Columns: []TemplateColumn{
			{Name: "secondary", Needed: true, Note: "Your name for it."},
			{Name: "status", Needed: true, Note: "The status that it belongs to.", Choices: []string{"available", "break", "meal", "meeting", "training", "off_queue"}},
		},
		Examples: [][]string{{"Coaching", "training"}, {"One to one", "meeting"}}}
}

func scheduleTemplate() Template {
	return Template{Kind: Schedule,
		About: []string{"One row per activity: agent, activity, date, from when until when. An end that is not after its start is on the next day.",
			"An import replaces, for each agent of the file, the dates from the first to the last of the file (or --from to --to). What was there is kept as an earlier revision."},
		Columns: []TemplateColumn{
			{Name: "agent_id", Needed: true, Note: "The agent, as in the roster."},
			{Name: "activity", Needed: true, Note: "The activity code, as imported with the activities."},
			{Name: "date", Needed: true, Form: TemplateDate, Note: "The date on which the activity starts."},
			{Name: "start_time", Needed: true, Form: TemplateTime, Note: "Local time at which it starts."},
			{Name: "end_time", Needed: true, Form: TemplateTime, Note: "Local time at which it ends."},
			{Name: "category", Note: "Empty: that of the activity code.", Choices: categories()},
			{Name: "shift", Note: "Rows of an agent with the same id are one shift. Empty: rows with less than two hours between them."},
			{Name: "paid", Note: "Empty: as the activity code says.", Choices: yesNo},
			{Name: "description", Note: "Shown to the agent."},
			{Name: "time_zone", Note: zoneNote},
		},
		Examples: [][]string{
			{"ana", "Phones", "2026-03-02", "09:00", "10:30", "", "", "", "", ""},
			{"ana", "Break", "2026-03-02", "10:30", "10:45", "", "", "", "", ""},
			{"ana", "Phones", "2026-03-02", "10:45", "12:30", "", "", "", "", ""},
			{"ana", "Lunch", "2026-03-02", "12:30", "13:00", "", "", "", "", ""},
			{"ana", "Team huddle", "2026-03-02", "13:00", "13:30", "", "", "", "March figures", ""},
			{"ana", "Phones", "2026-03-02", "13:30", "17:00", "", "", "", "", ""},
			{"bo", "Phones", "2026-03-02", "22:00", "02:00", "", "night 1", "", "", ""},
			{"bo", "Coaching", "2026-03-03", "02:00", "06:00", "", "night 1", "", "", ""},
			{"0042", "Annual leave", "2026-03-02", "09:00", "17:00", "", "", "", "", ""},
		}}
}

func statusTemplate() Template {
	return Template{Kind: Status,
		About: []string{"One row per change: what an agent's presence, status or routing became, and when. What a row leaves empty stays as it was.",
			"The same file imported twice changes nothing."},
		Columns: []TemplateColumn{
			{Name: "agent_id", Needed: true, Note: "The agent, as in the roster."},
			{Name: "at", Needed: true, Form: TemplateInstant, Note: "When it changed: local time, or with an offset (2026-03-02T09:00:00Z)."},
			{Name: "presence", Note: "General availability.", Choices: []string{"available", "busy", "away", "offline"}},
			{Name: "status", Note: "What the agent says about taking interactions.", Choices: []string{"available", "break", "meal", "meeting", "training", "off_queue"}},
			{Name: "routing", Note: "What the routing engine observes.", Choices: []string{"off_queue", "idle", "interacting", "communicating", "not_responding"}},
			{Name: "secondary", Note: "Your own name for the status."},
			{Name: "note", Note: "Free text."},
			{Name: "time_zone", Note: zoneNote},
		},
		Examples: [][]string{
			{"ana", "2026-03-02 08:58", "available", "off_queue", "off_queue", "", "", ""},
			{"ana", "2026-03-02 09:00", "available", "available", "idle", "", "", ""},
			{"ana", "2026-03-02 10:34", "away", "break", "off_queue", "", "", ""},
			{"ana", "2026-03-02 10:47", "available", "available", "idle", "", "", ""},
			{"ana", "2026-03-02 12:31", "away", "meal", "off_queue", "", "", ""},
			{"ana", "2026-03-02 13:00", "busy", "meeting", "off_queue", "One to one", "", ""},
			{"ana", "2026-03-02 13:30", "available", "available", "idle", "", "", ""},
			{"ana", "2026-03-02 17:00", "offline", "off_queue", "off_queue", "", "", ""},
		}}
}

func gapsTemplate() Template {
	return Template{Kind: Gaps,
		About: []string{"Stretches in which a feed told nothing. What it supplies is unknown in them, and counts neither for nor against an agent."},
		Columns: []TemplateColumn{
			{Name: "source", Note: "The feed. Empty: that of --source."},
			{Name: "from", Needed: true, Form: TemplateInstant, Note: "When it fell silent."},
			{Name: "to", Needed: true, Form: TemplateInstant, Note: "When it told something again."},
			{Name: "agent_id", Note: "Empty: all agents of the feed."},
			{Name: "time_zone", Note: "The zone of local times, such as Europe/London. Empty: that of the agent, else --time-zone."},
		},
		Examples: [][]string{{"acd", "2026-03-02 14:00", "2026-03-02 14:20", "", "Europe/London"}, {"acd", "2026-03-02 23:00", "2026-03-02 23:10", "bo", ""}}}
}

func requirementsTemplate() Template {
	return Template{Kind: Requirements,
		About: []string{"The heads that a team needs, one row per interval of 15, 30 or 60 minutes.",
			"An import replaces each team's requirements from the first to the last interval of the file (or --from to --to)."},
		Columns: []TemplateColumn{
			{Name: "team", Needed: true, Note: "The team, as in the roster."},
			{Name: "date", Needed: true, Form: TemplateDate, Note: "The date of the interval."},
			{Name: "start_time", Needed: true, Form: TemplateTime, Note: "Local time at which the interval starts, on a quarter of an hour."},
			{Name: "required", Needed: true, Form: TemplateNumber, Note: "Heads on queue, such as 2 or 12.5."},
			{Name: "shrinkage", Form: TemplateNumber, Note: "Share of scheduled time that is not worked on queue, such as 0.3. Empty: none."},
			{Name: "time_zone", Note: "The zone of local times. Empty: that of the team's agents, if they share one, else --time-zone."},
		},
		Examples: [][]string{{"Billing", "2026-03-02", "09:00", "2", "0.3", ""}, {"Billing", "2026-03-02", "09:30", "2.5", "0.3", ""},
			{"Billing", "2026-03-02", "10:00", "3", "0.3", ""}, {"Billing", "2026-03-02", "10:30", "2", "0.3", ""}}}
}
