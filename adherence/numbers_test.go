package adherence_test

import "testing"

// RULES.md section 6, sentence by sentence.
func TestNumbersOfADay(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"scheduled time that is neutral, ignored or unknown is on neither side of conformance", `
			policy {"ignored_codes":["Test"]}
			now 13:00
			plan 09:00-10:00 on_queue_work s Phones
			plan 10:00-11:00 on_queue_work s Test
			plan 11:00-12:00 on_queue_work s Phones
			plan 12:00-13:00 on_queue_work s Phones
			fact 09:00 available/available/idle
			correct 11:00-12:00 neutral
			gap 12:00-12:30
			day 2026-03-02 conformance_scheduled_s=5400 conformance_actual_s=5400 ignored_s=3600 neutral_s=3600 unknown_s=1800 coverage_percent=83.33
		`},
		{"on-queue time no farther than shift_gap counts, exactly", `
			now 16:00
			plan 10:00-11:00 on_queue_work
			fact 07:00 available/available/idle
			fact 15:00 offline/off_queue/off_queue
			day 2026-03-02 conformance_actual_s=18000 unscheduled_on_queue_s=25200`},
		{"conformance may exceed 100 and has its own reason", `
			now 16:00
			plan 10:00-11:00 meeting
			fact 10:00 available/available/idle
			fact 11:00 busy/meeting/off_queue
			day 2026-03-02 conformance_percent=null conformance_reason=nothing_scheduled_on_queue conformance_actual_s=3600
			exc 10:00-11:00 late_start positive`},
		{"a percentage is rounded half away from zero", `
			now 16:00
			plan 10:00-10:00:08 on_queue_work
			fact 10:00 available/available/idle
			fact 10:00:00.001 available/available/off_queue
			day 2026-03-02 in_s=0.001 out_s=7.999 adherence_percent=0.01
			exc 10:00:00.001-10:00:08 early_end negative`},
		{"nothing_judged: all ignored or neutral", `
			policy {"ignored_categories":["meal"]}
			now 16:00
			plan 10:00-11:00 meal
			plan 11:00-12:00 break
			fact 10:00 available/available/idle
			fact 11:00 available/off_queue/off_queue
			correct 11:00-12:00 neutral
			day 2026-03-02 adherence_percent=null adherence_reason=nothing_judged coverage_percent=100`},
		{"coverage is null when all is ignored", `
			policy {"ignored_categories":["meal"]}
			now 16:00
			plan 10:00-11:00 meal
			fact 10:00 available/off_queue/off_queue
			day 2026-03-02 adherence_reason=nothing_judged coverage_percent=null`},
		{"no_data: nothing known of the rest", `
			policy {"ignored_categories":["meal"]}
			now 16:00
			plan 10:00-11:00 meal
			plan 11:00-12:00 break
			day 2026-03-02 adherence_reason=no_data coverage_percent=0`},
		{"adherence is null whenever in + tolerated + out = 0, whatever is outside", `
			policy {"outside_shift":"exception"}
			now 12:00
			plan 10:00-11:00 on_queue_work
			fact 10:00 available/available/idle
			fact 11:30 offline/off_queue/off_queue
			correct 10:00-11:00 neutral
			day 2026-03-02 outside_s=1800 adherence_percent=null adherence_reason=nothing_judged
			exc 11:00-11:30 outside_shift positive`},
		{"a day whose schedule lies wholly after as_of and that has on-queue time is no_schedule", `
			now 09:00
			plan 10:00-11:00 on_queue_work
			fact 08:00 available/available/idle
			day 2026-03-02 scheduled_s=0 adherence_reason=no_schedule unscheduled_on_queue_s=3600 conformance_actual_s=3600`},
		{"without on-queue time it is not listed", `
			now 09:00
			plan 10:00-11:00 on_queue_work
			fact 08:00 available/off_queue/idle`},
	})
}

