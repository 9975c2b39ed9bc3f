package adherence_test

import "testing"

// RULES.md sections 2 and 4, and the attribution of section 6, sentence by sentence.
func TestScheduledTimeline(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"activities with one id are one shift, across any gap under 12 h", `
			plan 20:00-21:00 on_queue_work s1
			plan 1+08:59:59.999-1+10:00 on_queue_work s1
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=7200.001
			exc 20:00-21:00 absent negative
			exc 1+08:59:59.999-1+10:00 absent negative`},
		{"the same id after a gap of 12 h is another shift", `
			plan 20:00-21:00 on_queue_work s1
			plan 1+09:00-1+10:00 on_queue_work s1
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=3600
			exc 20:00-21:00 absent negative
			day 2026-03-03 scheduled_s=3600
			exc 1+09:00-1+10:00 absent negative`},
		{"activities without an id run on over a gap of shift_gap", `
			plan 22:00-23:00 on_queue_work
			plan 1+01:00-1+02:00 on_queue_work
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=7200
			exc 22:00-23:00 absent negative
			exc 1+01:00-1+02:00 absent negative`},
		{"and no farther", `
			plan 22:00-23:00 on_queue_work
			plan 1+01:00:00.001-1+02:00 on_queue_work
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=3600
			exc 22:00-23:00 absent negative
			day 2026-03-03 scheduled_s=3599.999
			exc 1+01:00:00.001-1+02:00 absent negative`},
		{"time off without an id bridges no gap and belongs to the dates that it covers", `
			plan 20:00-21:00 on_queue_work
			plan 21:00-1+06:00 time_off
			plan 1+06:00-1+07:00 on_queue_work
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=14400 ignored_s=10800
			exc 20:00-21:00 absent negative
			day 2026-03-03 scheduled_s=25200 ignored_s=21600
			exc 1+06:00-1+07:00 absent negative`},
		{"time off between the activities of a shift belongs to it", `
			plan 20:00-21:00 on_queue_work
			plan 22:00-1+01:00 on_queue_work
			plan 21:00-22:00 time_off
			plan 1+01:00-1+02:00 time_off
			fact 20:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=18000
			exc 20:00-21:00 absent negative
			exc 22:00-1+01:00 absent negative
			day 2026-03-03 scheduled_s=3600 ignored_s=3600 adherence_reason=time_off`},
		{"time off alone under an id is a shift", `
			policy {"ignored_categories":[]}
			plan 22:00-1+02:00 time_off s1
			fact 20:00 available/off_queue/off_queue
			day 2026-03-02 scheduled_s=14400 out_s=14400
			exc 22:00-1+02:00 late_start neutral`},
		{"time off in no shift has no late_start and no early_end", `
			policy {"ignored_categories":[]}
			plan 10:00-11:00 time_off
			fact 10:00 available/off_queue/off_queue
			day 2026-03-02 out_s=3600
			exc 10:00-11:00 wrong_status neutral`},
		{"a shift belongs to the local date on which it starts", `
			zone Asia/Kolkata
			now 4+00:00
			plan 18:29-19:30 on_queue_work a
			plan 22:00-23:00 on_queue_work b
			fact 18:00 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=3660
			exc 18:29-19:30 absent negative
			day 2026-03-03 scheduled_s=3600
			exc 22:00-23:00 absent negative`},
		{"with day: midnight it is cut there, but runs and edges are whole", `
			policy {"day":"midnight","exception_threshold":"61m"}
			plan 23:00-1+01:00 on_queue_work
			fact 22:00 available/available/idle
			fact 23:10 away/break/off_queue
			fact 1+00:20 available/available/idle
			fact 1+01:00 offline/off_queue/off_queue
			day 2026-03-02 in_s=600 out_s=3000 unscheduled_on_queue_s=3600 conformance_actual_s=4200
			exc 23:10-1+00:00 wrong_status negative
			day 2026-03-03 in_s=2400 out_s=1200 conformance_actual_s=2400
			exc 1+00:00-1+00:20 wrong_status negative`},
		{"a run cut by midnight is absent only on the days that are", `
			policy {"day":"midnight"}
			plan 23:00-1+01:00 on_queue_work a
			plan 1+09:00-1+10:00 on_queue_work b
			fact 22:00 offline/off_queue/off_queue
			fact 1+09:00 available/available/idle
			fact 1+10:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_reason=absent out_s=3600
			exc 23:00-1+00:00 absent negative
			day 2026-03-03 adherence_reason=null adherence_percent=50
			exc 1+00:00-1+01:00 late_start negative`},
		{"on-queue time outside belongs to the nearest shift within shift_gap, cut half way and exactly at shift_gap", `
			plan 20:00-21:00 on_queue_work a
			plan 1+00:00:00.001-1+02:00 on_queue_work b
			fact 17:00 available/available/idle
			fact 1+05:00 offline/off_queue/off_queue
			day 2026-03-02 unscheduled_on_queue_s=16200 conformance_actual_s=16200
			day 2026-03-03 unscheduled_on_queue_s=16200.001 conformance_actual_s=19800`},
		{"always to its own local date under day: midnight", `
			policy {"day":"midnight"}
			plan 22:00-23:00 on_queue_work a
			fact 22:00 available/available/idle
			fact 1+02:00 offline/off_queue/off_queue
			day 2026-03-02 unscheduled_on_queue_s=3600 conformance_actual_s=7200
			day 2026-03-03 unscheduled_on_queue_s=7200 conformance_actual_s=3600`},
		{"the distance is 0 inside the span of a shift", `
			policy {"shift_gap":"1m"}
			plan 09:00-10:00 on_queue_work a
			plan 14:00-15:00 on_queue_work a
			fact 10:00 available/available/idle
			fact 14:00 offline/off_queue/off_queue
			day 2026-03-02 conformance_actual_s=14400 unscheduled_on_queue_s=14400 unknown_s=3600 out_s=3600
			exc 14:00-15:00 early_end negative`},
	})
}
