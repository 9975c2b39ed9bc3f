package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// The meeting that the demonstration puts before whoever plays the agent: soon enough to wait for, late enough to sign
// in before its reminder comes.
const (
	huddleInMS   = 6 * schemas.MinuteMS
	huddleLastMS = 15 * schemas.MinuteMS
	huddleCode   = "Team huddle"
)

// huddle lays a short meeting into the player's work of the next minutes, by importing their shift anew, as a planner
// would: scenario 3 of the source begins with the notification of a meeting. It returns when the meeting starts; 0
// where no work is scheduled that it could be laid into.
func huddle(ctx context.Context, s *chstore.Store, agent, dir string, now schemas.Instant) (schemas.Instant, error) {
	meeting := huddleAt(now)
	var day []schemas.Activity
	today := schemas.UTC.Date(now)
	q := chstore.ScheduleQuery{Selection: chstore.Selection{Agents: []string{agent}}, From: today - 1, To: today + 1}
	err := s.ScheduleDays(ctx, q, func(_ string, days []schemas.ScheduleDay) error {
		for i := range days {
			if with := laidInto(days[i].Activities, meeting); with != nil {
				day = with
			}
		}
		return nil
	})
	if err != nil || day == nil {
		return 0, err
	}
	path := filepath.Join(dir, "huddle.csv")
	if err := writeShift(path, agent, day); err != nil {
		return 0, err
	}
	in, err := files.FileInput(path)
	if err != nil {
		return 0, err
	}
	r, err := imports.New(imports.Deps{Store: s, Clock: Clock}).Import(ctx, files.Schedule, in, files.Options{Actor: "demo"})
	if err == nil && r.ProblemCount > 0 {
		err = fmt.Errorf("the huddle of the made-up schedule: %s", r.Problems[0])
	}
	return meeting.Start, err
}

// huddleAt returns the meeting, on a whole minute.
func huddleAt(now schemas.Instant) schemas.Activity {
	start := now.Add(huddleInMS - int64(now)%schemas.MinuteMS)
	return schemas.Activity{Start: start, End: start.Add(huddleLastMS), Code: huddleCode,
		Category: schemas.CategoryMeeting}
}

// laidInto returns a shift's activities with the meeting in the middle of the work that it falls into; nil where it
// falls into none, or would leave less than a minute of it.
func laidInto(acts []schemas.Activity, meeting schemas.Activity) []schemas.Activity {
	for i, a := range acts {
		if a.Category != schemas.CategoryOnQueueWork || meeting.Start.Sub(a.Start) < schemas.MinuteMS ||
			a.End.Sub(meeting.End) < schemas.MinuteMS {
			continue
		}
		before, after := a, a
		before.End, after.Start, meeting.Shift = meeting.Start, meeting.End, a.Shift
		out := append([]schemas.Activity{}, acts[:i]...)
		return append(append(out, before, meeting, after), acts[i+1:]...)
	}
	return nil
}

// writeShift writes a schedule file.
func writeShift(path, agent string, acts []schemas.Activity) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"agent_id", "activity", "start", "end", "category", "shift"}}
	for i := range acts {
		a := &acts[i]
		rows = append(rows, []string{agent, a.Code, a.Start.String(), a.End.String(), a.Category.String(), a.Shift})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}
