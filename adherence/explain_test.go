package adherence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/adherence"
	"rollcall/schemas"
)

// Every day of a random case is explained to the millisecond: the steps add up to its sums, lie in order beside each
// other, and agree with its intervals, exceptions, corrections and gaps.
func TestStepsAddUpToTheDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := randomCase(t)
		in := c.Input()
		var j, again adherence.Judge
		days, err := j.Days(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range days {
			e, ok, err := again.Explain(in, days[i].Day)
			if err != nil || !ok {
				t.Fatalf("day %s is not explained: %v", days[i].Day, err)
			}
			if e.Day.Fingerprint() != days[i].Fingerprint() {
				t.Fatalf("day %s is explained as another one", days[i].Day)
			}
			if e.Sums != days[i].Sums {
				t.Fatalf("day %s: the steps add up to\n%+v, the day is\n%+v", days[i].Day, e.Sums, days[i].Sums)
			}
			checkSteps(t, in, e)
		}
		if _, ok, err := again.Explain(in, 1); ok || err != nil {
			t.Fatalf("a day that does not exist is explained: %v", err)
		}
	})
}

func checkSteps(t *rapid.T, in *adherence.Input, e *adherence.Explanation) {
	out, kinds := int64(0), map[schemas.Kind]int64{}
	for i := range e.Steps {
		s := &e.Steps[i]
		if s.Empty() || s.Because == "" || i > 0 && s.Start < e.Steps[i-1].End && s.Activity != nil &&
			e.Steps[i-1].Activity != nil {
			t.Fatalf("step %d is out of order or says nothing: %+v", i, s)
		}
		if (s.Rule == 1) != (s.Verdict == schemas.VerdictNeutral || s.Activity != nil && s.Correction != nil) {
			t.Fatalf("step %d does not name its correction: %+v", i, s)
		}
		if x := s.Correction; x != nil && (s.Start < x.Start || x.End < s.End) {
			t.Fatalf("step %d reaches over its correction: %+v", i, s)
		}
		if strings.Contains(s.Because, " here") != (len(s.Gaps) > 0) {
			t.Fatalf("step %d does not name its gap: %+v", i, s)
		}
		if (s.Verdict == schemas.VerdictOut || s.Verdict == schemas.VerdictOutside) != (s.Kind != schemas.KindNone) {
			t.Fatalf("step %d has kind %q: %+v", i, s.Kind, s)
		}
		for _, f := range s.Before {
			if in.Facts[f].At > s.Start {
				t.Fatalf("step %d is explained by what came later: %+v", i, s)
			}
		}
		if s.After >= 0 && in.Facts[s.After].At < s.End {
			t.Fatalf("step %d ends after the fact that ends it: %+v", i, s)
		}
		if s.Kind != schemas.KindNone {
			out += s.MS()
			kinds[s.Kind] += s.MS()
		}
	}
	for _, x := range e.Day.Exceptions {
		out -= x.MS
		kinds[x.Kind] -= x.MS
	}
	for k, ms := range kinds {
		if ms != 0 || out != 0 {
			t.Fatalf("steps and exceptions of kind %s differ by %d ms", k, ms)
		}
	}
}

