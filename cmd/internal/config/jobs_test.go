package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/scheduler"
)

func load(t *testing.T, text string, environ ...string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, environ)
}

const weekly = `
jobs:
  compute: {cron: "*/10 * * * *", catch_up: none, retries: 2, retry_after: 30s, alarm_after: 0s, limit: 5m}
  reports:
    - name: weekly-billing
      cron: "0 6 * * 1"
      time_zone: Europe/London
      days: 7
      teams: [Billing, Sales]
      dir: /srv/reports
`

func TestJobsAreRead(t *testing.T) {
	c, err := load(t, weekly, "ROLLCALL_JOBS_COMPUTE_RETRIES=3")
	if err != nil {
		t.Fatal(err)
	}
	want := scheduler.Timing{
		Cron:       "*/10 * * * *",
		Zone:       "UTC",
		Limit:      5 * time.Minute,
		CatchUp:    scheduler.CatchUpNone,
		Retries:    3,
		RetryAfter: 30 * time.Second,
	}
	if got := c.Jobs.Compute; got != want {
		t.Errorf("compute is %+v, want %+v", got, want)
	}
	r := c.Jobs.Reports[0]
	if r.Name != "weekly-billing" || r.Days != 7 || len(r.Teams) != 2 || r.Dir != "/srv/reports" {
		t.Errorf("the report is %+v", r)
	}
	want = scheduler.Timing{
		Cron:       "0 6 * * 1",
		Zone:       "Europe/London",
		Limit:      time.Hour,
		CatchUp:    scheduler.CatchUpLatest,
		Retries:    3,
		RetryAfter: time.Minute,
		AlarmAfter: 10 * time.Minute,
	}
	if got := r.Timing; got != want {
		t.Errorf("the report's timing is %+v, want %+v: a report that cannot be made is tried again, and is an alarm in time",
			got, want)
	}
}

func TestWhatIsWrongWithJobsIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		`cron: "0 6 31 2 *"`:       "jobs.reports[0]",
		`name: compute`:            `"compute" is the name of another job`,
		`name: "../../etc/x"`:      "is no name of a job",
		`dir: reports`:             "no whole path",
		`days: 1000`:               "1000 is not 0 to 732",
		`days: seven`:              "not a whole number",
		`format: pdf`:              `"pdf" is none of xlsx, csv, json`,
		`catch_up: always`:         "none, latest, all",
		`retries: -1`:              "retries -1",
		`time_zone: Europe/Paris2`: "jobs.reports[0].time_zone",
		`tems: [Billing]`:          "did you mean jobs.reports[0].teams",
	} {
		key, _, _ := strings.Cut(text, ":")
		var lines []string
		for line := range strings.Lines(weekly) {
			if strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(line), "- "), key+":") {
				continue
			}
			lines = append(lines, line)
		}
		whole := strings.Join(lines, "")
		if key == "name" {
			whole = strings.Replace(whole, "reports:\n      cron", "reports:\n    - cron", 1)
		}
		if _, err := load(t, whole+"      "+text+"\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want one with %q", text, err, want)
		}
	}
}
