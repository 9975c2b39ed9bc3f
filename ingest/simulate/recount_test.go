package simulate

import (
	"fmt"
	"math/big"
	"sort"
	"strconv"
	"testing"

	"rollcall/schemas"
)

// second is what is known of one second of one agent.
type second struct {
	activity int // index, -1 outside
	day      string
	presence string
	status   string
	routing  string
	unknown  bool
}

// recount counts every agent-day second by second from the files, by RULES.md sections 5 and 6 under the default
// policy.
func recount(t *testing.T, cfg Config) map[string]string {
	zones := map[string]schemas.Zone{}
	for _, r := range readTable(t, cfg, "roster.csv") {
		z, err := schemas.LoadZone(r["time_zone"])
		if err != nil {
			t.Fatal(err)
		}
		zones[r["agent_id"]] = z
	}
	schedule, status, gaps := map[string][]map[string]string{}, map[string][]map[string]string{},
		map[string][]map[string]string{}
	for _, r := range readTable(t, cfg, "schedule.csv") {
		schedule[r["agent_id"]] = append(schedule[r["agent_id"]], r)
	}
	for _, r := range readTable(t, cfg, "status.csv") {
		status[r["agent_id"]] = append(status[r["agent_id"]], r)
	}
	for _, r := range readTable(t, cfg, "gaps.csv") {
		if r["agent_id"] != "" {
			gaps[r["agent_id"]] = append(gaps[r["agent_id"]], r)
			continue
		}
		for id := range zones {
			gaps[id] = append(gaps[id], r)
		}
	}
	out := map[string]string{}
	from := int64(cfg.first()-1) * 86_400
	n := int64(cfg.Days+3) * 86_400
	line := make([]second, n)
	for id, zone := range zones {
		for i := range line {
			line[i] = second{activity: -1}
		}
		acts := paintSchedule(t, line, from, zone, schedule[id])
		paintStatus(t, line, from, status[id])
		for _, g := range gaps[id] {
			for s := max(at(t, g["from"]), from); s < min(at(t, g["to"]), from+n); s++ {
				line[s-from].unknown = true
			}
		}
		for day, v := range countDays(line, from, zone, acts) {
			out[id+" "+day] = v
		}
	}
	return out
}

// paintSchedule enters each activity with the local date on which its shift (or, in no shift, itself) starts. Shifts
// are found without ids: what touches belongs together.
func paintSchedule(t *testing.T, line []second, from int64, zone schemas.Zone,
	rows []map[string]string) []map[string]string {
	sort.Slice(rows, func(i, j int) bool { return rows[i]["start"] < rows[j]["start"] })
	day, end := "", int64(0)
	for i, r := range rows {
		s, e := at(t, r["start"]), at(t, r["end"])
		if s < end {
			t.Fatalf("activities overlap: %v", r)
		}
		if s != end {
			day = zone.Date(schemas.Instant(s * 1000)).String()
		}
		end = e
		for ; s < e; s++ {
			line[s-from].activity, line[s-from].day = i, day
		}
	}
	return rows
}

func paintStatus(t *testing.T, line []second, from int64, rows []map[string]string) {
	sort.SliceStable(rows, func(i, j int) bool { return rows[i]["at"] < rows[j]["at"] })
	var p, s, r string
	next := 0
	instants := make([]int64, len(rows))
	for i := range rows {
		instants[i] = at(t, rows[i]["at"])
	}
	for i := range line {
		for next < len(rows) && instants[next] <= from+int64(i) {
			for field, into := range map[string]*string{"presence": &p, "status": &s, "routing": &r} {
				if v := rows[next][field]; v != "" {
					*into = v
				}
			}
			next++
		}
		line[i].presence, line[i].status, line[i].routing = p, s, r
		line[i].unknown = p == ""
	}
}

func (s *second) onQueue() bool {
	return !s.unknown && s.presence != "offline" && s.status == "available" &&
		(s.routing == "idle" || s.routing == "interacting" || s.routing == "communicating")
}

func (s *second) matches(category string) bool {
	switch category {
	case "on_queue_work":
		return s.onQueue()
	case "off_queue_work":
		return s.status == "off_queue" && (s.presence == "available" || s.presence == "busy")
	case "time_off", "unavailable":
		return s.presence == "away" || s.presence == "offline"
	}
	return s.status == category
}

// count is one day in seconds.
type count struct {
	scheduled, in, out, onScheduled, onActual, exceptions int64
	work, here                                            bool
}

func countDays(line []second, from int64, zone schemas.Zone, acts []map[string]string) map[string]string {
	days := map[string]*count{}
	categories := make([]string, len(acts))
	for i := range acts {
		categories[i] = acts[i]["category"]
	}
	last, lastDay := &count{}, "none"
	of := func(day string) *count {
		if day == lastDay {
			return last
		}
		if days[day] == nil {
			days[day] = &count{}
		}
		last, lastDay = days[day], day
		return last
	}
	for i := range line {
		s := &line[i]
		if s.activity < 0 {
			if s.onQueue() {
				of(nearestDay(line, i, zone, from)).onActual++
			}
			continue
		}
		d, category := of(s.day), categories[s.activity]
		d.scheduled++
		if category != "time_off" && category != "unavailable" {
			d.work = true
			d.here = d.here || s.unknown || s.presence != "offline"
		}
		if s.unknown || category == "time_off" || category == "unavailable" {
			continue
		}
		if category == "on_queue_work" {
			d.onScheduled++
		}
		if s.onQueue() {
			d.onActual++
		}
		if s.matches(category) {
			d.in++
			continue
		}
		d.out++
		b := &line[i-1]
		if b.activity != s.activity || b.unknown || b.matches(category) {
			d.exceptions++
		}
	}
	texts := map[string]string{}
	for day, d := range days {
		absent := d.work && !d.here
		texts[day] = fmt.Sprintf("%d,%d,%d,%s,%s,%d", d.scheduled, d.in, d.out, share(d.in, d.in+d.out, absent),
			share(d.onActual, d.onScheduled, absent), d.exceptions)
	}
	return texts
}

// nearestDay is the day of the scheduled second within two hours that is nearest, else the second's own local date.
func nearestDay(line []second, i int, zone schemas.Zone, from int64) string {
	for d := 1; d <= 7200; d++ {
		if line[i-d].activity >= 0 {
			return line[i-d].day
		}
		if line[i+d].activity >= 0 {
			return line[i+d].day
		}
	}
	return zone.Date(schemas.Instant((from + int64(i)) * 1000)).String()
}

// share writes num / den in percent, rounded half away from zero to two decimals; nothing where it does not exist.
func share(num, den int64, absent bool) string {
	if den == 0 || absent {
		return ""
	}
	text := new(big.Rat).SetFrac64(num*100, den).FloatString(2)
	shown, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err.Error()
	}
	return strconv.FormatFloat(shown, 'f', -1, 64)
}
