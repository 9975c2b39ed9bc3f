package main

import (
	"slices"
	"strings"
	"testing"

	"rollcall/ingest/decisions"
)

// A list of agents may be bare, or have a header with times of its own; what is wrong with it names file and line.
func TestListsOfCorrections(t *testing.T) {
	at := func(place, agent, from, to string) decisions.CorrectionItem {
		return decisions.CorrectionItem{AgentID: agent, From: from, To: to, Place: "-:" + place}
	}
	for name, c := range map[string]struct {
		text  string
		items []decisions.CorrectionItem
		wrong string
	}{
		"bare": {"ana\nbob\n", []decisions.CorrectionItem{at("1", "ana", "", ""), at("2", "bob", "", "")}, ""},
		"with a header": {"\ufeffAgent ID,To,From\nana,10:00,\"09:00\"\n\nbob,, \n",
			[]decisions.CorrectionItem{at("2", "ana", "09:00", "10:00"), at("4", "bob", "", "")}, ""},
		"times, no names": {"ana,09:00,10:00", []decisions.CorrectionItem{at("1", "ana", "09:00", "10:00")}, ""},
		"a wrong column":  {"agent_id,until\nana,1", nil, `-:1: column "until" is none of`},
		"too many":        {"agent_id\nana,09:00", nil, "-:2: has 2 columns"},
		"an open quote":   {"ana\n\"bob", nil, "-: parse error on line 2"},
		"nothing":         {"agent_id\n", nil, "-: names no agent"},
	} {
		items, err := readCorrectionList("-", strings.NewReader(c.text))
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v, want %q", name, err, c.wrong)
			}
			continue
		}
		if err != nil || !slices.Equal(items, c.items) {
			t.Errorf("%s: %+v %v, want %+v", name, items, err, c.items)
		}
	}
}
