package adherence_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// caseOf wraps parts into a valid case.
func caseOf(parts string) string {
	return `{"name":"c","time_zone":"Europe/London","as_of":"2026-03-02T23:00:00Z"` + parts + `}`
}

// Bad input is refused with the case, the place and what would be right; never a panic, never a guess.
func TestBadCasesNameTheirPlace(t *testing.T) {
	activity := func(fields string) string { return caseOf(`,"schedule":[{` + fields + `}]`) }
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"unknown key", caseOf(`,"shedule":[]`), []string{`case "c"`, "shedule", "did you mean schedule?"}},
		{"a key twice", caseOf(`,"gaps":[],"gaps":[]`), []string{"gaps: is given twice"}},
		{"no zone", `{"name":"c","as_of":"2026-03-02T23:00:00Z"}`, []string{"time_zone"}},
		{"unknown zone", `{"name":"c","time_zone":"Europe/Leeds","as_of":"2026-03-02T23:00:00Z"}`,
			[]string{"time_zone: ", "Europe/Leeds"}},
		{"no as_of", `{"name":"c","time_zone":"UTC"}`, []string{"as_of"}},
		{"an instant without an offset", `{"time_zone":"UTC","as_of":"2026-03-02T23:00:00"}`,
			[]string{"case 1", "as_of: ", "RFC 3339"}},
		{"an instant out of range", `{"time_zone":"UTC","as_of":"1999-12-31T23:59:59Z"}`,
			[]string{"as_of: ", "out of range"}},
		{"an instant finer than a millisecond", `{"time_zone":"UTC","as_of":"2026-03-02T23:00:00.0001Z"}`,
			[]string{"millisecond"}},
		{"a list that is none", caseOf(`,"changes":{}`), []string{"changes: must be a list, not a map"}},
		{"no category", activity(`"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z"`),
			[]string{"schedule[0]", "no category"}},
		{"unknown category", activity(`"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","category":"brake"`),
			[]string{"schedule[0].category: ", `did you mean "break"?`}},
		{"unscheduled is only in results",
			activity(`"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","category":"unscheduled"`),
			[]string{"schedule[0].category: "}},
		{"end before start", activity(`"start":"2026-03-02T09:00:00Z","end":"2026-03-02T09:00:00Z","category":"break"`),
			[]string{"schedule[0].end: ", "not after the start"}},
		{"a number for a text", activity(`"start":5,"end":"2026-03-02T09:00:00Z","category":"break"`),
			[]string{"schedule[0].start: must be a text, not a number (5)"}},
		{"activities that overlap", caseOf(`,"schedule":[
			{"start":"2026-03-02T12:00:00Z","end":"2026-03-02T13:00:00Z","category":"break"},
			{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","category":"break"},
			{"start":"2026-03-02T09:59:00Z","end":"2026-03-02T11:00:00Z","category":"meal"}]`),
			[]string{"schedule[2]", "overlaps schedule[1]", "2026-03-02T10:00:00Z"}},
		{"a change without an instant", caseOf(`,"changes":[{"status":"break"}]`), []string{"changes[0]", "no at"}},
		{"a state that is no text", caseOf(`,"changes":[{"at":"2026-03-02T09:00:00Z","status":7}]`),
			[]string{"changes[0].status: must be a text"}},
		{"a secondary without a status", caseOf(`,"changes":[{"at":"2026-03-02T09:00:00Z","secondary":"Coaching"}]`),
			[]string{"changes[0]", "Coaching", "name the status"}},
		{"two agents",
			caseOf(`,"changes":[{"at":"2026-03-02T09:00:00Z","agent_id":"ana"},{"at":"2026-03-02T09:00:00Z","agent_id":"bo"}]`),
			[]string{"changes[1]", "one agent"}},
		{"a correction that ends first",
			caseOf(`,"corrections":[{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T08:00:00Z","effect":"in"}]`),
			[]string{"corrections[0].end: "}},
		{"an unknown effect", caseOf(
			`,"corrections":[{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","effect":"out"}]`),
			[]string{"corrections[0].effect: ", "neutral, in"}},
		{"an empty gap", caseOf(`,"gaps":[{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T09:00:00Z"}]`),
			[]string{"gaps[0].end: "}},
		{"an agent in a gap", caseOf(
			`,"gaps":[{"agent_id":"ana","start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z"}]`),
			[]string{"gaps[0].agent_id"}},
		{"a statement of completeness without an end", caseOf(`,"complete":[{"source":"acd"}]`), []string{"complete[0]",
			"up_to"}},
		{"a source preferred twice", caseOf(`,"policy":{"prefer":{"status":["acd","acd"]}}`),
			[]string{"policy.prefer.status[1]: ", "second time"}},
		{"a field that nobody can prefer", caseOf(`,"policy":{"prefer":{"secondary":["acd"]}}`),
			[]string{"policy.prefer.secondary: "}},
		{"an unknown policy key", caseOf(`,"policy":{"tolerance":{"break":{"start_lat":"5m"}}}`),
			[]string{"policy.tolerance.break.start_lat: ", "did you mean start_late?"}},
		{"a negative duration", caseOf(`,"policy":{"shift_gap":"-1h"}`), []string{"policy.shift_gap: -1h is negative"}},
		{"no JSON", `{"name":`, []string{"line 1 column", "ends in the middle"}},
		{"broken JSON", "{\n\"name\": x}", []string{"line 2 column", "not JSON"}},
		{"nothing", "  \n", []string{"there is none"}},
		{"no object", "5", []string{"case 1", "must be a map"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := adherence.ParseCase([]byte(c.text))
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}

func TestACaseMayLeaveOutAlmostEverything(t *testing.T) {
	c, err := adherence.ParseCase([]byte(`{"time_zone":"UTC","as_of":"2026-03-02T23:00:00+01:00","schedule":null,` +
		`"policy":null,
		"changes":[{"at":"2026-03-02T09:00:00Z"},{"at":"2026-03-02T09:00:00Z","presence":null,"status":"","note":"hello"}],
		"expect":{"anything":["goes"]},"note":"n","source":"s"}`))
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Evaluate()
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(result); string(got) != `{"name":"","days":[]}` {
		t.Errorf("result %s", got)
	}
}

// A result is exactly the line of RULES.md section 12: keys, their order, seconds, null and unknown.
func TestResultIsTheLineOfInterfaces(t *testing.T) {
	c, err := adherence.ParseCase([]byte(caseOf(`,"policy":{"day":"midnight"},
		"schedule":[{"start":"2026-03-02T10:00:00+01:00","end":"2026-03-02T10:30:00Z","category":"on_queue_work","code":"Phones"}],
		"changes":[{"at":"2026-03-02T09:00:00Z","presence":"available","status":"available"},
		{"at":"2026-03-02T10:00:00.250Z","presence":"offline","status":"Lunch"}]`)))
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Evaluate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"name":"c","days":[{"day":"2026-03-02","adherence_percent":66.67,"adherence_reason":null,` +
		`"conformance_percent":66.67,"conformance_reason":null,"coverage_percent":100,"scheduled_s":5400,"in_s":3600.25,` +
		`"tolerated_s":0,"out_s":1799.75,"neutral_s":0,"ignored_s":0,"unknown_s":0,"outside_s":0,` +
		`"unscheduled_on_queue_s":0,` +
		`"conformance_scheduled_s":5400,"conformance_actual_s":3600.25,"exception_count":1,"exceptions":[` +
		`{"start":"2026-03-02T10:00:00.25Z","end":"2026-03-02T10:30:00Z","scheduled_category":"on_queue_work",` +
		`"kind":"early_end",` +
		`"seconds":1799.75,"parts":[{"start":"2026-03-02T10:00:00.25Z","end":"2026-03-02T10:30:00Z","presence":"offline",` +
		`"status":"unknown","routing":null,"impact":"negative"}]}]}]}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestManyCasesInOneFile(t *testing.T) {
	one := caseOf("")
	for text, want := range map[string]int{one: 1, one + "\n" + one: 2, "[" + one + "," + one + "]": 2, "[" + one + "]" +
		one: 2} {
		cases, err := adherence.ParseCases([]byte(text))
		if err != nil || len(cases) != want {
			t.Errorf("%d cases (%v), want %d in %s", len(cases), err, want, text)
		}
	}
	if _, err := adherence.ParseCase([]byte(one + one)); err == nil {
		t.Error("two cases were taken for one")
	}
}

// Facts under one key: the first receipt counts; without an id the key is the content.
func TestOneKeyIsOneFact(t *testing.T) {
	c, err := adherence.ParseCase([]byte(caseOf(`,"schedule":[{"start":"2026-03-02T09:00:00Z",` +
		`"end":"2026-03-02T10:00:00Z","category":"break"}],
		"changes":[{"id":"1","at":"2026-03-02T09:00:00Z","status":"break"},
		{"id":"1","at":"2026-03-02T09:00:00Z","status":"meal","presence":"away"},
		{"id":"1","source":"other","at":"2026-03-02T09:30:00Z","status":"meal"}]`)))
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Evaluate()
	if err != nil {
		t.Fatal(err)
	}
	if d := result.Days[0]; d.InMS != 1800_000 || d.OutMS != 1800_000 {
		t.Errorf("in %d ms, out %d ms, want half and half", d.InMS, d.OutMS)
	}
	if s := result.Days[0].Intervals[0].State; s.Presence != schemas.PresenceUnknown {
		t.Errorf("presence %q: a line declares its fields even when another has its key", s.Presence)
	}
}

func TestJudgeRefusesInputThatWouldBeJudgedWrongly(t *testing.T) {
	hour := func(h int64) schemas.Instant { return schemas.MinInstant.Add(h * schemas.HourMS) }
	for want, spoil := range map[string]func(*adherence.Input){
		"no rules":        func(in *adherence.Input) { in.Rules = nil },
		"no zone":         func(in *adherence.Input) { in.Zones = nil },
		"does not start":  func(in *adherence.Input) { in.Zones = append(in.Zones, in.Zones[0]) },
		"sort them":       func(in *adherence.Input) { in.Facts = []schemas.Fact{{At: hour(2)}, {At: hour(1)}} },
		"must lie":        func(in *adherence.Input) { in.Facts = []schemas.Fact{{At: hour(-1)}} },
		"not after its":   func(in *adherence.Input) { in.Gaps = []schemas.Gap{{Start: hour(1), End: hour(1)}} },
		"cannot be sched": func(in *adherence.Input) { in.Activities = []schemas.Activity{{Start: hour(1), End: hour(2)}} },
		"overlaps": func(in *adherence.Input) {
			a := schemas.Activity{Start: hour(1), End: hour(2), Category: schemas.CategoryMeal}
			in.Activities = []schemas.Activity{a, a}
		},
		"has no effect": func(in *adherence.Input) { in.Corrections = []schemas.Correction{{Start: hour(1), End: hour(2)}} },
		"ends at": func(in *adherence.Input) {
			in.Corrections = []schemas.Correction{{Start: hour(2), End: hour(1), Effect: schemas.EffectIn}}
		},
	} {
		in := adherence.Input{AgentID: "ana", Zones: []adherence.ZoneSpan{{}}, AsOf: hour(9),
			Rules: adherence.Compile(schemas.DefaultPolicy(), nil)}
		spoil(&in)
		var j adherence.Judge
		if _, err := j.Days(&in, nil); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), `"ana"`) {
			t.Errorf("error %v, want one that says %q and names the agent", err, want)
		}
	}
}

func FuzzCase(f *testing.F) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(caseOf(`,"policy":{"mapping":{"code:X":[{"secondary":["Y"]}]},"day":"midnight","carry_forward":"1s"}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		cases, err := adherence.ParseCases(data)
		if err != nil {
			return
		}
		for _, c := range cases {
			result, err := c.Evaluate()
			if err != nil {
				t.Fatalf("a case that reads cannot be judged: %v", err)
			}
			if _, err := json.Marshal(result); err != nil {
				t.Fatal(err)
			}
			for _, d := range result.Days {
				if d.ScheduledMS != d.InMS+d.ToleratedMS+d.OutMS+d.NeutralMS+d.IgnoredMS+d.UnknownMS {
					t.Fatalf("%+v is no partition", d.Sums)
				}
			}
		}
	})
}
