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
	Compute scheduler.Timing `yaml:"compute"`
	// Daily makes the mails that are due; when each is, its subscription says.
	Daily scheduler.Timing `yaml:"daily"`
	// Staffing stores the staffing intervals of the last and the next days.
	Staffing scheduler.Timing `yaml:"staffing"`
	// Retention deletes what is older than the section retention says.
	Retention scheduler.Timing `yaml:"retention"`
	// Reports writes reports into folders. They can be set in the file only; each is tried three times more when it fails,
	// and is an alarm when it is ten minutes late, unless it says otherwise.
	Reports []ReportJob `yaml:"reports"`
}

// ReportJob writes a report of the last days into a folder.
type ReportJob struct {
	// Name is the job's own, and begins the names of its files: letters, digits, full stops, dashes and underscores.
	Name             string `yaml:"name"`
	scheduler.Timing `yaml:",inline"`
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

// seldomRetries is how often a job that runs seldom is tried again: the next due time is too far away to wait for it.
const seldomRetries = 3

// timing returns the timing of a job with its defaults.
func timing(cron string, retries int) scheduler.Timing {
	return scheduler.Timing{
		Cron:       cron,
		Zone:       "UTC",
		CatchUp:    scheduler.CatchUpLatest,
		Limit:      time.Hour,
		Retries:    retries,
		RetryAfter: time.Minute,
		AlarmAfter: 10 * time.Minute,
	}
}

func defaultJobs() Jobs {
	return Jobs{Compute: timing("*/5 * * * *", 0), Staffing: timing("7-59/15 * * * *", 0),
		Daily: timing("* * * * *", 0), Retention: timing("30 3 * * *", seldomRetries)}
}

// setDefaults fills in what a section need not say.
func (r *ReportJob) setDefaults() { r.Timing = timing("", seldomRetries) }

// validate names each rule that a job breaks with its key.
func (j *Jobs) validate(bad func(key, format string, args ...any)) {
	names := []string{"compute", "daily", "staffing", "retention"}
	for i, t := range []scheduler.Timing{j.Compute, j.Daily, j.Staffing, j.Retention} {
		validateTiming(t, "jobs."+names[i], bad)
	}
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

// validateTiming refuses with its key what the scheduler would refuse at the start. A job that is switched off may say
// anything.
func validateTiming(t scheduler.Timing, key string, bad func(key, format string, args ...any)) {
	if t.Cron == "" {
		return
	}
	if _, err := schemas.LoadZone(t.Zone); t.Zone != "" && err != nil {
		bad(key+".time_zone", "%v", err)
	} else if err := t.Validate(); err != nil {
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
	validateTiming(r.Timing, key, bad)
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
