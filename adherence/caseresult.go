package adherence

import (
	"encoding/json"

	"rollcall/schemas"
)

// CaseResult is a judged case. It marshals to the one-line JSON of RULES.md section 12: lengths in seconds,
// with decimals only for milliseconds; percentages of two decimals, or null with a reason.
type CaseResult struct {
	Name string
	Days []schemas.AgentDay
}

// caseDay is a day with its exceptions.
type caseDay struct {
	schemas.DayJSON
	Exceptions []schemas.ExceptionJSON `json:"exceptions"`
}

// MarshalJSON writes name and days.
func (r CaseResult) MarshalJSON() ([]byte, error) {
	doc := struct {
		Name string    `json:"name"`
		Days []caseDay `json:"days"`
	}{r.Name, make([]caseDay, len(r.Days))}
	for i := range r.Days {
		d := &r.Days[i]
		doc.Days[i] = caseDay{d.JSON(), make([]schemas.ExceptionJSON, len(d.Exceptions))}
		for k := range d.Exceptions {
			doc.Days[i].Exceptions[k] = d.Exceptions[k].JSON()
		}
	}
	return json.Marshal(doc)
}
