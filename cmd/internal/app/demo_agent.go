package app

import (
	"context"
	"fmt"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// player picks the agent whom the demonstration's sign-in is: of those who work now, and before whom a meeting can be
// laid (demo_huddle.go), the one who is nearest to the middle of the shift, so that there is something to see and to
// play; the first of the roster at an hour at which nobody works.
func player(ctx context.Context, s *chstore.Store, members []schemas.Membership,
	now schemas.Instant) (schemas.Membership, error) {
	room := map[string]int64{}
	today := schemas.UTC.Date(now)
	err := s.ScheduleDays(ctx, chstore.ScheduleQuery{From: today - 1, To: today + 1},
		func(agent string, days []schemas.ScheduleDay) error {
			for i := range days {
				acts := days[i].Activities
				if n := len(acts); n > 0 && acts[0].Category != schemas.CategoryTimeOff && acts[0].Start <= now &&
					now < acts[n-1].End {
					room[agent] = min(now.Sub(acts[0].Start), acts[n-1].End.Sub(now))
					if laidInto(acts, huddleAt(now)) == nil {
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
	return best, nil
}
