package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rollcall/reports/web"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// jobState is a job as the API has it. Times are those of its zone.
type jobState struct {
	Name         string          `json:"name" example:"compute"`
	Cron         string          `json:"cron" example:"*/5 * * * *"`
	TimeZone     string          `json:"time_zone" example:"UTC" doc:"the zone on whose wall clock cron is read"`
	CatchUp      string          `json:"catch_up" enum:"none,latest,all" doc:"what becomes of due times that passed while the daemon was down"`
	LimitS       schemas.Seconds `json:"limit_s" doc:"how long a run may take"`
	Retries      int             `json:"retries" doc:"how often a failed run is tried again"`
	RetryAfterS  schemas.Seconds `json:"retry_after_s" doc:"the pause before each of them"`
	Next         *time.Time      `json:"next" doc:"the next due time; null when there is none"`
	RunningSince *time.Time      `json:"running_since" doc:"null while it does not run"`
	OverdueSince *time.Time      `json:"overdue_since" doc:"the due time that should have been done by now; null when all is well"`
}

// jobRunView is a run as the API has it, in UTC.
type jobRunView struct {
	Job      string     `json:"job" example:"compute"`
	Due      time.Time  `json:"due" doc:"the time that the job was due; of a run that was asked for, when"`
	Started  *time.Time `json:"started" doc:"null for what never ran"`
	Ended    *time.Time `json:"ended" doc:"null for what never ran"`
	Outcome  string     `json:"outcome" enum:"done,failed,timed_out,interrupted,skipped,missed"`
	Rows     int64      `json:"rows" doc:"what it wrote"`
	Attempts int        `json:"attempts" doc:"how often it was tried"`
	Error    string     `json:"error" doc:"why it did not succeed; empty when it did"`
	Manual   bool       `json:"manual" doc:"somebody asked for it"`
}

type (
	jobInput struct {
		Name string `path:"name" maxLength:"64" example:"compute" doc:"the job"`
	}
	jobRunsInput struct {
		Name  string `path:"name" maxLength:"64" example:"compute" doc:"the job"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"20" doc:"at most so many"`
	}
)

// mountJobs adds the scheduler's part of the API.
func (s *routes) mountJobs() {
	admins := web.Route{Action: access.ActionAdminister, Target: web.Everywhere}
	web.Call(s.Server, "GET /api/v1/jobs", "list-jobs", admins, s.listJobs)
	web.Call(s.Server, "GET /api/v1/jobs/{name}/runs", "list-job-runs", admins, s.listJobRuns)
	admins.Status = http.StatusAccepted
	web.Call(s.Server, "POST /api/v1/jobs/{name}/run", "run-job", admins,
		func(ctx context.Context, in *jobInput) (*web.One[jobState], error) {
			st, err := s.runJob(ctx, in.Name)
			if err != nil {
				return nil, err
			}
			return &web.One[jobState]{Body: stateOfJob(st)}, nil
		})
}

func (s *routes) listJobs(context.Context, *struct{}) (*web.List[jobState], error) {
	var out []jobState
	for _, st := range s.deps.Store.Jobs() {
		out = append(out, stateOfJob(&st))
	}
	return web.ListOf(out), nil
}

// runJob begins a run of a job and returns what it was like before.
func (s *routes) runJob(ctx context.Context, name string) (*scheduler.Status, error) {
	st, err := s.job(name)
	if err != nil {
		return nil, err
	}
	switch err := s.deps.Store.RunJob(name); {
	case errors.Is(err, scheduler.ErrRunning):
		return nil, schemas.NewProblem(http.StatusConflict,
			fmt.Sprintf("job %q is running already; wait until it has ended", name))
	case err != nil:
		return nil, fmt.Errorf("run job %s: %w", name, err)
	}
	s.Note(ctx, schemas.JournalJob, fmt.Sprintf("job %s asked for", name))
	return st, nil
}

func (s *routes) listJobRuns(ctx context.Context, in *jobRunsInput) (*web.List[jobRunView], error) {
	if _, err := s.job(in.Name); err != nil {
		return nil, err
	}
	runs, err := s.deps.Store.JobRuns(ctx, in.Name, in.Limit)
	if err != nil {
		return nil, s.Unavailable(err, "the runs of a job cannot be read")
	}
	var out []jobRunView
	for _, r := range runs {
		out = append(out, jobRunView{
			Job:      r.Job,
			Due:      r.Due,
			Started:  timeOrNil(r.Started),
			Ended:    timeOrNil(r.Ended),
			Outcome:  string(r.Outcome),
			Rows:     r.Rows,
			Attempts: r.Attempts,
			Error:    r.Error,
			Manual:   r.Manual,
		})
	}
	return web.ListOf(out), nil
}

// job finds a job by its name.
func (s *routes) job(name string) (*scheduler.Status, error) {
	var names []string
	for _, st := range s.deps.Store.Jobs() {
		if st.Name == name {
			return &st, nil
		}
		names = append(names, st.Name)
	}
	text := fmt.Sprintf("there is no job %q; there are %s", name, strings.Join(names, ", "))
	if near := schemas.Nearest(name, names); near != "" {
		text = fmt.Sprintf("there is no job %q; did you mean %q?", name, near)
	}
	return nil, schemas.NewProblem(http.StatusNotFound, text)
}

func stateOfJob(st *scheduler.Status) jobState {
	return jobState{
		Name:         st.Name,
		Cron:         st.Cron,
		TimeZone:     st.Zone,
		CatchUp:      string(st.CatchUp),
		LimitS:       schemas.Seconds(st.Limit.Milliseconds()),
		Retries:      st.Retries,
		RetryAfterS:  schemas.Seconds(st.RetryAfter.Milliseconds()),
		Next:         timeOrNil(st.Next),
		RunningSince: timeOrNil(st.RunningSince),
		OverdueSince: timeOrNil(st.OverdueSince),
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
