package adherence_test

import "testing"

// RULES.md section 5, rules 6 to 8, sentence by sentence.
func TestTolerance(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"start_late forgives a run no longer than itself", `
			policy {"tolerance":{"on_queue_work":{"start_late":"5m"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:05 available/available/idle
			day 2026-03-02 tolerated_s=300 adherence_percent=100`},
		{"and none of a longer one", `
			policy {"tolerance":{"on_queue_work":{"start_late":"5m"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:05:00.001 available/available/idle
			day 2026-03-02 tolerated_s=0 out_s=300.001
			exc 09:00-09:05:00.001 late_start negative`},
		{"an edge not named under a category is taken from default", `
			policy {"tolerance":{"default":{"start_late":"5m","end_early":"1m"},"on_queue_work":{"end_early":"2m"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:05 available/available/idle
			fact 09:58 offline/off_queue/off_queue
			day 2026-03-02 tolerated_s=420 out_s=0`},
		{"a named edge of 0 does not fall back to default", `
			policy {"tolerance":{"default":{"start_late":"5m"},"on_queue_work":{"start_late":"0s"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:05 available/available/idle
			day 2026-03-02 out_s=300
			exc 09:00-09:05 late_start negative`},
		{"end_late of the activity before counts when the actual state matches it", `
			policy {"tolerance":{"break":{"start_late":"1m"},"on_queue_work":{"end_late":"5m"}}}
			now 11:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 09:00 available/available/idle
			fact 10:05 away/break/off_queue
			day 2026-03-02 tolerated_s=300`},
		{"the longer, never the sum", `
			policy {"tolerance":{"break":{"start_late":"4m"},"on_queue_work":{"end_late":"5m"}}}
			now 11:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 09:00 available/available/idle
			fact 10:06 away/break/off_queue
			day 2026-03-02 out_s=360
			exc 10:00-10:06 late_change positive`},
		{"not when the actual state does not match it", `
			policy {"tolerance":{"on_queue_work":{"end_late":"5m"}}}
			now 11:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			fact 09:00 available/available/idle
			fact 10:00 away/meal/off_queue
			fact 10:05 away/break/off_queue
			day 2026-03-02 out_s=300
			exc 10:00-10:05 wrong_status neutral`},
		{"the end mirrors it: end_early, and start_early of the next activity, of any shift", `
			policy {"tolerance":{"on_queue_work":{"end_early":"1m"},"break":{"start_early":"5m"}}}
			now 11:00
			plan 09:00-10:00 on_queue_work a
			plan 10:00-11:00 break b
			fact 09:00 available/available/idle
			fact 09:55 away/break/off_queue
			day 2026-03-02 tolerated_s=300`},
		{"a neighbour is one that ends at exactly that instant", `
			policy {"tolerance":{"on_queue_work":{"end_late":"5m"}}}
			now 11:00
			plan 09:00-09:59:59.999 on_queue_work s
			plan 10:00-11:00 break s
			fact 09:00 available/available/idle
			fact 10:05 away/break/off_queue
			day 2026-03-02 out_s=300
			exc 10:00-10:05 wrong_status positive`},
		{"forgive_short: the allowance of either edge forgives a run that fills the activity", `
			policy {"tolerance":{"break":{"end_early":"15m"}}}
			now 10:15
			plan 10:00-10:15 break
			fact 10:00 available/available/idle
			day 2026-03-02 tolerated_s=900`},
		{"always_credit takes each edge's allowance off the run", `
			policy {"tolerance_mode":"always_credit","tolerance":{"break":{"start_late":"2m","end_early":"3m"}}}
			now 10:15
			plan 10:00-10:15 break
			fact 10:00 available/available/idle
			fact 10:10 available/available/interacting
			day 2026-03-02 tolerated_s=300 out_s=600
			exc 10:02-10:12 late_start positive,positive`},
		{"always_credit leaves nothing of a run shorter than both", `
			policy {"tolerance_mode":"always_credit","tolerance":{"break":{"start_late":"8m","end_early":"8m"}}}
			now 10:15
			plan 10:00-10:15 break
			fact 10:00 available/available/idle
			day 2026-03-02 tolerated_s=900`},
		{"a run that as_of cuts has no end edge", `
			policy {"tolerance":{"on_queue_work":{"end_early":"10m"}}}
			now 09:59
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			fact 09:55 away/off_queue/off_queue
			day 2026-03-02 out_s=240
			exc 09:55-09:59 wrong_status negative`},
		{"a run that ends where the activity ends has its end edge, also when as_of is that instant", `
			policy {"tolerance":{"on_queue_work":{"end_early":"10m"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			fact 09:55 away/off_queue/off_queue
			day 2026-03-02 tolerated_s=300`},
		{"a correction ends a run, and what begins after it has no start edge", `
			policy {"tolerance":{"default":{"start_late":"1h"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:45 available/available/idle
			correct 09:00-09:30 neutral
			day 2026-03-02 neutral_s=1800 out_s=900 in_s=900
			exc 09:30-09:45 wrong_status negative`},
	})
}

