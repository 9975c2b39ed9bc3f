package adherence_test

import (
	"fmt"
	"testing"
)

// RULES.md section 5, rules 1 to 5 and the default match, sentence by sentence.
func TestVerdicts(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"a correction goes before everything, also an ignored category", `
			policy {"ignored_categories":["meal"]}
			now 11:00
			plan 09:00-10:00 meal
			plan 10:00-11:00 on_queue_work
			fact 09:00 away/meal/off_queue
			correct 09:30-10:30 neutral
			day 2026-03-02 ignored_s=1800 neutral_s=3600 out_s=1800
			exc 10:30-11:00 early_end negative`},
		{"of overlapping corrections the one recorded later decides", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 away/meal/off_queue
			correct 09:00-10:00 neutral
			correct 09:20-09:40 in
			correct 09:30-09:35 neutral
			day 2026-03-02 neutral_s=2700 in_s=900 conformance_scheduled_s=900 conformance_actual_s=0`},
		{"forced in where nothing is known", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			correct 09:00-09:15 in
			day 2026-03-02 in_s=900 unknown_s=2700 adherence_percent=100 conformance_percent=0`},
		{"category or code is ignored by the policy", `
			policy {"ignored_categories":["meal"],"ignored_codes":["Union"]}
			now 12:00
			plan 09:00-10:00 meal
			plan 10:00-11:00 meeting - Union
			plan 11:00-12:00 meeting - union
			fact 09:00 offline/off_queue/off_queue
			fact 11:00 busy/off_queue/off_queue
			day 2026-03-02 ignored_s=7200 out_s=3600 coverage_percent=100 adherence_percent=0
			exc 11:00-12:00 early_end neutral`},
		{"credit_contact: a contact that began under an earlier activity of the shift and still lasts", `
			policy {"credit_contact":true}
			now 12:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			plan 11:00-12:00 meal s
			fact 09:00 available/available/idle
			fact 09:50 available/available/interacting
			fact 10:10 available/available/communicating
			fact 11:05 away/meal/off_queue
			day 2026-03-02 in_s=10800 out_s=0`},
		{"a contact that began in the break itself is none", `
			policy {"credit_contact":true}
			now 11:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 09:00 available/available/idle
			fact 10:00 available/available/interacting
			fact 10:05 away/break/off_queue
			day 2026-03-02 out_s=300
			exc 10:00-10:05 late_change positive`},
		{"nor one that began before the shift, or under another shift", `
			policy {"credit_contact":true}
			now 11:00
			plan 09:00-10:00 on_queue_work a
			plan 10:00-11:00 break b
			fact 09:55 available/available/interacting
			fact 10:05 away/break/off_queue
			day 2026-03-02 unknown_s=3300 in_s=3600 out_s=300
			exc 10:00-10:05 late_change positive`},
		{"nor one under time off in no shift", `
			policy {"credit_contact":true,"ignored_categories":[]}
			now 11:00
			plan 09:00-10:00 on_queue_work
			plan 10:00-11:00 time_off
			fact 09:00 available/available/interacting
			fact 10:05 away/break/off_queue
			day 2026-03-02 in_s=6900 out_s=300
			exc 10:00-10:05 late_change positive`},
	})
}

// matchLine is one line of the table of the default match: in which states it is in, out, or cannot be decided.
type matchLine struct{ policy, category, state, verdict string }

func TestDefaultMatchLineByLine(t *testing.T) {
	loose, either := `{"off_queue_equivalent":true}`, `{"on_queue_rule":"either"}`
	judged := `{"ignored_categories":[]}`
	for _, l := range []matchLine{
		{"{}", "on_queue_work", "available/available/idle", "in"},
		{"{}", "on_queue_work", "busy/available/communicating", "in"},
		{"{}", "on_queue_work", "away/available/interacting", "in"},
		{"{}", "on_queue_work", "offline/available/idle", "out"},
		{"{}", "on_queue_work", "available/off_queue/idle", "out"},
		{"{}", "on_queue_work", "available/available/not_responding", "out"},
		{"{}", "on_queue_work", "available/available/unknown", "unknown"},
		{"{}", "on_queue_work", "available/unknown/off_queue", "out"},
		{"{}", "on_queue_work", "unknown/available/idle", "unknown"},
		{either, "on_queue_work", "available/available/off_queue", "in"},
		{either, "on_queue_work", "available/off_queue/idle", "in"},
		{either, "on_queue_work", "available/off_queue/off_queue", "out"},
		{either, "on_queue_work", "offline/available/idle", "out"},
		{either, "on_queue_work", "available/unknown/idle", "in"},
		{either, "on_queue_work", "available/unknown/off_queue", "unknown"},
		{either, "on_queue_work", "available/-/off_queue", "out"},
		{either, "on_queue_work", "available/-/-", "in"},
		{"{}", "break", "offline/break/off_queue", "in"},
		{"{}", "meal", "away/meal/off_queue", "in"},
		{"{}", "meal", "away/break/off_queue", "out"},
		{"{}", "meeting", "busy/meeting/idle", "in"},
		{"{}", "training", "unknown/training/unknown", "in"},
		{"{}", "training", "busy/unknown/off_queue", "unknown"},
		{loose, "training", "busy/meal/off_queue", "in"},
		{loose, "training", "busy/available/off_queue", "out"},
		{loose, "training", "offline/training/off_queue", "out"},
		{loose, "training", "unknown/training/off_queue", "unknown"},
		{loose, "training", "busy/-/off_queue", "in"},
		{"{}", "off_queue_work", "available/off_queue/off_queue", "in"},
		{"{}", "off_queue_work", "busy/off_queue/idle", "in"},
		{"{}", "off_queue_work", "away/off_queue/off_queue", "out"},
		{"{}", "off_queue_work", "away/unknown/off_queue", "out"},
		{loose, "off_queue_work", "away/meeting/off_queue", "in"},
		{"{}", "time_off", "away/available/idle", "ignored"},
		{"{}", "unavailable", "-/off_queue/off_queue", "ignored"},
		{judged, "time_off", "away/available/idle", "in"},
		{judged, "time_off", "offline/-/-", "in"},
		{judged, "unavailable", "busy/off_queue/off_queue", "out"},
		{judged, "unavailable", "-/off_queue/off_queue", "unknown"},
		{`{"off_queue_equivalent":true,"ignored_categories":[]}`, "time_off", "busy/meal/off_queue", "out"},
	} {
		t.Run(fmt.Sprintf("%s %s %s", l.policy, l.category, l.state), func(t *testing.T) {
			days := judgeScene(t, fmt.Sprintf("now 10:00\npolicy %s\nplan 09:00-10:00 %s s\nfact 09:00 %s", l.policy, l.category,
				l.state))
			if got := days[0].Intervals[0].Verdict.String(); got != l.verdict {
				t.Errorf("verdict %s, want %s", got, l.verdict)
			}
		})
	}
}

