package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/scheduler"
	"rollcall/schemas"
)

// Jobs says when the scheduler runs what. An empty cron expression switches a job off.
type Jobs struct {
	// Compute judges what has changed.
	Compute Job `yaml:"compute"`
	// Daily makes the mails that are due; when each is, its subscription says.
	Daily Job `yaml:"daily"`
	// Staffing stores the staffing intervals of the last and the next days.
	Staffing Job `yaml:"staffing"`
	// Retention deletes what is older than the section retention says.
	Retention Job `yaml:"retention"`
	// Reports writes reports into folders. They can be set in the file only; each is tried three times more when it fails,
	// and is an alarm when it is ten minutes late, unless it says otherwise.
	Reports []ReportJob `yaml:"reports"`
}

// Job is when and how one job runs.
type Job struct {
	// Cron is an expression of five fields, or @every with a duration, read on the wall clock of TimeZone (default UTC).
	Cron     string `yaml:"cron"`
	TimeZone string `yaml:"time_zone"`
	// CatchUp says what becomes of due times that passed while the daemon was down: none, latest or all.
	CatchUp string `yaml:"catch_up"`
	// Limit is how long a run may take.
	Limit time.Duration `yaml:"limit"`
	// Retries is how often a failed run is tried again, RetryAfter the pause before each.
	Retries    int           `yaml:"retries"`
	RetryAfter time.Duration `yaml:"retry_after"`
	// AlarmAfter is how late a job may be before that is an alarm; 0 switches it off.
	AlarmAfter time.Duration `yaml:"alarm_after"`
}

// ReportJob writes a report of the last days into a folder.
type ReportJob struct {
	// Name is the job's own, and begins the names of its files: letters, digits, full stops, dashes and underscores.
	Name string `yaml:"name"`
	Job  `yaml:",inline"`
	// Days is how many days up to yesterday, in TimeZone, the report covers; 0 is one.
	Days int `yaml:"days"`
	// Teams and Sites narrow the report; none means all.
	Teams []string `yaml:"teams"`
	Sites []string `yaml:"sites"`
	// Against is current or as_published, TeamsAs then or now; empty is the first of each.
	Against string `yaml:"against"`
	TeamsAs string `yaml:"teams_as"`
	// Dir is the folder, which must be there; Format is xlsx (default), csv or json.
	Dir    string `yaml:"dir"`
	Format string `yaml:"format"`
}

// The defaults of a job.
const (
	defaultLimit      = time.Hour
	defaultRetryAfter = time.Minute
	defaultAlarmAfter = 10 * time.Minute
)

// seldomRetries is how often a job that runs seldom is tried again: the next due time is too far away to wait for it.
const seldomRetries = 3

// jobBy returns a job with its defaults.
func jobBy(cron string, retries int) Job {
	return Job{
		Cron:       cron,
		TimeZone:   "UTC",
		CatchUp:    string(scheduler.CatchUpLatest),
		Limit:      defaultLimit,
		Retries:    retries,
		RetryAfter: defaultRetryAfter,
		AlarmAfter: defaultAlarmAfter,
	}
}

func defaultJobs() Jobs {
	return Jobs{Compute: jobBy("*/5 * * * *", 0), Staffing: jobBy("7-59/15 * * * *", 0), Daily: jobBy("* * * * *", 0),
		Retention: jobBy("30 3 * * *", seldomRetries)}
}

// setDefaults fills in what a section need not say.
func (r *ReportJob) setDefaults() { r.Job = jobBy("", seldomRetries) }

// Timing returns the job as the scheduler wants it.
func (j *Job) Timing() scheduler.Timing {
	return scheduler.Timing{
		Cron:       j.Cron,
		Zone:       j.TimeZone,
		Limit:      j.Limit,
		CatchUp:    scheduler.CatchUp(j.CatchUp),
		Retries:    j.Retries,
		RetryAfter: j.RetryAfter,
		AlarmAfter: j.AlarmAfter,
	}
}

// validate names each rule that a job breaks with its key.
func (j *Jobs) validate(bad func(key, format string, args ...any)) {
	j.Compute.validate("jobs.compute", bad)
	j.Staffing.validate("jobs.staffing", bad)
	j.Retention.validate("jobs.retention", bad)
	j.Daily.validate("jobs.daily", bad)
	names := []string{"compute", "daily", "staffing", "retention"}
	for i := range j.Reports {
		r := &j.Reports[i]
		key := fmt.Sprintf("jobs.reports[%d]", i)
		if slices.Contains(names, r.Name) {
			bad(key+".name", "%q is the name of another job", r.Name)
		}
		names = append(names, r.Name)
		r.validate(key, bad)
	}
}

// validate names the rule that one job breaks; what the scheduler would refuse at the start is refused here, with its
// key.
func (j *Job) validate(key string, bad func(key, format string, args ...any)) {
	if j.Cron == "" {
		return
	}
	if _, err := schemas.LoadZone(j.TimeZone); j.TimeZone != "" && err != nil {
		bad(key+".time_zone", "%v", err)
		return
	}
	if err := j.Timing().Validate(); err != nil {
		bad(key, "%v", err)
	}
}

var jobName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// mostReportDays bounds ReportJob.Days: two years and a day.
const mostReportDays = 732

func (r *ReportJob) validate(key string, bad func(key, format string, args ...any)) {
	one := func(name, value string, of ...string) {
		if value != "" && !slices.Contains(of, value) {
			bad(key+"."+name, "%q is none of %s", value, strings.Join(of, ", "))
		}
	}
	if !jobName.MatchString(r.Name) {
		bad(key+".name", "%q is no name of a job; use up to 64 letters, digits, full stops, dashes and underscores", r.Name)
	}
	if r.Cron == "" {
		bad(key+".cron", "is missing; write for instance 0 6 * * 1 for Mondays at six")
	}
	r.Job.validate(key, bad)
	if r.Dir == "" || !filepath.IsAbs(r.Dir) {
		bad(key+".dir", "%q is no whole path of a folder", r.Dir)
	}
	if r.Days < 0 || r.Days > mostReportDays {
		bad(key+".days", "%d is not 0 to %d", r.Days, mostReportDays)
	}
	one("against", r.Against, "current", "as_published")
	one("teams_as", r.TeamsAs, "then", "now")
	one("format", r.Format, "xlsx", "csv", "json")
}
