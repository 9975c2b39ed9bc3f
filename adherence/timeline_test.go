package adherence_test

import "testing"

// RULES.md section 3, sentence by sentence.
func TestActualTimeline(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"a field left out is unchanged", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			fact 09:30 -/-/interacting
			day 2026-03-02 in_s=3600 conformance_actual_s=3600`},
		{"at one instant a later fact wins field by field", `
			plan 09:00-10:00 break
			fact 09:00 available/available/idle
			fact 09:00 -/break/-
			day 2026-03-02 in_s=3600`},
		{"a line that comes again is the same fact, not a later one", `
			plan 09:00-10:00 break
			fact 09:00 available/available/idle
			fact 09:00 away/break/off_queue
			fact 09:00 available/available/idle
			day 2026-03-02 in_s=3600`},
		{"before the first fact a field is unknown", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:30 available/available/idle
			day 2026-03-02 unknown_s=1800 in_s=1800 adherence_percent=100 coverage_percent=50`},
		{"a fact is believed no longer than carry_forward", `
			policy {"carry_forward":"30m"}
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			day 2026-03-02 in_s=1800 unknown_s=1800 conformance_percent=100`},
		{"each field has its own clock", `
			policy {"carry_forward":"30m"}
			plan 09:00-10:00 break
			fact 09:00 away/break/off_queue
			fact 09:20 away/-/off_queue
			day 2026-03-02 in_s=1800 unknown_s=1800`},
		{"a snapshot that repeats a state renews its clock", `
			policy {"carry_forward":"30m"}
			plan 09:00-10:00 break
			fact 09:00 away/break/off_queue
			fact 09:20 away/break/off_queue
			day 2026-03-02 in_s=3000 unknown_s=600`},
		{"carry_forward is seven days", `
			plan 7+08:00-7+10:00 on_queue_work
			now 9+00:00
			fact 09:00 available/available/idle
			day 2026-03-02 scheduled_s=0 unscheduled_on_queue_s=54000
			day 2026-03-03 unscheduled_on_queue_s=86400
			day 2026-03-04 unscheduled_on_queue_s=86400
			day 2026-03-05 unscheduled_on_queue_s=86400
			day 2026-03-06 unscheduled_on_queue_s=86400
			day 2026-03-07 unscheduled_on_queue_s=86400
			day 2026-03-08 unscheduled_on_queue_s=86400
			day 2026-03-09 in_s=3600 unknown_s=3600 unscheduled_on_queue_s=28800 conformance_actual_s=10800`},
		{"an absent field is left out of the rule", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/-
			day 2026-03-02 in_s=3600`},
		{"if every field of the rule is absent the time is unknown", `
			now 10:00
			plan 09:00-10:00 break
			fact 09:00 away/-/idle
			day 2026-03-02 unknown_s=3600 adherence_percent=null adherence_reason=no_data`},
		{"a line after as_of has no effect and still declares its fields", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/-
			fact 11:00 offline/off_queue/off_queue
			day 2026-03-02 unknown_s=3600 in_s=0`},
		{"a known offline decides on_queue_work whatever routing is", `
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/-/unknown
			day 2026-03-02 out_s=3600
			exc 09:00-10:00 absent negative`},
		{"a gap makes the fields unknown; the last fact before it holds again from its end", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 08:00 available/available/idle
			gap 09:10-09:20
			day 2026-03-02 unknown_s=600 in_s=3000 unscheduled_on_queue_s=3600 conformance_scheduled_s=3000 conformance_actual_s=6600
		`},
		{"a fact inside a gap holds from its end", `
			now 10:00
			plan 09:00-10:00 break
			fact 08:00 available/available/idle
			gap 09:10-09:20
			fact 09:15 away/break/off_queue
			day 2026-03-02 out_s=600 unknown_s=600 in_s=2400
			exc 09:00-09:10 late_start positive`},
		{"overlapping gaps end when the last of them does", `
			now 10:00
			plan 09:00-10:00 break
			fact 08:00 away/break/off_queue
			gap 09:10-09:30
			gap 09:20-09:40
			day 2026-03-02 unknown_s=1800 in_s=1800`},
		{"nothing after as_of is counted", `
			now 09:30
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			day 2026-03-02 scheduled_s=1800 in_s=1800`},
		{"a text that is no known state is unknown", `
			plan 09:00-10:00 break
			fact 09:00 away/Pause/off_queue
			day 2026-03-02 unknown_s=3600`},
		{"a fact that names a status without a secondary clears the secondary", `
			policy {"mapping":{"training":[{"secondary":["Coaching"]}]}}
			plan 09:00-10:00 training
			fact 09:00 busy/training/off_queue Coaching
			fact 09:20 away/-/-
			fact 09:30 busy/training/-
			day 2026-03-02 in_s=1800 out_s=1800
			exc 09:30-10:00 early_end neutral`},
		{"a contact broken by a gap is another contact", `
			policy {"credit_contact":true}
			plan 09:00-09:30 on_queue_work s
			plan 09:30-10:00 break s
			fact 09:00 available/available/interacting
			fact 10:00 offline/off_queue/off_queue
			gap 09:40-09:50
			day 2026-03-02 in_s=2400 unknown_s=600 out_s=600
			exc 09:50-10:00 early_end positive`},
	})
}
