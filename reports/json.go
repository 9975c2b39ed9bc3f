package reports

import (
	"cmp"
	"encoding/json"
	"io"

	"rollcall/schemas"
)

// jsonOut writes texts and values one after the other until one fails.
type jsonOut struct {
	w   io.Writer
	err error
}

func (o *jsonOut) text(t string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, t)
	}
}

func (o *jsonOut) value(v any) {
	text, err := json.Marshal(v)
	if o.err = cmp.Or(o.err, err); o.err == nil {
		_, o.err = o.w.Write(text)
	}
}

// jsonWriter writes one object whose days stream.
type jsonWriter struct {
	jsonOut
	lead string // what is written before the next day
}

// NewJSON writes a report as one JSON object: report, parameters, days ([dayInFull]), total, teams, agents and
// by_day, rules, feeds, made_at, judged_at and hash, in this order. Days come one a line.
func NewJSON(w io.Writer) Writer { return &jsonWriter{jsonOut{w: w}, "\n"} }

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
		Teams:    append([]string{}, q.Teams...), // JSON writes no null
		Sites:    append([]string{}, q.Sites...),
		Agents:   append([]string{}, q.Agents...),
		TimeZone: q.Zone,
		Against:  q.Against,
		TeamsAs:  q.TeamsAs,
	}
	if q.KnownAt != 0 {
		p.KnownAt = &q.KnownAt
	}
	return p
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
		Sites:         append([]string{}, g.Sites...),
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
	j.text(`{"report":"adherence","parameters":`)
	j.value(newParametersJSON(&h.Query))
	j.text(`,"days":[`)
	return j.err
}

func (j *jsonWriter) Day(d *Day) error {
	j.text(j.lead)
	j.value(newDayInFull(d))
	j.lead = ",\n"
	return j.err
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
		Teams:    rowsOf(a.Teams, (*Group).Row),
		Agents:   rowsOf(a.Agents, (*AgentGroup).Row),
		ByDay:    rowsOf(a.ByDay, (*DayGroup).Row),
		Rules:    a.Rules,
		Feeds:    append([]schemas.Feed{}, a.Feeds...),
		MadeAt:   a.MadeAt,
		JudgedAt: a.JudgedAt,
		Hash:     a.Hash,
	}
	text, err := json.Marshal(end)
	if err != nil {
		return err
	}
	j.text("\n]," + string(text[1:]) + "\n")
	return j.err
}

// rowsOf makes a row of each member of a list; of none an empty list, so that JSON writes no null.
func rowsOf[E, R any](list []E, row func(*E) R) []R {
	rows := make([]R, len(list))
	for i := range list {
		rows[i] = row(&list[i])
	}
	return rows
}
