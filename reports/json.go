package reports

import (
	"cmp"
	"encoding/json"
	"io"

	"rollcall/schemas"
)

// jsonWriter writes one object whose days stream.
type jsonWriter struct {
	w    io.Writer
	days int
}

// NewJSON writes a report as one JSON object: report, parameters, days ([dayInFull]), total, teams, agents and
// by_day, rules, feeds, made_at, judged_at and hash, in this order. Days come one a line.
func NewJSON(w io.Writer) Writer { return &jsonWriter{w: w} }

type parametersJSON struct {
	From     schemas.Date     `json:"from"`
	To       schemas.Date     `json:"to"`
	Teams    []string         `json:"teams"`
	Sites    []string         `json:"sites"`
	Agents   []string         `json:"agents"`
	TimeZone string           `json:"time_zone"`
	Against  string           `json:"against"`
	KnownAt  *schemas.Instant `json:"known_at"`
	TeamsAs  string           `json:"teams_as"`
}

func newParametersJSON(q *Query) parametersJSON {
	p := parametersJSON{
		From:     q.From,
		To:       q.To,
		Teams:    orEmpty(q.Teams),
		Sites:    orEmpty(q.Sites),
		Agents:   orEmpty(q.Agents),
		TimeZone: q.Zone,
		Against:  q.Against,
		TeamsAs:  q.TeamsAs,
	}
	if q.KnownAt != 0 {
		p.KnownAt = &q.KnownAt
	}
	return p
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// GroupRow is a group in JSON: the fields of a day without its date, summed up, and what only a group has. no_adherence
// counts the days left out, by reason.
type GroupRow struct {
	Team   string   `json:"team"`
	Sites  []string `json:"sites"`
	Agents int      `json:"agents"`
	Days   int      `json:"days"`
	sums
	CountedInS    schemas.Seconds `json:"counted_in_s"`
	CountedS      schemas.Seconds `json:"counted_s"`
	TargetPercent *float64        `json:"target_percent"`
	TargetMet     *bool           `json:"target_met"`
	AbsentDays    int             `json:"absent_days"`
	NoAdherence   map[string]int  `json:"no_adherence"`
	NoConformance map[string]int  `json:"no_conformance"`
	Provisional   int             `json:"provisional_days"`
	Final         int             `json:"final_days"`
	Restated      int             `json:"restated_days"`
}

// sums are the fields of a day; its date hides behind nothing.
type sums struct {
	schemas.DayJSON
	Day *struct{} `json:"day,omitempty"`
}

// Row returns the group as JSON carries it. The two sides of conformance are those of the days that have it.
func (g *Group) Row() GroupRow {
	row := GroupRow{
		Team:          g.Team,
		Sites:         orEmpty(g.Sites),
		Agents:        g.Agents,
		Days:          g.Days,
		sums:          sums{DayJSON: g.dayJSON()},
		CountedInS:    schemas.Seconds(g.AdheredMS),
		CountedS:      schemas.Seconds(g.CountedMS),
		TargetPercent: g.Target,
		AbsentDays:    g.Absent,
		NoAdherence:   byReason(&g.NoAdherence),
		NoConformance: byReason(&g.NoConformance),
		Provisional:   g.Provisional,
		Final:         g.Final,
		Restated:      g.Restated,
	}
	if met, known := TargetMet(g.Adherence(), g.Target); known {
		row.TargetMet = &met
	}
	return row
}

// dayJSON writes the sums like those of a day, so that both have one order of fields.
func (g *Group) dayJSON() schemas.DayJSON {
	row := (&schemas.AgentDay{Sums: g.Sums}).JSON()
	row.AdherencePercent, row.AdherenceReason = percentJSON(g.Adherence())
	row.ConformancePercent, row.ConformanceReason = percentJSON(g.Conformance())
	row.ConformanceScheduledS, row.ConformanceActualS = schemas.Seconds(g.OnQueueDueMS), schemas.Seconds(g.OnQueueMS)
	row.ExceptionCount = g.Exceptions
	return row
}

func percentJSON(p schemas.Percent) (*float64, *schemas.Reason) {
	if v := orNil(p.Value()); v != nil {
		return v, nil
	}
	return nil, &p.Reason
}

func byReason(counts *[reasons]int) map[string]int {
	named := map[string]int{}
	for r, n := range counts {
		if n > 0 {
			named[cmp.Or(schemas.Reason(r).String(), "nothing_counted")] = n
		}
	}
	return named
}

func (j *jsonWriter) Begin(h *Head) error {
	return j.join(`{"report":"adherence","parameters":`, newParametersJSON(&h.Query), `,"days":[`)
}

func (j *jsonWriter) Day(d *Day) error {
	before := ",\n"
	if j.days++; j.days == 1 {
		before = "\n"
	}
	return j.join(before, newDayInFull(d), "")
}

// AgentGroupRow is an agent of a team in JSON.
type AgentGroupRow struct {
	AgentID   string `json:"agent_id"`
	AgentName string `json:"agent_name"`
	GroupRow
}

// Row returns the group as JSON carries it.
func (g *AgentGroup) Row() AgentGroupRow { return AgentGroupRow{g.AgentID, g.Name, g.Group.Row()} }

// DayGroupRow is a day of everybody in JSON.
type DayGroupRow struct {
	Day schemas.Date `json:"day"`
	GroupRow
}

// Row returns the group as JSON carries it.
func (g *DayGroup) Row() DayGroupRow { return DayGroupRow{g.First, g.Group.Row()} }

type endJSON struct {
	Total    GroupRow        `json:"total"`
	Teams    []GroupRow      `json:"teams"`
	Agents   []AgentGroupRow `json:"agents"`
	ByDay    []DayGroupRow   `json:"by_day"`
	Rules    []Rules         `json:"rules"`
	Feeds    []schemas.Feed  `json:"feeds"`
	MadeAt   schemas.Instant `json:"made_at"`
	JudgedAt schemas.Instant `json:"judged_at"`
	Hash     string          `json:"hash"`
}

func (j *jsonWriter) End(a *Adherence) error {
	end := endJSON{
		Total:    a.Total.Row(),
		Teams:    []GroupRow{},
		Agents:   []AgentGroupRow{},
		ByDay:    []DayGroupRow{},
		Rules:    a.Rules,
		Feeds:    a.Feeds,
		MadeAt:   a.MadeAt,
		JudgedAt: a.JudgedAt,
		Hash:     a.Hash,
	}
	for i := range a.Teams {
		end.Teams = append(end.Teams, a.Teams[i].Row())
	}
	for i := range a.Agents {
		end.Agents = append(end.Agents, a.Agents[i].Row())
	}
	for i := range a.ByDay {
		end.ByDay = append(end.ByDay, a.ByDay[i].Row())
	}
	if end.Feeds == nil {
		end.Feeds = []schemas.Feed{}
	}
	text, err := json.Marshal(end)
	if err != nil {
		return err
	}
	_, err = io.WriteString(j.w, "\n],"+string(text[1:])+"\n")
	return err
}

// join writes a value as JSON between two texts.
func (j *jsonWriter) join(before string, value any, after string) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	text = append(append([]byte(before), text...), after...)
	_, err = j.w.Write(text)
	return err
}
