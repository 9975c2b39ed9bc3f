package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func newJobs(g *globals) *cobra.Command {
	d := &remote{}
	cmd := groupOf("jobs", "what the scheduler of a running daemon does and has done", newJobsList(g, d), newJobsRun(g, d),
		newJobsHistory(g, d))
	d.flags(cmd)
	return cmd
}

// jobRunLine is a run as it is printed.
type jobRunLine struct {
	Job      string  `json:"job"`
	Due      string  `json:"due"`
	Started  *string `json:"started"`
	Ended    *string `json:"ended"`
	Outcome  string  `json:"outcome"`
	Rows     int64   `json:"rows"`
	Attempts int     `json:"attempts"`
	Error    string  `json:"error"`
	Manual   bool    `json:"manual"`
}

func newJobsList(g *globals, d *remote) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "list the jobs: when each is due next, and which is overdue",
		Args: cobra.NoArgs,
		RunE: d.onDaemon(g, func(cmd *cobra.Command, _ []string) error {
			var answer struct{ Items []json.RawMessage } // printed as the daemon says it
			if err := d.call(cmd.Context(), "GET", "/api/v1/jobs", nil, &answer); err != nil {
				return err
			}
			return printAll(cmd, g, answer.Items, "name", "cron", "time_zone", "next", "running_since", "overdue_since")
		})}
}

func newJobsHistory(g *globals, d *remote) *cobra.Command {
	var limit int
	cmd := &cobra.Command{Use: "history JOB", Short: "list the last runs of a job, the newest first",
		Args: cobra.ExactArgs(1),
		RunE: d.onDaemon(g, func(cmd *cobra.Command, args []string) error {
			runs, err := d.runs(cmd, args[0], limit)
			if err != nil {
				return err
			}
			return printAll(cmd, g, runs, "due", "started", "ended", "outcome", "rows", "attempts", "manual", "error")
		})}
	cmd.Flags().IntVar(&limit, "limit", 20, "at most so many")
	return cmd
}

func (d *remote) runs(cmd *cobra.Command, job string, limit int) ([]jobRunLine, error) {
	var answer struct{ Items []jobRunLine }
	err := d.call(cmd.Context(), "GET", "/api/v1/jobs/"+url.PathEscape(job)+"/runs?limit="+strconv.Itoa(limit), nil,
		&answer)
	return answer.Items, err
}

func newJobsRun(g *globals, d *remote) *cobra.Command {
	var leave bool
	cmd := &cobra.Command{Use: "run JOB", Short: "run a job now and wait for its end", Args: cobra.ExactArgs(1),
		Long: "Runs the job now, whatever its plan, and prints what became of it. A run that does not succeed\n" +
			"ends with exit code 1.",
		RunE: d.onDaemon(g, func(cmd *cobra.Command, args []string) error {
			before, err := d.runs(cmd, args[0], 1)
			if err != nil {
				return err
			}
			if err := d.call(cmd.Context(), "POST", "/api/v1/jobs/"+url.PathEscape(args[0])+"/run", nil,
				new(json.RawMessage)); err != nil || leave {
				return err
			}
			run, err := d.awaitRun(cmd, args[0], before)
			if err != nil {
				return err
			}
			err = printRows(cmd.OutOrStdout(), g.output, one(*run), "job", "started", "ended", "outcome", "rows")
			if err != nil {
				return err
			}
			if run.Outcome != "done" {
				return fmt.Errorf("job %s: %s: %s", run.Job, run.Outcome, run.Error)
			}
			return nil
		})}
	cmd.Flags().BoolVar(&leave, "no-wait", false, "begin the run and do not wait for it")
	return cmd
}

// lookEvery is how often a run that was asked for is looked at.
const lookEvery = 300 * time.Millisecond

// awaitRun waits for the end of the run that was asked for after the runs before.
func (d *remote) awaitRun(cmd *cobra.Command, job string, before []jobRunLine) (*jobRunLine, error) {
	for {
		runs, err := d.runs(cmd, job, 20)
		if err != nil {
			return nil, err
		}
		for i := range runs {
			if r := &runs[i]; r.Manual && r.Ended != nil && (len(before) == 0 || r.Due > before[0].Due) {
				return r, nil
			}
		}
		select {
		case <-time.After(lookEvery):
		case <-cmd.Context().Done():
			return nil, fmt.Errorf("wait for job %s: %w; `rollcall jobs history %s` shows what became of it", job,
				cmd.Context().Err(), job)
		}
	}
}
