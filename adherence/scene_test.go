package adherence_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/adherence"
	"rollcall/schemas"
)

// A scene is a case in a few lines, so that a rule fits on a screen. Times are UTC of 2026-03-02 (a Monday; London is
// on UTC), with 1+ before them on the next day, 2+ on the one after, -1+ on the day before:
//
//	zone Europe/London            (the default)
//	now 1+00:00                   as_of; the default is 4+00:00
//	policy {"day":"midnight"}
//	plan 09:00-10:30 on_queue_work [shift [code]]
//	fact 08:58 available/available/idle [secondary]      - is a field that is left out
//	acd fact 08:58 -/break/-      a fact of a source, likewise a gap
//	gap 10:00-10:30
//	complete acd 10:00            what a source says of how far it is complete
//	correct 10:00-10:30 neutral
//	day 2026-03-02 out_s=900 adherence_percent=58.33 adherence_reason=absent    wanted: fields of a day
//	exc 10:30-10:45 late_change positive,neutral         wanted: all exceptions of that day, with their impacts
//
// All days that are there must be named.
type scene struct {
	t      *testing.T
	doc    sceneCase
	wanted []wantedDay
}

type sceneCase struct {
	Name        string              `json:"name"`
	TimeZone    string              `json:"time_zone"`
	AsOf        string              `json:"as_of"`
	Policy      json.RawMessage     `json:"policy"`
	Schedule    []map[string]string `json:"schedule"`
	Changes     []map[string]string `json:"changes"`
	Corrections []map[string]string `json:"corrections"`
	Gaps        []map[string]string `json:"gaps"`
	Complete    []map[string]string `json:"complete"`
}

type wantedDay struct {
	day        string
	fields     []string
	exceptions []string
}

// plays judges the scenes of a table, each under the sentence that it holds to.
func plays(t *testing.T, scenes []struct{ rule, text string }) {
	for _, s := range scenes {
		t.Run(s.rule, func(t *testing.T) { play(t, s.text) })
	}
}

// play judges one scene and checks what it wants.
func play(t *testing.T, text string) {
	t.Helper()
	s := readScene(t, text)
	data, err := json.Marshal(s.doc)
	if err != nil {
		t.Fatal(err)
	}
	result := evaluate(t, data)
	days := result["days"].([]any)
	if len(days) != len(s.wanted) {
		t.Fatalf("%d days, want %d: %v", len(days), len(s.wanted), days)
	}
	for i, w := range s.wanted {
		s.check(days[i].(map[string]any), w)
	}
}

func readScene(t *testing.T, text string) *scene {
	t.Helper()
	s := &scene{t: t, doc: sceneCase{Name: t.Name(), TimeZone: "Europe/London", AsOf: sceneInstant(t, "4+00:00"),
		Policy: json.RawMessage("{}")}}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 0 {
			s.read(words[0], words[1:], strings.TrimSpace(line))
		}
	}
	return s
}

func (s *scene) read(verb string, words []string, line string) {
	s.t.Helper()
	if len(words) > 0 && (words[0] == "fact" || words[0] == "gap") {
		source := verb
		defer func() {
			list := s.doc.Changes
			if words[0] == "gap" {
				list = s.doc.Gaps
			}
			list[len(list)-1]["source"] = source
		}()
		s.read(words[0], words[1:], line)
		return
	}
	switch verb {
	case "zone":
		s.doc.TimeZone = words[0]
	case "now":
		s.doc.AsOf = sceneInstant(s.t, words[0])
	case "policy":
		s.doc.Policy = json.RawMessage(strings.TrimPrefix(line, "policy"))
	case "plan":
		a := s.stretch(words[0])
		for i, key := range []string{"category", "shift", "code"} {
			if len(words) > i+1 && words[i+1] != "-" {
				a[key] = words[i+1]
			}
		}
		s.doc.Schedule = append(s.doc.Schedule, a)
	case "fact":
		s.doc.Changes = append(s.doc.Changes, s.fact(words))
	case "gap":
		s.doc.Gaps = append(s.doc.Gaps, s.stretch(words[0]))
	case "complete":
		s.doc.Complete = append(s.doc.Complete, map[string]string{"source": words[0], "up_to": sceneInstant(s.t, words[1])})
	case "correct":
		c := s.stretch(words[0])
		c["effect"] = words[1]
		s.doc.Corrections = append(s.doc.Corrections, c)
	case "day":
		s.wanted = append(s.wanted, wantedDay{day: words[0], fields: words[1:]})
	case "exc":
		w := &s.wanted[len(s.wanted)-1]
		w.exceptions = append(w.exceptions, strings.Join(words, " "))
	default:
		s.t.Fatalf("scene: %q is not understood", line)
	}
}

