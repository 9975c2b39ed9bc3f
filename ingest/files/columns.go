package files

import (
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// categories are those that can be planned.
func categories() []string {
	var names []string
	for c := schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		names = append(names, c.String())
	}
	return names
}

// statuses are those that a secondary status can belong to.
func statuses() []string {
	return []string{"available", "break", "meal", "meeting", "training", "off_queue"}
}

func yesNo() []string { return []string{"true", "false"} }

const zoneNote = "A zone's name such as Europe/London or America/New_York. Empty: that of the agent, else --time-zone."

func rosterTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "agent_id", Needed: true, Note: "The id by which feeds and schedules know the agent."},
			{Name: "name", Note: "As people call the agent."},
			{Name: "email", Note: "E-mail address; profiles can find agents by it."},
			{Name: "team", Note: "Team from that date on."},
			{Name: "site", Note: "Site from that date on."},
			{Name: "time_zone", Note: "A zone's name such as Europe/London. It decides to which date a shift belongs."},
			{Name: "supervisor", Note: "For information; it grants nothing."},
			{Name: "from", Form: rows.FormDate, Note: "First date on which the row holds. Empty: since ever."},
			{Name: "to", Form: rows.FormDate,
				Note: "First date on which it no longer holds, for those who leave. Empty: until further notice."},
		},
		required: [][]string{{"agent_id"}},
		about: []string{"One row per agent. Somebody who changes team or site gets another row with the date of the change " +
			"in from.",
			"An import replaces each agent's rows from its first date on; what was before stays, and agents who are not in " +
				"the file stay " +
				"as they are."},
	}
}

func activitiesTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "code", Needed: true, Note: "The activity as schedules name it."},
			{Name: "category", Needed: true, Note: "What kind of activity it is.", Choices: categories()},
			{Name: "paid", Note: "Empty: paid, unless it is a meal, time_off or unavailable.", Choices: yesNo()},
			{Name: "counts_as_shrinkage", Note: "Empty: everything but on_queue_work does.", Choices: yesNo()},
		},
		required: [][]string{{"code", "category"}},
		about: []string{"One row per activity of your schedules. The category decides what an agent should be doing in it.",
			"An import adds codes and changes those that it names; schedules that are there already keep their categories."},
	}
}

func statusesTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "secondary", Needed: true, Note: "Your name for it."},
			{Name: "status", Needed: true, Note: "The status that it belongs to.", Choices: statuses()},
		},
		required: [][]string{{"secondary", "status"}},
		about:    []string{"Your own names for what agents are doing, each under one of the six statuses."},
	}
}

func scheduleTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "agent_id", Needed: true, Note: "The agent, as in the roster."},
			{Name: "activity", Needed: true, Note: "The activity code, as imported with the activities."},
			{Name: "start", Form: rows.FormInstant},
			{Name: "end", Form: rows.FormInstant},
			{Name: "category", Note: "Empty: that of the activity code.", Choices: categories()},
			{Name: "shift", Note: "Rows of an agent with the same id are one shift. Empty: rows with less than two hours " +
				"between them, or what the policy says (shift_gap)."},
			{Name: "paid", Note: "Empty: as the activity code says.", Choices: yesNo()},
			{Name: "description", Note: "Shown to the agent."},
			{Name: "time_zone", Note: zoneNote},
			{Name: "date", Needed: true, Form: rows.FormDate, Note: "The date on which the activity starts."},
			{Name: "start_time", Needed: true, Form: rows.FormTime, Note: "Local time at which it starts."},
			{Name: "end_time", Needed: true, Form: rows.FormTime, Note: "Local time at which it ends."},
		},
		required: [][]string{{"agent_id", "activity", "start", "end"},
			{"agent_id", "activity", "date", "start_time", "end_time"}},
		about: []string{"One row per activity: agent, activity, date, from when until when. An end that is not after its " +
			"start is on the next day.",
			"An import replaces, for each agent of the file, the dates from the first to the last of the file (or --from to " +
				"--to). " +
				"What was there is kept as an earlier revision."},
	}
}

func statusTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "agent_id", Needed: true, Note: "The agent, as in the roster."},
			{Name: "at", Needed: true, Form: rows.FormInstant,
				Note: "When it changed: local time, or with an offset (2026-03-02T09:00:00Z)."},
			{Name: "presence", Note: "General availability.", Choices: []string{"available", "busy", "away", "offline"}},
			{Name: "status", Note: "What the agent says about taking interactions.", Choices: statuses()},
			{Name: "routing", Note: "What the routing engine observes.", Choices: []string{"off_queue", "idle", "interacting",
				"communicating", "not_responding"}},
			{Name: "secondary", Note: "Your own name for the status."},
			{Name: "note", Note: "Free text."},
			{Name: "id"},
			{Name: "time_zone", Note: zoneNote},
			{Name: "until", Form: rows.FormInstant,
				Note: "When it ended, or how long it lasted (PT8H30M). Empty: it lasts until the agent's next row."},
		},
		required: [][]string{{"agent_id", "at", "presence"}, {"agent_id", "at", "status"}, {"agent_id", "at", "routing"}},
		about: []string{"One row per change: what an agent's presence, status or routing became, and when. What a row " +
			"leaves empty stays as it was.",
			"The same file imported twice changes nothing."},
	}
}

func gapsTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "source", Note: "The feed. Empty: that of --source."},
			{Name: "from", Needed: true, Form: rows.FormInstant, Note: "When it fell silent."},
			{Name: "to", Needed: true, Form: rows.FormInstant, Note: "When it reported again."},
			{Name: "agent_id", Note: "Empty: all agents of the feed."},
			{Name: "time_zone", Note: "The zone of local times, such as Europe/London. Empty: that of the agent, else " +
				"--time-zone."},
		},
		required: [][]string{{"from", "to"}},
		about: []string{"Stretches in which a feed reported nothing. What it supplies is unknown in them, and counts " +
			"neither for nor against an agent."},
	}
}

func requirementsTable() kindTable {
	return kindTable{
		columns: []rows.Column{
			{Name: "team", Needed: true, Note: "The team, as in the roster."},
			{Name: "start", Form: rows.FormInstant},
			{Name: "required", Needed: true, Form: rows.FormNumber, Note: "Heads on queue, such as 2 or 12.5."},
			{Name: "shrinkage", Form: rows.FormNumber,
				Note: "Share of scheduled time that is not worked on queue, such as 0.3. Empty: none."},
			{Name: "time_zone", Note: "The zone of local times. Empty: that of the team's agents, if they share one, else " +
				"--time-zone."},
			{Name: "date", Needed: true, Form: rows.FormDate, Note: "The date of the interval."},
			{Name: "start_time", Needed: true, Form: rows.FormTime,
				Note: "Local time at which the interval starts, on a quarter of an hour."},
		},
		required: [][]string{{"team", "start", "required"}, {"team", "date", "start_time", "required"}},
		about: []string{"The heads that a team needs, one row per interval of 15, 30 or 60 minutes.",
			"An import replaces each team's requirements from the first to the last interval of the file (or --from to --to)."},
	}
}
