package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"time"

	"rollcall/cmd/internal/app"
	"rollcall/ingest"
	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// The meeting that is laid before the player: soon enough to wait for, late enough to sign in before its reminder
// comes.
const (
	huddleInMS   = 6 * schemas.MinuteMS
	huddleLastMS = 15 * schemas.MinuteMS
	huddleCode   = "Team huddle"
)

// cast picks the player: of those who work now, and before whom a meeting can be laid, the one who is nearest to the
// middle of the shift, so that there is something to see and to play; the first of the roster at an hour at which
// nobody works. It lays the meeting into their work by importing their shift anew, as a planner would.
func (d *Demo) cast(ctx context.Context, s *app.Opened) (schemas.Membership, error) {
	members, err := s.Memberships(ctx, 0)
	if err != nil || len(members) == 0 {
		return schemas.Membership{}, fmt.Errorf("reading the made-up roster: %w", err)
	}
	now := app.Now()
	meeting, today := huddleAt(now), schemas.UTC.Date(now)
	room, shifts := map[string]int64{}, map[string][]schemas.Activity{}
	err = s.ScheduleDays(ctx, chstore.ScheduleQuery{From: today - 1, To: today + 1},
		func(agent string, days []schemas.ScheduleDay) error {
			for i := range days {
				acts := days[i].Activities
				with := laidInto(acts, meeting)
				if with != nil {
					shifts[agent] = with
				}
				if n := len(acts); n > 0 && acts[0].Category != schemas.CategoryTimeOff && acts[0].Start <= now &&
					now < acts[n-1].End {
					room[agent] = min(now.Sub(acts[0].Start), acts[n-1].End.Sub(now))
					if with == nil {
						room[agent] = room[agent]/schemas.HourMS + 1 // no meeting could be laid before them soon
					}
				}
			}
			return nil
		})
	if err != nil {
		return schemas.Membership{}, fmt.Errorf("reading the made-up schedule: %w", err)
	}
	best := members[0]
	for _, m := range members {
		if (m.To == 0 || today < m.To) && m.From <= today && room[m.AgentID] > room[best.AgentID] {
			best = m
		}
	}
	d.player = best.AgentID
	if shift := shifts[best.AgentID]; shift != nil {
		d.Huddle = meeting.Start
		err = d.load(ctx, s, files.Schedule, files.BytesInput("huddle.csv", shiftFile(best.AgentID, shift)))
	}
	return best, err
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
		return slices.Concat(acts[:i], []schemas.Activity{before, meeting, after}, acts[i+1:])
	}
	return nil
}

// shiftFile writes a schedule file.
func shiftFile(agent string, acts []schemas.Activity) []byte {
	rows := [][]string{{"agent_id", "activity", "start", "end", "category", "shift"}}
	for i := range acts {
		a := &acts[i]
		rows = append(rows, []string{agent, a.Code, a.Start.String(), a.End.String(), a.Category.String(), a.Shift})
	}
	var b bytes.Buffer
	_ = csv.NewWriter(&b).WriteAll(rows) // into memory, which does not fail
	return b.Bytes()
}

// How the demonstration's routing engine treats the player, in milliseconds: how long an idle agent waits for work, and
// how long a contact lasts.
const (
	waitMS    = 12 * schemas.SecondMS
	contactMS = 45 * schemas.SecondMS
)

// Route is a small routing engine for the player: it offers work while the board says routable, lets a contact that has
// begun be finished, and leaves the player alone otherwise. Nobody else says what the player's routing is; presence and
// status are the player's own.
func (d *Demo) Route(ctx context.Context, daemon *app.Daemon) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		row, ok := daemon.Agent(d.player)
		if !ok {
			continue
		}
		now := app.Now()
		if next := routed(row, now); next != row.Routing {
			change := schemas.Change{Source: source, AgentID: d.player, At: now, Routing: next}
			b := ingest.Batch{Actor: "demo", Origin: "demo", Changes: []schemas.Change{change}}
			if err := daemon.Push(ctx, b); err != nil {
				return err
			}
		}
	}
}

// routed returns what the routing engine makes of the player now.
func routed(row *schemas.LiveAgent, now schemas.Instant) schemas.Routing {
	held := now.Sub(row.Since.Routing)
	switch {
	case row.Routing == schemas.RoutingInteracting && held < contactMS:
		return row.Routing // the contact may be finished
	case row.Presence == schemas.PresenceOffline || row.Status != schemas.StatusAvailable:
		return schemas.RoutingOffQueue
	case row.Routing != schemas.RoutingIdle:
		return schemas.RoutingIdle
	case row.Routable && held >= waitMS:
		return schemas.RoutingInteracting
	}
	return row.Routing
}