func TestThreshold(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"what tolerance left, if shorter, is tolerated; of equal length it is an exception", `
			policy {"exception_threshold":"10m"}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/idle
			fact 09:10 away/off_queue/off_queue
			fact 09:19:59.999 available/available/idle
			fact 09:30 away/off_queue/off_queue
			fact 09:40 available/available/idle
			day 2026-03-02 tolerated_s=599.999 out_s=600
			exc 09:30-09:40 wrong_status negative`},
		{"the threshold looks at what 6 left", `
			policy {"exception_threshold":"10m","tolerance_mode":"always_credit","tolerance":{"break":{"start_late":"6m"}}}
			now 11:00
			plan 10:00-11:00 break
			fact 10:00 available/available/idle
			fact 10:15 away/break/off_queue
			day 2026-03-02 tolerated_s=900`},
		{"it applies to on-queue time outside every activity, over midnight too", `
			policy {"outside_shift":"exception","exception_threshold":"20m"}
			plan 10:00-11:00 time_off
			fact 23:50 available/available/idle
			fact 1+00:10 offline/off_queue/off_queue
			fact 1+12:00 available/available/idle
			fact 1+12:19:59.999 offline/off_queue/off_queue
			day 2026-03-02 scheduled_s=3600 outside_s=600
			exc 23:50-1+00:00 outside_shift positive
			day 2026-03-03 outside_s=600 unscheduled_on_queue_s=1799.999 adherence_reason=no_schedule
			exc 1+00:00-1+00:10 outside_shift positive`},
	})
}

func TestKindsAndImpacts(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"not_responding: available and not answering throughout", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/available/not_responding
			fact 09:10 available/available/idle
			fact 09:20 available/available/not_responding
			fact 09:25 available/available/off_queue
			fact 09:30 available/available/idle
			day 2026-03-02 out_s=1200
			exc 09:00-09:10 not_responding negative
			exc 09:20-09:30 wrong_status negative,negative`},
		{"not_responding ignores an absent status", `
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 available/-/not_responding
			day 2026-03-02 out_s=3600
			exc 09:00-10:00 not_responding negative`},
		{"late_change, early_change, late_start, early_end, wrong_status", `
			now 12:00
			plan 09:00-10:00 on_queue_work s
			plan 10:00-11:00 break s
			plan 11:00-12:00 on_queue_work s
			fact 09:00 away/off_queue/off_queue
			fact 09:05 available/available/idle
			fact 09:20 away/off_queue/off_queue
			fact 09:25 available/available/idle
			fact 10:05 away/break/off_queue
			fact 10:50 available/available/idle
			fact 11:50 away/off_queue/off_queue
			day 2026-03-02 exception_count=5
			exc 09:00-09:05 late_start negative
			exc 09:20-09:25 wrong_status negative
			exc 10:00-10:05 late_change positive
			exc 10:50-11:00 early_change positive
			exc 11:50-12:00 early_end negative`},
		{"the kind is of the whole run; what is left gives start, end and parts", `
			policy {"tolerance_mode":"always_credit","tolerance":{"on_queue_work":{"start_late":"10m"}}}
			now 10:00
			plan 09:00-10:00 on_queue_work
			fact 09:00 offline/off_queue/off_queue
			fact 09:05 available/off_queue/off_queue
			fact 09:20 available/available/idle
			day 2026-03-02 tolerated_s=600 out_s=600
			exc 09:10-09:20 late_start negative`},
		{"parts are equal when presence, status, routing and impact are", `
			now 10:00
			policy {"mapping":{"meal":[{"secondary":["X"]}]}}
			plan 09:00-10:00 meal
			fact 09:00 busy/meeting/off_queue A
			fact 09:10 busy/meeting/off_queue B
			fact 09:20 busy/available/idle B
			day 2026-03-02 out_s=3600
			exc 09:00-10:00 late_start neutral,positive`},
		{"unknown is not on queue, and impacts follow that", `
			now 10:00
			plan 09:00-10:00 break
			fact 09:00 available/available/unknown
			day 2026-03-02 out_s=3600 conformance_actual_s=0
			exc 09:00-10:00 late_start neutral`},
	})
}

func TestOutsideShift(t *testing.T) {
	day := `
			now 13:00
			plan 10:00-11:00 on_queue_work s
			plan 11:30-12:00 on_queue_work s
			fact 09:30 available/available/idle
			fact 10:50 available/available/interacting
			fact 11:20 available/available/idle
			fact 12:30 offline/off_queue/off_queue
			`
	plays(t, []struct{ rule, text string }{
		{"ignored by default", day + `
			day 2026-03-02 outside_s=0 adherence_percent=100 unscheduled_on_queue_s=5400 conformance_actual_s=10800`},
		{"as an exception it joins exception time and denominator", day + `
			policy {"outside_shift":"exception"}
			day 2026-03-02 outside_s=5400 adherence_percent=50
			exc 09:30-10:00 outside_shift positive
			exc 11:00-11:30 outside_shift positive,positive
			exc 12:00-12:30 outside_shift positive`},
		{"a correction removes it and changes neither conformance nor unscheduled_on_queue_s", day + `
			policy {"outside_shift":"exception"}
			correct 09:00-09:40 in
			correct 12:00-13:00 neutral
			day 2026-03-02 outside_s=3000 unscheduled_on_queue_s=5400 conformance_actual_s=10800
			exc 09:40-10:00 outside_shift positive
			exc 11:00-11:30 outside_shift positive,positive`},
		{"a contact that began under any activity removes it", day + `
			policy {"outside_shift":"exception","credit_contact":true}
			day 2026-03-02 outside_s=4200
			exc 09:30-10:00 outside_shift positive
			exc 11:20-11:30 outside_shift positive
			exc 12:00-12:30 outside_shift positive`},
	})
}
