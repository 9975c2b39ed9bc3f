package schemas_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// everyKey sets every key of RULES.md section 11.
const everyKey = `{"on_queue_rule":"either","off_queue_equivalent":true,"exception_threshold":"90s",
	"tolerance":{"default":{"start_early":"1m"},"break":{"start_late":"5m","end_late":"0s"}},"tolerance_mode":"always_credit",
	"outside_shift":"exception","ignored_categories":["training","meal","meal"],"ignored_codes":["Union"],"absent_counts":true,
	"credit_contact":true,"day":"midnight","shift_gap":"3h","carry_forward":"48h","severe_after":"10m","target_percent":92.5,
	"mapping":{"training":[{"status":["training","meeting"]}],
	"code:Coaching":[{"secondary":["Coaching"],"presence":["busy"]}]}}`

func TestPolicySetsEveryKey(t *testing.T) {
	got, err := schemas.ParsePolicy([]byte(everyKey))
	if err != nil {
		t.Fatal(err)
	}
	unset := schemas.UnsetEdges()
	def, brk := unset, unset
	def.StartEarlyMS, brk.StartLateMS, brk.EndLateMS = 60_000, 300_000, 0
	want := schemas.Policy{
		OnQueueRule:          schemas.OnQueueEither,
		OffQueueEquivalent:   true,
		ExceptionThresholdMS: 90_000,
		Tolerance:            map[schemas.Category]schemas.Edges{schemas.CategoryNone: def, schemas.CategoryBreak: brk},
		ToleranceMode:        schemas.AlwaysCredit,
		OutsideShift:         schemas.OutsideException,
		IgnoredCategories:    []schemas.Category{schemas.CategoryMeal, schemas.CategoryTraining},
		IgnoredCodes:         []string{"Union"},
		AbsentCounts:         true,
		CreditContact:        true,
		Day:                  schemas.DayMidnight,
		ShiftGapMS:           3 * schemas.HourMS,
		CarryForwardMS:       48 * schemas.HourMS,
		SevereAfterMS:        600_000,
		TargetPercent:        92.5,
		Mapping: map[string][]schemas.Alternative{
			"training":      {{Status: []schemas.Status{schemas.StatusMeeting, schemas.StatusTraining}}},
			"code:Coaching": {{Presence: []schemas.Presence{schemas.PresenceBusy}, Secondary: []string{"Coaching"}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if e := got.EdgesOf(schemas.CategoryBreak); e != (schemas.Edges{StartEarlyMS: 60_000, StartLateMS: 300_000}) {
		t.Errorf("edges of break %+v: an edge not named is taken from default, else 0", e)
	}
	if e := got.EdgesOf(schemas.CategoryMeal); e != (schemas.Edges{StartEarlyMS: 60_000}) {
		t.Errorf("edges of meal %+v", e)
	}
}

func TestPolicyReadsAlikeInYAML(t *testing.T) {
	got, err := schemas.ParsePolicy([]byte(`
# what our works council agreed to
exception_threshold: 5m
tolerance:
  default: {start_late: 90s}
  break:
    end_late: 0
ignored_categories: [meal]
target_percent: 90
mapping:
  "code:Coaching":
    - secondary: [Coaching]
`))
	if err != nil {
		t.Fatal(err)
	}
	want, err := schemas.ParsePolicy([]byte(`{"exception_threshold":"5m","tolerance":{"default":{"start_late":"90s"},` +
		`"break":{"end_late":"0s"}},
		"ignored_categories":["meal"],"mapping":{"code:Coaching":[{"secondary":["Coaching"]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestEmptyPolicyIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "{}", "# nothing\n", "null"} {
		if got, err := schemas.ParsePolicy([]byte(text)); err != nil || !reflect.DeepEqual(got, schemas.DefaultPolicy()) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

// The canonical document, as it is stored: every key with its default.
func TestPolicyIsWrittenCanonically(t *testing.T) {
	got, err := json.Marshal(schemas.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"on_queue_rule":"both","off_queue_equivalent":false,"exception_threshold":"1s","tolerance":{},` +
		`"tolerance_mode":"forgive_short","outside_shift":"ignore","ignored_categories":["time_off","unavailable"],` +
		`"ignored_codes":[],` +
		`"absent_counts":false,"credit_contact":false,"day":"shift_start","shift_gap":"2h","carry_forward":"168h",` +
		`"severe_after":"5m","target_percent":90,"mapping":{}}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestLengthsAreWrittenAsShortAsGoReadsThem(t *testing.T) {
	for ms, want := range map[int64]string{0: "0s", 90_000: "1m30s", 300_000: "5m", 3_600_000: "1h", 36_600_000: "10h10m",
		3_605_000: "1h0m5s", 1500: "1.5s", 1: "1ms"} {
		if got := schemas.FormatLength(ms); got != want {
			t.Errorf("%d ms is %s, want %s", ms, got, want)
		}
	}
}

func TestBadPoliciesNameTheKey(t *testing.T) {
	for text, want := range map[string]string{
		`{"tolerance":{"break":{"start_lat":"5m"}}}`: "tolerance.break.start_lat: is not a key that is known " +
			"here; did you mean start_late?",
		`{"toleranze":{}}`: "toleranze: is not a key that is known here; did you " +
			"mean tolerance?",
		`{"tolerance":{"brake":{}}}`: "tolerance.brake: is not a key that is known here; did " +
			"you mean break?",
		`{"tolerance":{"break":"5m"}}`: "tolerance.break: must be a map, not a text (5m)",
		`{"shift_gap":"2 hours"}`:      `shift_gap: "2 hours" is not a duration; write one such as`,
		`{"shift_gap":"-2h"}`:          "shift_gap: -2h is negative",
		`{"shift_gap":120}`:            "shift_gap: 120 has no unit; write a duration such as 120s",
		`{"shift_gap":"1us"}`:          "shift_gap: 1us is finer than a millisecond",
		`{"shift_gap":null}`:           "shift_gap: must be a text, not null",
		`{"day":"noon"}`:               `day: "noon" is none of shift_start, midnight`,
		`{"tolerance_mode":"forgive_shrt"}`: `tolerance_mode: "forgive_shrt" is none of forgive_short, always_credit; ` +
			`did you mean "forgive_short"?`,
		`{"absent_counts":"yes"}`:                                "absent_counts: must be true or false, not a text (yes)",
		`{"ignored_categories":["unscheduled"]}`:                 `ignored_categories[0]: "unscheduled" is none of`,
		`{"ignored_categories":"meal"}`:                          "ignored_categories: must be a list",
		`{"ignored_codes":[""]}`:                                 "ignored_codes[0]: is empty",
		`{"target_percent":101}`:                                 "target_percent: 101 is not a percentage",
		`{"target_percent":"90"}`:                                "target_percent: must be a number",
		`{"mapping":{"brake":[]}}`:                               "mapping.brake: ",
		`{"mapping":{"code:":[]}}`:                               "mapping.code:: names no code",
		`{"mapping":{"break":[]}}`:                               "mapping.break: lists no alternative",
		`{"mapping":{"break":[{}]}}`:                             "mapping.break[0]: names no field",
		`{"mapping":{"break":[{"status":[]}]}}`:                  "mapping.break[0].status: lists no value",
		`{"mapping":{"break":[{"status":["unknown"]}]}}`:         `mapping.break[0].status[0]: "unknown" cannot be matched`,
		`{"mapping":{"break":[{"status":["paws"]}]}}`:            `mapping.break[0].status[0]: "paws" is none of`,
		`{"mapping":{"break":[{"state":["break"]}]}}`:            "mapping.break[0].state: is not a key",
		`{"day":"midnight","day":"shift_start"}`:                 "day: is given twice",
		"day: midnight\nday: midnight\n":                         "day: is given twice",
		"tolerance:\n  break: &b {start_late: 5m}\n  meal: *b\n": "tolerance.meal: is an alias (line 3)",
		"day: [":                              "neither JSON nor YAML",
		"day: midnight\n---\nday: midnight\n": "more than one document",
		`[1]`:                                 "document: must be a map, not a list",
		"mapping:\n  [1, 2]: []\n":            "mapping: has a key that is no text (line 2)",
		strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40):        "deeper than 32 levels",
		`{"exception_threshold":"999999999999h"}`:                "exception_threshold: ",
		"tolerance: {default: {start_late: 5m, start_late: 6m}}": "tolerance.default.start_late: is given twice",
		`{"mapping":{"on_queue_work":[{"routing":["idle"],"status":3}]}}`: "mapping.on_queue_work[0].status: must be a " +
			"list, not a number (3)",
		`{"mapping":{"on_queue_work":[{"presence":["aviailable"]}]}}`: `did you mean "available"?`,
		`{"on_queue_rule":true}`: "on_queue_rule: must be a text, not true or " +
			"false (true)",
		`{"mapping":{"break":[{"secondary":[7]}]}}`: "mapping.break[0].secondary[0]: must be a text",
		"\tday: midnight": "neither JSON nor YAML",
		`{"tolerance":{"default":{"start_late":"5m"},"unscheduled":{}}}`:  "tolerance.unscheduled: ",
		`{"tolerance":{"default":{"start_late":"5m"},"on_queue_wrk":{}}}`: "did you mean on_queue_work?",
		`{"tolerance":{"default":{"start_late":{"minutes":5}}}}`: "tolerance.default.start_late: must be a text," +
			" not a map",
		`{"mapping":{"break":[{"routing":["idle"]}], "meal":{"status":1}}}`: "mapping.meal: must be a list, not a map",
	} {
		_, err := schemas.ParsePolicy([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestSyntaxErrorsGiveLineAndColumn(t *testing.T) {
	for text, want := range map[string]string{
		"{\n \"a\": x}": "line 2 column 7", "{\"a\":1": "line 1 column 7: not JSON: the text ends in the middle of a value",
		"[1 2]": "line 1 column 4",
	} {
		if _, err := schemas.ParseJSONDocuments([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// drawPolicy makes any policy that can be written.
func drawPolicy(t *rapid.T) schemas.Policy {
	length := rapid.Int64Range(0, 400*schemas.DayMS)
	edge := rapid.OneOf(rapid.Just(schemas.UnsetEdges().StartEarlyMS), length)
	p := schemas.DefaultPolicy()
	p.OnQueueRule = rapid.SampledFrom([]schemas.OnQueueRule{schemas.OnQueueBoth, schemas.OnQueueEither}).Draw(t, "rule")
	p.OffQueueEquivalent, p.AbsentCounts = rapid.Bool().Draw(t, "equivalent"), rapid.Bool().Draw(t, "absent")
	p.ExceptionThresholdMS, p.ShiftGapMS = length.Draw(t, "threshold"), length.Draw(t, "gap")
	p.TargetPercent = float64(rapid.IntRange(0, 1000).Draw(t, "target")) / 10
	p.Tolerance = map[schemas.Category]schemas.Edges{}
	for _, c := range rapid.SliceOfDistinct(rapid.Uint8Range(0, 8), rapid.ID).Draw(t, "categories") {
		p.Tolerance[schemas.Category(c)] = schemas.Edges{StartEarlyMS: edge.Draw(t, "e"), StartLateMS: edge.Draw(t, "e"),
			EndEarlyMS: edge.Draw(t, "e"), EndLateMS: edge.Draw(t, "e")}
	}
	p.Mapping = map[string][]schemas.Alternative{}
	for _, code := range rapid.SliceOfDistinct(rapid.StringN(1, 8, -1), rapid.ID).Draw(t, "codes") {
		p.Mapping[schemas.CodePrefix+
			code] = []schemas.Alternative{{Secondary: []string{code}, Status: []schemas.Status{schemas.StatusMeal}}}
	}
	return p
}

func TestPolicyComesBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPolicy(t)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got schemas.Policy
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !reflect.DeepEqual(got, want) && len(got.IgnoredCategories)+len(got.IgnoredCodes) == 0 {
			t.Fatalf("%s\n got %+v\nwant %+v", data, got, want)
		}
	})
}

// Whatever reads as a policy is written and read again without a change.
func FuzzPolicy(f *testing.F) {
	for _, text := range []string{everyKey, "{}", "tolerance:\n  default: {start_late: 90s}\n", "day: *a", "[",
		"{\"a\":\"\\ud800\"}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := schemas.ParsePolicy(data)
		if err != nil {
			return
		}
		once, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := schemas.ParsePolicy(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice, _ := json.Marshal(again); string(twice) != string(once) {
			t.Fatalf("\nonce  %s\ntwice %s", once, twice)
		}
	})
}