func (s *scene) fact(words []string) map[string]string {
	f := map[string]string{"at": sceneInstant(s.t, words[0])}
	states := strings.Split(words[1], "/")
	for i, key := range []string{"presence", "status", "routing"} {
		if i < len(states) && states[i] != "-" {
			f[key] = states[i]
		}
	}
	if len(words) > 2 {
		f["secondary"] = words[2]
	}
	return f
}

func (s *scene) stretch(text string) map[string]string {
	i := strings.LastIndex(text, "-")
	return map[string]string{"start": sceneInstant(s.t, text[:i]), "end": sceneInstant(s.t, text[i+1:])}
}

// sceneInstant reads [DAYS+]HH:MM[:SS[.mmm]].
func sceneInstant(t *testing.T, text string) string {
	t.Helper()
	days := 0
	if d, rest, ok := strings.Cut(text, "+"); ok {
		var err error
		if days, err = strconv.Atoi(d); err != nil {
			t.Fatal(err)
		}
		text = rest
	}
	if strings.Count(text, ":") == 1 {
		text += ":00"
	}
	at, err := time.Parse("15:04:05.999", text)
	if err != nil {
		t.Fatal(err)
	}
	return schemas.InstantOf(at.AddDate(2026, 2, 1+days)).String()
}

func (s *scene) check(day map[string]any, w wantedDay) {
	s.t.Helper()
	if day["day"] != w.day {
		s.t.Fatalf("day %v, want %s", day["day"], w.day)
	}
	for _, f := range w.fields {
		key, want, _ := strings.Cut(f, "=")
		got, ok := day[key]
		if !ok {
			s.t.Fatalf("a day has no field %s", key)
		}
		if text := shown(got); text != want {
			s.t.Errorf("%s %s is %s, want %s", w.day, key, text, want)
		}
	}
	var exceptions []string
	for _, e := range day["exceptions"].([]any) {
		exceptions = append(exceptions, shownException(e.(map[string]any)))
	}
	var want []string
	for _, e := range w.exceptions {
		stretch, rest, _ := strings.Cut(e, " ")
		bounds := s.stretch(stretch)
		want = append(want, fmt.Sprintf("%s/%s %s", bounds["start"], bounds["end"], rest))
	}
	if fmt.Sprint(exceptions) != fmt.Sprint(want) {
		s.t.Errorf("%s exceptions\n got %q\nwant %q", w.day, exceptions, want)
	}
}

// shown writes a JSON value as a scene does.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func shownException(e map[string]any) string {
	var impacts []string
	for _, p := range e["parts"].([]any) {
		impacts = append(impacts, p.(map[string]any)["impact"].(string))
	}
	return fmt.Sprintf("%s/%s %s %s", e["start"], e["end"], e["kind"], strings.Join(impacts, ","))
}

// judgeScene returns the days of a scene as the judge makes them, for what JSON does not show.
func judgeScene(t *testing.T, text string) []schemas.AgentDay {
	t.Helper()
	data, err := json.Marshal(readScene(t, text).doc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Evaluate()
	if err != nil {
		t.Fatal(err)
	}
	return result.Days
}