func TestMappedLines(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"a line lists alternatives, each with every field that it names", `
			policy {"mapping":{"training":[{"status":["training","meeting"],"presence":["busy"]},{"routing":["idle"]}]}}
			now 10:00
			plan 09:00-10:00 training
			fact 09:00 busy/meeting/off_queue
			fact 09:15 away/meeting/off_queue
			fact 09:30 away/meeting/idle
			day 2026-03-02 in_s=2700 out_s=900
			exc 09:15-09:30 wrong_status neutral`},
		{"a code: line goes before its category's line", `
			policy {"mapping":{"training":[{"status":["training"]}],"code:Coaching":[{"secondary":["Coaching"]}]}}
			now 11:00
			plan 09:00-10:00 training s Coaching
			plan 10:00-11:00 training s Other
			fact 09:00 busy/training/off_queue
			fact 09:30 away/break/off_queue Coaching
			fact 10:00 busy/training/off_queue
			day 2026-03-02 in_s=5400 out_s=1800
			exc 09:00-09:30 late_start neutral`},
		{"a mapped line is not loosened by off_queue_equivalent", `
			policy {"off_queue_equivalent":true,"mapping":{"break":[{"status":["break"]}]}}
			now 11:00
			plan 09:00-10:00 break s
			plan 10:00-11:00 meal s
			fact 09:00 away/meeting/off_queue
			day 2026-03-02 in_s=3600 out_s=3600
			exc 09:00-10:00 early_change neutral`},
		{"an alternative of which every field is absent is left out", `
			policy {"mapping":{"break":[{"status":["break"]},{"routing":["off_queue"]}]}}
			now 10:00
			plan 09:00-10:00 break
			fact 09:00 away/meeting/-
			day 2026-03-02 out_s=3600
			exc 09:00-10:00 late_start neutral`},
		{"if that leaves none, the time is unknown", `
			policy {"mapping":{"break":[{"routing":["off_queue"]}]}}
			now 10:00
			plan 09:00-10:00 break
			fact 09:00 away/break/-
			day 2026-03-02 unknown_s=3600`},
		{"one alternative that matches decides, whatever is unknown in another", `
			policy {"mapping":{"break":[{"status":["break"]},{"routing":["off_queue"]}]}}
			now 10:00
			plan 09:00-10:00 break
			fact 09:00 away/unknown/off_queue
			fact 09:30 away/unknown/idle
			day 2026-03-02 in_s=1800 unknown_s=1800`},
		{"what is on queue is not mapped", `
			policy {"mapping":{"on_queue_work":[{"status":["off_queue"]}]}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			fact 09:30 available/off_queue/off_queue
			day 2026-03-02 out_s=1800 in_s=1800 conformance_actual_s=1800
			exc 09:00-09:30 late_start neutral`},
	})
}

func TestOnQueueNeedsEveryPresentPartKnown(t *testing.T) {
	for state, want := range map[string]bool{
		"available/available/idle": true,
		"away/available/-":         true,
		"unknown/available/-":      false,
		"-/-/interacting":          true,
		"-/-/not_responding":       false,
		"-/-/-":                    false,
	} {
		days := judgeScene(t, "now 10:00\nplan 09:00-10:00 on_queue_work s\nfact 09:00 "+state)
		if got := days[0].Intervals[0].OnQueue; got != want {
			t.Errorf("%s on queue: %t, want %t", state, got, want)
		}
	}
}