// explained writes the steps of the one day of a scene, one a line.
func explained(t *testing.T, text string) string {
	t.Helper()
	data, err := json.Marshal(readScene(t, text).doc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatal(err)
	}
	var j adherence.Judge
	e, _, err := j.Explain(c.Input(), schemas.MakeDate(2026, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range e.Steps {
		fmt.Fprintf(&b, "%s %s rule %d: %s\n", s.Start.Time().Format("15:04"), s.Verdict, s.Rule, s.Because)
	}
	return b.String()
}

// Each rule of RULES.md section 5 says in words why it decided.
func TestEveryRuleSaysWhy(t *testing.T) {
	for _, c := range []struct{ name, scene, want string }{
		{"corrections and ignored time", `policy {"ignored_codes":["Admin"],"ignored_categories":["meal"]}
			plan 09:00-10:00 on_queue_work s
			plan 10:00-10:30 off_queue_work s Admin
			plan 10:30-11:00 meal s
			fact 08:00 offline/off_queue/off_queue
			correct 09:00-09:30 neutral
			correct 09:15-10:00 in`,
			`09:00 neutral rule 1: a correction leaves it out
09:15 in rule 1: a correction counts it as adhering
10:00 ignored rule 2: "Admin" is not judged
10:30 ignored rule 2: meal is not judged
`},
		{"what is not known", `policy {"carry_forward":"1h"}
			plan 09:00-13:00 on_queue_work s
			fact 09:30 available/available/idle
			fact 10:45 available/-/-
			gap 10:00-10:15
			fact 12:00 available/available/unknown`,
			`09:00 unknown rule 3: presence, status and routing are unknown: nothing was reported yet
09:30 in rule 4: on queue work matches: on queue by status and by routing
10:00 unknown rule 3: presence, status and routing are unknown: the feed has a gap here
10:15 in rule 4: on queue work matches: on queue by status and by routing
10:30 unknown rule 3: presence, status and routing are unknown: the feed last reported it at 09:30, which is believed for 1h
10:45 unknown rule 3: status and routing are unknown: the feed last reported it at 09:30, which is believed for 1h
11:45 unknown rule 3: presence is unknown: the feed last reported it at 10:45, which is believed for 1h; ` +
				`status and routing are unknown: the feed last reported it at 09:30, which is believed for 1h
12:00 unknown rule 3: routing is unknown: the feed reported it as unknown
`},
		{"tolerance and threshold", `policy {"tolerance":{"break":{"end_late":"5m"},"on_queue_work":{"start_late":"2m"}},` +
			`"exception_threshold":"3m","mapping":{"code:Huddle":[{"status":["meeting","training"]}]}}
			plan 09:00-09:30 on_queue_work s
			plan 09:30-09:45 break s
			plan 09:45-10:30 on_queue_work s
			plan 10:30-11:00 meeting s Huddle
			fact 09:01 available/available/-
			fact 09:30 away/break/-
			fact 09:50 available/available/-
			fact 10:00 away/off_queue/-
			fact 10:02 available/available/-
			fact 10:10 away/off_queue/-
			fact 10:20 available/available/-
			fact 10:30 busy/training/-
			fact 08:00 offline/off_queue/-`,
			`09:00 tolerated rule 6: on queue work may start 2m late; the deviation lasts 1m
09:01 in rule 4: on queue work matches: on queue by status and by routing (no feed supplies routing)
09:30 in rule 4: break matches: status break
09:45 tolerated rule 6: the break before may end 5m late; the deviation lasts 5m
09:50 in rule 4: on queue work matches: on queue by status and by routing (no feed supplies routing)
10:00 tolerated rule 7: 2m of deviation: less than 3m is tolerated
10:02 in rule 4: on queue work matches: on queue by status and by routing (no feed supplies routing)
10:10 out rule 5: on queue work does not match: on queue by status and by routing (no feed supplies routing); wrong status
10:20 in rule 4: on queue work matches: on queue by status and by routing (no feed supplies routing)
10:30 in rule 4: meeting matches: what the policy asks of "Huddle"
`},
		{"credit that is always given, contacts and time outside",
			`policy {"tolerance":{"default":{"start_late":"2m","end_early":"3m"}},"tolerance_mode":"always_credit",` +
				`"credit_contact":true,"outside_shift":"exception"}
			plan 09:00-10:00 on_queue_work s
			plan 10:00-10:15 break s
			fact 08:00 offline/off_queue/off_queue
			fact 09:05 available/available/interacting
			fact 09:50 available/available/idle
			fact 09:55 available/available/interacting
			fact 10:10 away/break/off_queue
			fact 10:30 available/available/idle
			fact 10:40 offline/off_queue/off_queue`,
			`09:00 tolerated rule 6: on queue work may start 2m late; the deviation lasts 5m, and that much of it is tolerated
09:02 out rule 5: on queue work does not match: on queue by status and by routing; late start
09:05 in rule 4: on queue work matches: on queue by status and by routing
09:50 in rule 4: on queue work matches: on queue by status and by routing
09:55 in rule 4: on queue work matches: on queue by status and by routing
10:00 in rule 4: a contact that began under an earlier activity of the shift still lasts, and is credited
10:10 in rule 4: break matches: status break
10:30 outside rule 0: on queue outside the schedule, which counts as a deviation
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explained(t, c.scene)
			var lines []string
			for line := range strings.Lines(got) {
				if !strings.Contains(line, "counts nowhere") {
					lines = append(lines, line)
				}
			}
			if got = strings.Join(lines, ""); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
