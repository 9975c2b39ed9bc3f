package config

import "reflect"

// Retention says for how many days rows are stored; 0 is for ever. Facts and schedules that a stored result needs stay,
// however old they are.
type Retention struct {
	// StatusChanges, Schedule and Requirements are what days are judged by; Adherence and Staffing are the results.
	StatusChanges int `yaml:"status_changes"`
	Schedule      int `yaml:"schedule"`
	Requirements  int `yaml:"requirements"`
	Adherence     int `yaml:"adherence"`
	Staffing      int `yaml:"staffing"`
	// Journal is the audit trail of changes, sign-ins, jobs and reports; rows that other rows count by stay.
	Journal  int `yaml:"journal"`
	Findings int `yaml:"findings"`
	JobRuns  int `yaml:"job_runs"`
}

// Days returns the days by table, as the keys name them.
func (r *Retention) Days() map[string]int {
	days := map[string]int{}
	for _, k := range keys(reflect.ValueOf(r).Elem(), "") {
		days[k.path] = int(k.value.Int())
	}
	return days
}

// leastRetention is the shortest period: below it, rows that are still being judged would be deleted.
const leastRetention = 30

func (r *Retention) validate(bad func(key, format string, args ...any)) {
	for table, days := range r.Days() {
		if days != 0 && days < leastRetention {
			bad("retention."+table, "%d days are too few; keep at least %d, or 0 for ever", days, leastRetention)
		}
	}
}
