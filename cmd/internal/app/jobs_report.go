package app

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"rollcall/cmd/internal/config"
	"rollcall/reports"
	"rollcall/schemas"
)

// reportToFolder writes the report of the days before the one that the due time lies in, in the job's zone. The same due time
// again writes the same file again.
func (d *Daemon) reportToFolder(ctx context.Context, r *config.ReportJob, due time.Time) (int64, error) {
	zone, err := schemas.LoadZone(r.Timing().Zone)
	if err != nil {
		return 0, err
	}
	to := zone.Date(schemas.InstantOf(due)) - 1
	from := to - schemas.Date(max(r.Days, 1)) + 1 //nolint:gosec // at most two years of days
	span := from.String()
	if from != to {
		span += "_" + to.String()
	}
	q := reports.Query{From: from, To: to, Teams: r.Teams, Sites: r.Sites, Against: cmp.Or(r.Against, reports.AgainstCurrent),
		TeamsAs: cmp.Or(r.TeamsAs, reports.TeamsThen)}
	file := filepath.Join(r.Dir, fmt.Sprintf("%s-%s.%s", r.Name, span, cmp.Or(r.Format, "xlsx")))
	made, err := SaveReport(ctx, &Answers{Store: d.store, Batch: d.batch, Now: Now()}, q, file)
	if err != nil {
		return 0, err
	}
	d.log.WithField("file", file).WithField("days", made.Total.Days).WithField("hash", made.Hash).Info("report written")
	return int64(made.Total.Days), nil
}