func TestAbsence(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"offline throughout all of it", `
			now 12:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_reason=absent conformance_reason=absent out_s=7200
			exc 09:00-10:00 absent negative
			exc 10:00-11:00 absent neutral`},
		{"absent_counts makes adherence and conformance 0", `
			policy {"absent_counts":true}
			now 12:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 time_off s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_percent=0 adherence_reason=null conformance_percent=0 conformance_reason=null ignored_s=3600
			exc 09:00-10:00 absent negative`},
		{"absent_counts makes it 0 even where nothing could be judged", `
			policy {"absent_counts":true}
			now 12:00
			plan 09:00-10:00 break
			fact 06:00 offline/unknown/off_queue
			day 2026-03-02 adherence_percent=0 adherence_reason=null unknown_s=3600`},
		{"not before the last scheduled activity is over", `
			now 10:59
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_percent=0 adherence_reason=null
			exc 09:00-10:00 late_start negative
			exc 10:00-10:59 wrong_status neutral`},
		{"not where presence is not known throughout", `
			now 12:00
			plan 09:00-10:00 on_queue_work
			fact 06:00 offline/off_queue/off_queue
			gap 09:30-09:31
			day 2026-03-02 adherence_percent=0 adherence_reason=null
			exc 09:00-09:30 late_start negative
			exc 09:31-10:00 early_end negative`},
		{"presence may be anything in what is time off, corrected or ignored", `
			policy {"ignored_codes":["Test"]}
			now 13:00
			plan 09:00-10:00 on_queue_work s Phones
			plan 10:00-11:00 time_off s
			plan 11:00-12:00 on_queue_work s Test
			plan 12:00-13:00 on_queue_work s Phones
			fact 06:00 offline/off_queue/off_queue
			fact 10:00 available/off_queue/off_queue
			correct 12:00-13:00 neutral
			day 2026-03-02 adherence_reason=absent out_s=3600
			exc 09:00-10:00 absent negative`},
		{"nor is time off absence where it is judged", `
			policy {"ignored_categories":[]}
			now 13:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 time_off s
			fact 06:00 offline/off_queue/off_queue
			fact 10:00 available/off_queue/off_queue
			day 2026-03-02 adherence_reason=absent out_s=7200
			exc 09:00-10:00 absent negative
			exc 10:00-11:00 absent neutral`},
		{"nothing may be forced in", `
			policy {"ignored_categories":[]}
			now 13:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 time_off s
			fact 06:00 offline/off_queue/off_queue
			correct 10:30-10:31 in
			day 2026-03-02 adherence_reason=null adherence_percent=50
			exc 09:00-10:00 early_change negative`},
		{"a day of time off alone is no absence", `
			now 13:00
			plan 09:00-10:00 time_off s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_reason=time_off coverage_percent=null conformance_reason=nothing_scheduled_on_queue`},
		{"nor a bad day where the time off is judged", `
			policy {"ignored_categories":[]}
			now 13:00
			plan 09:00-10:00 time_off s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_percent=100 conformance_reason=nothing_scheduled_on_queue`},
		{"under day: midnight the whole shift is looked at: who worked before midnight left early", `
			policy {"day":"midnight"}
			now 1+12:00
			plan 22:00-23:30 on_queue_work s
			plan 1+00:30-1+02:00 on_queue_work s
			fact 21:55 available/available/idle
			fact 23:30 offline/off_queue/off_queue
			day 2026-03-02 adherence_percent=100
			day 2026-03-03 adherence_percent=0 adherence_reason=null
			exc 1+00:30-1+02:00 early_end negative`},
		{"and a shift that is not over may still be worked", `
			policy {"day":"midnight"}
			now 1+00:10
			plan 22:00-23:30 on_queue_work s
			plan 1+00:30-1+02:00 on_queue_work s
			fact 21:55 offline/off_queue/off_queue
			day 2026-03-02 adherence_percent=0 adherence_reason=null
			exc 22:00-23:30 late_start negative`},
		{"nothing_scheduled_on_queue goes before absent", `
			now 13:00
			plan 09:00-10:00 meeting s
			fact 06:00 offline/off_queue/off_queue
			day 2026-03-02 adherence_reason=absent conformance_reason=nothing_scheduled_on_queue
			exc 09:00-10:00 absent neutral`},
	})
}

// RULES.md section 9: the traps that the judge can fall into.
func TestTraps(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"a spring-forward day has 23 hours", `
			policy {"day":"midnight"}
			now 29+12:00
			plan 27+00:00-28+00:00 time_off
			plan 28+00:00-29+00:00 time_off
			fact 27+00:00 offline/off_queue/off_queue
			day 2026-03-29 scheduled_s=82800
			day 2026-03-30 scheduled_s=86400
			day 2026-03-31 scheduled_s=3600`},
		{"a zone that skips midnight: the day begins at the first instant there is", `
			zone America/Santiago
			now 190+00:00
			plan 187+03:00-188+04:00 unavailable
			fact 187+03:00 offline/off_queue/off_queue
			day 2026-09-04 scheduled_s=3600
			day 2026-09-05 scheduled_s=86400`},
		{"a fall-back day has 25 hours", `
			policy {"day":"midnight"}
			now 240+00:00
			plan 236+23:00-238+00:00 unavailable
			fact 236+23:00 offline/off_queue/off_queue
			day 2026-10-25 scheduled_s=90000`},
		{"24-hour operation, nobody logs off at midnight: nothing is cut at 23:59:59", `
			now 1+06:00
			plan 18:00-1+02:00 on_queue_work s
			plan 1+02:00-1+06:00 on_queue_work s
			fact 17:00 available/available/idle
			day 2026-03-02 scheduled_s=43200 in_s=43200 adherence_percent=100`},
		{"a state that spans the whole window, and an open state", `
			now 3+10:00
			plan 3+09:00-3+10:00 break
			fact 06:00 away/break/off_queue
			day 2026-03-05 in_s=3600 coverage_percent=100`},
		{"duplicate, late and out-of-order facts change nothing", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:30 away/off_queue/off_queue
			fact 09:00 available/available/idle
			fact 09:30 away/off_queue/off_queue
			fact 09:00 available/available/idle
			day 2026-03-02 out_s=1800
			exc 09:30-10:00 early_end negative`},
		{"an unmapped status is unknown, and so is a feed gap: never out, never dropped", `
			now 11:00
			plan 09:00-11:00 break
			fact 09:00 away/break/off_queue
			fact 09:30 away/Siesta/off_queue
			gap 10:00-10:30
			day 2026-03-02 in_s=1800 unknown_s=5400 scheduled_s=7200 adherence_percent=100`},
		{"a no-show does not vanish", `
			now 1+00:00
			plan 09:00-10:00 on_queue_work
			day 2026-03-02 scheduled_s=3600 unknown_s=3600 adherence_reason=no_data`},
		{"the day is the agent's, not the server's and not UTC's", `
			zone America/New_York
			now 2+00:00
			plan 1+02:00-1+03:00 on_queue_work
			fact 1+02:00 available/available/idle
			fact 1+03:00 offline/off_queue/off_queue
			day 2026-03-02 in_s=3600`},
	})
}
